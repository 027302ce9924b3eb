//! `variable-not-expanded`: a variable that reaches the program as it is written.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::expansion::{Expansion, NotExpanded, Why};

/// See the page.
pub struct VariableNotExpanded;

impl Rule for VariableNotExpanded {
    type Of = Expansion;
    const ABOUT: About = About {
        name: "variable-not-expanded",
        summary: "`${NAME}`, or `$(NAME)` of an unknown variable, which reaches the program as it is written",
        level: Level::Error,
        joins: &["command", "args", "env", "ConfigMaps"],
        page: include_str!("../../../../docs/rules/variable-not-expanded.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<NotExpanded>, violation: &NotExpanded) -> Option<Finding> {
        let NotExpanded { written, field, why, certain } = violation;
        let name = written.get(2..written.len() - 1).unwrap_or_default();
        let object = world.estate.object(fact.subject).title();
        let message = format!("{written} in {field} of {object} is not expanded");
        let level = if *certain { Level::Error } else { Level::Warning };
        let (note, help) = match why {
            Why::NoShell => (
                "Kubernetes expands $(NAME) and runs no shell; only a program that expands variables itself would make \
                 this right: hence a warning.",
                format!("Write $({name}), with {name} defined in `env` of the container above its use."),
            ),
            Why::Undefined => (
                "Kubernetes leaves $(NAME) as it is when the container has no variable of that name.",
                format!(
                    "Define {name} in `env` of the container, or write $$({name}) if the text itself is meant."
                ),
            ),
            Why::DefinedLater => (
                "A value sees only the variables that stand above it.",
                format!("Move {name} above its use."),
            ),
            Why::InConfigMap => (
                "Kubernetes expands nothing in ConfigMaps; only a program that expands variables itself would \
                 make this \
                 right: hence a warning.",
                format!("Compose the value in `env` of the container, where $({name}) is expanded."),
            ),
        };
        let finding = Finding::new(Self::ABOUT.name, level, message).note(note).help(help);
        Some(finding.about(field.as_str()).about(written.as_str()))
    }
}
