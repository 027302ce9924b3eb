//! From a resolved platform to what each of its environments consists of.
//!
//! One file for each thing that is derived. All of them take what they see ([`here::Here`]), a part of the definition,
//! and what is being made ([`here::Out`]): the scope so far, and findings for what could not be derived.

mod addon;
mod calls;
mod component;
mod config;
mod container;
mod face;
mod facts;
mod here;
mod implied;
mod issuers;
mod namespace;
mod order;
mod placement;
mod quota;
mod rbac;
mod route;
mod say;
mod secrets;
mod store;
mod text;
mod volumes;

use std::collections::BTreeMap;

use catalogue::module::Modules;
use diag::Finding;
use model::kinds::{Platform, Resolved};
use tree::Val;

use crate::Blueprint;
use crate::scope::{Runs, Scope, ScopeId};
use here::{Here, Out};

/// The Kubernetes version of a target that names none: the newest but one.
const USUAL_KUBERNETES: u16 = 36;

/// Derives what every environment consists of, in the order of the definition.
#[must_use]
pub fn derive(platform: &Platform, modules: &Modules) -> (Vec<Blueprint>, Vec<Finding>) {
    let mut environments: Vec<(&str, Vec<&Resolved>)> = Vec::new();
    for resolved in &platform.scopes {
        let name = resolved.environment.name.as_str();
        match environments.iter_mut().find(|(known, _)| *known == name) {
            Some((_, targets)) => targets.push(resolved),
            None => environments.push((name, vec![resolved])),
        }
    }
    let mut findings = Vec::new();
    let mut blueprints = Vec::new();
    for (name, targets) in environments {
        let scopes = targets.iter().enumerate().map(|(index, target)| {
            let others = targets.iter().enumerate().filter(|(other, _)| *other != index);
            let out = scope(target, others.map(|(_, other)| *other).collect(), modules);
            findings.extend(out.findings);
            out.scope
        });
        blueprints.push(Blueprint { environment: name.to_owned(), scopes: scopes.collect() });
    }
    (blueprints, say::merged(findings))
}

fn scope(resolved: &Resolved, others: Vec<&Resolved>, modules: &Modules) -> Out {
    let here = Here { resolved, modules, others };
    let mut out = Out { scope: empty(&here), findings: Vec::new() };
    placement::classes_and_pools(&here, &mut out);
    for store in &resolved.stores {
        store::store(&here, store, &mut out);
    }
    let facts = facts::of_scope(&here);
    for component in &resolved.components {
        component::component(&here, component, &facts, &mut out);
    }
    implied::flows(&here, &mut out);
    addon::guests(&here, &mut out);
    secrets::stores(&here, &mut out);
    issuers::solver_flows(&here, &mut out);
    let workloads = std::mem::take(&mut out.scope.workloads);
    out.scope.workloads = order::by_need(workloads, &out.scope.flows);
    namespace::namespaces(&here, &mut out);
    out
}

fn empty(here: &Here<'_>) -> Scope {
    let id = ScopeId {
        environment: here.resolved.environment.name.value.clone(),
        target: here.resolved.target.name.value.clone(),
    };
    Scope {
        id,
        runs: runs(here),
        origin: here.origin(),
        labels: labels(here),
        namespaces: Vec::new(),
        storage_classes: Vec::new(),
        priority_classes: Vec::new(),
        identities: Vec::new(),
        workloads: Vec::new(),
        configs: Vec::new(),
        services: Vec::new(),
        routes: Vec::new(),
        secret_stores: Vec::new(),
        secrets: Vec::new(),
        issuers: Vec::new(),
        certificates: Vec::new(),
        flows: Vec::new(),
        node_pools: Vec::new(),
        guests: Vec::new(),
        served: Vec::new(),
    }
}

fn runs(here: &Here<'_>) -> Runs {
    if !here.is_cluster() {
        return Runs::Compose;
    }
    let given = here.resolved.target.spec.kubernetes.as_ref();
    let minor =
        given.and_then(|version| version.value.split('.').nth(1)).and_then(|minor| minor.parse().ok());
    Runs::Kubernetes(minor.unwrap_or(USUAL_KUBERNETES))
}

fn labels(here: &Here<'_>) -> BTreeMap<String, Val<String>> {
    let platform = &here.resolved.platform;
    let mut labels: BTreeMap<String, Val<String>> =
        platform.spec.labels.iter().map(|(key, _, value)| (key.to_owned(), value.clone())).collect();
    let managed = text::default("Platform/labels", "labels", "underpin".to_owned(), "What made the object.");
    labels.entry("app.kubernetes.io/part-of".to_owned()).or_insert_with(|| platform.name.clone());
    labels.entry("app.kubernetes.io/managed-by".to_owned()).or_insert(managed);
    labels
}
