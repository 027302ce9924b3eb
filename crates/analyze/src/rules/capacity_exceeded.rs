//! `capacity-exceeded`: more is asked for than the declared nodes hold.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::capacity::{Capacity, TooMuch};
use crate::facts::demand::times;

/// See the page.
pub struct CapacityExceeded;

/// How many contributions a note lists.
const LISTED: usize = 8;

impl Rule for CapacityExceeded {
    type Of = Capacity;
    const ABOUT: About = About {
        name: "capacity-exceeded",
        summary: "a pod is larger than any declared node, or all pods are more than all nodes hold",
        level: Level::Error,
        joins: &["workloads", "HorizontalPodAutoscalers", "LimitRanges", "declared node pools"],
        page: include_str!("../../../../docs/rules/capacity-exceeded.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<TooMuch>, violation: &TooMuch) -> Option<Finding> {
        let object = world.estate.object(fact.subject).title();
        let name = Self::ABOUT.name;
        Some(match violation {
            TooMuch::NoPool { pools } => {
                Finding::new(name, Level::Error, format!("no declared node is for the pods of {object}"))
                    .about("no pool")
                    .note(format!("The pools are {}.", pools.join(", ")))
                    .help("Give a pool the labels that are asked for, tolerate its taints, or ask for less.")
            }
            TooMuch::Pod { resource, needed, largest, pool } => {
                let message = format!(
                    "a pod of {object} asks for {needed:#} {resource}, \
                     and the largest node it may run on has {largest:#}"
                );
                Finding::new(name, Level::Error, message).about(format!("pod {resource}")).help(format!(
                    "Ask for at most {largest:#}, or give {pool} nodes with more than {needed:#}."
                ))
            }
            TooMuch::Total { resource, needed, there, pools, parts, rollouts_only } => {
                let pools = pools.join(", ");
                let when = if *rollouts_only {
                    "while all are rolled out at once"
                } else {
                    "at their largest scale"
                };
                let message = format!(
                    "the pods for {pools} need {needed:#} {resource} {when}, and there are {there:#}"
                );
                let listed: Vec<String> = parts
                    .iter()
                    .take(LISTED)
                    .map(|(name, pods, each)| format!("{name} {pods} × {each:#} = {:#}", times(*each, *pods)))
                    .collect();
                let rest = parts.len().saturating_sub(LISTED);
                let rest = if rest > 0 { format!("; and {rest} smaller ones") } else { String::new() };
                let level = if *rollouts_only { Level::Warning } else { Level::Error };
                let finding = Finding::new(name, level, message)
                    .about(format!("total {resource}"))
                    .about(pools.clone());
                let finding = if *rollouts_only {
                    finding.note(
                        "Rollouts at once are possible, but nothing here makes them so: hence a warning.",
                    )
                } else {
                    finding
                };
                finding
                    .note(format!("Counted: {}{rest}.", listed.join("; ")))
                    .help(format!("Give {pools} room for {needed:#}, or lower the scale."))
            }
        })
    }
}
