//! The JSON Schema of a definition, for editors, made of the declarations.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tree::declare::{Declared, Field, JsonType, ScalarType, Shorthand, Struct, Type};

use crate::document::{API_VERSION, Kind};
use crate::kinds::EnvironmentSpec;

/// The schema (draft 2020-12) of one document of a definition.
#[must_use]
pub fn json_schema() -> Value {
    let mut schemas = Schemas::default();
    let kinds: Vec<Value> = Kind::ALL
        .iter()
        .map(|kind| {
            json!({
                "if": {"properties": {"kind": {"const": kind.as_str()}}, "required": ["kind"]},
                "then": {"properties": {"spec": schemas.of(&kind.spec(), false)}},
            })
        })
        .collect();
    schemas.of(&EnvironmentSpec::declared(), false);
    let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let changes: Map<String, Value> = Kind::ALL
        .iter()
        .filter(|kind| **kind != Kind::Environment)
        .map(|kind| (format!("^{}/", kind.as_str()), schemas.of(&kind.spec(), true)))
        .collect();
    let changes = json!({"type": "object", "patternProperties": changes, "additionalProperties": false});
    schemas.known.insert("Changes".to_owned(), changes);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://underpin.dev/schemas/definition/v1.json",
        "title": "A document of a platform's definition",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"enum": names, "description": "What the document declares."},
            "metadata": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": false,
                "properties": {"name": {
                    "type": "string",
                    "maxLength": 63,
                    "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                    "description": "Its name: a DNS label.",
                }},
            },
            "spec": true,
        },
        "allOf": kinds,
        "$defs": schemas.known,
    })
}

/// Schemas of structs by name; those of changes have a name of their own.
#[derive(Default)]
struct Schemas {
    known: BTreeMap<String, Value>,
}

impl Schemas {
    /// A change names only what differs, may remove by `null`, and may edit.
    fn of(&mut self, of: &Type, change: bool) -> Value {
        match of {
            Type::Any => json!({"type": "object"}),
            Type::Scalar(of) => scalar(of, &[]),
            Type::Struct(record) => self.record(record, change),
            Type::Keyed(of) => {
                let entries = json!({"type": "object", "additionalProperties": self.entry(of, change)});
                if change {
                    any([entries, self.replacement(&Type::Keyed(Box::new(of.again())))])
                } else {
                    entries
                }
            }
            Type::List(of) => {
                let list = json!({"type": "array", "items": self.of(of, false)});
                if !change {
                    return list;
                }
                let edit = json!({
                    "type": "object",
                    "properties": {"$append": list, "$remove": {"type": "array", "items": self.of(of, true)}},
                    "additionalProperties": false,
                });
                any([list, edit])
            }
        }
    }

    fn entry(&mut self, of: &Type, change: bool) -> Value {
        let schema = self.of(of, change);
        if change { any([schema, json!({"type": "null"})]) } else { schema }
    }

    fn replacement(&mut self, of: &Type) -> Value {
        let inner = self.of(of, false);
        json!({
            "type": "object",
            "properties": {"$replace": inner},
            "required": ["$replace"],
            "additionalProperties": false,
        })
    }

    fn record(&mut self, record: &'static Struct, change: bool) -> Value {
        let name = if change { format!("{}Change", record.name) } else { record.name.to_owned() };
        let reference = json!({"$ref": format!("#/$defs/{name}")});
        if self.known.contains_key(&name) {
            return reference;
        }
        // Known from now on: structs may contain themselves.
        self.known.insert(name.clone(), Value::Null);
        let mut properties = Map::new();
        for field in record.fields {
            properties.insert(field.key.to_owned(), self.field(field, change));
        }
        let required: Vec<_> =
            record.fields.iter().filter(|field| field.required).map(|field| field.key).collect();
        let mut object = json!({"type": "object", "properties": properties, "additionalProperties": false});
        if !required.is_empty() && !change {
            object["required"] = json!(required);
        }
        let scalar = short(record);
        let mut forms = vec![object];
        forms.extend(scalar);
        if change {
            forms.push(self.replacement(&Type::Struct(record)));
        }
        let mut schema = any(forms);
        schema["description"] = json!(text(record.doc));
        self.known.insert(name, schema);
        reference
    }

    fn field(&mut self, field: &Field, change: bool) -> Value {
        let of = (field.of)();
        let mut schema = match &of {
            Type::Keyed(inner) if field.key == "changes" && matches!(**inner, Type::Any) => {
                json!({"$ref": "#/$defs/Changes"})
            }
            Type::Scalar(of) if !field.choices.is_empty() => scalar(of, field.choices),
            _ => self.of(&of, change),
        };
        if change {
            schema = any([schema, json!({"type": "null"})]);
        }
        schema["description"] = json!(text(field.doc));
        schema
    }
}

/// The scalar that stands for a whole struct.
fn short(record: &Struct) -> Option<Value> {
    match record.shorthand {
        Shorthand::None => None,
        Shorthand::Field(key) => match (record.field(key)?.of)() {
            Type::Scalar(of) => Some(scalar(of, &[])),
            _ => None,
        },
        Shorthand::Split(..) => Some(json!({"type": "string"})),
    }
}

fn scalar(of: &ScalarType, choices: &[&str]) -> Value {
    if !choices.is_empty() {
        return json!({"enum": choices});
    }
    let forms: Vec<Value> = of
        .json
        .iter()
        .map(|form| match form {
            JsonType::String => match of.pattern {
                Some(pattern) => json!({"type": "string", "pattern": pattern}),
                None => json!({"type": "string"}),
            },
            JsonType::Integer(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            JsonType::Number => json!({"type": "number"}),
            JsonType::Boolean => json!({"type": "boolean"}),
        })
        .collect();
    any(forms)
}

fn any(forms: impl IntoIterator<Item = Value>) -> Value {
    let mut forms: Vec<Value> = forms.into_iter().collect();
    if forms.len() == 1 { forms.remove(0) } else { json!({"anyOf": forms}) }
}

/// A doc comment as one text.
fn text(doc: &str) -> String {
    doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
