//! Which of the declared nodes a pod may run on.

use catalogue::quantity::Quantity;
use estate::intent::{NodePool, Taint};
use estate::{Need, PodSpec, Selector};
use tree::NodeRef;

use crate::World;

/// The label that the kubelet gives a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";

/// Labels that every node has, with values that pools need not declare (Kubernetes reference, "Well-Known Labels").
const AUTOMATIC: [&str; 4] =
    ["kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname", "node.kubernetes.io/instance-type"];

/// The declared pools of a view's scope.
pub fn pools<'a>(world: &World<'a>) -> Vec<&'a NodePool> {
    world.intent.iter().flat_map(|intent| &intent.node_pools).collect()
}

/// Whether a pod may run on the nodes of a pool.
#[must_use]
pub fn is_eligible(pool: &NodePool, pod: PodSpec<'_>) -> bool {
    is_selected(pool, pod) && is_tolerated(pool, pod)
}

/// What one node of a pool has of a resource; `None` for resources that pools don't declare.
#[must_use]
pub fn allocatable(pool: &NodePool, resource: &str) -> Option<Quantity> {
    match resource {
        "cpu" => Quantity::parse(&pool.cpu).ok(),
        "memory" => Quantity::parse(&pool.memory).ok(),
        "pods" => Some(Quantity::from_units(i64::try_from(pool.pods).unwrap_or(i64::MAX))),
        _ => None,
    }
}

/// The pools whose nodes a pod may run on; `None` where no nodes are declared.
pub fn eligible<'a>(world: &World<'a>, pod: PodSpec<'_>) -> Option<Vec<&'a NodePool>> {
    let pools = pools(world);
    (!pools.is_empty()).then(|| pools.into_iter().filter(|pool| is_eligible(pool, pod)).collect())
}

/// Labels of a pool's nodes; one set for each of its zones.
fn labels(pool: &NodePool) -> Vec<Vec<(&str, &str)>> {
    let own: Vec<_> = pool.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    if pool.zones.is_empty() {
        return vec![own];
    }
    let in_zone = |zone| own.iter().copied().chain([(ZONE, zone)]).collect();
    pool.zones.iter().map(String::as_str).map(in_zone).collect()
}

fn is_selected(pool: &NodePool, pod: PodSpec<'_>) -> bool {
    let selector = pod.0.get("nodeSelector").map(Selector::of_map).unwrap_or_default();
    let required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = pod.0.path(&required).and_then(|required| required.get("nodeSelectorTerms"));
    labels(pool).iter().any(|labels| {
        let holds = |selector: &Selector<'_>| {
            let open = |key: &str| AUTOMATIC.contains(&key) && labels.iter().all(|(name, _)| *name != key);
            selector.needs.iter().all(|need| is_about(need, open) || need.holds(labels))
        };
        let affine = terms.is_none_or(|terms| terms.items().any(|term| holds(&Selector::of(term))));
        holds(&selector) && affine
    })
}

/// Whether a need asks for a label that isn't known.
fn is_about(need: &Need<'_>, open: impl Fn(&str) -> bool) -> bool {
    match need {
        Need::In(key, _) | Need::NotIn(key, _) | Need::Exists(key) | Need::Absent(key) => open(key),
        Need::Invalid => false,
    }
}

fn is_tolerated(pool: &NodePool, pod: PodSpec<'_>) -> bool {
    let tolerations: Vec<_> = pod.0.get("tolerations").into_iter().flat_map(NodeRef::items).collect();
    let hard = pool.taints.iter().filter(|taint| taint.effect != "PreferNoSchedule");
    hard.into_iter().all(|taint| tolerations.iter().any(|toleration| tolerates(*toleration, taint)))
}

/// Kubernetes API reference, `Toleration`: no key with `Exists` tolerates everything, no effect means every effect.
fn tolerates(toleration: NodeRef<'_>, taint: &Taint) -> bool {
    let text = |key| toleration.get(key).and_then(estate::text).unwrap_or_default();
    let (key, effect) = (text("key"), text("effect"));
    let exists = text("operator") == "Exists";
    (effect.is_empty() || effect == taint.effect)
        && (key == taint.key || (key.is_empty() && exists))
        && (exists || text("value") == taint.value)
}
