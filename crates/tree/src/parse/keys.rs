//! The keys of one mapping under construction: which are there, and where.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::node::{Entry, Node};

/// Below this many entries a scan is cheaper than a table.
const SMALL: usize = 12;

/// Finds the entry of a key, in constant time however large the mapping.
#[derive(Default)]
pub struct Keys {
    table: HashMap<Box<str>, usize>,
}

impl Keys {
    /// The index of the entry whose key Kubernetes reads as `key`.
    pub fn find(&self, nodes: &[Node], entries: &[Entry], key: &str) -> Option<usize> {
        if self.table.is_empty() {
            return entries.iter().position(|entry| name(nodes, entry) == key);
        }
        self.table.get(key).copied()
    }

    /// Notes that `entries` has got one more.
    pub fn pushed(&mut self, nodes: &[Node], entries: &[Entry]) {
        let from = match (self.table.is_empty(), entries.len()) {
            (true, 0..SMALL) => return,
            (true, _) => 0,
            (false, length) => length - 1,
        };
        for (index, entry) in entries.iter().enumerate().skip(from) {
            self.table.insert(name(nodes, entry).into(), index);
        }
    }
}

/// A key as Kubernetes reads it.
pub fn name<'a>(nodes: &'a [Node], entry: &Entry) -> Cow<'a, str> {
    crate::kube::key(&nodes[entry.key.0 as usize])
}
