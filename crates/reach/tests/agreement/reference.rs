//! One packet at a time, read off the text of the NetworkPolicy v1 API reference. It shares the input types with
//! the engine and nothing else; it is slow and plain on purpose.

use reach::{
    Cluster, Direction, Labels, NamespaceId, Operator, Peer, Policy, Port, PortName, Protocol, Rule,
    Selector, Types,
};
use std::net::IpAddr;

/// Where a packet comes from or goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Pod(usize),
    Address(IpAddr),
}

/// In order, so that "and" is the lesser and "or" the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    No,
    Maybe,
    Yes,
}

use Answer::{Maybe, No, Yes};

/// Whether a packet from `source` to a port of `destination` passes.
pub fn packet(cluster: &Cluster, source: End, destination: End, protocol: Protocol, port: u16) -> Answer {
    if let (End::Pod(a), End::Pod(b)) = (source, destination)
        && a == b
        && !cluster.workloads[a].replicated
    {
        return Yes;
    }
    let packet = Packet { cluster, source, destination, protocol, port };
    let mut answer = Yes;
    if let End::Pod(pod) = source {
        answer = answer.min(packet.passes(pod, Direction::Egress));
    }
    if let End::Pod(pod) = destination {
        answer = answer.min(packet.passes(pod, Direction::Ingress));
    }
    answer
}

struct Packet<'a> {
    cluster: &'a Cluster,
    source: End,
    destination: End,
    protocol: Protocol,
    port: u16,
}

impl Packet<'_> {
    fn passes(&self, pod: usize, direction: Direction) -> Answer {
        let it = &self.cluster.workloads[pod];
        if it.host_network {
            return Yes;
        }
        for other in &self.cluster.others {
            let here = other.namespace.is_none() || other.namespace == Some(it.namespace);
            if here && concerns(other.types, direction) && select(&other.pods, &it.labels) != No {
                return Maybe;
            }
        }
        let mut isolating: Vec<&Policy> = Vec::new();
        for policy in &self.cluster.policies {
            let types = match policy.types {
                Some(types) => types,
                None => Types { ingress: true, egress: !policy.egress.is_empty() },
            };
            if policy.namespace != it.namespace || !concerns(types, direction) {
                continue;
            }
            match select(&policy.pods, &it.labels) {
                Yes => isolating.push(policy),
                // Whatever the others say, the pod may be isolated or not.
                Maybe => return Maybe,
                No => {}
            }
        }
        if isolating.is_empty() {
            return Yes;
        }
        let other = if direction == Direction::Ingress { self.source } else { self.destination };
        let mut answer = No;
        for policy in isolating {
            let rules = if direction == Direction::Ingress { &policy.ingress } else { &policy.egress };
            for rule in rules {
                answer = answer.max(self.rule(rule, policy.namespace, other));
            }
        }
        if let (Direction::Ingress, End::Pod(source)) = (direction, other)
            && self.cluster.workloads[source].host_network
        {
            answer = answer.max(Maybe);
        }
        answer
    }

    fn rule(&self, rule: &Rule, own: NamespaceId, other: End) -> Answer {
        let mut peer = if rule.peers.is_empty() { Yes } else { No };
        for candidate in &rule.peers {
            peer = peer.max(self.peer(candidate, own, other));
        }
        let mut port = if rule.ports.is_empty() { Yes } else { No };
        for candidate in &rule.ports {
            port = port.max(if self.port_matches(candidate) { Yes } else { No });
        }
        peer.min(port)
    }

    fn peer(&self, peer: &Peer, own: NamespaceId, other: End) -> Answer {
        match (peer, other) {
            (Peer::Pods { namespaces, pods }, End::Pod(pod)) => {
                let it = &self.cluster.workloads[pod];
                let mut answer = match namespaces {
                    None if it.namespace == own => Yes,
                    None => No,
                    Some(selector) => {
                        select(selector, &self.cluster.namespaces[it.namespace.0 as usize].labels)
                    }
                };
                if let Some(selector) = pods {
                    answer = answer.min(select(selector, &it.labels));
                }
                if it.host_network { answer.min(Maybe) } else { answer }
            }
            (Peer::Pods { .. }, End::Address(_)) => No,
            (Peer::Block(block), End::Address(address)) => {
                let covered =
                    block.cidr.contains(&address) && !block.except.iter().any(|net| net.contains(&address));
                if covered { Yes } else { No }
            }
            (Peer::Block(block), End::Pod(_)) => {
                // Some address that pods may have is covered: the lowest of a run of addresses, or the one after a
                // hole.
                let mut candidates = vec![block.cidr.network()];
                candidates.extend(self.cluster.inside.iter().map(|net| net.network()));
                candidates.extend(block.except.iter().map(|net| after(net.broadcast())));
                let possible = candidates.iter().any(|address| {
                    block.cidr.contains(address)
                        && !block.except.iter().any(|net| net.contains(address))
                        && self.cluster.inside.iter().any(|net| net.contains(address))
                });
                if possible { Maybe } else { No }
            }
        }
    }

    fn port_matches(&self, port: &Port) -> bool {
        if port.protocol != self.protocol {
            return false;
        }
        match &port.port {
            None => true,
            Some(PortName::Numbers(first, last)) => *first <= self.port && self.port <= *last,
            Some(PortName::Named(name)) => match self.destination {
                End::Address(_) => false,
                End::Pod(pod) => self.cluster.workloads[pod].ports.iter().any(|declared| {
                    declared.name == *name && declared.protocol == self.protocol && declared.port == self.port
                }),
            },
        }
    }
}

fn after(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(u32::from(v4).wrapping_add(1).into()),
        IpAddr::V6(v6) => IpAddr::V6(u128::from(v6).wrapping_add(1).into()),
    }
}

fn concerns(types: Types, direction: Direction) -> bool {
    match direction {
        Direction::Ingress => types.ingress,
        Direction::Egress => types.egress,
    }
}

fn select(selector: &Selector, labels: &Labels) -> Answer {
    let mut answer = Yes;
    for requirement in &selector.requirements {
        let value = labels.pairs.iter().find(|(key, _)| *key == requirement.key).map(|(_, value)| value);
        let this = match (&requirement.operator, value) {
            (_, None) if labels.incomplete => Maybe,
            (Operator::In(values), Some(value)) if values.contains(value) => Yes,
            (Operator::In(_), _) => No,
            (Operator::NotIn(values), Some(value)) if values.contains(value) => No,
            (Operator::NotIn(_), _) => Yes,
            (Operator::Exists, Some(_)) | (Operator::DoesNotExist, None) => Yes,
            (Operator::Exists, None) | (Operator::DoesNotExist, Some(_)) => No,
        };
        answer = answer.min(this);
    }
    answer
}
