//! What a module's expressions can ask, for one store in one scope.

use std::collections::BTreeMap;

use catalogue::module::{Situation, User};
use catalogue::quantity::Quantity;
use model::kinds::{Named, StoreSpec};
use tree::Val;

use super::{Store, account, service, settings};
use crate::derive::here::Here;

/// The zone of names inside a cluster (kubeadm's and every distribution's default).
pub(crate) const CLUSTER_DOMAIN: &str = "cluster.local";
/// The zone of names across clusters (Multi-Cluster Services API, KEP-1645).
const CLUSTERSET_DOMAIN: &str = "clusterset.local";

/// The situation of one role, or of one shard of it; of the store as a whole with an empty role.
pub(crate) fn situation(here: &Here<'_>, store: &Store<'_>, role: &str, shard: u32) -> Situation {
    let spec = &store.named.spec;
    let target = &here.resolved.target;
    let site = target.spec.site.as_ref().and_then(|site| here.resolved.platform.spec.sites.get(site));
    let replication = spec.replication.as_ref();
    let limits = store.members(role).map(|members| &members.resources.limits);
    let limit = |resource: &str| {
        let amount = limits.and_then(|limits| limits.get(resource));
        amount.and_then(|amount| Quantity::parse(&amount.value.0).ok()).map_or(0, Quantity::units)
    };
    let preferred = replication.and_then(|replication| replication.preferred.as_ref());
    let mut situation = Situation {
        name: store.named.name.value.clone(),
        namespace: spec.namespace.value.clone(),
        role: role.to_owned(),
        shard: shard.into(),
        counts: store
            .engine
            .roles
            .iter()
            .map(|(name, ..)| (name.to_owned(), store.count(name).value.into()))
            .collect(),
        per_shard: per_shard(store).into(),
        shards: store.shards().value.into(),
        members: members(here, store),
        services: service::hosts(here, store),
        cpu: limit("cpu"),
        memory: limit("memory"),
        users: users(store),
        databases: spec.databases.iter().map(|name| name.value.clone()).collect(),
        tls: store.tls.value,
        factor: replication.and_then(|replication| replication.factor.as_ref()).map_or(0, |n| n.value.into()),
        environment: here.resolved.environment.name.value.clone(),
        target: target.name.value.clone(),
        provider: target.spec.provider.as_ref().map_or_else(String::new, |name| name.value.clone()),
        region: site.map_or_else(String::new, |site| site.region.value.clone()),
        zones: site.map_or_else(Vec::new, |site| site.zones.iter().map(|zone| zone.value.clone()).collect()),
        preferred: preferred.is_none_or(|preferred| preferred.value == target.name.value),
        cluster_domain: CLUSTER_DOMAIN.to_owned(),
        ..Situation::default()
    };
    settings::fill(store, &mut situation);
    situation
}

/// Members of one shard, in all targets.
fn per_shard(store: &Store<'_>) -> u32 {
    let stores = store.elsewhere.iter().map(|(_, other)| *other).chain([store.named]);
    let of = |store: &Named<StoreSpec>| {
        let sharded = store.spec.members.iter().find_map(|(_, _, members)| members.per_shard.as_ref());
        sharded.map_or(0, |per_shard| per_shard.value)
    };
    let sum = stores.map(of).sum();
    if sum > 0 {
        sum
    } else {
        store.engine.roles.iter().map(|(name, ..)| store.count(name).value).max().unwrap_or(1)
    }
}

/// Names of all members of each role: by shard, then in the order of the environment's targets, then by ordinal. A
/// member has its number to itself in the whole environment.
fn members(here: &Here<'_>, store: &Store<'_>) -> BTreeMap<String, Vec<String>> {
    let shards = |role: &str| if store.is_sharded(role) { store.shards().value } else { 1 };
    let of_role = |(role, _, _): (&str, &tree::Origin, &catalogue::module::Role)| {
        let mut names = Vec::new();
        for shard in 0..shards(role) {
            let mut first = 0;
            for (target, spec) in places(here, store) {
                let next = first + of_one_set(store, role, spec);
                names.extend((first..next).map(|ordinal| member(here, store, role, shard, ordinal, target)));
                first = next;
            }
        }
        (role.to_owned(), names)
    };
    store.engine.roles.iter().map(of_role).collect()
}

