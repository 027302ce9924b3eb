//! Loading: files are listed, sorted into manifests and what has to be rendered first, read and parsed in parallel,
//! and taken apart into objects.

mod build_index;
mod document;
mod recognise;

use std::collections::BTreeSet;
use std::sync::Arc;

use diag::{FileId, Files, Finding, Level, Problem, ProblemKind, SourceMap, Span};
use rayon::prelude::*;

use crate::intent::Intent;
use crate::{Estate, Kind, Object, Scope, ScopeId, ScopeSource, View, scope};

/// The largest file that is read, in bytes: twice what 10,000 objects take in one file.
pub const LARGEST_FILE: u64 = 32 * 1024 * 1024;

/// The rules under which loading reports, with what each finds.
pub const RULES: &[(&str, &str)] = &[
    ("chart-not-rendered", "a Helm chart, which isn't evaluated until it is rendered"),
    ("file-empty", "a manifest file without content"),
    ("file-unreadable", "a file that can't be read, or isn't text"),
    ("intent-invalid", "an intent file that isn't one"),
    ("name-missing", "an object without a name"),
    ("overlay-not-rendered", "a Kustomize folder, which isn't evaluated until it is built"),
    ("scope-assumed", "which folders and files were taken for clusters of their own"),
    ("template-not-rendered", "a template outside of charts, which isn't evaluated"),
];

/// What a load may be told.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// Name and text of an intent file; replaces `.underpin/intent.json`.
    pub intent: Option<(String, String)>,
    /// Whether what isn't in the files isn't there.
    pub closed: bool,
}

/// Loads everything that is listed. What can't be loaded is a finding, and the rest is loaded all the same.
#[must_use]
pub fn load(files: &dyn Files, options: &LoadOptions) -> (Estate, Vec<Finding>) {
    let mut estate = Estate::default();
    let listing = files.list();
    let mut findings: Vec<Finding> =
        listing.problems.iter().map(|problem| unreadable(&mut estate.sources, problem)).collect();
    let index = build_index::read(files, &listing.paths, &mut estate.sources, &mut findings);
    let sorted = recognise::sort(files, &listing.paths, &mut estate.sources, &mut findings);
    let wanted: Vec<&str> = match &index {
        Some(index) => sorted.manifests.into_iter().filter(|path| index.scope_of(path).is_some()).collect(),
        None => sorted.manifests,
    };
    estate.counts.files = wanted.len();
    let texts = read(files, &wanted, &mut estate.sources, &mut findings);
    documents(&mut estate, &texts, &mut findings);
    estate.counts.objects = estate.objects.len();
    hide_secrets(&mut estate);
    intent(files, &listing.paths, options, &mut estate, &mut findings);
    match &index {
        Some(index) => indexed_views(&mut estate, index),
        None => folder_views(&mut estate, options, &mut findings),
    }
    (estate, findings)
}

/// Reads files in parallel and adds them to the sources in order.
fn read(
    files: &dyn Files,
    paths: &[&str],
    sources: &mut SourceMap,
    findings: &mut Vec<Finding>,
) -> Vec<(FileId, Arc<str>)> {
    let texts: Vec<Result<String, Problem>> = paths.par_iter().map(|path| read_text(files, path)).collect();
    let mut read = Vec::with_capacity(texts.len());
    for (path, text) in paths.iter().zip(texts) {
        match text {
            Ok(text) => {
                let file = sources.add(*path, text);
                read.push((file, sources.shared_text(file)));
            }
            Err(problem) => findings.push(unreadable(sources, &problem)),
        }
    }
    read
}

/// A file's text.
fn read_text(files: &dyn Files, path: &str) -> Result<String, Problem> {
    let problem = |kind| Problem { path: path.to_owned(), kind };
    let bytes = files.read(path)?;
    let size = bytes.len() as u64;
    if size > LARGEST_FILE {
        return Err(problem(ProblemKind::TooLarge { size, limit: LARGEST_FILE }));
    }
    if bytes.contains(&0) {
        return Err(problem(ProblemKind::Other("it isn't text: it has NUL bytes".to_owned())));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        problem(ProblemKind::Other(format!("it isn't text: byte {at} is no UTF-8")))
    })
}

fn unreadable(sources: &mut SourceMap, problem: &Problem) -> Finding {
    let file = sources.file(&problem.path).unwrap_or_else(|| sources.add(problem.path.as_str(), ""));
    let (why, help) = match &problem.kind {
        ProblemKind::Missing => ("there is no such file".to_owned(), "Give a path that exists."),
        ProblemKind::NotPermitted => {
            ("this user may not read it".to_owned(), "Let this user read it, or leave it out.")
        }
        ProblemKind::NotAFile => ("it is no regular file".to_owned(), "Remove it, or leave it out."),
        ProblemKind::BadLink => (
            "it is a link that leads out of the folder, to itself, or nowhere".to_owned(),
            "Put the file itself here: nothing outside the folder is read.",
        ),
        ProblemKind::TooLarge { size, limit } => (
            format!("it has {size} bytes, and at most {limit} are read"),
            "Split it, or leave it out: manifests are never that large.",
        ),
        ProblemKind::Other(why) => (why.clone(), "Save it as UTF-8, or give it another extension."),
    };
    Finding::new("file-unreadable", Level::Warning, format!("{} can't be read: {why}", problem.path))
        .at(Span { file, start: 0, end: 0 }, "")
        .about(problem.path.as_str())
        .note("Nothing in it was checked.")
        .help(help)
}

