//! How long the engine takes on large clusters: `cargo run --release -p reach --example scale`.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

use reach::{
    Block, Cluster, Labels, NamedPort, Namespace, NamespaceId, Operator, Peer, Policy, Port, PortName,
    Protocol, Reach, Requirement, Rule, Selector, Types, Workload,
};
use std::time::Instant;

fn main() {
    let both = Some(Types { ingress: true, egress: true });
    measure("1666 workloads, 1666 policies, a chain of calls", &cluster(1666, 20, 1666, both, false));
    measure(
        "10000 workloads, 3000 policies, open within 100 namespaces",
        &cluster(10_000, 100, 2900, both, true),
    );
    measure("10000 workloads, 10000 policies, a chain of calls", &cluster(10_000, 100, 10_000, both, false));
    let ingress = Some(Types { ingress: true, egress: false });
    measure(
        "10000 workloads, 3000 policies, the other 7000 open to all",
        &cluster(10_000, 100, 3000, ingress, false),
    );
}

fn measure(what: &str, cluster: &Cluster) {
    let start = Instant::now();
    let reach = Reach::new(cluster);
    let built = start.elapsed();
    let (mut n_pairs, mut n_ranges) = (0u64, 0u64);
    for class in reach.classes() {
        let row = reach.row(class);
        n_pairs += row.classes.len() as u64;
        n_ranges += (row.addresses.len() + reach.row_from_addresses(class).addresses.len()) as u64;
    }
    let rows = start.elapsed();
    let (mut n_flows, mut n_port_ranges) = (0u64, 0u64);
    reach.each_flow(|flow| {
        n_flows += 1;
        n_port_ranges += flow.ports.ranges().count() as u64;
    });
    println!(
        "{what}: {} classes in {built:?}; {n_pairs} pairs and {n_ranges} ranges in {:?}; {n_flows} flows with \
         {n_port_ranges} port ranges in {:?}",
        reach.classes().count(),
        rows - built,
        start.elapsed() - rows,
    );
}

/// Workloads `app=0`, `app=1` … over namespaces, the first of which have a policy each: in from the one before by a
/// port's name, out to the next one, to DNS and to the internet.
fn cluster(
    n_workloads: u32,
    n_namespaces: u32,
    n_policies: u32,
    types: Option<Types>,
    open_within: bool,
) -> Cluster {
    let mut cluster = Cluster::default();
    for place in 0..n_namespaces {
        let name = format!("namespace-{place}");
        let pairs = vec![("kubernetes.io/metadata.name".to_owned(), name.clone())];
        cluster.namespaces.push(Namespace { name, labels: Labels { pairs, incomplete: false } });
    }
    for place in 0..n_workloads {
        cluster.workloads.push(Workload {
            namespace: NamespaceId(place % n_namespaces),
            labels: Labels { pairs: vec![("app".to_owned(), place.to_string())], incomplete: false },
            ports: vec![NamedPort { name: "http".to_owned(), protocol: Protocol::Tcp, port: 8080 }],
            host_network: false,
            replicated: true,
        });
    }
    for place in 0..n_policies {
        cluster.policies.push(chained(place, n_workloads, n_namespaces, types));
    }
    if open_within {
        for place in 0..n_namespaces {
            let everyone =
                || Rule { peers: vec![Peer::Pods { namespaces: None, pods: None }], ports: Vec::new() };
            cluster.policies.push(Policy {
                namespace: NamespaceId(place),
                pods: Selector::default(),
                types,
                ingress: vec![everyone()],
                egress: vec![everyone()],
            });
        }
    }
    cluster
}

fn chained(place: u32, n_workloads: u32, n_namespaces: u32, types: Option<Types>) -> Policy {
    let app = |place: u32| one_of("app", &[&place.to_string()]);
    let elsewhere = |place: u32| Peer::Pods {
        namespaces: Some(one_of(
            "kubernetes.io/metadata.name",
            &[&format!("namespace-{}", place % n_namespaces)],
        )),
        pods: Some(app(place)),
    };
    let port = |protocol, port| Port { protocol, port: Some(port) };
    let internet = Block {
        cidr: "0.0.0.0/0".parse().expect("a network"),
        except: vec!["10.0.0.0/8".parse().expect("a network")],
    };
    Policy {
        namespace: NamespaceId(place % n_namespaces),
        pods: app(place),
        types,
        ingress: vec![Rule {
            peers: vec![elsewhere((place + n_workloads - 1) % n_workloads)],
            ports: vec![port(Protocol::Tcp, PortName::Named("http".to_owned()))],
        }],
        egress: vec![
            Rule {
                peers: vec![elsewhere((place + 1) % n_workloads)],
                ports: vec![port(Protocol::Tcp, PortName::Numbers(8000, 8999))],
            },
            Rule {
                peers: vec![Peer::Pods {
                    namespaces: Some(Selector::default()),
                    pods: Some(one_of("app", &["0"])),
                }],
                ports: vec![port(Protocol::Udp, PortName::Numbers(53, 53))],
            },
            Rule {
                peers: vec![Peer::Block(internet)],
                ports: vec![port(Protocol::Tcp, PortName::Numbers(443, 443))],
            },
        ],
    }
}

fn one_of(key: &str, values: &[&str]) -> Selector {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Selector { requirements: vec![Requirement { key: key.to_owned(), operator: Operator::In(values) }] }
}
