//! Findings as people see them.

use super::text::text;
use super::*;
use crate::render_json as json;
use crate::{FileId, Level, ObjectRef, Span};

/// The span of `what` in a file.
fn span(sources: &SourceMap, file: FileId, what: &str) -> Span {
    let start = u32::try_from(sources.text(file).find(what).unwrap()).unwrap();
    Span { file, start, end: start + u32::try_from(what.len()).unwrap() }
}

fn plain(finding: &Finding, sources: &SourceMap) -> String {
    anstream::adapter::strip_str(&text(finding, sources)).to_string()
}

#[track_caller]
fn check(finding: &Finding, sources: &SourceMap, expected: &str) {
    let text = plain(finding, sources);
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn several_files() {
    let mut sources = SourceMap::default();
    let policies = "kind: NetworkPolicy\nspec:\n  podSelector: {}\n";
    let engine = "\n".repeat(40) + "          value: ml-pipeline.voxguard-prod:50051\n";
    let (engine, policies) = (sources.add("engine.yaml", engine), sources.add("policies.yaml", policies));
    let finding =
        Finding::new("flow-denied", Level::Error, "detection-engine cannot reach ml-pipeline on TCP 50051")
            .at(span(&sources, engine, "ml-pipeline.voxguard-prod:50051"), "the call is meant here")
            .at(span(&sources, policies, "podSelector: {}"), "denies all ingress to ml-pipeline")
            .at(span(&sources, policies, "NetworkPolicy"), "")
            .note("Egress from detection-engine is allowed.")
            .scope("production/lagos")
            .help("Let app=detection-engine in on 50051.");
    check(
        &finding,
        &sources,
        "\
error[flow-denied]: detection-engine cannot reach ml-pipeline on TCP 50051
  --> engine.yaml:41:18
   |
41 |           value: ml-pipeline.voxguard-prod:50051
   |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the call is meant here
  ::: policies.yaml:3:3
   |
 1 | kind: NetworkPolicy
   |       -------------
...
 3 |   podSelector: {}
   |   --------------- denies all ingress to ml-pipeline
   = note: Egress from detection-engine is allowed.
   = help: Let app=detection-engine in on 50051.
   = in: production/lagos
",
    );
}

#[test]
fn several_marks_in_a_line() {
    let mut sources = SourceMap::default();
    let file = sources.add("a.yaml", "ä: {b: ö,\tc: d}\r\n");
    let finding = Finding::new("rule", Level::Warning, "message")
        .at(span(&sources, file, "ö"), "main")
        .at(span(&sources, file, "d"), "other");
    check(
        &finding,
        &sources,
        "\
warning[rule]: message
 --> a.yaml:1:8
  |
1 | ä: {b: ö,  c: d}
  |               - other
  |        ^ main
",
    );
}

#[test]
fn long_lines_are_cut() {
    let mut sources = SourceMap::default();
    let file = sources.add("a.json", format!("{}HERE{}", "x".repeat(1000), "y".repeat(1000)));
    let finding = Finding::not_evaluated("rule", "message").at(span(&sources, file, "HERE"), "");
    let (before, after) = ("x".repeat(29), "y".repeat(85));
    check(
        &finding,
        &sources,
        &format!(
            "\
not evaluated[rule]: message
 --> a.json:1:1001
  |
1 | …{before}HERE{after}…
  |  {}^^^^
",
            " ".repeat(29)
        ),
    );
}

#[test]
fn a_file_without_text_has_no_lines() {
    let mut sources = SourceMap::default();
    let file = sources.add("pipe", "");
    let finding = Finding::new("rule", Level::Note, "message").at(Span { file, start: 0, end: 0 }, "");
    check(&finding, &sources, "note[rule]: message\n --> pipe\n");
}

#[test]
fn nothing_but_a_sentence() {
    check(&Finding::new("rule", Level::Note, "message"), &SourceMap::default(), "note[rule]: message\n");
}

/// No renderer shows a secret, wherever it stands.
#[test]
fn secrets_are_masked_everywhere() {
    let canary = "c4n4ry";
    let url = format!("postgres://u:{canary}@db");
    let mut sources = SourceMap::default();
    let file = sources.add(
        "a.yaml",
        format!("stringData:\n  b: {canary} {canary}\nc: {url} # x\nd: |\n  {canary}\n  {canary}\n"),
    );
    let hidden = span(&sources, file, &format!("{canary} {canary}"));
    sources.hide(hidden);
    sources.hide(span(&sources, file, &format!("{canary}\n  {canary}")));
    let finding = Finding::new("rule", Level::Error, format!("it says {url}"))
        .at(span(&sources, file, "# x"), format!("behind {url}"))
        .at(hidden, "")
        .at(Span { start: hidden.start + 3, ..hidden }, "")
        .at(span(&sources, file, &format!("{canary}\n  {canary}")), "")
        .note(format!("See {url}."))
        .help(format!("Mend {url}."));
    let text = plain(&finding, &sources);
    assert!(!text.contains("4n4") && !json(&[finding], &sources).contains("4n4"), "{text}");
    assert!(text.contains("3 | c: postgres://u:***@db # x\n  |                        ^^^ behind"), "{text}");
    assert!(text.contains("2 |   b: ***\n  |      ---"), "{text}");
}

#[test]
fn json_is_the_contract() {
    let mut sources = SourceMap::default();
    let file = sources.add("a.yaml", "a: ä b\n");
    let object = ObjectRef { kind: "Pod".to_owned(), namespace: "n".to_owned(), name: "p".to_owned() };
    let violated = Finding::new("rule", Level::Error, "message")
        .at(span(&sources, file, "b"), "here")
        .object(object)
        .scope("s")
        .help("Do it.")
        .note("So it is.");
    let findings = [violated, Finding::not_evaluated("other", "why")];
    let report: serde_json::Value = serde_json::from_str(&json(&findings, &sources)).unwrap();
    let expected = serde_json::json!({
        "summary": {"error": 1, "warning": 0, "note": 1, "notEvaluated": 1},
        "findings": [
            {
                "rule": "rule", "level": "error", "outcome": "violated", "message": "message",
                "objects": [{"kind": "Pod", "namespace": "n", "name": "p"}], "scopes": ["s"],
                "locations": [{"file": "a.yaml", "line": 1, "column": 6, "label": "here"}],
                "help": "Do it.", "notes": ["So it is."], "fingerprint": findings[0].fingerprint(),
            },
            {
                "rule": "other", "level": "note", "outcome": "not-evaluated", "message": "why", "objects": [],
                "scopes": [], "locations": [], "help": null, "notes": [],
                "fingerprint": findings[1].fingerprint(),
            },
        ],
    });
    assert_eq!(report, expected);
}
