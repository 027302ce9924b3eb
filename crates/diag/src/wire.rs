//! Findings as JSON: a published contract, see `docs/schemas/findings.schema.json`.

use serde::Serialize;

use crate::mask::mask;
use crate::{Finding, Level, Outcome, SourceMap};

/// Findings as JSON.
#[must_use]
pub fn render_json(findings: &[Finding], sources: &SourceMap) -> String {
    let of = |level| findings.iter().filter(move |finding| finding.level == level).count();
    let report = Report {
        summary: Summary {
            error: of(Level::Error),
            warning: of(Level::Warning),
            note: of(Level::Note),
            not_evaluated: findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated).count(),
        },
        findings: findings.iter().map(|finding| entry(finding, sources)).collect(),
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn entry<'a>(finding: &'a Finding, sources: &'a SourceMap) -> Entry<'a> {
    let location = |annotation: &crate::Annotation| {
        let position = sources.position(annotation.span);
        Location {
            file: sources.shown_path(annotation.span.file),
            line: position.line,
            column: position.column,
            label: mask(&annotation.label).into_owned(),
        }
    };
    let object = |object: &'a crate::ObjectRef| Object {
        kind: &object.kind,
        namespace: &object.namespace,
        name: &object.name,
    };
    Entry {
        rule: finding.rule,
        level: finding.level.name(),
        outcome: match finding.outcome {
            Outcome::Violated => "violated",
            Outcome::NotEvaluated => "not-evaluated",
        },
        message: mask(&finding.message).into_owned(),
        objects: finding.objects.iter().map(object).collect(),
        scopes: &finding.scopes,
        locations: finding.locations.iter().map(location).collect(),
        notes: finding.notes.iter().map(|note| mask(note).into_owned()).collect(),
        help: finding.help.as_deref().map(|help| mask(help).into_owned()),
        fingerprint: finding.fingerprint(),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    summary: Summary,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    error: usize,
    warning: usize,
    note: usize,
    not_evaluated: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    level: &'static str,
    outcome: &'static str,
    message: String,
    objects: Vec<Object<'a>>,
    scopes: &'a [String],
    locations: Vec<Location>,
    notes: Vec<String>,
    help: Option<String>,
    fingerprint: String,
}

#[derive(Serialize)]
struct Object<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Location {
    file: String,
    line: u32,
    column: u32,
    label: String,
}
