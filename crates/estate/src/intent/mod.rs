//! Intent: what cannot be read off manifests. Which flows are meant, what the nodes are, what the cluster already
//! has, what was promised.
//!
//! `build` prints it to `.underpin/intent.json` ([`Intent::to_json`]), `check --intent` takes anybody's; its schema is
//! `docs/schemas/intent.schema.json`. What is missing there is inferred from the manifests by `analyze`.

mod read;
mod wire;

use diag::{Finding, ObjectRef, Span};
use tree::NodeRef;

/// Everything that is meant, per scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intent {
    /// One entry per scope; the name `*` stands for every scope.
    pub scopes: Vec<ScopeIntent>,
}

/// What is meant of one scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScopeIntent {
    /// `ENVIRONMENT/TARGET` as in the build index, a folder of a foreign repository, or `*`.
    pub name: String,
    /// Flows that have to work.
    pub flows: Vec<MeantFlow>,
    /// The nodes that there are.
    pub node_pools: Vec<NodePool>,
    /// Objects that are there though no file has them.
    pub provided: Vec<ProvidedObject>,
    /// Workloads that are there though no file has them.
    pub outside: Vec<OutsideWorkload>,
    /// API kinds that the cluster serves without a definition in the files, as `GROUP/VERSION/KIND`.
    pub served: Vec<String>,
    /// What was promised.
    pub objectives: Objectives,
}

/// A flow that has to work.
#[derive(Clone, Debug, PartialEq)]
pub struct MeantFlow {
    /// Who calls.
    pub from: Peer,
    /// What is called.
    pub to: Peer,
    /// On which ports; the ports of the Service for [`Peer::Service`], else those of the pods.
    pub ports: Vec<MeantPort>,
    /// The definition field that means it; empty where nobody said.
    pub because: String,
    /// Where the intent file says so.
    pub span: Option<Span>,
}

/// One end of a meant flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// All pods of a workload: its controller, or a `Pod`.
    Workload(ObjectRef),
    /// A Service.
    Service {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Every address of a range.
    Cidr(String),
    /// The cluster's own name service.
    Dns,
}

/// A port, or a range of ports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeantPort {
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// First port.
    pub first: u16,
    /// Last port; the first one, unless it is a range.
    pub last: u16,
}

/// Nodes of one shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodePool {
    /// Its name.
    pub name: String,
    /// Nodes that there are without an autoscaler, or to begin with.
    pub count: u64,
    /// Least nodes; `count` where nothing scales it.
    pub min: u64,
    /// Most nodes; `count` where nothing scales it.
    pub max: u64,
    /// Allocatable processors of one node, a Kubernetes quantity.
    pub cpu: String,
    /// Allocatable memory of one node, a Kubernetes quantity.
    pub memory: String,
    /// Pods that one node takes; 110 is the kubelet's default (`maxPods`).
    pub pods: u64,
    /// Labels of its nodes.
    pub labels: Vec<(String, String)>,
    /// Taints of its nodes.
    pub taints: Vec<Taint>,
    /// Zones over which its nodes are spread evenly.
    pub zones: Vec<String>,
    /// Where the intent file says so.
    pub span: Option<Span>,
}

/// A taint of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value; may be empty.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// An object that the cluster has though no file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidedObject {
    /// Which one.
    pub object: ObjectRef,
    /// The keys of a Secret or ConfigMap; `None` where they are not stated.
    pub keys: Option<Vec<String>>,
}

/// A workload that the cluster has though no file does: an ingress controller, a Prometheus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutsideWorkload {
    /// What it is: `ingress-controller`, `monitoring`, `dns`, `api-server`, `mesh`, or any other word.
    pub role: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Labels of its namespace, beyond `kubernetes.io/metadata.name`.
    pub namespace_labels: Vec<(String, String)>,
    /// Labels of its pods.
    pub pod_labels: Vec<(String, String)>,
    /// The ingress classes that it serves; for `ingress-controller`.
    pub ingress_classes: Vec<String>,
    /// Ports its pods listen on.
    pub ports: Vec<MeantPort>,
}

/// Figures that were promised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objectives {
    /// Most data that may be lost, in seconds.
    pub rpo_seconds: Option<u64>,
    /// Longest time to be back, in seconds.
    pub rto_seconds: Option<u64>,
    /// Longest time until a store's next primary answers, in seconds.
    pub failover_seconds: Option<u64>,
    /// Availability as written, such as `99.95%`.
    pub availability: Option<String>,
}

impl Intent {
    /// Reads an intent file; unknown fields and wrong shapes come back as findings.
    #[must_use]
    pub fn read(root: NodeRef<'_>) -> (Self, Vec<Finding>) {
        read::intent(root)
    }

    /// Prints it as an intent file, the same for the same intent to the byte.
    #[must_use]
    pub fn to_json(&self) -> String {
        wire::print(self)
    }

    /// Everything meant of a scope: its own entries and those of `*`.
    pub fn of<'a>(&'a self, scope: &'a str) -> impl Iterator<Item = &'a ScopeIntent> + 'a {
        self.scopes.iter().filter(move |entry| entry.name == scope || entry.name == "*")
    }
}

impl MeantPort {
    /// One port.
    #[must_use]
    pub fn single(protocol: &str, port: u16) -> Self {
        Self { protocol: protocol.to_owned(), first: port, last: port }
    }
}
