//! `underpin why`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use tree::index::{Entry, Index};

use crate::build::{folder, index, origins};
use crate::output::{self, Exit, print};

/// Leads from a generated line back to the definition.
///
///     underpin why out/shop/kubernetes/production/east/shop/api.yaml:41
///
/// Says where the value on that line is written, what it replaces or is computed from, and why
/// the line is there.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Why {
    /// A file that `underpin build` wrote, and a line in it.
    #[arg(value_name = "FILE:LINE")]
    place: String,
}

/// How many origins are shown of a value that is computed from very many.
const MOST: usize = 40;

pub fn run(command: &Why) -> Exit {
    match explain(&command.place) {
        Ok(text) => {
            print(&text);
            Exit::Fine
        }
        Err(sentence) => {
            output::failure(sentence);
            Exit::Usage
        }
    }
}

fn explain(place: &str) -> Result<String, String> {
    let (file, line) = place.rsplit_once(':').ok_or("a line is missing: FILE:LINE")?;
    let line: u32 = line.parse().map_err(|_| format!("`{line}` is no line number"))?;
    let text = fs::read_to_string(file).map_err(|error| format!("{file} can't be read: {error}"))?;
    let shown = line.checked_sub(1).and_then(|above| text.lines().nth(above as usize));
    let shown = shown.ok_or_else(|| format!("{file} has {} lines", text.lines().count()))?;
    let (root, path) = output_folder(Path::new(file))
        .ok_or_else(|| format!("{file} isn't in a folder that `underpin build` wrote"))?;
    let built = folder::index(&root).map_err(|error| format!("{} can't be read: {error}", index::PATH))?;
    if built.is_some_and(|built| !built.has(&path, text.as_bytes())) {
        return Err(format!("{file} was changed since it was built: its lines don't lead back any more"));
    }
    let index = index_of(&root, &path)?
        .ok_or_else(|| format!("no build made {path}, or it doesn't say where its lines come from"))?;
    let mut out = format!("{file}:{line}\n  {}\n", diag::mask(shown.trim()));
    let Some((value, presence)) = index.why(&path, line) else {
        return Ok(out + "holds nothing that comes from the definition\n");
    };
    out.push_str("has its value from\n");
    describe(&mut out, &index, value);
    if let Some(presence) = presence {
        out.push_str("is there because of\n");
        describe(&mut out, &index, presence);
    }
    Ok(out)
}

/// The folder above a file that a build wrote, and the file's path below it.
fn output_folder(file: &Path) -> Option<(PathBuf, String)> {
    let file = file.canonicalize().ok()?;
    let root = file.ancestors().find(|folder| folder.join(index::PATH).is_file())?;
    let below = file.strip_prefix(root).ok()?;
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    Some((root.to_owned(), parts.join("/")))
}

/// The index that knows a file.
fn index_of(root: &Path, path: &str) -> Result<Option<Index>, String> {
    let folder = root.join(origins::FOLDER);
    let Ok(entries) = fs::read_dir(&folder) else { return Ok(None) };
    for entry in entries.flatten() {
        let wrong =
            |error: &dyn std::fmt::Display| format!("{} can't be read: {error}", entry.path().display());
        let text = fs::read_to_string(entry.path()).map_err(|error| wrong(&error))?;
        let index = Index::from_json(&text).map_err(|error| wrong(&error))?;
        if index.artifacts.contains_key(path) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn describe(out: &mut String, index: &Index, origin: u32) {
    let chain = index.chain(origin);
    for (depth, entry) in chain.iter().take(MOST) {
        let pad = "  ".repeat(depth + 1);
        let sentence = match entry {
            Entry::Written { file, line, column, field, layer, .. } => {
                let path = index.files.get(*file as usize).map_or("?", String::as_str);
                let source =
                    source_line(path, *line).map_or_else(String::new, |text| format!("\n{pad}  {text}"));
                format!("{field}, written for the {layer} at {path}:{line}:{column}{source}")
            }
            Entry::Default { field, reason } if field.is_empty() => format!("a default: {reason}"),
            Entry::Default { field, reason } => format!("the default of {field}: {reason}"),
            Entry::Catalogue { module, fact } => format!("the catalogue: {module}, {fact}"),
            Entry::Computed { derived: Some(name), .. } => format!("{name}, computed from"),
            Entry::Computed { derived: None, .. } => "a text set together from".to_owned(),
        };
        let written = writeln!(out, "{pad}{sentence}");
        debug_assert!(written.is_ok(), "writing to a string can't fail");
    }
    if chain.len() > MOST {
        out.push_str(&format!("  and {} more\n", chain.len() - MOST));
    }
}

/// A line of the definition, if it is still there.
fn source_line(path: &str, line: u32) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let shown = text.lines().nth((line as usize).checked_sub(1)?)?.trim();
    Some(format!("| {}", diag::mask(shown)))
}
