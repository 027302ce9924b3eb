//! Containers, pods and claims against the LimitRanges and quotas that admission holds them to.

use catalogue::quantity::Quantity;
use estate::{Kind, Obj, Workload, text};
use tree::NodeRef;

use super::demand::{Amounts, Asked, Defaults, amounts, limit_items, quantity};
use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether everything is within the LimitRanges of its namespace.
pub struct Limits;

/// Something outside of a LimitRange.
#[derive(Clone, Debug)]
pub struct OutOfRange {
    /// The container, or `pod`, or the claim.
    pub what: String,
    /// The resource.
    pub resource: String,
    /// The LimitRange.
    pub range: String,
    /// How it is outside.
    pub how: How,
}

/// How something is outside of a LimitRange.
#[derive(Clone, Debug)]
pub enum How {
    /// Less is requested than the least.
    Below {
        /// Requested.
        found: Quantity,
        /// The least.
        min: Quantity,
    },
    /// The limit, or what is requested, is above the most.
    Above {
        /// `request` or `limit`.
        of: &'static str,
        /// What is there.
        found: Quantity,
        /// The most.
        max: Quantity,
    },
    /// The limit is too many times the request.
    Ratio {
        /// The request.
        request: Quantity,
        /// The limit.
        limit: Quantity,
        /// The greatest ratio.
        most: Quantity,
    },
}

impl Analysis for Limits {
    type Violation = OutOfRange;

    fn run(world: &World<'_>) -> Vec<Fact<OutOfRange>> {
        let mut facts = Vec::new();
        for range in world.of_kind(Kind::LimitRange) {
            let defaults = world.defaults(range.namespace());
            for workload in world.workloads.in_namespace(range.namespace()) {
                let before = facts.len();
                of_workload(range, workload, defaults, &mut facts);
                if facts.len() == before {
                    facts.push(Fact::holds(workload.object.id));
                }
            }
            for claim in world.of_kind_in(Kind::PersistentVolumeClaim, range.namespace()) {
                of_claim(range, claim, claim.node.get("spec"), claim.name(), &mut facts);
            }
            for set in world.of_kind_in(Kind::StatefulSet, range.namespace()) {
                let templates =
                    set.path(&["spec", "volumeClaimTemplates"]).into_iter().flat_map(NodeRef::items);
                for template in templates {
                    let name = template.path(&["metadata", "name"]).and_then(text).unwrap_or_default();
                    of_claim(range, set, template.get("spec"), name, &mut facts);
                }
            }
        }
        facts
    }
}

fn of_workload<'a>(
    range: Obj<'a>,
    workload: &Workload<'a>,
    defaults: &Defaults<'a>,
    facts: &mut Vec<Fact<OutOfRange>>,
) {
    for item in limit_items(range, "Container") {
        for container in workload.pod.containers() {
            let Asked { requests, limits, .. } = defaults.asked(container);
            let place = container.node.get("resources").unwrap_or(container.node);
            let what = format!("container {}", container.name());
            within(range, item, workload.object, (&what, place), (&requests, &limits), facts);
        }
    }
    for item in limit_items(range, "Pod") {
        let demand = defaults.pod(workload.pod);
        let place = workload.pod.0.get("containers").unwrap_or(workload.pod.0);
        within(range, item, workload.object, ("pod", place), (&demand.requests, &demand.limits), facts);
    }
}

fn of_claim<'a>(
    range: Obj<'a>,
    object: Obj<'a>,
    spec: Option<NodeRef<'a>>,
    name: &str,
    facts: &mut Vec<Fact<OutOfRange>>,
) {
    let Some(requests) = spec.and_then(|spec| spec.path(&["resources", "requests"])) else { return };
    let what = format!("claim {name}");
    for item in limit_items(range, "PersistentVolumeClaim") {
        let requests_amounts = amounts(Some(requests));
        within(range, item, object, (&what, requests), (&requests_amounts, &Amounts::new()), facts);
    }
}

