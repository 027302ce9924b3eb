//! Flows that are meant to work: said by the intent, or read off the manifests.

mod calls;
pub(crate) mod hosts;
mod jobs;
mod scrapes;

use std::collections::BTreeMap;

use estate::intent::{OutsideWorkload, Peer};
use estate::{Kind, Obj, Selector, text};
use reach::{IpRange, Protocol, WorkloadId};
use tree::NodeRef;

use super::network::Network;
use crate::World;
use crate::fact::Mark;
use crate::relations::reachability::Assumed;

/// How a flow is known to be meant, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The intent says so.
    Stated,
    /// A value of a workload names a Service.
    Called,
    /// An Ingress leads there.
    Exposed,
    /// A monitor, a scrape annotation or a scrape job leads there.
    Scraped,
    /// A webhook is served there.
    Webhook,
    /// Names are resolved there.
    Resolved,
    /// Long answers are asked for again there.
    ResolvedAgain,
    /// A file that a workload reads names a Service.
    Mentioned,
    /// The members of a set have a Service of their own.
    Member,
}

/// One end of a meant flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A workload.
    Workload(WorkloadId),
    /// Addresses outside.
    Addresses(IpRange),
}

/// Who, to whom, on which port.
pub type Way = (End, End, Protocol, u16);

/// All meant flows of a view.
#[derive(Debug, Default)]
pub struct Meant {
    /// Each way, with the surest source and where it is meant.
    pub flows: BTreeMap<Way, (Source, Vec<Mark>)>,
    /// What is meant but leads to something that isn't in the files: the caller, why, where.
    pub unknown: Vec<(WorkloadId, String, Mark)>,
}

