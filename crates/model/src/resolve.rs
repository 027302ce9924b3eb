//! From files to the platform as each target of each environment sees it.

use std::collections::HashSet;

use diag::{Files, Finding, Level, SourceMap, nearest};
use tree::declare::{At, By, Declared, Layered, Lift, Shape};
use tree::{Layer, Val};

use crate::check;
use crate::document::{Definition, Document, Kind, load};
use crate::kinds::{EnvironmentSpec, Named, Platform, PlatformSpec, Resolved, Target};
use crate::merge::merge;

/// Reads a definition and resolves it for every environment and target, in the order of the definition.
///
/// Everything that can be worked out is, whatever is wrong beside it; all errors come back from one call.
#[must_use]
pub fn resolve(files: &dyn Files, sources: &mut SourceMap) -> (Platform, Vec<Finding>) {
    let (definition, mut findings) = load(files, sources);
    let platform = resolve_definition(&definition, &mut findings);
    (platform, distinct(findings))
}

/// The same for documents that were read before.
#[must_use]
pub fn resolve_definition(definition: &Definition, findings: &mut Vec<Finding>) -> Platform {
    check::documents(definition, findings);
    let mut scopes = Vec::new();
    let mut is_read = false;
    for environment in of_kind(definition, Kind::Environment) {
        for target in target_names(environment) {
            is_read = true;
            let documents = merged(definition, environment, target, findings);
            let resolved = read_scope(&documents, environment, target, findings);
            if let Some(resolved) = resolved {
                check::scope(&resolved, &documents, definition, findings);
                scopes.push(resolved);
            }
        }
    }
    if !is_read {
        // Without any scope the documents are at least read as they are.
        for document in &definition.documents {
            read_any(document, findings);
        }
    }
    Platform { scopes }
}

/// The environments of a definition.
pub fn of_kind(definition: &Definition, kind: Kind) -> impl Iterator<Item = &Document> + Clone {
    definition.documents.iter().filter(move |document| document.kind == kind)
}

/// Names of an environment's targets.
pub fn target_names(environment: &Document) -> impl Iterator<Item = &str> + Clone {
    let targets = environment.spec.get("targets").map(|targets| &targets.shape);
    let targets = if let Some(Shape::Map(targets)) = targets { Some(targets) } else { None };
    targets.into_iter().flat_map(|targets| targets.keys().map(|name| &**name))
}

/// All documents as one target sees them: the environment's changes merged over them, then the target's.
#[must_use]
pub fn merged(
    definition: &Definition,
    environment: &Document,
    target: &str,
    findings: &mut Vec<Finding>,
) -> Vec<Document> {
    let mut documents = definition.documents.clone();
    let target = environment.spec.get("targets").and_then(|targets| targets.get(target));
    let layers = [(Some(&environment.spec), Layer::Environment), (target, Layer::Target)];
    for (node, layer) in layers {
        let changes = node.and_then(|node| node.get("changes")).map(|changes| &changes.shape);
        let Some(Shape::Map(changes)) = changes else { continue };
        for (id, change) in changes {
            apply(&mut documents, definition, id, change, layer, findings);
        }
    }
    documents
}

fn apply(
    documents: &mut [Document],
    definition: &Definition,
    id: &str,
    change: &Layered,
    layer: Layer,
    findings: &mut Vec<Finding>,
) {
    let Some(document) = documents.iter_mut().find(|document| document.id() == id) else {
        let name = id.split_once('/').map_or(id, |(_, name)| name);
        if !definition.broken.iter().any(|broken| broken == name) {
            findings.push(unknown_document(id, change, documents));
        }
        return;
    };
    if document.kind == Kind::Environment {
        let message = format!("{id} can't be changed from here");
        let finding = Finding::new("definition-value-invalid", Level::Error, message).about(id);
        let help = "An environment is one document; write it there.";
        findings.push(finding.at(change.key, "changes an environment").help(help));
        return;
    }
    let Shape::Raw(tree, node) = &change.shape else { return };
    let path = document.path();
    let mut lift = Lift { tree, by: By::Layer(layer), changes: true, findings };
    let lifted = lift.node(tree.at(*node), &document.kind.spec(), &path, Some(change.key));
    if let Some(spec) = merge(document.spec.clone(), lifted, findings) {
        document.spec = spec;
        return;
    }
    let finding = Finding::new("definition-value-invalid", Level::Error, format!("{id} can't be removed so"));
    let help = "Write `enabled: false` under it to leave it out here.";
    findings.push(finding.at(change.key, "removes a whole document").help(help).about(id));
}

