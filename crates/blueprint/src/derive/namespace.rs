//! Namespaces: their security level, isolation, bounds and quotas.

use std::collections::BTreeMap;

use model::kinds::{Keyed, Limits, Namespace as Given};
use model::types::Quantity;
use tree::{Origin, Val};

use super::here::{Here, Out, part_of};
use super::quota;
use super::text::default;
use crate::scope::{Bound, LimitKind, Namespace, PodLevel};

/// Adds the namespaces that the platform declares, when everything that lives in them is there.
pub(crate) fn namespaces(here: &Here<'_>, out: &mut Out) {
    if !here.is_cluster() {
        return;
    }
    let declared = &here.resolved.platform.spec.namespaces;
    for (name, origin, given) in declared.iter() {
        let namespace = namespace(here, name, origin, given, out);
        out.scope.namespaces.push(namespace);
    }
}

fn namespace(here: &Here<'_>, name: &str, origin: &Origin, given: &Given, out: &mut Out) -> Namespace {
    let by = part_of("Platform", &here.resolved.platform.name);
    let path = |field: &str| format!("namespaces.{name}.{field}");
    let level = match &given.pod_security {
        Some(level) => level.clone().map(|_| match level.value.as_str() {
            "privileged" => PodLevel::Privileged,
            "baseline" => PodLevel::Baseline,
            // Anything else was reported where the definition was read.
            _ => PodLevel::Restricted,
        }),
        None => {
            let reason = "Current hardening practice, unless a workload can't live with it.";
            default(&by, &path("podSecurity"), PodLevel::Restricted, reason)
        }
    };
    let quota = match &given.quota {
        Some(quota) => amounts(quota),
        None => quota::derived_of(&out.scope, name, given.limits.as_ref()),
    };
    Namespace {
        name: Val::new(name.to_owned(), origin.clone()),
        level,
        labels: given.labels.iter().map(|(key, _, value)| (key.to_owned(), value.clone())).collect(),
        quota,
        bounds: given.limits.as_ref().map(bounds).unwrap_or_default(),
        isolated: default(&by, &path("isolated"), true, "Only declared flows are let through, both ways."),
    }
}

fn amounts(given: &Keyed<Val<Quantity>>) -> BTreeMap<String, Val<String>> {
    given.iter().map(|(name, _, amount)| (name.to_owned(), amount.clone().map(|amount| amount.0))).collect()
}

fn bounds(limits: &Limits) -> Vec<Bound> {
    let sides = [
        (LimitKind::Default, &limits.default),
        (LimitKind::DefaultRequest, &limits.default_request),
        (LimitKind::Min, &limits.min),
        (LimitKind::Max, &limits.max),
    ];
    let one = |(kind, given)| {
        amounts(given).into_iter().map(move |(resource, amount)| Bound { kind, resource, amount })
    };
    sides.into_iter().flat_map(one).collect()
}