impl Meant {
    /// Everything that is meant in a view.
    #[must_use]
    pub fn of<'a>(world: &World<'a>, network: &Network<'a>) -> Self {
        let mut meant = Self::default();
        calls::collect(world, network, &mut meant);
        meant.ingresses(world, network);
        scrapes::collect(world, network, &mut meant);
        meant.webhooks(world, network);
        // What was built here says everything that is meant.
        if !world.scope.closed {
            meant.members(world, network);
        }
        // Last, since the place that a person wrote is the better one to look at.
        meant.stated(world, network);
        meant
    }

    /// Remembers a flow; the same way may be meant in several places.
    pub(super) fn add(&mut self, way: Way, source: Source, mark: Mark) {
        let (surest, marks) = self.flows.entry(way).or_insert((source, Vec::new()));
        *surest = source.min(*surest);
        if !marks.contains(&mark) && marks.len() < 3 {
            marks.push(mark);
        }
    }

    /// Remembers a flow to a port of a Service: to every workload that it selects, on the port it has there.
    pub(super) fn add_service<'a>(
        &mut self,
        (world, network): (&World<'a>, &Network<'a>),
        from: WorkloadId,
        service: Obj<'a>,
        port: ServicePort<'_>,
        source: Source,
        mark: &Mark,
    ) {
        let Some(node) = service.path(&["spec", "selector"]) else { return };
        let selected = world.workloads.selected(service.namespace(), &Selector::of_map(node));
        for index in selected {
            let workload = world.workloads.get(index);
            let Some((protocol, number)) = pod_port(service, port, workload.pod) else { continue };
            let to = End::Workload(network.workload(index));
            // A workload that names its own Service tells others where it is found.
            if End::Workload(from) != to {
                self.add((End::Workload(from), to, protocol, number), source, mark.clone());
            }
        }
    }

    fn stated<'a>(&mut self, world: &World<'a>, network: &Network<'a>) {
        for flow in world.intent.iter().flat_map(|intent| &intent.flows) {
            let says = if flow.because.is_empty() {
                "the flow is meant here".to_owned()
            } else {
                format!("the flow is meant here, by {}", flow.because)
            };
            let mark = Mark::at(flow.span, says);
            for from in ends(world, network, &flow.from) {
                if let (Peer::Service { namespace, name }, End::Workload(from)) = (&flow.to, from) {
                    let Some(service) = world.find(Kind::Service, namespace, name) else { continue };
                    for port in &flow.ports {
                        let port = ServicePort::Number(port.first);
                        self.add_service((world, network), from, service, port, Source::Stated, &mark);
                    }
                    continue;
                }
                for to in ends(world, network, &flow.to) {
                    for port in &flow.ports {
                        let Some(protocol) = Protocol::parse(&port.protocol) else { continue };
                        // A range is asked for at both ends: policies open ranges as a whole.
                        self.add((from, to, protocol, port.first), Source::Stated, mark.clone());
                        self.add((from, to, protocol, port.last), Source::Stated, mark.clone());
                    }
                }
            }
        }
    }

    fn ingresses<'a>(&mut self, world: &World<'a>, network: &Network<'a>) {
        for ingress in world.of_kind(Kind::Ingress) {
            let class = ingress.text(&["spec", "ingressClassName"]);
            let class = class.or_else(|| ingress.annotation("kubernetes.io/ingress.class").and_then(text));
            let controllers = controllers(network, class);
            let Some(spec) = ingress.node.get("spec") else { continue };
            let rules = spec.get("rules").into_iter().flat_map(NodeRef::items);
            let paths = rules.filter_map(|rule| rule.path(&["http", "paths"])).flat_map(NodeRef::items);
            let backends = paths.filter_map(|path| path.get("backend")).chain(spec.get("defaultBackend"));
            for backend in backends.filter_map(|backend| backend.get("service")) {
                let Some(name) = backend.get("name").and_then(text) else { continue };
                let Some(service) = world.find(Kind::Service, ingress.namespace(), name) else { continue };
                let Some(port) = backend.get("port").and_then(ServicePort::of_backend) else { continue };
                let mark = Mark::new(backend, "requests are led here");
                for &from in &controllers {
                    self.add_service((world, network), from, service, port, Source::Exposed, &mark);
                }
            }
        }
    }

    fn webhooks<'a>(&mut self, world: &World<'a>, network: &Network<'a>) {
        let kinds = [Kind::ValidatingWebhookConfiguration, Kind::MutatingWebhookConfiguration];
        for configuration in kinds.into_iter().flat_map(|kind| world.of_kind(kind)) {
            for webhook in configuration.node.get("webhooks").into_iter().flat_map(NodeRef::items) {
                let Some(node) = webhook.path(&["clientConfig", "service"]) else { continue };
                let field = |key| node.get(key).and_then(text);
                let (Some(namespace), Some(name)) = (field("namespace"), field("name")) else { continue };
                let Some(service) = world.find(Kind::Service, namespace, name) else { continue };
                let port = node.get("port").and_then(NodeRef::int).unwrap_or(443);
                let port = ServicePort::Number(u16::try_from(port).unwrap_or(443));
                let mark = Mark::new(node, "the API server calls here");
                let servers = network.of_role(|one| one.role == "api-server", |_| false, Assumed::ApiServer);
                for from in servers {
                    self.add_service((world, network), from, service, port, Source::Webhook, &mark);
                }
            }
        }
    }

    /// Members of a set with a headless Service find each other by it; on which of its ports isn't said.
    fn members<'a>(&mut self, world: &World<'a>, network: &Network<'a>) {
        for (index, set) in world.workloads.iter().enumerate() {
            let object = set.object;
            let scale = world.scales().get(object.id);
            if object.kind() != Kind::StatefulSet || scale.is_none_or(|scale| scale.max < 2) {
                continue;
            }
            let Some(node) = object.path(&["spec", "serviceName"]) else { continue };
            let Some(service) = world.find(Kind::Service, object.namespace(), text(node).unwrap_or_default())
            else {
                continue;
            };
            let id = network.workload(index);
            let mark = Mark::new(node, "its members find each other by this Service");
            for port in service.path(&["spec", "ports"]).into_iter().flat_map(NodeRef::items) {
                let name = port.get("name").and_then(text).unwrap_or_default();
                let Some(number) = port.get("port").and_then(NodeRef::int) else { continue };
                let port = ServicePort::Number(u16::try_from(number).unwrap_or(0));
                let Some((protocol, number)) = pod_port(service, port, set.pod) else { continue };
                if !name.contains("metrics") && !name.contains("prometheus") {
                    let way = (End::Workload(id), End::Workload(id), protocol, number);
                    self.add(way, Source::Member, mark.clone());
                }
            }
        }
    }
}

