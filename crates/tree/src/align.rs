//! One form of what several scopes have in common, with values where they differ.
//!
//! A chart or a base is written once for many scopes. `align` lays the trees of one object over each other: what is the
//! same everywhere stays literal, what differs becomes a value with a name, what only some scopes have gets a
//! condition. Rendered with the values of a scope, the aligned form gives that scope's tree again; that is proven over
//! random trees. Values are scalars: none holds a whole object.

mod columns;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

use crate::draft::Draft;
use crate::kube::KubeScalar;
use crate::node::{NodeRef, Tree};
use crate::origin::{Because, FieldPath, How, Origin, OriginKind, Part};
use crate::print;

use values::Table;
pub use values::{Value, ValueId, ValueName};

/// A scope among those that are aligned, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeIndex(pub u16);

/// Several objects aligned over the same scopes, with the values they share.
#[derive(Clone, Debug, Default)]
pub struct Alignment {
    /// In the order in which they were given.
    pub objects: Vec<Aligned>,
    /// Everything that differs between scopes, in the order of first use.
    pub values: Vec<Value>,
}

/// One object over all scopes.
#[derive(Clone, Debug)]
pub struct Aligned {
    /// Its name, as it was given.
    pub object: Arc<str>,
    /// The alternatives of its root: at most one in each scope.
    pub root: Vec<Slot>,
}

/// Something that is there in some scopes, and the same in shape in all of them.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Where it is; never empty.
    pub scopes: Box<[ScopeIndex]>,
    /// The value that says whether it is there; none where it is wherever its parent is.
    pub when: Option<ValueId>,
    /// What it is.
    pub content: Content,
    /// Why it is as it is in the first of its scopes.
    pub because: Option<Because>,
}

/// What stands in a [`Slot`].
#[derive(Clone, Debug)]
pub enum Content {
    /// A mapping. A key stands more than once where its value differs in shape between scopes. Either empty, or with a
    /// field in every scope of the slot.
    Map(Vec<(Arc<str>, Slot)>),
    /// A sequence. Either empty, or with an item in every scope of the slot.
    List(Vec<Slot>),
    /// A scalar.
    Scalar {
        /// Its text, put together of these.
        pieces: Vec<Piece>,
        /// Whether it is anything but a text: to be written without quotes.
        typed: bool,
    },
}

/// A part of a scalar's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The same in all scopes.
    Literal(Box<str>),
    /// The text of a value.
    Value(ValueId),
}

/// One object's trees, by scope.
pub type ScopedTrees<'a> = Vec<(ScopeIndex, &'a Tree)>;

/// Aligns objects, each given by name with its tree in those scopes that have it, in the order of the scopes.
#[must_use]
pub fn align(n_scopes: u16, objects: &[(Arc<str>, ScopedTrees<'_>)]) -> Alignment {
    let all: Vec<ScopeIndex> = (0..n_scopes).map(ScopeIndex).collect();
    let mut values = Table::new(n_scopes);
    let mut aligned = Vec::with_capacity(objects.len());
    for (object, trees) in objects {
        let nodes: Vec<_> = trees.iter().map(|&(scope, tree)| (scope, tree.root())).collect();
        let mut aligner = Aligner { object, values: &mut values };
        aligned.push(Aligned { object: Arc::clone(object), root: aligner.slots(&all, "", &nodes) });
    }
    Alignment { objects: aligned, values: values.finish() }
}

/// The tree that an aligned object is with the values that `value` looks up; `None` where it isn't there.
///
/// What a template engine does with a chart, in small: it knows no scope, only values. A condition holds where its
/// value is `true`.
#[must_use]
pub fn render<'v>(aligned: &Aligned, value: &impl Fn(ValueId) -> Option<&'v str>) -> Option<Tree> {
    let slot = aligned.root.iter().find(|slot| slot.holds(value))?;
    Some(slot.draft(value).finish())
}

impl Alignment {
    /// What `render` looks up for a scope.
    pub fn values_of<'a>(&'a self, scope: ScopeIndex) -> impl Fn(ValueId) -> Option<&'a str> {
        move |id| self.values.get(id.index())?.in_scope(scope)
    }
}

