//! `underpin show`.

use clap::Args;
use diag::{Finding, Level, SourceMap, nearest};
use model::show::{Line, Reason, Unknown};
use model::{Definition, Document, Kind};
use tree::{Origin, OriginKind};

use crate::disk::Disk;
use crate::output::{self, Exit, Format, print};

/// Shows the resolved definition, each value with its origin.
///
///     underpin show platforms/voxguard --env production Component/detection-engine.scaling
///
/// Behind each value stand its file and line, the layer if an environment or target wrote it,
/// and what it replaced there. Fields that nobody wrote are comments with their default.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Show {
    /// Folder of the definition.
    #[arg(value_name = "PLATFORM")]
    platform: String,
    /// As this environment has it; default as the documents are, before any environment changes them.
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// As this target of the environment has it; default its first.
    #[arg(long, value_name = "TARGET", requires = "env")]
    target: Option<String>,
    /// One document, or one field of it; default everything.
    #[arg(value_name = "KIND/NAME[.field]")]
    what: Option<String>,
    /// How it is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub fn run(command: &Show) -> Exit {
    let files = match Disk::open(std::slice::from_ref(&command.platform)) {
        Ok(files) => files,
        Err(wrong) => {
            output::failure(wrong.join("; "));
            return Exit::Usage;
        }
    };
    let mut sources = SourceMap::default();
    let (definition, mut findings) = model::load(&files, &mut sources);
    sources.set_prefix(files.prefix());
    let shown = documents(command, &definition, &mut findings)
        .and_then(|documents| lines(command.what.as_deref(), &documents));
    match shown {
        Err(sentence) => {
            output::failure(sentence);
            return Exit::Usage;
        }
        Ok(lines) => print(&match command.format {
            Format::Text => text(&lines, &sources),
            Format::Json => json(&lines, &sources),
        }),
    }
    let findings = model::distinct(findings);
    if findings.iter().any(|finding| finding.level == Level::Error) {
        output::say(diag::render_text(&diag::merge(findings, &sources), &sources).trim_end());
        return Exit::Findings;
    }
    Exit::Fine
}

/// The documents as the environment and target have them.
fn documents(
    command: &Show,
    definition: &Definition,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Document>, String> {
    let Some(name) = &command.env else { return Ok(definition.documents.clone()) };
    let environments = || model::of_kind(definition, Kind::Environment);
    let environment = environments().find(|document| document.name.value == *name);
    let environment = environment.ok_or_else(|| {
        unknown("environment", name, environments().map(|document| document.name.value.as_str()))
    })?;
    let targets = || model::target_names(environment);
    let target = match &command.target {
        Some(wanted) => targets()
            .find(|target| target == wanted)
            .ok_or_else(|| unknown(&format!("target of {name}"), wanted, targets()))?,
        None => targets().next().ok_or_else(|| format!("{name} has no target"))?,
    };
    Ok(model::merged(definition, environment, target, findings))
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no {what} `{name}`; there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

fn lines(what: Option<&str>, documents: &[Document]) -> Result<Vec<Line>, String> {
    let Some(what) = what else {
        let mut all = Vec::new();
        for document in documents {
            if !all.is_empty() {
                let reason = Reason::Nothing;
                all.push(Line { text: "---".to_owned(), path: None, value: None, reason });
            }
            all.extend(model::show::lines(document, None).map_err(|missing| no_field(&missing))?);
        }
        return Ok(all);
    };
    let fits = |document: &&Document| {
        what.strip_prefix(&document.id()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let Some(document) = documents.iter().find(fits) else {
        let ids: Vec<String> = documents.iter().map(Document::id).collect();
        let id = what.split('.').next().unwrap_or(what);
        // Often only the kind is left out.
        let same = ids.iter().find(|other| other.rsplit('/').next() == id.rsplit('/').next());
        return Err(match same {
            Some(same) => format!("there is no document `{id}`; did you mean `{same}`?"),
            None => unknown("document", id, ids.iter().map(String::as_str)),
        });
    };
    let field = what.strip_prefix(&document.id()).and_then(|rest| rest.strip_prefix('.'));
    model::show::lines(document, field).map_err(|missing| no_field(&missing))
}

fn no_field(missing: &Unknown) -> String {
    let known = missing.known.iter().map(String::as_str);
    unknown(&format!("field of {}", missing.path), &missing.name, known)
}

fn text(lines: &[Line], sources: &SourceMap) -> String {
    let width = |line: &Line| line.text.chars().count();
    // A few long lines shouldn't push all origins out of sight.
    let column = lines.iter().map(width).filter(|width| *width <= 60).max().unwrap_or(0);
    let mut out = String::new();
    for line in lines {
        let comment = match &line.reason {
            Reason::Written(origin) => format!("# {}", said(origin, sources)),
            Reason::Default(default) => format!("# default: {default}"),
            Reason::Unset => "# not set".to_owned(),
            Reason::Nothing => String::new(),
        };
        let text = format!("{:column$}  {comment}", diag::mask(&line.text));
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// `stores.yaml:12`, with the layer and what it replaces.
fn said(origin: &Origin, sources: &SourceMap) -> String {
    let OriginKind::Written { span, layer, over, .. } = origin.kind() else { return String::new() };
    let mut out = place(*span, sources);
    if *layer != tree::Layer::Platform {
        out.push_str(&format!(", {}", layer_name(*layer)));
    }
    if let Some(over) = over
        && let OriginKind::Written { span: old, .. } = over.kind()
    {
        let before = sources.snippet(*old).lines().next().unwrap_or("");
        out.push_str(&format!("; replaces {} of {}", diag::mask(before), said(over, sources)));
    }
    out
}

fn place(span: diag::Span, sources: &SourceMap) -> String {
    format!("{}:{}", sources.shown_path(span.file), sources.position(span).line)
}

fn layer_name(layer: tree::Layer) -> &'static str {
    match layer {
        tree::Layer::Platform => "platform",
        tree::Layer::Environment => "environment",
        tree::Layer::Target => "target",
        tree::Layer::Patch => "patch",
    }
}

fn json(lines: &[Line], sources: &SourceMap) -> String {
    let values: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let (path, value) = (line.path.as_ref()?, diag::mask(line.value.as_ref()?));
            let Reason::Written(origin) = &line.reason else { return None };
            let mut origins = Vec::new();
            let mut next = Some(origin);
            while let Some(OriginKind::Written { span, layer, over, .. }) = next.map(Origin::kind) {
                let (file, at) = (sources.shown_path(span.file), sources.position(*span).line);
                origins.push(serde_json::json!({"file": file, "line": at, "layer": layer_name(*layer)}));
                next = over.as_ref();
            }
            Some(serde_json::json!({"path": path.as_str(), "value": value, "origins": origins}))
        })
        .collect();
    format!("{:#}\n", serde_json::json!({ "values": values }))
}
