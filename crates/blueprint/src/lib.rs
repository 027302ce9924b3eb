//! What one environment of a platform consists of, derived once.
//!
//! Flows, names, credentials, scale, schedules, order and owners are worked out here; dialects only print. This crate
//! must never know how anything is printed.

mod derive;
mod flow;
mod scope;
mod workload;

pub use derive::derive;
pub use flow::{Flow, FlowPort, Party, Protocol};
pub use scope::{
    Bound, Certificate, Config, ConfigEntry, Grant, Guest, Identity, Issuer, IssuerForm, LimitKind,
    Namespace, NodePool, PodLevel, PriorityClass, Route, Runs, Scope, ScopeId, SecretKey, SecretNeed,
    SecretSource, SecretStore, Service, ServiceForm, ServicePort, StorageClass, Taint,
};
pub use workload::{
    Amounts, Autoscale, Check, CheckKind, Claim, Container, ContainerPort, Disruption, Env, EnvValue, Form,
    Mount, Placement, PodVolume, Probes, Scalable, Spread, Update, VolumeSource, Workload,
};

/// One environment: its scopes, with flows that may cross them.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// The environment's name.
    pub environment: String,
    /// One for each of its targets, in the order of the definition.
    pub scopes: Vec<Scope>,
}
