//! `.underpin/build.json`: which files a build made. A published contract, see `docs/schemas/build.schema.json`.

use emit::Artifact;
use sha2::{Digest, Sha256};

/// Where the index lies below the output folder.
pub const PATH: &str = ".underpin/build.json";

pub use wire::{Entry, Index};

/// The digest of a file's bytes, as the index has it.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter().fold(String::from("sha256:"), |text, byte| text + &format!("{byte:02x}"))
}

impl Index {
    /// The index of what was just made.
    #[must_use]
    pub fn of(platform: &str, artifacts: &[Artifact]) -> Self {
        let entry = |artifact: &Artifact| Entry {
            path: artifact.path.clone(),
            dialect: artifact.dialect.to_owned(),
            environment: artifact.environment.clone(),
            target: artifact.target.clone(),
            digest: digest(artifact.content.as_bytes()),
        };
        let mut artifacts: Vec<_> = artifacts.iter().map(entry).collect();
        artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        Self { version: 1, platform: platform.to_owned(), artifacts }
    }

    /// Its file's text.
    ///
    /// # Errors
    /// None in practice: every field is text or a number.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Reads an index file.
    ///
    /// # Errors
    /// When it isn't JSON of this form.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// Whether a file is as it was built.
    #[must_use]
    pub fn has(&self, path: &str, bytes: &[u8]) -> bool {
        self.artifacts.iter().any(|entry| entry.path == path && entry.digest == digest(bytes))
    }

    /// Adds what another index has of environments that weren't built this time.
    pub fn keep(&mut self, other: &Self, is_built: impl Fn(&Entry) -> bool) {
        let known: std::collections::HashSet<_> =
            self.artifacts.iter().map(|entry| entry.path.clone()).collect();
        let kept = other.artifacts.iter().filter(|entry| !is_built(entry) && !known.contains(&entry.path));
        self.artifacts.extend(kept.cloned());
        self.artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

mod wire {
    //! The index as its file has it.

    use serde::{Deserialize, Serialize};

    /// Every file of a build.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Index {
        /// Version of this form: 1.
        pub version: u32,
        /// Name of the platform.
        pub platform: String,
        /// The files, by path.
        pub artifacts: Vec<Entry>,
    }

    /// One file.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Entry {
        /// Path below the output folder.
        pub path: String,
        /// Dialect it belongs to.
        pub dialect: String,
        /// Environment it is for.
        pub environment: Option<String>,
        /// Target it is for.
        pub target: Option<String>,
        /// `sha256:` and 64 hexadecimal digits.
        pub digest: String,
    }
}
