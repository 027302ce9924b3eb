//! Kubernetes objects of a scope.
//!
//! One file per group of kinds. The order is that of application: what others refer to comes first.

mod access;
mod base;
mod certificates;
mod container;
mod network;
mod pod;
mod scaling;
mod secrets;
mod services;
mod workload;

use std::collections::BTreeMap;

use blueprint::{Blueprint, Runs, Scope, ScopeId};
use tree::{Draft, Origin, Val};

/// One object of a scope.
#[derive(Clone, Debug)]
pub struct Object {
    /// Kind.
    pub kind: &'static str,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The definition object it belongs to, such as `Component/hasura`; empty for what belongs to the scope as a whole.
    pub part_of: String,
    /// The object.
    pub draft: Draft,
}

/// Every Kubernetes object of each scope that Kubernetes runs.
#[must_use]
pub fn objects(blueprint: &Blueprint) -> Vec<(ScopeId, Vec<Object>)> {
    let clusters = blueprint.scopes.iter().filter(|scope| matches!(scope.runs, Runs::Kubernetes(_)));
    clusters.map(|scope| (scope.id.clone(), of_scope(scope))).collect()
}

fn of_scope(scope: &Scope) -> Vec<Object> {
    let mut objects = Vec::new();
    base::add(scope, &mut objects);
    certificates::add_issuers(scope, &mut objects);
    secrets::add_stores(scope, &mut objects);
    access::add(scope, &mut objects);
    services::add_configs(scope, &mut objects);
    secrets::add_needs(scope, &mut objects);
    certificates::add(scope, &mut objects);
    network::add(scope, &mut objects);
    services::add(scope, &mut objects);
    workload::add(scope, &mut objects);
    scaling::add(scope, &mut objects);
    services::add_routes(scope, &mut objects);
    objects
}

/// What an object's head consists of.
struct Head<'a> {
    api: &'static str,
    kind: &'static str,
    namespace: Option<&'a str>,
    name: &'a Val<String>,
    part_of: &'a str,
}

impl Head<'_> {
    /// The object with its head and whatever `body` adds.
    fn object(
        self,
        scope: &Scope,
        labels: &BTreeMap<String, Val<String>>,
        body: impl FnOnce(Draft) -> Draft,
    ) -> Object {
        let origin = &self.name.origin;
        let name_of_owner = self.part_of.rsplit('/').next().unwrap_or_default();
        let mut all = strings(&scope.labels, origin);
        if !name_of_owner.is_empty() {
            all.set("app.kubernetes.io/name", string(name_of_owner, origin));
        }
        for (key, value) in labels {
            all.set(key.as_str(), Draft::text(value));
        }
        let namespace = self.namespace.map(|namespace| string(namespace, origin));
        let metadata = Draft::map(origin.clone())
            .with("name", Draft::text(self.name))
            .with_some("namespace", namespace)
            .with_some("labels", some(all));
        let head = Draft::map(origin.clone())
            .with("apiVersion", string(self.api, origin))
            .with("kind", string(self.kind, origin))
            .with("metadata", metadata);
        Object {
            kind: self.kind,
            namespace: self.namespace.unwrap_or_default().to_owned(),
            name: self.name.value.clone(),
            part_of: self.part_of.to_owned(),
            draft: body(head),
        }
    }
}

fn string(text: &str, origin: &Origin) -> Draft {
    Draft::string(text, origin.clone())
}

/// A mapping of strings.
fn strings(values: &BTreeMap<String, Val<String>>, origin: &Origin) -> Draft {
    values
        .iter()
        .fold(Draft::map(origin.clone()), |map, (key, value)| map.with(key.as_str(), Draft::text(value)))
}

/// A list of strings, each its own identity.
fn texts(values: &[Val<String>], origin: &Origin) -> Draft {
    values
        .iter()
        .fold(Draft::list(origin.clone()), |list, value| list.item(Draft::text(value).keyed(value.as_str())))
}

/// A list of strings in which the position counts: commands and arguments.
fn words(values: &[Val<String>], origin: &Origin) -> Option<Draft> {
    some(values.iter().fold(Draft::list(origin.clone()), |list, value| list.item(Draft::text(value))))
}

/// A draft that has content.
fn some(draft: Draft) -> Option<Draft> {
    if draft.is_empty() { None } else { Some(draft) }
}

fn int<T: Copy + Into<i64>>(value: &Val<T>) -> Draft {
    Draft::int(value.value.into(), value.origin.clone())
}

/// A number of seconds, up to 292 billion years.
fn seconds(value: &Val<u64>) -> Draft {
    Draft::int(i64::try_from(value.value).unwrap_or(i64::MAX), value.origin.clone())
}

fn boolean(value: &Val<bool>) -> Draft {
    Draft::bool(value.value, value.origin.clone())
}

/// A count as a number, a percentage as a string.
fn count_or_share(value: &Val<String>) -> Draft {
    match value.parse::<i64>() {
        Ok(count) => Draft::int(count, value.origin.clone()),
        Err(_) => Draft::text(value),
    }
}

/// A selector by labels.
fn match_labels(labels: &BTreeMap<String, Val<String>>, origin: &Origin) -> Draft {
    Draft::map(origin.clone()).with("matchLabels", strings(labels, origin))
}