/// Members of one workload of a role in a target.
fn of_one_set(store: &Store<'_>, role: &str, spec: &Named<StoreSpec>) -> u32 {
    spec.spec.members.get(role).map_or(0, |members| {
        let per_shard = members.per_shard.as_ref().filter(|_| store.is_sharded(role));
        per_shard.map_or(members.count.value, |per_shard| per_shard.value)
    })
}

/// Number of the first member here of each workload of a role.
pub(crate) fn first(here: &Here<'_>, store: &Store<'_>, role: &str) -> u32 {
    let before =
        places(here, store).into_iter().take_while(|(target, _)| *target != here.resolved.target.name.value);
    before.map(|(_, spec)| of_one_set(store, role, spec)).sum()
}

/// The store in each target that has it, in the environment's order; the name of the target.
pub(crate) fn places<'s>(here: &'s Here<'_>, store: &'s Store<'_>) -> Vec<(&'s str, &'s Named<StoreSpec>)> {
    let here_name = here.resolved.target.name.value.as_str();
    let order = here.resolved.environment.spec.targets.iter().map(|(name, ..)| name);
    order
        .filter_map(|name| {
            if name == here_name {
                return Some((here_name, store.named));
            }
            let other = store.elsewhere.iter().find(|(other, _)| other.target.name.value == name)?;
            Some((other.0.target.name.value.as_str(), other.1))
        })
        .collect()
}

/// The name of one member, for all who may ask: across clusters where the store is spread over several.
fn member(here: &Here<'_>, store: &Store<'_>, role: &str, shard: u32, ordinal: u32, target: &str) -> String {
    let workload = super::role::workload_name(store, role, shard);
    let service = store.engine.roles.get(role).and_then(|role| role.service.as_ref());
    match service {
        Some(service) => {
            format!("{}-{ordinal}.{}", workload.value, service_host(here, store, service, target, true))
        }
        None => service_host_of(here, store, &workload.value, target, false),
    }
}

/// The name of one of the module's services.
pub(crate) fn service_host(
    here: &Here<'_>,
    store: &Store<'_>,
    key: &str,
    target: &str,
    headless: bool,
) -> String {
    service_host_of(here, store, &service::name(store, key).value, target, headless)
}

fn service_host_of(here: &Here<'_>, store: &Store<'_>, name: &str, target: &str, headless: bool) -> String {
    let namespace = &store.named.spec.namespace.value;
    match (here.is_cluster(), store.is_spread(), headless) {
        (false, ..) => name.to_owned(),
        (true, true, true) => format!("{target}.{name}.{namespace}.svc.{CLUSTERSET_DOMAIN}"),
        _ => format!("{name}.{namespace}.svc.{CLUSTER_DOMAIN}"),
    }
}

/// The name across clusters of a service that has no members here.
pub(crate) fn far_host(name: &str, namespace: &str) -> String {
    format!("{name}.{namespace}.svc.{CLUSTERSET_DOMAIN}")
}

fn users(store: &Store<'_>) -> Vec<User> {
    let user = |(name, _, user): (&str, &tree::Origin, &model::kinds::StoreUser)| User {
        name: name.to_owned(),
        env: store
            .engine
            .accounts
            .first()
            .map_or_else(String::new, |given| account::variable_of(given, name)),
        database: user.database.as_ref().map_or_else(String::new, |name| name.value.clone()),
        networks: user.networks.iter().map(|network| network.value.clone()).collect(),
    };
    store.named.spec.users.iter().map(user).collect()
}

/// The gateway ranges of a target.
pub(crate) fn gateway(target: &model::kinds::Resolved) -> Vec<ipnet::IpNet> {
    let network = target.target.spec.network.as_ref();
    network.into_iter().flat_map(|network| &network.gateway).map(|range: &Val<_>| range.value.0).collect()
}
