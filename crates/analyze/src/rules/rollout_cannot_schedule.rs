//! `rollout-cannot-schedule`: new pods have nowhere to go while the old ones stay.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::rollout::{Rollout, Stuck};

/// See the page.
pub struct RolloutCannotSchedule;

impl Rule for RolloutCannotSchedule {
    type Of = Rollout;
    const ABOUT: About = About {
        name: "rollout-cannot-schedule",
        summary: "a rolling update, or the largest scale, needs a node or a volume that isn't free",
        level: Level::Error,
        joins: &["workloads", "autoscalers", "node pools", "claims"],
        page: include_str!("../../../../docs/rules/rollout-cannot-schedule.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Stuck>, stuck: &Stuck) -> Option<Finding> {
        let title = world.estate.object(fact.subject).title();
        let new = |level, message: String| Finding::new(Self::ABOUT.name, level, message);
        Some(match stuck {
            Stuck::NoNodeLeft { pods, nodes, by } => {
                let message = format!(
                    "a rollout of {title} never ends: {by} puts its {pods} pods on all {nodes} nodes"
                );
                new(Level::Error, message)
                    .note("The new pod finds no node without an old one, and no old one goes before it is ready.")
                    .help("Add `matchLabelKeys: [pod-template-hash]` to the term, say `maxUnavailable: 1`, or add a \
                         node.")
                    .about("nodes")
            }
            Stuck::TooFewNodes { pods, nodes, by } => {
                let message =
                    format!("{title} never runs its {pods} pods: {by} allows one a node, of {nodes}");
                new(Level::Error, message)
                    .help(
                        "Prefer different nodes instead of requiring them, or declare as many nodes as pods.",
                    )
                    .about("nodes")
            }
            Stuck::VolumeHeld { claim, mode } => {
                let level = if *mode == "ReadWriteOncePod" { Level::Error } else { Level::Warning };
                let message =
                    format!("a rollout of {title} waits for its own volume: claim {claim} is {mode}");
                let finding = new(level, message).help(
                    "Say `strategy: {type: Recreate}`, or use a StatefulSet with a claim for each pod.",
                );
                let finding = if level == Level::Warning {
                    finding.note(
                        "It works while the new pod happens to land on the old one's node: hence a warning.",
                    )
                } else {
                    finding
                };
                finding.about(claim.as_str())
            }
            Stuck::NoMove => new(
                Level::Error,
                format!("a rollout of {title} never begins: no pod more and no pod fewer is allowed"),
            )
            .help("Allow one: `maxSurge: 1` or `maxUnavailable: 1`.")
            .about("strategy"),
        })
    }
}
