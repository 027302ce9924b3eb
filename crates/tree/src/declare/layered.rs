//! What a file says, lifted by its declaration: known fields only, shorthands spelt out, all that is wrong reported.

use std::sync::Arc;

use diag::{Finding, Level, Span, nearest};
use indexmap::IndexMap;

use super::meta::{Field, ScalarType, Shorthand, Struct, Type};
use super::scalar::Text;
use crate::node::{NodeId, NodeRef, Style, Tree};
use crate::origin::{FieldPath, Layer, Origin, OriginKind};

/// A node of a definition, with the layer that wrote it.
#[derive(Clone, Debug)]
pub struct Layered {
    /// What stands there.
    pub shape: Shape,
    /// Why.
    pub origin: Origin,
    /// Its key, or where it has none the node itself.
    pub key: Span,
}

/// What stands at a node of a definition.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Fields or entries, in written order.
    Map(IndexMap<Arc<str>, Layered>),
    /// Items.
    List(Vec<Layered>),
    /// A value.
    Scalar(Arc<str>, Style),
    /// Kept as written.
    Raw(Arc<Tree>, NodeId),
    /// In a change: takes away what an earlier layer wrote.
    Remove,
    /// In a change: replaces a whole mapping, which would otherwise be merged.
    Replace(Box<Layered>),
    /// In a change: edits a list.
    Edit {
        /// Items that match one of these go.
        remove: Vec<Layered>,
        /// These come behind.
        append: Vec<Layered>,
    },
    /// Something that was reported; nothing more is said about it.
    Invalid,
}

impl Layered {
    /// Where it stands: its key where it has one.
    #[must_use]
    pub fn place(&self) -> Span {
        self.key
    }

    /// A field or entry.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        if let Shape::Map(entries) = &self.shape { entries.get(key) } else { None }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Shape::Scalar(text, _) = &self.shape { Some(text) } else { None }
    }

    /// The path it was written under.
    #[must_use]
    pub fn path(&self) -> Option<FieldPath> {
        match self.origin.kind() {
            OriginKind::Written { field, .. } => Some(field.clone()),
            OriginKind::Catalogue { module, fact } => Some(FieldPath::new(format!("{module}.{fact}"))),
            _ => None,
        }
    }
}

/// Who wrote what is lifted.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A layer of a definition.
    Layer(Layer),
    /// A catalogue module of this name; paths start with it.
    Module(&'a str),
}

impl By<'_> {
    fn origin(self, path: &FieldPath, span: Span) -> Origin {
        match self {
            Self::Layer(layer) => Origin::written(path.clone(), span, layer, None),
            Self::Module(module) => {
                let fact = path.as_str().strip_prefix(module).unwrap_or(path.as_str());
                Origin::catalogue(module, fact.trim_start_matches('.'))
            }
        }
    }
}

/// Lifts the nodes of one layer.
#[derive(Debug)]
pub struct Lift<'a> {
    /// The tree that the nodes are in.
    pub tree: &'a Arc<Tree>,
    /// Who wrote it.
    pub by: By<'a>,
    /// Whether it changes an earlier layer: then `null` removes, and `$append`, `$remove` and `$replace` edit.
    pub changes: bool,
    /// Where findings go.
    pub findings: &'a mut Vec<Finding>,
}

/// The place of a node that is being lifted.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a FieldPath,
    key: Option<Span>,
}

const NOWHERE: Span = Span { file: diag::FileId(0), start: 0, end: 0 };

