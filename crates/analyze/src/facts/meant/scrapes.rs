//! Scrapes: what monitors select, what pods and Services say in annotations, what scrape jobs discover.

use std::collections::HashMap;

use estate::{Kind, Obj, Selector, Workload, text};
use reach::{Protocol, WorkloadId};
use tree::NodeRef;

use super::{End, Meant, ServicePort, Source};
use crate::World;
use crate::fact::Mark;
use crate::facts::network::Network;
use crate::relations::reachability::Assumed;

pub(super) fn collect<'a>(world: &World<'a>, network: &Network<'a>, meant: &mut Meant) {
    let scrapers = scrapers(network);
    let mut scrapes = Scrapes { world, network, scrapers, meant };
    scrapes.service_monitors();
    scrapes.pod_monitors();
    scrapes.annotations();
    for target in super::jobs::targets(world) {
        scrapes.pod(target.workload, target.port, &Mark::at(target.place, "the scrape is meant here"));
    }
}

/// What scrapes: stated by the intent, recognised in the files by its image, or unknown.
fn scrapers(network: &Network<'_>) -> Vec<WorkloadId> {
    const IMAGES: &[&str] =
        &["prom/prometheus", "prometheus/prometheus", "victoriametrics/vmagent", "grafana/agent"];
    let scrapes = |workload: &Workload<'_>| {
        workload.pod.containers().any(|container| {
            let image = container.node.get("image").and_then(text).unwrap_or_default();
            IMAGES.iter().any(|name| image.contains(name))
        })
    };
    network.of_role(|one| one.role == "monitoring", scrapes, Assumed::Monitoring)
}

struct Scrapes<'w, 'a, 'm> {
    world: &'w World<'a>,
    network: &'w Network<'a>,
    scrapers: Vec<WorkloadId>,
    meant: &'m mut Meant,
}

impl<'a> Scrapes<'_, 'a, '_> {
    fn service_monitors(&mut self) {
        let mut services: HashMap<&str, Vec<Obj<'a>>> = HashMap::new();
        for service in self.world.of_kind(Kind::Service) {
            services.entry(service.namespace()).or_default().push(service);
        }
        for monitor in self.world.of_kind(Kind::ServiceMonitor) {
            let Some(selector) = monitor.path(&["spec", "selector"]).map(Selector::of) else { continue };
            for namespace in namespaces(monitor) {
                let named = services.get(namespace).into_iter().flatten();
                for service in named.filter(|service| selector.matches(&service.labels())) {
                    self.endpoints(monitor, *service);
                }
            }
        }
    }

    fn endpoints(&mut self, monitor: Obj<'a>, service: Obj<'a>) {
        for endpoint in monitor.path(&["spec", "endpoints"]).into_iter().flat_map(NodeRef::items) {
            let Some(node) = endpoint.get("port") else { continue };
            let Some(name) = text(node) else { continue };
            let mark = Mark::new(node, "the scrape is meant here");
            for from in self.scrapers.clone() {
                let both = (self.world, self.network);
                self.meant.add_service(both, from, service, ServicePort::Name(name), Source::Scraped, &mark);
            }
        }
    }

    fn pod_monitors(&mut self) {
        for monitor in self.world.of_kind(Kind::PodMonitor) {
            let Some(selector) = monitor.path(&["spec", "selector"]).map(Selector::of) else { continue };
            let endpoints =
                || monitor.path(&["spec", "podMetricsEndpoints"]).into_iter().flat_map(NodeRef::items);
            for namespace in namespaces(monitor) {
                for index in self.world.workloads.selected(namespace, &selector) {
                    for node in endpoints().filter_map(|endpoint| endpoint.get("port")) {
                        let mut ports = self.world.workloads.get(index).pod.ports();
                        let Some(port) = ports.find(|port| Some(port.name) == node.text()) else { continue };
                        self.pod(index, port.number, &Mark::new(node, "the scrape is meant here"));
                    }
                }
            }
        }
    }

    /// `prometheus.io/scrape` and its like: a convention of many scrape configurations, not of Prometheus itself.
    fn annotations(&mut self) {
        for (index, workload) in self.world.workloads.iter().enumerate() {
            let wanted = workload.pod_annotation("prometheus.io/scrape").and_then(text) == Some("true");
            let Some(node) = workload.pod_annotation("prometheus.io/port").filter(|_| wanted) else {
                continue;
            };
            let Some(port) = text(node).and_then(|port| port.parse().ok()) else { continue };
            self.pod(index, port, &Mark::new(node, "the scrape is meant here"));
        }
    }

    fn pod(&mut self, index: usize, port: u16, mark: &Mark) {
        let to = End::Workload(self.network.workload(index));
        for &from in &self.scrapers {
            let from = End::Workload(from);
            if from != to {
                self.meant.add((from, to, Protocol::Tcp, port), Source::Scraped, mark.clone());
            }
        }
    }
}

/// The namespaces a monitor names, or its own. What it finds in any namespace is left to those it names.
fn namespaces(monitor: Obj<'_>) -> Vec<&str> {
    let names = monitor.path(&["spec", "namespaceSelector", "matchNames"]);
    let names: Vec<&str> = names.into_iter().flat_map(NodeRef::items).filter_map(text).collect();
    if names.is_empty() { vec![monitor.namespace()] } else { names }
}
