//! `underpin check`.

use std::path::{Path, PathBuf};

use catalogue::kubernetes::Version;
use clap::Args;
use estate::LoadOptions;

use crate::build::follow;
use crate::disk::Disk;
use crate::output::{self, Deny, Exit, Format};
use crate::settings;

/// Checks manifests across files: what contradicts what, with every deciding line.
///
///     underpin check k8s/                     a folder of manifests
///     helm template ./chart | underpin check -
///     underpin check out/voxguard --deny warning --format json
///
/// Charts and overlays are not rendered: each is reported as not evaluated.
///
/// A finding is allowed by a comment in the file, on its line:
///
///     # underpin: allow RULE until YYYY-MM-DD because REASON
///
/// or by an entry of `underpin.toml` in the folder that is checked:
///
///     [[allow]]
///     rule = "flow-denied"
///     until = 2027-01-31
///     reason = "the policy follows with the new release"
///     object = "Deployment/shop/web"    # only there; may be left out
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Check {
    /// Folders, files, globs, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// What is meant, node pools and objectives: a file in the form of `.underpin/intent.json`.
    #[arg(long, value_name = "FILE")]
    intent: Option<PathBuf>,
    /// Version of Kubernetes that the clusters run.
    #[arg(long, value_name = "VERSION", default_value = "1.36", value_parser = version)]
    kubernetes: Version,
    /// Least level that ends with exit code 1.
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    deny: Deny,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub fn run(command: &Check) -> Exit {
    let files = match Disk::open(&command.paths) {
        Ok(files) => files,
        Err(wrong) => {
            wrong.iter().for_each(|sentence| {
                output::failure(sentence);
            });
            return Exit::Usage;
        }
    };
    let intent = match command.intent.as_deref().map(|path| (path, std::fs::read_to_string(path))) {
        None => None,
        Some((path, Ok(text))) => Some((shown(path, files.prefix()), text)),
        Some((path, Err(error))) => {
            output::failure(format_args!("{} can't be read: {error}", path.display()));
            return Exit::Usage;
        }
    };
    let progress = output::Progress::of(format!("checking {}", command.paths.join(" ")));
    let (mut estate, mut loaded) = estate::load(&files, &LoadOptions { intent, closed: false });
    estate.sources.set_prefix(files.prefix());
    let (allows, invalid) = settings::allows(&files, &mut estate.sources);
    loaded.extend(invalid);
    let options = analyze::Options { kubernetes: command.kubernetes, today: super::today(), allows };
    let mut findings = analyze::check(&estate, loaded, &options);
    follow::to_definition(&files, &estate.sources, &mut findings);
    drop(progress);
    output::findings(command.format, &findings, &estate.sources);
    if estate.counts.objects == 0 && command.format == Format::Text {
        output::say("no Kubernetes object was found");
    }
    command.deny.exit(&findings)
}

/// The path of a file that may lie outside of what is checked, so that a reader can open it: below the folder that is
/// shown before every path, else absolute.
fn shown(path: &Path, prefix: &str) -> String {
    let written = path.display().to_string();
    match (written.strip_prefix(prefix), std::path::absolute(path)) {
        (Some(below), _) => below.to_owned(),
        (None, Ok(absolute)) => absolute.display().to_string(),
        (None, Err(_)) => written,
    }
}

fn version(text: &str) -> Result<Version, String> {
    let known: Vec<_> = Version::ALL.iter().map(ToString::to_string).collect();
    Version::parse(text).ok_or_else(|| format!("must be one of {}", known.join(", ")))
}
