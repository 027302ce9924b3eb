//! What spans files: the edges between crates, rules and their pages, and what must never be written down.

use std::collections::{BTreeMap, BTreeSet};

use super::{Complaint, TextFile};

const ARCHITECTURE: &str = "docs/architecture.md";

/// Judges all files together.
pub(super) fn judge(files: &[TextFile]) -> Vec<Complaint> {
    let mut found = Vec::new();
    crate_edges(files, &mut found);
    rule_pages(files, &mut found);
    for file in files.iter().filter(|file| !file.path.starts_with("examples/")) {
        secret_places(file, &mut found);
    }
    found
}

/// Every crate stands in the fenced block `crates` of the architecture, and depends on no other crate of ours than
/// it says there. What only tests depend on is free.
fn crate_edges(files: &[TextFile], found: &mut Vec<Complaint>) {
    let Some(architecture) = files.iter().find(|file| file.path == ARCHITECTURE) else {
        found.push(Complaint::new(ARCHITECTURE, 1, "isn't there: it draws the edges between crates"));
        return;
    };
    let allowed = drawn_edges(&architecture.text);
    let manifests: BTreeMap<&str, &TextFile> = files
        .iter()
        .filter_map(|file| {
            let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            Some((name, file))
        })
        .collect();
    for name in allowed.keys().filter(|name| !manifests.contains_key(*name)) {
        found.push(Complaint::new(ARCHITECTURE, 1, format!("draws the crate {name}, which isn't there")));
    }
    for (name, manifest) in &manifests {
        let Some(edges) = allowed.get(name) else {
            found.push(Complaint::new(ARCHITECTURE, 1, format!("lacks the crate {name}")));
            continue;
        };
        for (line, dependency) in dependencies(&manifest.text) {
            if manifests.contains_key(dependency) && !edges.contains(dependency) {
                let message = format!("{name} must not know {dependency}: {ARCHITECTURE} draws no such edge");
                found.push(Complaint::new(&manifest.path, line, message));
            }
        }
    }
}

/// The lines `crate: dependency dependency` of the block.
fn drawn_edges(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    text.lines()
        .skip_while(|line| *line != "```crates")
        .skip(1)
        .take_while(|line| *line != "```")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, edges)| (name.trim(), edges.split_whitespace().collect()))
        .collect()
}

/// The names under `[dependencies]` and `[build-dependencies]`, with their lines.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut section = "";
    let mut names = Vec::new();
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if ["dependencies", "build-dependencies"].contains(&section) {
            let end = line.find(['.', '=', ' ']).unwrap_or(line.len());
            names.push((number + 1, &line[..end]));
        }
    }
    names
}

/// Each rule has its page and each page its rule.
fn rule_pages(files: &[TextFile], found: &mut Vec<Complaint>) {
    let named = |folder: &str, extension: &str| -> BTreeMap<String, String> {
        files
            .iter()
            .filter_map(|file| {
                let name = file.path.strip_prefix(folder)?.strip_suffix(extension)?;
                let is_rule = !name.contains('/') && !["mod", "tests"].contains(&name);
                is_rule.then(|| (name.replace('_', "-"), file.path.clone()))
            })
            .collect()
    };
    let rules = named("crates/analyze/src/rules/", ".rs");
    let pages = named("docs/rules/", ".md");
    for (name, path) in rules.iter().filter(|(name, _)| !pages.contains_key(*name)) {
        found.push(Complaint::new(path, 1, format!("the rule has no page docs/rules/{name}.md")));
    }
    for (_, path) in pages.iter().filter(|(name, _)| !rules.contains_key(*name)) {
        found.push(Complaint::new(path, 1, "the page is of no rule in crates/analyze/src/rules"));
    }
}

/// Folders of one machine, and hosts that packages come from: both differ elsewhere. They are put together here, so
/// that this file keeps to it.
fn secret_places(file: &TextFile, found: &mut Vec<Complaint>) {
    let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    let hosts = [
        concat!("proxy.go", "lang.org"),
        concat!("sum.go", "lang.org"),
        concat!("py", "pi.org"),
        concat!("python", "hosted.org"),
        concat!("registry.np", "mjs.org"),
        concat!("index.cra", "tes.io"),
        concat!("static.cra", "tes.io"),
        concat!("deb.deb", "ian.org"),
        concat!("maven.apa", "che.org"),
        concat!("maven", ".org"),
        concat!("arti", "factory"),
    ];
    for (number, line) in file.text.lines().enumerate() {
        for folder in folders {
            let is_absolute = |at: usize| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-/}*$".contains(c))
            };
            if line.match_indices(folder).any(|(at, _)| is_absolute(at)) {
                found.push(Complaint::new(
                    &file.path,
                    number + 1,
                    format!("the machine's own path {folder}"),
                ));
            }
        }
        for host in hosts.iter().filter(|host| line.contains(*host)) {
            found.push(Complaint::new(&file.path, number + 1, format!("the package host {host}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let mut files: Vec<TextFile> = files
            .iter()
            .map(|(path, text)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        if !files.iter().any(|file| file.path == ARCHITECTURE) {
            files.push(TextFile { path: ARCHITECTURE.to_owned(), text: String::new() });
        }
        let shown: Vec<String> =
            judge(&files).iter().map(|c| format!("{}:{}: {}", c.path, c.line, c.message)).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn crates_know_only_what_is_drawn() {
        let drawn = "x\n```crates\nlow:\nhigh: low\n```\n";
        let low = (
            "crates/low/Cargo.toml",
            "[dependencies]\nserde.workspace = true\n[dev-dependencies]\nhigh = {}\n",
        );
        let high = ("crates/high/Cargo.toml", "[dependencies]\nlow = { path = \"../low\" }\n");
        check(&[(ARCHITECTURE, drawn), low, high], &[]);
        let wrong = ("crates/low/Cargo.toml", "[dependencies]\nhigh.workspace = true\n");
        check(
            &[(ARCHITECTURE, drawn), wrong, high],
            &["crates/low/Cargo.toml:2: low must not know high: docs/architecture.md draws no such edge"],
        );
        check(
            &[(ARCHITECTURE, "```crates\nlow:\n```\n"), high],
            &[
                "docs/architecture.md:1: draws the crate low, which isn't there",
                "docs/architecture.md:1: lacks the crate high",
            ],
        );
    }

    #[test]
    fn rules_and_pages_belong_together() {
        let rule = ("crates/analyze/src/rules/flow_denied.rs", "");
        let list = ("crates/analyze/src/rules/mod.rs", "");
        check(&[rule, list, ("docs/rules/flow-denied.md", "")], &[]);
        check(
            &[rule, ("docs/rules/other.md", "")],
            &[
                "crates/analyze/src/rules/flow_denied.rs:1: the rule has no page docs/rules/flow-denied.md",
                "docs/rules/other.md:1: the page is of no rule in crates/analyze/src/rules",
            ],
        );
    }

    #[test]
    fn places_of_one_machine_are_not_written_down() {
        let (work, host) = (concat!("/wo", "rk/"), concat!("py", "pi.org"));
        check(&[("a.md", &format!("in {work}x"))], &[&format!("a.md:1: the machine's own path {work}")]);
        check(&[("a.md", &format!("in home{work}x"))], &[]);
        check(&[("examples/a.md", &format!("in {work}x"))], &[]);
        check(&[("a.md", &format!("\nfrom {host}"))], &[&format!("a.md:2: the package host {host}")]);
    }
}
