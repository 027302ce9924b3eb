//! `quota-needs-limits`: a container that doesn't say what a quota counts.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::limits::{Stated, Unstated};

/// See the page.
pub struct QuotaNeedsLimits;

impl Rule for QuotaNeedsLimits {
    type Of = Stated;
    const ABOUT: About = About {
        name: "quota-needs-limits",
        summary: "a container states no request or limit that a ResourceQuota of its namespace counts",
        level: Level::Error,
        joins: &["ResourceQuotas", "LimitRanges", "workloads"],
        page: include_str!("../../../../docs/rules/quota-needs-limits.md"),
    };
    const BY_NAMESPACE: bool = true;

    fn word(world: &World<'_>, fact: &Fact<Unstated>, unstated: &Unstated) -> Option<Finding> {
        let object = world.estate.object(fact.subject);
        let Unstated { container, quota, resources } = unstated;
        let resources = resources.join(", ");
        let message = format!(
            "no pod of {} is admitted: container {container} doesn't state {resources}, which \
             ResourceQuota {quota} counts",
            object.title()
        );
        Some(
            Finding::new(Self::ABOUT.name, Level::Error, message)
                .about(format!("containers[{container}].resources"))
                .about(quota.as_str())
                .help(format!("State {resources} in the container, or give a LimitRange with defaults.")),
        )
    }
}
