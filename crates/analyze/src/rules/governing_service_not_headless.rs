//! `governing-service-not-headless`: the Service a StatefulSet names gives its pods no names.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::governing::{Governing, Ungoverned};

/// See the page.
pub struct GoverningServiceNotHeadless;

impl Rule for GoverningServiceNotHeadless {
    type Of = Governing;
    const ABOUT: About = About {
        name: "governing-service-not-headless",
        summary: "the governing Service of a StatefulSet gives its pods no names of their own",
        level: Level::Error,
        joins: &["StatefulSets", "Services"],
        page: include_str!("../../../../docs/rules/governing-service-not-headless.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Ungoverned>, violation: &Ungoverned) -> Option<Finding> {
        let set = world.estate.object(fact.subject).title();
        let name = Self::ABOUT.name;
        Some(match violation {
            Ungoverned::HasAddress { service } => {
                let message = format!("the pods of {set} get no names: its Service {service} isn't headless");
                Finding::new(name, Level::Error, message)
                    .note(format!("Records such as NAME-0.{service} exist only under a headless Service."))
                    .help(format!(
                        "Set `clusterIP: None` in {service}, or name a headless Service in `serviceName`."
                    ))
                    .about("spec.serviceName")
                    .about(service.as_str())
            }
            Ungoverned::SelectsOthers { service, selector } => {
                let message =
                    format!("the pods of {set} get no names: its Service {service} selects {selector}");
                Finding::new(name, Level::Error, message)
                    .help(format!("Let {service} select the labels of the pods of {set}."))
                    .about("spec.serviceName")
                    .about(service.as_str())
            }
        })
    }
}
