//! Random clusters, each from one number, biased towards what is easily got wrong: empty lists, missing keys,
//! namespaces without labels, excepts as large as their block, names that mean different ports on different pods.

use reach::{
    Block, Cluster, Labels, NamedPort, Namespace, NamespaceId, Operator, OtherPolicy, Peer, Policy, Port,
    PortName, Protocol, Requirement, Rule, Selector, Types, Workload,
};

/// The SplitMix64 generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    fn several<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

const KEYS: [&str; 3] = ["app", "tier", "x"];
const VALUES: [&str; 3] = ["a", "b", ""];
const NAMES: [&str; 3] = ["http", "dns", "metrics"];
const PORTS: [u16; 6] = [1, 53, 80, 81, 8080, 65535];
const NETWORKS: [&str; 12] = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.1.2.3/32",
    "10.255.255.255/32",
    "203.0.113.0/24",
    "203.0.113.128/25",
    "255.255.255.255/32",
    "::/0",
    "fd00::/8",
    "2001:db8::/32",
];

/// The cluster of a seed.
pub fn cluster(seed: u64) -> Cluster {
    let random = &mut Random(seed);
    let n_namespaces = 1 + random.below(3);
    let mut cluster = Cluster {
        namespaces: (0..n_namespaces)
            .map(|place| Namespace { name: format!("n{place}"), labels: labels(random, 6) })
            .collect(),
        ..Cluster::default()
    };
    if random.one_in(4) {
        cluster.inside = random.several(2, network);
    }
    cluster.workloads = (0..1 + random.below(6)).map(|_| workload(random, n_namespaces)).collect();
    cluster.policies = random.several(5, |random| policy(random, n_namespaces));
    if random.one_in(5) {
        cluster.others = random.several(2, |random| OtherPolicy {
            namespace: random.one_in(2).then(|| namespace(random, n_namespaces)),
            pods: selector(random),
            types: types(random),
        });
    }
    cluster
}

/// All address blocks that the policies of a cluster have.
pub fn blocks(cluster: &Cluster) -> impl Iterator<Item = &Block> {
    let rules = cluster.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    rules.flat_map(|rule| &rule.peers).filter_map(|peer| match peer {
        Peer::Block(block) => Some(block),
        Peer::Pods { .. } => None,
    })
}

fn namespace(random: &mut Random, n_namespaces: u64) -> NamespaceId {
    NamespaceId(random.below(n_namespaces) as u32)
}

fn labels(random: &mut Random, incomplete_one_in: u64) -> Labels {
    let mut pairs = Vec::new();
    for key in KEYS {
        if random.one_in(2) {
            pairs.push((key.to_owned(), random.pick(&VALUES).to_owned()));
        }
    }
    Labels { pairs, incomplete: random.one_in(incomplete_one_in) }
}

fn workload(random: &mut Random, n_namespaces: u64) -> Workload {
    Workload {
        namespace: namespace(random, n_namespaces),
        labels: labels(random, 20),
        ports: random.several(3, |random| NamedPort {
            name: random.pick(&NAMES).to_owned(),
            protocol: random.pick(&Protocol::ALL),
            port: random.pick(&PORTS),
        }),
        host_network: random.one_in(10),
        replicated: random.one_in(2),
    }
}

fn policy(random: &mut Random, n_namespaces: u64) -> Policy {
    Policy {
        namespace: namespace(random, n_namespaces),
        pods: selector(random),
        types: random.one_in(2).then(|| types(random)),
        ingress: random.several(2, rule),
        egress: random.several(2, rule),
    }
}

fn types(random: &mut Random) -> Types {
    random.pick(
        &[(true, false), (false, true), (true, true)].map(|(ingress, egress)| Types { ingress, egress }),
    )
}

fn rule(random: &mut Random) -> Rule {
    Rule { peers: random.several(3, peer), ports: random.several(3, port) }
}

fn peer(random: &mut Random) -> Peer {
    match random.below(4) {
        0 => Peer::Block(block(random)),
        1 => Peer::Pods { namespaces: Some(selector(random)), pods: None },
        2 => Peer::Pods { namespaces: None, pods: Some(selector(random)) },
        _ => Peer::Pods { namespaces: Some(selector(random)), pods: Some(selector(random)) },
    }
}

fn network(random: &mut Random) -> ipnet::IpNet {
    random.pick(&NETWORKS).parse().expect("a network")
}

fn block(random: &mut Random) -> Block {
    let cidr = network(random);
    let inside = |net: &ipnet::IpNet| cidr.contains(net);
    Block { cidr, except: random.several(3, network).into_iter().filter(inside).collect() }
}

fn port(random: &mut Random) -> Port {
    let port = match random.below(4) {
        0 => None,
        1 => Some(PortName::Named(random.pick(&NAMES).to_owned())),
        2 => Some(random.pick(&PORTS)).map(|port| PortName::Numbers(port, port)),
        _ => {
            let (a, b) = (random.pick(&PORTS), random.pick(&PORTS));
            Some(PortName::Numbers(a.min(b), a.max(b)))
        }
    };
    Port { protocol: random.pick(&Protocol::ALL), port }
}

fn selector(random: &mut Random) -> Selector {
    Selector { requirements: random.several(2, requirement) }
}

fn requirement(random: &mut Random) -> Requirement {
    let values = |random: &mut Random| {
        let more = random.several(1, |random| random.pick(&VALUES).to_owned());
        [random.pick(&VALUES).to_owned()].into_iter().chain(more).collect()
    };
    let operator = match random.below(6) {
        0..=2 => Operator::In(values(random)),
        3 => Operator::NotIn(values(random)),
        4 => Operator::Exists,
        _ => Operator::DoesNotExist,
    };
    Requirement { key: random.pick(&KEYS).to_owned(), operator }
}
