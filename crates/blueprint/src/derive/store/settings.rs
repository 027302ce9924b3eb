//! Settings of an engine: checked against its module, with defaults, sent where the module says.

use catalogue::module::{Scene, Setting, Situation};
use catalogue::quantity::Quantity;
use diag::{Finding, Level, nearest};
use tree::{Origin, Val};

use super::Store;
use crate::derive::here::Out;
use crate::derive::say::{self, rule};

/// Reports settings that the engine doesn't have, or not with these values.
pub(crate) fn check(store: &Store<'_>, out: &mut Out) {
    let known = &store.engine.settings;
    for (name, origin, value) in store.named.spec.settings.iter() {
        let Some(setting) = known.get(name) else {
            let name = Val::new(name.to_owned(), origin.clone());
            out.say(say::unknown("setting of its engine", &name, &store.by, known.iter().map(|(name, ..)| name)));
            continue;
        };
        if let Some(instead) = &setting.refused {
            let message = format!("{} sets `{name}`, which its engine doesn't have", store.by);
            out.say(say::error(rule::UNKNOWN, message, origin, &instead.value).about(name));
        } else if let Some(problem) = problem(setting, value) {
            let message = format!("{} sets `{name}` to `{}`: {problem}", store.by, value.value);
            out.say(say::error(rule::CONFLICT, message, &value.origin, &format!("{}.", setting.doc.value)).about(name));
        }
    }
}

/// What is wrong with a value.
fn problem(setting: &Setting, value: &str) -> Option<String> {
    let choices: Vec<&str> = setting.choices.iter().map(|choice| choice.value.as_str()).collect();
    if !choices.is_empty() && !choices.contains(&value) {
        let close = nearest(value, choices.iter().copied());
        return Some(close.map_or_else(|| format!("it takes {}", choices.join(", ")), |close| format!("did you mean `{close}`?")));
    }
    let number: Option<f64> = match setting.of.value.as_str() {
        "bool" if !["true", "false"].contains(&value) => return Some("neither true nor false".to_owned()),
        "integer" => match value.parse::<i64>() {
            Ok(number) => Some(number as f64),
            Err(_) => return Some("not a whole number".to_owned()),
        },
        "number" => match value.parse::<f64>() {
            Ok(number) => Some(number),
            Err(_) => return Some("not a number".to_owned()),
        },
        "bytes" if bytes(value).is_none() => return Some("not an amount of bytes".to_owned()),
        _ => None,
    };
    let number = number?;
    match (&setting.least, &setting.most) {
        (Some(least), _) if number < least.value as f64 => Some(format!("the least is {}", least.value)),
        (_, Some(most)) if number > most.value as f64 => Some(format!("the most is {}", most.value)),
        _ => None,
    }
}

/// Bytes as engines write them: a number with a suffix of any case, with or without a `b` (`6gb`, `512MB`, `1.25GiB`).
fn bytes(text: &str) -> Option<Quantity> {
    let upper = text.to_ascii_uppercase();
    let plain = upper.trim_end_matches('B').trim_end_matches('I');
    Quantity::parse(&plain.replace('K', "k")).ok()
}

/// The value of every setting that has one: the store's, else the module's default.
pub(crate) fn fill(store: &Store<'_>, situation: &mut Situation) {
    for (name, _, setting) in store.engine.settings.iter() {
        let given = store.named.spec.settings.get(name).map(|value| value.value.clone());
        let scene = || Scene::new(situation);
        let value = given.or_else(|| setting.default.as_ref()?.value.evaluate(&scene()).ok());
        if let Some(value) = value.filter(|_| setting.refused.is_none()) {
            situation.settings.insert(name.to_owned(), value);
        }
    }
    for (name, _, setting) in store.engine.settings.iter() {
        let Some(group) = &setting.group else { continue };
        let values = situation.groups.entry(group.value.clone()).or_default();
        let for_role = setting.roles.is_empty() || setting.roles.iter().any(|role| role.value == situation.role);
        if let Some(value) = situation.settings.get(name).filter(|_| for_role) {
            let name = setting.name.as_ref().map_or(name, |name| name.value.as_str());
            values.push((name.to_owned(), value.clone()));
        }
    }
}

/// Arguments of a role that are settings: `FLAG=VALUE`.
pub(crate) fn arguments(store: &Store<'_>, situation: &Situation) -> Vec<Val<String>> {
    let mut arguments = Vec::new();
    for (name, origin, setting) in store.engine.settings.iter() {
        let Some(flag) = &setting.flag else { continue };
        let for_role = setting.roles.is_empty() || setting.roles.iter().any(|role| role.value == situation.role);
        if let Some(value) = situation.settings.get(name).filter(|_| for_role) {
            let own = store.named.spec.settings.get(name).map(|value| value.origin.clone());
            let reason: Origin = own.unwrap_or_else(|| {
                setting.default.as_ref().map_or_else(|| origin.clone(), |default| default.origin.clone())
            });
            arguments.push(Val::new(format!("{}={value}", flag.value), Origin::derived("setting", [reason])));
        }
    }
    arguments
}

/// Externals that settings name: whatever ends in `_external`, such as the service that unseals Vault.
pub(crate) fn externals<'s>(store: &'s Store<'_>) -> impl Iterator<Item = &'s Val<String>> {
    let settings = store.named.spec.settings.iter();
    settings.filter(|(name, ..)| name.ends_with("_external")).map(|(_, _, value)| value)
}

/// A setting that names an external which there is not.
pub(crate) fn unknown_external<'n>(
    store: &Store<'_>,
    name: &Val<String>,
    known: impl IntoIterator<Item = &'n str>,
) -> Finding {
    let finding = say::unknown("external", name, &store.by, known);
    Finding { level: Level::Error, ..finding }
}
