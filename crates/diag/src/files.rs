//! The one seam through which files are listed and read.
//!
//! The command line implements it over the disk; tests and `build` implement it over artifacts in memory, so that
//! what was just printed is read back by the loader that reads anybody's repository.

use std::collections::BTreeMap;

/// Where files come from.
pub trait Files: Sync {
    /// Every regular file, in byte order of its path, and what could not be listed.
    fn list(&self) -> Listing;
    /// The bytes of one listed file.
    ///
    /// # Errors
    /// A [`Problem`] that says why the file can't be read: missing, not permitted, too large, not a regular file.
    fn read(&self, path: &str) -> Result<Vec<u8>, Problem>;
}

/// What [`Files::list`] found.
#[derive(Debug, Default)]
pub struct Listing {
    /// Paths relative to the root, `/` between folders, in byte order.
    pub paths: Vec<String>,
    /// What was met on the way and not followed.
    pub problems: Vec<Problem>,
}

/// Why a path could not be listed or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path, relative to the root.
    pub path: String,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// The ways in which a path refuses to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// There is no such path.
    Missing,
    /// This user may not read it.
    NotPermitted,
    /// A pipe, socket or device.
    NotAFile,
    /// A link that leads out of the root, to itself, or nowhere.
    BadLink,
    /// Larger than the loader reads; both in bytes.
    TooLarge {
        /// The file's size.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Anything else the operating system said.
    Other(String),
}

/// Files held in memory, by path.
#[derive(Debug, Default, Clone)]
pub struct MemoryFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFiles {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl<P: Into<String>, B: Into<Vec<u8>>> FromIterator<(P, B)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }
}

impl Files for MemoryFiles {
    fn list(&self) -> Listing {
        Listing { paths: self.files.keys().cloned().collect(), problems: Vec::new() }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Problem> {
        let missing = || Problem { path: path.to_owned(), kind: ProblemKind::Missing };
        self.files.get(path).cloned().ok_or_else(missing)
    }
}
