//! The keys of one mapping under construction: which are there, and where.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::node::{Entry, Node};

/// Below this many entries a scan is cheaper than a table.
const SMALL: usize = 12;

/// Finds the entry of a key, in constant time however large the mapping.
#[derive(Default)]
pub struct Keys {
    table: HashMap<Arc<str>, usize>,
    /// Whether some key is read as another text than it is written.
    reworded: bool,
}

impl Keys {
    /// The index of the entry whose key Kubernetes reads as `key`.
    pub fn find(&self, nodes: &[Node], entries: &[Entry], key: &str) -> Option<usize> {
        if self.table.is_empty() {
            return match self.reworded {
                true => entries.iter().position(|entry| name(nodes, entry) == key),
                false => {
                    entries.iter().position(|entry| written(nodes, entry).is_some_and(|text| **text == *key))
                }
            };
        }
        self.table.get(key).copied()
    }

    /// Notes that a key was replaced by one that is read the same, but perhaps written otherwise.
    pub fn replaced(&mut self) {
        self.reworded = true;
    }

    /// Notes that `entries` has got one more.
    pub fn pushed(&mut self, nodes: &[Node], entries: &[Entry]) {
        let last = entries.last().filter(|_| !self.reworded);
        self.reworded |=
            last.is_some_and(|last| written(nodes, last).is_none_or(|text| name(nodes, last) != **text));
        let from = match (self.table.is_empty(), entries.len()) {
            (true, 0..SMALL) => return,
            (true, _) => 0,
            (false, length) => length - 1,
        };
        for (index, entry) in entries.iter().enumerate().skip(from) {
            let name = match (name(nodes, entry), written(nodes, entry)) {
                (Cow::Borrowed(name), Some(text)) if *name == **text => Arc::clone(text),
                (name, _) => name.into(),
            };
            self.table.insert(name, index);
        }
    }
}

/// A key as it is written.
fn written<'a>(nodes: &'a [Node], entry: &Entry) -> Option<&'a Arc<str>> {
    match &nodes[entry.key.0 as usize] {
        Node::Scalar { text, .. } => Some(text),
        Node::Map(_) | Node::List(_) => None,
    }
}

/// A key as Kubernetes reads it.
pub fn name<'a>(nodes: &'a [Node], entry: &Entry) -> Cow<'a, str> {
    crate::kube::key(&nodes[entry.key.0 as usize])
}
