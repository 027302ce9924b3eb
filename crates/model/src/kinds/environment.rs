//! `Environment`: its targets, and what it changes.

use std::sync::Arc;

use diag::Finding;
use tree::declare::{At, Declared, Shape, Type};
use tree::{NodeId, Tree, Val, definition};

use super::Keyed;
use crate::types::{Cidr, Quantity};

definition! {
    /// An environment.
    pub struct EnvironmentSpec {
        /// What it is for.
        purpose: Option<Val<String>>,
        /// `development`, `staging` or `production`: what defaults and rules go by.
        #[one_of("development", "staging", "production")]
        stage: Val<String>,
        /// Domain here; default the platform's.
        domain: Option<Val<String>>,
        /// Where secrets come from: `file`, `kubernetes` or `vault`.
        #[one_of("file", "kubernetes", "vault")]
        secrets: Val<String>,
        /// How certificates are issued: `self-signed`, `acme-staging` or `acme`.
        #[one_of("self-signed", "acme-staging", "acme")]
        certificates: Val<String>,
        /// Its targets.
        targets: Keyed<Target>,
        /// What it changes: `Kind/name` to a part of that document's spec. Merged by type; `null` removes.
        changes: Keyed<Change>,
        /// Patches of emitted objects.
        patches: Vec<ObjectPatch>,
    }

    /// One target of an environment.
    pub struct Target {
        /// `kubernetes` or `compose`.
        #[one_of("kubernetes", "compose")]
        runs: Val<String>,
        /// Site, one of the platform's.
        site: Option<Val<String>>,
        /// `aws`, `azure`, `google` or `onpremises`.
        #[one_of("aws", "azure", "google", "onpremises")]
        provider: Option<Val<String>>,
        /// Kubernetes version, such as `1.36`.
        kubernetes: Option<Val<String>>,
        /// Pools of nodes.
        node_pools: Keyed<NodePool>,
        /// Its networks.
        network: Option<Network>,
        /// What it changes, on top of the environment's.
        changes: Keyed<Change>,
    }

    /// A pool of nodes of one shape.
    pub struct NodePool {
        /// Fewest nodes.
        min: Val<u32>,
        /// Most nodes.
        max: Val<u32>,
        /// CPU of one node.
        cpu: Val<Quantity>,
        /// Memory of one node.
        memory: Val<Quantity>,
        /// Pods one node takes; default 110.
        pods: Option<Val<u32>>,
        /// Zones it spreads over; default the site's.
        zones: Vec<Val<String>>,
        /// Labels of its nodes.
        labels: Keyed<Val<String>>,
        /// Taints of its nodes: key to `value:Effect`.
        taints: Keyed<Val<String>>,
    }

    /// Address ranges of a target.
    pub struct Network {
        /// Pods.
        pods: Option<Val<Cidr>>,
        /// Services.
        services: Option<Val<Cidr>>,
        /// Nodes.
        nodes: Option<Val<Cidr>>,
        /// What other targets of the environment see traffic come from and go to; needed for flows between targets.
        gateway: Vec<Val<Cidr>>,
    }

    /// A strategic merge patch of one emitted object.
    pub struct ObjectPatch {
        /// `Kind/namespace/name`, or `Kind/name`.
        object: Val<String>,
        /// Targets it is for; default all of the environment.
        targets: Vec<Val<String>>,
        /// The patch, in the object's own form.
        patch: Change,
    }
}

/// A part of a document: kept as a tree, typed by what it is merged into.
#[derive(Clone, Debug)]
pub struct Change(pub Arc<Tree>, pub NodeId);

impl Declared for Change {
    const REQUIRED: bool = true;

    fn declared() -> Type {
        Type::Any
    }

    fn read(at: &At<'_>, _: &mut Vec<Finding>) -> Option<Self> {
        match &at.node?.shape {
            Shape::Raw(tree, node) => Some(Self(Arc::clone(tree), *node)),
            _ => None,
        }
    }
}
