//! Disruption budgets and how many pods they let go.

use estate::{Kind, Obj, Selector, Workload};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};
use crate::facts::scale::{Scale, portion};

/// Whether each budget lets at least one pod go.
pub struct Disruption;

/// Why no pod may be evicted.
#[derive(Clone, Debug)]
pub enum Blocked {
    /// All pods there are have to stay.
    AllStay {
        /// What is protected.
        workloads: Vec<String>,
        /// How many pods there are, at least.
        pods: u64,
        /// How many have to be healthy.
        healthy: u64,
        /// Whether the largest scale lets some go.
        only_at_least: bool,
    },
    /// Two budgets select the same pods: the eviction API refuses such pods.
    TwoBudgets {
        /// The other budget.
        other: String,
        /// The workload.
        workload: String,
    },
}

impl Analysis for Disruption {
    type Violation = Blocked;

    fn run(world: &World<'_>) -> Vec<Fact<Blocked>> {
        let budgets: Vec<_> = world.of_kind(Kind::PodDisruptionBudget).collect();
        let selected: Vec<_> = budgets.iter().map(|budget| selected(world, *budget)).collect();
        let mut facts = Vec::new();
        for (index, (budget, workloads)) in budgets.iter().zip(&selected).enumerate() {
            facts.push(lets_go(world, *budget, workloads));
            for (other, others) in budgets.iter().zip(&selected).take(index) {
                facts.extend(twice(world, (*budget, workloads), (*other, others)));
            }
        }
        facts
    }
}

/// Workloads whose pods a budget selects, as indexes. An empty selector selects all of the namespace (`policy/v1`).
fn selected(world: &World<'_>, budget: Obj<'_>) -> Vec<usize> {
    let Some(selector) = budget.path(&["spec", "selector"]) else { return Vec::new() };
    let found = world.workloads.selected(budget.namespace(), &Selector::of(selector));
    let counted = |index: &usize| {
        let object = world.workloads.get(*index).object;
        let evicted = !matches!(object.kind(), Kind::Job | Kind::CronJob);
        evicted && world.scales().get(object.id).is_some_and(|scale| scale.counted)
    };
    found.into_iter().filter(counted).collect()
}

fn lets_go(world: &World<'_>, budget: Obj<'_>, workloads: &[usize]) -> Fact<Blocked> {
    let protected: Vec<(&Workload<'_>, &Scale<'_>)> = workloads
        .iter()
        .filter_map(|index| {
            let workload = world.workloads.get(*index);
            Some((workload, world.scales().get(workload.object.id)?))
        })
        .collect();
    let least: u64 = protected.iter().map(|(_, scale)| scale.min).sum();
    let most: u64 = protected.iter().map(|(_, scale)| scale.max).sum();
    let (Some(limit), true) = (limit(budget), least > 0) else { return Fact::holds(budget.id) };
    let Some(healthy) = limit.healthy(least) else { return Fact::holds(budget.id) };
    if healthy < least {
        return Fact::holds(budget.id);
    }
    let only_at_least = limit.healthy(most).is_some_and(|healthy| healthy < most);
    let names = protected.iter().map(|(workload, _)| workload.object.title()).collect();
    let mut marks = vec![Mark::new(limit.node, format!("{healthy} of {least} have to stay"))];
    for (workload, scale) in &protected {
        let count = match scale.autoscaler {
            Some(autoscaler) => autoscaler.path(&["spec", "minReplicas"]).or(scale.node),
            None => scale.node,
        };
        let place = count.and_then(NodeRef::span).or_else(|| workload.object.name_span());
        let plural = if scale.min == 1 { "pod" } else { "pods" };
        marks.push(Mark::at(place, format!("{} {plural}", scale.min)));
    }
    Fact::violated(
        budget.id,
        Blocked::AllStay { workloads: names, pods: least, healthy, only_at_least },
        marks,
    )
}

/// What a budget limits.
struct Limit<'a> {
    node: NodeRef<'a>,
    is_least: bool,
}

impl Limit<'_> {
    /// How many of so many pods have to be healthy. Percentages of both fields are rounded up (Kubernetes,
    /// `pkg/controller/disruption`, `getExpectedPodCount`).
    fn healthy(&self, pods: u64) -> Option<u64> {
        let portion = portion(Some(self.node), pods, true)?;
        Some(if self.is_least { portion } else { pods.saturating_sub(portion) })
    }
}

fn limit(budget: Obj<'_>) -> Option<Limit<'_>> {
    let least = budget.path(&["spec", "minAvailable"]).map(|node| Limit { node, is_least: true });
    least.or_else(|| Some(Limit { node: budget.path(&["spec", "maxUnavailable"])?, is_least: false }))
}

fn twice(
    world: &World<'_>,
    (budget, workloads): (Obj<'_>, &[usize]),
    (other, others): (Obj<'_>, &[usize]),
) -> Option<Fact<Blocked>> {
    // One that is written twice is one; another analysis says so.
    if budget.namespace() != other.namespace() || budget.name() == other.name() {
        return None;
    }
    let both = workloads.iter().find(|index| others.contains(index))?;
    let workload = world.workloads.get(*both);
    let marks = vec![
        Mark::at(budget.path(&["spec", "selector"]).and_then(NodeRef::span), "selects them"),
        Mark::at(other.path(&["spec", "selector"]).and_then(NodeRef::span), "so does this"),
        Mark::new(workload.labels_node(), "the pods' labels"),
    ];
    let violation = Blocked::TwoBudgets { other: other.name().to_owned(), workload: workload.object.title() };
    Some(Fact::violated(budget.id, violation, marks))
}
