//! `quota-exceeded-at-scale`: a namespace needs more than its quota leaves.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::demand::times;
use crate::facts::quota::{Exceeded, Part, Quotas, When};

/// See the page.
pub struct QuotaExceededAtScale;

/// How many contributions a note lists.
const LISTED: usize = 8;

impl Rule for QuotaExceededAtScale {
    type Of = Quotas;
    const ABOUT: About = About {
        name: "quota-exceeded-at-scale",
        summary: "what a namespace needs at its largest scale is more than its ResourceQuota leaves",
        level: Level::Error,
        joins: &["ResourceQuotas", "LimitRanges", "workloads", "HorizontalPodAutoscalers", "claims"],
        page: include_str!("../../../../docs/rules/quota-exceeded-at-scale.md"),
    };
    const BY_NAMESPACE: bool = true;

    fn word(world: &World<'_>, fact: &Fact<Exceeded>, exceeded: &Exceeded) -> Option<Finding> {
        let quota = world.estate.object(fact.subject);
        let Exceeded { resource, hard, needed, most, when, parts } = exceeded;
        let namespace = quota.namespace();
        let at = match when {
            When::Always => "at its smallest scale already".to_owned(),
            When::AtMaximum => "at its largest scale".to_owned(),
            When::RollingOut(object) => format!("while {} is rolled out at its largest scale", object.name),
            When::RollingOutAll => "while everything is rolled out at once at its largest scale".to_owned(),
        };
        let level = if *when == When::RollingOutAll { Level::Warning } else { Level::Error };
        let message = format!(
            "namespace {namespace} needs {needed:#} {resource} {at}, and ResourceQuota {} leaves {hard:#}",
            quota.name()
        );
        let surges = |part: &Part| match when {
            When::Always | When::AtMaximum => 0,
            When::RollingOut(object) => {
                if part.object.as_ref() == Some(object) {
                    part.surge
                } else {
                    0
                }
            }
            When::RollingOutAll => part.surge,
        };
        let finding = Finding::new(Self::ABOUT.name, level, message).about(resource.as_str());
        let finding = if level == Level::Warning {
            finding.note("Rollouts at once are possible, but nothing here makes them so: hence a warning.")
        } else {
            finding
        };
        let help = format!("Raise {resource} of {} to at least {most:#}, or lower the scale.", quota.name());
        Some(finding.note(arithmetic(parts, &surges)).help(help))
    }
}

fn arithmetic(parts: &[Part], surges: &dyn Fn(&Part) -> u64) -> String {
    let lines: Vec<String> = parts
        .iter()
        .take(LISTED)
        .map(|part| {
            let surge = surges(part);
            let n = if surge > 0 { format!("({} + {surge})", part.max) } else { part.max.to_string() };
            format!("{} {n} × {:#} = {:#}", part.who, part.each, times(part.each, part.max + surge))
        })
        .collect();
    let rest = parts.len().saturating_sub(LISTED);
    let rest = if rest > 0 { format!("; and {rest} smaller ones") } else { String::new() };
    format!("Counted: {}{rest}.", lines.join("; "))
}
