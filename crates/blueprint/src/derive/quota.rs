//! Quotas that follow from the largest scale the definition allows.
//!
//! The sum over workloads of (most pods + surge) × (requests or limits of a pod), by the rule of effective requests:
//! containers and sidecars add up, one-off init containers count by the largest. Head-room on top: one core, one
//! GiB, and counts up to the next multiple of five.

use std::collections::BTreeMap;

use catalogue::quantity::Quantity;
use model::kinds::Limits;
use tree::{Origin, Val};

use super::text::derived;
use crate::scope::Scope;
use crate::workload::{Container, Form, Update, Workload};

const GIB: i64 = 1 << 30;

/// The quota of a namespace.
pub(crate) fn derived_of(
    scope: &Scope,
    namespace: &str,
    limits: Option<&Limits>,
) -> BTreeMap<String, Val<String>> {
    let here: Vec<&Workload> = scope.workloads.iter().filter(|one| one.namespace == namespace).collect();
    // What the pods of others ask for isn't known here; a quota without it would shut them out.
    let is_solver = |guest: &&crate::scope::Guest| guest.name.value == super::issuers::SOLVER_NAME;
    let shared =
        scope.guests.iter().filter(|guest| !is_solver(guest)).any(|guest| guest.namespace == namespace);
    if here.is_empty() || shared {
        return BTreeMap::new();
    }
    let mut quota = BTreeMap::new();
    for side in ["requests", "limits"] {
        for resource in ["cpu", "memory"] {
            let Some((sum, inputs)) = sum(scope, &here, side, resource, limits) else { continue };
            let text = if resource == "cpu" {
                Quantity::from_units(sum.units() + 1).to_string()
            } else {
                Quantity::from_bytes((sum.units() + 2 * GIB - 1) / GIB * GIB).to_string()
            };
            quota.insert(format!("{side}.{resource}"), derived("quota", text, inputs));
        }
    }
    for (name, count, inputs) in counts(scope, namespace, &here) {
        let roomy = (count + 5) / 5 * 5;
        quota.insert(name.to_owned(), derived("quota", roomy.to_string(), inputs));
    }
    quota
}

/// Most pods that a workload has at once, a rollout included.
pub(crate) fn most_pods(scope: &Scope, workload: &Workload) -> i64 {
    let most = workload.autoscale.as_ref().map_or(workload.replicas.value, |scaling| scaling.max.value);
    let most = i64::from(most);
    match &workload.form {
        Form::PerNode => scope.node_pools.iter().map(|pool| i64::from(pool.max.value)).sum::<i64>().max(1),
        Form::Scheduled { .. } | Form::Once { .. } => 1,
        Form::Stateful { .. } => most,
        Form::Replicated => most + surge(workload, most),
    }
}

/// Pods beyond the wanted number during a rollout; percentages are rounded up (Deployment controller).
fn surge(workload: &Workload, most: i64) -> i64 {
    let Update::Rolling { surge: Some(surge), .. } = &workload.update else { return 0 };
    match surge.value.strip_suffix('%') {
        Some(share) => (most * share.parse::<i64>().unwrap_or(0) + 99) / 100,
        None => surge.value.parse().unwrap_or(0),
    }
}

/// What all pods ask for of a resource; `None` where a container says nothing and no default does.
fn sum(
    scope: &Scope,
    workloads: &[&Workload],
    side: &str,
    resource: &str,
    limits: Option<&Limits>,
) -> Option<(Quantity, Vec<Origin>)> {
    let mut nanos: i128 = 0;
    let mut inputs = Vec::new();
    for workload in workloads {
        let of_pod = of_pod(workload, side, resource, limits, &mut inputs)?;
        nanos += of_pod * i128::from(most_pods(scope, workload));
        inputs.extend(workload.autoscale.as_ref().map(|scaling| scaling.max.origin.clone()));
    }
    let units = i64::try_from((nanos + 999_999_999) / 1_000_000_000).unwrap_or(i64::MAX);
    inputs.dedup();
    Some((Quantity::from_units(units), inputs))
}

fn of_pod(
    workload: &Workload,
    side: &str,
    resource: &str,
    limits: Option<&Limits>,
    inputs: &mut Vec<Origin>,
) -> Option<i128> {
    let (mut together, mut largest) = (0, 0);
    for container in &workload.containers {
        together += of_container(container, side, resource, limits, inputs)?;
    }
    for container in &workload.init {
        let amount = of_container(container, side, resource, limits, inputs)?;
        if container.sidecar {
            together += amount;
        } else {
            largest = largest.max(amount);
        }
    }
    Some(together.max(largest))
}

fn of_container(
    container: &Container,
    side: &str,
    resource: &str,
    limits: Option<&Limits>,
    inputs: &mut Vec<Origin>,
) -> Option<i128> {
    let own = &container.resources;
    let own = if side == "requests" {
        own.requests.get(resource).or(own.limits.get(resource))
    } else {
        own.limits.get(resource)
    };
    if let Some(own) = own {
        inputs.push(own.origin.clone());
        return Quantity::parse(own).ok().map(Quantity::nanos);
    }
    let general =
        limits.map(|limits| if side == "requests" { &limits.default_request } else { &limits.default });
    let general = general?.get(resource)?;
    inputs.push(general.origin.clone());
    Quantity::parse(&general.value.0).ok().map(Quantity::nanos)
}

fn counts(scope: &Scope, namespace: &str, workloads: &[&Workload]) -> Vec<(&'static str, i64, Vec<Origin>)> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let pods: i64 = workloads.iter().map(|one| most_pods(scope, one)).sum();
    let claims: i64 = workloads
        .iter()
        .map(|one| number(one.claims.len()) * most_pods(scope, one) + number(shared_claims(one)))
        .sum();
    let services = scope.services.iter().filter(|one| one.namespace == namespace);
    let secrets = scope.secrets.iter().filter(|one| one.namespace == namespace);
    let configs = scope.configs.iter().filter(|one| one.namespace == namespace);
    let of_workloads = || workloads.iter().map(|one| one.replicas.origin.clone()).collect::<Vec<_>>();
    // Each namespace has `kube-root-ca.crt` besides.
    vec![
        ("pods", pods, of_workloads()),
        ("persistentvolumeclaims", claims, of_workloads()),
        ("services", number(services.clone().count()), services.map(|one| one.name.origin.clone()).collect()),
        ("secrets", number(secrets.clone().count()), secrets.map(|one| one.name.origin.clone()).collect()),
        (
            "configmaps",
            number(configs.clone().count()) + 1,
            configs.map(|one| one.name.origin.clone()).collect(),
        ),
    ]
}

fn shared_claims(workload: &Workload) -> usize {
    let is_shared = |volume: &&crate::workload::PodVolume| {
        matches!(volume.source, crate::workload::VolumeSource::Shared(_))
    };
    workload.volumes.iter().filter(is_shared).count()
}
