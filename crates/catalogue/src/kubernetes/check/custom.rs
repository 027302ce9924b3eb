//! Custom objects, checked by the OpenAPI v3 schema of their definition.
//!
//! Structure, types, required fields, enumerations and bounds are checked as `apiextensions-apiserver` does. Patterns,
//! `oneOf` and its like, and CEL rules are not evaluated here.

use std::borrow::Cow;

use tree::{KubeScalar, NodeRef};

use super::super::table::Schemas;
use super::super::version::Version;
use super::{Expected, Found, SchemaProblem, SchemaProblemKind, Step, Walk, scalars};

/// The schema of a version in a CustomResourceDefinition; `None` where it has none or doesn't serve the version.
#[must_use]
pub fn custom_schema<'a>(definition: NodeRef<'a>, version: &str) -> Option<NodeRef<'a>> {
    let mut versions = definition.path(&["spec", "versions"])?.items();
    let found = versions.find(|found| found.get("name").and_then(NodeRef::str) == Some(version))?;
    if found.get("served").and_then(NodeRef::bool) == Some(false) {
        return None;
    }
    found.path(&["schema", "openAPIV3Schema"])
}

/// Checks an object of a custom kind by its schema, and its metadata by the table.
#[must_use]
pub fn check_custom(
    schemas: &Schemas,
    version: Version,
    schema: NodeRef<'_>,
    object: NodeRef<'_>,
) -> Vec<SchemaProblem> {
    let mut walk =
        Walk { schemas, version, path: Vec::new(), types: Vec::new(), demands: true, problems: Vec::new() };
    walk.custom_object(schema, object, true);
    walk.problems
}

fn flag(schema: NodeRef<'_>, name: &str) -> bool {
    schema.get(name).and_then(NodeRef::bool) == Some(true)
}