/// Parses texts in parallel and takes their objects.
fn documents(estate: &mut Estate, texts: &[(FileId, Arc<str>)], findings: &mut Vec<Finding>) {
    let parsed: Vec<document::Parsed> =
        texts.par_iter().map(|(file, text)| document::parse(*file, text)).collect();
    for mut file in parsed {
        let first = u32::try_from(estate.trees.len()).unwrap_or(u32::MAX);
        findings.append(&mut file.findings);
        file.secretive.iter().for_each(|&span| estate.sources.hide(span));
        estate.counts.other_documents += file.n_others;
        estate
            .objects
            .extend(file.objects.into_iter().map(|object| Object { tree: object.tree + first, ..object }));
        estate.trees.append(&mut file.trees);
    }
    let objects = (0..).map(crate::ObjectId).take(estate.objects.len());
    let nameless = objects.map(|id| estate.object(id)).filter(|object| object.name().is_empty());
    findings.extend(nameless.filter_map(document::nameless));
    estate.objects.retain(|object| !object.name.is_empty());
}

/// Marks the values of Secrets, so that no excerpt shows them.
fn hide_secrets(estate: &mut Estate) {
    let secrets = estate.objects().filter(|object| object.kind() == Kind::Secret);
    let values = secrets.flat_map(|secret| {
        let applied = secret.annotation("kubectl.kubernetes.io/last-applied-configuration");
        let maps = ["data", "stringData"].map(|field| secret.node.get(field));
        let misshapen = maps.into_iter().flatten().filter(|data| !data.is_map());
        let values = maps.into_iter().flatten().flat_map(tree::NodeRef::entries).map(|(_, value)| value);
        values.chain(misshapen).chain(applied).filter_map(tree::NodeRef::span).collect::<Vec<Span>>()
    });
    let spans: Vec<Span> = values.collect();
    spans.into_iter().for_each(|span| estate.sources.hide(span));
}

fn intent(
    files: &dyn Files,
    paths: &[String],
    options: &LoadOptions,
    estate: &mut Estate,
    findings: &mut Vec<Finding>,
) {
    const PATH: &str = ".underpin/intent.json";
    let found = match &options.intent {
        Some((path, text)) => Ok((path.clone(), text.clone())),
        None if paths.iter().any(|path| path == PATH) => {
            read_text(files, PATH).map(|text| (PATH.to_owned(), text))
        }
        None => return,
    };
    match found {
        Ok((path, text)) => {
            let file = estate.sources.add(path, text);
            let mut parsed = tree::parse(file, &estate.sources.shared_text(file));
            findings.append(&mut parsed.findings);
            if let Some(tree) = parsed.documents.first() {
                let (intent, mut wrong) = Intent::read(tree.root());
                findings.append(&mut wrong);
                estate.intent = intent;
            }
        }
        Err(problem) => findings.push(unreadable(&mut estate.sources, &problem)),
    }
}

fn indexed_views(estate: &mut Estate, index: &build_index::BuildIndex) {
    let names: BTreeSet<&str> = index.scopes().collect();
    for name in names {
        let belongs = |object: &&Object| index.scope_of(estate.sources.path(object.file)) == Some(name);
        let ids = (0..).map(crate::ObjectId).zip(&estate.objects);
        let objects = ids.filter(|(_, object)| belongs(object)).map(|(id, _)| id).collect();
        let scope = ScopeId(u32::try_from(estate.scopes.len()).unwrap_or(u32::MAX));
        let view = View::new(scope, objects, &estate.objects);
        estate.scopes.push(Scope { name: name.to_owned(), source: ScopeSource::Index, closed: true });
        estate.views.push(view);
    }
}

fn folder_views(estate: &mut Estate, options: &LoadOptions, findings: &mut Vec<Finding>) {
    let (scopes, splits) = scope::from_folders(&estate.objects, &estate.sources);
    if scopes.len() > 1 {
        let names: Vec<&str> = scopes.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("these are taken for clusters of their own: {}", names.join(", "));
        let finding = splits
            .iter()
            .take(4)
            .fold(Finding::new("scope-assumed", Level::Note, message), |finding, (folder, span)| {
                finding.at(*span, format!("{folder} has one of another's name"))
            });
        findings.push(
            finding
                .about("scopes")
                .note("They hold different objects with one kind, namespace and name.")
                .help("Check one of them alone to see it without the others."),
        );
    }
    for (name, objects) in scopes {
        let scope = ScopeId(u32::try_from(estate.scopes.len()).unwrap_or(u32::MAX));
        let source = if name == "." { ScopeSource::Root } else { ScopeSource::Folder };
        estate.views.push(View::new(scope, objects, &estate.objects));
        estate.scopes.push(Scope { name, source, closed: options.closed });
    }
}
