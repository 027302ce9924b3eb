//! `underpin build`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use diag::{Finding, Level, SourceMap};

use crate::build::folder::{self, Output};
use crate::build::index::{self, Entry, Index};
use crate::build::{self, Built};
use crate::disk::Disk;
use crate::output::{self, Deny, Exit, Format};

/// Builds a platform's infrastructure from its definition, checks it across files, and writes it.
///
///     underpin build platforms/voxguard
///     underpin build platforms/voxguard --env production --out deploy/
///
/// Nothing is written while there is an error. Files that no build made, or that were edited
/// since, stay as they are. What an earlier build wrote and this one no longer makes is removed;
/// with `--env`, the files of the other environments stay.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Build {
    /// Folder of the definition.
    #[arg(value_name = "PLATFORM")]
    platform: String,
    /// Build this environment only; may be repeated.
    #[arg(long, value_name = "ENV")]
    env: Vec<String>,
    /// Build this dialect only; may be repeated. There is `kubernetes`.
    #[arg(long, value_name = "DIALECT", value_parser = [emit::kubernetes::DIALECT])]
    dialect: Vec<String>,
    /// Folder to write to; default `out/` and the platform's name.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite files that were edited since they were built, or that no build made.
    #[arg(long)]
    force: bool,
    /// Least level that ends with exit code 1; errors always do, and keep anything from being written.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    deny: Deny,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub fn run(command: &Build) -> Exit {
    let files = match Disk::open(std::slice::from_ref(&command.platform)) {
        Ok(files) => files,
        Err(wrong) => {
            output::failure(wrong.join("; "));
            return Exit::Usage;
        }
    };
    let kept = |platform: &str| environments(command, platform);
    let mut built = build::make(&files, &command.env, kept);
    built.definition.set_prefix(files.prefix());
    built.artifacts.extend(build::origins::of(&built));
    let is_broken = built.defects.iter().any(|finding| finding.level == Level::Error);
    if is_broken || built.environments.is_empty() {
        let defects = diag::merge(std::mem::take(&mut built.defects), &built.definition);
        output::findings(command.format, &defects, &built.definition);
        return Exit::Findings;
    }
    finish(command, &built)
}

/// Checks what was made and writes it, unless there is an error.
fn finish(command: &Build, built: &Built) -> Exit {
    let progress = output::Progress::of(format!("checking {}", built.platform));
    let (estate, mut findings) = build::read_back(built, &super::check_options());
    drop(progress);
    let mut sources = estate.sources;
    findings.iter_mut().for_each(|finding| build::trace(finding, built, &mut sources));
    let defects = diag::merge(built.defects.clone(), &built.definition);
    findings.extend(adopt(defects, &built.definition, &mut sources));
    let folder = folder_of(command, &built.platform);
    let written = match write(command, built, &folder, &mut findings) {
        Ok(written) => written,
        Err(error) => return output::failure(format_args!("{} can't be written: {error}", folder.display())),
    };
    sources.set_prefix("");
    output::findings(command.format, &findings, &sources);
    if command.format == Format::Text {
        match written {
            Some(n_files) => output::say(&format!("{n_files} files written to {}", folder.display())),
            None => output::say("nothing was written"),
        }
    }
    command.deny.exit(&findings)
}

/// Where the output goes.
fn folder_of(command: &Build, platform: &str) -> PathBuf {
    command.out.clone().unwrap_or_else(|| Path::new("out").join(platform))
}

/// Environments that an earlier build left in the output folder, for a build of some only.
fn environments(command: &Build, platform: &str) -> BTreeSet<String> {
    if command.env.is_empty() {
        return BTreeSet::new();
    }
    let before = folder::index(&folder_of(command, platform)).ok().flatten();
    before.into_iter().flat_map(|index| index.artifacts).filter_map(|entry| entry.environment).collect()
}

/// Findings about the definition, with their places in a common map of sources.
fn adopt(mut findings: Vec<Finding>, from: &SourceMap, to: &mut SourceMap) -> Vec<Finding> {
    for location in findings.iter_mut().flat_map(|finding| &mut finding.locations) {
        location.span = build::adopted(location.span, from, to);
    }
    findings
}

/// Writes everything, if nothing stands in the way; the number of files written.
fn write(
    command: &Build,
    built: &Built,
    folder: &Path,
    findings: &mut Vec<Finding>,
) -> std::io::Result<Option<usize>> {
    let before = folder::index(folder)?;
    let mut after = Index::of(&built.platform, &built.artifacts);
    if let Some(before) = &before {
        after.keep(before, |entry| is_built(entry, built, !command.env.is_empty()));
    }
    let mut outputs: Vec<_> = built
        .artifacts
        .iter()
        .map(|artifact| Output { path: artifact.path.clone(), content: artifact.content.clone() })
        .collect();
    if !command.force {
        findings.extend(folder::obstacles(folder, before.as_ref(), &outputs));
    }
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Ok(None);
    }
    let text = after.to_json().map_err(std::io::Error::other)?;
    outputs.push(Output { path: index::PATH.to_owned(), content: text });
    folder::write(folder, before.as_ref(), &after, &outputs)?;
    Ok(Some(outputs.len()))
}

/// Whether this build is responsible for a file of an earlier one: not if it built only some other environments.
fn is_built(entry: &Entry, built: &Built, only_some: bool) -> bool {
    match &entry.environment {
        Some(environment) => !only_some || built.environments.contains(environment),
        None => true,
    }
}
