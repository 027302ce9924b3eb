//! Tells manifests from what has to be rendered first: charts, overlays, and everything they are made of.

use std::collections::{BTreeMap, BTreeSet};

use diag::{Files, Finding, SourceMap, Span};
use tree::NodeRef;

/// What was listed, sorted.
pub(super) struct Sorted<'a> {
    /// Files that may hold manifests.
    pub(super) manifests: Vec<&'a str>,
}

/// Sorts the listed paths; each chart and each overlay is one finding.
pub(super) fn sort<'a>(
    files: &dyn Files,
    paths: &'a [String],
    sources: &mut SourceMap,
    findings: &mut Vec<Finding>,
) -> Sorted<'a> {
    let charts = outermost(paths.iter().filter(|path| name(path) == "Chart.yaml").map(|path| folder(path)));
    let in_chart = |path: &str| above(path).any(|folder| charts.contains(folder));
    for &chart in &charts {
        let path = join(chart, "Chart.yaml");
        findings.push(chart_finding(files, &path, chart, sources));
    }
    let overlays: BTreeMap<&str, &str> = paths
        .iter()
        .filter(|path| is_kustomization(name(path)) && !in_chart(path))
        .map(|path| (folder(path), path.as_str()))
        .collect();
    let known: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (&overlay, &path) in &overlays {
        findings.push(overlay_finding(files, path, overlay, sources, &known, &mut used));
    }
    let in_overlay = |path: &str| {
        overlays.contains_key(folder(path))
            || used.contains(path)
            || above(path).any(|part| used.contains(part))
    };
    let manifests = paths.iter().map(String::as_str).filter(|path| {
        is_manifest(path) && !in_chart(path) && !in_overlay(path) && !path.starts_with(".underpin/")
    });
    Sorted { manifests: manifests.collect() }
}

fn is_manifest(path: &str) -> bool {
    let extension = name(path).rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("yaml" | "yml" | "json"))
        && !above(path).any(|folder| name(folder) == "node_modules")
}

fn is_kustomization(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a path; empty for the root.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Every folder above a path, the root (empty) last.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let path = rest?;
        let parent = (!path.is_empty()).then(|| folder(path));
        rest = parent;
        parent
    })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Of folders within each other only the outer ones: a subchart is part of its chart.
fn outermost<'a>(folders: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let all: BTreeSet<&str> = folders.collect();
    all.iter().copied().filter(|folder| !above(folder).any(|outer| all.contains(outer))).collect()
}

fn chart_finding(files: &dyn Files, path: &str, folder: &str, sources: &mut SourceMap) -> Finding {
    let shown = if folder.is_empty() { "." } else { folder };
    let message = format!("the chart in {shown} isn't evaluated: its templates have to be rendered first");
    Finding::not_evaluated("chart-not-rendered", message)
        .at(place(files, path, sources), "a chart")
        .about(shown)
        .help(format!("Check what `helm template {shown}` prints."))
}

fn overlay_finding(
    files: &dyn Files,
    path: &str,
    folder: &str,
    sources: &mut SourceMap,
    known: &BTreeSet<&str>,
    used: &mut BTreeSet<String>,
) -> Finding {
    let span = place(files, path, sources);
    let parsed = tree::parse(span.file, &sources.shared_text(span.file));
    for tree in &parsed.documents {
        used_files(tree.root(), folder, known, used);
    }
    let shown = if folder.is_empty() { "." } else { folder };
    let message = format!("the overlay in {shown} isn't evaluated: it has to be built first");
    Finding::not_evaluated("overlay-not-rendered", message)
        .at(span, "an overlay")
        .about(shown)
        .help(format!("Check what `kubectl kustomize {shown}` prints."))
}

/// Every scalar of a kustomization that names a file or folder below it: resources, patches, generators, and
/// whatever else refers to files.
fn used_files(node: NodeRef<'_>, folder: &str, known: &BTreeSet<&str>, used: &mut BTreeSet<String>) {
    node.items().for_each(|item| used_files(item, folder, known, used));
    node.entries().for_each(|(_, value)| used_files(value, folder, known, used));
    let Some(text) = node.text().filter(|text| !text.contains('\n')) else { return };
    let text = text.rsplit_once('=').map_or(text, |(_, file)| file);
    let Some(path) = resolve(folder, text) else { return };
    let below =
        || known.range(format!("{path}/").as_str()..).next().is_some_and(|next| next.starts_with(&path));
    if !path.is_empty() && (known.contains(path.as_str()) || below()) {
        used.insert(path);
    }
}

/// A relative path from a folder; `None` where it leads out of the root.
fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The first line of a file.
fn place(files: &dyn Files, path: &str, sources: &mut SourceMap) -> Span {
    let text = super::read_text(files, path).unwrap_or_default();
    let end = u32::try_from(text.lines().next().unwrap_or_default().len()).unwrap_or(0);
    Span { file: sources.add(path, text), start: 0, end }
}
