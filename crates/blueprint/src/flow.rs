//! Who talks to whom.

use std::collections::BTreeMap;

use ipnet::IpNet;
use tree::{Origin, Val};

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// As Kubernetes writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// An end of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// A workload of this scope.
    Workload {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Pods the platform doesn't own, found by labels: an add-on, the cluster's DNS.
    Pods {
        /// What they are called, for people.
        name: String,
        /// Their namespace.
        namespace: String,
        /// Labels they carry; empty for every pod of the namespace.
        labels: BTreeMap<String, String>,
    },
    /// Addresses: an external, another scope's gateway, the API server, the nodes.
    Addresses {
        /// What they are called, for people.
        name: String,
        /// The ranges.
        ranges: Vec<IpNet>,
        /// Parts of the ranges that are left out.
        except: Vec<IpNet>,
    },
}

/// A port of a flow, as the destination's process listens on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowPort {
    /// Transport protocol.
    pub protocol: Protocol,
    /// First port.
    pub first: Val<u16>,
    /// Last port; the same for a single one.
    pub last: u16,
}

/// One declared or implied flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who opens the connection.
    pub from: Party,
    /// Who accepts it.
    pub to: Party,
    /// Through which ports.
    pub ports: Vec<FlowPort>,
    /// What for: a few words.
    pub purpose: String,
    /// Why it exists.
    pub origin: Origin,
}
