//! Workloads: Deployments, StatefulSets, DaemonSets, CronJobs and Jobs.

use std::collections::BTreeMap;

use blueprint::{Form, Scope, Update, Workload};
use tree::{Draft, Val};

use super::pod::{claim_spec, shared_claims, template};
use super::{Head, Object, count_or_share, int, match_labels, seconds, some, string};

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    for workload in &scope.workloads {
        objects.extend(shared_claims(scope, workload));
        objects.push(object(scope, workload));
    }
}

fn object(scope: &Scope, workload: &Workload) -> Object {
    let (api, kind, spec) = match &workload.form {
        Form::Replicated => ("apps/v1", "Deployment", deployment(scope, workload)),
        Form::Stateful { service, parallel, start } => {
            let ordinals =
                start.as_ref().map(|start| Draft::map(start.origin.clone()).with("start", int(start)));
            let set = stateful_set(scope, workload, service, parallel).with_some("ordinals", ordinals);
            ("apps/v1", "StatefulSet", set)
        }
        Form::PerNode => ("apps/v1", "DaemonSet", daemon_set(scope, workload)),
        Form::Scheduled { .. } => ("batch/v1", "CronJob", cron_job(scope, workload)),
        Form::Once { deadline, retries } => {
            ("batch/v1", "Job", job(scope, workload, deadline.as_ref(), retries))
        }
    };
    let namespace = Some(workload.namespace.as_str());
    let head = Head { api, kind, namespace, name: &workload.name, part_of: &workload.part_of };
    let labels: BTreeMap<_, _> =
        workload.selector.iter().chain(&workload.pod_labels).map(|(k, v)| (k.clone(), v.clone())).collect();
    head.object(scope, &labels, |object| object.with("spec", spec))
}

/// With an autoscaler `replicas` is absent: it would reset the count on every application.
fn replicas(workload: &Workload) -> Option<Draft> {
    workload.autoscale.is_none().then(|| int(&workload.replicas))
}

fn deployment(scope: &Scope, workload: &Workload) -> Draft {
    let origin = &workload.origin;
    let strategy = match &workload.update {
        Update::Rolling { surge, unavailable } => {
            let rolling = Draft::map(origin.clone())
                .with_some("maxSurge", surge.as_ref().map(count_or_share))
                .with_some("maxUnavailable", unavailable.as_ref().map(count_or_share));
            Draft::map(origin.clone())
                .with("type", string("RollingUpdate", origin))
                .with_some("rollingUpdate", some(rolling))
        }
        Update::Recreate | Update::OnDelete => {
            Draft::map(origin.clone()).with("type", string("Recreate", origin))
        }
    };
    Draft::map(origin.clone())
        .with_some("replicas", replicas(workload))
        .with("selector", match_labels(&workload.selector, origin))
        .with("strategy", strategy)
        .with("template", template(scope, workload))
}

fn stateful_set(scope: &Scope, workload: &Workload, service: &Val<String>, parallel: &Val<bool>) -> Draft {
    let origin = &workload.origin;
    let management = if parallel.value { "Parallel" } else { "OrderedReady" };
    let retain = || string("Retain", origin);
    let retention = Draft::map(origin.clone()).with("whenDeleted", retain()).with("whenScaled", retain());
    let claims = workload.claims.iter().fold(Draft::list(origin.clone()), |list, claim| {
        let metadata = Draft::map(claim.name.origin.clone()).with("name", Draft::text(&claim.name));
        let draft =
            Draft::map(claim.name.origin.clone()).with("metadata", metadata).with("spec", claim_spec(claim));
        list.item(draft.keyed(claim.name.as_str()))
    });
    Draft::map(origin.clone())
        .with("serviceName", Draft::text(service))
        .with_some("replicas", replicas(workload))
        .with("podManagementPolicy", string(management, &parallel.origin))
        .with("updateStrategy", update_strategy(workload))
        .with("selector", match_labels(&workload.selector, origin))
        .with("template", template(scope, workload))
        .with_some("persistentVolumeClaimRetentionPolicy", some(claims.clone()).map(|_| retention))
        .with_some("volumeClaimTemplates", some(claims))
}

fn daemon_set(scope: &Scope, workload: &Workload) -> Draft {
    let origin = &workload.origin;
    Draft::map(origin.clone())
        .with("selector", match_labels(&workload.selector, origin))
        .with("updateStrategy", update_strategy(workload))
        .with("template", template(scope, workload))
}

/// How StatefulSets and DaemonSets replace pods. `maxUnavailable` of a StatefulSet is behind a feature gate and
/// left out.
fn update_strategy(workload: &Workload) -> Draft {
    let origin = &workload.origin;
    let draft = Draft::map(origin.clone());
    match (&workload.update, &workload.form) {
        (Update::OnDelete, _) => draft.with("type", string("OnDelete", origin)),
        (Update::Rolling { unavailable: Some(unavailable), .. }, Form::PerNode) => {
            let rolling = Draft::map(origin.clone()).with("maxUnavailable", count_or_share(unavailable));
            draft.with("type", string("RollingUpdate", origin)).with("rollingUpdate", rolling)
        }
        _ => draft.with("type", string("RollingUpdate", origin)),
    }
}

fn cron_job(scope: &Scope, workload: &Workload) -> Draft {
    let Form::Scheduled { schedule, zone, deadline, retries } = &workload.form else {
        return Draft::map(workload.origin.clone());
    };
    let origin = &workload.origin;
    let job = Draft::map(origin.clone()).with("spec", job(scope, workload, deadline.as_ref(), retries));
    Draft::map(origin.clone())
        .with("schedule", Draft::text(schedule))
        .with_some("timeZone", zone.as_ref().map(Draft::text))
        .with("concurrencyPolicy", string("Forbid", origin))
        .with("jobTemplate", job)
}

fn job(scope: &Scope, workload: &Workload, deadline: Option<&Val<u64>>, retries: &Val<u32>) -> Draft {
    Draft::map(workload.origin.clone())
        .with("backoffLimit", int(retries))
        .with_some("activeDeadlineSeconds", deadline.map(seconds))
        .with("template", template(scope, workload))
}
