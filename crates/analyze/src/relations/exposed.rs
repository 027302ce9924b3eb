//! What Services stand for: which ports of which workloads traffic for a Service, or for an Ingress, ends at.

use estate::{Estate, Kind, Obj, Selector, View, Workloads, text};
use reach::{PortRange, Protocol};
use tree::NodeRef;

/// A port of a workload behind a port of a Service.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The Service.
    pub service: Obj<'a>,
    /// Where the Service has the port.
    pub port: NodeRef<'a>,
    /// The position of the workload in [`Workloads::iter`].
    pub workload: usize,
    /// The pod's own port.
    pub on: PortRange,
}

/// A [`Target`] behind an Ingress.
#[derive(Clone, Copy, Debug)]
pub struct Exposed<'a> {
    /// The Ingress.
    pub ingress: Obj<'a>,
    /// Where it names the Service.
    pub backend: NodeRef<'a>,
    /// What traffic ends at.
    pub target: Target<'a>,
}

/// What the ports of a Service lead to: all of them, or the one that `wanted` is true for.
pub fn targets<'a>(
    service: Obj<'a>,
    workloads: &Workloads<'a>,
    wanted: impl Fn(NodeRef<'a>) -> bool,
) -> Vec<Target<'a>> {
    let selector = service.path(&["spec", "selector"]).map(Selector::of_map).unwrap_or_default();
    if selector.is_empty() || service.text(&["spec", "type"]) == Some("ExternalName") {
        return Vec::new();
    }
    let selected = workloads.selected(service.namespace(), &selector);
    let ports = service.path(&["spec", "ports"]).into_iter().flat_map(NodeRef::items);
    let mut targets = Vec::new();
    for port in ports.filter(|port| wanted(*port)) {
        let Some(protocol) = Protocol::parse(port.get("protocol").and_then(text).unwrap_or("TCP")) else {
            continue;
        };
        for &workload in &selected {
            let pod = workloads.get(workload).pod;
            let target = port.get("targetPort").filter(|node| !node.is_null()).or_else(|| port.get("port"));
            let numbers: Vec<u16> = match target.map(|node| (node.int(), node.str())) {
                Some((Some(number), _)) => u16::try_from(number).ok().into_iter().collect(),
                Some((None, Some(name))) => {
                    let same =
                        pod.ports().filter(|port| port.name == name && port.protocol == protocol.name());
                    same.map(|port| port.number).collect()
                }
                _ => Vec::new(),
            };
            let on = |number| PortRange { protocol, first: number, last: number };
            targets.extend(numbers.into_iter().map(|number| Target {
                service,
                port,
                workload,
                on: on(number),
            }));
        }
    }
    targets
}

/// Everything that the Ingresses of a view expose.
#[must_use]
pub fn exposed<'a>(estate: &'a Estate, view: &'a View, workloads: &Workloads<'a>) -> Vec<Exposed<'a>> {
    let mut all = Vec::new();
    for ingress in view.of_kind(estate, Kind::Ingress) {
        let Some(spec) = ingress.node.get("spec") else { continue };
        let paths = spec.get("rules").into_iter().flat_map(NodeRef::items);
        let paths = paths.filter_map(|rule| rule.path(&["http", "paths"])).flat_map(NodeRef::items);
        let backends = paths.filter_map(|path| path.get("backend")).chain(spec.get("defaultBackend"));
        for backend in backends.filter_map(|backend| backend.get("service")) {
            let name = backend.get("name").and_then(text).unwrap_or_default();
            let Some(service) = view.find(estate, Kind::Service, ingress.namespace(), name) else { continue };
            let wanted = |port: NodeRef<'_>| {
                let same = |of: &str, field: &str| {
                    let asked = backend.path(&["port", field]).and_then(text);
                    asked.is_some() && port.get(of).and_then(text) == asked
                };
                same("name", "name") || same("port", "number")
            };
            let targets = targets(service, workloads, wanted).into_iter();
            all.extend(targets.map(|target| Exposed { ingress, backend, target }));
        }
    }
    all
}
