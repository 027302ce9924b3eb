//! The Kubernetes dialect: plain manifests, a folder per scope.
//!
//! `FOLDER/ENV/TARGET/NAMESPACE/OWNER.yaml` holds what belongs to one object of the definition; what belongs to a
//! namespace or the scope as a whole is in `namespace.yaml` and `cluster.yaml`. The files of a folder can be
//! applied as they sort.

use std::collections::BTreeMap;

use blueprint::ScopeId;
use tree::Tree;

use crate::{Artifact, Object};

/// The dialect's name.
pub const DIALECT: &str = "kubernetes";

/// Prints the objects of a scope below `folder`.
#[must_use]
pub fn print(folder: &str, scope: &ScopeId, objects: &[Object]) -> Vec<Artifact> {
    let mut files: BTreeMap<String, Vec<Tree>> = BTreeMap::new();
    for object in objects {
        files.entry(file_of(object)).or_default().push(object.draft.clone().finish());
    }
    let artifact = |(file, trees): (String, Vec<Tree>)| {
        let (mut content, mut origins, mut line) = (String::new(), Vec::new(), 1);
        for tree in &trees {
            if !content.is_empty() {
                content.push_str("---\n");
                line += 1;
            }
            let (text, lines) = tree::print_with_origins(tree);
            let because = |(at, node)| Some((line + at - 1, tree.at(node).because()?.clone()));
            origins.extend(lines.into_iter().filter_map(because));
            line += u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            content.push_str(&text);
        }
        Artifact {
            path: format!("{folder}/{}/{}/{file}", scope.environment, scope.target),
            dialect: DIALECT,
            environment: Some(scope.environment.clone()),
            target: Some(scope.target.clone()),
            content,
            origins,
        }
    };
    files.into_iter().map(artifact).collect()
}

fn file_of(object: &Object) -> String {
    let owner = object.part_of.rsplit('/').next().unwrap_or_default();
    match (object.namespace.as_str(), owner) {
        ("", "") => "cluster.yaml".to_owned(),
        ("", owner) => format!("cluster-{owner}.yaml"),
        (namespace, "") => format!("{namespace}/namespace.yaml"),
        (namespace, owner) => format!("{namespace}/{owner}.yaml"),
    }
}
