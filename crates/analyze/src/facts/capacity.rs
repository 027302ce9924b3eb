//! What the workloads of a view ask for, against what its declared node pools can hold.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::quantity::Quantity;
use estate::intent::NodePool;
use estate::{Kind, Workload};

use super::demand::{Amounts, Demand, times};
use super::nodes::{allocatable, is_eligible, pools};
use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether the declared nodes hold each pod, and all pods at their largest scale.
pub struct Capacity;

/// What the nodes can't hold.
#[derive(Clone, Debug)]
pub enum TooMuch {
    /// No pool's nodes are for this pod.
    NoPool {
        /// The pools there are.
        pools: Vec<String>,
    },
    /// One pod is larger than any node it may run on.
    Pod {
        /// The resource.
        resource: String,
        /// What the pod asks for.
        needed: Quantity,
        /// What the largest of those nodes has.
        largest: Quantity,
        /// That node's pool.
        pool: String,
    },
    /// All pods together are more than all nodes of some pools.
    Total {
        /// The resource.
        resource: String,
        /// What the pods ask for.
        needed: Quantity,
        /// What the nodes have.
        there: Quantity,
        /// The pools.
        pools: Vec<String>,
        /// What each workload asks for, the largest first: name, pods, each.
        parts: Vec<(String, u64, Quantity)>,
        /// Whether only rollouts at once make it so.
        rollouts_only: bool,
    },
}

/// The resources that pools declare.
const RESOURCES: [&str; 3] = ["cpu", "memory", "pods"];

struct Placed<'w, 'a> {
    workload: &'w Workload<'a>,
    demand: Demand<'a>,
    eligible: BTreeSet<usize>,
}

impl Analysis for Capacity {
    type Violation = TooMuch;

    fn run(world: &World<'_>) -> Vec<Fact<TooMuch>> {
        let pools = pools(world);
        if pools.is_empty() {
            return Vec::new();
        }
        let mut facts = Vec::new();
        let mut placed = Vec::new();
        for workload in world.workloads.iter() {
            let mut demand = world.defaults(workload.object.namespace()).pod(workload.pod);
            demand.requests.insert("pods", Quantity::from_units(1));
            let eligible =
                (0..pools.len()).filter(|index| is_eligible(pools[*index], workload.pod)).collect();
            let one = Placed { workload, demand, eligible };
            facts.push(single(&one, &pools));
            placed.push(one);
        }
        facts.extend(totals(world, &pools, &placed));
        facts
    }
}

/// One pod on the largest node it may run on.
fn single(placed: &Placed<'_, '_>, pools: &[&NodePool]) -> Fact<TooMuch> {
    let object = placed.workload.object;
    let daemon = object.kind() == Kind::DaemonSet;
    if placed.eligible.is_empty() && !daemon {
        let node =
            ["nodeSelector", "affinity", "tolerations"].iter().find_map(|key| placed.workload.pod.0.get(key));
        let mut marks =
            vec![Mark::new(node.unwrap_or(placed.workload.pod.0), "no declared pool has such nodes")];
        marks.extend(pools.iter().map(|pool| Mark::at(pool.span, format!("pool {}", pool.name))));
        let pools = pools.iter().map(|pool| pool.name.clone()).collect();
        return Fact::violated(object.id, TooMuch::NoPool { pools }, marks);
    }
    for resource in RESOURCES {
        let Some(&needed) = placed.demand.requests.get(resource) else { continue };
        let there = placed
            .eligible
            .iter()
            .filter_map(|&index| Some((allocatable(pools[index], resource)?, pools[index])));
        let Some((largest, pool)) = there.max_by_key(|(amount, _)| *amount) else { continue };
        if needed > largest {
            let marks = vec![
                Mark::new(requested(placed.workload, resource), format!("{needed} {resource} for one pod")),
                Mark::at(pool.span, format!("a node of {} has {largest}", pool.name)),
            ];
            let (resource, pool) = (resource.to_owned(), pool.name.clone());
            return Fact::violated(object.id, TooMuch::Pod { resource, needed, largest, pool }, marks);
        }
    }
    Fact::holds(object.id)
}

