//! Files of the disk, behind the one seam through which everything is read.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use diag::{Files, Listing, Problem, ProblemKind};

/// The largest file that is read, in bytes: 64 MiB.
const LARGEST: u64 = 64 << 20;

/// Folders that hold no source: version control, dependencies, build output.
const SKIPPED: [&str; 4] = [".git", "node_modules", "target", ".terraform"];

/// Files below a folder, or those a command line names.
#[derive(Debug)]
pub struct Disk {
    files: BTreeMap<String, PathBuf>,
    problems: Vec<Problem>,
    input: Option<Vec<u8>>,
    prefix: String,
}

/// The name under which standard input is shown.
const STDIN: &str = "stdin.yaml";

impl Disk {
    /// Everything below the paths: folders, files, globs, or `-` for standard input.
    ///
    /// # Errors
    /// A sentence for each path that there isn't.
    pub fn open(paths: &[String]) -> Result<Self, Vec<String>> {
        let mut disk =
            Self { files: BTreeMap::new(), problems: Vec::new(), input: None, prefix: String::new() };
        let mut wrong = Vec::new();
        let expanded: Vec<_> = paths.iter().flat_map(|path| expand(path, &mut wrong)).collect();
        let alone = expanded.len() == 1;
        for path in &expanded {
            if path == "-" {
                disk.read_input(&mut wrong);
            } else if Path::new(path).is_dir() {
                let shown = path.trim_end_matches('/');
                let prefix = if shown == "." { String::new() } else { format!("{shown}/") };
                let name = if alone { String::new() } else { prefix.clone() };
                if alone {
                    disk.prefix = prefix;
                }
                Walk::of(&mut disk, Path::new(path)).folder(Path::new(path), &name);
            } else {
                disk.files.insert(path.trim_start_matches("./").to_owned(), PathBuf::from(path));
            }
        }
        if wrong.is_empty() { Ok(disk) } else { Err(wrong) }
    }

    /// What stands before every path when it is shown to a person.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn read_input(&mut self, wrong: &mut Vec<String>) {
        let mut bytes = Vec::new();
        // One byte more, so that what is too large is seen to be.
        match io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes) {
            Ok(_) => self.input = Some(bytes),
            Err(error) => wrong.push(format!("standard input can't be read: {error}")),
        }
    }
}

/// The paths an argument stands for.
fn expand(path: &str, wrong: &mut Vec<String>) -> Vec<String> {
    if path == "-" || fs::symlink_metadata(path).is_ok() {
        return vec![path.to_owned()];
    }
    let matches =
        glob::glob(path).map(|paths| paths.flatten().map(|path| path.display().to_string()).collect());
    match matches {
        Ok(paths) if !Vec::is_empty(&paths) => paths,
        _ => {
            wrong.push(format!("there is no file or folder `{path}`"));
            Vec::new()
        }
    }
}

impl Files for Disk {
    fn list(&self) -> Listing {
        let mut paths: Vec<_> = self.files.keys().cloned().collect();
        paths.extend(self.input.is_some().then(|| STDIN.to_owned()));
        Listing { paths, problems: self.problems.clone() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Problem> {
        let problem = |kind| Problem { path: path.to_owned(), kind };
        if let (STDIN, Some(input)) = (path, &self.input) {
            let size = u64::try_from(input.len()).unwrap_or(u64::MAX);
            let too_large = || problem(ProblemKind::TooLarge { size, limit: LARGEST });
            return if size > LARGEST { Err(too_large()) } else { Ok(input.clone()) };
        }
        let on_disk = self.files.get(path).ok_or_else(|| problem(ProblemKind::Missing))?;
        let other = |error: io::Error| problem(kind_of(&error));
        let metadata = fs::metadata(on_disk).map_err(other)?;
        if !metadata.is_file() {
            return Err(problem(ProblemKind::NotAFile));
        }
        if metadata.len() > LARGEST {
            return Err(problem(ProblemKind::TooLarge { size: metadata.len(), limit: LARGEST }));
        }
        fs::read(on_disk).map_err(other)
    }
}

fn kind_of(error: &io::Error) -> ProblemKind {
    match error.kind() {
        io::ErrorKind::NotFound => ProblemKind::Missing,
        io::ErrorKind::PermissionDenied => ProblemKind::NotPermitted,
        _ => ProblemKind::Other(error.to_string()),
    }
}

/// A walk below one root, which links must not leave.
struct Walk<'a> {
    disk: &'a mut Disk,
    root: Option<PathBuf>,
    visited: HashSet<PathBuf>,
}

impl<'a> Walk<'a> {
    fn of(disk: &'a mut Disk, root: &Path) -> Self {
        Self { disk, root: root.canonicalize().ok(), visited: HashSet::new() }
    }

    /// Adds what a folder has; `name` is its path below the root with a slash behind, or empty.
    fn folder(&mut self, folder: &Path, name: &str) {
        if !folder.canonicalize().is_ok_and(|real| self.visited.insert(real)) {
            return self.problem(name.trim_end_matches('/'), ProblemKind::BadLink);
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.problem(name.trim_end_matches('/'), kind_of(&error)),
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for entry in names {
            let (path, entry) = (folder.join(&entry), entry.to_string_lossy().into_owned());
            if !SKIPPED.contains(&entry.as_str()) {
                self.entry(&path, &format!("{name}{entry}"));
            }
        }
    }

    fn entry(&mut self, path: &Path, name: &str) {
        let kind = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) => return self.problem(name, kind_of(&error)),
        };
        let kind = if kind.is_symlink() {
            let inside = |real: &PathBuf| self.root.as_ref().is_some_and(|root| real.starts_with(root));
            match path.canonicalize().ok().filter(inside).and_then(|real| fs::metadata(real).ok()) {
                Some(metadata) => metadata.file_type(),
                None => return self.problem(name, ProblemKind::BadLink),
            }
        } else {
            kind
        };
        if kind.is_dir() {
            self.folder(path, &format!("{name}/"));
        } else if kind.is_file() {
            self.disk.files.insert(name.to_owned(), path.to_owned());
        } else {
            self.problem(name, ProblemKind::NotAFile);
        }
    }

    fn problem(&mut self, path: &str, kind: ProblemKind) {
        self.disk.problems.push(Problem { path: path.to_owned(), kind });
    }
}
