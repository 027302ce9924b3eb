//! What a build means beyond its manifests, in the form any repository can have it: `.underpin/intent.json`.

use std::collections::BTreeSet;

use blueprint::{Blueprint, Flow, Form, Party, Runs, Scope, SecretSource};
use diag::ObjectRef;
use estate::intent::{
    Intent, MeantFlow, MeantPort, NodePool, Objectives, OutsideWorkload, Peer, ProvidedObject, ScopeIntent,
    Taint,
};
use ipnet::IpNet;

/// The intent of every scope that Kubernetes runs.
#[must_use]
pub fn of(blueprints: &[Blueprint], objectives: &Objectives) -> Intent {
    let scopes = blueprints.iter().flat_map(|blueprint| &blueprint.scopes);
    let clusters = scopes.filter(|scope| matches!(scope.runs, Runs::Kubernetes(_)));
    Intent { scopes: clusters.map(|scope| of_scope(scope, objectives)).collect() }
}

fn of_scope(scope: &Scope, objectives: &Objectives) -> ScopeIntent {
    ScopeIntent {
        name: scope.id.to_string(),
        flows: scope.flows.iter().flat_map(|flow| meant(scope, flow)).collect(),
        node_pools: scope.node_pools.iter().map(pool).collect(),
        provided: scope.secrets.iter().filter_map(provided).chain(classes(scope)).collect(),
        outside: outside(scope),
        served: Vec::new(),
        objectives: objectives.clone(),
    }
}

fn meant(scope: &Scope, flow: &Flow) -> Vec<MeantFlow> {
    let port = |port: &blueprint::FlowPort| MeantPort {
        protocol: port.protocol.as_str().to_owned(),
        first: port.first.value,
        last: port.last,
    };
    let ports: Vec<_> = flow.ports.iter().map(port).collect();
    let mut meant = Vec::new();
    for from in peers(scope, &flow.from) {
        for to in peers(scope, &flow.to) {
            let (from, ports) = (from.clone(), ports.clone());
            meant.push(MeantFlow { from, to, ports, because: flow.purpose.clone(), span: None });
        }
    }
    meant
}

fn peers(scope: &Scope, party: &Party) -> Vec<Peer> {
    match party {
        Party::Workload { namespace, name } => {
            let is_it = |workload: &&blueprint::Workload| {
                workload.namespace == *namespace && workload.name.value == *name
            };
            let workload = scope.workloads.iter().find(is_it);
            workload.into_iter().map(|workload| Peer::Workload(reference(workload))).collect()
        }
        Party::Pods { name, namespace, .. } => vec![Peer::Workload(ObjectRef {
            kind: OUTSIDE_KIND.to_owned(),
            namespace: namespace.clone(),
            name: name.clone(),
        })],
        Party::Addresses { ranges, except, .. } => {
            let left = ranges.iter().flat_map(|range| without(*range, except));
            left.map(|range| Peer::Cidr(range.to_string())).collect()
        }
    }
}

/// What is left of a range without others, as disjoint ranges in order.
fn without(range: IpNet, except: &[IpNet]) -> Vec<IpNet> {
    if except.iter().any(|part| part.contains(&range)) {
        return Vec::new();
    }
    if !except.iter().any(|part| range.contains(part)) {
        return vec![range];
    }
    let halves = range.subnets(range.prefix_len() + 1).into_iter().flatten();
    halves.flat_map(|half| without(half, except)).collect()
}

/// Add-ons run as Deployments as a rule; what matters is that the name is the same in `flows` and `outside`.
const OUTSIDE_KIND: &str = "Deployment";

fn reference(workload: &blueprint::Workload) -> ObjectRef {
    let kind = match workload.form {
        Form::Replicated => "Deployment",
        Form::Stateful { .. } => "StatefulSet",
        Form::PerNode => "DaemonSet",
        Form::Scheduled { .. } => "CronJob",
        Form::Once { .. } => "Job",
    };
    let (namespace, name) = (workload.namespace.clone(), workload.name.value.clone());
    ObjectRef { kind: kind.to_owned(), namespace, name }
}

