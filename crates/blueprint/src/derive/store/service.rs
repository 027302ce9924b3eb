//! Services of a store, and how it is reached.

use std::collections::BTreeMap;

use catalogue::module::{ModulePort, RoleService};
use model::kinds::{Named, StoreSpec};
use tree::{Origin, Val};

use super::situation::{far_host, gateway, service_host};
use super::{Store, eval, of, role};
use crate::derive::component::NAME_LABEL;
use crate::derive::face::{self, Face, FacePort, service_host as short_host};
use crate::derive::here::{Here, Out};
use crate::derive::text::Text;
use crate::flow::Party;
use crate::scope::{Service, ServiceForm, ServicePort};

/// The name of a service of the module.
pub(crate) fn name(store: &Store<'_>, key: &str) -> Val<String> {
    let suffix = store.engine.services.get(key).and_then(|service| service.suffix.as_ref());
    let shown = suffix.map_or("", |suffix| suffix.value.trim_start_matches('-'));
    if shown.is_empty() {
        store.named.name.clone()
    } else {
        Text::from(&store.named.name).lit("-").lit(shown).done()
    }
}

/// DNS name of each of the module's services, by its key.
pub(crate) fn hosts(here: &Here<'_>, store: &Store<'_>) -> BTreeMap<String, String> {
    let target = here.resolved.target.name.value.as_str();
    let host = |(key, _, service): (&str, &Origin, &RoleService)| {
        let headless = service.headless.as_ref().is_some_and(|headless| headless.value);
        (key.to_owned(), service_host(here, store, key, target, headless))
    };
    store.engine.services.iter().map(host).collect()
}

/// Derives the services of a store.
pub(crate) fn services(here: &Here<'_>, store: &Store<'_>, out: &mut Out) {
    for (key, origin, given) in store.engine.services.iter() {
        let roles = roles_here(store, given);
        if roles.is_empty() {
            continue;
        }
        let mut selector = BTreeMap::from([(NAME_LABEL.to_owned(), store.named.name.clone())]);
        if let [only] = &given.roles[..] {
            selector.insert(role::ROLE_LABEL.to_owned(), only.clone());
        } else if let Some(label) = role::service_label(store, key, given) {
            selector.insert(label, Val::new("true".to_owned(), origin.clone()));
        }
        let port = |port: FacePort| {
            let named = Val::new(port.name, port.listens.origin.clone());
            ServicePort {
                target: named.clone(),
                name: named,
                port: port.offered,
                protocol: port.protocol,
                application: port.application,
            }
        };
        let flag = |flag: &Option<Val<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
        let form = match flag(&given.headless) {
            true => ServiceForm::Headless { early: flag(&given.early) },
            false => ServiceForm::Balanced,
        };
        let ports = ports(here, store, given, out).into_iter().map(port).collect();
        out.scope.services.push(Service {
            part_of: store.by.clone(),
            namespace: store.named.spec.namespace.value.clone(),
            name: name(store, key),
            form,
            selector,
            ports,
        });
    }
}

/// Roles behind a service that have members here.
fn roles_here<'s>(store: &Store<'_>, service: &'s RoleService) -> Vec<&'s str> {
    let roles = service.roles.iter().map(|role| role.value.as_str());
    roles.filter(|role| store.count(role).value > 0).collect()
}

/// The ports of a service: those it names of its roles, else all.
fn ports(here: &Here<'_>, store: &Store<'_>, service: &RoleService, out: &mut Out) -> Vec<FacePort> {
    let mut ports: Vec<FacePort> = Vec::new();
    for role in &service.roles {
        for port in role_ports(here, store, role, out) {
            let wanted = service.ports.is_empty() || service.ports.iter().any(|one| one.value == port.name);
            if wanted && ports.iter().all(|known| known.name != port.name) {
                ports.push(port);
            }
        }
    }
    ports
}

/// The ports of a role's pods, those of the containers beside the main one included.
pub(crate) fn role_ports(here: &Here<'_>, store: &Store<'_>, role: &str, out: &mut Out) -> Vec<FacePort> {
    let Some(facts) = store.engine.roles.get(role) else { return Vec::new() };
    let stage = eval::stage(here, store, role, 0);
    let containers = std::iter::once(&facts.container).chain(facts.sidecars.iter().map(|(_, _, one)| one));
    let mut ports = Vec::new();
    for (name, _, port) in containers.flat_map(|container| container.ports.iter()) {
        if stage.holds(port.when.as_ref(), out) {
            ports.push(face_port(name, port));
        }
    }
    ports
}

fn face_port(name: &str, port: &ModulePort) -> FacePort {
    let number = port.port.clone().map(|port| u16::try_from(port).unwrap_or(u16::MAX));
    FacePort {
        name: name.to_owned(),
        offered: number.clone(),
        listens: number,
        protocol: face::protocol(port.protocol.as_ref()),
        application: port.application.clone(),
    }
}

/// How callers reach a store: the service for clients, the pods behind it, its port first. Where all of those are in
/// other targets, their gateways.
pub(crate) fn face(here: &Here<'_>, named: &Named<StoreSpec>) -> Option<Face> {
    let store = of(here, named)?;
    let client = &store.engine.client;
    let service = store.engine.services.get(&client.service)?;
    let mut silent = Out::scratch(here);
    let mut ports = ports(here, &store, service, &mut silent);
    let tls_port = client.tls_port.as_ref().filter(|_| store.tls.value);
    let first = tls_port.unwrap_or(&client.port).value.clone();
    ports.sort_by_key(|port| port.name != first);
    let namespace = &named.spec.namespace;
    let service_name = name(&store, &client.service);
    let parties: Vec<Party> = roles_here(&store, service)
        .into_iter()
        .flat_map(|role| {
            let shards = if store.is_sharded(role) { store.shards().value } else { 1 };
            let store = &store;
            (0..shards).map(move |shard| {
                face::workload(&namespace.value, &role::workload_name(store, role, shard).value)
            })
        })
        .collect();
    if parties.is_empty() && store.is_spread() {
        let host =
            Text::of(&far_host(&service_name.value, &namespace.value)).because(&named.name.origin).done();
        return Some(Face {
            part_of: store.by.clone(),
            parties: far(&store, service),
            host: Some(host),
            ports,
        });
    }
    let host = short_host(&service_name, namespace, here.is_cluster());
    Some(Face { part_of: store.by.clone(), parties, host: Some(host), ports })
}

/// The gateways of the targets that have the members behind a service.
fn far(store: &Store<'_>, service: &RoleService) -> Vec<Party> {
    let has = |other: &Named<StoreSpec>| {
        let members =
            |role: &Val<String>| other.spec.members.get(role).is_some_and(|members| members.count.value > 0);
        service.roles.iter().any(members)
    };
    let targets = store.elsewhere.iter().filter(|(_, other)| has(other));
    let party = |(target, _): &(&model::kinds::Resolved, _)| {
        let ranges = gateway(target);
        let name = format!("{} in {}", store.named.name.value, target.target.name.value);
        (!ranges.is_empty()).then_some(Party::Addresses { name, ranges, except: Vec::new() })
    };
    targets.filter_map(party).collect()
}
