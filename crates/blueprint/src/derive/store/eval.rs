//! Templates of a module, evaluated with honest origins.

use catalogue::module::{Scene, Situation, Template};
use tree::{Origin, Val};

use super::{Store, situation};
use crate::derive::here::{Here, Out};
use crate::derive::say::{self, rule};

/// A situation of a store, ready for evaluation.
pub(crate) struct Stage<'a, 's> {
    store: &'s Store<'a>,
    scene: Scene,
    /// Why each name that an expression may ask for has its value.
    reasons: Vec<(&'static str, Vec<Origin>)>,
}

/// Prepares a role, or one shard of it.
pub(crate) fn stage<'a, 's>(here: &Here<'_>, store: &'s Store<'a>, role: &str, shard: u32) -> Stage<'a, 's> {
    let situation = situation::situation(here, store, role, shard);
    of(here, store, &situation, role)
}

/// Prepares a situation that was changed.
pub(crate) fn of<'a, 's>(
    here: &Here<'_>,
    store: &'s Store<'a>,
    situation: &Situation,
    role: &str,
) -> Stage<'a, 's> {
    Stage { store, scene: Scene::new(situation), reasons: reasons(here, store, role) }
}

/// What in the definition is behind each name.
fn reasons(here: &Here<'_>, store: &Store<'_>, role: &str) -> Vec<(&'static str, Vec<Origin>)> {
    let spec = &store.named.spec;
    let places = situation::places(here, store);
    let counts: Vec<Origin> = places
        .iter()
        .flat_map(|(_, store)| store.spec.members.iter().map(|(_, _, members)| members.count.origin.clone()))
        .collect();
    let limits = store.members(role).map(|members| &members.resources.limits);
    let limit = |name: &str| limits.and_then(|limits| limits.get(name)).map(|limit| limit.origin.clone());
    let target = || vec![here.resolved.target.name.origin.clone()];
    let shards: Vec<Origin> = spec
        .members
        .iter()
        .filter_map(|(_, _, members)| members.per_shard.as_ref())
        .map(|per_shard| per_shard.origin.clone())
        .collect();
    let replication = spec.replication.as_ref();
    let factor = replication.and_then(|replication| replication.factor.as_ref()).map(|n| n.origin.clone());
    let preferred =
        replication.and_then(|replication| replication.preferred.as_ref()).map(|n| n.origin.clone());
    let settings = spec.settings.iter().map(|(_, _, value)| value.origin.clone()).collect::<Vec<_>>();
    vec![
        ("name", vec![store.named.name.origin.clone()]),
        ("namespace", vec![spec.namespace.origin.clone()]),
        ("counts", counts.clone()),
        ("members", counts),
        ("shards", shards.clone()),
        ("perShard", shards),
        ("settings", settings.clone()),
        ("groups", settings),
        ("cpu", limit("cpu").into_iter().collect()),
        ("memory", limit("memory").into_iter().collect()),
        ("users", spec.users.iter().map(|(_, origin, _)| origin.clone()).collect()),
        ("databases", spec.databases.iter().map(|name| name.origin.clone()).collect()),
        ("tls", vec![store.tls.origin.clone()]),
        ("factor", factor.into_iter().collect()),
        ("preferred", preferred.into_iter().chain(target()).collect()),
        ("environment", vec![here.resolved.environment.name.origin.clone()]),
        ("target", target()),
        ("provider", target()),
        ("region", target()),
        ("zones", target()),
        ("services", vec![store.named.name.origin.clone()]),
    ]
}

impl Stage<'_, '_> {
    /// The text of a template; what can't be evaluated is reported and empty.
    pub(crate) fn text(&self, template: &Val<Template>, out: &mut Out) -> Val<String> {
        match template.value.evaluate(&self.scene) {
            Ok(text) => Val::new(text, self.origin(template)),
            Err(problem) => {
                let by = &self.store.by;
                let message =
                    format!("the module of {by} has an expression that can't be evaluated: {problem}");
                let help = "Mend the module, or give the store what the expression asks for.";
                out.say(say::error(rule::MISSING, message, &self.store.named.spec.engine.origin, help));
                Val::new(String::new(), template.origin.clone())
            }
        }
    }

    /// The texts of templates; those that come to nothing are left out.
    pub(crate) fn texts(&self, templates: &[Val<Template>], out: &mut Out) -> Vec<Val<String>> {
        let texts = templates.iter().map(|template| self.text(template, out));
        texts.filter(|text| !text.value.is_empty()).collect()
    }

    /// Whether a condition holds; one that is absent does.
    pub(crate) fn holds(&self, template: Option<&Val<Template>>, out: &mut Out) -> bool {
        template.is_none_or(|template| self.text(template, out).value == "true")
    }

    /// The module's fact, and what the definition says of the names it asks for.
    fn origin(&self, template: &Val<Template>) -> Origin {
        if template.value.is_constant() {
            return template.origin.clone();
        }
        let source = template.value.source();
        let asked = self.reasons.iter().filter(|(name, _)| asks(source, name));
        let mut inputs = vec![template.origin.clone()];
        for origin in asked.flat_map(|(_, origins)| origins) {
            if !inputs.contains(origin) {
                inputs.push(origin.clone());
            }
        }
        Origin::derived("engine", inputs)
    }
}

/// Whether a source has a name as a whole word.
fn asks(source: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(name).any(|(at, _)| {
        let before = source[..at].chars().next_back();
        let after = source[at + name.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || c == '.') && !after.is_some_and(is_word)
    })
}
