//! What an analysis may ask: one view of an estate, and the relations in it that several analyses need.

use std::collections::HashMap;
use std::sync::OnceLock;

use catalogue::kubernetes::Schemas;
use diag::Level;
use estate::intent::ScopeIntent;
use estate::{Estate, Kind, Obj, Scope, View, Workloads};

use crate::Options;
use crate::facts::demand::Defaults;
use crate::facts::network::Network;
use crate::facts::producers::Producers;
use crate::facts::scale::Scales;
use crate::relations::reachability::Reachability;

/// One view, with what was worked out about it.
pub struct World<'a> {
    /// Everything that was loaded.
    pub estate: &'a Estate,
    /// The view that is examined.
    pub view: &'a View,
    /// Its scope.
    pub scope: &'a Scope,
    /// The schemas of Kubernetes.
    pub schemas: &'a Schemas,
    /// What was asked for.
    pub options: &'a Options,
    /// What makes pods.
    pub workloads: Workloads<'a>,
    /// What is meant of this scope.
    pub intent: Vec<&'a ScopeIntent>,
    producers: OnceLock<Producers<'a>>,
    scales: OnceLock<Scales<'a>>,
    reachability: OnceLock<Reachability<'a>>,
    network: OnceLock<Network<'a>>,
    defaults: OnceLock<HashMap<&'a str, Defaults<'a>>>,
    no_defaults: Defaults<'a>,
}

impl<'a> World<'a> {
    /// The world of a view.
    #[must_use]
    pub fn new(estate: &'a Estate, view: &'a View, schemas: &'a Schemas, options: &'a Options) -> Self {
        let scope = estate.scope(view.scope);
        Self {
            estate,
            view,
            scope,
            schemas,
            options,
            workloads: Workloads::of(estate, view),
            intent: estate.intent.of(&scope.name).collect(),
            producers: OnceLock::new(),
            scales: OnceLock::new(),
            reachability: OnceLock::new(),
            network: OnceLock::new(),
            defaults: OnceLock::new(),
            no_defaults: Defaults::default(),
        }
    }

    /// The object of a kind with a name.
    #[must_use]
    pub fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<Obj<'a>> {
        self.view.find(self.estate, kind, namespace, name)
    }

    /// All objects of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = Obj<'a>> + use<'a> {
        self.view.of_kind(self.estate, kind)
    }

    /// All objects of a kind in a namespace.
    #[must_use]
    pub fn of_kind_in(&self, kind: Kind, namespace: &str) -> Vec<Obj<'a>> {
        self.view.of_kind_in(self.estate, kind, namespace)
    }

    /// What the LimitRanges of a namespace fill in.
    pub fn defaults(&self, namespace: &str) -> &Defaults<'a> {
        let all = self.defaults.get_or_init(|| {
            let ranges = self.of_kind(Kind::LimitRange).map(Obj::namespace);
            ranges.map(|namespace| (namespace, Defaults::of(self, namespace))).collect()
        });
        all.get(namespace).unwrap_or(&self.no_defaults)
    }

    /// What produces Secrets and ConfigMaps, and with which keys.
    pub fn producers(&self) -> &Producers<'a> {
        self.producers.get_or_init(|| Producers::of(self))
    }

    /// How many pods each workload has.
    pub fn scales(&self) -> &Scales<'a> {
        self.scales.get_or_init(|| Scales::of(self))
    }

    /// Who may connect to whom.
    pub fn reachability(&self) -> &Reachability<'a> {
        self.reachability
            .get_or_init(|| Reachability::of(self.estate, self.view, &self.workloads, &self.intent))
    }

    /// Who can talk to whom.
    pub fn network(&self) -> &Network<'a> {
        self.network.get_or_init(|| Network::of(self))
    }

    /// How much the absence of something from the files matters: it is certain only where the files are everything.
    #[must_use]
    pub fn absence(&self) -> Level {
        if self.scope.closed { Level::Error } else { Level::Warning }
    }
}
