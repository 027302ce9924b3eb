//! Flows nobody writes down: names, scrapes, traces, the Kubernetes API.

use ipnet::IpNet;
use tree::{Origin, Val};

use super::addon;
use super::face::{self, FacePort};
use super::here::{Here, Out, part_of};
use super::text::default;
use crate::flow::{Flow, FlowPort, Party, Protocol};

/// Adds every implied flow, when all workloads are there.
pub(crate) fn flows(here: &Here<'_>, out: &mut Out) {
    if !here.is_cluster() {
        return;
    }
    names(here, out);
    scrapes(here, out);
    traces(here, out);
    kubernetes_api(here, out);
}

fn port(protocol: Protocol, number: u16, origin: &Origin) -> FlowPort {
    FlowPort { protocol, first: Val::new(number, origin.clone()), last: number }
}

/// Ports of the Kubernetes API: of its Service, and of its servers (kubeadm's default).
pub(crate) const API_PORTS: [u16; 2] = [443, 6443];

/// Everything looks up names, over UDP and, for long answers, TCP.
fn names(here: &Here<'_>, out: &mut Out) {
    for workload in &out.scope.workloads {
        let from = face::workload(&workload.namespace, &workload.name.value);
        out.scope.flows.push(names_of(here, from));
    }
}

/// The flow by which somebody looks up names.
pub(crate) fn names_of(here: &Here<'_>, from: Party) -> Flow {
    let (to, origin) = match here.addon("dns") {
        Some(found) => (addon::party(here, found), found.name.origin.clone()),
        None => {
            let reason = "The cluster's name service has this label in every distribution.";
            let origin = default("Addon/dns", "podLabels", (), reason).origin;
            (face::pods("dns", "kube-system", &[("k8s-app", "kube-dns")]), origin)
        }
    };
    let ports = [Protocol::Udp, Protocol::Tcp].map(|protocol| port(protocol, 53, &origin)).to_vec();
    Flow { from, to, ports, purpose: "names".to_owned(), origin }
}

/// Who plays a part on the platform: a component or add-on of that name.
fn players(here: &Here<'_>, part: &str) -> Vec<Party> {
    let own = here.resolved.components.iter().filter(|component| component.name.value == part);
    let own = own.map(|component| face::workload(&component.spec.namespace.value, &component.name.value));
    own.chain(here.addon(part).map(|found| addon::party(here, found))).collect()
}

/// Who reads metrics.
pub(crate) fn scrapers(here: &Here<'_>) -> Vec<Party> {
    players(here, "prometheus")
}

fn scrapes(here: &Here<'_>, out: &mut Out) {
    let scrapers = scrapers(here);
    let mut flows = Vec::new();
    for component in &here.resolved.components {
        let Some(metrics) = &component.spec.metrics else { continue };
        let by = part_of("Component", &component.name);
        let declared = face::ports(&by, &component.spec.ports);
        let Some(port) = declared.iter().find(|port| port.name == metrics.port.value) else {
            continue;
        };
        let target = face::workload(&component.spec.namespace.value, &component.name.value);
        flows.extend(scrape(&scrapers, &target, port, &metrics.port.origin));
    }
    out.scope.flows.extend(flows);
}

/// A scrape of one port by everyone who scrapes.
pub(crate) fn scrape(scrapers: &[Party], target: &Party, port: &FacePort, origin: &Origin) -> Vec<Flow> {
    let others = scrapers.iter().filter(|scraper| *scraper != target);
    let flow = |scraper: &Party| Flow {
        from: scraper.clone(),
        to: target.clone(),
        ports: vec![port.of_flow()],
        purpose: "metrics".to_owned(),
        origin: origin.clone(),
    };
    others.map(flow).collect()
}

/// Components that say so send traces to the collector, over OTLP: gRPC on 4317, HTTP on 4318 (OTLP specification 1.7,
/// default ports).
fn traces(here: &Here<'_>, out: &mut Out) {
    let collectors: Vec<Party> =
        ["opentelemetry-collector", "otel-collector"].iter().flat_map(|name| players(here, name)).collect();
    for component in &here.resolved.components {
        let Some(traces) = component.spec.traces.as_ref().filter(|traces| traces.value) else { continue };
        for collector in &collectors {
            out.scope.flows.push(Flow {
                from: face::workload(&component.spec.namespace.value, &component.name.value),
                to: collector.clone(),
                ports: [4317, 4318].map(|number| port(Protocol::Tcp, number, &traces.origin)).to_vec(),
                purpose: "traces".to_owned(),
                origin: traces.origin.clone(),
            });
        }
    }
}

/// Workloads with something to do at the Kubernetes API reach it.
fn kubernetes_api(here: &Here<'_>, out: &mut Out) {
    let mut flows = Vec::new();
    for workload in out.scope.workloads.iter().filter(|workload| workload.token.value) {
        flows.push(Flow {
            from: face::workload(&workload.namespace, &workload.name.value),
            to: api_server(here),
            ports: API_PORTS.map(|number| port(Protocol::Tcp, number, &workload.token.origin)).to_vec(),
            purpose: "the Kubernetes API".to_owned(),
            origin: workload.token.origin.clone(),
        });
    }
    out.scope.flows.extend(flows);
}

/// Where the API server answers: the target's own ranges, since its Service leads to an address of the nodes' network;
/// any address where the target declares no network.
pub(crate) fn api_server(here: &Here<'_>) -> Party {
    let network = here.resolved.target.spec.network.as_ref();
    let declared = network.map(|network| [&network.services, &network.nodes]);
    let mut ranges: Vec<IpNet> =
        declared.into_iter().flatten().flatten().map(|range| range.value.0).collect();
    if ranges.is_empty() {
        ranges = face::public().0;
    }
    Party::Addresses { name: "kubernetes-api".to_owned(), ranges, except: Vec::new() }
}
