//! The decisions of the API reference, one small cluster each: what `client` may do to `server`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use reach::{
    Block, Cluster, Doubt, Endpoint, IpRange, Labels, NamedPort, Namespace, NamespaceId, Operator, OtherId,
    OtherPolicy, Peer, Policy, Port, PortName, Protocol, Reach, Requirement, Rule, Selector, Types, Workload,
    WorkloadId,
};

const CLIENT: Endpoint = Endpoint::Workload(WorkloadId(0));
const SERVER: Endpoint = Endpoint::Workload(WorkloadId(1));

/// `app=client` and `app=server` in one namespace, the latter with port 8080 named `http`.
fn cluster(policies: Vec<Policy>) -> Cluster {
    let workload = |name: &str| Workload {
        namespace: NamespaceId(0),
        labels: labels(&[("app", name)]),
        ports: vec![NamedPort { name: "http".to_owned(), protocol: Protocol::Tcp, port: 8080 }],
        host_network: false,
        replicated: false,
    };
    let namespace = Namespace { name: "one".to_owned(), labels: labels(&[("name", "one")]) };
    let workloads = vec![workload("client"), workload("server")];
    Cluster { namespaces: vec![namespace], workloads, policies, ..Cluster::default() }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Labels { pairs, incomplete: false }
}

/// A policy that selects every pod of the namespace.
fn policy(types: Option<(bool, bool)>, ingress: Vec<Rule>, egress: Vec<Rule>) -> Policy {
    let types = types.map(|(ingress, egress)| Types { ingress, egress });
    Policy { namespace: NamespaceId(0), pods: Selector::default(), types, ingress, egress }
}

fn only_in(rule: Rule) -> Cluster {
    cluster(vec![policy(None, vec![rule], vec![])])
}

fn peers(peers: Vec<Peer>) -> Rule {
    Rule { peers, ports: Vec::new() }
}

fn ports(protocol: Protocol, ports: &[Option<PortName>]) -> Rule {
    Rule {
        peers: Vec::new(),
        ports: ports.iter().map(|port| Port { protocol, port: port.clone() }).collect(),
    }
}

fn selector(key: &str, operator: Operator) -> Selector {
    Selector { requirements: vec![Requirement { key: key.to_owned(), operator }] }
}

fn app(name: &str) -> Selector {
    selector("app", Operator::In(vec![name.to_owned()]))
}

fn block(cidr: &str, except: &[&str]) -> Peer {
    let net = |text: &str| text.parse().expect("a network");
    Peer::Block(Block { cidr: net(cidr), except: except.iter().map(|text| net(text)).collect() })
}

fn address(text: &str) -> Endpoint {
    Endpoint::Addresses(IpRange::from(text.parse::<std::net::IpAddr>().expect("an address")))
}

fn check(cluster: &Cluster, from: Endpoint, to: Endpoint, expected: &str) {
    let verdict = Reach::new(cluster).allowed(from, to);
    let mut found = verdict.allowed.to_string();
    if !verdict.undecided.is_empty() {
        found += &format!("; undecided {}", verdict.undecided);
    }
    assert_eq!(found, expected);
}

#[test]
fn isolation() {
    check(&cluster(vec![]), CLIENT, SERVER, "all ports");
    check(&cluster(vec![policy(None, vec![], vec![])]), CLIENT, SERVER, "no port");
    check(&cluster(vec![policy(None, vec![], vec![])]), CLIENT, address("1.1.1.1"), "all ports");
    check(&cluster(vec![policy(Some((false, true)), vec![], vec![])]), address("::1"), SERVER, "all ports");
    check(&cluster(vec![policy(None, vec![], vec![Rule::default()])]), CLIENT, SERVER, "no port");
    check(&cluster(vec![policy(None, vec![], vec![peers(vec![])])]), CLIENT, address("1.1.1.1"), "all ports");
    check(&only_in(Rule::default()), CLIENT, SERVER, "all ports");
}

#[test]
fn rules_add_up() {
    let rule = |port| ports(Protocol::Tcp, &[Some(PortName::Numbers(port, port))]);
    let both =
        cluster(vec![policy(None, vec![rule(80)], vec![]), policy(None, vec![rule(81), rule(443)], vec![])]);
    check(&both, CLIENT, SERVER, "TCP 80-81,443");
}