impl<'t> Walk<'_, 't> {
    fn custom(&mut self, schema: NodeRef<'_>, node: NodeRef<'t>) {
        let kind = schema.get("type").and_then(NodeRef::str).unwrap_or_default();
        if node.is_null() {
            if !flag(schema, "nullable") && !kind.is_empty() {
                let expected = expected(kind, schema);
                self.report(node, SchemaProblemKind::WrongType { expected, found: Found::Null });
            }
            return;
        }
        let n_before = self.problems.len();
        match kind {
            "object" => self.custom_object(schema, node, flag(schema, "x-kubernetes-embedded-resource")),
            "array" => self.custom_list(schema, node),
            _ => {
                if let Err(problem) = custom_scalar(kind, schema, node) {
                    self.report(node, problem);
                }
            }
        }
        if self.problems.len() == n_before {
            self.custom_enum(schema, node);
            self.custom_bounds(schema, node);
        }
    }

    /// An object; `whole` ones have `apiVersion`, `kind` and `metadata` besides what the schema says.
    fn custom_object(&mut self, schema: NodeRef<'_>, node: NodeRef<'t>, whole: bool) {
        if !self.is_map(node) {
            return;
        }
        let properties = schema.get("properties");
        let additional = schema.get("additionalProperties");
        let open = flag(schema, "x-kubernetes-preserve-unknown-fields")
            || additional.is_some_and(|additional| additional.bool() == Some(true));
        for (key, value) in node.entries() {
            let name = key.kube_key();
            let property = properties.and_then(|properties| properties.get(&name));
            let demands = self.demands;
            self.demands &= !(self.path.is_empty() && name == "status");
            match (property, additional.filter(|additional| additional.is_map())) {
                _ if whole && name == "metadata" => self.metadata(value),
                // In a mapping a null counts as left out; in a list it is an item.
                (Some(_), _) | (None, Some(_)) if value.is_null() => {}
                (Some(schema), _) | (None, Some(schema)) => {
                    self.below(Step::Key(name), |walk| walk.custom(schema, value));
                }
                (None, None) if open || whole && matches!(&*name, "apiVersion" | "kind") => {}
                (None, None) => self.unknown_property(properties, &name, key),
            }
            self.demands = demands;
        }
        if self.demands {
            self.custom_required(schema, properties, node);
        }
    }

    fn metadata(&mut self, value: NodeRef<'t>) {
        if let Some(of) = self.schemas.type_named("meta.v1.ObjectMeta") {
            self.below(Step::Key(Cow::Borrowed("metadata")), |walk| walk.fields(of, value));
        }
    }

    fn unknown_property(&mut self, properties: Option<NodeRef<'_>>, name: &str, key: NodeRef<'t>) {
        let names = properties.into_iter().flat_map(NodeRef::entries).filter_map(|(key, _)| key.text());
        let nearest = diag::nearest(name, names).map(str::to_owned);
        let kind = SchemaProblemKind::UnknownField {
            name: name.to_owned(),
            nearest,
            belongs: None,
            known_in: Vec::new(),
        };
        self.below(Step::Key(Cow::Owned(name.to_owned())), |walk| walk.report(key, kind));
    }

    fn custom_required(&mut self, schema: NodeRef<'_>, properties: Option<NodeRef<'_>>, node: NodeRef<'t>) {
        let required = schema.get("required").into_iter().flat_map(NodeRef::items).filter_map(NodeRef::str);
        for name in required {
            let property = properties.and_then(|properties| properties.get(name));
            let defaulted = property.is_some_and(|property| property.get("default").is_some());
            let nullable = property.is_some_and(|property| flag(property, "nullable"));
            if node.get(name).is_none_or(|value| value.is_null() && !nullable) && !defaulted {
                self.missing(name, node);
            }
        }
    }

    fn custom_list(&mut self, schema: NodeRef<'_>, node: NodeRef<'t>) {
        if !self.is_list(node) {
            return;
        }
        if let Some(items) = schema.get("items").filter(|items| items.is_map()) {
            for (index, item) in node.items().enumerate() {
                self.below(Step::Index(index), |walk| walk.custom(items, item));
            }
        }
        if schema.get("x-kubernetes-list-type").and_then(NodeRef::str) == Some("map") {
            let keys = schema.get("x-kubernetes-list-map-keys").into_iter().flat_map(NodeRef::items);
            let keys: Vec<&str> = keys.filter_map(NodeRef::str).collect();
            self.unique_by(&keys, node);
        }
    }

    fn custom_enum(&mut self, schema: NodeRef<'_>, node: NodeRef<'t>) {
        let Some(allowed) = schema.get("enum") else { return };
        if node.is_map() || node.is_list() || allowed.items().any(|value| value.kube() == node.kube()) {
            return;
        }
        let allowed: Vec<&str> = allowed.items().filter_map(NodeRef::text).collect();
        let nearest =
            node.text().and_then(|text| diag::nearest(text, allowed.iter().copied())).map(str::to_owned);
        let allowed = allowed.into_iter().map(str::to_owned).collect();
        self.report(node, SchemaProblemKind::BadEnum { allowed, nearest });
    }

    fn custom_bounds(&mut self, schema: NodeRef<'_>, node: NodeRef<'t>) {
        let (expected, size, least, most) = match node.kube() {
            _ if node.is_list() => (Expected::List, node.items().len() as f64, "minItems", "maxItems"),
            _ if node.is_map() => (
                Expected::Map,
                node.entries().filter(|(_, value)| !value.is_null()).count() as f64,
                "minProperties",
                "maxProperties",
            ),
            KubeScalar::Str(text) => {
                (Expected::String, text.chars().count() as f64, "minLength", "maxLength")
            }
            KubeScalar::Int(value) => (Expected::WholeNumber, value as f64, "minimum", "maximum"),
            KubeScalar::Float(value) => (Expected::Number, value, "minimum", "maximum"),
            KubeScalar::Null | KubeScalar::Bool(_) | KubeScalar::UInt(_) => return,
        };
        let bound = |name| schema.get(name).and_then(float);
        let excluded = |name, bound: f64| flag(schema, name) && size == bound;
        for (name, exclusive, broken) in [
            (
                least,
                "exclusiveMinimum",
                bound(least).filter(|least| size < *least || excluded("exclusiveMinimum", *least)),
            ),
            (
                most,
                "exclusiveMaximum",
                bound(most).filter(|most| size > *most || excluded("exclusiveMaximum", *most)),
            ),
        ] {
            if let Some(limit) = broken {
                let how = if flag(schema, exclusive) { " (exclusive)" } else { "" };
                let why = format!("`{name}` is {limit}{how}");
                self.report(node, SchemaProblemKind::BadFormat { expected, why });
            }
        }
    }
}

fn float(node: NodeRef<'_>) -> Option<f64> {
    match node.kube() {
        KubeScalar::Int(value) => Some(value as f64),
        KubeScalar::Float(value) => Some(value),
        _ => None,
    }
}

fn custom_scalar(kind: &str, schema: NodeRef<'_>, node: NodeRef<'_>) -> Result<(), SchemaProblemKind> {
    let format = schema.get("format").and_then(NodeRef::str).unwrap_or_default();
    match kind {
        "string" => {
            let text = scalars::text(node, Expected::String)?;
            match format {
                "date-time" => scalars::time(text),
                "byte" => scalars::base64(text),
                _ => Ok(()),
            }
        }
        "integer" => scalars::whole(node, if format == "int32" { 32 } else { 64 }),
        "number" => scalars::number(node),
        "boolean" => scalars::boolean(node),
        _ if flag(schema, "x-kubernetes-int-or-string") => scalars::int_or_string(node),
        _ => Ok(()),
    }
}

fn expected(kind: &str, schema: NodeRef<'_>) -> Expected {
    match kind {
        "object" => Expected::Map,
        "array" => Expected::List,
        "integer" => Expected::WholeNumber,
        "number" => Expected::Number,
        "boolean" => Expected::Boolean,
        _ if flag(schema, "x-kubernetes-int-or-string") => Expected::IntOrString,
        _ => Expected::String,
    }
}
