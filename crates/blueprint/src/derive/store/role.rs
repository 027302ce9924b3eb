//! A role of members becomes one workload, or one for each shard.

use std::collections::BTreeMap;

use catalogue::module::{Role, RoleService};
use model::kinds::Members;
use tree::Val;

use super::container::{self, Parts};
use super::{Store, eval, settings, situation, tls};
use crate::derive::component::NAME_LABEL;
use crate::derive::here::{Here, Out};
use crate::derive::say::{self, rule};
use crate::derive::text::{Text, default, derived};
use crate::derive::{container as own, placement, volumes};
use crate::scope::{Grant, Identity};
use crate::workload::{Claim, Disruption, Form, Update, Workload};

/// The label that tells the roles of one store apart.
pub(crate) const ROLE_LABEL: &str = "app.kubernetes.io/component";

/// Derives the workloads of a role, and returns their names.
pub(crate) fn role(here: &Here<'_>, store: &Store<'_>, name: &str, out: &mut Out) -> Vec<Val<String>> {
    let (Some(role), Some(members)) = (store.engine.roles.get(name), store.members(name)) else {
        return Vec::new();
    };
    if members.count.value == 0 {
        return Vec::new();
    }
    let shards = if store.is_sharded(name) { store.shards().value } else { 1 };
    let mut names = Vec::new();
    for shard in 0..shards {
        let workload = workload(here, store, (name, role), members, shard, out);
        names.push(workload.name.clone());
        out.scope.workloads.push(workload);
    }
    names
}

/// The name of a workload: the store's, with what the module puts behind it.
pub(crate) fn workload_name(store: &Store<'_>, role: &str, shard: u32) -> Val<String> {
    let facts = store.engine.roles.get(role);
    let suffix = facts.and_then(|facts| facts.suffix.as_ref());
    let shown = match suffix {
        Some(template) => {
            let of_shard = catalogue::module::Situation {
                shard: shard.into(),
                role: role.to_owned(),
                ..catalogue::module::Situation::default()
            };
            template.value.evaluate(&catalogue::module::Scene::new(&of_shard)).unwrap_or_default()
        }
        None if store.is_sharded(role) => format!("{role}-{shard}"),
        None if store.engine.roles.0.len() == 1 => String::new(),
        None => role.to_owned(),
    };
    let shown = shown.trim_start_matches('-');
    if shown.is_empty() {
        store.named.name.clone()
    } else {
        Text::from(&store.named.name).lit("-").lit(shown).done()
    }
}

fn workload(
    here: &Here<'_>,
    store: &Store<'_>,
    (name, role): (&str, &Role),
    members: &Members,
    shard: u32,
    out: &mut Out,
) -> Workload {
    let at = situation::situation(here, store, name, shard);
    let stage = eval::of(here, store, &at, name);
    let workload_name = workload_name(store, name, shard);
    let mut parts = Parts::new(here, store, name, &workload_name);
    let mut main = container::container(&stage, &role.container, &workload_name, &mut parts, out);
    main.args.extend(settings::arguments(store, &at));
    main.resources = own::amounts(&members.resources);
    let claims = claims(here, store, name, role, members, out);
    if let (Some(path), Some(claim)) = (&role.data, claims.first()) {
        main.mounts.push(volumes::mount(&claim.name.value, path.clone(), false));
    }
    let init = container::all(&stage, &role.init, false, &mut parts, out);
    let sidecars = container::all(&stage, &role.sidecars, true, &mut parts, out);
    let mut containers = vec![main];
    tls::mount(store, name, &mut containers, &mut parts);
    let mut init: Vec<_> = init.into_iter().chain(sidecars).collect();
    share_data(role, &claims, &mut init);
    let token = identity(store, role, &workload_name, out);
    let volumes = parts.finish(out);
    let restarts_on = volumes.1;
    let (form, update) = form(here, store, name, role);
    Workload {
        namespace: store.named.spec.namespace.value.clone(),
        part_of: store.by.clone(),
        origin: members.count.origin.clone(),
        form,
        selector: selector(store, name, shard),
        pod_labels: service_labels(store, name),
        pod_annotations: BTreeMap::new(),
        replicas: replicas(store, name, members),
        autoscale: None,
        disruption: Some(disruption(store, name, role)),
        update,
        init,
        containers,
        volumes: volumes.0,
        claims,
        identity: workload_name.clone(),
        token,
        user: Some(role.user.clone().unwrap_or_else(|| store.engine.user.clone())),
        group: Some(store.engine.group.clone()),
        fs_group: Some(store.engine.fs_group.clone().unwrap_or_else(|| store.engine.group.clone())),
        host_network: None,
        termination: termination(store, role),
        priority: store.named.spec.priority.clone(),
        placement: placement::placement(here, &store.by, &members.placement),
        pull_secrets: Vec::new(),
        restarts_on,
        name: workload_name,
    }
}

/// Init containers that are given the volume's path work on the volume.
fn share_data(role: &Role, claims: &[Claim], init: &mut [crate::workload::Container]) {
    if let (Some(path), Some(claim)) = (&role.data, claims.first()) {
        for container in init {
            container.mounts.push(volumes::mount(&claim.name.value, path.clone(), false));
        }
    }
}

fn replicas(store: &Store<'_>, name: &str, members: &Members) -> Val<u32> {
    match &members.per_shard {
        Some(per_shard) if store.is_sharded(name) => per_shard.clone(),
        _ => members.count.clone(),
    }
}

