//! One release of Kubernetes, read from its OpenAPI and discovery documents into lines that releases can be
//! compared by.

use super::enums::{self, Enums};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What one release serves.
pub(crate) struct Release {
    pub(crate) minor: u8,
    /// Its kinds, by `apiVersion kind plural scope type`.
    pub(crate) kinds: BTreeSet<String>,
    /// The types that its kinds reach, by name.
    pub(crate) types: BTreeMap<String, Type>,
}

/// An object with named fields.
#[derive(Default)]
pub(crate) struct Type {
    /// Server-side apply replaces it as a whole.
    pub(crate) atomic: bool,
    pub(crate) fields: BTreeMap<String, Field>,
}

/// What the table says about a field; two releases that agree share one line.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The shape as text; an enumeration is `%`, so that its values can be numbered later.
    pub(crate) shape: String,
    pub(crate) values: Vec<String>,
    pub(crate) required: bool,
    pub(crate) attributes: String,
}

/// Reads the release in a module's folder.
pub(crate) fn read(minor: u8, folder: &Path) -> Result<Release, String> {
    let swagger = json(&folder.join("api/openapi-spec/swagger.json"))?;
    let go = folder.join("pkg/generated/openapi/zz_generated.openapi.go");
    let go = fs::read_to_string(&go).map_err(|error| format!("{}: {error}", go.display()))?;
    let definitions = swagger["definitions"].as_object().ok_or("swagger.json has no definitions")?;
    let by_short_name: BTreeMap<String, &Value> =
        definitions.iter().map(|(name, definition)| (short_name(name), definition)).collect();
    let kinds = kinds(&folder.join("api/discovery"), definitions)?;
    let enums = enums::read(&go);
    let mut release = Release { minor, kinds, types: BTreeMap::new() };
    let mut pending: Vec<String> =
        release.kinds.iter().filter_map(|kind| kind.rsplit(' ').next()).map(str::to_owned).collect();
    while let Some(name) = pending.pop() {
        if release.types.contains_key(&name) {
            continue;
        }
        let definition = by_short_name.get(&name).ok_or_else(|| format!("no definition of {name}"))?;
        release.types.insert(name.clone(), read_type(&name, definition, &enums, &mut pending));
    }
    Ok(release)
}

fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// `io.k8s.api.core.v1.PodSpec` is `core.v1.PodSpec`.
fn short_name(name: &str) -> String {
    let mut parts: Vec<&str> = name.rsplitn(4, '.').take(3).collect();
    parts.reverse();
    parts.join(".")
}

/// The served kinds, from the discovery document of each group and version (`api__v1.json`, `apis__apps__v1.json`).
fn kinds(folder: &Path, definitions: &serde_json::Map<String, Value>) -> Result<BTreeSet<String>, String> {
    let types = types_by_kind(definitions);
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let document = json(&entry.map_err(|error| error.to_string())?.path())?;
        let Some(api_version) = document["groupVersion"].as_str() else { continue };
        for resource in document["resources"].as_array().into_iter().flatten() {
            let (Some(plural), Some(kind)) = (resource["name"].as_str(), resource["kind"].as_str()) else {
                continue;
            };
            let Some(name) = types.get(&(api_version.to_owned(), kind.to_owned())) else { continue };
            if !plural.contains('/') {
                let scope = if resource["namespaced"] == true { "namespaced" } else { "cluster" };
                kinds.insert(format!("{api_version} {kind} {plural} {scope} {name}"));
            }
        }
    }
    Ok(kinds)
}

fn types_by_kind(definitions: &serde_json::Map<String, Value>) -> BTreeMap<(String, String), String> {
    let mut types = BTreeMap::new();
    for (name, definition) in definitions {
        for gvk in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            let text = |key: &str| gvk[key].as_str().unwrap_or_default();
            let api_version = match text("group") {
                "" => text("version").to_owned(),
                group => format!("{group}/{}", text("version")),
            };
            types.insert((api_version, text("kind").to_owned()), short_name(name));
        }
    }
    types
}

fn read_type(name: &str, definition: &Value, enums: &Enums, pending: &mut Vec<String>) -> Type {
    let required: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut read = Type { atomic: definition["x-kubernetes-map-type"] == "atomic", ..Type::default() };
    for (field, schema) in definition["properties"].as_object().into_iter().flatten() {
        let values = enums.get(&(name.to_owned(), field.clone())).cloned().unwrap_or_default();
        let shape = shape(schema, !values.is_empty(), pending);
        let required = required.contains(&field.as_str());
        read.fields.insert(field.clone(), Field { shape, values, required, attributes: attributes(schema) });
    }
    read
}

/// A schema's shape as text: `[X]` is a list, `{X}` a map, `@NAME` a type.
fn shape(schema: &Value, enumerated: bool, pending: &mut Vec<String>) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return referred_shape(&short_name(reference.trim_start_matches("#/definitions/")), pending);
    }
    let format = schema["format"].as_str().unwrap_or_default();
    match schema["type"].as_str().unwrap_or_default() {
        "array" => format!("[{}]", shape(&schema["items"], enumerated, pending)),
        "object" if schema["additionalProperties"].is_object() => {
            format!("{{{}}}", shape(&schema["additionalProperties"], enumerated, pending))
        }
        "object" => "object".to_owned(),
        "string" if enumerated => "%".to_owned(),
        "string" if format == "byte" => "bytes".to_owned(),
        "string" => "string".to_owned(),
        "integer" => format.to_owned(),
        "boolean" => "boolean".to_owned(),
        "number" => "number".to_owned(),
        _ => "any".to_owned(),
    }
}

/// The types that Go decodes by a method of their own are scalars or opaque to the table.
fn referred_shape(name: &str, pending: &mut Vec<String>) -> String {
    match name {
        "api.resource.Quantity" => "quantity",
        "util.intstr.IntOrString" => "int-or-string",
        "meta.v1.Time" => "time",
        "meta.v1.MicroTime" => "micro-time",
        "pkg.runtime.RawExtension" | "meta.v1.FieldsV1" => "object",
        "apiextensions.v1.JSON"
        | "apiextensions.v1.JSONSchemaPropsOrArray"
        | "apiextensions.v1.JSONSchemaPropsOrBool"
        | "apiextensions.v1.JSONSchemaPropsOrStringArray" => "any",
        _ => {
            pending.push(name.to_owned());
            return format!("@{name}");
        }
    }
    .to_owned()
}

fn attributes(schema: &Value) -> String {
    let mut attributes = String::new();
    let mut add = |key: &str, value: &str| {
        attributes.push(' ');
        attributes.push_str(key);
        attributes.push_str(value);
    };
    if let Some(list) = schema["x-kubernetes-list-type"].as_str() {
        add("list:", list);
    }
    if let Some(keys) = schema["x-kubernetes-list-map-keys"].as_array() {
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        add("keys:", &keys.join(","));
    }
    if let Some(key) = schema["x-kubernetes-patch-merge-key"].as_str() {
        add("merge-key:", key);
    }
    if let Some(strategy) = schema["x-kubernetes-patch-strategy"].as_str() {
        add("strategy:", strategy);
    }
    if schema["x-kubernetes-map-type"] == "atomic" {
        add("atomic", "");
    }
    attributes
}
