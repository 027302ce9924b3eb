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
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    for folder in folders() {
        for arguments in [&["--from", "0.0.0.0/0"][..], &[]] {
            let explain: &[&str] = if arguments.is_empty() { &[] } else { &["--explain"] };
            let arguments = [&["flows", ".", "--format", "json"], arguments, explain].concat();
            let (out, ..) = run(&folder, &arguments);
            let answer = serde_json::from_str(&out).expect("JSON");
            if let Err(why) = schema.validate(&answer) {
                panic!("{} {arguments:?}: {why}", folder.display());
            }
        }
    }
}
