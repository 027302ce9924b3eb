//! ResourceQuotas against what a namespace asks for at its largest scale.

mod counts;
pub(super) mod scopes;

use catalogue::quantity::Quantity;
use diag::ObjectRef;
use estate::{Kind, Obj, Workload};
use tree::NodeRef;

use super::demand::{Demand, quantity, times};
use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each quota leaves room for everything at its largest scale.
pub struct Quotas;

/// A quota that is too small.
#[derive(Clone, Debug)]
pub struct Exceeded {
    /// The resource, as the quota names it.
    pub resource: String,
    /// What the quota leaves.
    pub hard: Quantity,
    /// What everything needs then.
    pub needed: Quantity,
    /// What it needs at its largest, with rollouts where they matter.
    pub most: Quantity,
    /// When it is exceeded.
    pub when: When,
    /// What it is made of, the largest first.
    pub parts: Vec<Part>,
}

/// When a quota is exceeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// With the fewest pods already.
    Always,
    /// With the most pods that autoscalers make.
    AtMaximum,
    /// While one workload is rolled out at its maximum: this one.
    RollingOut(ObjectRef),
    /// Only while everything is rolled out at once, at its maximum.
    RollingOutAll,
}

/// What one workload, or one kind of object, contributes.
#[derive(Clone, Debug)]
pub struct Part {
    /// Who.
    pub who: String,
    /// Fewest.
    pub min: u64,
    /// Most.
    pub max: u64,
    /// Beyond that while it is rolled out.
    pub surge: u64,
    /// How much each.
    pub each: Quantity,
    /// The workload.
    pub object: Option<ObjectRef>,
}

impl Analysis for Quotas {
    type Violation = Exceeded;

    fn run(world: &World<'_>) -> Vec<Fact<Exceeded>> {
        world.of_kind(Kind::ResourceQuota).flat_map(|quota| of_quota(world, quota)).collect()
    }
}

fn of_quota(world: &World<'_>, quota: Obj<'_>) -> Vec<Fact<Exceeded>> {
    let Some(hard) = quota.path(&["spec", "hard"]) else { return Vec::new() };
    let defaults = world.defaults(quota.namespace());
    let covered = world.workloads.in_namespace(quota.namespace());
    let covered: Vec<(&Workload<'_>, Demand<'_>)> = covered
        .map(|workload| (workload, defaults.pod(workload.pod)))
        .filter(|(workload, demand)| scopes::covers(quota, workload, demand))
        .collect();
    let mut facts = Vec::new();
    for (key, value) in hard.entries() {
        let (Some(resource), Some(amount)) = (key.text(), quantity(value)) else { continue };
        let parts = match pod_resource(resource) {
            Some(of) => Some(per_pod(world, &covered, of)),
            None if scopes::any(quota) => Some(Vec::new()),
            None => counts::parts(world, quota.namespace(), resource),
        };
        facts.push(match parts {
            Some(parts) => compare(quota, (resource, value), amount, parts),
            None => {
                let why = format!("nothing tells how much of {resource} is used");
                Fact::not_evaluated(quota.id, why, vec![Mark::new(key, "limited here")])
            }
        });
    }
    facts
}

/// What a pod contributes to a resource of a quota.
#[derive(Clone, Copy)]
enum PodResource<'a> {
    Pods,
    Requests(&'a str),
    Limits(&'a str),
}

/// Kubernetes documentation, "Resource Quotas": `cpu` and `memory` are the same as `requests.cpu` and
/// `requests.memory`.
fn pod_resource(resource: &str) -> Option<PodResource<'_>> {
    match resource {
        "pods" | "count/pods" => Some(PodResource::Pods),
        "cpu" | "memory" | "ephemeral-storage" => Some(PodResource::Requests(resource)),
        "requests.storage" => None,
        _ => {
            let limits = resource.strip_prefix("limits.").map(PodResource::Limits);
            limits.or_else(|| resource.strip_prefix("requests.").map(PodResource::Requests))
        }
    }
}

fn per_pod(world: &World<'_>, covered: &[(&Workload<'_>, Demand<'_>)], of: PodResource<'_>) -> Vec<Part> {
    let parts = covered.iter().filter_map(|(workload, demand)| {
        let scale = world.scales().get(workload.object.id)?;
        let each = match of {
            PodResource::Pods => Quantity::from_units(1),
            PodResource::Requests(name) => demand.requests.get(name).copied()?,
            PodResource::Limits(name) => demand.limits.get(name).copied()?,
        };
        let object = Some(workload.object.reference());
        let who = workload.object.name().to_owned();
        Some(Part { who, min: scale.min, max: scale.max, surge: scale.surge, each, object })
    });
    parts.collect()
}

/// Sets what is needed beside what there is: first with the fewest pods, then the most, then while rolling out.
fn compare(
    quota: Obj<'_>,
    (resource, value): (&str, NodeRef<'_>),
    hard: Quantity,
    parts: Vec<Part>,
) -> Fact<Exceeded> {
    let sum =
        |of: &dyn Fn(&Part) -> u64| parts.iter().map(|part| times(part.each, of(part))).sum::<Quantity>();
    let (least, most) = (sum(&|part| part.min), sum(&|part| part.max));
    let surging = parts.iter().max_by_key(|part| times(part.each, part.surge));
    let surge = surging.map_or(Quantity::ZERO, |part| times(part.each, part.surge));
    let (needed, when) = if least > hard {
        (least, When::Always)
    } else if most > hard {
        (most, When::AtMaximum)
    } else if let Some(object) = surging.and_then(|part| part.object.clone()).filter(|_| most + surge > hard)
    {
        (most + surge, When::RollingOut(object))
    } else {
        (sum(&|part| part.max + part.surge), When::RollingOutAll)
    };
    if needed <= hard {
        return Fact::holds(quota.id);
    }
    let mut parts: Vec<Part> = parts.into_iter().filter(|part| part.max + part.surge > 0).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(times(part.each, part.max + part.surge)));
    let most = needed.max(most);
    let marks = vec![Mark::new(value, format!("{hard} is all there is"))];
    let exceeded = Exceeded { resource: resource.to_owned(), hard, needed, most, when, parts };
    Fact::violated(quota.id, exceeded, marks)
}
