//! From merged nodes to declared structs.

use diag::{Finding, Level, Span};
use indexmap::IndexMap;

use super::layered::{Layered, Shape};
use super::meta::{Struct, Type};
use super::scalar::{Scalar, Text};
use crate::origin::{FieldPath, Origin, Val};

/// A type that is read from a merged definition.
pub trait Declared: Sized {
    /// Whether a file must give it.
    const REQUIRED: bool;

    /// Its declaration.
    fn declared() -> Type;

    /// Reads it; `None` where it, or what it can't be without, is missing or was found invalid. Both are reported.
    fn read(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Self>;
}

/// A place of a merged definition that something is read from.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// What stands there, if anything.
    pub node: Option<&'a Layered>,
    /// The nearest thing around it that was written.
    pub owner: Span,
    /// Its path.
    pub path: FieldPath,
}

/// What a reader asks a place for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The field's key.
    pub key: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// The only values it takes; empty for any.
    pub choices: &'static [&'static str],
}

impl<'a> At<'a> {
    /// The place of a whole document part.
    #[must_use]
    pub fn new(node: &'a Layered, path: FieldPath) -> Self {
        Self { node: Some(node), owner: node.place(), path }
    }

    fn get(&self, key: &str) -> Self {
        let node = self.node.and_then(|node| node.get(key));
        let owner = node.map_or(self.owner, Layered::place);
        Self { node, owner, path: self.path.join(key) }
    }

    /// Reads a field; a missing one that is required is reported.
    pub fn field<T: Declared>(&self, asked: &Asked, findings: &mut Vec<Finding>) -> Option<T> {
        let at = self.get(asked.key);
        if at.node.is_none() && T::REQUIRED {
            findings.push(missing(&self.path, self.owner, asked, &T::declared()));
            return None;
        }
        T::read(&at, findings)
    }
}

fn missing(path: &FieldPath, owner: Span, asked: &Asked, of: &Type) -> Finding {
    let (key, doc) = (asked.key, asked.doc.split_whitespace().collect::<Vec<_>>().join(" "));
    let help = match of {
        _ if !asked.choices.is_empty() => format!("Add `{key}`: one of `{}`.", asked.choices.join("`, `")),
        Type::Scalar(scalar) if scalar.name == "a text" => format!("Add `{key}: …`. {doc}"),
        Type::Scalar(scalar) => format!("Add `{key}: {}` ({}). {doc}", scalar.example, of.describe()),
        Type::Struct(_) | Type::Keyed(_) | Type::Any => format!("Add `{key}: {{…}}` ({}).", of.describe()),
        Type::List(_) => format!("Add `{key}: […]` ({}).", of.describe()),
    };
    Finding::new("definition-field-missing", Level::Error, format!("{path} has no `{key}`"))
        .at(owner, format!("`{key}` is needed here"))
        .help(help)
        .about(format!("{path}.{key}"))
}

impl<T: Scalar> Declared for Val<T> {
    const REQUIRED: bool = true;

    fn declared() -> Type {
        Type::Scalar(T::meta())
    }

    fn read(at: &At<'_>, _: &mut Vec<Finding>) -> Option<Self> {
        let node = at.node?;
        let Shape::Scalar(text, style) = &node.shape else { return None };
        let value = T::parse(Text::new(text, *style)).ok()?;
        Some(Self::new(value, node.origin.clone()))
    }
}

impl<T: Declared> Declared for Option<T> {
    const REQUIRED: bool = false;

    fn declared() -> Type {
        T::declared()
    }

    fn read(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Self> {
        Some(if at.node.is_some() { T::read(at, findings) } else { None })
    }
}

impl<T: Declared> Declared for Vec<T> {
    const REQUIRED: bool = false;

    fn declared() -> Type {
        Type::List(Box::new(T::declared()))
    }

    fn read(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Self> {
        let Some(Shape::List(items)) = at.node.map(|node| &node.shape) else { return Some(Self::new()) };
        let one = |item: &Layered| {
            let path = item.path().unwrap_or_else(|| at.path.clone());
            T::read(&At { node: Some(item), owner: item.place(), path }, findings)
        };
        Some(items.iter().filter_map(one).collect())
    }
}

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
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Origin, &T)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(name, item)| (name.as_str(), &item.origin, &item.value))
    }

    /// The names, in written order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
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

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Declared> Declared for Keyed<T> {
    const REQUIRED: bool = false;

    fn declared() -> Type {
        Type::Keyed(Box::new(T::declared()))
    }

    fn read(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Self> {
        let Some(Shape::Map(entries)) = at.node.map(|node| &node.shape) else { return Some(Self::default()) };
        let mut read = IndexMap::new();
        for (name, node) in entries {
            if let Some(value) = T::read(&at.get(name), findings) {
                read.insert(name.to_string(), Item { origin: node.origin.clone(), value });
            }
        }
        Some(Self(read))
    }
}

/// The declaration of a struct.
///
/// Returns an empty one for what isn't a struct, which the macro never makes.
#[must_use]
pub fn record<T: Declared>() -> &'static Struct {
    const NONE: Struct = Struct { name: "", doc: "", fields: &[], shorthand: super::Shorthand::None };
    match T::declared() {
        Type::Struct(record) => record,
        _ => const { &NONE },
    }
}
