//! From a definition to files: resolve, derive, emit, read back, check; then write.

pub mod folder;
pub mod index;
mod intent;
pub mod origins;

use std::collections::BTreeSet;

use blueprint::{Blueprint, ScopeId};
use catalogue::module::Modules;
use diag::{Files, Finding, Level, MemoryFiles, SourceMap};
use emit::{Artifact, Object};
use estate::intent::Objectives;
use estate::{Estate, LoadOptions};
use model::kinds::{Platform, Resolved};
use model::patch::Patchable;

use index::Index;

/// Where the intent lies below the output folder.
const INTENT: &str = ".underpin/intent.json";

/// What a build made, in memory.
pub struct Built {
    /// Name of the platform.
    pub platform: String,
    /// Environments that were built.
    pub environments: BTreeSet<String>,
    /// Every file but the index.
    pub artifacts: Vec<Artifact>,
    /// The definition's texts.
    pub definition: SourceMap,
    /// What is wrong with the definition.
    pub defects: Vec<Finding>,
}

/// Resolves, derives and emits. `wanted` names environments; empty means all.
pub fn make(files: &dyn Files, wanted: &[String]) -> Built {
    let mut definition = SourceMap::default();
    let (mut platform, mut defects) = model::resolve(files, &mut definition);
    let known: BTreeSet<_> =
        platform.scopes.iter().map(|scope| scope.environment.name.value.clone()).collect();
    for name in wanted.iter().filter(|name| !known.contains(*name)) {
        defects.push(unknown_environment(name, &known));
    }
    if !wanted.is_empty() {
        platform.scopes.retain(|scope| wanted.contains(&scope.environment.name.value));
    }
    let (mut modules, own) = Modules::shipped();
    defects.extend(own);
    defects.extend(modules.add(files, &mut definition));
    let (blueprints, more) = blueprint::derive(&platform, &modules);
    defects.extend(more);
    let name = platform.scopes.first().map(|scope| scope.platform.name.value.clone()).unwrap_or_default();
    let mut artifacts = manifests(&platform, &blueprints, &mut defects);
    artifacts.push(intent_artifact(&platform, &blueprints));
    let environments = blueprints.iter().map(|blueprint| blueprint.environment.clone()).collect();
    Built { platform: name, environments, artifacts, definition, defects }
}

fn unknown_environment(name: &str, known: &BTreeSet<String>) -> Finding {
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let message = format!("the platform has no environment `{name}`");
    Finding::new("environment-unknown", Level::Error, message)
        .help(format!("It has {}.", known.join(", ")))
        .about(name)
}

fn manifests(platform: &Platform, blueprints: &[Blueprint], defects: &mut Vec<Finding>) -> Vec<Artifact> {
    let layout =
        platform.scopes.first().and_then(|scope| scope.platform.spec.layout.get(emit::kubernetes::DIALECT));
    let folder = layout.map_or(emit::kubernetes::DIALECT, |folder| folder.trim_end_matches('/'));
    let mut scopes: Vec<_> = blueprints.iter().flat_map(emit::objects).collect();
    patch(platform, &mut scopes, defects);
    scopes.iter().flat_map(|(scope, objects)| emit::kubernetes::print(folder, scope, objects)).collect()
}

/// Applies the owners' patches to the objects of each scope.
fn patch(platform: &Platform, scopes: &mut [(ScopeId, Vec<Object>)], defects: &mut Vec<Finding>) {
    let mut patched = Vec::new();
    for (id, objects) in scopes {
        let is_it = |scope: &&Resolved| {
            scope.environment.name.value == id.environment && scope.target.name.value == id.target
        };
        let Some(resolved) = platform.scopes.iter().find(is_it) else { continue };
        patched.push((resolved, objects.iter_mut().map(patchable).collect()));
    }
    defects.extend(model::patch::apply(&mut patched));
}

fn patchable(object: &mut Object) -> Patchable<'_> {
    let Object { kind, namespace, name, draft, .. } = object;
    Patchable { kind, namespace, name, draft }
}

fn intent_artifact(platform: &Platform, blueprints: &[Blueprint]) -> Artifact {
    let intent = intent::of(blueprints, &objectives(platform));
    Artifact {
        path: INTENT.to_owned(),
        dialect: "underpin",
        environment: None,
        target: None,
        content: intent.to_json(),
        origins: Vec::new(),
    }
}

fn objectives(platform: &Platform) -> Objectives {
    let Some(scope) = platform.scopes.first() else { return Objectives::default() };
    let objectives = &scope.platform.spec.objectives;
    let seconds =
        |duration: &Option<tree::Val<model::types::Duration>>| Some(duration.as_ref()?.value.0 / 1000);
    let percent = |share: &tree::Val<model::types::Percent>| {
        let text = format!("{}.{:03}", share.value.0 / 1000, share.value.0 % 1000);
        format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
    };
    Objectives {
        rpo_seconds: seconds(&objectives.rpo),
        rto_seconds: seconds(&objectives.rto),
        failover_seconds: seconds(&objectives.failover),
        availability: objectives.availability.as_ref().map(percent),
    }
}

/// Reads what was made with the loader that reads anybody's files, and checks it.
pub fn read_back(built: &Built, options: &analyze::Options) -> (Estate, Vec<Finding>) {
    let index = Index::of(&built.platform, &built.artifacts).to_json().unwrap_or_default();
    let mut files: MemoryFiles = built
        .artifacts
        .iter()
        .map(|artifact| (artifact.path.as_str(), artifact.content.as_bytes()))
        .collect();
    files.insert(index::PATH, index);
    let (estate, loaded) = estate::load(&files, &LoadOptions::default());
    let findings = analyze::check(&estate, loaded, options);
    (estate, findings)
}
