//! Where pods may run, on which storage, with which priority.

use std::collections::BTreeMap;

use model::kinds::{NodePool as GivenPool, Placement as Given};
use tree::{Origin, Val};

use super::here::{Here, Out, part_of};
use super::say;
use super::text::{default, derived};
use crate::scope::{NodePool, PriorityClass, StorageClass, Taint};
use crate::workload::{Placement, Spread};

/// The label every node of a pool carries, put there by whatever makes the nodes.
const POOL_LABEL: &str = "underpin.dev/pool";

/// Node pools, storage classes and priority classes of the scope.
pub(crate) fn classes_and_pools(here: &Here<'_>, out: &mut Out) {
    let platform = &here.resolved.platform;
    let by = part_of("Platform", &platform.name);
    for (name, origin, pool) in here.resolved.target.spec.node_pools.iter() {
        out.scope.node_pools.push(node_pool(here, name, origin, pool));
    }
    for (name, origin, class) in platform.spec.priority_classes.iter() {
        out.scope.priority_classes.push(PriorityClass {
            name: Val::new(name.to_owned(), origin.clone()),
            value: class.value.clone(),
            purpose: class.purpose.clone(),
            preempts: class.preempts.clone().unwrap_or_else(|| {
                default(&by, &format!("priorityClasses.{name}.preempts"), true, "Kubernetes' own default.")
            }),
        });
    }
    for (name, origin, class) in platform.spec.storage_classes.iter() {
        let provider =
            here.resolved.target.spec.provider.as_ref().map_or("onpremises", |name| name.value.as_str());
        let Some(provisioner) = class.provisioners.get(provider) else {
            let wanted = Val::new(provider.to_owned(), origin.clone());
            let what = format!("provisioner of the storage class `{name}`");
            out.say(say::unknown(&what, &wanted, &by, class.provisioners.iter().map(|(name, ..)| name)));
            continue;
        };
        let parameters = class.parameters.get(provider).into_iter().flat_map(|all| all.iter());
        let usual = |path: &str| format!("storageClasses.{name}.{path}");
        out.scope.storage_classes.push(StorageClass {
            name: Val::new(name.to_owned(), origin.clone()),
            provisioner: provisioner.clone(),
            parameters: parameters.map(|(name, _, value)| (name.to_owned(), value.clone())).collect(),
            reclaim: class.reclaim.clone().unwrap_or_else(|| {
                let reason = "Data outlives a claim that was deleted by mistake.";
                default(&by, &usual("reclaim"), "Retain".to_owned(), reason)
            }),
            expandable: class.expandable.clone().unwrap_or_else(|| {
                default(&by, &usual("expandable"), true, "A full volume must be able to grow.")
            }),
        });
    }
}

fn node_pool(here: &Here<'_>, name: &str, origin: &Origin, pool: &GivenPool) -> NodePool {
    let by = part_of("Environment", &here.resolved.environment.name);
    let path = format!("targets.{}.nodePools.{name}", here.resolved.target.name.value);
    let site = here.resolved.target.spec.site.as_ref();
    let site = site.and_then(|site| here.resolved.platform.spec.sites.get(site));
    let zones = match site {
        Some(site) if pool.zones.is_empty() => site.zones.clone(),
        _ => pool.zones.clone(),
    };
    let taint = |(key, _, value): (&str, &Origin, &Val<String>)| {
        let (value, effect) = value.value.split_once(':').unwrap_or(("", value.value.as_str()));
        Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
    };
    NodePool {
        name: Val::new(name.to_owned(), origin.clone()),
        min: pool.min.clone(),
        max: pool.max.clone(),
        cpu: pool.cpu.clone().map(|cpu| cpu.0),
        memory: pool.memory.clone().map(|memory| memory.0),
        pods: pool
            .pods
            .clone()
            .unwrap_or_else(|| default(&by, &format!("{path}.pods"), 110, "The kubelet's own default.")),
        zones,
        labels: labels(name, origin, pool),
        taints: pool.taints.iter().map(taint).collect(),
    }
}

fn labels(name: &str, origin: &Origin, pool: &GivenPool) -> BTreeMap<String, Val<String>> {
    let mut labels: BTreeMap<String, Val<String>> =
        pool.labels.iter().map(|(key, _, value)| (key.to_owned(), value.clone())).collect();
    labels.insert(POOL_LABEL.to_owned(), Val::new(name.to_owned(), origin.clone()));
    labels
}

/// The most nodes that a placement may use: those of its pool, or of all pools without taints.
pub(crate) fn nodes(here: &Here<'_>, given: &Given) -> Option<Val<u32>> {
    let pools = &here.resolved.target.spec.node_pools;
    if let Some(name) = &given.pool {
        return pools.get(name).map(|pool| pool.max.clone());
    }
    let open: Vec<_> = pools.iter().filter(|(_, _, pool)| pool.taints.is_empty()).collect();
    if open.is_empty() {
        return None;
    }
    let sum = open.iter().map(|(_, _, pool)| pool.max.value).sum();
    Some(derived("nodes", sum, open.iter().map(|(_, _, pool)| pool.max.origin.clone())))
}

/// Derives a placement.
pub(crate) fn placement(here: &Here<'_>, by: &str, given: &Given) -> Placement {
    let mut placement = Placement {
        over_nodes: spread(by, "nodes", given.nodes.as_ref()),
        over_zones: spread(by, "zones", given.zones.as_ref()),
        ..Placement::default()
    };
    let pools = &here.resolved.target.spec.node_pools;
    let Some(wanted) = given.pool.as_ref().filter(|_| here.is_cluster()) else { return placement };
    // A pool that isn't there was reported where the definition was read.
    if let Some(item) = pools.0.get(&wanted.value) {
        placement.nodes.insert(POOL_LABEL.to_owned(), wanted.clone());
        for (key, _, taint) in item.value.taints.iter() {
            let (value, effect) = taint.value.split_once(':').unwrap_or(("", taint.value.as_str()));
            let part = |text: &str| Val::new(text.to_owned(), taint.origin.clone());
            placement.tolerates.push((part(key), part(value), part(effect)));
        }
    }
    placement
}

fn spread(by: &str, over: &str, given: Option<&Val<String>>) -> Option<Spread> {
    let usual = || {
        let reason = "Pods of one workload are better apart; where they can't be, they still run.";
        default(by, &format!("placement.{over}"), (), reason).origin
    };
    match given.map(|given| given.value.as_str()) {
        Some("require") => given.map(|given| Spread::Required(given.origin.clone())),
        Some("none") => None,
        _ => Some(Spread::Preferred(given.map_or_else(usual, |given| given.origin.clone()))),
    }
}

/// The storage class of a volume: the platform's only one where none is named.
pub(crate) fn storage_class(here: &Here<'_>, given: Option<&Val<String>>) -> Option<Val<String>> {
    let classes = &here.resolved.platform.spec.storage_classes;
    given.cloned().or_else(|| match classes.0.len() {
        1 => classes.iter().next().map(|(name, origin, _)| Val::new(name.to_owned(), origin.clone())),
        _ => None,
    })
}
