//! The index that `build` writes: which file belongs to which scope.

use std::collections::HashMap;

use diag::{Files, Finding, SourceMap};

const PATH: &str = ".underpin/build.json";

/// The Kubernetes artifacts of a build.
pub(super) struct BuildIndex {
    scopes: HashMap<String, String>,
}

impl BuildIndex {
    /// The scope of a manifest: `ENVIRONMENT/TARGET`, or the environment alone.
    pub(super) fn scope_of(&self, path: &str) -> Option<&str> {
        self.scopes.get(path).map(String::as_str)
    }

    /// The scope of every artifact, with repetitions.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.values().map(String::as_str)
    }
}

/// The index, where there is one.
pub(super) fn read(
    files: &dyn Files,
    paths: &[String],
    sources: &mut SourceMap,
    findings: &mut Vec<Finding>,
) -> Option<BuildIndex> {
    if !paths.iter().any(|path| path == PATH) {
        return None;
    }
    let text = match super::read_text(files, PATH) {
        Ok(text) => text,
        Err(problem) => {
            findings.push(super::unreadable(sources, &problem));
            return None;
        }
    };
    let file = sources.add(PATH, text);
    let mut parsed = tree::parse(file, &sources.shared_text(file));
    findings.append(&mut parsed.findings);
    let artifacts = parsed.documents.first()?.root().get("artifacts")?;
    let scopes = artifacts.items().filter_map(|artifact| {
        let field = |key| artifact.get(key).and_then(crate::text);
        let environment = field("environment")?;
        let scope =
            field("target").map_or(environment.to_owned(), |target| format!("{environment}/{target}"));
        (field("dialect")? == "kubernetes").then(|| Some((field("path")?.to_owned(), scope)))?
    });
    let scopes: HashMap<String, String> = scopes.collect();
    Some(BuildIndex { scopes })
}
