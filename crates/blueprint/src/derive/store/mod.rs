//! Stores: members, services, flows, accounts and certificates, by the facts of their engine's module.

mod account;
mod container;
mod eval;
mod flows;
mod jobs;
mod role;
mod service;
mod settings;
mod situation;
mod tls;

use std::collections::BTreeMap;

use catalogue::module::Engine;
use model::kinds::{Members, Named, Resolved, StoreSpec};
use tree::Val;

use super::here::{Here, Out, part_of};
use super::say::{self, rule};
use super::text::{default, derived};

pub(crate) use account::{account, credentials, url};
pub(crate) use service::face;
pub(crate) use tls::trust;

/// A store with the facts of its engine.
pub(crate) struct Store<'a> {
    /// As it is defined here.
    pub(crate) named: &'a Named<StoreSpec>,
    /// What its module says.
    pub(crate) engine: &'a Engine,
    /// Such as `Store/dragonfly`.
    pub(crate) by: String,
    /// Whether traffic is encrypted.
    pub(crate) tls: Val<bool>,
    /// The same store in the environment's other targets, where it has members that belong to it.
    pub(crate) elsewhere: Vec<(&'a Resolved, &'a Named<StoreSpec>)>,
}

/// A store with its engine; `None` where no module describes the engine.
pub(crate) fn of<'a>(here: &Here<'a>, named: &'a Named<StoreSpec>) -> Option<Store<'a>> {
    let engine = here.modules.engines.get(&named.spec.engine.value)?;
    let by = part_of("Store", &named.name);
    let tls = named.spec.encryption.in_transit.clone().unwrap_or_else(|| {
        let reason = "What the engine can encrypt is encrypted.";
        default(&by, "encryption.inTransit", engine.tls.is_some(), reason)
    });
    let tls = if engine.tls.is_some() { tls } else { Val::new(false, tls.origin) };
    Some(Store { named, engine, by, tls, elsewhere: elsewhere(here, named) })
}

/// Where else the store has members: in the other clusters of the environment, where it replicates between them.
fn elsewhere<'a>(here: &Here<'a>, named: &Named<StoreSpec>) -> Vec<(&'a Resolved, &'a Named<StoreSpec>)> {
    let replicates =
        named.spec.replication.as_ref().is_some_and(|replication| replication.mode.value != "none");
    let others = here.clusters().filter_map(|other| {
        let same = other.stores.iter().find(|store| store.name.value == named.name.value)?;
        Some((other, same))
    });
    others.filter(|_| replicates).collect()
}

impl<'a> Store<'a> {
    /// Members of a role, here.
    pub(crate) fn members(&self, role: &str) -> Option<&'a Members> {
        self.named.spec.members.get(role)
    }

    /// Number of members of a role, here.
    pub(crate) fn count(&self, role: &str) -> Val<u32> {
        self.members(role).map_or_else(
            || default(&self.by, &format!("members.{role}"), 0, "A role without members has none."),
            |members| members.count.clone(),
        )
    }

    /// Whether other targets have members of the store.
    pub(crate) fn is_spread(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// Number of shards: of the first role with shards.
    pub(crate) fn shards(&self) -> Val<u32> {
        let sharded = self.named.spec.members.iter().find_map(|(_, _, members)| {
            let per_shard = members.per_shard.as_ref()?;
            let shards = members.count.value / per_shard.value.max(1);
            Some(derived("shards", shards, [members.count.origin.clone(), per_shard.origin.clone()]))
        });
        sharded.unwrap_or_else(|| default(&self.by, "members", 1, "Nothing is sharded."))
    }

    /// Whether a role has a workload for each shard.
    pub(crate) fn is_sharded(&self, role: &str) -> bool {
        let role = self.engine.roles.get(role);
        role.and_then(|role| role.each.as_ref()).is_some_and(|each| each.value == "shard")
    }
}

/// Derives everything that one store needs.
pub(crate) fn store(here: &Here<'_>, named: &Named<StoreSpec>, out: &mut Out) {
    let Some(store) = of(here, named) else {
        let by = part_of("Store", &named.name);
        let engines = here.modules.engines.keys().map(String::as_str);
        let finding = say::unknown("engine module", &named.spec.engine, &by, engines);
        out.say(
            finding.note(
                "A module of your own, in the folder `modules/` of the platform, describes any engine.",
            ),
        );
        return;
    };
    if has_no_members(here, named) {
        let message = format!("{} has no members in any target of this environment", store.by);
        let roles: Vec<_> = store.engine.roles.iter().map(|(name, ..)| name).collect();
        let help = format!("Give `members`: a role of its engine ({}), each with `count`.", roles.join(", "));
        out.say(say::error(rule::MISSING, message, &named.name.origin, &help));
    }
    complain(&store, out);
    tell_of_names(&store, out);
    tell_of_silence(&store, out);
    settings::check(&store, &situation::situation(here, &store, "", 0), out);
    let mut by_role: BTreeMap<&str, Vec<Val<String>>> = BTreeMap::new();
    for (name, _, _) in store.engine.roles.iter() {
        by_role.insert(name, role::role(here, &store, name, out));
    }
    service::services(here, &store, out);
    tls::certificates(here, &store, out);
    account::secret(here, &store, out);
    jobs::jobs(here, &store, &mut by_role, out);
    flows::flows(here, &store, &by_role, out);
}

