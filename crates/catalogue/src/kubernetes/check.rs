//! A checker as strict as the API server: it refuses what strict decoding refuses (unknown fields, wrong types) and
//! what the schema demands (required fields, enumerations, quantities, unique list keys).
//!
//! Built-in kinds are checked by the table, custom ones by the schema in their definition. What an API server checks
//! beyond its schema is left to rules of their own. A key that stands twice is reported by the parser already.

mod custom;
mod scalars;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use diag::Span;
use tree::{KubeScalar, NodeId, NodeRef};

use super::table::{Field, KindLookup, ListType, Schemas, Shape, TypeId};
use super::version::Version;

pub use custom::{check_custom, custom_schema};

/// Something the API server would refuse.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaProblem {
    /// The key of an unknown field, the mapping that lacks a required one, else the value itself.
    pub node: NodeId,
    /// Where that was read; `None` for emitted trees.
    pub span: Option<Span>,
    /// The path from the object, such as `spec.containers[0].image`, ending in the field concerned.
    pub path: String,
    /// What is wrong.
    pub kind: SchemaProblemKind,
}

/// What is wrong with a field. Values are never part of it: they may be secret.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemaProblemKind {
    /// The type has no such field.
    UnknownField {
        /// The field's name.
        name: String,
        /// The field that was probably meant.
        nearest: Option<String>,
        /// The path further up where there is such a field, as for a pod's `fsGroup` in a container.
        belongs: Option<String>,
        /// Other versions of Kubernetes that know the field.
        known_in: Vec<Version>,
    },
    /// The value is of another type.
    WrongType {
        /// What the API takes.
        expected: Expected,
        /// What is there.
        found: Found,
    },
    /// A required field isn't there.
    MissingRequired {
        /// The field's name.
        name: String,
    },
    /// The value is none of those allowed.
    BadEnum {
        /// The values allowed.
        allowed: Vec<String>,
        /// The value that was probably meant.
        nearest: Option<String>,
    },
    /// The type is right, the text or figure isn't.
    BadFormat {
        /// What the API takes.
        expected: Expected,
        /// Why this isn't such a value, as a clause.
        why: String,
    },
    /// Two items of a list have the same key; server-side apply refuses that.
    DuplicateItem {
        /// The fields that make up the key.
        keys: Vec<String>,
        /// The item that stands first.
        first: NodeId,
    },
}

/// What the API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    String,
    /// One of some texts.
    Enum,
    /// Base64.
    Base64,
    /// A point in time, RFC 3339.
    Time,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    WholeNumber,
    /// A number.
    Number,
    /// A whole number or a text.
    IntOrString,
    /// A resource quantity.
    Quantity,
    /// A mapping.
    Map,
    /// A list.
    List,
}

/// What is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Null,
    /// A truth value.
    Boolean,
    /// A whole number.
    WholeNumber,
    /// Another number.
    Number,
    /// A text.
    String,
    /// A mapping.
    Map,
    /// A list.
    List,
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::String | Self::Enum => "a string",
            Self::Base64 => "a base64 string",
            Self::Time => "a time (RFC 3339)",
            Self::Boolean => "true or false",
            Self::WholeNumber => "a whole number",
            Self::Number => "a number",
            Self::IntOrString => "a whole number or a string",
            Self::Quantity => "a quantity",
            Self::Map => "a mapping",
            Self::List => "a list",
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::WholeNumber => "a whole number",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Map => "a mapping",
            Self::List => "a list",
        })
    }
}

/// Checks an object of a built-in kind. For what isn't one there are no problems: ask [`Schemas::kind`] first.
#[must_use]
pub fn check(schemas: &Schemas, version: Version, object: NodeRef<'_>) -> Vec<SchemaProblem> {
    let text = |key| object.get(key).and_then(NodeRef::str).unwrap_or_default();
    match schemas.kind(version, text("apiVersion"), text("kind")) {
        KindLookup::Known(kind) => check_as(schemas, version, kind.of, object),
        _ => Vec::new(),
    }
}

/// Checks a node as a value of one of the table's types, such as `core.v1.PodSpec`.
#[must_use]
pub fn check_as(schemas: &Schemas, version: Version, of: TypeId, node: NodeRef<'_>) -> Vec<SchemaProblem> {
    let mut walk =
        Walk { schemas, version, path: Vec::new(), types: Vec::new(), demands: true, problems: Vec::new() };
    walk.fields(of, node);
    walk.problems
}

/// A step of a path.
enum Step<'t> {
    Key(Cow<'t, str>),
    Index(usize),
}

/// One pass over an object.
struct Walk<'s, 't> {
    schemas: &'s Schemas,
    version: Version,
    path: Vec<Step<'t>>,
    /// The types of the table that the node is in, outermost first, with the length of the path to each.
    types: Vec<(TypeId, usize)>,
    /// Whether required fields are asked for: not below `status`, which the API server overwrites.
    demands: bool,
    problems: Vec<SchemaProblem>,
}

