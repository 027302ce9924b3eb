//! Sets of ports of TCP, UDP and SCTP.

use crate::intervals::{Intervals, Point};
use std::fmt;

/// A transport protocol that NetworkPolicy v1 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// The default.
    Tcp,
    /// Datagrams.
    Udp,
    /// Stream control.
    Sctp,
}

impl Protocol {
    /// All three, in the order that answers list them.
    pub const ALL: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];

    /// The name that manifests use.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        }
    }

    /// The protocol of that name, exactly as manifests write it.
    pub fn parse(name: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A direction, seen from the pod that a policy selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Into the pod.
    Ingress,
    /// Out of the pod.
    Egress,
}

/// Ports `first` to `last` of one protocol, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The protocol.
    pub protocol: Protocol,
    /// The lowest port, at least 1.
    pub first: u16,
    /// The highest port.
    pub last: u16,
}

/// The protocol's place above the port's 16 bits. Port 0 is in no set, so that two protocols never touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Packed(u32);

impl Packed {
    fn new(protocol: Protocol, port: u16) -> Packed {
        Packed((protocol as u32) << 16 | u32::from(port))
    }

    fn protocol(self) -> Protocol {
        Protocol::ALL[(self.0 >> 16) as usize]
    }

    fn port(self) -> u16 {
        (self.0 & 0xffff) as u16
    }
}

impl Point for Packed {
    fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Packed)
    }

    fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Packed)
    }
}

/// A set of ports, each of a protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortSet(Intervals<Packed>);

impl PortSet {
    /// No port.
    pub fn none() -> PortSet {
        PortSet::default()
    }

    /// Ports 1–65535 of all three protocols.
    pub fn all() -> PortSet {
        Protocol::ALL.into_iter().map(|protocol| PortRange { protocol, first: 1, last: u16::MAX }).collect()
    }

    /// Whether this is no port at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is every port there is.
    pub fn is_all(&self) -> bool {
        self.0.ranges().len() == Protocol::ALL.len()
            && self.ranges().all(|range| range.first == 1 && range.last == u16::MAX)
    }

    /// Whether a port of a protocol is in the set.
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        self.0.contains(Packed::new(protocol, port))
    }

    /// The ranges, sorted by protocol and port, disjoint, as long as can be.
    pub fn ranges(&self) -> impl Iterator<Item = PortRange> + '_ {
        self.0.ranges().iter().map(|(first, last)| PortRange {
            protocol: first.protocol(),
            first: first.port(),
            last: last.port(),
        })
    }

    /// What is in either.
    pub fn union(&self, other: &PortSet) -> PortSet {
        PortSet(self.0.union(&other.0))
    }

    /// What is in both.
    pub fn intersection(&self, other: &PortSet) -> PortSet {
        PortSet(self.0.intersection(&other.0))
    }

    /// What is in this one only.
    pub fn difference(&self, other: &PortSet) -> PortSet {
        PortSet(self.0.difference(&other.0))
    }
}

impl FromIterator<PortRange> for PortSet {
    fn from_iter<I: IntoIterator<Item = PortRange>>(ranges: I) -> Self {
        PortSet(Intervals::new(ranges.into_iter().map(|range| {
            (Packed::new(range.protocol, range.first.max(1)), Packed::new(range.protocol, range.last))
        })))
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all ports");
        }
        if self.is_empty() {
            return f.write_str("no port");
        }
        let mut before = None;
        for PortRange { protocol, first, last } in self.ranges() {
            match before {
                Some(same) if same == protocol => f.write_str(",")?,
                Some(_) => write!(f, ", {protocol} ")?,
                None => write!(f, "{protocol} ")?,
            }
            before = Some(protocol);
            match (first, last) {
                (1, u16::MAX) => f.write_str("all")?,
                _ if first == last => write!(f, "{first}")?,
                _ => write!(f, "{first}-{last}")?,
            }
        }
        Ok(())
    }
}
