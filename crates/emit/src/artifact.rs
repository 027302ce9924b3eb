//! What a dialect makes: files in memory, each line with the reason for it.

use tree::Because;

/// A file, in memory.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Path below the output folder, `/` between folders.
    pub path: String,
    /// The dialect it belongs to, such as `kubernetes`.
    pub dialect: &'static str,
    /// The environment it is for, where it is for one.
    pub environment: Option<String>,
    /// The target it is for, where it is for one.
    pub target: Option<String>,
    /// Its text.
    pub content: String,
    /// Line (from 1) and why what begins there has its value; ascending.
    pub origins: Vec<(u32, Because)>,
}
