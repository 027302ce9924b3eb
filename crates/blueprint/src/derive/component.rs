//! A component becomes a workload, with its identity, configuration, Service and routes.

use std::collections::BTreeMap;

use model::kinds::{ComponentSpec, Named};
use model::types::Share;
use tree::Val;

use super::calls;
use super::facts::Facts;
use super::here::{Here, Out, part_of};
use super::say::{self, rule};
use super::text::{Text, default, derived, seconds};
use super::{config, container, face, placement, rbac, route, secrets, volumes};
use crate::scope::{Service, ServiceForm, ServicePort};
use crate::workload::{Autoscale, Disruption, Form, Update, Workload};

/// The label that selects a workload's pods.
pub(crate) const NAME_LABEL: &str = "app.kubernetes.io/name";

/// Derives everything that one component needs.
pub(crate) fn component(here: &Here<'_>, component: &Named<ComponentSpec>, facts: &Facts, out: &mut Out) {
    let by = part_of("Component", &component.name);
    let runtime = &component.spec.runtime;
    if runtime.value != "image" && !here.modules.runtimes.contains_key(&runtime.value) {
        let known = here.modules.runtimes.keys().map(String::as_str).chain(["image"]);
        out.say(say::unknown("runtime", runtime, &by, known));
    }
    let called = calls::calls(here, component, out);
    let secrets = secrets::of_component(here, component, &called, out);
    let facts = facts.of_component(component, &called, &secrets);
    let settings = config::of_component(component, &called, &facts, out);
    let volumes = volumes::of_component(here, component, &called, &secrets, &settings);
    let (form, update) = form(here, component);
    let main = container::container(here, component, &called, &secrets, &settings, &volumes, &facts, out);
    let identity = rbac::of_component(component, out);
    let workload = Workload {
        namespace: component.spec.namespace.value.clone(),
        name: component.name.clone(),
        part_of: by.clone(),
        origin: component.name.origin.clone(),
        form,
        selector: BTreeMap::from([(NAME_LABEL.to_owned(), component.name.clone())]),
        pod_labels: BTreeMap::new(),
        pod_annotations: BTreeMap::new(),
        replicas: replicas(component),
        autoscale: autoscale(component, out),
        disruption: disruption(component),
        update,
        init: Vec::new(),
        containers: vec![main],
        volumes: volumes.pod,
        claims: volumes.claims,
        identity: identity.name,
        token: identity.token,
        user: Some(container::user(here, component)),
        group: Some(container::group(here, component)),
        fs_group: Some(container::fs_group(here, component)),
        host_network: None,
        termination: termination(component),
        priority: component.spec.priority.clone(),
        placement: placement::placement(here, &by, &component.spec.placement),
        pull_secrets: secrets::pull_secrets(here, component, out),
        restarts_on: settings.configs.iter().map(|config| config.name.value.clone()).collect(),
    };
    services(component, &workload, out);
    out.scope.configs.extend(settings.configs);
    out.scope.workloads.push(workload);
    route::of_component(here, component, out);
}

/// Number of pods when nothing scales them.
pub(crate) fn replicas(component: &Named<ComponentSpec>) -> Val<u32> {
    let by = part_of("Component", &component.name);
    let least = || scaling(component).map(|scaling| scaling.min.clone());
    component
        .spec
        .replicas
        .clone()
        .or_else(least)
        .unwrap_or_else(|| default(&by, "replicas", 1, "One pod, where nothing says how many."))
}

fn scaling(component: &Named<ComponentSpec>) -> Option<&model::kinds::Scaling> {
    let scaling = component.spec.scaling.as_ref()?;
    scaling.enabled.as_ref().is_none_or(|enabled| enabled.value).then_some(scaling)
}

/// The fewest pods that intent allows.
pub(crate) fn fewest(component: &Named<ComponentSpec>) -> Val<u32> {
    scaling(component).map_or_else(|| replicas(component), |scaling| scaling.min.clone())
}

fn autoscale(component: &Named<ComponentSpec>, out: &mut Out) -> Option<Autoscale> {
    let by = part_of("Component", &component.name);
    let scaling = scaling(component)?;
    let share = |share: &Val<model::types::Percent>| share.clone().map(|percent| percent.0 / 1000);
    let (cpu, memory) = (scaling.cpu.as_ref().map(share), scaling.memory.as_ref().map(share));
    for (resource, target) in [("cpu", &cpu), ("memory", &memory)] {
        if let (Some(target), None) = (target, component.spec.resources.requests.get(resource)) {
            let message =
                format!("{by} scales on {resource} but requests none: its use has no hundred per cent");
            let help = format!("Give `resources.requests.{resource}`.");
            out.say(say::error(rule::MISSING, message, &target.origin, &help));
        }
    }
    Some(Autoscale {
        min: scaling.min.clone(),
        max: scaling.max.clone(),
        cpu,
        memory,
        down_after: scaling.down_after.clone().map(|time| time.map(seconds)).unwrap_or_else(|| {
            default(&by, "scaling.downAfter", 300, "Kubernetes' own default: five minutes of lower need.")
        }),
    })
}

/// A share as Kubernetes writes it.
fn shown(share: &Val<Share>) -> Val<String> {
    share.clone().map(|share| match share {
        Share::Count(count) => count.to_string(),
        Share::Percent(percent) => format!("{percent}%"),
    })
}

