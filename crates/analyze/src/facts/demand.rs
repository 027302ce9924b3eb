//! What a pod asks for, defaults applied: the figures that admission, quotas and the scheduler count with.

use std::collections::BTreeMap;

use catalogue::quantity::Quantity;
use estate::{Container, Kind, Obj, PodSpec, Role, text};
use tree::NodeRef;

use crate::World;

/// Amounts by resource name.
pub type Amounts<'a> = BTreeMap<&'a str, Quantity>;

/// What one pod asks for.
#[derive(Clone, Debug, Default)]
pub struct Demand<'a> {
    /// What the scheduler and quotas reserve.
    pub requests: Amounts<'a>,
    /// What it may use at most.
    pub limits: Amounts<'a>,
}

/// What one container asks for, defaults applied.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The container.
    pub container: Container<'a>,
    /// Its requests.
    pub requests: Amounts<'a>,
    /// Its limits.
    pub limits: Amounts<'a>,
}

/// The defaults of a namespace's LimitRanges, for containers.
#[derive(Clone, Debug, Default)]
pub struct Defaults<'a> {
    requests: Amounts<'a>,
    limits: Amounts<'a>,
}

/// A quantity, if the node is one.
#[must_use]
pub fn quantity(node: NodeRef<'_>) -> Option<Quantity> {
    Quantity::parse(text(node)?).ok()
}

/// The amounts in a mapping; what is no quantity is left to the schema.
#[must_use]
pub fn amounts(node: Option<NodeRef<'_>>) -> Amounts<'_> {
    let entries = node.into_iter().flat_map(NodeRef::entries);
    entries.filter_map(|(key, value)| Some((key.text()?, quantity(value)?))).collect()
}

/// The items of a LimitRange of a type, each with its node.
pub fn limit_items<'a>(range: Obj<'a>, of: &'static str) -> impl Iterator<Item = NodeRef<'a>> {
    let items = range.path(&["spec", "limits"]).into_iter().flat_map(NodeRef::items);
    items.filter(move |item| item.get("type").and_then(text) == Some(of))
}

impl<'a> Defaults<'a> {
    /// The defaults in a namespace. A limit that isn't given defaults to `max`; a request to the limit, else to `min`
    /// (Kubernetes, `pkg/apis/core/v1/defaults.go`, `SetDefaults_LimitRangeItem`).
    #[must_use]
    pub fn of(world: &World<'a>, namespace: &str) -> Self {
        let mut defaults = Self::default();
        let ranges = world.of_kind_in(Kind::LimitRange, namespace).into_iter();
        for item in ranges.flat_map(|range| limit_items(range, "Container")) {
            let mut limits = amounts(item.get("default"));
            for (resource, max) in amounts(item.get("max")) {
                limits.entry(resource).or_insert(max);
            }
            let mut requests = amounts(item.get("defaultRequest"));
            for (&resource, &limit) in &limits {
                requests.entry(resource).or_insert(limit);
            }
            for (resource, min) in amounts(item.get("min")) {
                requests.entry(resource).or_insert(min);
            }
            defaults.requests.extend(requests);
            defaults.limits.extend(limits);
        }
        defaults
    }

    /// What a container asks for. A request that isn't given is the limit where that is given (API defaulting, before
    /// any LimitRange), else the LimitRange's default.
    #[must_use]
    pub fn asked(&self, container: Container<'a>) -> Asked<'a> {
        let mut limits = amounts(container.node.path(&["resources", "limits"]));
        let mut requests = amounts(container.node.path(&["resources", "requests"]));
        for (&resource, &limit) in &limits {
            requests.entry(resource).or_insert(limit);
        }
        for (&resource, &default) in &self.limits {
            limits.entry(resource).or_insert(default);
        }
        for (&resource, &default) in &self.requests {
            requests.entry(resource).or_insert(default);
        }
        Asked { container, requests, limits }
    }

    /// What a pod asks for: the larger of what its containers and sidecars ask for together, and what any init
    /// container asks for beside the sidecars that started before it; the overhead on top (Kubernetes
    /// documentation, "Sidecar Containers", "Resource sharing within containers"). Resources of the pod itself
    /// replace the sum.
    #[must_use]
    pub fn pod(&self, pod: PodSpec<'a>) -> Demand<'a> {
        let asked: Vec<Asked<'a>> = pod.containers().map(|container| self.asked(container)).collect();
        let mut demand = Demand {
            requests: effective(&asked, |asked| &asked.requests),
            limits: effective(&asked, |asked| &asked.limits),
        };
        demand.requests.extend(amounts(pod.0.path(&["resources", "requests"])));
        demand.limits.extend(amounts(pod.0.path(&["resources", "limits"])));
        for (resource, overhead) in amounts(pod.0.get("overhead")) {
            add(&mut demand.requests, resource, overhead);
            if let Some(limit) = demand.limits.get_mut(resource) {
                *limit = *limit + overhead;
            }
        }
        demand
    }
}

fn effective<'a>(asked: &[Asked<'a>], list: for<'b> fn(&'b Asked<'a>) -> &'b Amounts<'a>) -> Amounts<'a> {
    let (mut running, mut sidecars, mut starting) = (Amounts::new(), Amounts::new(), Amounts::new());
    for asked in asked {
        match asked.container.role {
            Role::Main => {
                list(asked).iter().for_each(|(resource, amount)| add(&mut running, resource, *amount));
            }
            Role::Sidecar => {
                list(asked).iter().for_each(|(resource, amount)| add(&mut sidecars, resource, *amount));
            }
            Role::Init => {
                for (&resource, &amount) in list(asked) {
                    let beside = sidecars.get(resource).copied().unwrap_or(Quantity::ZERO);
                    raise(&mut starting, resource, beside + amount);
                }
            }
            Role::Ephemeral => {}
        }
        // A sidecar runs beside the init containers after it.
        for (&resource, &amount) in &sidecars {
            raise(&mut starting, resource, amount);
        }
    }
    for (resource, amount) in sidecars {
        add(&mut running, resource, amount);
    }
    for (resource, amount) in starting {
        raise(&mut running, resource, amount);
    }
    running
}

/// Adds to an amount.
pub fn add<'a>(amounts: &mut Amounts<'a>, resource: &'a str, amount: Quantity) {
    let sum = amounts.entry(resource).or_insert(Quantity::ZERO);
    *sum = *sum + amount;
}

fn raise<'a>(amounts: &mut Amounts<'a>, resource: &'a str, amount: Quantity) {
    let most = amounts.entry(resource).or_insert(amount);
    *most = (*most).max(amount);
}

/// A number of pods times an amount.
#[must_use]
pub fn times(amount: Quantity, n: u64) -> Quantity {
    amount * i64::try_from(n).unwrap_or(i64::MAX)
}
