//! `.underpin/origins/ENVIRONMENT.json`: which places of the definition are behind each emitted line.

use std::collections::BTreeMap;

use emit::Artifact;
use tree::index::Indexer;

use super::Built;

/// The folder of the indexes, below the output folder.
pub const FOLDER: &str = ".underpin/origins";

/// An index for each environment, so that building one leaves those of the others true.
#[must_use]
pub fn of(built: &Built) -> Vec<Artifact> {
    let mut indexers: BTreeMap<Option<&String>, Indexer<'_>> = BTreeMap::new();
    for artifact in built.artifacts.iter().filter(|artifact| !artifact.origins.is_empty()) {
        let indexer = indexers.entry(artifact.environment.as_ref());
        indexer.or_insert_with(|| Indexer::new(&built.definition)).add(&artifact.path, &artifact.origins);
    }
    let artifact = |(environment, indexer): (Option<&String>, Indexer<'_>)| Artifact {
        path: format!("{FOLDER}/{}.json", environment.map_or("common", String::as_str)),
        dialect: "underpin",
        environment: environment.cloned(),
        target: None,
        content: indexer.finish().to_json(),
        origins: Vec::new(),
    };
    indexers.into_iter().map(artifact).collect()
}
