//! The output folder: written through a temporary one and renames, never over what a build didn't write.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diag::{Finding, Level};

use super::index::{Index, PATH, digest};

/// A file to be written: path below the folder, and text.
pub struct Output {
    /// Path below the folder.
    pub path: String,
    /// Text.
    pub content: String,
}

/// What stands in the way of writing: files edited by hand or not made by a build.
#[must_use]
pub fn obstacles(folder: &Path, before: Option<&Index>, outputs: &[Output]) -> Vec<Finding> {
    let known: HashMap<_, _> =
        before.iter().flat_map(|index| &index.artifacts).map(|e| (e.path.as_str(), e)).collect();
    let mut findings = Vec::new();
    for entry in before.iter().flat_map(|index| &index.artifacts) {
        match fs::read(folder.join(&entry.path)) {
            Ok(bytes) if digest(&bytes) != entry.digest => findings.push(edited(&entry.path)),
            _ => {}
        }
    }
    for output in
        outputs.iter().filter(|output| output.path != PATH && !known.contains_key(output.path.as_str()))
    {
        let there = fs::read(folder.join(&output.path));
        if there.is_ok_and(|bytes| bytes != output.content.as_bytes()) {
            findings.push(foreign(&output.path));
        }
    }
    findings
}

fn edited(path: &str) -> Finding {
    Finding::new("artifact-edited", Level::Error, format!("{path} was changed since it was built"))
        .help("Move the change to the definition (a `patches` entry of the environment keeps it), or build with \
             --force to lose it.")
        .about(path)
}

fn foreign(path: &str) -> Finding {
    Finding::new("artifact-foreign", Level::Error, format!("{path} is there already and no build made it"))
        .help("Move it away, choose another --out, or build with --force to overwrite it.")
        .about(path)
}

/// The index of an earlier build, if the folder has one.
///
/// # Errors
/// When there is an index that can't be read.
pub fn index(folder: &Path) -> io::Result<Option<Index>> {
    match fs::read_to_string(folder.join(PATH)) {
        Ok(text) => Index::from_json(&text).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the outputs and removes what an earlier build made and this one doesn't.
///
/// Everything is written to a temporary folder beside the output first; then each file is renamed into place and
/// the index last, so that no file is ever half there.
///
/// # Errors
/// When the file system refuses; the temporary folder is removed.
pub fn write(folder: &Path, before: Option<&Index>, after: &Index, outputs: &[Output]) -> io::Result<()> {
    let staging = Staging::beside(folder)?;
    for output in outputs {
        let path = staging.path.join(&output.path);
        fs::create_dir_all(path.parent().unwrap_or(&staging.path))?;
        fs::write(path, &output.content)?;
    }
    if before.is_none() && is_absent_or_empty(folder) {
        if folder.exists() {
            fs::remove_dir(folder)?;
        }
        return fs::rename(&staging.path, folder);
    }
    let (indexes, others): (Vec<_>, Vec<_>) = outputs.iter().partition(|output| output.path == PATH);
    for output in others.into_iter().chain(indexes) {
        let path = folder.join(&output.path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::rename(staging.path.join(&output.path), path)?;
    }
    remove_stale(folder, before, after);
    Ok(())
}

fn is_absent_or_empty(folder: &Path) -> bool {
    fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

/// Removes the files of an earlier build that the new index hasn't, and the folders that are empty then.
fn remove_stale(folder: &Path, before: Option<&Index>, after: &Index) {
    let kept: BTreeSet<_> = after.artifacts.iter().map(|entry| entry.path.as_str()).collect();
    let old = before.iter().flat_map(|index| &index.artifacts).map(|entry| entry.path.as_str());
    for path in old.filter(|path| !kept.contains(path)) {
        let path = folder.join(path);
        if fs::remove_file(&path).is_err() {
            continue;
        }
        let mut parent = path.parent();
        while let Some(empty) = parent.filter(|parent| *parent != folder && fs::remove_dir(parent).is_ok()) {
            parent = empty.parent();
        }
    }
}

/// A temporary folder on the same file system, removed when it is dropped.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn beside(folder: &Path) -> io::Result<Self> {
        let name =
            folder.file_name().map_or_else(|| "out".into(), |name| name.to_string_lossy().into_owned());
        let parent =
            folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let path = parent.join(format!(".{name}.building-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
