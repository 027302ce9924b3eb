//! What a derivation sees: one target of one environment, and its neighbours.

use catalogue::module::Modules;
use diag::Finding;
use model::kinds::{AddonSpec, ComponentSpec, ExternalSpec, Named, Resolved, StoreSpec};
use tree::{Origin, Val};

use crate::scope::Scope;

/// One target of one environment, and the other targets of it.
pub(crate) struct Here<'a> {
    /// What is derived.
    pub(crate) resolved: &'a Resolved,
    /// Facts about engines, add-ons, runtimes and images.
    pub(crate) modules: &'a Modules,
    /// The same for the environment's other targets.
    pub(crate) others: Vec<&'a Resolved>,
}

/// What is being made: the scope so far, and what could not be.
pub(crate) struct Out {
    /// The scope.
    pub(crate) scope: Scope,
    /// What could not be derived, or deserves a word.
    pub(crate) findings: Vec<Finding>,
}

impl Out {
    /// For asking a module something whose problems are reported elsewhere.
    pub(crate) fn scratch(here: &Here<'_>) -> Self {
        Self { scope: super::empty(here), findings: Vec::new() }
    }

    /// Reports something of this scope.
    pub(crate) fn say(&mut self, finding: Finding) {
        let scope = self.scope.id.to_string();
        self.findings.push(finding.scope(scope));
    }
}

/// What a call may lead to.
#[derive(Clone, Copy)]
pub(crate) enum Peer<'a> {
    /// A workload of the platform.
    Component(&'a Named<ComponentSpec>),
    /// A store.
    Store(&'a Named<StoreSpec>),
    /// Something outside.
    External(&'a Named<ExternalSpec>),
    /// Something of the cluster's.
    Addon(&'a Named<AddonSpec>),
}

impl<'a> Here<'a> {
    /// Who has a name here; a stand-in in the place of an external.
    pub(crate) fn peer(&self, name: &str) -> Option<Peer<'a>> {
        peer(self.resolved, name)
    }

    /// The add-on of a name, or the first one that plays a part: `ingress` is the one with an ingress class.
    pub(crate) fn addon(&self, name: &str) -> Option<&'a Named<AddonSpec>> {
        let addons = &self.resolved.addons;
        addons.iter().find(|one| one.name.value == name).or_else(|| {
            let provides = |module: &str| {
                let module = self.modules.addons.get(module);
                module.is_some_and(|module| module.provides.iter().any(|part| part.value == name))
            };
            let plays = |one: &&Named<AddonSpec>| {
                let module = one.spec.module.value.as_str();
                module.starts_with(name) || provides(module)
            };
            addons.iter().find(plays)
        })
    }

    /// The environment's other clusters.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &'a Resolved> {
        let is_cluster = |other: &&'a Resolved| other.target.spec.runs.value != "compose";
        self.others.clone().into_iter().filter(is_cluster)
    }

    /// The domain of the environment, else the platform's.
    pub(crate) fn domain(&self) -> Val<String> {
        let platform = &self.resolved.platform.spec.domain;
        let general = || platform.clone().map(|name| name.0);
        self.resolved.environment.spec.domain.clone().unwrap_or_else(general)
    }

    /// Whether this is a cluster, not one machine with Compose.
    pub(crate) fn is_cluster(&self) -> bool {
        self.resolved.target.spec.runs.value != "compose"
    }

    /// Why the scope is there.
    pub(crate) fn origin(&self) -> Origin {
        self.resolved.target.name.origin.clone()
    }
}

fn peer<'a>(resolved: &'a Resolved, name: &str) -> Option<Peer<'a>> {
    let component = |name: &str| resolved.components.iter().find(|one| one.name.value == name);
    if let Some(found) = component(name) {
        return Some(Peer::Component(found));
    }
    if let Some(found) = resolved.stores.iter().find(|one| one.name.value == name) {
        return Some(Peer::Store(found));
    }
    if let Some(found) = resolved.externals.iter().find(|one| one.name.value == name) {
        let mock = found.spec.mocked_by.as_ref().and_then(|mock| component(mock));
        return Some(mock.map_or(Peer::External(found), Peer::Component));
    }
    resolved.addons.iter().find(|one| one.name.value == name).map(Peer::Addon)
}

/// The definition object behind a peer, such as `Store/dragonfly`.
pub(crate) fn part_of(kind: &str, name: &Val<String>) -> String {
    format!("{kind}/{}", name.value)
}
