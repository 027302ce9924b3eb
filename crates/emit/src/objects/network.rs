//! Network policies: default deny where a namespace is isolated, then exactly the flows.

use std::collections::BTreeMap;

use blueprint::{Flow, Guest, Namespace, Party, Scope, Workload};
use ipnet::IpNet;
use tree::{Draft, Origin, Val};

use super::{Head, Object, int, match_labels, string};

const API: &str = "networking.k8s.io/v1";

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    let isolated: Vec<_> = scope.namespaces.iter().filter(|namespace| namespace.isolated.value).collect();
    objects.extend(isolated.iter().map(|namespace| default_deny(scope, namespace)));
    let is_closed = |home: &str| isolated.iter().any(|namespace| namespace.name.value == home);
    let own = scope.workloads.iter().map(Subject::of_workload);
    for subject in own.chain(scope.guests.iter().map(Subject::of_guest)) {
        if is_closed(subject.namespace) {
            objects.push(policy(scope, &subject));
        }
    }
}

/// Pods that a policy is for.
struct Subject<'a> {
    namespace: &'a str,
    name: &'a Val<String>,
    part_of: &'a str,
    origin: &'a Origin,
    selector: BTreeMap<String, Val<String>>,
    is_own: bool,
}

impl<'a> Subject<'a> {
    fn of_workload(workload: &'a Workload) -> Self {
        Self {
            namespace: &workload.namespace,
            name: &workload.name,
            part_of: &workload.part_of,
            origin: &workload.origin,
            selector: workload.selector.clone(),
            is_own: true,
        }
    }

    fn of_guest(guest: &'a Guest) -> Self {
        let origin = &guest.name.origin;
        let label = |(key, value): (&String, &String)| (key.clone(), Val::new(value.clone(), origin.clone()));
        Self {
            namespace: &guest.namespace,
            name: &guest.name,
            part_of: &guest.part_of,
            origin,
            selector: guest.labels.iter().map(label).collect(),
            is_own: false,
        }
    }

    fn is(&self, party: &Party) -> bool {
        let (is_own, namespace, name) = match party {
            Party::Workload { namespace, name } => (true, namespace, name),
            Party::Pods { namespace, name, .. } => (false, namespace, name),
            Party::Addresses { .. } => return false,
        };
        self.is_own == is_own && self.namespace == namespace && self.name.value == *name
    }
}

