//! What one environment has on one of its targets.

use std::collections::BTreeMap;

use tree::{Origin, Val};

use crate::flow::{Flow, Protocol};
use crate::workload::{Amounts, Workload};

/// Names a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId {
    /// The environment.
    pub environment: String,
    /// The target.
    pub target: String,
}

impl std::fmt::Display for ScopeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.environment, self.target)
    }
}

/// What runs a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// A Kubernetes cluster of this minor version (`1.36` is 36).
    Kubernetes(u16),
    /// Compose on one machine.
    Compose,
}

/// One environment on one target.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its name.
    pub id: ScopeId,
    /// What runs it.
    pub runs: Runs,
    /// Why the scope is there.
    pub origin: Origin,
    /// Labels on every object: key to value.
    pub labels: BTreeMap<String, Val<String>>,
    /// Namespaces of the platform, in the definition's order.
    pub namespaces: Vec<Namespace>,
    /// Storage classes.
    pub storage_classes: Vec<StorageClass>,
    /// Priority classes.
    pub priority_classes: Vec<PriorityClass>,
    /// Identities of workloads.
    pub identities: Vec<Identity>,
    /// Workloads, in an order in which they can start.
    pub workloads: Vec<Workload>,
    /// Configuration read by workloads.
    pub configs: Vec<Config>,
    /// Services.
    pub services: Vec<Service>,
    /// Routes from outside.
    pub routes: Vec<Route>,
    /// Where secrets come from.
    pub secret_stores: Vec<SecretStore>,
    /// Secrets that workloads read.
    pub secrets: Vec<SecretNeed>,
    /// Issuers of certificates.
    pub issuers: Vec<Issuer>,
    /// Certificates besides those of routes.
    pub certificates: Vec<Certificate>,
    /// Every flow with an end in this scope.
    pub flows: Vec<Flow>,
    /// Nodes that the target declares.
    pub node_pools: Vec<NodePool>,
    /// Pods of others that live in the platform's namespaces and need their flows let through.
    pub guests: Vec<Guest>,
    /// Kinds that add-ons serve, as `GROUP/VERSION/KIND`.
    pub served: Vec<String>,
}

/// Pods in one of the platform's namespaces that the platform doesn't run: an add-on's, a certificate's solver. In
/// flows they are [`Party::Pods`](crate::Party::Pods) of the same namespace and name.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The definition object they belong to, such as `Addon/ingress`.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// What they are called; also the name of their network policy.
    pub name: Val<String>,
    /// Labels they carry.
    pub labels: BTreeMap<String, String>,
}

/// A Pod Security level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodLevel {
    /// No restriction.
    Privileged,
    /// No known escalation.
    Baseline,
    /// Current hardening practice.
    Restricted,
}

/// A namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: Val<String>,
    /// Pod Security level, enforced, audited and warned.
    pub level: Val<PodLevel>,
    /// Labels besides the scope's.
    pub labels: BTreeMap<String, Val<String>>,
    /// Hard quota: resource name to quantity, canonical. Empty: none.
    pub quota: BTreeMap<String, Val<String>>,
    /// Bounds of containers.
    pub bounds: Vec<Bound>,
    /// Whether traffic is denied unless a flow allows it, both ways.
    pub isolated: Val<bool>,
}

/// Which of a LimitRange's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitKind {
    /// Limit of a container that sets none.
    Default,
    /// Request of a container that sets none.
    DefaultRequest,
    /// Least request.
    Min,
    /// Largest limit.
    Max,
}

/// One figure of a LimitRange.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Which figure.
    pub kind: LimitKind,
    /// Resource name.
    pub resource: String,
    /// Quantity, canonical.
    pub amount: Val<String>,
}

/// A storage class.
#[derive(Clone, Debug)]
pub struct StorageClass {
    /// Its name.
    pub name: Val<String>,
    /// CSI driver.
    pub provisioner: Val<String>,
    /// Parameters of the driver.
    pub parameters: BTreeMap<String, Val<String>>,
    /// `Retain` or `Delete`.
    pub reclaim: Val<String>,
    /// Whether volumes may grow.
    pub expandable: Val<bool>,
}

/// A priority class.
#[derive(Clone, Debug)]
pub struct PriorityClass {
    /// Its name.
    pub name: Val<String>,
    /// The higher, the more important.
    pub value: Val<i64>,
    /// What for.
    pub purpose: Option<Val<String>>,
    /// Whether its pods push others out.
    pub preempts: Val<bool>,
}

/// A workload's identity at the Kubernetes API.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// What it may do.
    pub grants: Vec<Grant>,
}

/// A permission at the Kubernetes API.
#[derive(Clone, Debug)]
pub struct Grant {
    /// API group, empty for the core group.
    pub group: Val<String>,
    /// Resources.
    pub resources: Vec<Val<String>>,
    /// Verbs.
    pub verbs: Vec<Val<String>>,
    /// In every namespace.
    pub everywhere: Val<bool>,
    /// Why.
    pub origin: Origin,
}

/// A set of configuration values or files (a ConfigMap).
#[derive(Clone, Debug)]
pub struct Config {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Entries in order.
    pub entries: Vec<ConfigEntry>,
}

/// One value or file.
#[derive(Clone, Debug)]
pub struct ConfigEntry {
    /// Key.
    pub key: String,
    /// Content.
    pub value: Val<String>,
}

