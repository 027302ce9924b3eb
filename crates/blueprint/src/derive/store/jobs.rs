//! Jobs of an engine that run once the members are up.

use std::collections::BTreeMap;

use tree::Val;

use super::container::{self, Parts};
use super::{Store, eval, tls};
use crate::derive::component::NAME_LABEL;
use crate::derive::here::{Here, Out};
use crate::derive::text::{Text, default};
use crate::scope::Identity;
use crate::workload::{Form, Placement, Update, Workload};

/// Derives the jobs of a store, and adds them to the workloads by the role (or job) they play in flows.
pub(crate) fn jobs<'a>(
    here: &Here<'_>,
    store: &Store<'a>,
    by_role: &mut BTreeMap<&'a str, Vec<Val<String>>>,
    out: &mut Out,
) {
    for (name, origin, job) in store.engine.jobs.iter() {
        let stage = eval::stage(here, store, name, 0);
        if !stage.holds(job.when.as_ref(), out) {
            continue;
        }
        let own_name = Text::from(&store.named.name).lit("-").lit(name).done();
        let mut parts = Parts::new(here, store, name, &own_name);
        let mut containers = vec![container::container(&stage, &job.container, &own_name, &mut parts, out)];
        tls::mount(store, name, &mut containers, &mut parts);
        let (volumes, restarts_on) = parts.finish(out);
        let namespace = store.named.spec.namespace.value.clone();
        let usual = |path: &str, value: u32, reason| default(&store.by, path, value, reason);
        out.scope.identities.push(Identity {
            part_of: store.by.clone(),
            namespace: namespace.clone(),
            name: own_name.clone(),
            grants: Vec::new(),
        });
        let role = Val::new(name.to_owned(), origin.clone());
        out.scope.workloads.push(Workload {
            namespace,
            part_of: store.by.clone(),
            origin: origin.clone(),
            form: Form::Once {
                deadline: job.deadline.clone().map(|time| time.map(u64::from)),
                retries: job
                    .retries
                    .clone()
                    .unwrap_or_else(|| usual("jobs.retries", 10, "Members take time to come up.")),
            },
            selector: BTreeMap::from([
                (NAME_LABEL.to_owned(), store.named.name.clone()),
                (super::role::ROLE_LABEL.to_owned(), role),
            ]),
            pod_labels: BTreeMap::new(),
            pod_annotations: BTreeMap::new(),
            replicas: usual("jobs", 1, "It runs once."),
            autoscale: None,
            disruption: None,
            update: Update::Recreate,
            init: Vec::new(),
            containers,
            volumes,
            claims: Vec::new(),
            identity: own_name.clone(),
            token: default(&store.by, "kubernetes", false, "It does nothing at the Kubernetes API."),
            user: Some(store.engine.user.clone()),
            group: Some(store.engine.group.clone()),
            fs_group: Some(store.engine.fs_group.clone().unwrap_or_else(|| store.engine.group.clone())),
            host_network: None,
            termination: default(&store.by, "jobs.termination", 30, "Kubernetes' own default for finishing."),
            priority: store.named.spec.priority.clone(),
            placement: placement(here, store),
            pull_secrets: Vec::new(),
            restarts_on,
            name: own_name.clone(),
        });
        by_role.insert(name, vec![own_name]);
    }
}

/// A job runs where the members of the first role may.
fn placement(here: &Here<'_>, store: &Store<'_>) -> Placement {
    let members = store.named.spec.members.iter().next();
    let placed = members
        .map(|(_, _, members)| crate::derive::placement::placement(here, &store.by, &members.placement));
    Placement { over_nodes: None, over_zones: None, ..placed.unwrap_or_default() }
}