impl Lift<'_> {
    /// Lifts a node of a type. `key` is the place of its key.
    pub fn node(&mut self, node: NodeRef<'_>, of: &Type, path: &FieldPath, key: Option<Span>) -> Layered {
        let place = Place { path, key };
        let span = node.span().or(key).unwrap_or(NOWHERE);
        // A mapping or list is best pointed at by its key: its own span may run over pages.
        let at = if node.text().is_some() { span } else { key.unwrap_or(Span { end: span.start, ..span }) };
        let origin = self.by.origin(path, at);
        let shape = self.shape(node, of, place, span);
        Layered { shape, origin, key: key.unwrap_or(at) }
    }

    fn shape(&mut self, node: NodeRef<'_>, of: &Type, place: Place<'_>, span: Span) -> Shape {
        if text(node).is_some_and(Text::is_null) && !matches!(of, Type::Any) {
            return Shape::Remove;
        }
        match of {
            Type::Any => Shape::Raw(Arc::clone(self.tree), node.id()),
            Type::Scalar(scalar) => match text(node) {
                Some(text) => self.scalar(text, scalar, node, place, span),
                None => self.mismatch(of, node, place, span),
            },
            Type::Struct(record) => self.record(node, record, of, place, span),
            Type::Keyed(of_entry) => self.keyed(node, of_entry, of, place, span),
            Type::List(of_item) => self.list(node, of_item, of, place, span),
        }
    }

    fn mismatch(&mut self, of: &Type, node: NodeRef<'_>, place: Place<'_>, span: Span) -> Shape {
        let is = match (node.is_map(), node.is_list()) {
            (true, _) => "a mapping",
            (_, true) => "a list",
            _ => "one value",
        };
        let span = if node.text().is_some() { span } else { place.key.unwrap_or(span) };
        let message = format!("{} is {is}, but must be {}", place.path, of.describe());
        let finding = Finding::new("definition-value-invalid", Level::Error, message);
        self.findings.push(finding.at(span, format!("this is {is}")).about(place.path.to_string()));
        Shape::Invalid
    }

    fn scalar(
        &mut self,
        text: Text<'_>,
        of: &ScalarType,
        node: NodeRef<'_>,
        place: Place<'_>,
        span: Span,
    ) -> Shape {
        match (of.check)(text) {
            Ok(()) => Shape::Scalar(text.text.into(), node.style().unwrap_or(Style::Plain)),
            Err(reason) => {
                let message = format!("{} is not {}: {reason}", place.path, of.name);
                let finding = Finding::new("definition-value-invalid", Level::Error, message);
                let finding = finding.at(span, format!("must be {}", of.name));
                let help = format!("Write {} such as `{}`.", of.name, of.example);
                self.findings.push(finding.help(help).about(place.path.to_string()));
                Shape::Invalid
            }
        }
    }

    fn record(
        &mut self,
        node: NodeRef<'_>,
        record: &'static Struct,
        of: &Type,
        place: Place<'_>,
        span: Span,
    ) -> Shape {
        if let Some(scalar) = text(node) {
            let Some(parts) = spelt_out(scalar, &record.shorthand) else {
                return self.mismatch(of, node, place, span);
            };
            return self.shorthand(&parts, node, record, place, span);
        }
        if !node.is_map() {
            return self.mismatch(of, node, place, span);
        }
        if let Some(replacement) = self.replacement(node, of, place) {
            return replacement;
        }
        let mut fields = IndexMap::new();
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or("");
            let Some(field) = record.field(name) else {
                self.findings.push(unknown_field(name, record, place.path, key.span().unwrap_or(span)));
                continue;
            };
            let path = place.path.join(name);
            let lifted = self.node(value, &(field.of)(), &path, key.span());
            if self.says_nothing(&lifted) {
                continue;
            }
            fields.insert(Arc::from(name), self.chosen(lifted, field, &path));
        }
        Shape::Map(fields)
    }

    /// Checks a field that takes only some values.
    fn chosen(&mut self, node: Layered, field: &Field, path: &FieldPath) -> Layered {
        let Some(text) = node.text() else { return node };
        if field.choices.is_empty() || field.choices.contains(&text) {
            return node;
        }
        let choices = field.choices.join("`, `");
        let message = format!("{path} cannot be `{text}`");
        let span = span_of(&node.origin).unwrap_or(node.key);
        let mut finding = Finding::new("definition-value-invalid", Level::Error, message)
            .at(span, format!("must be one of `{choices}`"))
            .about(path.to_string());
        if let Some(meant) = nearest(text, field.choices.iter().copied()) {
            finding = finding.help(format!("Did you mean `{meant}`?"));
        }
        self.findings.push(finding);
        Layered { shape: Shape::Invalid, ..node }
    }

    fn shorthand(
        &mut self,
        parts: &[(&'static str, &str)],
        node: NodeRef<'_>,
        record: &'static Struct,
        place: Place<'_>,
        span: Span,
    ) -> Shape {
        let mut fields = IndexMap::new();
        for &(key, part) in parts {
            let Some(field) = record.field(key) else { continue };
            let path = place.path.join(key);
            let part = Text { text: part, quoted: node.style() != Some(Style::Plain) };
            let shape = match (field.of)() {
                Type::Scalar(of) => self.scalar(part, of, node, Place { path: &path, key: None }, span),
                _ => Shape::Invalid,
            };
            let origin = self.by.origin(&path, span);
            let lifted = self.chosen(Layered { shape, origin, key: span }, field, &path);
            fields.insert(Arc::from(key), lifted);
        }
        Shape::Map(fields)
    }

    fn keyed(
        &mut self,
        node: NodeRef<'_>,
        of_entry: &Type,
        of: &Type,
        place: Place<'_>,
        span: Span,
    ) -> Shape {
        if !node.is_map() {
            return self.mismatch(of, node, place, span);
        }
        if let Some(replacement) = self.replacement(node, of, place) {
            return replacement;
        }
        let mut entries = IndexMap::new();
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or("");
            let path = place.path.join(name);
            let lifted = self.node(value, of_entry, &path, key.span());
            if self.says_nothing(&lifted) {
                self.findings.push(empty_entry(&path, lifted.key));
                continue;
            }
            entries.insert(Arc::from(name), lifted);
        }
        Shape::Map(entries)
    }

    /// `{$replace: …}` in a change.
    fn replacement(&mut self, node: NodeRef<'_>, of: &Type, place: Place<'_>) -> Option<Shape> {
        let (key, value) = node.entry("$replace").filter(|_| self.changes)?;
        Some(Shape::Replace(Box::new(self.node(value, of, place.path, key.span()))))
    }

    fn list(&mut self, node: NodeRef<'_>, of_item: &Type, of: &Type, place: Place<'_>, span: Span) -> Shape {
        let edits = node.entries().all(|(key, _)| matches!(key.text(), Some("$append" | "$remove")));
        if self.changes && node.is_map() && edits {
            let [remove, append] = ["$remove", "$append"].map(|key| match node.get(key) {
                Some(list) => self.items(list, of_item, place.path),
                None => Vec::new(),
            });
            return Shape::Edit { remove, append };
        }
        if let Some(replacement) = self.replacement(node, of, place) {
            return replacement;
        }
        if !node.is_list() {
            return self.mismatch(of, node, place, span);
        }
        Shape::List(self.items(node, of_item, place.path))
    }

    fn items(&mut self, list: NodeRef<'_>, of: &Type, path: &FieldPath) -> Vec<Layered> {
        let mut names: Vec<String> = Vec::new();
        let mut items = Vec::new();
        for item in list.items() {
            let mut name = item_name(item, of);
            if names.contains(&name) {
                name = format!("{name}#{}", names.len());
            }
            let path = FieldPath::new(format!("{path}[{name}]"));
            names.push(name);
            items.push(self.node(item, of, &path, None));
        }
        items
    }

    /// `null` in a first layer reads as if it weren't there.
    fn says_nothing(&self, node: &Layered) -> bool {
        !self.changes && matches!(node.shape, Shape::Remove)
    }
}