/// What is stated of a store and isn't derived: jobs of backups, and accounts made on demand.
fn tell_of_silence(store: &Store<'_>, out: &mut Out) {
    if let Some(backup) = &store.named.spec.backup {
        let message = format!("{} states a backup, and no job is made for it", store.by);
        let help = "The way to the bucket is open; run the backup by a component of form `job`.";
        out.say(say::not_derived(message, &backup.schedule.origin, help).about(store.by.as_str()));
    }
    for (name, _, user) in store.named.spec.users.iter() {
        if let Some(credentials) =
            user.credentials.as_ref().filter(|credentials| *credentials.value == *"dynamic")
        {
            let message =
                format!("{} states dynamic credentials for {name}, and gets a static password", store.by);
            let help = "Rotate the password at its path, or leave `credentials` out.";
            let finding = say::not_derived(message, &credentials.origin, help);
            out.say(finding.about(store.by.as_str()).about(name));
        }
    }
}

/// Whether nothing of a store runs anywhere: what calls it would call nobody.
fn has_no_members(here: &Here<'_>, named: &Named<StoreSpec>) -> bool {
    let of_others = here.clusters().flat_map(|other| &other.stores);
    let same = of_others.filter(|store| store.name.value == named.name.value);
    same.chain([named]).flat_map(|store| store.spec.members.iter()).all(|(_, _, role)| role.count.value == 0)
}

/// What can't hold: roles that the engine doesn't have, encryption that it can't do, too few members.
fn complain(store: &Store<'_>, out: &mut Out) {
    let roles = || store.engine.roles.iter().map(|(name, ..)| name);
    for (name, origin, members) in store.named.spec.members.iter() {
        let Some(role) = store.engine.roles.get(name) else {
            let name = Val::new(name.to_owned(), origin.clone());
            out.say(say::unknown("role of its engine", &name, &store.by, roles()));
            continue;
        };
        let all: u32 = members.count.value
            + store
                .elsewhere
                .iter()
                .filter_map(|(_, other)| other.spec.members.get(name))
                .map(|members| members.count.value)
                .sum::<u32>();
        if role.least.as_ref().is_some_and(|least| all < least.value) {
            let message = format!("{} has {all} members of role {name}: too few to work", store.by);
            let least = role.least.as_ref().map_or(1, |least| least.value);
            let help = format!("Its engine needs {least} at the least.");
            out.say(say::error(rule::MISSING, message, &members.count.origin, &help));
        }
        if role.odd.as_ref().is_some_and(|odd| odd.value) && all.is_multiple_of(2) && all > 0 {
            let message =
                format!("{} has {all} members of role {name}: an even number votes no better", store.by);
            let finding = diag::Finding::new(rule::CONFLICT, diag::Level::Warning, message);
            let finding = say::at(finding, &members.count.origin, "even");
            out.say(
                finding
                    .help("Take one more or one fewer: an even number survives the loss of no more members."),
            );
        }
    }
    if let Some(wanted) = store.named.spec.encryption.in_transit.as_ref().filter(|wanted| wanted.value)
        && store.engine.tls.is_none()
    {
        let message =
            format!("{} is to encrypt its traffic, and its engine module doesn't say how", store.by);
        let help = "Set `encryption.inTransit: false`, or describe `tls` in a module of your own.";
        out.say(say::error(rule::MISSING, message, &wanted.origin, help));
    }
}

/// Members in other clusters are called by names that each cluster's DNS must know.
fn tell_of_names(store: &Store<'_>, out: &mut Out) {
    if let Some(replication) = store.named.spec.replication.as_ref().filter(|_| store.is_spread()) {
        let message =
            format!("members of {} in other clusters are called by names under clusterset.local", store.by);
        let finding = diag::Finding::new("names-across-clusters", diag::Level::Note, message);
        let finding = say::at(finding, &replication.mode.origin, "replicates between clusters");
        let help = "Let the DNS of each cluster answer for them: Multi-Cluster Services (KEP-1645).";
        out.say(finding.help(help).about(store.by.clone()));
    }
}
