//! Everything a repository deploys, loaded from files into views.
//!
//! [`load`] reads what a [`diag::Files`] lists: manifests become objects with spans, charts, overlays and templates
//! become findings that say they weren't evaluated. An object is stored once and seen in [`View`]s. The lenses
//! ([`Obj`], [`Workload`], [`Selector`]) are cursors over trees; nothing is copied into types of its own.
//!
//! It never knows the definition of a platform: what `build` printed is read back like anybody's files.

pub mod intent;
mod kind;
mod load;
mod object;
mod scope;
mod selector;
mod workload;

use std::collections::HashMap;
use std::sync::Arc;

use diag::SourceMap;
use tree::Tree;

pub use kind::{Kind, Placement, placement};
pub use load::{LARGEST_FILE, LoadOptions, RULES, load};
pub use object::{Obj, Object, ObjectId, group_of, pairs, text};
pub use scope::{Form, Scope, ScopeId, ScopeSource, View};
pub use selector::{Need, Selector};
pub use workload::{Container, ContainerPort, PodSpec, Role, Workload, Workloads};

/// What was loaded.
#[derive(Debug, Default)]
pub struct Estate {
    /// Every text that was read, by which spans are printed.
    pub sources: SourceMap,
    /// What is meant, from `.underpin/intent.json` or the file that was given.
    pub intent: intent::Intent,
    /// How much was met.
    pub counts: Counts,
    trees: Vec<Tree>,
    objects: Vec<Object>,
    scopes: Vec<Scope>,
    views: Vec<View>,
}

/// How much a load met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that may hold manifests, by their names.
    pub files: usize,
    /// Objects of Kubernetes.
    pub objects: usize,
    /// YAML and JSON documents that aren't Kubernetes objects.
    pub other_documents: usize,
}

impl Estate {
    /// A cursor at an object.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> Obj<'_> {
        Obj::new(self, id)
    }

    /// Every object, in the order of files.
    pub fn objects(&self) -> impl Iterator<Item = Obj<'_>> {
        (0..u32::try_from(self.objects.len()).unwrap_or(u32::MAX)).map(|id| self.object(ObjectId(id)))
    }

    /// The views: each scope in each of its forms.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// The scope of a view.
    #[must_use]
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// All scopes.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

/// Objects of one kind and namespace by name.
type Names = HashMap<Arc<str>, ObjectId>;

/// Objects of a view by kind, namespace and name.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_kind: HashMap<Kind, Vec<ObjectId>>,
    by_key: HashMap<Kind, HashMap<Arc<str>, Names>>,
}
