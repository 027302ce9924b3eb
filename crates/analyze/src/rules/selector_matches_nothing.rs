//! `selector-matches-nothing`: a selector that selects nothing.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::selectors::{Selectors, SelectsNothing};

/// See the page.
pub struct SelectorMatchesNothing;

impl Rule for SelectorMatchesNothing {
    type Of = Selectors;
    const ABOUT: About = About {
        name: "selector-matches-nothing",
        summary: "a Service, policy, budget, monitor or workload selects no pods, Services or namespaces",
        level: Level::Error,
        joins: &["Services", "PodDisruptionBudgets", "NetworkPolicies", "monitors", "workloads"],
        page: include_str!("../../../../docs/rules/selector-matches-nothing.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<SelectsNothing>, violation: &SelectsNothing) -> Option<Finding> {
        let object = world.estate.object(fact.subject);
        let SelectsNothing { selector, field, wanted, nearest, certain } = violation;
        let message = format!("{} selects none of {wanted} with {selector}", object.title());
        let message = ["pods", "Services", "namespaces"]
            .iter()
            .fold(message, |message, all| message.replace(&format!("none of {all} "), &format!("no {all} ")));
        let level = if *certain { Level::Error } else { Level::Warning };
        let mut finding =
            Finding::new(Self::ABOUT.name, level, message).about(*field).about(selector.as_str());
        if !certain {
            finding = finding.note("They may come from what isn't in these files: hence a warning.");
        }
        Some(match nearest {
            Some((nearest, differs)) => finding
                .help(format!("Is {} {} meant? It doesn't match {differs}.", nearest.kind, nearest.name)),
            None => finding.help(format!("Give {wanted} these labels, or select by labels that they have.")),
        })
    }
}
