//! The trees that emitters build: owned and recursive while they grow, an arena when they are done.

use std::sync::Arc;

use crate::node::{Entry, Node, NodeId, NodeRef, Provenance, Style, Tag, Tree};
use crate::origin::{Because, ItemKey, Origin, Val};

/// A tree under construction.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    shape: Shape,
    because: Because,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Map(Vec<(Arc<str>, Draft)>),
    List(Vec<Draft>),
    Scalar { text: Arc<str>, style: Style, tag: Option<Tag> },
}

impl Draft {
    /// An empty mapping.
    #[must_use]
    pub fn map(origin: Origin) -> Self {
        Self { shape: Shape::Map(Vec::new()), because: origin.into() }
    }

    /// An empty sequence.
    #[must_use]
    pub fn list(origin: Origin) -> Self {
        Self { shape: Shape::List(Vec::new()), because: origin.into() }
    }

    /// A string: printed so that every reader takes it for one.
    #[must_use]
    pub fn string(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self::scalar(text.into(), Style::Double, origin)
    }

    /// An integer.
    #[must_use]
    pub fn int(value: i64, origin: Origin) -> Self {
        Self::scalar(value.to_string().into(), Style::Plain, origin)
    }

    /// `true` or `false`.
    #[must_use]
    pub fn bool(value: bool, origin: Origin) -> Self {
        Self::scalar(if value { "true" } else { "false" }.into(), Style::Plain, origin)
    }

    /// A scalar as it would be written without quotes: `0.5`, `null`.
    #[must_use]
    pub fn typed(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self::scalar(text.into(), Style::Plain, origin)
    }

    /// A string value of the definition.
    #[must_use]
    pub fn text(value: &Val<String>) -> Self {
        Self::string(value.value.as_str(), value.origin.clone())
    }

    fn scalar(text: Arc<str>, style: Style, origin: Origin) -> Self {
        Self { shape: Shape::Scalar { text, style, tag: None }, because: origin.into() }
    }

    /// Adds or replaces a field of a mapping; on other shapes it does nothing.
    #[must_use]
    pub fn with(mut self, key: impl Into<Arc<str>>, value: Self) -> Self {
        self.set(key, value);
        self
    }

    /// Adds a field where there is a value for it.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<Self>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds or replaces a field of a mapping; on other shapes it does nothing.
    pub fn set(&mut self, key: impl Into<Arc<str>>, value: Self) {
        let Shape::Map(fields) = &mut self.shape else { return };
        let key = key.into();
        match fields.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => fields.push((key, value)),
        }
    }

    /// Appends an item to a sequence; on other shapes it does nothing.
    #[must_use]
    pub fn item(mut self, value: Self) -> Self {
        self.push(value);
        self
    }

    /// Appends an item to a sequence; on other shapes it does nothing.
    pub fn push(&mut self, value: Self) {
        if let Shape::List(items) = &mut self.shape {
            items.push(value);
        }
    }

    /// Says what identifies this item in its list.
    #[must_use]
    pub fn keyed(mut self, key: impl Into<Arc<str>>) -> Self {
        self.because.item = Some(ItemKey::new(key));
        self
    }

    /// Says why this node is there at all.
    #[must_use]
    pub fn present_because(mut self, origin: Origin) -> Self {
        self.because.presence = Some(origin);
        self
    }

    /// Whether it is a mapping or sequence without content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::Map(fields) => fields.is_empty(),
            Shape::List(items) => items.is_empty(),
            Shape::Scalar { .. } => false,
        }
    }

    /// The field of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Shape::Map(fields) = &self.shape else { return None };
        fields.iter().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    /// The field of a mapping, to be changed in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Shape::Map(fields) = &mut self.shape else { return None };
        fields.iter_mut().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    /// A copy of a parsed node, each of its nodes with the origin that is given for it. What Kubernetes reads as
    /// text is text.
    #[must_use]
    pub fn copy(node: NodeRef<'_>, origin: &dyn Fn(NodeRef<'_>) -> Origin) -> Self {
        let because: Because = origin(node).into();
        let shape = if node.is_map() {
            let field = |(key, value): (NodeRef<'_>, NodeRef<'_>)| {
                (Arc::from(&*key.kube_key()), Self::copy(value, origin))
            };
            Shape::Map(node.entries().map(field).collect())
        } else if node.is_list() {
            Shape::List(node.items().map(|item| Self::copy(item, origin)).collect())
        } else {
            let style = if node.str().is_some() { Style::Double } else { Style::Plain };
            Shape::Scalar { text: node.text().unwrap_or("").into(), style, tag: None }
        };
        Self { shape, because }
    }

    /// Takes a field out of a mapping.
    pub fn remove(&mut self, key: &str) -> Option<Self> {
        let Shape::Map(fields) = &mut self.shape else { return None };
        let at = fields.iter().position(|(name, _)| &**name == key)?;
        Some(fields.remove(at).1)
    }

    /// The items of a sequence, to be changed in place.
    pub fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Shape::List(items) = &mut self.shape { Some(items) } else { None }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self.shape, Shape::Map(_))
    }

    /// The text of a scalar.
    #[must_use]
    pub fn scalar_text(&self) -> Option<&str> {
        if let Shape::Scalar { text, .. } = &self.shape { Some(text) } else { None }
    }

    /// Why it has its value.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.because.value
    }

    /// What identifies it in its list, where something does.
    #[must_use]
    pub fn item_key(&self) -> Option<&ItemKey> {
        self.because.item.as_ref()
    }

    /// Turns it into an arena.
    #[must_use]
    pub fn finish(self) -> Tree {
        let (mut nodes, mut because) = (Vec::new(), Vec::new());
        let root = self.lay(&mut nodes, &mut because);
        Tree { nodes, provenance: Provenance::Emitted(because), root }
    }

    fn lay(self, nodes: &mut Vec<Node>, because: &mut Vec<Because>) -> NodeId {
        let id = push(nodes, because, Node::List(Vec::new()), self.because.clone());
        let node = match self.shape {
            Shape::Map(fields) => Node::Map(
                fields
                    .into_iter()
                    .map(|(key, value)| {
                        let why = Because { item: None, ..value.because.clone() };
                        let name = Node::Scalar { text: key, style: Style::Double, tag: None };
                        let key = push(nodes, because, name, why);
                        Entry { key, value: value.lay(nodes, because) }
                    })
                    .collect(),
            ),
            Shape::List(items) => {
                Node::List(items.into_iter().map(|item| item.lay(nodes, because)).collect())
            }
            Shape::Scalar { text, style, tag } => Node::Scalar { text, style, tag },
        };
        nodes[id.0 as usize] = node;
        id
    }
}

fn push(nodes: &mut Vec<Node>, because: &mut Vec<Because>, node: Node, why: Because) -> NodeId {
    let id = NodeId(u32::try_from(nodes.len()).unwrap_or(u32::MAX));
    nodes.push(node);
    because.push(why);
    id
}
