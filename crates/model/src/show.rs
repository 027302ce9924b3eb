//! The resolved definition as lines, each with the origin of what it says.

use tree::declare::{Layered, Shape, Struct, Type};
use tree::{Draft, FieldPath, Origin, Style};

use crate::document::Document;

/// A line of a resolved document.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line as YAML, indented.
    pub text: String,
    /// The path of what it says; none for heads and further lines of a text.
    pub path: Option<FieldPath>,
    /// Its value, where it is a single one.
    pub value: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// Why a line is what it is.
#[derive(Clone, Debug)]
pub enum Reason {
    /// Somebody wrote it.
    Written(Origin),
    /// Nobody did; this holds, as the field's help says.
    Default(String),
    /// Nobody did, and the field's help names no default.
    Unset,
    /// The head of a document, or a further line of a text.
    Nothing,
}

/// A document, whole or one field of it, as lines.
///
/// # Errors
/// Where there is no such field: the part of the path that isn't there, and what there is in its place.
pub fn lines(document: &Document, field: Option<&str>) -> Result<Vec<Line>, Unknown> {
    let mut out = Vec::new();
    let of = document.kind.spec();
    let Some(field) = field else {
        let heads = ["apiVersion: underpin.dev/v1".to_owned(), format!("kind: {}", document.kind.as_str())];
        out.extend(heads.map(head));
        out.push(head("metadata:".to_owned()));
        let name = &document.name;
        let text = format!("  name: {}", name.value);
        out.push(Line { text, path: None, value: None, reason: Reason::Written(name.origin.clone()) });
        put(&mut out, "spec", &document.spec, &of, 0);
        return Ok(out);
    };
    let field = field.strip_prefix("spec.").unwrap_or(field);
    let (node, of, key) = find(&document.spec, &of, field, &document.path())?;
    match node {
        Some(node) => put(&mut out, &key, node, &of, 0),
        None => out.push(Line { text: format!("# {key}:"), path: None, value: None, reason: Reason::Unset }),
    }
    Ok(out)
}

/// A field that isn't there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The part of the path that leads nowhere.
    pub name: String,
    /// What was looked into.
    pub path: String,
    /// What there is.
    pub known: Vec<String>,
}

fn head(text: String) -> Line {
    Line { text, path: None, value: None, reason: Reason::Nothing }
}

type Found<'a> = (Option<&'a Layered>, Type, String);

/// Follows a dotted path; keys may have dots themselves. A declared field that isn't set is found as nothing.
fn find<'a>(node: &'a Layered, of: &Type, path: &str, at: &FieldPath) -> Result<Found<'a>, Unknown> {
    let below = children(node, of);
    let fits = |key: &str| path == key || path.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
    let key = below.iter().map(|(key, ..)| key).filter(|key| fits(key)).max_by_key(|key| key.len()).cloned();
    let Some(key) = key else {
        let name = path.split('.').next().unwrap_or(path).to_owned();
        let known = below.into_iter().map(|(key, ..)| key).collect();
        return Err(Unknown { name, path: at.to_string(), known });
    };
    let found = below.into_iter().find(|(name, ..)| *name == key);
    let Some((_, child, of)) = found else {
        return Err(Unknown { name: key, path: at.to_string(), known: Vec::new() });
    };
    match (path.get(key.len() + 1..), child) {
        (Some(rest), Some(child)) => find(child, &of, rest, &at.join(&key)),
        (None | Some(_), child) => Ok((child, of, key)),
    }
}

/// What stands, or could stand, below a node.
fn children<'a>(node: &'a Layered, of: &Type) -> Vec<(String, Option<&'a Layered>, Type)> {
    match (of, &node.shape) {
        (Type::Struct(record), _) => {
            let field =
                |field: &tree::declare::Field| (field.key.to_owned(), node.get(field.key), (field.of)());
            record.fields.iter().map(field).collect()
        }
        (Type::Keyed(of), Shape::Map(entries)) => {
            entries.iter().map(|(key, child)| (key.to_string(), Some(child), of.again())).collect()
        }
        (Type::List(of), Shape::List(items)) => {
            items.iter().enumerate().map(|(at, child)| (at.to_string(), Some(child), of.again())).collect()
        }
        _ => Vec::new(),
    }
}

