//! What runs.

use std::collections::BTreeMap;

use tree::{Origin, Val};

use crate::flow::Protocol;

/// How a workload's pods come and go.
#[derive(Clone, Debug)]
pub enum Form {
    /// Interchangeable pods.
    Replicated,
    /// Pods with a name and volumes of their own.
    Stateful {
        /// Headless Service that names them.
        service: Val<String>,
        /// All at once (members that find each other), or one after the other.
        parallel: Val<bool>,
        /// Number of the first pod, where pods of the same set run in other scopes too; none for 0.
        start: Option<Val<u32>>,
    },
    /// One per node.
    PerNode,
    /// On a schedule.
    Scheduled {
        /// Five fields.
        schedule: Val<String>,
        /// IANA time zone.
        zone: Option<Val<String>>,
        /// Seconds a run may take.
        deadline: Option<Val<u64>>,
        /// Retries of a failed run.
        retries: Val<u32>,
    },
    /// Once per change of its content: a bootstrap. The name carries a hash.
    Once {
        /// Seconds it may take.
        deadline: Option<Val<u64>>,
        /// Retries.
        retries: Val<u32>,
    },
}

/// How pods are replaced.
#[derive(Clone, Debug)]
pub enum Update {
    /// A few at a time.
    Rolling {
        /// More pods than wanted: count or percentage, as Kubernetes writes it. Not for stateful ones.
        surge: Option<Val<String>>,
        /// Fewer pods than wanted: count or percentage.
        unavailable: Option<Val<String>>,
    },
    /// All go, then all come.
    Recreate,
    /// When an operator deletes them.
    OnDelete,
}

/// A workload.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: Val<String>,
    /// The definition's object it belongs to, such as `Store/dragonfly`.
    pub part_of: String,
    /// Why it exists.
    pub origin: Origin,
    /// Form.
    pub form: Form,
    /// Labels that select its pods; never change.
    pub selector: BTreeMap<String, Val<String>>,
    /// Further labels of its pods.
    pub pod_labels: BTreeMap<String, Val<String>>,
    /// Annotations of its pods.
    pub pod_annotations: BTreeMap<String, Val<String>>,
    /// Number of pods; with `autoscale` only where nothing scales (Compose).
    pub replicas: Val<u32>,
    /// Horizontal scaling.
    pub autoscale: Option<Autoscale>,
    /// Disruption budget.
    pub disruption: Option<Disruption>,
    /// How pods are replaced.
    pub update: Update,
    /// Containers that run before the others, in order.
    pub init: Vec<Container>,
    /// Containers.
    pub containers: Vec<Container>,
    /// Volumes of the pod.
    pub volumes: Vec<PodVolume>,
    /// Volumes that each pod of a stateful workload keeps.
    pub claims: Vec<Claim>,
    /// Name of its identity.
    pub identity: Val<String>,
    /// Whether the identity's token is mounted.
    pub token: Val<bool>,
    /// User id of all containers.
    pub user: Option<Val<i64>>,
    /// Group id of all containers.
    pub group: Option<Val<i64>>,
    /// Group that owns volumes.
    pub fs_group: Option<Val<i64>>,
    /// Uses the node's network.
    pub host_network: Option<Val<bool>>,
    /// Seconds between the signal to stop and the kill.
    pub termination: Val<u64>,
    /// Priority class.
    pub priority: Option<Val<String>>,
    /// Where pods may run.
    pub placement: Placement,
    /// Names of pull secrets.
    pub pull_secrets: Vec<Val<String>>,
    /// Configs whose content restarts the pods: names in the namespace.
    pub restarts_on: Vec<String>,
}

/// Horizontal scaling.
#[derive(Clone, Debug)]
pub struct Autoscale {
    /// Fewest pods.
    pub min: Val<u32>,
    /// Most pods.
    pub max: Val<u32>,
    /// Target per cent of the CPU request.
    pub cpu: Option<Val<u32>>,
    /// Target per cent of the memory request.
    pub memory: Option<Val<u32>>,
    /// Seconds a lower need must last.
    pub down_after: Val<u64>,
}

/// A count or a percentage, as Kubernetes writes it.
pub type Scalable = Val<String>;

/// A disruption budget: one of the two.
#[derive(Clone, Debug)]
pub enum Disruption {
    /// At least so many stay.
    MinAvailable(Scalable),
    /// At most so many are down.
    MaxUnavailable(Scalable),
}

/// A container.
#[derive(Clone, Debug)]
pub struct Container {
    /// Name.
    pub name: Val<String>,
    /// Image, whole.
    pub image: Val<String>,
    /// `IfNotPresent`, `Always`, `Never`.
    pub pull_policy: Val<String>,
    /// Replaces the entry point; empty: the image's.
    pub command: Vec<Val<String>>,
    /// Arguments. `$(NAME)` is expanded by Kubernetes from `env`.
    pub args: Vec<Val<String>>,
    /// Variables, in order: later ones may use earlier ones as `$(NAME)`.
    pub env: Vec<Env>,
    /// Names of Configs whose every entry becomes a variable.
    pub env_from: Vec<Val<String>>,
    /// Ports.
    pub ports: Vec<ContainerPort>,
    /// Requests and limits.
    pub resources: Amounts,
    /// Health checks.
    pub probes: Probes,
    /// Mounted volumes.
    pub mounts: Vec<Mount>,
    /// Root file system is read-only.
    pub read_only_root: Val<bool>,
    /// Capabilities added to none.
    pub capabilities: Vec<Val<String>>,
    /// User id where it differs from the pod's.
    pub user: Option<Val<i64>>,
    /// Seconds to wait before the signal to stop, so that endpoints have moved.
    pub drain: Option<Val<u64>>,
    /// Starts before the containers and runs beside them (an init container that is restarted).
    pub sidecar: bool,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Env {
    /// Name.
    pub name: Val<String>,
    /// Value.
    pub value: EnvValue,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug)]