fn disruption(component: &Named<ComponentSpec>) -> Option<Disruption> {
    let by = part_of("Component", &component.name);
    if matches!(component.spec.form.as_ref().map(|form| form.value.as_str()), Some("job" | "agent")) {
        return None;
    }
    if let Some(given) = &component.spec.disruption {
        if given.enabled.as_ref().is_some_and(|enabled| !enabled.value) {
            return None;
        }
        if let Some(least) = &given.min_available {
            return Some(Disruption::MinAvailable(shown(least)));
        }
        if let Some(most) = &given.max_unavailable {
            return Some(Disruption::MaxUnavailable(shown(most)));
        }
    }
    let several = fewest(component).value > 1;
    let reason = "Nodes are drained one pod at a time where there is more than one.";
    several.then(|| {
        Disruption::MaxUnavailable(default(&by, "disruption.maxUnavailable", "1".to_owned(), reason))
    })
}

fn form(here: &Here<'_>, component: &Named<ComponentSpec>) -> (Form, Update) {
    let by = part_of("Component", &component.name);
    let one = |reason| default(&by, "replicas", "1".to_owned(), reason);
    match component.spec.form.as_ref().map(|form| form.value.as_str()) {
        Some("agent") => {
            let unavailable = Some(one("Nodes get the new version one after the other."));
            (Form::PerNode, Update::Rolling { surge: None, unavailable })
        }
        Some("job") => (scheduled(component), Update::Recreate),
        _ if volumes::keeps_volumes(component) => {
            let service = volumes::members_service(component);
            let reason = "Pods with volumes of their own come one after the other.";
            let parallel = default(&by, "form", false, reason);
            (
                Form::Stateful { service, parallel, start: None },
                Update::Rolling { surge: None, unavailable: None },
            )
        }
        _ if volumes::shares_single_writer(component) => (Form::Replicated, Update::Recreate),
        _ => (Form::Replicated, rolling(here, component)),
    }
}

/// A rollout that can be scheduled: one pod more where there is room for it, else one fewer. With a node for each pod
/// (`placement.nodes: require`) there is room only if the pool has a node to spare.
fn rolling(here: &Here<'_>, component: &Named<ComponentSpec>) -> Update {
    let by = part_of("Component", &component.name);
    let most = scaling(component).map_or_else(|| replicas(component), |scaling| scaling.max.clone());
    let required = component.spec.placement.nodes.as_ref().filter(|nodes| nodes.value == "require");
    let room = placement::nodes(here, &component.spec.placement);
    let full = required.is_some() && room.as_ref().is_none_or(|nodes| nodes.value <= most.value);
    let inputs = || {
        let nodes = required.map(|nodes| nodes.origin.clone());
        let room = room.as_ref().map(|room| room.origin.clone());
        nodes.into_iter().chain(room).chain([most.origin.clone()])
    };
    if full {
        let text = |value: &str| Some(derived("rollout", value.to_owned(), inputs()));
        return Update::Rolling { surge: text("0"), unavailable: text("1") };
    }
    let reason = "A new pod is ready before an old one goes.";
    let text = |path: &str, value: &str| Some(default(&by, path, value.to_owned(), reason));
    let surge = if most.value > 4 { "25%" } else { "1" };
    Update::Rolling { surge: text("update.surge", surge), unavailable: text("update.unavailable", "0") }
}

fn scheduled(component: &Named<ComponentSpec>) -> Form {
    let by = part_of("Component", &component.name);
    let hourly = || default(&by, "schedule", "0 * * * *".to_owned(), "Hourly, where no schedule is given.");
    Form::Scheduled {
        schedule: component.spec.schedule.clone().map_or_else(hourly, |cron| cron.map(|cron| cron.0)),
        zone: None,
        deadline: component.spec.deadline.clone().map(|time| time.map(seconds)),
        retries: default(&by, "retries", 2, "A passing fault must not cost a run."),
    }
}

/// The whole time between the order to stop and the kill: the wait for endpoints to move and the time to finish.
fn termination(component: &Named<ComponentSpec>) -> Val<u64> {
    let by = part_of("Component", &component.name);
    let reason = "Kubernetes' own default for finishing.";
    let finish = component.spec.termination.clone().map(|time| time.map(seconds));
    let finish = finish.unwrap_or_else(|| default(&by, "termination", 30, reason));
    match container::drain(component) {
        Some(drain) => {
            let whole = finish.value + drain.value;
            derived("terminationGracePeriodSeconds", whole, [drain.origin, finish.origin])
        }
        None => finish,
    }
}

fn services(component: &Named<ComponentSpec>, workload: &Workload, out: &mut Out) {
    let by = part_of("Component", &component.name);
    let ports: Vec<ServicePort> = face::ports(&by, &component.spec.ports)
        .into_iter()
        .map(|port| {
            let origin = component.spec.ports.0.get(&port.name).map(|item| item.origin.clone());
            let name = Val::new(port.name, origin.unwrap_or_else(|| component.name.origin.clone()));
            ServicePort {
                target: name.clone(),
                name,
                port: port.offered,
                protocol: port.protocol,
                application: port.application,
            }
        })
        .collect();
    let service = |name: Val<String>, form: ServiceForm, ports: Vec<ServicePort>| Service {
        part_of: by.clone(),
        namespace: workload.namespace.clone(),
        name,
        form,
        selector: workload.selector.clone(),
        ports,
    };
    if let Form::Stateful { service: name, .. } = &workload.form {
        let form = ServiceForm::Headless { early: false };
        out.scope.services.push(service(name.clone(), form, ports.clone()));
    }
    if !ports.is_empty() {
        out.scope.services.push(service(component.name.clone(), ServiceForm::Balanced, ports));
    }
}

/// A suffix behind a component's name.
pub(crate) fn suffixed(component: &Named<ComponentSpec>, suffix: &str) -> Val<String> {
    Text::from(&component.name).lit(suffix).done()
}
