//! `field-unknown`: an object doesn't have the fields or types of its kind.

use catalogue::kubernetes::{SchemaProblem, SchemaProblemKind};
use diag::{Finding, Level};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::fields::Fields;

/// See the page.
pub struct FieldUnknown;

impl Rule for FieldUnknown {
    type Of = Fields;
    const ABOUT: About = About {
        name: "field-unknown",
        summary: "a field is unknown to its kind, lacking, or of another type",
        level: Level::Error,
        joins: &["objects", "schemas of Kubernetes", "CustomResourceDefinitions"],
        page: include_str!("../../../../docs/rules/field-unknown.md"),
    };

    fn word(world: &World<'_>, fact: &Fact<SchemaProblem>, problem: &SchemaProblem) -> Option<Finding> {
        let object = world.estate.object(fact.subject);
        let (title, path) = (object.title(), &problem.path);
        let version = world.options.kubernetes;
        let (message, label, help) = match &problem.kind {
            SchemaProblemKind::UnknownField { name, nearest, belongs, known_in } => {
                let help = match (nearest, known_in.as_slice()) {
                    (Some(nearest), _) => format!("Did you mean `{nearest}`?"),
                    (None, []) if belongs.is_some() => {
                        format!("Move it: there is {}.", belongs.as_deref().unwrap_or_default())
                    }
                    (None, []) => format!("Remove `{name}`, or put it where the API has it."),
                    (None, versions) => {
                        let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
                        format!(
                            "Kubernetes {} has it: check against the version you run.",
                            versions.join(", ")
                        )
                    }
                };
                (
                    format!("{title} has no field {path} in Kubernetes {version}"),
                    "unknown field".to_owned(),
                    help,
                )
            }
            SchemaProblemKind::WrongType { expected, found } => (
                format!("{path} of {title} is {found}, where the API takes {expected}"),
                format!("this is {found}"),
                format!("Write {expected}; quotes make a string of anything."),
            ),
            SchemaProblemKind::MissingRequired { name } => (
                format!("{path} of {title} is lacking, and the API requires it"),
                format!("`{name}` belongs here"),
                format!("Add `{name}`."),
            ),
            SchemaProblemKind::BadEnum { allowed, nearest } => {
                let meant = nearest.as_ref().map(|nearest| format!("Did you mean `{nearest}`? "));
                let help = format!("{}It may be {}.", meant.unwrap_or_default(), allowed.join(", "));
                (
                    format!("{path} of {title} has a value the API doesn't know"),
                    "none of those allowed".to_owned(),
                    help,
                )
            }
            SchemaProblemKind::BadFormat { expected, why } => {
                let message = format!("{path} of {title} is not {expected}: {why}");
                (message, why.clone(), format!("Write {expected}."))
            }
            SchemaProblemKind::DuplicateItem { keys, .. } => (
                format!("{path} of {title} has two items with the same {}", keys.join(" and ")),
                "the second of them".to_owned(),
                "Merge the two, or give one another key: server-side apply refuses both.".to_owned(),
            ),
        };
        // Most objects with an item twice are taken as long as nobody applies them on the server's side.
        let twice = matches!(problem.kind, SchemaProblemKind::DuplicateItem { .. });
        let level = if twice && !must_differ(path.as_str()) { Level::Warning } else { Level::Error };
        let mut finding = Finding::new(Self::ABOUT.name, level, message).help(help).about(path.as_str());
        if let Some(span) = problem.span {
            finding = finding.at(span, label);
        }
        if let SchemaProblemKind::DuplicateItem { first, .. } = &problem.kind
            && let Some(span) = object.node.tree().at(*first).span()
        {
            finding = finding.at(span, "the first");
        }
        Some(finding)
    }
}

/// Whether the API server refuses an item that is twice in its list, however it is applied: ports of a Service,
/// containers, volumes and mounts (Kubernetes, `pkg/apis/core/validation`, `field.Duplicate`; a container's own ports
/// and variables may stand twice).
fn must_differ(path: &str) -> bool {
    let list = path.rsplit_once('[').map_or(path, |(list, _)| list);
    let name = list.rsplit('.').next().unwrap_or(list);
    list == "spec.ports" || matches!(name, "containers" | "initContainers" | "volumes" | "volumeMounts")
}