/// A port as it is named in front of a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServicePort<'a> {
    Number(u16),
    Name(&'a str),
    /// The only one it has.
    Only,
}

impl<'a> ServicePort<'a> {
    fn of_backend(node: NodeRef<'a>) -> Option<Self> {
        if let Some(name) = node.get("name").and_then(text) {
            return Some(Self::Name(name));
        }
        node.get("number").and_then(NodeRef::int).and_then(|port| u16::try_from(port).ok()).map(Self::Number)
    }
}

/// The port of a pod behind a port of a Service. A headless Service translates nothing: clients dial the pod's port.
pub(super) fn pod_port(
    service: Obj<'_>,
    port: ServicePort<'_>,
    pod: estate::PodSpec<'_>,
) -> Option<(Protocol, u16)> {
    let mut ports = service.path(&["spec", "ports"]).into_iter().flat_map(NodeRef::items);
    let number = |node: NodeRef<'_>, key: &str| node.get(key)?.int().and_then(|n| u16::try_from(n).ok());
    let headless = service.text(&["spec", "clusterIP"]) == Some("None");
    let found = match port {
        ServicePort::Number(wanted) => {
            let found = ports.find(|node| number(*node, "port") == Some(wanted));
            if found.is_none() && headless {
                return Some((Protocol::Tcp, wanted));
            }
            found
        }
        ServicePort::Name(name) => ports.find(|node| node.get("name").and_then(text) == Some(name)),
        ServicePort::Only => ports.next().filter(|_| ports.next().is_none()),
    }?;
    let protocol = found.get("protocol").and_then(text).map_or(Some(Protocol::Tcp), Protocol::parse)?;
    let target = found.get("targetPort").filter(|target| !target.is_null());
    let own = number(found, "port")?;
    match target {
        None => Some((protocol, own)),
        Some(target) => match target.str() {
            Some(name) => {
                let port = pod.ports().find(|port| port.name == name)?;
                Some((protocol, port.number))
            }
            None => target.int().and_then(|n| u16::try_from(n).ok()).map(|number| (protocol, number)),
        },
    }
}

/// What serves an ingress class: stated by the intent, recognised in the files by its image, or unknown.
fn controllers(network: &Network<'_>, class: Option<&str>) -> Vec<WorkloadId> {
    let serves = |classes: &[String]| {
        classes.is_empty() || class.is_none_or(|class| classes.iter().any(|c| c == class))
    };
    let stated = |one: &OutsideWorkload| one.role == "ingress-controller" && serves(&one.ingress_classes);
    network.of_role(stated, is_controller, Assumed::IngressController)
}

fn is_controller(workload: &estate::Workload<'_>) -> bool {
    const IMAGES: &[&str] =
        &["ingress-nginx/controller", "nginx-ingress", "/traefik", "haproxy-ingress", "contour", "kong"];
    workload.pod.containers().any(|container| {
        let image = container.node.get("image").and_then(text).unwrap_or_default();
        IMAGES.iter().any(|name| image.contains(name)) || image.starts_with("traefik:")
    })
}

/// The ends that a peer of the intent stands for.
fn ends(world: &World<'_>, network: &Network<'_>, peer: &Peer) -> Vec<End> {
    let workloads = |found: Vec<WorkloadId>| found.into_iter().map(End::Workload).collect();
    match peer {
        Peer::Workload(reference) => workloads(network.find(reference).into_iter().collect()),
        Peer::Service { namespace, name } => {
            let service = world.find(Kind::Service, namespace, name);
            let selector =
                service.and_then(|service| service.path(&["spec", "selector"])).map(Selector::of_map);
            let selected = selector.map(|selector| world.workloads.selected(namespace, &selector));
            workloads(selected.into_iter().flatten().map(|index| network.workload(index)).collect())
        }
        Peer::Cidr(range) => {
            let range: Option<ipnet::IpNet> = range.parse().ok();
            range.map(|range| End::Addresses(IpRange::from(range))).into_iter().collect()
        }
        Peer::Dns => workloads(network.dns()),
    }
}