impl Slot {
    fn holds<'v>(&self, value: &impl Fn(ValueId) -> Option<&'v str>) -> bool {
        self.when.is_none_or(|condition| value(condition) == Some("true"))
    }

    fn draft<'v>(&self, value: &impl Fn(ValueId) -> Option<&'v str>) -> Draft {
        let aligned = || Origin::default_of(FieldPath::new(""), "It was rendered from an aligned form.");
        let origin = self.because.as_ref().map_or_else(aligned, |because| because.value.clone());
        match &self.content {
            Content::Map(fields) => fields
                .iter()
                .filter(|(_, slot)| slot.holds(value))
                .fold(Draft::map(origin), |map, (key, slot)| map.with(Arc::clone(key), slot.draft(value))),
            Content::List(items) => items
                .iter()
                .filter(|slot| slot.holds(value))
                .fold(Draft::list(origin), |list, slot| list.item(slot.draft(value))),
            Content::Scalar { pieces, typed } => {
                let part = |piece: &Piece| match piece {
                    Piece::Literal(text) => text.to_string(),
                    Piece::Value(id) => value(*id).unwrap_or("").to_owned(),
                };
                let text: String = pieces.iter().map(part).collect();
                if *typed { Draft::typed(text, origin) } else { Draft::string(text, origin) }
            }
        }
    }
}

type Nodes<'a> = Vec<(ScopeIndex, NodeRef<'a>)>;

/// What a template can print in one piece of syntax.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    EmptyMap,
    Map,
    EmptyList,
    List,
    Text,
    Typed,
}

fn shape(node: NodeRef<'_>) -> Shape {
    match (node.is_map(), node.is_list()) {
        (true, _) if node.entries().next().is_none() => Shape::EmptyMap,
        (true, _) => Shape::Map,
        (_, true) if node.items().len() == 0 => Shape::EmptyList,
        (_, true) => Shape::List,
        _ if matches!(node.kube(), KubeScalar::Str(_)) => Shape::Text,
        _ => Shape::Typed,
    }
}

/// A scalar's text in one scope, and why.
struct Text<'a> {
    scope: ScopeIndex,
    text: String,
    origin: Option<&'a Origin>,
}

struct Aligner<'a> {
    object: &'a Arc<str>,
    values: &'a mut Table,
}

impl Aligner<'_> {
    /// What stands at a place, given what each scope has there; `parent` are the scopes that have the place at all.
    fn slots(&mut self, parent: &[ScopeIndex], path: &str, nodes: &[(ScopeIndex, NodeRef<'_>)]) -> Vec<Slot> {
        let mut groups: Vec<(Shape, Nodes<'_>)> = Vec::new();
        for &(scope, node) in nodes {
            let shape = shape(node);
            match groups.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, group)) => group.push((scope, node)),
                None => groups.push((shape, vec![(scope, node)])),
            }
        }
        groups.iter().map(|(shape, group)| self.slot(parent, path, *shape, group)).collect()
    }

    fn slot(&mut self, parent: &[ScopeIndex], path: &str, shape: Shape, nodes: &Nodes<'_>) -> Slot {
        let scopes: Box<[ScopeIndex]> = nodes.iter().map(|&(scope, _)| scope).collect();
        let when = (scopes.len() < parent.len()).then(|| self.condition(parent, path, nodes));
        let content = match shape {
            Shape::EmptyMap => Content::Map(Vec::new()),
            Shape::EmptyList => Content::List(Vec::new()),
            Shape::Map => Content::Map(self.fields(&scopes, path, nodes)),
            Shape::List => Content::List(self.items(&scopes, path, nodes)),
            Shape::Text | Shape::Typed => {
                let texts: Vec<_> = nodes.iter().map(|&(scope, node)| text(scope, node)).collect();
                Content::Scalar { pieces: self.pieces(path, &texts), typed: shape == Shape::Typed }
            }
        };
        let because = nodes.first().and_then(|(_, node)| node.because()).cloned();
        Slot { scopes, when, content, because }
    }

    fn fields(&mut self, scopes: &[ScopeIndex], path: &str, nodes: &Nodes<'_>) -> Vec<(Arc<str>, Slot)> {
        let mut fields = Vec::new();
        for (key, values) in columns::of_fields(nodes) {
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            let slots = self.slots(scopes, &below, &values);
            fields.extend(slots.into_iter().map(|slot| (Arc::clone(&key), slot)));
        }
        fields
    }

    fn items(&mut self, scopes: &[ScopeIndex], path: &str, nodes: &Nodes<'_>) -> Vec<Slot> {
        let mut items = Vec::new();
        for (index, column) in columns::of_items(nodes).into_iter().enumerate() {
            let key = column.first().and_then(|(_, node)| node.because()?.item.as_ref());
            let name = key.map_or_else(|| index.to_string(), |key| key.as_str().to_owned());
            items.extend(self.slots(scopes, &format!("{path}[{name}]"), &column));
        }
        items
    }

    /// The value that is true where the nodes are, of the scopes that have their parent.
    fn condition(&mut self, parent: &[ScopeIndex], path: &str, nodes: &Nodes<'_>) -> ValueId {
        let present = |scope: ScopeIndex| nodes.iter().any(|&(other, _)| other == scope);
        let texts: Vec<_> =
            parent.iter().map(|&scope| (scope, if present(scope) { "true" } else { "false" })).collect();
        let presence = nodes.iter().find_map(|(_, node)| node.because()?.presence.as_ref());
        let name = presence.and_then(field).map(|field| ValueName::Present(field.clone()));
        let fallback = |n| ValueName::PresentAt { object: Arc::clone(self.object), path: path.into(), n };
        self.values.add(name, fallback, &texts, presence)
    }

    /// How the texts of a scalar are put together.
    fn pieces(&mut self, path: &str, texts: &[Text<'_>]) -> Vec<Piece> {
        let Some(first) = texts.first() else { return Vec::new() };
        if texts.iter().all(|text| text.text == first.text) {
            return vec![Piece::Literal(first.text.as_str().into())];
        }
        let derived = texts.iter().filter_map(|text| text.origin).find_map(derived);
        let name = match derived {
            Some(name) => Some(ValueName::Derived { object: Arc::clone(self.object), name }),
            None => same_field(texts).map(|field| ValueName::Field(field.clone())),
        };
        if let (None, Some(parts)) = (&name, same_format(texts)) {
            return self.formatted(path, texts, parts);
        }
        let given: Vec<_> = texts.iter().map(|text| (text.scope, text.text.as_str())).collect();
        let fallback = |n| ValueName::At { object: Arc::clone(self.object), path: path.into(), n };
        vec![Piece::Value(self.values.add(name, fallback, &given, first.origin))]
    }

    /// The pieces of a text that is formatted alike in all scopes.
    fn formatted(&mut self, path: &str, texts: &[Text<'_>], parts: &[Part]) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let of_part = match part {
                Part::Literal(text) => vec![Piece::Literal(text.clone())],
                Part::Input { .. } => {
                    let inputs: Vec<_> = texts.iter().filter_map(|text| input(text, at)).collect();
                    self.pieces(path, &inputs)
                }
            };
            for piece in of_part {
                match (pieces.last_mut(), piece) {
                    (Some(Piece::Literal(before)), Piece::Literal(text)) => {
                        *before = format!("{before}{text}").into();
                    }
                    (_, piece) => pieces.push(piece),
                }
            }
        }
        pieces
    }
}

