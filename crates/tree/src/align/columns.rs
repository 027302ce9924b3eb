//! Which fields, and which items, of several scopes are the same one.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Nodes, ScopeIndex};
use crate::node::NodeRef;
use crate::origin::{How, OriginKind, Part};
use crate::print;

/// Lists whose lengths multiply to more are aligned only at their ends.
const MAX_TABLE: usize = 4_000_000;

/// The fields of several mappings by key, each in the order of the first scope that has it.
pub fn of_fields<'a>(maps: &Nodes<'a>) -> Vec<(Arc<str>, Nodes<'a>)> {
    let mut fields: Vec<(Arc<str>, Nodes<'a>)> = Vec::new();
    let mut known: HashMap<Arc<str>, usize> = HashMap::new();
    for &(scope, map) in maps {
        let mut before = None;
        for (key, value) in map.entries() {
            let key: Arc<str> = key.kube_key().into();
            let at = known.get(&key).copied().unwrap_or_else(|| {
                let at = before.map_or(0, |before| before + 1);
                if at < fields.len() {
                    known.values_mut().filter(|index| **index >= at).for_each(|index| *index += 1);
                }
                fields.insert(at, (Arc::clone(&key), Vec::new()));
                known.insert(key, at);
                at
            });
            fields[at].1.push((scope, value));
            before = Some(at);
        }
    }
    fields
}

/// The items of several lists, such that each list is what its scope has of the columns, in order: so that what stands
/// in another order in some scope is in two columns.
pub fn of_items<'a>(lists: &Nodes<'a>) -> Vec<Nodes<'a>> {
    let mut columns: Vec<(Identity, Nodes<'a>)> = Vec::new();
    for &(scope, list) in lists {
        let items: Vec<_> = list.items().map(|item| (identity(item), item)).collect();
        columns = merge(columns, items, scope);
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

/// What makes an item the same item in another scope.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    /// What the emitter says.
    Key(Arc<str>),
    /// Texts that are formatted or derived in the same way.
    Made(String),
    /// Its whole content.
    Content(String),
}

fn identity(item: NodeRef<'_>) -> Identity {
    let because = item.because();
    if let Some(key) = because.and_then(|because| because.item.as_ref()) {
        return Identity::Key(key.as_str().into());
    }
    match because.map(|because| because.value.kind()) {
        Some(OriginKind::Computed { how: How::Derived(name), .. }) if item.text().is_some() => {
            Identity::Made((*name).to_owned())
        }
        Some(OriginKind::Computed { how: How::Format(parts), .. }) if item.text().is_some() => {
            let part = |part: &Part| match part {
                Part::Literal(text) => text.to_string(),
                Part::Input { index, .. } => format!("\0{index}\0"),
            };
            Identity::Made(parts.iter().map(part).collect())
        }
        _ => Identity::Content(print::print_node(item)),
    }
}

/// Puts a list among the columns: along a longest common subsequence, so that order is kept in every scope.
fn merge<'a>(
    columns: Vec<(Identity, Nodes<'a>)>,
    items: Vec<(Identity, NodeRef<'a>)>,
    scope: ScopeIndex,
) -> Vec<(Identity, Nodes<'a>)> {
    let pairs = common(&columns, &items);
    let mut merged = Vec::with_capacity(columns.len() + items.len() - pairs.len());
    let (mut columns, mut items) = (columns.into_iter().enumerate(), items.into_iter().enumerate());
    for (column_at, item_at) in pairs {
        let mut shared = None;
        for (at, column) in columns.by_ref() {
            if at == column_at {
                shared = Some(column);
                break;
            }
            merged.push(column);
        }
        for (at, (identity, item)) in items.by_ref() {
            if at == item_at {
                if let Some((identity, mut column)) = shared.take() {
                    column.push((scope, item));
                    merged.push((identity, column));
                }
                break;
            }
            merged.push((identity, vec![(scope, item)]));
        }
    }
    merged.extend(columns.map(|(_, column)| column));
    merged.extend(items.map(|(_, (identity, item))| (identity, vec![(scope, item)])));
    merged
}

/// The index pairs of a longest common subsequence, ascending.
fn common<A, B>(left: &[(Identity, A)], right: &[(Identity, B)]) -> Vec<(usize, usize)> {
    let same = |(a, b): (&(Identity, A), &(Identity, B))| a.0 == b.0;
    let head = left.iter().zip(right).take_while(|&(a, b)| same((a, b))).count();
    let (left_rest, right_rest) = (&left[head..], &right[head..]);
    let tail = left_rest.iter().rev().zip(right_rest.iter().rev()).take_while(|&(a, b)| same((a, b))).count();
    let (n, m) = (left_rest.len() - tail, right_rest.len() - tail);
    let mut pairs: Vec<_> = (0..head).map(|at| (at, at)).collect();
    if n.saturating_mul(m) <= MAX_TABLE {
        let middle = table(&left_rest[..n], &right_rest[..m]);
        pairs.extend(middle.into_iter().map(|(a, b)| (head + a, head + b)));
    }
    pairs.extend((0..tail).map(|at| (head + n + at, head + m + at)));
    pairs
}

/// The textbook table of the lengths of common subsequences, walked back.
fn table<A, B>(left: &[(Identity, A)], right: &[(Identity, B)]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut lengths = vec![0u32; (left.len() + 1) * width];
    for (i, (a, _)) in left.iter().enumerate().rev() {
        for (j, (b, _)) in right.iter().enumerate().rev() {
            lengths[i * width + j] = match a == b {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < left.len() && j < right.len() {
        if left[i].0 == right[j].0 {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}
