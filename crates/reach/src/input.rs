//! The input: a cluster as its policies see it. Positions in the lists are the identities that answers refer to.
//!
//! Only what the API server admits belongs in here. A policy that it would refuse (an unknown operator, a port of
//! 70000, an `except` outside its block) is given as an [`OtherPolicy`] instead: what it would do cannot be evaluated.

use crate::{PortRange, Protocol};
use ipnet::IpNet;

/// The position of a namespace in [`Cluster::namespaces`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespaceId(pub u32);

/// The position of a workload in [`Cluster::workloads`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub u32);

/// The position of a policy in [`Cluster::policies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub u32);

/// The position of a policy that is not evaluated in [`Cluster::others`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherId(pub u32);

/// One cluster: what runs in it and what policies say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// All namespaces that a workload or policy is in.
    pub namespaces: Vec<Namespace>,
    /// Everything that makes pods, and pods that nothing makes.
    pub workloads: Vec<Workload>,
    /// The NetworkPolicies.
    pub policies: Vec<Policy>,
    /// Policies that have a say but cannot be evaluated.
    pub others: Vec<OtherPolicy>,
    /// The addresses that pods and nodes may have. [`private_addresses`] where nothing better is known.
    pub inside: Vec<IpNet>,
}

impl Default for Cluster {
    fn default() -> Self {
        Cluster {
            namespaces: Vec::new(),
            workloads: Vec::new(),
            policies: Vec::new(),
            others: Vec::new(),
            inside: private_addresses(),
        }
    }
}

/// The private address ranges (RFC 1918, RFC 4193), which clusters take their pod and node addresses from as a rule.
/// The shared range of RFC 6598 is left out: who lets traffic out to all but RFC 1918 means addresses outside.
pub fn private_addresses() -> Vec<IpNet> {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// A namespace and its labels, the automatic `kubernetes.io/metadata.name` included by whoever fills this in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its name, for people only.
    pub name: String,
    /// Its labels; incomplete where the namespace itself is not in the files.
    pub labels: Labels,
}

/// The labels of a pod or namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Keys and values; a key occurs once.
    pub pairs: Vec<(String, String)>,
    /// There may be labels that `pairs` does not have. A selector that hangs on such a label is undecided.
    pub incomplete: bool,
}

/// A workload: one or more pods that no policy can tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The namespace its pods are in.
    pub namespace: NamespaceId,
    /// The labels of its pods.
    pub labels: Labels,
    /// The ports that its containers declare under a name.
    pub ports: Vec<NamedPort>,
    /// Its pods share their node's network.
    pub host_network: bool,
    /// It may have more than one pod, so that a flow to itself is a flow.
    pub replicated: bool,
}

/// A container port with a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedPort {
    /// The name, as policies use it.
    pub name: String,
    /// The protocol the port is declared for.
    pub protocol: Protocol,
    /// The number, 1–65535.
    pub port: u16,
}

/// A NetworkPolicy v1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The namespace it is in.
    pub namespace: NamespaceId,
    /// Which pods of its namespace it isolates.
    pub pods: Selector,
    /// `policyTypes`; `None` where the field is missing or empty.
    pub types: Option<Types>,
    /// What may come in; empty and missing are the same.
    pub ingress: Vec<Rule>,
    /// What may go out; empty and missing are the same.
    pub egress: Vec<Rule>,
}

impl Policy {
    /// The directions it isolates, defaults applied.
    pub fn effective_types(&self) -> Types {
        self.types.unwrap_or(Types { ingress: true, egress: !self.egress.is_empty() })
    }
}

/// A set of directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Types {
    /// What comes in.
    pub ingress: bool,
    /// What goes out.
    pub egress: bool,
}

/// An ingress or egress rule: traffic must match one of its peers and one of its ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// `from` or `to`; empty matches everything.
    pub peers: Vec<Peer>,
    /// `ports`; empty matches everything.
    pub ports: Vec<Port>,
}

/// One item of `from` or `to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Peer {
    /// Pods by their labels and those of their namespaces.
    Pods {
        /// `None` is the policy's own namespace; an empty selector is every namespace.
        namespaces: Option<Selector>,
        /// `None` is every pod, like an empty selector.
        pods: Option<Selector>,
    },
    /// Addresses.
    Block(Block),
}

/// `ipBlock`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Block {
    /// What it covers.
    pub cidr: IpNet,
    /// What of that it doesn't.
    pub except: Vec<IpNet>,
}

/// One item of `ports`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Port {
    /// The protocol; TCP where the field is missing.
    pub protocol: Protocol,
    /// Which ports of it; `None` is every one.
    pub port: Option<PortName>,
}

/// What `port` and `endPort` say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PortName {
    /// `port` to `endPort`, inclusive; the same twice where there is no `endPort`.
    Numbers(u16, u16),
    /// A name that the destination pod gives a number.
    Named(String),
}

impl Port {
    /// The ports that need no pod to be known: all but the named.
    pub fn range(&self) -> Option<PortRange> {
        let (first, last) = match &self.port {
            None => (1, u16::MAX),
            Some(PortName::Numbers(first, last)) => (*first, *last),
            Some(PortName::Named(_)) => return None,
        };
        Some(PortRange { protocol: self.protocol, first, last })
    }
}

/// A label selector: all requirements hold. An empty one selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    /// `matchLabels` and `matchExpressions` together.
    pub requirements: Vec<Requirement>,
}

/// One requirement of a selector; a `matchLabels` entry is `In` with one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// What is asked of it.
    pub operator: Operator,
}

/// The operators of label selectors (`LabelSelectorRequirement`, `meta/v1`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The key is there, with one of these values.
    In(Vec<String>),
    /// The key is missing, or has none of these values.
    NotIn(Vec<String>),
    /// The key is there.
    Exists,
    /// The key is missing.
    DoesNotExist,
}

/// A policy that has a say over some pods but cannot be evaluated: of another kind, or one the API server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPolicy {
    /// The namespace it is confined to; `None` is the whole cluster.
    pub namespace: Option<NamespaceId>,
    /// The pods it may concern.
    pub pods: Selector,
    /// The directions it may concern.
    pub types: Types,
}