fn default_deny(scope: &Scope, namespace: &Namespace) -> Object {
    let origin = &namespace.isolated.origin;
    let name = Val::new("default-deny-all".to_owned(), origin.clone());
    let spec = Draft::map(origin.clone())
        .with("podSelector", Draft::map(origin.clone()))
        .with("policyTypes", both_ways(origin));
    let head =
        Head { api: API, kind: "NetworkPolicy", namespace: Some(&namespace.name), name: &name, part_of: "" };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn policy(scope: &Scope, subject: &Subject<'_>) -> Object {
    let origin = subject.origin;
    let rules = |flows: &mut dyn Iterator<Item = (&Flow, &Party)>, side: &str| {
        let mut rules = Draft::list(origin.clone());
        let mut seen = Vec::new();
        for (flow, other) in flows {
            let same = |(party, ports): &(&Party, &Vec<_>)| *party == other && **ports == flow.ports;
            if seen.iter().any(same) {
                continue;
            }
            seen.push((other, &flow.ports));
            if let Some(rule) = rule(scope, subject.namespace, flow, other, side) {
                rules.push(rule);
            }
        }
        rules
    };
    let mut incoming = scope.flows.iter().filter(|flow| subject.is(&flow.to)).map(|flow| (flow, &flow.from));
    let mut outgoing = scope.flows.iter().filter(|flow| subject.is(&flow.from)).map(|flow| (flow, &flow.to));
    let (ingress, egress) = (rules(&mut incoming, "from"), rules(&mut outgoing, "to"));
    let spec = Draft::map(origin.clone())
        .with("podSelector", match_labels(&subject.selector, origin))
        .with("policyTypes", both_ways(origin))
        .with_some("ingress", super::some(ingress))
        .with_some("egress", super::some(egress));
    let head = Head {
        api: API,
        kind: "NetworkPolicy",
        namespace: Some(subject.namespace),
        name: subject.name,
        part_of: subject.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn both_ways(origin: &Origin) -> Draft {
    Draft::list(origin.clone()).item(string("Ingress", origin)).item(string("Egress", origin))
}

/// The rule for one flow; `None` where the other end isn't in this scope.
fn rule(scope: &Scope, namespace: &str, flow: &Flow, other: &Party, side: &str) -> Option<Draft> {
    let peers = peers(scope, namespace, other, &flow.origin)?;
    let (mut ports, mut names) = (Draft::list(flow.origin.clone()), Vec::new());
    for port in &flow.ports {
        let (first, protocol) = (&port.first, port.protocol.as_str());
        let mut draft = Draft::map(first.origin.clone())
            .with("protocol", string(protocol, &first.origin))
            .with("port", int(first));
        if port.last != first.value {
            draft.set("endPort", Draft::int(port.last.into(), first.origin.clone()));
        }
        let name = format!("{protocol}/{}", first.value);
        ports.push(draft.keyed(name.as_str()));
        names.push(name);
    }
    let key = format!("{}:{}", party_key(other), names.join(","));
    Some(Draft::map(flow.origin.clone()).with(side, peers).with_some("ports", super::some(ports)).keyed(key))
}

fn peers(scope: &Scope, namespace: &str, party: &Party, origin: &Origin) -> Option<Draft> {
    let list = Draft::list(origin.clone());
    match party {
        Party::Workload { namespace: home, name } => {
            let is_it = |workload: &&Workload| workload.namespace == *home && workload.name.value == *name;
            let workload = scope.workloads.iter().find(is_it)?;
            let mut peer = Draft::map(origin.clone());
            if home != namespace {
                peer.set("namespaceSelector", namespace_named(home, origin));
            }
            Some(list.item(peer.with("podSelector", match_labels(&workload.selector, origin))))
        }
        Party::Pods { namespace: home, labels, .. } => {
            let mut peer =
                Draft::map(origin.clone()).with("namespaceSelector", namespace_named(home, origin));
            if !labels.is_empty() {
                let labels =
                    labels.iter().map(|(key, value)| (key.clone(), Val::new(value.clone(), origin.clone())));
                peer.set("podSelector", match_labels(&labels.collect(), origin));
            }
            Some(list.item(peer))
        }
        Party::Addresses { ranges, except, .. } => {
            let blocks = ranges.iter().map(|range| block(range, except, origin));
            super::some(blocks.fold(list, Draft::item))
        }
    }
}

fn block(range: &IpNet, except: &[IpNet], origin: &Origin) -> Draft {
    let inside = except.iter().filter(|part| range.contains(*part) && *part != range);
    let inside =
        inside.fold(Draft::list(origin.clone()), |list, part| list.item(string(&part.to_string(), origin)));
    let block = Draft::map(origin.clone())
        .with("cidr", string(&range.to_string(), origin))
        .with_some("except", super::some(inside));
    Draft::map(origin.clone()).with("ipBlock", block).keyed(range.to_string())
}

/// Every namespace carries this label with its own name, set by the API server.
fn namespace_named(name: &str, origin: &Origin) -> Draft {
    let label = BTreeMap::from([(
        "kubernetes.io/metadata.name".to_owned(),
        Val::new(name.to_owned(), origin.clone()),
    )]);
    match_labels(&label, origin)
}

fn party_key(party: &Party) -> String {
    match party {
        Party::Workload { namespace, name } | Party::Pods { namespace, name, .. } => {
            format!("{namespace}/{name}")
        }
        Party::Addresses { name, .. } => name.clone(),
    }
}
