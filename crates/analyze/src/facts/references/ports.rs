//! References to ports by name or number.

use diag::ObjectRef;
use estate::{Kind, Obj, Selector, Workload, text};
use tree::NodeRef;

use super::Missing;
use crate::World;
use crate::fact::{Fact, Mark};

/// Every reference to a port: of Services to their pods, of Ingresses to Services, of probes to their containers.
/// Where nothing is selected at all, another analysis says so.
pub(super) fn facts(world: &World<'_>) -> Vec<Fact<Missing>> {
    let mut facts = Vec::new();
    world.of_kind(Kind::Service).for_each(|service| of_service(world, service, &mut facts));
    world.of_kind(Kind::Ingress).for_each(|ingress| of_ingress(world, ingress, &mut facts));
    world.workloads.iter().for_each(|workload| of_probes(workload, &mut facts));
    facts
}

/// Named target ports: a pod without a port of that name gets no traffic. Numbers need no declaration.
fn of_service(world: &World<'_>, service: Obj<'_>, facts: &mut Vec<Fact<Missing>>) {
    let Some(selector) = service.path(&["spec", "selector"]).map(Selector::of_map) else { return };
    if selector.is_empty() {
        return;
    }
    let selected = world.workloads.selected(service.namespace(), &selector);
    let Some(&first) = selected.first() else { return };
    for port in service.path(&["spec", "ports"]).into_iter().flat_map(NodeRef::items) {
        let Some(node) = port.get("targetPort") else { continue };
        let Some(name) = node.str() else { continue };
        let has = |index: &usize| world.workloads.get(*index).pod.ports().any(|port| port.name == name);
        if selected.iter().any(has) {
            facts.push(Fact::holds(service.id));
            continue;
        }
        let workload = world.workloads.get(first);
        let ports =
            workload.pod.ports().filter(|port| !port.name.is_empty()).map(|port| port.name.to_owned());
        let missing = Missing::Port {
            object: workload.object.reference(),
            port: name.to_owned(),
            ports: ports.collect(),
            field: "spec.ports.targetPort".to_owned(),
        };
        let place = workload.pod.ports().next().map_or(workload.pod.0, |port| port.node);
        let marks = vec![
            Mark::new(node, "asks for a port of this name"),
            Mark::new(place, format!("{} is selected and has no such port", workload.object.title())),
        ];
        facts.push(Fact::violated(service.id, missing, marks));
    }
}

fn of_ingress(world: &World<'_>, ingress: Obj<'_>, facts: &mut Vec<Fact<Missing>>) {
    let Some(spec) = ingress.node.get("spec") else { return };
    let paths = spec.get("rules").into_iter().flat_map(NodeRef::items);
    let paths = paths.filter_map(|rule| rule.path(&["http", "paths"])).flat_map(NodeRef::items);
    let backends = paths.filter_map(|path| path.get("backend")).chain(spec.get("defaultBackend"));
    for backend in backends.filter_map(|backend| backend.get("service")) {
        let Some(name) = backend.get("name").and_then(text) else { continue };
        let Some(service) = world.find(Kind::Service, ingress.namespace(), name) else { continue };
        if let Some(fact) = backend_port(ingress, backend, service) {
            facts.push(fact);
        }
    }
}

/// The port that stands for what an annotation says (AWS Load Balancer Controller, "Ingress annotations", actions).
const IN_ANNOTATION: &str = "use-annotation";

fn backend_port(ingress: Obj<'_>, backend: NodeRef<'_>, service: Obj<'_>) -> Option<Fact<Missing>> {
    let port = backend.get("port")?;
    let (field, node) = ["name", "number"].iter().find_map(|field| Some((*field, port.get(field)?)))?;
    let wanted = text(node)?;
    let ports = || service.path(&["spec", "ports"]).into_iter().flat_map(NodeRef::items);
    let of = if field == "name" { "name" } else { "port" };
    if wanted == IN_ANNOTATION || ports().any(|port| port.get(of).and_then(text) == Some(wanted)) {
        return Some(Fact::holds(ingress.id));
    }
    let missing = Missing::Port {
        object: service.reference(),
        port: wanted.to_owned(),
        ports: ports().filter_map(|port| Some(text(port.get(of)?)?.to_owned())).collect(),
        field: format!("spec.rules.backend.service.port.{field}"),
    };
    let place = service.path(&["spec", "ports"]).unwrap_or(service.node);
    let marks = vec![Mark::new(node, "asks for this port"), Mark::new(place, "which isn't among these")];
    Some(Fact::violated(ingress.id, missing, marks))
}

/// Probes and hooks that name a port of their own container.
fn of_probes(workload: &Workload<'_>, facts: &mut Vec<Fact<Missing>>) {
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    for container in workload.pod.containers() {
        for (probe, action) in
            probes.iter().flat_map(|probe| ["httpGet", "tcpSocket"].map(|action| (*probe, action)))
        {
            let Some(node) = container.node.path(&[probe, action, "port"]) else { continue };
            let Some(name) = node.str() else { continue };
            if container.ports().any(|port| port.name == name) {
                facts.push(Fact::holds(workload.object.id));
                continue;
            }
            let missing = Missing::Port {
                object: ObjectRef { kind: "container".into(), ..workload.object.reference() },
                port: name.to_owned(),
                ports: container
                    .ports()
                    .map(|port| port.name.to_owned())
                    .filter(|name| !name.is_empty())
                    .collect(),
                field: container.field(probe),
            };
            let marks = vec![
                Mark::new(node, "asks for a port of this name"),
                Mark::new(
                    container.node.get("ports").unwrap_or(container.node),
                    "the container has no such port",
                ),
            ];
            facts.push(Fact::violated(workload.object.id, missing, marks));
        }
    }
}
