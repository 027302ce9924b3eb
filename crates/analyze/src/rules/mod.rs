//! The rules: one file each, which declares the rule and words what its analysis found.
//!
//! A new rule is a file here, an analysis in `facts/`, a page in `docs/rules/`, and a line in [`ALL`].

mod api_version_removed;
mod capacity_exceeded;
mod disruption_budget_blocks_drain;
mod duplicate_object;
mod field_unknown;
mod flow_denied;
mod governing_service_not_headless;
mod limit_range_violated;
mod quota_exceeded_at_scale;
mod quota_needs_limits;
mod reference_missing;
mod rollout_cannot_schedule;
mod secret_key_unproduced;
mod selector_matches_nothing;
mod variable_not_expanded;

use diag::{Finding, Level};

use crate::World;
use crate::fact::{Analysis, Fact, Mark, Outcome};

/// What a rule says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name, in kebab case: what it is allowed by. It states the pattern.
    pub name: &'static str,
    /// What it finds, as one clause.
    pub summary: &'static str,
    /// The gravest level it reports at.
    pub level: Level,
    /// What it sets side by side.
    pub joins: &'static [&'static str],
    /// Its page: what it finds, why it hurts, examples, the fix.
    pub page: &'static str,
}

/// A rule: a declaration, and the wording of its analysis' violations.
pub trait Rule {
    /// The analysis that decides.
    type Of: Analysis;
    /// The declaration.
    const ABOUT: About;
    /// Whether its objects meet because they are in one namespace, without naming each other.
    const BY_NAMESPACE: bool = false;
    /// Whether it says what its analysis could not decide: of rules that share an analysis only one does.
    const SAYS_UNKNOWN: bool = true;

    /// Words a violation; `None` where another rule words it. Objects and scope are added to what comes back, unless
    /// it names objects itself; so are the fact's marks, unless it has places of its own.
    fn word(world: &World<'_>, fact: &Fact<V<Self>>, violation: &V<Self>) -> Option<Finding>;
}

/// The violation that a rule words.
pub type V<R> = <<R as Rule>::Of as Analysis>::Violation;

/// A rule as the registry knows it.
pub struct Registered {
    /// What it says of itself.
    pub about: About,
    run: fn(&World<'_>) -> Vec<Finding>,
}

/// Every rule, by name.
pub const ALL: &[Registered] = &[
    of::<api_version_removed::ApiVersionRemoved>(),
    of::<capacity_exceeded::CapacityExceeded>(),
    of::<disruption_budget_blocks_drain::DisruptionBudgetBlocksDrain>(),
    of::<duplicate_object::DuplicateObject>(),
    of::<field_unknown::FieldUnknown>(),
    of::<flow_denied::FlowDenied>(),
    of::<governing_service_not_headless::GoverningServiceNotHeadless>(),
    of::<limit_range_violated::LimitRangeViolated>(),
    of::<quota_exceeded_at_scale::QuotaExceededAtScale>(),
    of::<quota_needs_limits::QuotaNeedsLimits>(),
    of::<reference_missing::ReferenceMissing>(),
    of::<rollout_cannot_schedule::RolloutCannotSchedule>(),
    of::<secret_key_unproduced::SecretKeyUnproduced>(),
    of::<selector_matches_nothing::SelectorMatchesNothing>(),
    of::<variable_not_expanded::VariableNotExpanded>(),
];

/// Rules that are not about manifests but about what was loaded and allowed, with what each finds.
pub const OTHERS: &[(&str, &str)] = &[
    ("allow-invalid", "a suppression that can't be read"),
    ("allow-unused", "a suppression that suppresses nothing"),
];

impl Registered {
    /// What the rule finds in a view.
    #[must_use]
    pub fn run(&self, world: &World<'_>) -> Vec<Finding> {
        (self.run)(world)
    }
}

const fn of<R: Rule>() -> Registered {
    Registered { about: R::ABOUT, run: run::<R> }
}

fn run<R: Rule>(world: &World<'_>) -> Vec<Finding> {
    let facts = R::Of::run(world);
    facts.iter().filter_map(|fact| finding::<R>(world, fact)).collect()
}

fn finding<R: Rule>(world: &World<'_>, fact: &Fact<V<R>>) -> Option<Finding> {
    let subject = world.estate.object(fact.subject);
    let mut finding = match &fact.outcome {
        Outcome::Holds => return None,
        Outcome::Violated(violation) => R::word(world, fact, violation)?,
        Outcome::NotEvaluated(_) if !R::SAYS_UNKNOWN => return None,
        Outcome::NotEvaluated(why) => {
            let message = format!("{} of {} isn't evaluated: {why}", R::ABOUT.name, subject.title());
            Finding::not_evaluated(R::ABOUT.name, message).about(why.as_str())
        }
    };
    if finding.objects.is_empty() {
        finding = finding.object(subject.reference());
    }
    if finding.locations.is_empty() {
        finding = fact.because.iter().fold(finding, annotate);
    }
    if R::BY_NAMESPACE && finding.level == Level::Error && !meets(world, subject, &finding) {
        finding.level = Level::Warning;
        finding = finding.note("No namespace is written, so these files may meet in none: hence a warning.");
    }
    Some(finding.scope(world.scope.name.as_str()))
}

/// Whether the objects of a finding are surely in one namespace: it is written, or they are in one file. A finding with
/// one place has not marked them all.
fn meets(world: &World<'_>, subject: estate::Obj<'_>, finding: &Finding) -> bool {
    let marked: Vec<_> = finding.locations.iter().map(|location| location.span.file).collect();
    let one_file = match marked.as_slice() {
        [only] => world.view.objects.iter().all(|&id| world.estate.object(id).object.file == *only),
        [first, rest @ ..] => rest.iter().all(|file| file == first),
        [] => false,
    };
    world.scope.closed || subject.text(&["metadata", "namespace"]).is_some() || one_file
}

/// Adds a mark to a finding.
fn annotate(finding: Finding, mark: &Mark) -> Finding {
    match mark.span {
        Some(span) => finding.at(span, mark.says.as_str()),
        None => finding,
    }
}
