//! From a definition to files: resolve, derive, emit, read back, check; then write.

pub mod folder;
pub mod follow;
pub mod index;
mod intent;
pub mod origins;

use std::collections::BTreeSet;

use blueprint::{Blueprint, Runs, ScopeId};
use catalogue::module::Modules;
use diag::{Annotation, Files, Finding, Level, MemoryFiles, SourceMap, Span};
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

/// Resolves, derives and emits. `wanted` names environments; empty means all. `kept` says, by the platform's name,
/// which environments an earlier build left in the output folder: what is meant of those stays in the intent.
pub fn make(files: &dyn Files, wanted: &[String], kept: impl Fn(&str) -> BTreeSet<String>) -> Built {
    let mut definition = SourceMap::default();
    let (mut platform, mut defects) = model::resolve(files, &mut definition);
    let known: BTreeSet<_> =
        platform.scopes.iter().map(|scope| scope.environment.name.value.clone()).collect();
    for name in wanted.iter().filter(|name| !known.contains(*name)) {
        defects.push(unknown_environment(name, &known));
    }
    let name = platform.scopes.first().map(|scope| scope.platform.name.value.clone()).unwrap_or_default();
    let is_wanted = |environment: &String| wanted.is_empty() || wanted.contains(environment);
    let kept = kept(&name);
    platform.scopes.retain(|scope| {
        let environment = &scope.environment.name.value;
        is_wanted(environment) || kept.contains(environment)
    });
    let (mut modules, own) = Modules::shipped();
    defects.extend(own);
    defects.extend(modules.add(files, &mut definition));
    let (mut blueprints, more) = blueprint::derive(&platform, &modules);
    defects.extend(more);
    defects.extend(blueprints.iter().flat_map(not_printed));
    let intent = intent_artifact(&platform, &blueprints);
    blueprints.retain(|blueprint| is_wanted(&blueprint.environment));
    platform.scopes.retain(|scope| is_wanted(&scope.environment.name.value));
    let mut artifacts = manifests(&platform, &blueprints, &mut defects);
    artifacts.push(intent);
    let environments = blueprints.iter().map(|blueprint| blueprint.environment.clone()).collect();
    Built { platform: name, environments, artifacts, definition, defects }
}

/// Targets that no dialect prints: their definition is checked, and nothing comes out for them.
fn not_printed(blueprint: &Blueprint) -> Vec<Finding> {
    let others = blueprint.scopes.iter().filter(|scope| matches!(scope.runs, Runs::Compose));
    others
        .map(|scope| {
            let message = format!("nothing is printed for {}: there is no dialect for Compose", scope.id);
            let finding = Finding::not_evaluated("target-not-built", message).about(scope.id.to_string());
            match scope.origin.spans().first() {
                Some(span) => finding.at(*span, "runs on Compose"),
                None => finding,
            }
        })
        .collect()
}

fn unknown_environment(name: &str, known: &BTreeSet<String>) -> Finding {
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let message = format!("the platform has no environment `{name}`");
    Finding::new("environment-unknown", Level::Error, message)
        .help(format!("It has {}.", known.join(", ")))
        .about(name)
}

/// The manifests of each scope, with their owner's patches.
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
    // A Namespace is printed in the folder of its name, but is in no namespace.
    let namespace = if *kind == "Namespace" { "" } else { namespace };
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

/// Follows the places of a finding in emitted lines back to the definition: each gets the place behind it beside it.
pub fn trace(finding: &mut Finding, built: &Built, sources: &mut SourceMap) {
    let mut behind: Vec<Span> = Vec::new();
    for location in &finding.locations {
        let path = sources.path(location.span.file);
        let Some(artifact) = built.artifacts.iter().find(|artifact| artifact.path == path) else { continue };
        let line = sources.position(location.span).line;
        let at = artifact.origins.partition_point(|(start, _)| *start <= line);
        let because = at.checked_sub(1).and_then(|at| artifact.origins.get(at));
        let spans = because.map(|(_, because)| because.value.spans()).unwrap_or_default();
        behind.extend(spans.first().filter(|span| !behind.contains(span)));
    }
    for span in behind {
        let span = adopted(span, &built.definition, sources);
        finding.locations.push(Annotation { span, label: "comes from here".to_owned() });
    }
}

/// A place of the definition in a map that shows other files too.
pub fn adopted(span: Span, from: &SourceMap, to: &mut SourceMap) -> Span {
    let path = from.shown_path(span.file);
    let file = to.file(&path).unwrap_or_else(|| to.add(path, from.shared_text(span.file)));
    Span { file, ..span }
}
