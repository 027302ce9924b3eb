//! Whether a rolling update's new pods can be scheduled beside the old ones.

use estate::{Kind, Selector, Workload};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};
use crate::facts::nodes::eligible;
use crate::facts::scale::{Scale, portion};

/// Whether each workload can be rolled, and run at its largest scale, on different nodes where it must.
pub struct Rollout;

/// Why new pods can't be scheduled.
#[derive(Clone, Debug)]
pub enum Stuck {
    /// Every node has one of the old pods, none of which goes before a new one is ready.
    NoNodeLeft {
        /// Most pods at once.
        pods: u64,
        /// Nodes that they may run on, at most.
        nodes: u64,
        /// What keeps two from one node.
        by: &'static str,
    },
    /// There are more pods than nodes.
    TooFewNodes {
        /// Most pods at once.
        pods: u64,
        /// Nodes that they may run on, at most.
        nodes: u64,
        /// What keeps two from one node.
        by: &'static str,
    },
    /// The old pod holds a volume that the new one waits for.
    VolumeHeld {
        /// The claim.
        claim: String,
        /// Its access mode.
        mode: &'static str,
    },
    /// Neither an old pod may go nor a new one come.
    NoMove,
}

impl Analysis for Rollout {
    type Violation = Stuck;

    fn run(world: &World<'_>) -> Vec<Fact<Stuck>> {
        let rolled =
            |workload: &&Workload<'_>| matches!(workload.object.kind(), Kind::Deployment | Kind::StatefulSet);
        world.workloads.iter().filter(rolled).flat_map(|workload| of(world, workload)).collect()
    }
}

fn of(world: &World<'_>, workload: &Workload<'_>) -> Vec<Fact<Stuck>> {
    let Some(scale) = world.scales().get(workload.object.id) else { return Vec::new() };
    let mut facts = Vec::new();
    let keeps = keeps_one_node(workload);
    facts.extend(keeps.and_then(|(by, node)| fits(world, workload, scale, by, node)));
    if workload.object.kind() == Kind::Deployment && old_pods_stay(workload, scale) {
        facts.extend(volumes(world, workload));
        facts.extend(no_move(workload));
    }
    if facts.is_empty() {
        facts.push(Fact::holds(workload.object.id));
    }
    facts
}

/// Whether no old pod goes before a new one is ready: 25 %, rounded down, may unless `maxUnavailable` says otherwise
/// (Kubernetes API reference, `RollingUpdateDeployment`). Where both bounds come to nothing by rounding, one may go
/// (Kubernetes, `pkg/controller/deployment/util`, `ResolveFenceposts`).
fn old_pods_stay(workload: &Workload<'_>, scale: &Scale<'_>) -> bool {
    let object = workload.object;
    let rolls = object.text(&["spec", "strategy", "type"]).is_none_or(|strategy| strategy == "RollingUpdate");
    let node = object.path(&["spec", "strategy", "rollingUpdate", "maxUnavailable"]);
    object.kind() == Kind::Deployment
        && rolls
        && portion(node, scale.max, false).unwrap_or(scale.max / 4) == 0
        && (scale.surge > 0 || is_zero(node))
}

/// Whether an `IntOrString` is nothing of any number of pods.
fn is_zero(node: Option<NodeRef<'_>>) -> bool {
    portion(node, 100, true) == Some(0)
}

/// What keeps two pods of any revision of a workload from one node, and where that is written.
fn keeps_one_node<'a>(workload: &Workload<'a>) -> Option<(&'static str, NodeRef<'a>)> {
    let path = ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = workload.pod.0.path(&path).into_iter().flat_map(NodeRef::items);
    let mut own = terms.filter(|term| {
        let by_node = term.get("topologyKey").and_then(estate::text) == Some("kubernetes.io/hostname");
        let selector = term.get("labelSelector").map(Selector::of);
        let revisions = ["matchLabelKeys", "mismatchLabelKeys"].iter().any(|key| term.get(key).is_some());
        let elsewhere = term.get("namespaces").is_some() || term.get("namespaceSelector").is_some();
        by_node
            && !revisions
            && !elsewhere
            && selector.is_some_and(|selector| selector.matches(&workload.labels))
    });
    if let Some(term) = own.next() {
        return Some(("required anti-affinity", term));
    }
    let mut ports = workload.pod.ports();
    ports.find_map(|port| Some(("a port of the node", port.node.get("hostPort")?)))
}

fn fits(
    world: &World<'_>,
    workload: &Workload<'_>,
    scale: &Scale<'_>,
    by: &'static str,
    node: NodeRef<'_>,
) -> Option<Fact<Stuck>> {
    let id = workload.object.id;
    let Some(pools) = eligible(world, workload.pod) else {
        let why = "how many nodes there are isn't in these files";
        return Some(Fact::not_evaluated(
            id,
            why,
            vec![Mark::new(node, "keeps its pods on different nodes")],
        ));
    };
    let nodes: u64 = pools.iter().map(|pool| pool.max).sum();
    let pods = scale.max;
    let violation = if pods > nodes {
        Stuck::TooFewNodes { pods, nodes, by }
    } else if old_pods_stay(workload, scale) && pods + 1 > nodes {
        Stuck::NoNodeLeft { pods, nodes, by }
    } else {
        return None;
    };
    let mut marks = vec![Mark::new(node, "keeps its pods on different nodes")];
    marks.extend(scale.node.map(|node| Mark::new(node, format!("as many as {pods} pods"))));
    let strategy = workload.object.path(&["spec", "strategy"]);
    if matches!(violation, Stuck::NoNodeLeft { .. }) {
        marks.extend(strategy.map(|node| Mark::new(node, "no old pod goes before a new one is ready")));
    }
    marks.extend(pools.iter().map(|pool| Mark::at(pool.span, format!("{} nodes at most", pool.max))));
    Some(Fact::violated(id, violation, marks))
}

fn volumes(world: &World<'_>, workload: &Workload<'_>) -> Vec<Fact<Stuck>> {
    let claims =
        workload.pod.volumes().filter_map(|volume| volume.path(&["persistentVolumeClaim", "claimName"]));
    claims
        .filter_map(|named| {
            let name = estate::text(named)?;
            let claim = world.find(Kind::PersistentVolumeClaim, workload.object.namespace(), name)?;
            let modes = claim.path(&["spec", "accessModes"])?;
            let has = |mode: &str| modes.items().any(|item| item.text() == Some(mode));
            if has("ReadWriteMany") || has("ReadOnlyMany") {
                return None;
            }
            let mode = if has("ReadWriteOncePod") { "ReadWriteOncePod" } else { "ReadWriteOnce" };
            let marks = vec![
                Mark::new(named, "the old pod holds it, the new one waits for it"),
                Mark::new(modes, "for one node or pod at a time"),
            ];
            Some(Fact::violated(
                workload.object.id,
                Stuck::VolumeHeld { claim: name.to_owned(), mode },
                marks,
            ))
        })
        .collect()
}

/// `maxSurge` and `maxUnavailable` that are both 0: the API server refuses them.
fn no_move(workload: &Workload<'_>) -> Option<Fact<Stuck>> {
    let bound = |key| workload.object.path(&["spec", "strategy", "rollingUpdate", key]);
    let surge = bound("maxSurge")?;
    (is_zero(Some(surge)) && is_zero(bound("maxUnavailable"))).then(|| {
        let marks = vec![Mark::new(surge, "no new pod beside the old ones, and none of those may go")];
        Fact::violated(workload.object.id, Stuck::NoMove, marks)
    })
}
