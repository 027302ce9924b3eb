//! Fields that must agree with each other.

use catalogue::kubernetes::Version;
use diag::{Finding, Level};
use tree::{Origin, OriginKind};

use crate::kinds::{ComponentSpec, Keyed, Members, Named, PortSpec, Probe, Resolved, StoreSpec};
use crate::types::label_problem;

/// Checks what the fields of one document say together.
pub(crate) fn check(resolved: &Resolved, findings: &mut Vec<Finding>) {
    for (name, origin, _) in resolved.platform.spec.namespaces.iter() {
        label("a namespace", name, origin, findings);
    }
    for (name, origin, pool) in resolved.target.spec.node_pools.iter() {
        label("a node pool", name, origin, findings);
        if pool.min.value > pool.max.value {
            let message = format!("its fewest nodes ({}) are more than its most ({})", *pool.min, *pool.max);
            findings.push(contradiction(&message, &[&pool.min.origin, &pool.max.origin]));
        }
    }
    if let Some(version) = &resolved.target.spec.kubernetes
        && Version::parse(version).is_none()
    {
        let covered = Version::ALL.map(|version| version.to_string()).join(", ");
        let message = format!("`{}` is no version of Kubernetes that is covered: {covered}", **version);
        findings.push(contradiction(&message, &[&version.origin]));
    }
    label("a target", &resolved.target.name, &resolved.target.name.origin, findings);
    resolved.components.iter().for_each(|component| check_component(component, findings));
    resolved.stores.iter().for_each(|store| check_store(store, findings));
    resolved.externals.iter().for_each(|external| port_names(&external.spec.ports, findings));
}

fn check_component(component: &Named<ComponentSpec>, findings: &mut Vec<Finding>) {
    let spec = &component.spec;
    port_names(&spec.ports, findings);
    if let Some(scaling) = &spec.scaling {
        if scaling.min.value > scaling.max.value {
            let message =
                format!("its fewest pods ({}) are more than its most ({})", *scaling.min, *scaling.max);
            findings.push(contradiction(&message, &[&scaling.min.origin, &scaling.max.origin]));
        }
        if scaling.cpu.is_none() && scaling.memory.is_none() {
            findings.push(contradiction("nothing is named that it scales by", &[&scaling.max.origin]));
        }
    }
    for (name, _, request) in spec.resources.requests.iter() {
        if let Some(limit) = spec.resources.limits.get(name)
            && request.amount() > limit.amount()
        {
            let message =
                format!("the request of {name} ({}) is more than its limit ({})", request.0, limit.0);
            findings.push(contradiction(&message, &[&request.origin, &limit.origin]));
        }
    }
    if let Some(disruption) = &spec.disruption
        && let (Some(least), Some(most)) = (&disruption.min_available, &disruption.max_unavailable)
    {
        let message = "a disruption budget has either `minAvailable` or `maxUnavailable`";
        findings.push(contradiction(message, &[&least.origin, &most.origin]));
    }
    let is_job = spec.form.as_ref().is_some_and(|form| form.value == "job");
    if let (false, Some(schedule)) = (is_job, &spec.schedule) {
        findings.push(contradiction("only a component of `form: job` has a schedule", &[&schedule.origin]));
    }
    if let (true, None, Some(form)) = (is_job, &spec.schedule, &spec.form) {
        findings.push(contradiction("a component of `form: job` needs a `schedule`", &[&form.origin]));
    }
    for probe in [&spec.probes.liveness, &spec.probes.readiness, &spec.probes.startup].into_iter().flatten() {
        check_probe(probe, findings);
    }
    for (_, origin, secret) in spec.secrets.iter() {
        if secret.path.is_some() == secret.existing.is_some() {
            findings.push(contradiction("a secret has either a `path` or an `existing` Secret", &[origin]));
        }
    }
}

fn check_probe(probe: &Probe, findings: &mut Vec<Finding>) {
    let exec = probe.exec.first().map(|word| &word.origin);
    let named = [&probe.http, &probe.tcp, &probe.grpc].into_iter().flatten().map(|value| &value.origin);
    let ways: Vec<_> = named.chain(exec).collect();
    if ways.len() > 1 {
        findings.push(contradiction("a check has one of `http`, `tcp`, `grpc` and `exec`", &ways));
    }
}

fn check_store(store: &Named<StoreSpec>, findings: &mut Vec<Finding>) {
    for (_, _, members) in store.spec.members.iter() {
        let Members { count, per_shard, .. } = members;
        if let Some(per_shard) = per_shard
            && (per_shard.value == 0 || count.value % per_shard.value != 0)
        {
            let message = format!("{} members do not make whole shards of {}", **count, **per_shard);
            findings.push(contradiction(&message, &[&count.origin, &per_shard.origin]));
        }
    }
}

/// Names of ports are service names (RFC 6335, section 5.1): at most 15 characters, at least one letter.
fn port_names(ports: &Keyed<PortSpec>, findings: &mut Vec<Finding>) {
    for (name, origin, _) in ports.iter() {
        let problem = match label_problem(name) {
            Some(problem) => problem,
            None if name.len() > 15 => "is longer than 15 characters",
            None if !name.contains(|c: char| c.is_ascii_lowercase()) => "has no letter",
            None if name.contains("--") => "has two hyphens in a row",
            None => continue,
        };
        findings.push(contradiction(&format!("the name of a port, `{name}`, {problem}"), &[origin]));
    }
}

fn label(what: &str, name: &str, origin: &Origin, findings: &mut Vec<Finding>) {
    if let Some(problem) = label_problem(name) {
        findings.push(contradiction(&format!("the name of {what}, `{name}`, {problem}"), &[origin]));
    }
}

/// A finding about values that can't stand together; the first origin names it.
fn contradiction(problem: &str, origins: &[&Origin]) -> Finding {
    let path = origins.first().map_or_else(String::new, |origin| match origin.kind() {
        OriginKind::Written { field, .. } => field.to_string(),
        _ => String::new(),
    });
    let message = format!("{path}: {problem}");
    let finding = Finding::new("definition-value-invalid", Level::Error, message).about(path);
    let spans = origins.iter().flat_map(|origin| origin.spans());
    spans.fold(finding, |finding, span| finding.at(span, ""))
}