#[test]
fn port_lists() {
    check(&only_in(ports(Protocol::Udp, &[None])), CLIENT, SERVER, "UDP all");
    let range = Some(PortName::Numbers(8000, 8100));
    check(&only_in(ports(Protocol::Sctp, &[range])), CLIENT, SERVER, "SCTP 8000-8100");
    let named = |name: &str| Some(PortName::Named(name.to_owned()));
    check(&only_in(ports(Protocol::Tcp, &[named("http")])), CLIENT, SERVER, "TCP 8080");
    check(&only_in(ports(Protocol::Udp, &[named("http")])), CLIENT, SERVER, "no port");
    check(&only_in(ports(Protocol::Tcp, &[named("grpc")])), CLIENT, SERVER, "no port");
}

#[test]
fn peers_by_label() {
    let own = |pods| peers(vec![Peer::Pods { namespaces: None, pods: Some(pods) }]);
    check(&only_in(own(app("client"))), CLIENT, SERVER, "all ports");
    check(&only_in(own(app("other"))), CLIENT, SERVER, "no port");
    check(
        &only_in(own(selector("tier", Operator::NotIn(vec!["x".to_owned()])))),
        CLIENT,
        SERVER,
        "all ports",
    );
    check(&only_in(own(selector("tier", Operator::Exists))), CLIENT, SERVER, "no port");
    check(&only_in(own(selector("tier", Operator::DoesNotExist))), CLIENT, SERVER, "all ports");
    check(&only_in(own(app("client"))), address("10.1.1.1"), SERVER, "no port");
}

#[test]
fn a_namespace_that_is_not_in_the_files_leaves_its_labels_undecided() {
    let by = |key| peers(vec![Peer::Pods { namespaces: Some(selector(key, Operator::Exists)), pods: None }]);
    let mut open = only_in(by("team"));
    check(&open, CLIENT, SERVER, "no port");
    open.namespaces[0].labels.incomplete = true;
    check(&open, CLIENT, SERVER, "no port; undecided all ports");
    open.policies = only_in(by("name")).policies;
    check(&open, CLIENT, SERVER, "all ports");
}

#[test]
fn blocks() {
    let rule = |cidr, except: &[&str]| only_in(peers(vec![block(cidr, except)]));
    let most = rule("203.0.113.0/24", &["203.0.113.128/25"]);
    check(&most, address("203.0.113.127"), SERVER, "all ports");
    check(&most, address("203.0.113.128"), SERVER, "no port");
    check(&most, CLIENT, SERVER, "no port");
    check(&rule("10.0.0.0/8", &[]), CLIENT, SERVER, "no port; undecided all ports");
    check(&rule("2001:db8::/32", &["2001:db8::/32"]), address("2001:db8::1"), SERVER, "no port");
}

#[test]
fn one_pod_and_itself() {
    let mut closed = cluster(vec![policy(None, vec![], vec![])]);
    check(&closed, SERVER, SERVER, "all ports");
    closed.workloads[1].replicated = true;
    check(&closed, SERVER, SERVER, "no port");
}

#[test]
fn pods_on_the_host_network() {
    let mut closed = cluster(vec![policy(Some((true, true)), vec![], vec![])]);
    closed.workloads[0].host_network = true;
    check(&closed, CLIENT, address("1.1.1.1"), "all ports");
    check(&closed, CLIENT, SERVER, "no port; undecided all ports");
    check(&closed, SERVER, CLIENT, "no port");
}

#[test]
fn what_another_kind_of_policy_concerns_is_undecided() {
    let mut other = cluster(vec![]);
    let types = Types { ingress: true, egress: false };
    other.others = vec![OtherPolicy { namespace: None, pods: app("server"), types }];
    check(&other, CLIENT, SERVER, "no port; undecided all ports");
    check(&other, SERVER, CLIENT, "all ports");
    assert_eq!(Reach::new(&other).allowed(CLIENT, SERVER).doubts, [Doubt::Other(OtherId(0))]);
}