/// How a Service finds its pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceForm {
    /// A virtual address over ready pods.
    Balanced,
    /// A name per pod (`clusterIP: None`), published before it is ready where members must find each other.
    Headless {
        /// Publish addresses of pods that aren't ready.
        early: bool,
    },
}

/// A Service.
#[derive(Clone, Debug)]
pub struct Service {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Form.
    pub form: ServiceForm,
    /// Labels that pods must carry.
    pub selector: BTreeMap<String, Val<String>>,
    /// Ports.
    pub ports: Vec<ServicePort>,
}

/// A port of a Service.
#[derive(Clone, Debug)]
pub struct ServicePort {
    /// Name; also that of the pod's port.
    pub name: Val<String>,
    /// Number offered.
    pub port: Val<u16>,
    /// Name of the port at the pod.
    pub target: Val<String>,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Application protocol, where known.
    pub application: Option<Val<String>>,
}

/// A route from outside.
#[derive(Clone, Debug)]
pub struct Route {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Ingress class.
    pub class: Val<String>,
    /// Host.
    pub host: Val<String>,
    /// Path prefix.
    pub path: Val<String>,
    /// Service.
    pub service: Val<String>,
    /// Port of the Service, by name.
    pub port: Val<String>,
    /// Secret that holds the certificate.
    pub tls_secret: Option<Val<String>>,
    /// Issuer of the certificate.
    pub issuer: Option<Val<String>>,
    /// Annotations of the controller.
    pub annotations: BTreeMap<String, Val<String>>,
}

/// Where secrets come from.
#[derive(Clone, Debug)]
pub struct SecretStore {
    /// Namespace it serves.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Address of the Vault server.
    pub server: Val<String>,
    /// Mount path of the KV v2 engine.
    pub mount: Val<String>,
    /// Mount path of the Kubernetes auth method.
    pub auth_mount: Val<String>,
    /// Role at it.
    pub role: Val<String>,
    /// Identity that logs in.
    pub identity: Val<String>,
    /// ConfigMap or Secret with the certificate authority: kind, name, key.
    pub authority: Option<(Val<String>, Val<String>, Val<String>)>,
}

/// Where a secret's values come from.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// Fetched by the External Secrets Operator from this store, so often (seconds).
    Store {
        /// Name of the [`SecretStore`] of the namespace.
        store: Val<String>,
        /// Seconds between refreshes.
        refresh: Val<u64>,
    },
    /// Made outside: declared by name and keys only.
    Outside,
    /// Made by another declared object, such as a certificate.
    Produced,
}

/// A secret that workloads read.
#[derive(Clone, Debug)]
pub struct SecretNeed {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Type, such as `kubernetes.io/dockerconfigjson`; default `Opaque`.
    pub kind: Option<Val<String>>,
    /// Where from.
    pub source: SecretSource,
    /// Its keys.
    pub keys: Vec<SecretKey>,
}

/// A key of a secret, and where its value lies.
#[derive(Clone, Debug)]
pub struct SecretKey {
    /// Key in the Secret.
    pub key: Val<String>,
    /// Path in the secret store.
    pub path: Val<String>,
    /// Property at the path.
    pub property: Option<Val<String>>,
}

/// How an issuer works.
#[derive(Clone, Debug)]
pub enum IssuerForm {
    /// Signs each certificate with its own key.
    SelfSigned,
    /// Signs with the authority in this Secret.
    Authority {
        /// Name of the Secret.
        secret: Val<String>,
    },
    /// ACME by HTTP-01 through this ingress class.
    Acme {
        /// Directory URL.
        server: Val<String>,
        /// Mail address for notices.
        email: Val<String>,
        /// Ingress class of the solver.
        class: Val<String>,
        /// What the solver's pods ask for, where a namespace doesn't admit their own figures.
        solver: Amounts,
    },
}

/// An issuer of certificates, for the cluster or for one namespace.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Name.
    pub name: Val<String>,
    /// Namespace; `None` for the whole cluster.
    pub namespace: Option<String>,
    /// Form.
    pub form: IssuerForm,
}

/// A certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The definition object it belongs to, such as `Component/hasura`: what belongs together is printed together.
    pub part_of: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// Secret it is kept in.
    pub secret: Val<String>,
    /// Issuer.
    pub issuer: Val<String>,
    /// Whether the issuer is the namespace's own, not the cluster's.
    pub issuer_is_local: bool,
    /// DNS names.
    pub names: Vec<Val<String>>,
    /// Whether it is an authority itself.
    pub authority: bool,
    /// Seconds it is valid.
    pub lifetime: Option<Val<u64>>,
}

/// A pool of nodes.
#[derive(Clone, Debug)]
pub struct NodePool {
    /// Name.
    pub name: Val<String>,
    /// Fewest nodes.
    pub min: Val<u32>,
    /// Most nodes.
    pub max: Val<u32>,
    /// CPU, canonical quantity.
    pub cpu: Val<String>,
    /// Memory, canonical quantity.
    pub memory: Val<String>,
    /// Pods one node takes.
    pub pods: Val<u32>,
    /// Zones.
    pub zones: Vec<Val<String>>,
    /// Labels.
    pub labels: BTreeMap<String, Val<String>>,
    /// Taints.
    pub taints: Vec<Taint>,
}

/// A taint of a node.
#[derive(Clone, Debug)]
pub struct Taint {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}
