//! Horizontal autoscalers and disruption budgets.

use std::collections::BTreeMap;

use blueprint::{Autoscale, Disruption, Form, Scope, Workload};
use tree::{Draft, Val};

use super::{Head, Object, count_or_share, int, match_labels, seconds, string};

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    for workload in &scope.workloads {
        if let Some(autoscale) = &workload.autoscale {
            objects.push(autoscaler(scope, workload, autoscale));
        }
        if let Some(disruption) = &workload.disruption {
            objects.push(budget(scope, workload, disruption));
        }
    }
}

fn autoscaler(scope: &Scope, workload: &Workload, autoscale: &Autoscale) -> Object {
    let origin = &autoscale.max.origin;
    let map = || Draft::map(origin.clone());
    let kind = if matches!(workload.form, Form::Stateful { .. }) { "StatefulSet" } else { "Deployment" };
    let target = map()
        .with("apiVersion", string("apps/v1", origin))
        .with("kind", string(kind, origin))
        .with("name", Draft::text(&workload.name));
    let goals = [("cpu", &autoscale.cpu), ("memory", &autoscale.memory)];
    let metrics = goals.into_iter().filter_map(|(name, goal)| Some((name, goal.as_ref()?)));
    let metrics =
        metrics.fold(Draft::list(origin.clone()), |metrics, (name, goal)| metrics.item(metric(name, goal)));
    let down = map().with("stabilizationWindowSeconds", seconds(&autoscale.down_after));
    let spec = map()
        .with("scaleTargetRef", target)
        .with("minReplicas", int(&autoscale.min))
        .with("maxReplicas", int(&autoscale.max))
        .with("metrics", metrics)
        .with("behavior", map().with("scaleDown", down));
    let head = Head {
        api: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        namespace: Some(&workload.namespace),
        name: &Val::new(workload.name.value.clone(), origin.clone()),
        part_of: &workload.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn metric(name: &str, goal: &Val<u32>) -> Draft {
    let map = || Draft::map(goal.origin.clone());
    let target =
        map().with("type", string("Utilization", &goal.origin)).with("averageUtilization", int(goal));
    let resource = map().with("name", string(name, &goal.origin)).with("target", target);
    map().with("type", string("Resource", &goal.origin)).with("resource", resource).keyed(name)
}

fn budget(scope: &Scope, workload: &Workload, disruption: &Disruption) -> Object {
    let (field, share) = match disruption {
        Disruption::MinAvailable(share) => ("minAvailable", share),
        Disruption::MaxUnavailable(share) => ("maxUnavailable", share),
    };
    let spec = Draft::map(share.origin.clone())
        .with(field, count_or_share(share))
        .with("selector", match_labels(&workload.selector, &share.origin))
        .with("unhealthyPodEvictionPolicy", string("AlwaysAllow", &share.origin));
    let head = Head {
        api: "policy/v1",
        kind: "PodDisruptionBudget",
        namespace: Some(&workload.namespace),
        name: &Val::new(workload.name.value.clone(), share.origin.clone()),
        part_of: &workload.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}
