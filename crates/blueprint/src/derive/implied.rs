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

/// Everything looks up names, over UDP and, for long answers, TCP.
fn names(here: &Here<'_>, out: &mut Out) {
    let (server, origin) = match here.addon("dns") {
        Some(found) => (addon::party(found), found.name.origin.clone()),
        None => {
            let reason = "The cluster's name service has this label in every distribution.";
            let origin = default("Addon/dns", "podLabels", (), reason).origin;
            (face::pods("dns", "kube-system", &[("k8s-app", "kube-dns")]), origin)
        }
    };
    for workload in &out.scope.workloads {
        out.scope.flows.push(Flow {
            from: face::workload(&workload.namespace, &workload.name.value),
            to: server.clone(),
            ports: [Protocol::Udp, Protocol::Tcp].map(|protocol| port(protocol, 53, &origin)).to_vec(),
            purpose: "names".to_owned(),
            origin: origin.clone(),
        });
    }
}

/// Who plays a part on the platform: a component, store or add-on of that name or module.
fn players(here: &Here<'_>, part: &str, out: &Out) -> Vec<Party> {
    let owner = |party_of: &str| party_of.rsplit('/').next().is_some_and(|name| name == part);
    let is_store = |part_of: &str| {
        let name = part_of.strip_prefix("Store/");
        let store = name.and_then(|name| here.resolved.stores.iter().find(|one| one.name.value == name));
        store.is_some_and(|store| store.spec.engine.value == part)
    };
    let plays = |part_of: &str| owner(part_of) || is_store(part_of);
    let own = out.scope.workloads.iter().filter(|workload| plays(&workload.part_of));
    let own = own.map(|workload| face::workload(&workload.namespace, &workload.name.value));
    own.chain(here.addon(part).map(addon::party)).collect()
}

fn scrapes(here: &Here<'_>, out: &mut Out) {
    let scrapers = players(here, "prometheus", out);
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
    let collectors: Vec<Party> = ["opentelemetry-collector", "otel-collector"]
        .iter()
        .flat_map(|name| players(here, name, out))
        .collect();
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
            ports: [443, 6443].map(|number| port(Protocol::Tcp, number, &workload.token.origin)).to_vec(),
            purpose: "the Kubernetes API".to_owned(),
            origin: workload.token.origin.clone(),
        });
    }
    out.scope.flows.extend(flows);
}

/// Where the API server answers: the target's own ranges, since its Service leads to an address of the nodes' network;
/// any address where the target declares no network.
fn api_server(here: &Here<'_>) -> Party {
    let network = here.resolved.target.spec.network.as_ref();
    let declared = network.map(|network| [&network.services, &network.nodes]);
    let mut ranges: Vec<IpNet> =
        declared.into_iter().flatten().flatten().map(|range| range.value.0).collect();
    if ranges.is_empty() {
        ranges = face::public().0;
    }
    Party::Addresses { name: "kubernetes-api".to_owned(), ranges, except: Vec::new() }
}
