//! Every rule's page is its test: the bad example raises exactly that rule, the fix and the near misses nothing.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use analyze::Options;
use diag::{Finding, MemoryFiles, Outcome};
use estate::LoadOptions;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

/// A section of a page: its heading, and the files of its examples.
struct Section {
    heading: String,
    files: Vec<(String, String)>,
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```"), line.strip_prefix("## ")) {
            (Some(_), Some(_), _) => {
                let file = open.take().expect("a fence is open");
                sections.last_mut().expect("an example stands below a heading").files.push(file);
            }
            (Some((_, text)), None, _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, Some(info), _) => {
                let name = info.split_once(' ').map_or("manifests.yaml", |(_, name)| name);
                open = Some((name.to_owned(), String::new()));
            }
            (None, None, Some(heading)) => {
                sections.push(Section { heading: heading.to_owned(), files: Vec::new() });
            }
            (None, None, None) => {}
        }
    }
    assert!(open.is_none(), "an example isn't closed");
    sections
}

fn violations(files: &[(String, String)]) -> (Vec<Finding>, String) {
    let files: MemoryFiles = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    let (estate, loaded) = estate::load(&files, &LoadOptions::default());
    let findings = analyze::check(&estate, loaded, &Options::default());
    let findings: Vec<Finding> =
        findings.into_iter().filter(|finding| finding.outcome == Outcome::Violated).collect();
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let place = finding.locations.first().map(|at| estate.sources.position(at.span).line);
            format!("  {:?} {}: {} (line {place:?})", finding.level, finding.rule, finding.message)
        })
        .collect();
    (findings, lines.join("\n"))
}

fn check_page(rule: &str, page: &str) {
    let sections = sections(page);
    let named = |start: &str| -> Vec<&Section> {
        sections.iter().filter(|section| section.heading.starts_with(start)).collect()
    };
    for heading in ["Why it hurts", "Example", "Fix"] {
        assert_eq!(named(heading).len(), 1, "{rule}: one section `{heading}`");
    }
    assert!(named("Near miss").len() >= 2, "{rule}: two near misses");
    let example = named("Example")[0];
    let (found, shown) = violations(&example.files);
    let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, BTreeSet::from([rule]), "{rule}: the example raises exactly this rule\n{shown}");
    for section in named("Fix").into_iter().chain(named("Near miss")) {
        assert!(!section.files.is_empty(), "{rule}: {} has an example", section.heading);
        let (found, shown) = violations(&section.files);
        assert!(found.is_empty(), "{rule}: {} raises nothing\n{shown}", section.heading);
    }
}

#[test]
fn pages_are_what_their_rules_do() {
    let only = std::env::var("PAGE").ok();
    for rule in analyze::rules::ALL {
        let name = rule.about.name;
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let path = folder().join(format!("{name}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} has no page {path:?}"));
        assert!(page.starts_with(&format!("# {name}\n")), "{name}: the page's title is the rule's name");
        check_page(name, &page);
    }
}

#[test]
fn every_page_has_a_rule() {
    let rules: BTreeSet<&str> = analyze::rules::ALL.iter().map(|rule| rule.about.name).collect();
    for entry in std::fs::read_dir(folder()).expect("docs/rules is there") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        let rule = name.strip_suffix(".md").unwrap_or(&name);
        assert!(rule == "README" || rules.contains(rule), "docs/rules/{name} belongs to no rule");
    }
}
