//! `cargo xtask bench`: the release build on generated repositories, next to kubeconform in the same run.
//!
//! Nothing is asserted: figures depend on the machine, ratios less so. Each figure is the median of three runs.

mod generate;
mod measure;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Run, median};

use crate::{process, tools};

const SCHEMAS: &str = "schemas/v1.36.0/{{.ResourceKind}}{{.KindSuffix}}.json";

/// Builds, generates, measures and prints; `root` is the workspace's folder.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    tools::run(root)?;
    let underpin = build(root)?;
    let folder = std::env::temp_dir().join(format!("underpin-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let bench = Bench { underpin, tools: tools::folder()?, script: root.join("tools/measure.py"), folder };
    let outcome = bench.checks().and_then(|()| bench.flows());
    let removed = fs::remove_dir_all(&bench.folder);
    outcome.and(removed.map_err(|error| format!("{}: {error}", bench.folder.display())))
}

/// Builds the release binary and returns its path, wherever the target folder is.
fn build(root: &Path) -> Result<PathBuf, String> {
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(root);
        command
    };
    process::run(&mut cargo(&["build", "--release", "--package", "cli"]))?;
    let metadata = process::output(&mut cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let target = metadata["target_directory"].as_str().ok_or("cargo metadata names no target folder")?;
    Ok(Path::new(target).join("release/underpin"))
}

struct Bench {
    underpin: PathBuf,
    tools: PathBuf,
    script: PathBuf,
    folder: PathBuf,
}

impl Bench {
    /// `check` next to `kubeconform -strict`, on the same files.
    fn checks(&self) -> Result<(), String> {
        println!(
            "\n{:>8}  {:^31}  {:^31}  {:^23}",
            "", "underpin check", "kubeconform -strict", "kubeconform / underpin"
        );
        let columns = format!("{:>8} {:>6} {:>8} {:>6}", "s", "cpu s", "MB", "errors");
        println!("{:>8}  {columns}  {columns}  {:>7} {:>7} {:>7}", "objects", "time", "cpu", "memory");
        for n_objects in [100, 1_000, 10_000] {
            let estate = self.folder.join(format!("objects-{n_objects}"));
            generate::objects(&estate, n_objects)?;
            let ours = self.measure(&self.check(&estate))?;
            let theirs = self.measure(&self.kubeconform(&estate))?;
            println!(
                "{n_objects:>8}  {} {:>6}  {} {:>6}  {:>6.1}x {:>6.1}x {:>6.1}x",
                figures(&ours),
                errors(&ours, "/summary/error"),
                figures(&theirs),
                errors(&theirs, "/summary/invalid"),
                theirs.seconds / ours.seconds,
                theirs.processor_seconds / ours.processor_seconds,
                theirs.megabytes / ours.megabytes,
            );
        }
        Ok(())
    }

    /// `flows`, which no other tool has.
    fn flows(&self) -> Result<(), String> {
        println!("\n{:>9} {:>8}  {:^31}", "", "", "underpin flows");
        println!(
            "{:>9} {:>8}  {:>8} {:>6} {:>8} {:>6}",
            "workloads", "policies", "s", "cpu s", "MB", "flows"
        );
        for (n_workloads, n_namespaces, n_policies) in [(1_666, 20, 1_666), (10_000, 100, 3_000)] {
            let estate = self.folder.join(format!("workloads-{n_workloads}"));
            generate::workloads(&estate, n_workloads, n_namespaces, n_policies)?;
            let run = self.measure(&self.underpin(&["flows", "--format=json"], &estate))?;
            let n_flows = json(&run).pointer("/flows").and_then(|flows| Some(flows.as_array()?.len()));
            let n_flows = n_flows.map_or_else(|| "?".to_owned(), |n_flows| n_flows.to_string());
            println!("{n_workloads:>9} {n_policies:>8}  {} {n_flows:>6}", figures(&run));
        }
        Ok(())
    }

    fn check(&self, estate: &Path) -> Vec<String> {
        self.underpin(&["check", "--format=json", "--kubernetes=1.36"], estate)
    }

    fn underpin(&self, arguments: &[&str], estate: &Path) -> Vec<String> {
        let mut command = vec![self.underpin.display().to_string()];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        command.push(estate.display().to_string());
        command
    }

    fn kubeconform(&self, estate: &Path) -> Vec<String> {
        let schemas = self.tools.join(SCHEMAS).display().to_string();
        let program = self.tools.join("bin/kubeconform").display().to_string();
        let estate = estate.display().to_string();
        [&program, "-strict", "-summary", "-output=json", "-schema-location", &schemas, &estate]
            .map(str::to_owned)
            .to_vec()
    }

    fn measure(&self, command: &[String]) -> Result<Run, String> {
        median(&self.script, &self.folder.join("output"), command)
    }
}

/// Seconds, processor seconds and megabytes.
fn figures(run: &Run) -> String {
    format!("{:>8.3} {:>6.2} {:>8.1}", run.seconds, run.processor_seconds, run.megabytes)
}

/// How many errors a run reported, by the figure at that place of its JSON.
fn errors(run: &Run, pointer: &str) -> String {
    json(run).pointer(pointer).map_or_else(|| "?".to_owned(), ToString::to_string)
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_slice(&run.output).unwrap_or_default()
}