/// Where a workload asks for a resource, or else its containers.
fn requested<'a>(workload: &Workload<'a>, resource: &str) -> tree::NodeRef<'a> {
    let mut containers = workload.pod.containers();
    let found = containers.find_map(|container| container.resource("requests", resource));
    found.or_else(|| workload.pod.0.get("containers")).unwrap_or(workload.pod.0)
}

/// All pods that may run on some pools only, on all nodes of those pools: whatever set of pools some workload is
/// confined to.
fn totals(world: &World<'_>, pools: &[&NodePool], placed: &[Placed<'_, '_>]) -> Vec<Fact<TooMuch>> {
    let sets: BTreeSet<&BTreeSet<usize>> =
        placed.iter().map(|one| &one.eligible).filter(|set| !set.is_empty()).collect();
    let mut facts = Vec::new();
    for set in sets {
        let confined: Vec<&Placed<'_, '_>> = placed
            .iter()
            .filter(|one| one.workload.object.kind() != Kind::DaemonSet)
            .filter(|one| !one.eligible.is_empty() && one.eligible.is_subset(set))
            .collect();
        let Some(first) = confined.first() else { continue };
        for resource in RESOURCES {
            let there =
                set.iter().map(|&index| capacity(pools[index], index, resource, placed)).sum::<Quantity>();
            match compare(world, &confined, resource, there) {
                None => facts.push(Fact::holds(first.workload.object.id)),
                Some((needed, parts, rollouts_only)) => {
                    let names = set.iter().map(|&index| pools[index].name.clone()).collect();
                    let marks = set.iter().map(|&index| {
                        let pool = pools[index];
                        Mark::at(
                            pool.span,
                            format!("at most {} nodes of {} {}", pool.max, pool.cpu, pool.memory),
                        )
                    });
                    let resource = resource.to_owned();
                    let total =
                        TooMuch::Total { resource, needed, there, pools: names, parts, rollouts_only };
                    facts.push(Fact::violated(first.workload.object.id, total, marks.collect()));
                }
            }
        }
    }
    facts
}

/// What the most nodes of a pool have of a resource, beside what DaemonSets take on each.
fn capacity(pool: &NodePool, index: usize, resource: &str, placed: &[Placed<'_, '_>]) -> Quantity {
    let daemons = placed
        .iter()
        .filter(|one| one.workload.object.kind() == Kind::DaemonSet && one.eligible.contains(&index));
    let taken: Quantity = daemons.filter_map(|one| one.demand.requests.get(resource).copied()).sum();
    let node = allocatable(pool, resource).unwrap_or(Quantity::ZERO);
    if taken >= node { Quantity::ZERO } else { times(node - taken, pool.max) }
}

type Part = (String, u64, Quantity);

/// What is needed, if it is more than there is.
fn compare(
    world: &World<'_>,
    confined: &[&Placed<'_, '_>],
    resource: &str,
    there: Quantity,
) -> Option<(Quantity, Vec<Part>, bool)> {
    let each = |requests: &Amounts<'_>| requests.get(resource).copied().unwrap_or(Quantity::ZERO);
    let parts = |surging: bool| -> BTreeMap<String, (u64, Quantity)> {
        let scaled = confined.iter().filter_map(|one| {
            let scale = world.scales().get(one.workload.object.id)?;
            let pods = scale.max + if surging { scale.surge } else { 0 };
            Some((one.workload.object.name().to_owned(), (pods, each(&one.demand.requests))))
        });
        scaled.collect()
    };
    for surging in [false, true] {
        let parts = parts(surging);
        let needed: Quantity = parts.values().map(|(pods, each)| times(*each, *pods)).sum();
        if needed > there {
            let mut parts: Vec<Part> =
                parts.into_iter().map(|(name, (pods, each))| (name, pods, each)).collect();
            parts.sort_by_key(|(_, pods, each)| std::cmp::Reverse(times(*each, *pods)));
            return Some((needed, parts, surging));
        }
    }
    None
}
