//! `duplicate-object`: one object, written twice for one cluster.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::duplicates::{Duplicate, Duplicates};

/// See the page.
pub struct DuplicateObject;

impl Rule for DuplicateObject {
    type Of = Duplicates;
    const ABOUT: About = About {
        name: "duplicate-object",
        summary: "an object is written more than once for one cluster",
        level: Level::Error,
        joins: &["objects of one kind, namespace and name"],
        page: include_str!("../../../../docs/rules/duplicate-object.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Duplicate>, violation: &Duplicate) -> Option<Finding> {
        let object = world.estate.object(fact.subject);
        let times =
            if violation.n_times == 2 { "twice".to_owned() } else { format!("{} times", violation.n_times) };
        let level = if violation.same || !violation.certain { Level::Warning } else { Level::Error };
        let finding = Finding::new(Self::ABOUT.name, level, format!("{} is written {times}", object.title()));
        Some(if violation.same {
            finding.note("All of them say the same, so nothing is lost yet.").help("Remove all but one.")
        } else if violation.certain {
            finding
                .note("The one that is applied last wins, whole or field by field.")
                .help("Keep one of them, or give them different names.")
        } else {
            finding
                .note("Applied to one cluster, the last one wins. They may be alternatives: hence a warning.")
                .help("Keep one of them, or put alternatives into folders of their own.")
        })
    }
}