fn text(scope: ScopeIndex, node: NodeRef<'_>) -> Text<'_> {
    let text = match node.kube() {
        KubeScalar::Str(text) => text.to_owned(),
        other => print::typed(other),
    };
    Text { scope, text, origin: node.because().map(|because| &because.value) }
}

/// The definition field that a value stands in.
fn field(origin: &Origin) -> Option<&FieldPath> {
    match origin.kind() {
        OriginKind::Written { field, .. } | OriginKind::Default { field, .. } => Some(field),
        OriginKind::Catalogue { .. } | OriginKind::Computed { .. } => None,
    }
}

/// The name that a derivation declares.
fn derived(origin: &Origin) -> Option<&'static str> {
    match origin.kind() {
        OriginKind::Computed { how: How::Derived(name), .. } => Some(name),
        _ => None,
    }
}

fn same_field<'a>(texts: &[Text<'a>]) -> Option<&'a FieldPath> {
    let mut fields = texts.iter().map(|text| text.origin.and_then(field));
    let first = fields.next()??;
    fields.all(|field| field == Some(first)).then_some(first)
}

fn format_of(origin: &Origin) -> Option<(&[Part], &[Origin])> {
    match origin.kind() {
        OriginKind::Computed { how: How::Format(parts), inputs } => Some((parts, inputs)),
        _ => None,
    }
}

/// The parts of texts that are all formatted in the same way, and really consist of them.
fn same_format<'a>(texts: &[Text<'a>]) -> Option<&'a [Part]> {
    let (first, _) = format_of(texts.first()?.origin?)?;
    let alike = |text: &Text<'_>| {
        let Some((parts, inputs)) = text.origin.and_then(format_of) else { return false };
        let same = |(part, other): (&Part, &Part)| match (part, other) {
            (Part::Literal(text), Part::Literal(other)) => text == other,
            (Part::Input { index, .. }, Part::Input { index: other, .. }) => {
                index == other && usize::from(*index) < inputs.len()
            }
            _ => false,
        };
        let whole: String = parts.iter().map(part_text).collect();
        parts.len() == first.len() && parts.iter().zip(first).all(same) && whole == text.text
    };
    texts.iter().all(alike).then_some(first)
}

fn part_text(part: &Part) -> &str {
    match part {
        Part::Literal(text) | Part::Input { text, .. } => text,
    }
}

/// The input at a part of a formatted text.
fn input<'a>(text: &Text<'a>, at: usize) -> Option<Text<'a>> {
    let (parts, inputs) = format_of(text.origin?)?;
    match parts.get(at)? {
        Part::Input { index, text: part } => {
            Some(Text { scope: text.scope, text: part.to_string(), origin: inputs.get(usize::from(*index)) })
        }
        Part::Literal(_) => None,
    }
}
