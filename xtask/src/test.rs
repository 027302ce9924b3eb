//! `cargo xtask test`: everything that CI runs, step by step, up to the first that fails.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{process, schemas, tidy, tools};

/// A step: its name and what it does in the workspace's folder.
type Step = (&'static str, fn(&Path) -> Result<(), String>);

/// Quick ones first, so that a slip is told before anything long begins; tests last, since their closing lines are
/// read.
const STEPS: [Step; 7] = [
    ("formatting", |root| cargo(root, &["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("tools", tools::run),
    ("generated tables", |root| schemas::run(root, true)),
    ("clippy", |root| {
        cargo(root, &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])
    }),
    ("examples in documentation", |root| cargo(root, &["test", "--quiet", "--workspace", "--doc"])),
    ("tests", tests),
];

/// Runs all steps below `root`, the workspace's folder.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let began = Instant::now();
    for (number, (name, step)) in STEPS.iter().enumerate() {
        let header = format!("step {} of {}: {name}", number + 1, STEPS.len());
        println!("\n==== {header}");
        let started = Instant::now();
        step(root).map_err(|error| format!("{error}\n==== FAILED in {header}"))?;
        eprintln!(
            "==== {:.0} s, {:.0} s in all",
            started.elapsed().as_secs_f64(),
            began.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    process::run(Command::new(env!("CARGO")).args(arguments).current_dir(root))
}

/// All tests of the workspace, shown as they come, with their totals on a line of its own at the end.
fn tests(root: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cargo test: {error}");
    let mut child = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut totals = Totals::default();
    for line in child.stdout.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines()) {
        let line = line.map_err(failed)?;
        totals.add(&line);
        println!("{line}");
    }
    let status = child.wait().map_err(failed)?;
    println!("\n{} passed, {} failed", totals.passed, totals.failed);
    match (status.success(), totals.passed) {
        (true, 0) => Err("no test was run".to_owned()),
        (true, _) => Ok(()),
        (false, _) => Err(format!("cargo test: {status}")),
    }
}

/// What the closing lines of cargo's test runners add up to.
#[derive(Default, Debug, PartialEq)]
struct Totals {
    passed: u64,
    failed: u64,
}

impl Totals {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`; others are nothing.
    fn add(&mut self, line: &str) {
        let Some(figures) = line.strip_prefix("test result: ") else { return };
        let figure = |name: &str| -> u64 {
            let part = figures.split(';').find_map(|part| part.strip_suffix(name)).unwrap_or_default();
            part.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        self.passed += figure(" passed");
        self.failed += figure(" failed");
    }
}

#[cfg(test)]
mod tests {
    use super::Totals;

    #[test]
    fn closing_lines_are_added_up() {
        let mut totals = Totals::default();
        totals.add(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s",
        );
        totals.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        totals.add("test a::b ... ok");
        assert_eq!(totals, Totals { passed: 15, failed: 2 });
    }
}