/// A name of the owner's choice with nothing behind it. Most are half a value: `{memory: 1,5Gi}` has an entry `5Gi`.
fn empty_entry(path: &FieldPath, key: Span) -> Finding {
    Finding::new("definition-value-invalid", Level::Error, format!("{path} has no value"))
        .at(key, "says nothing")
        .help(
            "Give it a value, or remove it; between `{` and `}` a comma ends a value: `1.5Gi`, not `1,5Gi`.",
        )
        .about(path.to_string())
}

/// What an item is called in paths: its text, or the first of its type's required fields.
fn item_name(item: NodeRef<'_>, of: &Type) -> String {
    let by_field = |record: &Struct| {
        let field = record.fields.iter().find(|field| field.required)?;
        item.get(field.key)?.text().map(str::to_owned)
    };
    match of {
        _ if item.text().is_some() => item.text().unwrap_or("").to_owned(),
        Type::Struct(record) => by_field(record).unwrap_or_default(),
        _ => String::new(),
    }
}

fn text<'a>(node: NodeRef<'a>) -> Option<Text<'a>> {
    Some(Text::new(node.text()?, node.style().unwrap_or(Style::Plain)))
}

fn spelt_out<'a>(scalar: Text<'a>, shorthand: &Shorthand) -> Option<Vec<(&'static str, &'a str)>> {
    match *shorthand {
        Shorthand::None => None,
        Shorthand::Field(field) => Some(vec![(field, scalar.text)]),
        Shorthand::Split(first, at, second) => Some(match scalar.text.split_once(at) {
            Some((before, behind)) => vec![(first, before), (second, behind)],
            None => vec![(first, scalar.text)],
        }),
    }
}

fn unknown_field(name: &str, record: &Struct, path: &FieldPath, span: Span) -> Finding {
    let keys = record.fields.iter().map(|field| field.key);
    let message = format!("{path} has no field `{name}`");
    let finding = Finding::new("definition-field-unknown", Level::Error, message);
    let finding = finding.at(span, "unknown field").about(format!("{path}.{name}"));
    match nearest(name, keys.clone()) {
        Some(meant) => finding.help(format!("Did you mean `{meant}`?")),
        None => finding.help(format!("It has {}.", keys.collect::<Vec<_>>().join(", "))),
    }
}

/// The place an origin was written at.
fn span_of(origin: &Origin) -> Option<Span> {
    match origin.kind() {
        OriginKind::Written { span, .. } => Some(*span),
        _ => None,
    }
}
