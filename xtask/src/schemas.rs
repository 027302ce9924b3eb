//! `cargo xtask schemas`: generates the table of Kubernetes' own schemas that `catalogue::kubernetes` embeds.
//!
//! The sources are Kubernetes' releases as Go modules: the OpenAPI document that the API server publishes (fields,
//! types, merge keys), its discovery documents (which kinds are served, plural names, scopes) and its generated Go
//! definitions (the values of enumerations, which the published document leaves out). `--check` compares instead of
//! writing.

mod enums;
mod release;
mod required;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A release of Kubernetes: its minor version, its module version and the checksum that `go.sum` would record.
pub(crate) struct Source {
    pub(crate) minor: u8,
    pub(crate) version: &'static str,
    pub(crate) sum: &'static str,
}

/// The releases that the table covers: the newest patch of each minor version that the Go module proxy serves.
const SOURCES: [Source; 5] = [
    Source { minor: 33, version: "v1.33.13", sum: "h1:bmH31xUdSzeA5vk0wZAK9MZp11mdLuzUSeKk0qN3hPQ=" },
    Source { minor: 34, version: "v1.34.4", sum: "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=" },
    Source { minor: 35, version: "v1.35.4", sum: "h1:o/8dBC/pHVpYoGV4OAIytAlNPZbdYVTXJHoYvXC4qzM=" },
    Source { minor: 36, version: "v1.36.3", sum: "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=" },
    Source { minor: 37, version: "v1.37.0", sum: "h1:TDSD+Izz9inqs7SmtJCAu7L5/DuYW9hAZ3GBdF6Ddkw=" },
];

const TABLE: &str = "crates/catalogue/data/kubernetes-schemas.txt";

/// Writes the table below `root`, the workspace's folder; with `check` it only compares, and a difference is an error.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), String> {
    let mut releases = Vec::new();
    for source in &SOURCES {
        releases.push(release::read(source.minor, &module_folder(source)?)?);
    }
    required::settle(&mut releases);
    let generated = table::print(&SOURCES, &releases);
    let path = root.join(TABLE);
    if check {
        let present = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        return compare(&present, &generated);
    }
    fs::write(&path, generated).map_err(|error| format!("{}: {error}", path.display()))
}

fn compare(present: &str, generated: &str) -> Result<(), String> {
    if present == generated {
        return Ok(());
    }
    let line = present.lines().zip(generated.lines()).take_while(|(old, new)| old == new).count();
    Err(format!(
        "{TABLE} differs from what its sources give, first at line {}: `{}` should be `{}`; run `cargo xtask schemas`",
        line + 1,
        present.lines().nth(line).unwrap_or_default(),
        generated.lines().nth(line).unwrap_or_default(),
    ))
}

/// Downloads the module through the Go tool, which verifies it, and returns the folder it lies in.
fn module_folder(source: &Source) -> Result<PathBuf, String> {
    let module = format!("k8s.io/kubernetes@{}", source.version);
    let output = Command::new("go")
        .args(["mod", "download", "-json", &module])
        .output()
        .map_err(|error| format!("go mod download {module}: {error}"))?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("go mod download {module}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let text = |key: &str| answer[key].as_str().unwrap_or_default();
    if !text("Error").is_empty() {
        return Err(format!("go mod download {module}: {}", text("Error")));
    }
    if text("Sum") != source.sum {
        return Err(format!("{module} has the checksum {}, not {}", text("Sum"), source.sum));
    }
    Ok(PathBuf::from(text("Dir")))
}
