//! `cargo xtask tidy`: the rules of this repository that neither rustfmt nor clippy knows, in under two seconds.
//!
//! `source` separates code from comments and literals, `code` judges one Rust file, `layout` what spans files.

mod code;
mod layout;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;

/// Something that isn't as it should be: where, and what.
#[derive(Debug, PartialEq)]
pub(crate) struct Complaint {
    path: String,
    line: usize,
    message: String,
}

impl Complaint {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Complaint {
        Complaint { path: path.to_owned(), line, message: message.into() }
    }
}

/// A file that git tracks or would track; paths are relative to the workspace's folder, with `/`.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Judges everything below `root`; all complaints come in one error.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = read_files(root)?;
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        complaints.extend(code::judge(file, &files));
    }
    complaints.extend(layout::judge(&files));
    if complaints.is_empty() {
        println!("tidy: {} files are in order", files.len());
        return Ok(());
    }
    complaints.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for Complaint { path, line, message } in &complaints {
        eprintln!("{path}:{line}: {message}");
    }
    Err(format!("tidy: {} complaints", complaints.len()))
}

/// All text files that are tracked or new and not ignored. Binary files have no lines to judge.
fn read_files(root: &Path) -> Result<Vec<TextFile>, String> {
    let listed = process::output(
        std::process::Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut files = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let full: PathBuf = root.join(path);
        if !full.is_file() {
            continue;
        }
        let bytes = fs::read(&full).map_err(|error| format!("{path}: {error}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(TextFile { path: path.to_owned(), text });
        }
    }
    Ok(files)
}