fn unknown_document(id: &str, change: &Layered, documents: &[Document]) -> Finding {
    let ids: Vec<String> = documents.iter().map(Document::id).collect();
    let finding = Finding::new(
        "definition-name-unknown",
        Level::Error,
        format!("there is no {id} that could be changed"),
    );
    let finding = finding.at(change.key, "no such document").about(id);
    let meant = nearest(id, ids.iter().map(String::as_str));
    // Often only the kind is wrong, or left out.
    let named = || ids.iter().find(|other| other.rsplit('/').next() == id.rsplit('/').next());
    match meant.or_else(|| named().map(String::as_str)) {
        Some(meant) => finding.help(format!("Did you mean `{meant}`?")),
        None => finding.help("Changes are named `Kind/name`, such as `Component/detection-engine`."),
    }
}

fn read_scope(
    documents: &[Document],
    environment: &Document,
    target: &str,
    findings: &mut Vec<Finding>,
) -> Option<Resolved> {
    let platform = all::<PlatformSpec>(documents, Kind::Platform, findings);
    let components = all(documents, Kind::Component, findings);
    let stores = all(documents, Kind::Store, findings);
    let externals = all(documents, Kind::External, findings);
    let addons = all(documents, Kind::Addon, findings);
    let spec = read::<EnvironmentSpec>(environment, findings)?;
    let item = spec.targets.0.get(target)?;
    let target =
        Named::<Target> { name: Val::new(target.to_owned(), item.origin.clone()), spec: item.value.clone() };
    let environment = Named { name: environment.name.clone(), spec };
    let platform = platform.into_iter().next()?;
    Some(Resolved { platform, components, stores, externals, addons, environment, target })
}

/// All enabled documents of a kind. Disabled ones are read, too, so that what is wrong with them shows.
fn all<T: Declared>(documents: &[Document], kind: Kind, findings: &mut Vec<Finding>) -> Vec<Named<T>> {
    let of_kind = documents.iter().filter(|document| document.kind == kind);
    of_kind
        .filter_map(|document| Some((document, read::<T>(document, findings)?)))
        .filter(|(document, _)| !document.is_disabled())
        .map(|(document, spec)| Named { name: document.name.clone(), spec })
        .collect()
}

fn read<T: Declared>(document: &Document, findings: &mut Vec<Finding>) -> Option<T> {
    if matches!(document.spec.shape, Shape::Invalid) {
        return None;
    }
    T::read(&At::new(&document.spec, document.path()), findings)
}

fn read_any(document: &Document, findings: &mut Vec<Finding>) {
    use crate::kinds::{AddonSpec, ComponentSpec, ExternalSpec, StoreSpec};
    match document.kind {
        Kind::Platform => drop(read::<PlatformSpec>(document, findings)),
        Kind::Component => drop(read::<ComponentSpec>(document, findings)),
        Kind::Store => drop(read::<StoreSpec>(document, findings)),
        Kind::External => drop(read::<ExternalSpec>(document, findings)),
        Kind::Addon => drop(read::<AddonSpec>(document, findings)),
        Kind::Environment => drop(read::<EnvironmentSpec>(document, findings)),
    }
}

/// Each finding once, with all scopes it was seen in: every scope reads every document.
#[must_use]
pub fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let key = |finding: &Finding| {
        let spans: Vec<_> = finding.locations.iter().map(|place| (place.span, place.label.clone())).collect();
        (finding.rule, finding.message.clone(), spans)
    };
    let mut distinct: Vec<Finding> = Vec::new();
    for finding in findings {
        if seen.insert(key(&finding)) {
            distinct.push(finding);
        } else if let Some(first) = distinct.iter_mut().find(|first| key(first) == key(&finding)) {
            for scope in finding.scopes {
                if !first.scopes.contains(&scope) {
                    first.scopes.push(scope);
                }
            }
        }
    }
    distinct
}