/// Compares with one item of a LimitRange (Kubernetes, `plugin/pkg/admission/limitranger`).
fn within<'a>(
    range: Obj<'a>,
    item: NodeRef<'a>,
    object: Obj<'a>,
    (what, place): (&str, NodeRef<'a>),
    (requests, limits): (&Amounts<'a>, &Amounts<'a>),
    facts: &mut Vec<Fact<OutOfRange>>,
) {
    let mut report = |resource: &str, how: How, list: &str| {
        let bound = item.get(list).and_then(|bounds| bounds.get(resource)).unwrap_or(item);
        let marks = vec![
            Mark::new(
                asked_node(place, resource, &how),
                format!("what {what} of {} asks for", object.title()),
            ),
            Mark::new(bound, format!("{list} of {resource} for each {}", kind_of(item))),
        ];
        let (resource, range) = (resource.to_owned(), range.name().to_owned());
        let violation = OutOfRange { what: what.to_owned(), resource, range, how };
        facts.push(Fact::violated(object.id, violation, marks));
    };
    for (resource, min) in amounts(item.get("min")) {
        if let Some(&found) = requests.get(resource).filter(|found| **found < min) {
            report(resource, How::Below { found, min }, "min");
        }
    }
    for (resource, max) in amounts(item.get("max")) {
        let above = |list: &Amounts<'a>| list.get(resource).copied().filter(|found| *found > max);
        if let Some(found) = above(limits) {
            report(resource, How::Above { of: "limit", found, max }, "max");
        } else if let Some(found) = above(requests) {
            report(resource, How::Above { of: "request", found, max }, "max");
        }
    }
    for (key, node) in item.get("maxLimitRequestRatio").into_iter().flat_map(NodeRef::entries) {
        let (Some(resource), Some(most)) = (key.text(), quantity(node)) else { continue };
        let (Some(&request), Some(&limit)) = (requests.get(resource), limits.get(resource)) else { continue };
        // limit / request > most, without rounding.
        let exceeds = limit.nanos().checked_mul(1_000_000_000).zip(request.nanos().checked_mul(most.nanos()));
        if exceeds.is_some_and(|(limit, allowed)| limit > allowed) {
            report(resource, How::Ratio { request, limit, most }, "maxLimitRequestRatio");
        }
    }
}

fn kind_of(item: NodeRef<'_>) -> &str {
    item.get("type").and_then(text).unwrap_or_default()
}

/// Where the amount is written, or else where it would be.
fn asked_node<'a>(place: NodeRef<'a>, resource: &str, how: &How) -> NodeRef<'a> {
    let lists: &[&str] = match how {
        How::Below { .. } | How::Above { of: "request", .. } => &["requests", "limits"],
        _ => &["limits", "requests"],
    };
    let written = lists.iter().find_map(|list| place.path(&[list, resource]));
    written.or_else(|| place.get(resource)).unwrap_or(place)
}

/// Whether every container says what the quotas of its namespace count.
pub struct Stated;

/// A container that a quota keeps from being admitted.
#[derive(Clone, Debug)]
pub struct Unstated {
    /// The container.
    pub container: String,
    /// The quota.
    pub quota: String,
    /// What it has to say, as the quota names it.
    pub resources: Vec<String>,
}

impl Analysis for Stated {
    type Violation = Unstated;

    fn run(world: &World<'_>) -> Vec<Fact<Unstated>> {
        let mut facts = Vec::new();
        for quota in world.of_kind(Kind::ResourceQuota) {
            let Some(hard) = quota.path(&["spec", "hard"]) else { continue };
            let defaults = world.defaults(quota.namespace());
            for workload in world.workloads.in_namespace(quota.namespace()) {
                let demand = defaults.pod(workload.pod);
                if super::quota::scopes::covers(quota, workload, &demand) {
                    facts.extend(stated(quota, hard, workload, defaults));
                }
            }
        }
        facts
    }
}

/// A quota for cpu or memory demands that each container states it (Kubernetes, `pkg/quota/v1/evaluator/core/pods.go`,
/// `Constraints`).
fn stated<'a>(
    quota: Obj<'a>,
    hard: NodeRef<'a>,
    workload: &Workload<'a>,
    defaults: &Defaults<'a>,
) -> Vec<Fact<Unstated>> {
    let counted: Vec<(NodeRef<'a>, &str)> = hard
        .entries()
        .filter_map(|(key, _)| Some((key, key.text()?)))
        .filter(|(_, name)| {
            let resource = name.strip_prefix("requests.").or(name.strip_prefix("limits.")).unwrap_or(name);
            matches!(resource, "cpu" | "memory")
        })
        .collect();
    let of_pod = |list: &str, resource: &str| workload.pod.0.path(&["resources", list, resource]).is_some();
    let mut facts = Vec::new();
    for container in workload.pod.containers() {
        let Asked { requests, limits, .. } = defaults.asked(container);
        let missing: Vec<&(NodeRef<'a>, &str)> = counted
            .iter()
            .filter(|(_, name)| match name.strip_prefix("limits.") {
                Some(resource) => !limits.contains_key(resource) && !of_pod("limits", resource),
                None => {
                    let resource = name.strip_prefix("requests.").unwrap_or(name);
                    !requests.contains_key(resource) && !of_pod("requests", resource)
                }
            })
            .collect();
        let Some((key, _)) = missing.first() else { continue };
        let marks = vec![
            Mark::new(container.node.get("resources").unwrap_or(container.node), "doesn't say"),
            Mark::new(*key, "so that this quota can't count it"),
        ];
        let violation = Unstated {
            container: container.name().to_owned(),
            quota: quota.name().to_owned(),
            resources: missing.iter().map(|(_, name)| (*name).to_owned()).collect(),
        };
        facts.push(Fact::violated(workload.object.id, violation, marks));
    }
    if facts.is_empty() {
        facts.push(Fact::holds(workload.object.id));
    }
    facts
}
