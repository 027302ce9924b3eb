//! `api-version-removed`: the cluster doesn't serve an object's API version.

use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::served::{Served, Unserved};

/// See the page.
pub struct ApiVersionRemoved;

impl Rule for ApiVersionRemoved {
    type Of = Served;
    const ABOUT: About = About {
        name: "api-version-removed",
        summary: "an API version isn't served by the version of Kubernetes, or of the add-on, that runs",
        level: Level::Error,
        joins: &["objects", "versions of Kubernetes and add-ons"],
        page: include_str!("../../../../docs/rules/api-version-removed.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<Unserved>, unserved: &Unserved) -> Option<Finding> {
        let object = world.estate.object(fact.subject);
        let (title, api_version) = (object.title(), &object.object.api_version);
        let running = world.options.kubernetes;
        let new =
            |message: String| Finding::new(Self::ABOUT.name, Level::Error, message).about(&**api_version);
        Some(match unserved {
            Unserved::Removed(removal) => {
                let (by, gone) = (removal.component, removal.removed_in);
                let help = removal.replacement.map_or_else(
                    || "Nothing takes its place under another version: remove the object.".to_owned(),
                    |other| format!("Use {other}."),
                );
                let finding = new(format!("{title} is of {api_version}, which {by} {gone} no longer serves"));
                let finding = if removal.note.is_empty() { finding } else { finding.note(removal.note) };
                finding.note(format!("Source: {}", removal.source)).help(help)
            }
            Unserved::NotYet(first) => {
                new(format!("{title} is of {api_version}, which Kubernetes {running} doesn't serve yet"))
                    .help(format!(
                        "Kubernetes {first} is the first that has it: use an older API version, or upgrade."
                    ))
            }
            Unserved::OffByDefault => {
                let message = format!(
                    "{title} is of {api_version}, which is off unless the cluster is told to serve it"
                );
                Finding::new(Self::ABOUT.name, Level::Warning, message)
                    .about(&**api_version)
                    .note("Alpha and beta APIs are off by default in every supported version of Kubernetes.")
                    .help(format!("Use a stable version, or enable it: --runtime-config={api_version}=true."))
            }
            Unserved::Missing(meant) => {
                let finding =
                    new(format!("Kubernetes {running} has no {} in {api_version}", object.object.kind_name));
                match meant {
                    Some(meant) => finding.help(format!("Did you mean {meant}?")),
                    None => finding.help("Correct `apiVersion` or `kind`."),
                }
            }
        })
    }
}
