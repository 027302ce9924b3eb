//! The network of a view, as meant flows need it: with those who call though no file has them.

use diag::ObjectRef;
use estate::intent::OutsideWorkload;
use estate::{Obj, Workload};
use reach::{OtherId, PolicyId, Reach, RuleRef, WorkloadId};
use tree::NodeRef;

use crate::World;
use crate::relations::reachability::{Assumed, Reachability, Source};

/// Who can talk to whom in a view.
pub struct Network<'a> {
    reachability: Reachability<'a>,
    /// By the index of a workload in [`World::workloads`].
    ids: Vec<WorkloadId>,
}

impl<'a> Network<'a> {
    /// The network of a view.
    #[must_use]
    pub fn of(world: &World<'a>) -> Self {
        let assumed = [Assumed::IngressController, Assumed::Monitoring, Assumed::ApiServer];
        let (estate, view) = (world.estate, world.view);
        let reachability = Reachability::assuming(estate, view, &world.workloads, &world.intent, &assumed);
        let nobody = WorkloadId(u32::MAX);
        let of = |workload: &Workload<'a>| reachability.of_object(workload.object.id).unwrap_or(nobody);
        let ids = world.workloads.iter().map(of).collect();
        Self { reachability, ids }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Reach {
        &self.reachability.engine
    }

    /// Whether anything restricts anything.
    #[must_use]
    pub fn has_policies(&self) -> bool {
        !self.reachability.policies.is_empty() || !self.reachability.others.is_empty()
    }

    /// A workload of the view, by its index in [`World::workloads`].
    #[must_use]
    pub fn workload(&self, index: usize) -> WorkloadId {
        self.ids.get(index).copied().unwrap_or(WorkloadId(u32::MAX))
    }

    /// The name service: at least one.
    #[must_use]
    pub fn dns(&self) -> Vec<WorkloadId> {
        self.reachability.dns().collect()
    }

    /// Those of a role: stated by the intent, else recognised in the files, else the one that is assumed.
    #[must_use]
    pub fn of_role(
        &self,
        stated: impl Fn(&OutsideWorkload) -> bool,
        recognised: impl Fn(&Workload<'a>) -> bool,
        assumed: Assumed,
    ) -> Vec<WorkloadId> {
        let everybody = || self.reachability.everybody();
        let outside =
            everybody().filter(|(_, actor)| matches!(actor.source, Source::Outside(one) if stated(one)));
        let found: Vec<WorkloadId> = outside.map(|(id, _)| id).collect();
        if !found.is_empty() {
            return found;
        }
        let own = everybody().filter(|(_, actor)| actor.workload().is_some_and(&recognised));
        let found: Vec<WorkloadId> = own.map(|(id, _)| id).collect();
        if !found.is_empty() {
            return found;
        }
        everybody().filter(|(_, actor)| actor.assumed() == Some(assumed)).map(|(id, _)| id).collect()
    }

    /// The workload, if it is in the files.
    #[must_use]
    pub fn in_files(&self, id: WorkloadId) -> Option<&Workload<'a>> {
        self.reachability.actors.get(id.0 as usize)?.workload()
    }

    /// Somebody by kind, namespace and name.
    #[must_use]
    pub fn find(&self, one: &ObjectRef) -> Option<WorkloadId> {
        self.reachability.find(&one.kind, &one.namespace, &one.name)
    }

    /// How findings name somebody.
    #[must_use]
    pub fn reference(&self, id: WorkloadId) -> ObjectRef {
        let actor = self.reachability.actor(id);
        let name = match actor.assumed() {
            Some(assumed) => assumed.title(),
            None => actor.name,
        };
        ObjectRef {
            kind: actor.kind.to_owned(),
            namespace: actor.namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Whether somebody is in the files or stated by the intent. The name service is in every cluster.
    #[must_use]
    pub fn is_known(&self, id: WorkloadId) -> bool {
        matches!(self.reachability.actor(id).assumed(), None | Some(Assumed::Dns))
    }

    /// A policy.
    #[must_use]
    pub fn policy(&self, id: PolicyId) -> Obj<'a> {
        self.reachability.policy(id)
    }

    /// Where a policy says whom it selects.
    #[must_use]
    pub fn selector_node(&self, id: PolicyId) -> NodeRef<'a> {
        self.reachability.selector_node(id)
    }

    /// Where a rule is written.
    #[must_use]
    pub fn rule_node(&self, rule: RuleRef) -> NodeRef<'a> {
        self.reachability.rule_node(rule)
    }

    /// A policy that isn't evaluated, and why not.
    #[must_use]
    pub fn other(&self, id: OtherId) -> (Obj<'a>, &str) {
        let other = self.reachability.other(id);
        (other.object, &other.why)
    }
}
