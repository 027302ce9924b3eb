//! Which of the declared nodes a pod may run on.

use estate::intent::{NodePool, Taint};
use estate::{PodSpec, Selector};
use tree::NodeRef;

use crate::World;

/// The label that the kubelet gives a node's zone.
const ZONE: &str = "topology.kubernetes.io/zone";

/// The pools whose nodes a pod may run on; `None` where no nodes are declared.
pub fn eligible<'a>(world: &World<'a>, pod: PodSpec<'_>) -> Option<Vec<&'a NodePool>> {
    let mut pools = world.intent.iter().flat_map(|intent| &intent.node_pools).peekable();
    pools.peek()?;
    Some(pools.filter(|pool| is_selected(pool, pod) && is_tolerated(pool, pod)).collect())
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
        let affine = terms.is_none_or(|terms| terms.items().any(|term| Selector::of(term).matches(labels)));
        selector.matches(labels) && affine
    })
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
