//! Printing trees, the same bytes for the same tree.
//!
//! What is printed reads back the same for Kubernetes, and a text stays a text for every YAML reader that may come
//! across it (see [`scalar`]). Comments and styles of what was read are not kept.

mod json;
mod scalar;
#[cfg(test)]
mod tests;

use crate::kube::KubeScalar;
use crate::node::{NodeId, NodeRef, Tree};

pub use json::print_json;
pub(crate) use scalar::typed;

/// Prints one document as YAML: block style, two spaces, without `---`.
#[must_use]
pub fn print(tree: &Tree) -> String {
    print_with_origins(tree).0
}

/// Prints one document, and says for each line (from 1) which value it shows: the innermost one that begins there, or
/// the text that goes on.
#[must_use]
pub fn print_with_origins(tree: &Tree) -> (String, Vec<(u32, NodeId)>) {
    let mut printer = Printer { out: String::new(), lines: Vec::new(), line: 1, column: 0 };
    printer.node(tree.root(), 0);
    (printer.out, printer.lines)
}

/// Prints a node and what is below it, as [`print`] does.
pub(crate) fn print_node(node: NodeRef<'_>) -> String {
    let mut printer = Printer { out: String::new(), lines: Vec::new(), line: 1, column: 0 };
    printer.node(node, 0);
    printer.out
}

struct Printer {
    out: String,
    lines: Vec<(u32, NodeId)>,
    line: u32,
    /// Whether the line has content: 0 at its start.
    column: usize,
}

impl Printer {
    /// Prints a node whose first line may already have begun; ends with a line end.
    fn node(&mut self, node: NodeRef<'_>, indent: usize) {
        if node.entries().next().is_some() {
            node.entries().for_each(|(key, value)| self.field(key, value, indent));
        } else if node.items().len() > 0 {
            node.items().for_each(|item| {
                self.begin(indent);
                self.put("- ");
                self.node(item, indent + 2);
            });
        } else {
            self.begin(indent);
            self.leaf(node, indent);
        }
    }

    fn field(&mut self, key: NodeRef<'_>, value: NodeRef<'_>, indent: usize) {
        self.begin(indent);
        self.put(&scalar::text(&key.kube_key()));
        self.put(":");
        let is_empty = value.entries().next().is_none() && value.items().len() == 0;
        if is_empty {
            self.put(" ");
            self.leaf(value, indent + 2);
        } else {
            self.end(value.id());
            self.node(value, indent + 2);
        }
    }

    /// A scalar, or a collection without content.
    fn leaf(&mut self, node: NodeRef<'_>, indent: usize) {
        if node.is_map() || node.is_list() {
            self.put(if node.is_map() { "{}" } else { "[]" });
            return self.end(node.id());
        }
        match node.kube() {
            KubeScalar::Str(text) if scalar::fits_block(text) => self.block(text, node.id(), indent.max(2)),
            KubeScalar::Str(text) => {
                self.put(&scalar::text(text));
                self.end(node.id());
            }
            other => {
                self.put(&typed(other));
                self.end(node.id());
            }
        }
    }

    fn block(&mut self, text: &str, id: NodeId, indent: usize) {
        self.put(&scalar::block_header(text));
        self.end(id);
        let body = text.strip_suffix('\n').unwrap_or(text);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.begin(indent);
                self.put(line);
            }
            self.end(id);
        }
    }

    /// Indents, unless the line has begun with the dash of a list.
    fn begin(&mut self, indent: usize) {
        if self.column == 0 {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn end(&mut self, id: NodeId) {
        self.out.push('\n');
        self.lines.push((self.line, id));
        self.line += 1;
        self.column = 0;
    }
}
