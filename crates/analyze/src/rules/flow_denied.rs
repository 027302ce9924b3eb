//! `flow-denied`: a flow that is meant to work, and that network policies deny.

use diag::{Finding, Level, Span};

use super::{About, Rule};
use crate::World;
use crate::fact::Fact;
use crate::facts::flows::{Denied, MeantFlows, Verdict};
use crate::facts::meant::Source;

/// See the page.
pub struct FlowDenied;

impl Rule for FlowDenied {
    type Of = MeantFlows;
    const ABOUT: About = About {
        name: "flow-denied",
        summary: "network policies deny a flow that is meant to work",
        level: Level::Error,
        joins: &[
            "NetworkPolicies",
            "Services",
            "Ingresses",
            "monitors",
            "webhooks",
            "env",
            "args",
            "ConfigMaps",
            "intent",
        ],
        page: include_str!("../../../../docs/rules/flow-denied.md"),
    };
    const BY_NAMESPACE: bool = true;

    fn word(world: &World<'_>, _: &Fact<Denied>, denied: &Denied) -> Option<Finding> {
        let Denied { from, to, protocol, port, .. } = denied;
        let message = match denied.source {
            Source::Member => {
                format!("the members of {} cannot reach each other on any of their ports", to.name)
            }
            Source::ResolvedAgain => format!(
                "{} cannot resolve names with long answers: it cannot reach {} on {protocol} {port}",
                from.name, to.name
            ),
            Source::Resolved => format!(
                "{} cannot resolve names: it cannot reach {} on {protocol} {port}",
                from.name, to.name
            ),
            _ => format!("{} cannot reach {} on {protocol} {port}", from.name, to.name),
        };
        let (level, why) = level(denied);
        let mut finding = Finding::new(Self::ABOUT.name, level, message)
            .object(from.clone())
            .object(to.clone())
            .about(format!("{protocol} {port}"));
        if let Some(why) = why {
            finding = finding.note(why);
        }
        for (what, name, verdict) in
            [("egress from", &from.name, &denied.egress), ("ingress to", &to.name, &denied.ingress)]
        {
            if let Some(note) = note(world, what, name, verdict) {
                finding = finding.note(note);
            }
        }
        Some(finding.help(help(denied)))
    }
}

/// An error where both ends and the wish are certain; else why not.
fn level(denied: &Denied) -> (Level, Option<&'static str>) {
    match denied.source {
        Source::Stated => (Level::Error, None),
        Source::Mentioned => (
            Level::Warning,
            Some(
                "The Service is named in a file that the workload reads, which may have other uses: hence a warning.",
            ),
        ),
        Source::ResolvedAgain => (
            Level::Warning,
            Some(
                "Answers that don't fit one packet are asked for again over TCP; most fit: hence a warning.",
            ),
        ),
        Source::Member => (
            Level::Warning,
            Some("That its members need each other is inferred from its Service: hence a warning."),
        ),
        Source::Webhook => (
            Level::Warning,
            Some("From which address the API server calls depends on the cluster: hence a warning."),
        ),
        Source::Resolved => {
            (Level::Error, Some("It calls Services by name, and names are resolved by the cluster's DNS."))
        }
        _ if !denied.known => (
            Level::Warning,
            Some(
                "The caller isn't in these files; whatever its labels and namespace are, no rule lets it in: \
                 hence a warning.",
            ),
        ),
        _ => (Level::Error, None),
    }
}

fn note(world: &World<'_>, what: &str, name: &str, verdict: &Verdict) -> Option<String> {
    let place = |span: Span| {
        let sources = &world.estate.sources;
        format!("{}:{}", sources.path(span.file), sources.position(span).line)
    };
    match verdict {
        Verdict::Open => Some(format!("No policy restricts {what} {name}.")),
        Verdict::Allowed(Some(span)) => Some(format!("The {what} {name} is allowed ({}).", place(*span))),
        Verdict::Denied(policies) if policies.len() > 1 => {
            Some(format!("The {what} {name} is restricted by {} together.", policies.join(", ")))
        }
        _ => None,
    }
}

fn help(denied: &Denied) -> String {
    let Denied { from, to, protocol, port, .. } = denied;
    let by = |labels: &str| if labels.is_empty() { String::new() } else { format!(" ({labels})") };
    let (admit, select) = (by(&denied.admit), by(&denied.select));
    let ingress = format!(
        "let {}{admit} in on {protocol} {port} in a policy that selects {}{select}",
        from.name, to.name
    );
    let egress = format!("let {}{admit} out to {}{select} on {protocol} {port}", from.name, to.name);
    let sentence = match (&denied.egress, &denied.ingress) {
        (Verdict::Denied(_), Verdict::Denied(_)) => format!("{egress}, and {ingress}"),
        (Verdict::Denied(_), _) => egress,
        _ => ingress,
    };
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