/// Everything that a flow names by its pods' labels, each once.
fn outside(scope: &Scope) -> Vec<OutsideWorkload> {
    let mut found: Vec<OutsideWorkload> = Vec::new();
    let parties = scope.flows.iter().flat_map(|flow| [(&flow.from, None), (&flow.to, Some(&flow.ports))]);
    for (party, ports) in parties {
        let Party::Pods { name, namespace, labels } = party else { continue };
        let at = found.iter().position(|other| other.name == *name && other.namespace == *namespace);
        let at = at.unwrap_or_else(|| {
            found.push(OutsideWorkload {
                role: name.clone(),
                kind: OUTSIDE_KIND.to_owned(),
                namespace: namespace.clone(),
                name: name.clone(),
                pod_labels: labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                ..OutsideWorkload::default()
            });
            found.len() - 1
        });
        for port in ports.into_iter().flatten() {
            let port = MeantPort {
                protocol: port.protocol.as_str().to_owned(),
                first: port.first.value,
                last: port.last,
            };
            if !found[at].ports.contains(&port) {
                found[at].ports.push(port);
            }
        }
    }
    found
}

fn pool(pool: &blueprint::NodePool) -> NodePool {
    NodePool {
        name: pool.name.value.clone(),
        count: pool.min.value.into(),
        min: pool.min.value.into(),
        max: pool.max.value.into(),
        cpu: pool.cpu.value.clone(),
        memory: pool.memory.value.clone(),
        pods: pool.pods.value.into(),
        labels: pool.labels.iter().map(|(key, value)| (key.clone(), value.value.clone())).collect(),
        taints: pool.taints.iter().map(taint).collect(),
        zones: pool.zones.iter().map(|zone| zone.value.clone()).collect(),
        span: None,
    }
}

fn taint(taint: &blueprint::Taint) -> Taint {
    Taint { key: taint.key.clone(), value: taint.value.clone(), effect: taint.effect.clone() }
}

/// Secrets that are made outside are there by name and keys.
fn provided(need: &blueprint::SecretNeed) -> Option<ProvidedObject> {
    if !matches!(need.source, SecretSource::Outside) {
        return None;
    }
    let object = ObjectRef {
        kind: "Secret".to_owned(),
        namespace: need.namespace.clone(),
        name: need.name.value.clone(),
    };
    Some(ProvidedObject { object, keys: Some(need.keys.iter().map(|key| key.key.value.clone()).collect()) })
}

/// Ingress classes that routes name: resolving them found the add-on that provides each.
fn classes(scope: &Scope) -> impl Iterator<Item = ProvidedObject> {
    let names: BTreeSet<&str> = scope.routes.iter().map(|route| route.class.as_str()).collect();
    names.into_iter().map(|name| {
        let object =
            ObjectRef { kind: "IngressClass".to_owned(), namespace: String::new(), name: name.to_owned() };
        ProvidedObject { object, keys: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_without_its_parts_is_the_rest_in_order() {
        let check = |range: &str, except: &[&str], expected: &[&str]| {
            let net = |text: &&str| text.parse::<IpNet>().expect("a range");
            let except: Vec<_> = except.iter().map(net).collect();
            let left: Vec<_> = without(net(&range), &except).iter().map(ToString::to_string).collect();
            assert_eq!(left, expected, "{range} without {except:?}");
        };
        check("10.0.0.0/8", &[], &["10.0.0.0/8"]);
        check("10.0.0.0/30", &["10.0.0.2/32"], &["10.0.0.0/31", "10.0.0.3/32"]);
        check("10.0.0.0/30", &["10.0.0.0/30"], &[]);
        check("10.0.0.0/30", &["192.168.0.0/16", "10.0.0.0/31"], &["10.0.0.2/31"]);
        check("2001:db8::/127", &["2001:db8::1/128"], &["2001:db8::/128"]);
    }
}