fn put(out: &mut Vec<Line>, key: &str, node: &Layered, of: &Type, depth: usize) {
    let indent = "  ".repeat(depth);
    let written = |text: String, value: Option<String>| Line {
        text,
        path: node.path(),
        value,
        reason: Reason::Written(node.origin.clone()),
    };
    match &node.shape {
        Shape::Scalar(text, style) => {
            let mut shown = scalar(text, *style, depth).into_iter();
            let first = shown.next().unwrap_or_default();
            out.push(written(format!("{indent}{}: {first}", quoted_key(key)), Some(text.to_string())));
            out.extend(shown.map(head));
        }
        Shape::Map(entries) if entries.is_empty() => out.push(written(format!("{indent}{key}: {{}}"), None)),
        Shape::List(items) if items.is_empty() => out.push(written(format!("{indent}{key}: []"), None)),
        Shape::Raw(tree, id) => {
            out.push(written(format!("{indent}{}:", quoted_key(key)), None));
            let copy = Draft::copy(tree.at(*id), &|_| node.origin.clone()).finish();
            let text = tree::print(&copy);
            out.extend(text.lines().map(|line| head(format!("{indent}  {line}"))));
        }
        _ => {
            out.push(written(format!("{indent}{}:", quoted_key(key)), None));
            below(out, node, of, depth + 1);
        }
    }
}

fn below(out: &mut Vec<Line>, node: &Layered, of: &Type, depth: usize) {
    for (key, child, of_child) in children(node, of) {
        let Some(child) = child else { continue };
        if !matches!(of, Type::List(_)) {
            put(out, &key, child, &of_child, depth);
            continue;
        }
        let at = out.len();
        if child.text().is_some() {
            put(out, "-", child, &of_child, depth);
            if let Some(line) = out.get_mut(at) {
                line.text = line.text.replacen("-: ", "- ", 1);
            }
        } else {
            below(out, child, &of_child, depth + 1);
            let dash = format!("{}- ", "  ".repeat(depth));
            if let Some(line) = out.get_mut(at) {
                line.text = format!("{dash}{}", line.text.trim_start());
            }
        }
    }
    if let Type::Struct(record) = of {
        defaults(out, node, record, depth);
    }
}

/// What holds for fields that nobody wrote, where the declaration says it.
fn defaults(out: &mut Vec<Line>, node: &Layered, record: &Struct, depth: usize) {
    for field in record.fields.iter().filter(|field| node.get(field.key).is_none()) {
        let Some(default) = default_of(field.doc) else { continue };
        let text = format!("{}# {}:", "  ".repeat(depth), field.key);
        out.push(Line { text, path: None, value: None, reason: Reason::Default(default) });
    }
}

/// The default that a field's help names: `` `TCP` (default) ``, or the words behind `default`.
fn default_of(doc: &str) -> Option<String> {
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(at) = doc.find("` (default)") {
        return doc[..at].rsplit('`').next().map(str::to_owned);
    }
    let at = doc.find("efault ")? + "efault ".len();
    let rest = &doc[at..];
    let end = rest.find([';', ',']).or_else(|| rest.find(". ")).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.').trim_matches('`').to_owned())
}

fn quoted_key(key: &str) -> String {
    let is_plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    if is_plain && !key.is_empty() { key.to_owned() } else { format!("{key:?}") }
}

/// A scalar as it would be written; several lines for a block.
fn scalar(text: &str, style: Style, depth: usize) -> Vec<String> {
    if text.contains('\n') {
        let indent = "  ".repeat(depth + 1);
        let strip = if text.ends_with('\n') { "|" } else { "|-" };
        let lines = text.lines().map(|line| format!("{indent}{line}").trim_end().to_owned());
        return std::iter::once(strip.to_owned()).chain(lines).collect();
    }
    vec![if style == Style::Plain { text.to_owned() } else { format!("{text:?}") }]
}
