//! Trees as JSON.

use std::fmt::Write as _;

use crate::kube::KubeScalar;
use crate::node::{NodeRef, Tree};

/// Prints one document as JSON, two spaces to a level. Infinities and NaN, which JSON lacks, become `null`.
#[must_use]
pub fn print_json(tree: &Tree) -> String {
    let mut out = String::new();
    node(&mut out, tree.root(), 0);
    out.push('\n');
    out
}

fn node(out: &mut String, at: NodeRef<'_>, depth: usize) {
    if at.is_map() {
        let fields = at.entries().map(|(key, value)| (Some(key), value));
        collection(out, fields, ('{', '}'), depth);
    } else if at.is_list() {
        collection(out, at.items().map(|item| (None, item)), ('[', ']'), depth);
    } else {
        scalar(out, at.kube());
    }
}

fn collection<'a>(
    out: &mut String,
    content: impl Iterator<Item = (Option<NodeRef<'a>>, NodeRef<'a>)>,
    (open, close): (char, char),
    depth: usize,
) {
    out.push(open);
    let mut n_items = 0;
    for (key, value) in content {
        out.push_str(if n_items > 0 { ",\n" } else { "\n" });
        n_items += 1;
        out.extend(std::iter::repeat_n("  ", depth + 1));
        if let Some(key) = key {
            string(out, &key.kube_key());
            out.push_str(": ");
        }
        node(out, value, depth + 1);
    }
    if n_items > 0 {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
    out.push(close);
}

fn scalar(out: &mut String, value: KubeScalar<'_>) {
    match value {
        KubeScalar::Str(text) => string(out, text),
        KubeScalar::Float(value) if !value.is_finite() => out.push_str("null"),
        other => out.push_str(&super::scalar::typed(other)),
    }
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
                let written = write!(out, "\\u{:04x}", u32::from(c));
                debug_assert!(written.is_ok(), "writing to a string can't fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
