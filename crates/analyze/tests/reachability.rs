//! From manifests to the question who may connect to whom. The engine itself is tested in its own crate.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use analyze::relations::reachability::{Actor, Reachability};
use diag::MemoryFiles;
use estate::{LoadOptions, Workloads};
use reach::{Endpoint, WorkloadId};

const PODS: &str = r"
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: one, labels: {app: client}}
spec: {containers: [{name: main, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: two, labels: {app: server}}
spec: {containers: [{name: main, image: a, ports: [{name: http, containerPort: 8080}]}]}
";

/// What `client` may do to `server` under a policy in the namespace `two`, given as the YAML of its `spec`.
fn check(spec: &str, expected: &str) {
    let policy =
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: two}\n";
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    check_files(&format!("{PODS}{policy}spec:\n{spec}"), expected);
}

fn check_files(yaml: &str, expected: &str) {
    let files: MemoryFiles = [("all.yaml", yaml)].into_iter().collect();
    let (estate, _) = estate::load(&files, &LoadOptions::default());
    let view = estate.views().first().expect("a view");
    let reachability = Reachability::of(&estate, view, &Workloads::of(&estate, view), &[]);
    let end = |name| {
        Endpoint::Workload(
            reachability.find("Pod", if name == "client" { "one" } else { "two" }, name).expect(name),
        )
    };
    let verdict = reachability.engine.allowed(end("client"), end("server"));
    let mut found = verdict.allowed.to_string();
    if !verdict.undecided.is_empty() {
        found += &format!(", undecided {}", verdict.undecided);
        found.extend(reachability.others.iter().map(|other| format!(" because {}", other.why)));
    }
    assert_eq!(found, expected, "{yaml}");
}

#[test]
fn fields() {
    check("podSelector: {}", "no port");
    check("podSelector: {}\ningress: [{}]", "all ports");
    check("podSelector: {}\ningress: []", "no port");
    check("podSelector: {}\ningress:", "no port");
    check("ingress: [{ports: [{port: http}, {port: 53, protocol: UDP}]}]", "TCP 8080, UDP 53");
    check(
        "podSelector: {}\ningress: [{ports: [{port: 80, endPort: 90}, {protocol: SCTP}]}]",
        "TCP 80-90, SCTP all",
    );
    check("podSelector: {}\ningress: [{from: [], ports: []}]", "all ports");
    check("podSelector: {matchLabels: {app: other}}", "all ports");
    check("podSelector: {}\npolicyTypes: [Egress]", "all ports");
    check("podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [server]}]}", "all ports");
}

#[test]
fn namespaces() {
    check("podSelector: {}\ningress: [{from: [{podSelector: {}}]}]", "no port");
    check("podSelector: {}\ningress: [{from: [{namespaceSelector: {}}]}]", "all ports");
    let by_name = "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: one}}}]}]";
    check(by_name, "all ports");
    let by_label = "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]";
    check(by_label, "no port, undecided all ports");
}

#[test]
fn refused_policies_are_not_evaluated() {
    let refused = |spec: &str, why: &str| check(spec, &format!("no port, undecided all ports because {why}"));
    refused(
        "podSelector: {matchExpressions: [{key: a, operator: Is}]}",
        "its podSelector has an operator that Kubernetes doesn't know",
    );
    refused("podSelector: {}\npolicyTypes: [Both]", "`Both` is no policy type");
    refused("podSelector: {}\ningress: [{from: [{}]}]", "an item of `from` has neither selector nor ipBlock");
    refused("podSelector: {}\ningress: [{ports: [{port: 70000}]}]", "`70000` is no port");
    refused("podSelector: {}\ningress: [{ports: [{port: '80'}]}]", "`80` is no port");
    refused(
        "podSelector: {}\ningress: [{ports: [{port: http, endPort: 90}]}]",
        "an endPort needs a port that is a number",
    );
    refused(
        "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]}]",
        "11.0.0.0/9 is excepted from 10.0.0.0/8 and isn't a part of it",
    );
    refused("podSelector: {}\ningress: {from: []}", "its `ingress` is no list");
}

#[test]
fn policies_of_other_plugins_are_not_evaluated() {
    let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: two}\nspec: {endpointSelector: {matchLabels: {app: server}}, ingress: [{}]}\n";
    check_files(
        &format!("{PODS}{cilium}"),
        "no port, undecided all ports because policies of cilium.io aren't evaluated",
    );
    check_files(&format!("{PODS}{}", cilium.replace("app: server", "app: other")), "all ports");
}

#[test]
fn actors_that_no_file_has() {
    let ingress = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: two}\nspec: {}\n";
    let yaml = format!("{PODS}{ingress}");
    let files: MemoryFiles = [("all.yaml", yaml.as_str())].into_iter().collect();
    let (estate, _) = estate::load(&files, &LoadOptions::default());
    let view = estate.views().first().expect("a view");
    let reachability = Reachability::of(&estate, view, &Workloads::of(&estate, view), &[]);
    let titles = |ids: Vec<WorkloadId>| {
        ids.into_iter().map(|id| Actor::title(reachability.actor(id))).collect::<Vec<_>>()
    };
    assert_eq!(titles(reachability.dns().collect()), ["kube-system/kube-dns"]);
    assert_eq!(titles(reachability.ingress_controllers().collect()), ["the ingress controller"]);
}
