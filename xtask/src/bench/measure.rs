//! Time and peak memory of a command, by the kernel's own account.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process;

/// What one run took, and what it wrote to standard output.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) processor_seconds: f64,
    pub(super) megabytes: f64,
    pub(super) output: Vec<u8>,
}

/// The median by time of three runs, after one that fills the caches. A command may report findings (exit 1); any other
/// failure is an error.
pub(super) fn median(script: &Path, output: &Path, command: &[String]) -> Result<Run, String> {
    once(script, output, command)?;
    let mut runs =
        [(); 3].map(|()| once(script, output, command)).into_iter().collect::<Result<Vec<_>, _>>()?;
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    Ok(runs.swap_remove(1))
}

fn once(script: &Path, output: &Path, command: &[String]) -> Result<Run, String> {
    let said = process::output(Command::new("python3").arg(script).arg(output).args(command))?;
    let figures: Vec<f64> = said.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    let [code, seconds, processor_seconds, kibibytes] = figures[..] else {
        return Err(format!("not four figures: {said}"));
    };
    if ![0.0, 1.0].contains(&code) {
        return Err(format!("`{}` ended with {code}", command.join(" ")));
    }
    let output = fs::read(output).map_err(|error| format!("{}: {error}", output.display()))?;
    Ok(Run { seconds, processor_seconds, megabytes: kibibytes * 1024.0 / 1e6, output })
}
