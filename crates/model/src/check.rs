//! What no single field can say: names that must be known, and fields that must agree.

mod names;
mod values;

use std::collections::HashMap;

use diag::{Finding, Level};

use crate::document::{Definition, Document, Kind};
use crate::kinds::Resolved;
use crate::resolve::{of_kind, target_names};

pub(crate) use names::scope_names;

/// Checks that don't depend on a scope: what there must be one of, and names that are taken twice.
pub fn documents(definition: &Definition, findings: &mut Vec<Finding>) {
    twice(definition, findings);
    let platforms: Vec<_> = of_kind(definition, Kind::Platform).collect();
    let broken = !definition.broken.is_empty();
    if platforms.is_empty() && !broken {
        let message = match definition.documents.len() {
            0 => "there is no document of a definition in this folder".to_owned(),
            1 => "the one document of this folder is no Platform".to_owned(),
            several => format!("none of this folder's {several} documents is a Platform"),
        };
        findings.push(
            Finding::new("definition-incomplete", Level::Error, message)
                .help("Write a document of `apiVersion: underpin.dev/v1` and `kind: Platform`, or name another folder.")
                .about("Platform"),
        );
    }
    if let [first, second, ..] = platforms[..]
        && first.name.value != second.name.value
    {
        findings.push(
            Finding::new("definition-name-duplicate", Level::Error, "there are two platforms in one folder")
                .at(second.name_span(), "the second")
                .at(first.name_span(), "the first")
                .help("Keep one Platform; what differs between environments belongs to their `changes`.")
                .about("Platform"),
        );
    }
    environments(definition, findings);
}

fn environments(definition: &Definition, findings: &mut Vec<Finding>) {
    let mut n_environments = 0;
    for environment in of_kind(definition, Kind::Environment) {
        n_environments += 1;
        if target_names(environment).next().is_none() {
            let message = format!("{} has no target, so nothing is built for it", environment.id());
            let finding = Finding::new("definition-incomplete", Level::Error, message);
            let finding = finding.at(environment.name_span(), "has no `targets`");
            findings
                .push(finding.help("Add `targets: {NAME: {runs: kubernetes, …}}`.").about(environment.id()));
        }
    }
    if n_environments == 0 && !definition.documents.is_empty() && definition.broken.is_empty() {
        findings.push(
            Finding::new("definition-incomplete", Level::Error, "this platform has no Environment")
                .help("Write a document of `kind: Environment` with at least one of `targets`.")
                .about("Environment"),
        );
    }
}

/// Documents with one name: within a kind, and among all that calls may name.
fn twice(definition: &Definition, findings: &mut Vec<Finding>) {
    let mut first: HashMap<(&str, &str), &Document> = HashMap::new();
    for document in &definition.documents {
        // What is called shares one set of names.
        let group = if document.kind.is_called() { "called" } else { document.kind.as_str() };
        let Some(other) = first.insert((group, document.name.value.as_str()), document) else { continue };
        first.insert((group, document.name.value.as_str()), other);
        let (id, other_id) = (document.id(), other.id());
        let message = if id == other_id {
            format!("{id} is declared twice")
        } else {
            format!("{id} and {other_id} share a name, so a call to it could mean either")
        };
        findings.push(
            Finding::new("definition-name-duplicate", Level::Error, message)
                .at(document.name_span(), "declared again")
                .at(other.name_span(), "first declared here")
                .help("Rename one, or merge the two documents.")
                .about(id),
        );
    }
}

/// Checks of one scope.
pub fn scope(
    resolved: &Resolved,
    documents: &[Document],
    definition: &Definition,
    findings: &mut Vec<Finding>,
) {
    let scope = format!("{}/{}", resolved.environment.name.value, resolved.target.name.value);
    let mut found = Vec::new();
    scope_names(resolved, documents, definition, &mut found);
    values::check(resolved, &mut found);
    findings.extend(found.into_iter().map(|finding| finding.scope(scope.clone())));
}
