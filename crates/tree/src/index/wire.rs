//! The index as its file has it: see `docs/schemas/origins.schema.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The places behind every line of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Version of this form: 1.
    pub version: u32,
    /// The files of the definition.
    pub files: Vec<String>,
    /// Every origin once; others refer to it by its index.
    pub origins: Vec<Entry>,
    /// For each emitted file, runs of lines.
    pub artifacts: BTreeMap<String, Vec<Run>>,
}

impl Default for Index {
    fn default() -> Self {
        Self { version: 1, files: Vec::new(), origins: Vec::new(), artifacts: BTreeMap::new() }
    }
}

/// First line, the origin of the value and that of its presence; it goes on to the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run(pub u32, pub Option<u32>, pub Option<u32>);

/// An origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// Somebody wrote it.
    Written {
        /// The file, by index.
        file: u32,
        /// Line, from 1.
        line: u32,
        /// Column, in characters from 1.
        column: u32,
        /// The definition field.
        field: String,
        /// `platform`, `environment`, `target` or `patch`.
        layer: String,
        /// What it replaces, by index.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        over: Option<u32>,
    },
    /// Nobody wrote it.
    Default {
        /// The field that would change it.
        field: String,
        /// Why this is the default.
        reason: String,
    },
    /// A catalogue module states it.
    Catalogue {
        /// The module.
        module: String,
        /// The fact.
        fact: String,
    },
    /// It follows from others.
    Computed {
        /// The name of the derivation; none for texts that are set together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        derived: Option<String>,
        /// From which, by index.
        inputs: Vec<u32>,
    },
}

/// The text of an index, such that a change of the definition changes few lines.
pub fn to_json(index: &Index) -> String {
    // Texts and numbers only: nothing that JSON can't hold.
    let json = |value: serde_json::Result<String>| value.unwrap_or_default();
    let origins: Vec<_> = index.origins.iter().map(|entry| json(serde_json::to_string(entry))).collect();
    let artifact = |(path, runs): (&String, &Vec<Run>)| {
        format!("{}:{}", json(serde_json::to_string(path)), json(serde_json::to_string(runs)))
    };
    let artifacts: Vec<_> = index.artifacts.iter().map(artifact).collect();
    format!(
        "{{\"version\":{},\n\"files\":{},\n\"origins\":[\n{}\n],\n\"artifacts\":{{\n{}\n}}}}\n",
        index.version,
        json(serde_json::to_string(&index.files)),
        origins.join(",\n"),
        artifacts.join(",\n"),
    )
}
