//! How many pods each workload has, at least and at most.

use std::collections::HashMap;

use estate::{Kind, Obj, ObjectId, Workload};
use tree::NodeRef;

use crate::World;

/// The number of pods of one workload.
#[derive(Clone, Debug)]
pub struct Scale<'a> {
    /// Fewest pods while nothing fails.
    pub min: u64,
    /// Most pods while nothing is rolled out.
    pub max: u64,
    /// Pods beyond `max` during a rollout.
    pub surge: u64,
    /// What scales it, if something does.
    pub autoscaler: Option<Obj<'a>>,
    /// Where the number is written, if it is.
    pub node: Option<NodeRef<'a>>,
    /// False for what has a pod per node.
    pub counted: bool,
}

/// The scales of all workloads of a view.
#[derive(Debug, Default)]
pub struct Scales<'a> {
    of: HashMap<ObjectId, Scale<'a>>,
}

impl<'a> Scales<'a> {
    /// Works out the scale of each workload.
    #[must_use]
    pub fn of(world: &World<'a>) -> Self {
        let mut autoscalers: HashMap<(&str, &str, &str), Obj<'a>> = HashMap::new();
        for autoscaler in world.of_kind(Kind::HorizontalPodAutoscaler) {
            let target = |key| autoscaler.text(&["spec", "scaleTargetRef", key]);
            if let (Some(kind), Some(name)) = (target("kind"), target("name")) {
                autoscalers.insert((autoscaler.namespace(), kind, name), autoscaler);
            }
        }
        let key = |object: Obj<'a>| (object.namespace(), &*object.object.kind_name, object.name());
        let scale = |workload: &Workload<'a>| {
            let object = workload.object;
            (object.id, scale(object, autoscalers.get(&key(object)).copied()))
        };
        Self { of: world.workloads.iter().map(scale).collect() }
    }

    /// The scale of a workload.
    #[must_use]
    pub fn get(&self, workload: ObjectId) -> Option<&Scale<'a>> {
        self.of.get(&workload)
    }
}

/// Defaults: one replica (`apps/v1`), one parallel pod (`batch/v1`), one replica at least under an autoscaler.
fn scale<'a>(object: Obj<'a>, autoscaler: Option<Obj<'a>>) -> Scale<'a> {
    let count = |node: Option<NodeRef<'_>>, default| {
        node.and_then(NodeRef::int).and_then(|count| u64::try_from(count).ok()).unwrap_or(default)
    };
    let fixed =
        |node: Option<NodeRef<'a>>, n| Scale { min: n, max: n, surge: 0, autoscaler, node, counted: true };
    let mut scale = match object.kind() {
        Kind::Pod => fixed(None, 1),
        Kind::DaemonSet => Scale { counted: false, ..fixed(None, 1) },
        Kind::Job | Kind::CronJob => {
            let under: &[&str] =
                if object.kind() == Kind::Job { &["spec"] } else { &["spec", "jobTemplate", "spec"] };
            let spec = object.path(under);
            let parallelism = spec.and_then(|spec| spec.get("parallelism"));
            let completions = count(spec.and_then(|spec| spec.get("completions")), u64::MAX);
            fixed(parallelism, count(parallelism, 1).min(completions.max(1)))
        }
        _ => {
            let replicas = object.path(&["spec", "replicas"]);
            fixed(replicas, count(replicas, 1))
        }
    };
    if let Some(spec) = autoscaler.and_then(|autoscaler| autoscaler.node.get("spec")) {
        scale.min = count(spec.get("minReplicas"), 1);
        scale.max = count(spec.get("maxReplicas"), scale.max);
        scale.node = spec.get("maxReplicas");
    }
    if object.kind() == Kind::Deployment {
        scale.surge = surge(object, scale.max);
    }
    scale
}

/// Pods beyond the wanted number during a rolling update: 25 %, rounded up, unless `maxSurge` says otherwise
/// (Kubernetes API reference, `RollingUpdateDeployment`).
fn surge(object: Obj<'_>, replicas: u64) -> u64 {
    if object.text(&["spec", "strategy", "type"]) == Some("Recreate") {
        return 0;
    }
    let of = object.path(&["spec", "strategy", "rollingUpdate", "maxSurge"]);
    portion(of, replicas, true).unwrap_or_else(|| replicas.div_ceil(4))
}

/// An `IntOrString` of a number of pods: a count, or a percentage rounded up or down.
#[must_use]
pub fn portion(node: Option<NodeRef<'_>>, of: u64, up: bool) -> Option<u64> {
    let text = node?.text()?;
    match text.strip_suffix('%') {
        None => text.parse().ok(),
        Some(percent) => {
            let parts = percent.parse::<u64>().ok()?.checked_mul(of)?;
            Some(if up { parts.div_ceil(100) } else { parts / 100 })
        }
    }
}
