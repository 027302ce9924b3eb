//! Flows of a store's own: between members, to other targets, scrapes, backups.

use std::collections::BTreeMap;

use catalogue::module::RoleFlow;
use model::kinds::Resolved;
use tree::Val;

use super::situation::gateway;
use super::{Store, eval, service};
use crate::derive::face::{self, FacePort};
use crate::derive::here::{Here, Out, Peer};
use crate::derive::say::{self, rule};
use crate::derive::{calls, implied};
use crate::flow::{Flow, Party};

type Workloads<'a> = BTreeMap<&'a str, Vec<Val<String>>>;

/// Derives the flows of a store.
pub(crate) fn flows(here: &Here<'_>, store: &Store<'_>, by_role: &Workloads<'_>, out: &mut Out) {
    for flow in &store.engine.flows {
        let ports = ports(here, store, flow, out);
        between_members(store, flow, &ports, by_role, out);
        between_targets(store, flow, &ports, by_role, out);
    }
    metrics(here, store, by_role, out);
    outside(here, store, by_role, out);
}

/// The workloads of a role, here.
fn parties(store: &Store<'_>, by_role: &Workloads<'_>, role: &str) -> Vec<Party> {
    let namespace = &store.named.spec.namespace.value;
    by_role.get(role).into_iter().flatten().map(|name| face::workload(namespace, &name.value)).collect()
}

/// The ports of a flow between roles.
fn ports(here: &Here<'_>, store: &Store<'_>, flow: &RoleFlow, out: &mut Out) -> Vec<FacePort> {
    let all = service::role_ports(here, store, &flow.to, out);
    let wanted = |port: &FacePort| flow.ports.iter().any(|name| name.value == port.name);
    all.into_iter().filter(wanted).collect()
}

fn flow(store: &Store<'_>, given: &RoleFlow, from: Party, to: Party, ports: &[FacePort]) -> Flow {
    Flow {
        from,
        to,
        ports: ports.iter().map(FacePort::of_flow).collect(),
        purpose: given.purpose.value.clone(),
        origin: tree::Origin::derived(
            "members",
            [given.purpose.origin.clone(), store.named.name.origin.clone()],
        ),
    }
}

fn between_members(
    store: &Store<'_>,
    given: &RoleFlow,
    ports: &[FacePort],
    by_role: &Workloads<'_>,
    out: &mut Out,
) {
    if ports.is_empty() {
        return;
    }
    for from in parties(store, by_role, &given.from) {
        for to in parties(store, by_role, &given.to) {
            out.scope.flows.push(flow(store, given, from.clone(), to, ports));
        }
    }
}

/// Members in other targets are reached, and come, through the gateways that the environment declares.
fn between_targets(
    store: &Store<'_>,
    given: &RoleFlow,
    ports: &[FacePort],
    by_role: &Workloads<'_>,
    out: &mut Out,
) {
    for (target, other) in &store.elsewhere {
        let has = |role: &str| other.spec.members.get(role).is_some_and(|members| members.count.value > 0);
        let goes = has(&given.to) && !parties(store, by_role, &given.from).is_empty();
        let comes = has(&given.from) && !parties(store, by_role, &given.to).is_empty();
        if ports.is_empty() || !(goes || comes) {
            continue;
        }
        let Some(far) = far(store, target, out) else { continue };
        if goes {
            for from in parties(store, by_role, &given.from) {
                out.scope.flows.push(flow(store, given, from, far.clone(), ports));
            }
        }
        if comes {
            for to in parties(store, by_role, &given.to) {
                out.scope.flows.push(flow(store, given, far.clone(), to, ports));
            }
        }
    }
}

/// Another target, by its gateway; an error where it declares none.
fn far(store: &Store<'_>, target: &Resolved, out: &mut Out) -> Option<Party> {
    let ranges = gateway(target);
    let name = &target.target.name;
    if ranges.is_empty() {
        let message = format!("{} has members in {}, whose gateway nobody declares", store.by, name.value);
        let help = format!(
            "Give `targets.{}.network.gateway` of the environment: the ranges its pods are seen from.",
            name.value
        );
        let finding = say::error(rule::MISSING, message, &name.origin, &help);
        out.say(finding.about("gateway").about(name.value.clone()));
        return None;
    }
    Some(Party::Addresses { name: format!("target {}", name.value), ranges, except: Vec::new() })
}

fn metrics(here: &Here<'_>, store: &Store<'_>, by_role: &Workloads<'_>, out: &mut Out) {
    let scrapers = implied::scrapers(here);
    for (name, _, role) in store.engine.roles.iter() {
        let Some(metrics) = &role.metrics else { continue };
        let ports = service::role_ports(here, store, name, out);
        let Some(port) = ports.iter().find(|port| port.name == metrics.port.value) else { continue };
        for target in parties(store, by_role, name) {
            let flows = implied::scrape(&scrapers, &target, port, &metrics.port.origin);
            out.scope.flows.extend(flows);
        }
    }
}

/// Whom members call outside of the store: backups go to their bucket, and a module names the rest. The API server is
/// everybody's who has a token for it.
fn outside(here: &Here<'_>, store: &Store<'_>, by_role: &Workloads<'_>, out: &mut Out) {
    let keeps = store.engine.roles.iter().filter(|(_, _, role)| role.data.is_some()).map(|(name, ..)| name);
    let keeps: Vec<&str> = keeps.collect();
    let mut calls: Vec<(Val<String>, &str, Vec<&str>)> = Vec::new();
    calls.extend(store.named.spec.backup.as_ref().map(|backup| (backup.to.clone(), "backups", keeps)));
    for call in &store.engine.calls {
        let named: Vec<&str> = call.roles.iter().map(|role| role.value.as_str()).collect();
        let roles = if named.is_empty() { store.engine.roles.names().collect() } else { named };
        let stage = eval::stage(here, store, roles.first().copied().unwrap_or(""), 0);
        if stage.holds(call.when.as_ref(), out) {
            calls.push((stage.text(&call.to, out), &call.purpose.value, roles));
        }
    }
    for (name, purpose, roles) in calls.iter().filter(|(name, ..)| name.value != "api-server") {
        let Some(peer) = here.peer(name).filter(|peer| !matches!(peer, Peer::Store(_) | Peer::Addon(_)))
        else {
            let known = here.resolved.externals.iter().map(|external| external.name.value.as_str());
            out.say(say::unknown("external", name, &store.by, known));
            continue;
        };
        let Some(face) = calls::face_of(here, peer) else { continue };
        let Some(port) = face.ports.first() else { continue };
        for from in roles.iter().flat_map(|role| parties(store, by_role, role)) {
            for to in &face.parties {
                out.scope.flows.push(Flow {
                    from: from.clone(),
                    to: to.clone(),
                    ports: vec![port.of_flow()],
                    purpose: (*purpose).to_owned(),
                    origin: name.origin.clone(),
                });
            }
        }
    }
}
