//! `limit-range-violated`: something is smaller or larger than its namespace's LimitRange allows.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::limits::{How, Limits, OutOfRange};

/// See the page.
pub struct LimitRangeViolated;

impl Rule for LimitRangeViolated {
    type Of = Limits;
    const ABOUT: About = About {
        name: "limit-range-violated",
        summary: "a container, pod or claim asks for less or more than a LimitRange of its namespace allows",
        level: Level::Error,
        joins: &["LimitRanges", "workloads", "claims"],
        page: include_str!("../../../../docs/rules/limit-range-violated.md"),
    };
    const BY_NAMESPACE: bool = true;

    fn word(world: &World<'_>, fact: &Fact<OutOfRange>, violation: &OutOfRange) -> Option<Finding> {
        let object = world.estate.object(fact.subject).title();
        let OutOfRange { what, resource, range, how } = violation;
        let (how, help, bound) = match how {
            How::Below { found, min } => (
                format!(
                    "requests {found:#} {resource}, less than the {min:#} that LimitRange {range} demands"
                ),
                format!("Request at least {min:#}, or lower `min` of {range}."),
                "min",
            ),
            How::Above { of, found, max } => (
                format!(
                    "has a {resource} {of} of {found:#}, more than the {max:#} that LimitRange {range} allows"
                ),
                format!("Ask for at most {max:#}, or raise `max` of {range} to {found:#}."),
                "max",
            ),
            How::Ratio { request, limit, most } => (
                format!(
                    "has a {resource} limit of {limit:#} over a request of {request:#}, more than {most} times as much"
                ),
                format!("Bring them closer together, or raise `maxLimitRequestRatio` of {range}."),
                "maxLimitRequestRatio",
            ),
        };
        Some(
            Finding::new(Self::ABOUT.name, Level::Error, format!("{what} of {object} {how}"))
                .about(format!("{what}.{resource}"))
                .about(format!("{range}.{bound}"))
                .note("The API server refuses such objects when they are made; what runs already stays.")
                .help(help),
        )
    }
}