pub enum EnvValue {
    /// Here.
    Text(Val<String>),
    /// From a Secret.
    Secret {
        /// Secret.
        secret: Val<String>,
        /// Key.
        key: Val<String>,
    },
    /// From a Config.
    Config {
        /// Config.
        config: Val<String>,
        /// Key.
        key: Val<String>,
    },
    /// From the pod itself, such as `metadata.name`.
    Field(Val<String>),
}

/// A port of a container.
#[derive(Clone, Debug)]
pub struct ContainerPort {
    /// Name, up to 15 characters.
    pub name: Val<String>,
    /// Number.
    pub port: Val<u16>,
    /// Protocol.
    pub protocol: Protocol,
}

/// Requests and limits: resource name to canonical quantity.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// What is reserved.
    pub requests: BTreeMap<String, Val<String>>,
    /// The most.
    pub limits: BTreeMap<String, Val<String>>,
}

/// Health checks.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    /// Restarts the container.
    pub liveness: Option<Check>,
    /// Takes the pod out of Services.
    pub readiness: Option<Check>,
    /// Holds the others back.
    pub startup: Option<Check>,
}

/// A health check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What is done.
    pub kind: CheckKind,
    /// Seconds before the first.
    pub delay: Option<Val<u32>>,
    /// Seconds between two.
    pub period: Val<u32>,
    /// Seconds to wait for an answer.
    pub timeout: Val<u32>,
    /// Failures in a row that count.
    pub failures: Val<u32>,
    /// Why there is one.
    pub origin: Origin,
}

/// What a health check does.
#[derive(Clone, Debug)]
pub enum CheckKind {
    /// GET.
    Http {
        /// Path.
        path: Val<String>,
        /// Port, by name.
        port: Val<String>,
        /// TLS.
        tls: bool,
    },
    /// Connect.
    Tcp {
        /// Port, by name.
        port: Val<String>,
    },
    /// gRPC health service.
    Grpc {
        /// Port, by number: the API takes no name here.
        port: Val<u16>,
    },
    /// Command in the container.
    Exec {
        /// Command.
        command: Vec<Val<String>>,
    },
}

/// A mounted volume.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Name of the volume or claim.
    pub volume: String,
    /// Path in the container.
    pub path: Val<String>,
    /// One file or folder of the volume.
    pub sub_path: Option<Val<String>>,
    /// Not to be written.
    pub read_only: bool,
}

/// A volume of a pod.
#[derive(Clone, Debug)]
pub struct PodVolume {
    /// Name.
    pub name: String,
    /// Why.
    pub origin: Origin,
    /// From where.
    pub source: VolumeSource,
}

/// Where a volume comes from.
#[derive(Clone, Debug)]
pub enum VolumeSource {
    /// Gone with the pod.
    Scratch {
        /// Most it holds.
        size: Option<Val<String>>,
        /// In memory.
        memory: bool,
    },
    /// Files of a Config: key to path; empty for all.
    Config {
        /// Config.
        config: Val<String>,
        /// Keys and the path of each.
        items: Vec<(String, Val<String>)>,
        /// Permission bits, where they matter.
        mode: Option<u32>,
    },
    /// Files of a Secret: key to path; empty for all.
    Secret {
        /// Secret.
        secret: Val<String>,
        /// Keys and the path of each.
        items: Vec<(String, Val<String>)>,
        /// Permission bits, where they matter.
        mode: Option<u32>,
    },
    /// A shared claim, made beside the workload.
    Shared(Claim),
}

/// A claim of a volume.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Name.
    pub name: Val<String>,
    /// Size, canonical quantity.
    pub size: Val<String>,
    /// Storage class.
    pub class: Option<Val<String>>,
    /// `ReadWriteOnce`, `ReadWriteMany`, `ReadOnlyMany`.
    pub access: Val<String>,
}

/// How strictly pods are spread.
#[derive(Clone, Debug)]
pub enum Spread {
    /// If it can be.
    Preferred(Origin),
    /// Or they aren't scheduled.
    Required(Origin),
}

/// Where pods may run.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    /// Labels a node must have.
    pub nodes: BTreeMap<String, Val<String>>,
    /// Taints they tolerate: key, value, effect.
    pub tolerates: Vec<(Val<String>, Val<String>, Val<String>)>,
    /// Over nodes.
    pub over_nodes: Option<Spread>,
    /// Over zones.
    pub over_zones: Option<Spread>,
}