fn form(here: &Here<'_>, store: &Store<'_>, name: &str, role: &Role) -> (Form, Update) {
    let update = match role.update.as_ref().map(|update| update.value.as_str()) {
        Some("manual") => Update::OnDelete,
        _ => Update::Rolling { surge: None, unavailable: None },
    };
    let is_replicated = role.form.as_ref().is_some_and(|form| form.value == "replicated");
    match &role.service {
        Some(service) if !is_replicated => {
            let parallel = role.parallel.clone().unwrap_or_else(|| {
                let reason = "Members come one after the other, unless they wait for each other.";
                default(&store.by, "members", false, reason)
            });
            let first = situation::first(here, store, name);
            let start = (first > 0).then(|| derived("ordinals", first, [here.origin()]));
            (Form::Stateful { service: super::service::name(store, service), parallel, start }, update)
        }
        _ => (Form::Replicated, update),
    }
}

fn disruption(store: &Store<'_>, name: &str, role: &Role) -> Disruption {
    let most = role.disruption.as_ref().map(|most| most.clone().map(|most| most.to_string()));
    Disruption::MaxUnavailable(most.unwrap_or_else(|| {
        let reason = "One member at a time: the others carry its load and hold the majority.";
        default(&store.by, &format!("members.{name}.disruption"), "1".to_owned(), reason)
    }))
}

fn termination(store: &Store<'_>, role: &Role) -> Val<u64> {
    role.termination.clone().map_or_else(
        || default(&store.by, "termination", 30, "Kubernetes' own default for finishing."),
        |time| time.map(u64::from),
    )
}

/// Labels that select the pods of a role, or of one shard of it.
pub(crate) fn selector(store: &Store<'_>, role: &str, shard: u32) -> BTreeMap<String, Val<String>> {
    let mut labels = BTreeMap::from([(NAME_LABEL.to_owned(), store.named.name.clone())]);
    let origin = store.engine.roles.0.get(role).map(|item| item.origin.clone());
    let origin = origin.unwrap_or_else(|| store.named.name.origin.clone());
    labels.insert(ROLE_LABEL.to_owned(), Val::new(role.to_owned(), origin));
    if store.is_sharded(role) {
        let shard = derived("shard", shard.to_string(), [store.shards().origin]);
        labels.insert("underpin.dev/shard".to_owned(), shard);
    }
    labels
}

/// The label by which a service finds the pods of several roles, but not of all.
pub(crate) fn service_label(store: &Store<'_>, key: &str, service: &RoleService) -> Option<String> {
    let several = service.roles.len() > 1 && service.roles.len() < store.engine.roles.0.len();
    several.then(|| format!("service.underpin.dev/{key}"))
}

fn service_labels(store: &Store<'_>, role: &str) -> BTreeMap<String, Val<String>> {
    let services = store.engine.services.iter();
    let mine = services.filter(|(_, _, service)| service.roles.iter().any(|one| one.value == role));
    mine.filter_map(|(key, origin, service)| {
        Some((service_label(store, key, service)?, Val::new("true".to_owned(), origin.clone())))
    })
    .collect()
}

fn claims(
    here: &Here<'_>,
    store: &Store<'_>,
    name: &str,
    role: &Role,
    members: &Members,
    out: &mut Out,
) -> Vec<Claim> {
    match (&role.data, &members.storage) {
        (Some(path), Some(storage)) => vec![Claim {
            name: Val::new("data".to_owned(), path.origin.clone()),
            size: storage.size.clone().map(|size| size.0),
            class: placement::storage_class(here, storage.class.as_ref()),
            access: default(
                &store.by,
                "members",
                "ReadWriteOnce".to_owned(),
                "Each member has a volume of its own.",
            ),
        }],
        (Some(_), None) => {
            let message =
                format!("{} keeps data in its members of role {name}, which have no storage", store.by);
            let help = format!("Give `members.{name}.storage`.");
            out.say(say::error(rule::MISSING, message, &members.count.origin, &help));
            Vec::new()
        }
        (None, Some(storage)) => {
            let message = format!("members of role {name} of {} keep nothing, yet have storage", store.by);
            let help = format!("Remove `members.{name}.storage`.");
            out.say(say::error(rule::CONFLICT, message, &storage.size.origin, &help));
            Vec::new()
        }
        (None, None) => Vec::new(),
    }
}

/// The identity of a role's pods; whether its token is mounted.
fn identity(store: &Store<'_>, role: &Role, name: &Val<String>, out: &mut Out) -> Val<bool> {
    let grant = |grant: &catalogue::module::Grant| {
        let origin =
            grant.resources.first().map_or_else(|| name.origin.clone(), |first| first.origin.clone());
        let usual = |value: String| Val::new(value, origin.clone());
        Grant {
            group: grant.group.clone().unwrap_or_else(|| usual(String::new())),
            resources: grant.resources.clone(),
            verbs: grant.verbs.clone(),
            everywhere: grant.everywhere.clone().unwrap_or_else(|| Val::new(false, origin.clone())),
            origin: origin.clone(),
        }
    };
    let grants: Vec<Grant> = role.kubernetes.iter().map(grant).collect();
    let token = match grants.first() {
        Some(first) => Val::new(true, first.origin.clone()),
        None => default(&store.by, "kubernetes", false, "Its engine does nothing at the Kubernetes API."),
    };
    out.scope.identities.push(Identity {
        part_of: store.by.clone(),
        namespace: store.named.spec.namespace.value.clone(),
        name: name.clone(),
        grants,
    });
    token
}
