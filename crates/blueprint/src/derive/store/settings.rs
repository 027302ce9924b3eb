//! Settings of an engine, sent where its module says.

use catalogue::module::{Settled, Situation, fill as fill_in};
use tree::{Origin, Val};

use super::Store;
use crate::derive::here::Out;

/// Reports settings that the engine doesn't have, or not with these values.
pub(crate) fn check(store: &Store<'_>, at: &Situation, out: &mut Out) {
    let (_, findings) = store.engine.settings_for(&store.named.spec.settings, at);
    findings.into_iter().for_each(|finding| out.say(finding));
}

fn settled(store: &Store<'_>, at: &Situation) -> Vec<Settled> {
    store.engine.settings_for(&store.named.spec.settings, at).0
}

/// Adds the value of every setting that has one to a situation.
pub(crate) fn fill(store: &Store<'_>, situation: &mut Situation) {
    let settled = settled(store, situation);
    fill_in(situation, store.engine, &settled);
}

/// Arguments of a role that are settings: `FLAG=VALUE`.
pub(crate) fn arguments(store: &Store<'_>, at: &Situation) -> Vec<Val<String>> {
    let argument = |one: Settled| {
        let origin = Origin::derived("setting", [one.value.origin]);
        Some(Val::new(one.argument?, origin))
    };
    settled(store, at).into_iter().filter_map(argument).collect()
}
