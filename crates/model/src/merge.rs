//! The typed merge of layers: platform, environment, target.
//!
//! Structs merge by field, mappings by key; lists are replaced whole, unless the change says `{$append: […]}` or
//! `{$remove: […]}`; `null` removes, `{$replace: …}` replaces a mapping whole. What was replaced stays in the origin.

use diag::{Finding, Level};
use tree::Origin;
use tree::OriginKind;
use tree::declare::{Layered, Shape};

/// Merges a change over what earlier layers say; `None` if it is removed.
#[must_use]
pub fn merge(base: Layered, change: Layered, findings: &mut Vec<Finding>) -> Option<Layered> {
    let Layered { shape: Shape::Map(mut fields), origin, key } = base else {
        return over(base, change, findings);
    };
    let Shape::Map(changes) = change.shape else {
        return over(Layered { shape: Shape::Map(fields), origin, key }, change, findings);
    };
    for (name, change) in changes {
        let merged = match fields.get_mut(&name) {
            Some(old) => {
                let blank = Layered { shape: Shape::Invalid, origin: old.origin.clone(), key: old.key };
                merge(std::mem::replace(old, blank), change, findings)
            }
            None => settle(change, findings),
        };
        match merged {
            Some(merged) => {
                fields.insert(name, merged);
            }
            None => {
                fields.shift_remove(&name);
            }
        }
    }
    Some(Layered { shape: Shape::Map(fields), origin, key })
}

/// A change that replaces what stands there, or edits a list of it.
fn over(base: Layered, change: Layered, findings: &mut Vec<Finding>) -> Option<Layered> {
    let Layered { shape, origin, key } = change;
    match (base.shape, shape) {
        (_, Shape::Remove) => None,
        (shape, Shape::Invalid) => Some(Layered { shape, origin: base.origin, key: base.key }),
        (_, Shape::Replace(inner)) => settle(replacing(*inner, &base.origin), findings),
        (Shape::List(items), Shape::Edit { remove, append }) => {
            let items = without(items, &remove, findings);
            let shape = Shape::List(items.into_iter().chain(append).collect());
            Some(replacing(Layered { shape, origin, key }, &base.origin))
        }
        (_, shape) => settle(replacing(Layered { shape, origin, key }, &base.origin), findings),
    }
}

/// A change where there was nothing: its edits are all there is.
fn settle(change: Layered, findings: &mut Vec<Finding>) -> Option<Layered> {
    let Layered { shape, origin, key } = change;
    let shape = match shape {
        Shape::Remove => {
            let path = path_of(&origin);
            findings.push(
                Finding::new(
                    "definition-change-idle",
                    Level::Error,
                    format!("{path} is removed, but isn't there"),
                )
                .at(key, "removes nothing")
                .help("Remove this line, or mend the name.")
                .about(path),
            );
            return None;
        }
        Shape::Replace(inner) => return settle(*inner, findings),
        Shape::Edit { remove, append } => {
            without(Vec::new(), &remove, findings);
            Shape::List(append)
        }
        Shape::Map(fields) => Shape::Map(
            fields
                .into_iter()
                .filter_map(|(name, field)| settle(field, findings).map(|field| (name, field)))
                .collect(),
        ),
        other => other,
    };
    Some(Layered { shape, origin, key })
}

/// The items that no pattern of `remove` matches; a pattern that matches none is reported.
fn without(items: Vec<Layered>, remove: &[Layered], findings: &mut Vec<Finding>) -> Vec<Layered> {
    for pattern in remove {
        if !items.iter().any(|item| matches(pattern, item)) {
            let path = path_of(&pattern.origin);
            findings.push(
                Finding::new(
                    "definition-change-idle",
                    Level::Error,
                    format!("{path} is removed, but isn't there"),
                )
                .at(pattern.key, "matches no item of the list")
                .help("Remove it, or write it as the list has it.")
                .about(path),
            );
        }
    }
    items.into_iter().filter(|item| !remove.iter().any(|pattern| matches(pattern, item))).collect()
}

/// Whether an item has everything that a pattern says.
fn matches(pattern: &Layered, item: &Layered) -> bool {
    match (&pattern.shape, &item.shape) {
        (Shape::Map(wanted), Shape::Map(fields)) => {
            wanted.iter().all(|(key, value)| fields.get(key).is_some_and(|field| matches(value, field)))
        }
        (Shape::List(wanted), Shape::List(items)) => {
            wanted.len() == items.len() && wanted.iter().zip(items).all(|(one, other)| matches(one, other))
        }
        (Shape::Scalar(wanted, _), Shape::Scalar(text, _)) => wanted == text,
        _ => false,
    }
}

fn replacing(node: Layered, old: &Origin) -> Layered {
    let origin = match node.origin.kind() {
        OriginKind::Written { field, span, layer, .. } => {
            Origin::written(field.clone(), *span, *layer, Some(old.clone()))
        }
        _ => node.origin,
    };
    Layered { origin, ..node }
}

fn path_of(origin: &Origin) -> String {
    match origin.kind() {
        OriginKind::Written { field, .. } => field.to_string(),
        _ => String::new(),
    }
}
