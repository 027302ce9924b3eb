//! Reads `tools/tools.toml` and the folders beside it into tools, each with a digest over all that its pin consists of.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// All tools, in the order in which they are installed: quick ones first, generators before what they generate.
pub(crate) struct Pins {
    pub(crate) tools: Vec<Tool>,
}

/// One thing to install, known by its name.
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) source: Source,
    /// Over the pin and every file it refers to: what differs is installed anew.
    pub(crate) digest: String,
}

/// Where a tool comes from.
pub(crate) enum Source {
    /// A wheel, unpacked by `script`.
    Wheel { pin: Wheel, script: PathBuf },
    /// Programs built from the Go module in `folder`; packages and the names of their binaries.
    Go { folder: PathBuf, programs: BTreeMap<String, String>, ldflags: String },
    /// CRDs generated in the Go module in `folder`.
    Crds { folder: PathBuf, packages: Vec<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinFile {
    pypi: BTreeMap<String, Wheel>,
    go: BTreeMap<String, GoModule>,
    crds: BTreeMap<String, Crds>,
}

/// A package of PyPI whose wheel has its own digest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wheel {
    pub(crate) package: String,
    pub(crate) version: String,
    pub(crate) sha256: String,
    provides: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoModule {
    version: String,
    #[serde(default)]
    ldflags: String,
    programs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crds {
    version: String,
    packages: Vec<String>,
}

impl Pins {
    /// Reads the folder that has `tools.toml`.
    pub(crate) fn read(folder: &Path) -> Result<Pins, String> {
        let path = folder.join("tools.toml");
        let file: PinFile =
            toml::from_str(&read_text(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut tools = Vec::new();
        for (name, pin) in file.pypi {
            let script = folder.join("unpack.py");
            let digest = digest(&[&pin.package, &pin.version, &pin.sha256], &[&script])?;
            tools.push(Tool {
                version: pin.version.clone(),
                source: Source::Wheel { pin, script },
                name,
                digest,
            });
        }
        tools.extend(oracles(&folder.join("oracles"))?);
        let crds = folder.join("crds");
        let mut generated = Vec::new();
        for (name, pin) in file.crds {
            let source = Source::Crds { folder: crds.clone(), packages: pin.packages };
            generated.push(Tool::new(format!("crds-{name}"), pin.version, source)?);
        }
        let mut modules = file.go;
        let last = modules.remove("kubernetes").map(|module| ("kubernetes".to_owned(), module));
        for (name, module) in modules {
            tools.push(module.tool(folder, name)?);
        }
        tools.extend(generated);
        if let Some((name, module)) = last {
            tools.push(module.tool(folder, name)?);
        }
        Ok(Pins { tools })
    }
}

impl GoModule {
    fn tool(self, folder: &Path, name: String) -> Result<Tool, String> {
        let GoModule { version, ldflags, programs } = self;
        let ldflags = ldflags.split_whitespace().collect::<Vec<_>>().join(" ");
        Tool::new(name.clone(), version, Source::Go { folder: folder.join(name), programs, ldflags })
    }
}

impl Tool {
    fn new(name: String, version: String, source: Source) -> Result<Tool, String> {
        let (folder, mut parts) = match &source {
            Source::Wheel { script, .. } => (script.clone(), Vec::new()),
            Source::Go { folder, programs, ldflags } => {
                let mut parts = vec![ldflags.as_str()];
                parts.extend(
                    programs.iter().flat_map(|(package, binary)| [package.as_str(), binary.as_str()]),
                );
                (folder.clone(), parts)
            }
            Source::Crds { folder, packages } => {
                (folder.clone(), packages.iter().map(String::as_str).collect())
            }
        };
        parts.push(&version);
        let files = files(&folder)?;
        let digest = digest(&parts, &files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
        Ok(Tool { name, version, source, digest })
    }

    /// What must be there when the tool is installed, relative to the folder of tools.
    pub(crate) fn provides(&self) -> Vec<String> {
        match &self.source {
            Source::Wheel { pin, .. } => pin.provides.clone(),
            Source::Go { programs, .. } => programs.values().map(|binary| format!("bin/{binary}")).collect(),
            Source::Crds { .. } => vec![self.crds_folder()],
        }
    }

    /// Where generated CRDs go, relative to the folder of tools.
    pub(crate) fn crds_folder(&self) -> String {
        format!("crds/{}", self.name.trim_start_matches("crds-"))
    }
}

/// Our own Go programs: each folder in `folder` is a module with a program of the folder's name.
fn oracles(folder: &Path) -> Result<Vec<Tool>, String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    paths.sort();
    let mut tools = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let programs = BTreeMap::from([(".".to_owned(), name.clone())]);
        let source = Source::Go { folder: path, programs, ldflags: String::new() };
        tools.push(Tool::new(name, "of this repository".to_owned(), source)?);
    }
    Ok(tools)
}

/// The files that a Go module consists of, sorted; its folder is flat.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    Ok(paths)
}

fn digest(parts: &[&str], files: &[&Path]) -> Result<String, String> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    for file in files {
        hash.update(read_text(file)?.as_bytes());
        hash.update([0]);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
