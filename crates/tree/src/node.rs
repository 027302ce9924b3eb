//! The arena: nodes, trees, and cursors into them.

use std::sync::Arc;

use diag::Span;

use crate::origin::Because;

/// A node of one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// How a scalar was written, or is to be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`; every string of a JSON file.
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// An explicit tag, such as `!!str` (kept whole, resolved handles).
pub type Tag = Arc<str>;

/// A key and its value in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, always a node of its own: its span is what an unknown field is reported at.
    pub key: NodeId,
    /// The value.
    pub value: NodeId,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A mapping, in written order.
    Map(Vec<Entry>),
    /// A sequence.
    List(Vec<NodeId>),
    /// A scalar as written.
    Scalar {
        /// The text, unescaped and folded, not resolved.
        text: Arc<str>,
        /// How it was written.
        style: Style,
        /// An explicit tag.
        tag: Option<Tag>,
    },
}

/// Where a tree's nodes come from; parallel to them.
#[derive(Clone, Debug)]
pub enum Provenance {
    /// Read from a file.
    Parsed(Vec<Span>),
    /// Made by an emitter.
    Emitted(Vec<Because>),
}

/// One document.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) provenance: Provenance,
    pub(crate) root: NodeId,
}

impl Tree {
    /// A cursor at the root.
    #[must_use]
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { tree: self, id: self.root }
    }

    /// A cursor at a node of this tree.
    #[must_use]
    pub fn at(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node; never so for a tree that was parsed or built.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// A cursor: a node and the tree it is in.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    /// Which node of its tree.
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The tree.
    #[must_use]
    pub fn tree(self) -> &'a Tree {
        self.tree
    }

    /// The node itself.
    #[must_use]
    pub fn node(self) -> &'a Node {
        &self.tree.nodes[self.id.0 as usize]
    }

    /// Where it was read; `None` for emitted trees.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        match &self.tree.provenance {
            Provenance::Parsed(spans) => spans.get(self.id.0 as usize).copied(),
            Provenance::Emitted(_) => None,
        }
    }

    /// Why it was emitted so; `None` for parsed trees.
    #[must_use]
    pub fn because(self) -> Option<&'a Because> {
        match &self.tree.provenance {
            Provenance::Emitted(because) => because.get(self.id.0 as usize),
            Provenance::Parsed(_) => None,
        }
    }

    /// The value of a key; `None` where this isn't a mapping or has no such key. Of duplicate keys the last counts.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key node and the value of a key.
    #[must_use]
    pub fn entry(self, key: &str) -> Option<(NodeRef<'a>, NodeRef<'a>)> {
        self.entries().rfind(|(name, _)| name.text() == Some(key))
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn path(self, keys: &[&str]) -> Option<NodeRef<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Keys and values of a mapping, in written order; nothing for other nodes.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = (NodeRef<'a>, NodeRef<'a>)> + Clone {
        let entries = if let Node::Map(entries) = self.node() { &entries[..] } else { &[] };
        let tree = self.tree;
        entries.iter().map(move |entry| (NodeRef { tree, id: entry.key }, NodeRef { tree, id: entry.value }))
    }

    /// Items of a sequence; nothing for other nodes.
    pub fn items(self) -> impl DoubleEndedIterator<Item = NodeRef<'a>> + ExactSizeIterator + Clone {
        let items = if let Node::List(items) = self.node() { &items[..] } else { &[] };
        let tree = self.tree;
        items.iter().map(move |&id| NodeRef { tree, id })
    }

    /// The text of a scalar as written, whatever it resolves to.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self.node() {
            Node::Scalar { text, .. } => Some(text),
            Node::Map(_) | Node::List(_) => None,
        }
    }

    /// How a scalar was written.
    #[must_use]
    pub fn style(self) -> Option<Style> {
        match self.node() {
            Node::Scalar { style, .. } => Some(*style),
            Node::Map(_) | Node::List(_) => None,
        }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_map(self) -> bool {
        matches!(self.node(), Node::Map(_))
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self.node(), Node::List(_))
    }
}