impl<'t> Walk<'_, 't> {
    fn value(&mut self, shape: Shape, node: NodeRef<'t>) {
        match shape {
            // Go leaves the zero value in the place of any null.
            _ if node.is_null() => {}
            Shape::Any => {}
            Shape::Object => {
                self.is_map(node);
            }
            Shape::Struct(of) => self.fields(of, node),
            Shape::Map(values) => {
                if self.is_map(node) {
                    let values = self.schemas.element(values);
                    for (key, value) in node.entries() {
                        self.below(Step::Key(key.kube_key()), |walk| walk.value(values, value));
                    }
                }
            }
            Shape::List(items) => {
                if self.is_list(node) {
                    let items = self.schemas.element(items);
                    for (index, item) in node.items().enumerate() {
                        self.below(Step::Index(index), |walk| walk.value(items, item));
                    }
                }
            }
            _ => {
                if let Err(kind) = scalars::check(self.schemas, shape, node) {
                    self.report(node, kind);
                }
            }
        }
    }

    fn fields(&mut self, of: TypeId, node: NodeRef<'t>) {
        if !self.is_map(node) {
            return;
        }
        let schemas = self.schemas;
        self.types.push((of, self.path.len()));
        for (key, value) in node.entries() {
            let name = key.kube_key();
            let Some(field) = schemas.field(of, &name, self.version) else {
                self.unknown_field(of, &name, key);
                continue;
            };
            let demands = self.demands;
            self.demands &= !(self.path.is_empty() && field.name == "status");
            self.below(Step::Key(name), |walk| {
                walk.value(field.shape, value);
                if field.list == Some(ListType::Map) {
                    walk.unique(field, value);
                }
            });
            self.demands = demands;
        }
        self.types.pop();
        if self.demands {
            for field in schemas.fields(of, self.version).filter(|field| field.required) {
                if node.get(field.name).is_none_or(NodeRef::is_null) {
                    self.missing(field.name, node);
                }
            }
        }
    }

    fn unknown_field(&mut self, of: TypeId, name: &str, key: NodeRef<'t>) {
        let kind = SchemaProblemKind::UnknownField {
            name: name.to_owned(),
            nearest: self.schemas.nearest_field(of, name, self.version).map(str::to_owned),
            belongs: self.belongs(name),
            known_in: self.schemas.versions_with_field(of, name),
        };
        self.below(Step::Key(Cow::Owned(name.to_owned())), |walk| walk.report(key, kind));
    }

    /// The nearest mapping further up that has the field, itself or in a field of the same name as this mapping's.
    fn belongs(&self, name: &str) -> Option<String> {
        let (schemas, version) = (self.schemas, self.version);
        let parent = self.path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(&**key),
            Step::Index(_) => None,
        });
        let (_, above) = self.types.split_last()?;
        above.iter().rev().find_map(|&(of, depth)| {
            let mut path = path_text(&self.path[..depth]);
            let mut extend = |field: &str| {
                let dot = if path.is_empty() { "" } else { "." };
                path = format!("{path}{dot}{field}");
            };
            if schemas.field(of, name, version).is_none() {
                let sibling = schemas.field(of, parent?, version)?;
                schemas.field(schemas.struct_in(sibling.shape)?, name, version)?;
                extend(sibling.name);
            }
            extend(name);
            Some(path)
        })
    }

    fn unique(&mut self, field: &Field, list: NodeRef<'t>) {
        let keys: Vec<&str> = field.list_map_keys().collect();
        self.unique_by(&keys, list);
    }

    /// Reports items that agree in all keys. A `protocol` left out is TCP, as the API server has it.
    fn unique_by(&mut self, keys: &[&str], list: NodeRef<'t>) {
        if list.items().len() < 2 || keys.is_empty() {
            return;
        }
        let mut seen: HashMap<Vec<&str>, NodeId> = HashMap::new();
        for (index, item) in list.items().enumerate() {
            let part = |key: &&str| match item.get(key) {
                Some(value) => value.text(),
                None => (*key == "protocol").then_some("TCP"),
            };
            let Some(key) = keys.iter().map(part).collect::<Option<Vec<&str>>>() else { continue };
            if let Some(first) = seen.get(&key).copied() {
                let keys = keys.iter().map(|key| (*key).to_owned()).collect();
                let kind = SchemaProblemKind::DuplicateItem { keys, first };
                self.below(Step::Index(index), |walk| walk.report(item, kind));
            } else {
                seen.insert(key, item.id());
            }
        }
    }

    fn missing(&mut self, name: &str, node: NodeRef<'t>) {
        let kind = SchemaProblemKind::MissingRequired { name: name.to_owned() };
        self.below(Step::Key(Cow::Owned(name.to_owned())), |walk| walk.report(node, kind));
    }

    fn is_map(&mut self, node: NodeRef<'t>) -> bool {
        self.is(node.is_map(), Expected::Map, node)
    }

    fn is_list(&mut self, node: NodeRef<'t>) -> bool {
        self.is(node.is_list(), Expected::List, node)
    }

    fn is(&mut self, good: bool, expected: Expected, node: NodeRef<'t>) -> bool {
        if !good {
            self.report(node, SchemaProblemKind::WrongType { expected, found: Found::of(node) });
        }
        good
    }

    fn below(&mut self, step: Step<'t>, inner: impl FnOnce(&mut Self)) {
        self.path.push(step);
        inner(self);
        self.path.pop();
    }

    fn report(&mut self, node: NodeRef<'t>, kind: SchemaProblemKind) {
        let path = path_text(&self.path);
        self.problems.push(SchemaProblem { node: node.id(), span: node.span(), path, kind });
    }
}

fn path_text(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if key.contains(['.', '/', '[']) => text.push_str(&format!("[\"{key}\"]")),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
        }
    }
    text
}

impl Found {
    /// What stands at a node, as Kubernetes reads it.
    fn of(node: NodeRef<'_>) -> Self {
        if node.is_map() {
            return Self::Map;
        }
        if node.is_list() {
            return Self::List;
        }
        match node.kube() {
            KubeScalar::Null => Self::Null,
            KubeScalar::Bool(_) => Self::Boolean,
            KubeScalar::Int(_) | KubeScalar::UInt(_) => Self::WholeNumber,
            KubeScalar::Float(_) => Self::Number,
            KubeScalar::Str(_) => Self::String,
        }
    }
}
