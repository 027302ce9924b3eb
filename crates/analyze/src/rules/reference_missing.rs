//! `reference-missing`: something is named that isn't there.

use std::collections::BTreeSet;

use diag::{Finding, Level, ObjectRef};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::references::{Missing, References};

/// See the page.
pub struct ReferenceMissing;

impl Rule for ReferenceMissing {
    type Of = References;
    const ABOUT: About = About {
        name: "reference-missing",
        summary: "an object, key or port is referred to that isn't there",
        level: Level::Error,
        joins: &[
            "workloads",
            "ConfigMaps",
            "Secrets",
            "Services",
            "Ingresses",
            "claims",
            "classes",
            "accounts",
        ],
        page: include_str!("../../../../docs/rules/reference-missing.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Missing>, missing: &Missing) -> Option<Finding> {
        let name = Self::ABOUT.name;
        let user = world.estate.object(fact.subject).title();
        match missing {
            Missing::Object { object, nearest, users } => {
                Some(word_object(world, &user, object, nearest.as_deref(), users))
            }
            Missing::Key { producer: Some(_), .. } => None,
            Missing::Key { object, key, keys, field, .. } => {
                let message = format!(
                    "{user} needs key {key} of {} {}, which has no such key",
                    object.kind, object.name
                );
                let nearest = diag::nearest(key, keys.iter().map(String::as_str));
                let help = match nearest {
                    Some(nearest) => format!("Is {nearest} meant? It has {}.", keys.join(", ")),
                    None => format!("Add the key, or ask for one of {}.", keys.join(", ")),
                };
                let finding =
                    Finding::new(name, Level::Error, message).about(field.as_str()).about(key.as_str());
                Some(
                    finding
                        .object(world.estate.object(fact.subject).reference())
                        .object(object.clone())
                        .help(help),
                )
            }
            Missing::Port { object, port, ports, field } => {
                let message = format!(
                    "{user} sends to port {port} of {} {}, which has no such port",
                    object.kind, object.name
                );
                let help = match ports.as_slice() {
                    [] => format!("Declare a port named {port}, or give its number."),
                    ports => format!("It has {}.", ports.join(", ")),
                };
                let finding =
                    Finding::new(name, Level::Error, message).about(field.as_str()).about(port.as_str());
                Some(
                    finding
                        .object(world.estate.object(fact.subject).reference())
                        .object(object.clone())
                        .help(help),
                )
            }
        }
    }
}

/// The object itself isn't there: one finding for all that need it.
fn word_object(
    world: &World<'_>,
    user: &str,
    object: &ObjectRef,
    nearest: Option<&str>,
    users: &[(ObjectRef, String)],
) -> Finding {
    let place = if object.namespace.is_empty() {
        String::new()
    } else {
        format!(" in namespace {}", object.namespace)
    };
    let distinct: BTreeSet<&ObjectRef> = users.iter().map(|(user, _)| user).collect();
    let who = match distinct.len() {
        0 | 1 => format!("{user} needs"),
        n => format!("{user} and {} more need", n - 1),
    };
    let message = format!("{who} {} {}{place}, which isn't there", object.kind, object.name);
    let mut finding =
        Finding::new(ReferenceMissing::ABOUT.name, world.absence(), message).object(object.clone());
    for (user, _) in users {
        if !finding.objects.contains(user) {
            finding = finding.object(user.clone());
        }
    }
    let finding = finding.about(object.kind.as_str()).about(object.name.as_str());
    let finding = if world.scope.closed {
        finding
    } else {
        finding.note("These files may not be everything the cluster has: hence a warning.")
    };
    let make = format!("Add {} {}{place}, or name one that exists.", object.kind, object.name);
    finding.help(match nearest {
        Some(nearest) => format!("Is {nearest} meant? {make}"),
        None => make,
    })
}
