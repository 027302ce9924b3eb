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

use indexmap::IndexMap;
use tree::Origin;

/// A mapping whose keys the owner chooses; each entry knows why it is there.
#[derive(Clone, Debug)]
pub struct Keyed<T>(pub IndexMap<String, Item<T>>);

/// An entry of a [`Keyed`] mapping.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// Why the entry is there.
    pub origin: Origin,
    /// What it says.
    pub value: T,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T> Keyed<T> {
    /// Name, reason and value of each entry, in written order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Origin, &T)> {
        self.0.iter().map(|(name, item)| (name.as_str(), &item.origin, &item.value))
    }

    /// The value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.get(name).map(|item| &item.value)
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

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
