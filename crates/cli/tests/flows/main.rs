//! `underpin flows` over the folders beside this file: each has manifests and a `session`, the commands and what they
//! print.
//!
//! `UPDATE_GOLDEN=1 cargo test -p cli --test flows` rewrites the sessions.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folders() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flows");
    let entries = std::fs::read_dir(here).expect("the folder of tests");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// Runs `underpin` in a folder; both streams, and the exit code unless it is 0.
fn run(folder: &Path, arguments: &[&str]) -> (String, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    let output = command.current_dir(folder).args(arguments).output().expect("underpin runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    let code = if code == 0 { String::new() } else { format!("[exit {code}]\n") };
    (text(output.stdout), text(output.stderr), code)
}

#[test]
fn sessions() {
    for folder in folders() {
        let path = folder.join("session");
        let session = std::fs::read_to_string(&path).expect("a session");
        let mut again = String::new();
        for command in session.lines().filter_map(|line| line.strip_prefix("$ underpin ")) {
            let (out, err, code) = run(&folder, &command.split_whitespace().collect::<Vec<_>>());
            let _ = writeln!(again, "$ underpin {command}\n{out}{err}{code}");
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &again).expect("written");
            continue;
        }
        assert_eq!(again, session, "{}", path.display());
    }
}

/// The JSON of every folder has the fields of the published schema and no others.
#[test]
fn json_agrees_with_the_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/flows.schema.json");
    let schema = std::fs::read_to_string(schema).expect("the schema");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    for folder in folders() {
        for arguments in [&["--from", "0.0.0.0/0"][..], &[]] {
            let explain: &[&str] = if arguments.is_empty() { &[] } else { &["--explain"] };
            let arguments = [&["flows", ".", "--format", "json"], arguments, explain].concat();
            let (out, ..) = run(&folder, &arguments);
            let answer = serde_json::from_str(&out).expect("JSON");
            if let Err(why) = conforms(&schema, &schema, &answer) {
                panic!("{} {arguments:?}: {why}", folder.display());
            }
        }
    }
}

/// Whether a value is as a schema says, for the keywords that the schema of flows uses.
fn conforms(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    value: &serde_json::Value,
) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{what}: {value}"));
    for (keyword, wanted) in schema.as_object().expect("a schema") {
        match keyword.as_str() {
            "$ref" => {
                let pointer = wanted.as_str().and_then(|text| text.strip_prefix('#')).expect("a pointer");
                conforms(root, root.pointer(pointer).expect("a definition"), value)?;
            }
            "oneOf" => {
                let options = wanted.as_array().expect("a list").iter();
                if options.filter(|option| conforms(root, option, value).is_ok()).count() != 1 {
                    return wrong("not exactly one of the alternatives");
                }
            }
            "type" => {
                let kind = match value {
                    serde_json::Value::Null => "null",
                    serde_json::Value::Bool(_) => "boolean",
                    serde_json::Value::Number(_) => "integer",
                    serde_json::Value::String(_) => "string",
                    serde_json::Value::Array(_) => "array",
                    serde_json::Value::Object(_) => "object",
                };
                if wanted != kind
                    && !wanted.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
                {
                    return wrong("wrong type");
                }
            }
            "const" if value != wanted => return wrong("not the constant"),
            "enum" if !wanted.as_array().expect("a list").contains(value) => return wrong("not in the list"),
            "minimum" if value.as_i64() < wanted.as_i64() => return wrong("too small"),
            "maximum" if value.as_i64() > wanted.as_i64() => return wrong("too large"),
            "minItems" if value.as_array().is_some_and(Vec::is_empty) => return wrong("empty"),
            "required" => {
                let missing = |key: &serde_json::Value| value.get(key.as_str().expect("a name")).is_none();
                if wanted.as_array().expect("a list").iter().any(missing) {
                    return wrong("a field is missing");
                }
            }
            "items" => {
                value.as_array().into_iter().flatten().try_for_each(|item| conforms(root, wanted, item))?;
            }
            "additionalProperties" => {
                let known = &schema["properties"];
                if value.as_object().is_some_and(|fields| fields.keys().any(|key| known.get(key).is_none())) {
                    return wrong("an unknown field");
                }
            }
            "properties" => {
                for (key, wanted) in wanted.as_object().expect("fields") {
                    value.get(key).map_or(Ok(()), |value| conforms(root, wanted, value))?;
                }
            }
            "$schema" | "$id" | "$defs" | "title" | "description" | "const" | "enum" | "minimum"
            | "maximum" | "minItems" => {}
            other => panic!("this test doesn't know the keyword {other}"),
        }
    }
    Ok(())
}
