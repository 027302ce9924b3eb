//! `secret-key-unproduced`: a key of a Secret that whatever writes the Secret doesn't write.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::references::{Missing, References};

/// See the page.
pub struct SecretKeyUnproduced;

impl Rule for SecretKeyUnproduced {
    type Of = References;
    const SAYS_UNKNOWN: bool = false;
    const ABOUT: About = About {
        name: "secret-key-unproduced",
        summary: "a key of a Secret is used that its ExternalSecret, SealedSecret or Certificate doesn't write",
        level: Level::Error,
        joins: &["workloads", "ExternalSecrets", "SealedSecrets", "Certificates"],
        page: include_str!("../../../../docs/rules/secret-key-unproduced.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Missing>, missing: &Missing) -> Option<Finding> {
        let Missing::Key { object, producer: Some(producer), key, keys, field } = missing else {
            return None;
        };
        let user = world.estate.object(fact.subject);
        let message = format!(
            "{} needs key {key} of {} {}, which {} {} doesn't write",
            user.title(),
            object.kind,
            object.name,
            producer.kind,
            producer.name
        );
        let help = match diag::nearest(key, keys.iter().map(String::as_str)) {
            Some(nearest) => format!("Is {nearest} meant? It writes {}.", keys.join(", ")),
            None => format!("Let it write {key}, or use one of {}.", keys.join(", ")),
        };
        let finding =
            Finding::new(Self::ABOUT.name, Level::Error, message).about(field.as_str()).about(key.as_str());
        Some(finding.object(user.reference()).object(producer.clone()).help(help))
    }
}
