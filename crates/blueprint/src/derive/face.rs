//! How anything that is called is reached: who accepts, under which host and ports.

use std::collections::BTreeMap;

use ipnet::IpNet;
use model::kinds::{ComponentSpec, ExternalSpec, Keyed, Named, PortSpec};
use tree::{Origin, Val};

use super::text::{Text, default};
use crate::flow::{FlowPort, Party, Protocol};

/// The side of something that callers see.
pub(crate) struct Face {
    /// The definition object, such as `Store/dragonfly`.
    pub(crate) part_of: String,
    /// Who accepts connections.
    pub(crate) parties: Vec<Party>,
    /// Host name, where it has one.
    pub(crate) host: Option<Val<String>>,
    /// Ports, the one that is meant without a name first.
    pub(crate) ports: Vec<FacePort>,
}

/// A port that callers see.
#[derive(Clone)]
pub(crate) struct FacePort {
    /// Its name.
    pub(crate) name: String,
    /// The number that is called.
    pub(crate) offered: Val<u16>,
    /// The number the process listens on.
    pub(crate) listens: Val<u16>,
    /// Transport protocol.
    pub(crate) protocol: Protocol,
    /// Application protocol, where known.
    pub(crate) application: Option<Val<String>>,
}

impl FacePort {
    /// As the port of a flow.
    pub(crate) fn of_flow(&self) -> FlowPort {
        FlowPort { protocol: self.protocol, first: self.listens.clone(), last: self.listens.value }
    }
}

impl Face {
    /// The port of a name; the first one without a name.
    pub(crate) fn port(&self, name: Option<&str>) -> Option<&FacePort> {
        match name {
            Some(name) => self.ports.iter().find(|port| port.name == name),
            None => self.ports.first(),
        }
    }

    /// The address at one port: a URL where the application protocol has one, else host and port.
    pub(crate) fn url(&self, port: &FacePort) -> Option<Val<String>> {
        let host = self.host.as_ref()?;
        let scheme = port.application.as_ref().map(|name| name.value.as_str());
        let usual = match scheme {
            Some("https") => Some(443),
            Some("http") => Some(80),
            _ => None,
        };
        let begin = match scheme {
            Some(scheme @ ("http" | "https")) => Text::of(scheme).lit("://").val(host),
            _ => Text::from(host),
        };
        let whole = if usual == Some(port.offered.value) {
            begin
        } else {
            begin.lit(":").shown(&port.offered.value, &port.offered.origin)
        };
        Some(whole.done())
    }
}

/// The host name of a Service inside its cluster; plain inside Compose.
pub(crate) fn service_host(name: &Val<String>, namespace: &Val<String>, is_cluster: bool) -> Val<String> {
    if is_cluster { Text::from(name).lit(".").val(namespace).done() } else { name.clone() }
}

/// The transport protocol of a name; TCP where there is none.
pub(crate) fn protocol(name: Option<&Val<String>>) -> Protocol {
    match name.map(|name| name.value.to_ascii_uppercase()).as_deref() {
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}

/// Ports as their owner declared them. A name that begins with a protocol's says what is spoken.
pub(crate) fn ports(part_of: &str, declared: &Keyed<PortSpec>) -> Vec<FacePort> {
    let one = |(name, _, port): (&str, &Origin, &PortSpec)| {
        let listens = port.port.clone().map(|port| port.0);
        let offered = port.service.clone().map_or_else(|| listens.clone(), |port| port.map(|port| port.0));
        let guessed = ["https", "http", "grpc"].into_iter().find(|known| name.starts_with(known));
        let application = port.application.clone().or_else(|| {
            let reason = "The name of the port says what is spoken.";
            guessed
                .map(|known| default(part_of, &format!("ports.{name}.application"), known.to_owned(), reason))
        });
        FacePort {
            name: name.to_owned(),
            offered,
            listens,
            protocol: protocol(port.protocol.as_ref()),
            application,
        }
    };
    declared.iter().map(one).collect()
}

/// The face of a component: its Service in front of its pods.
pub(crate) fn of_component(component: &Named<ComponentSpec>, is_cluster: bool) -> Face {
    let part_of = super::here::part_of("Component", &component.name);
    let namespace = &component.spec.namespace;
    Face {
        parties: vec![workload(&namespace.value, &component.name.value)],
        host: Some(service_host(&component.name, namespace, is_cluster)),
        ports: ports(&part_of, &component.spec.ports),
        part_of,
    }
}

/// The face of something outside: its addresses, or every public one.
pub(crate) fn of_external(external: &Named<ExternalSpec>) -> Face {
    let part_of = super::here::part_of("External", &external.name);
    let given: Vec<IpNet> = external.spec.addresses.iter().map(|range| range.value.0).collect();
    let (ranges, except) = if given.is_empty() { public() } else { (given, Vec::new()) };
    let mut ports = ports(&part_of, &external.spec.ports);
    if ports.is_empty() {
        let number = default(&part_of, "ports", 443, "What lies outside is called over HTTPS.");
        let spoken =
            default(&part_of, "ports", "https".to_owned(), "What lies outside is called over HTTPS.");
        ports.push(FacePort {
            name: "https".to_owned(),
            offered: number.clone(),
            listens: number,
            protocol: Protocol::Tcp,
            application: Some(spoken),
        });
    }
    let host = external.spec.host.clone().map(|host| host.map(|name| name.0));
    let party = Party::Addresses { name: external.name.value.clone(), ranges, except };
    Face { part_of, parties: vec![party], host, ports }
}

/// A workload of this scope.
pub(crate) fn workload(namespace: &str, name: &str) -> Party {
    Party::Workload { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// Pods that others own.
pub(crate) fn pods(name: &str, namespace: &str, labels: &[(&str, &str)]) -> Party {
    let labels: BTreeMap<String, String> =
        labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Party::Pods { name: name.to_owned(), namespace: namespace.to_owned(), labels }
}

/// Every public IPv4 address: all but the ranges for private use (RFC 1918), shared address space (RFC 6598) and
/// link-local (RFC 3927, where clouds serve instance credentials).
pub(crate) fn public() -> (Vec<IpNet>, Vec<IpNet>) {
    let net =
        |a, b, prefix| ipnet::Ipv4Net::new(std::net::Ipv4Addr::new(a, b, 0, 0), prefix).ok().map(IpNet::V4);
    let all = net(0, 0, 0).into_iter().collect();
    let private = [(10, 0, 8), (100, 64, 10), (169, 254, 16), (172, 16, 12), (192, 168, 16)];
    (all, private.into_iter().filter_map(|(a, b, prefix)| net(a, b, prefix)).collect())
}
