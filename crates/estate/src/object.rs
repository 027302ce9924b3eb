//! One object of a repository, and the cursor that analyses hold.

use std::sync::Arc;

use diag::{FileId, ObjectRef, Span};
use tree::{NodeId, NodeRef};

use crate::{Estate, Kind};

/// An object of an [`Estate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) u32);

/// What is known of an object without looking into its tree.
#[derive(Clone, Debug)]
pub struct Object {
    /// The kind, where it is a known one.
    pub kind: Kind,
    /// The kind as written.
    pub kind_name: Arc<str>,
    /// The API version as written, such as `apps/v1`.
    pub api_version: Arc<str>,
    /// The namespace; `default` where none is written, empty for cluster-scoped kinds.
    pub namespace: Arc<str>,
    /// The name; for objects with `generateName` that prefix followed by `*`.
    pub name: Arc<str>,
    /// The file it stands in.
    pub file: FileId,
    /// All of it.
    pub span: Span,
    /// Whether only its beginning could be read: good for its name, not for a judgement.
    pub partial: bool,
    pub(crate) tree: u32,
    pub(crate) root: NodeId,
}

impl Object {
    /// Whether the API server makes up its name: then equal names don't make equal objects.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.name.ends_with('*')
    }
}

/// A cursor at an object. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Obj<'a> {
    /// Its identity.
    pub id: ObjectId,
    /// What is known of it.
    pub object: &'a Object,
    /// Its root node.
    pub node: NodeRef<'a>,
}

impl<'a> Obj<'a> {
    pub(crate) fn new(estate: &'a Estate, id: ObjectId) -> Self {
        let object = &estate.objects[id.0 as usize];
        Self { id, object, node: estate.trees[object.tree as usize].at(object.root) }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.object.kind
    }

    /// Its namespace; empty for cluster-scoped kinds.
    #[must_use]
    pub fn namespace(self) -> &'a str {
        &self.object.namespace
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.object.name
    }

    /// Its API group; empty for the core group.
    #[must_use]
    pub fn group(self) -> &'a str {
        group_of(&self.object.api_version)
    }

    /// How findings name it.
    #[must_use]
    pub fn reference(self) -> ObjectRef {
        ObjectRef {
            kind: self.object.kind_name.to_string(),
            namespace: self.object.namespace.to_string(),
            name: self.object.name.to_string(),
        }
    }

    /// `Kind name`, for sentences.
    #[must_use]
    pub fn title(self) -> String {
        format!("{} {}", self.object.kind_name, self.object.name)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn path(self, keys: &[&str]) -> Option<NodeRef<'a>> {
        self.node.path(keys)
    }

    /// The scalar at a path of keys.
    #[must_use]
    pub fn text(self, keys: &[&str]) -> Option<&'a str> {
        self.path(keys).and_then(text)
    }

    /// Where its name is written, or else the object.
    #[must_use]
    pub fn name_span(self) -> Option<Span> {
        self.path(&["metadata", "name"]).unwrap_or(self.node).span()
    }

    /// An annotation's value.
    #[must_use]
    pub fn annotation(self, key: &str) -> Option<NodeRef<'a>> {
        self.path(&["metadata", "annotations"])?.get(key)
    }

    /// Its labels, in written order.
    #[must_use]
    pub fn labels(self) -> Vec<(&'a str, &'a str)> {
        self.path(&["metadata", "labels"]).map(pairs).unwrap_or_default()
    }

    /// Whether another object made it: such objects appear in dumps of clusters only.
    #[must_use]
    pub fn is_owned(self) -> bool {
        let owners = self.path(&["metadata", "ownerReferences"]);
        owners.is_some_and(|owners| {
            owners.items().any(|owner| owner.get("controller").and_then(NodeRef::bool) == Some(true))
        })
    }
}

/// The group of an API version.
#[must_use]
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// A scalar's text, unless it is null: for fields that are strings, whatever a slip makes of their value.
#[must_use]
pub fn text(node: NodeRef<'_>) -> Option<&str> {
    if node.is_null() { None } else { node.text() }
}

/// A mapping of texts, such as labels.
#[must_use]
pub fn pairs(node: NodeRef<'_>) -> Vec<(&str, &str)> {
    node.entries().filter_map(|(key, value)| Some((key.text()?, value.text()?))).collect()
}
