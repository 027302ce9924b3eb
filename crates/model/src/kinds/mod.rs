//! The six kinds of a definition, and what they consist of.
//!
//! Conventions: `Val<T>` is a required scalar, `Option<…>` an optional field, `Keyed<T>` a mapping whose keys are names
//! chosen by the owner (merged by key), `Vec<…>` a list (replaced whole when a later layer gives it). A field that is a
//! bare struct is optional in the file: its own fields say what is required.

mod addon;
mod component;
mod environment;
mod external;
mod platform;
mod store;

pub use addon::*;
pub use component::*;
pub use environment::*;
pub use external::*;
pub use platform::*;
pub use store::*;

pub use tree::declare::{Item, Keyed};

/// A resolved object of the definition.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// `metadata.name`.
    pub name: tree::Val<String>,
    /// `spec`.
    pub spec: T,
}

/// A platform as one target of one environment sees it: everything merged.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The platform itself.
    pub platform: Named<PlatformSpec>,
    /// Workloads that are enabled here.
    pub components: Vec<Named<ComponentSpec>>,
    /// Stores that are enabled here.
    pub stores: Vec<Named<StoreSpec>>,
    /// What lies outside.
    pub externals: Vec<Named<ExternalSpec>>,
    /// What the clusters have besides.
    pub addons: Vec<Named<AddonSpec>>,
    /// The environment.
    pub environment: Named<EnvironmentSpec>,
    /// The target within it.
    pub target: Named<Target>,
}

/// What `resolve` returns: one resolution per scope, in the order of the definition.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    /// Each environment × target.
    pub scopes: Vec<Resolved>,
}
