//! `disruption-budget-blocks-drain`: a budget lets no pod go.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::disruption::{Blocked, Disruption};

/// See the page.
pub struct DisruptionBudgetBlocksDrain;

impl Rule for DisruptionBudgetBlocksDrain {
    type Of = Disruption;
    const ABOUT: About = About {
        name: "disruption-budget-blocks-drain",
        summary: "a disruption budget lets no pod be evicted, so that no node can be drained",
        level: Level::Error,
        joins: &["PodDisruptionBudgets", "workloads", "autoscalers"],
        page: include_str!("../../../../docs/rules/disruption-budget-blocks-drain.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Blocked>, blocked: &Blocked) -> Option<Finding> {
        let budget = world.estate.object(fact.subject).title();
        let name = Self::ABOUT.name;
        Some(match blocked {
            Blocked::AllStay { workloads, pods, healthy, only_at_least } => {
                let of = workloads.join(" and ");
                let stay = match pods {
                    1 => "its only pod has to stay".to_owned(),
                    _ => format!("{healthy} of {pods} pods have to stay"),
                };
                let message = format!("{budget} lets no pod of {of} go: {stay}");
                let level = if *only_at_least { Level::Warning } else { Level::Error };
                let finding = Finding::new(name, level, message);
                let finding = if *only_at_least {
                    finding.note("At its largest scale it would let some go: hence a warning.")
                } else {
                    finding
                };
                finding.help("Run one pod more than have to stay, or say `maxUnavailable: 1`.").about("spec")
            }
            Blocked::TwoBudgets { other, workload } => {
                let message =
                    format!("no pod of {workload} can be evicted: {budget} and {other} both select it");
                Finding::new(name, Level::Error, message)
                    .note("The eviction API refuses a pod that more than one budget selects.")
                    .help("Keep one of the two, or let their selectors differ.")
                    .about(other.as_str())
            }
        })
    }
}
