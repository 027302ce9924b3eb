//! Image references.

use tree::declare::{Scalar, Text};

/// An image reference: `[host/]path[:tag][@digest]` (distribution/reference, `reference.go`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// Host and path.
    pub repository: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest, `sha256:…`.
    pub digest: Option<String>,
}

impl ImageRef {
    /// The host it names, where it names one: the first part, if it has a dot, a port, or is `localhost`.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let (first, _) = self.repository.split_once('/')?;
        (first.contains(['.', ':']) || first == "localhost").then_some(first)
    }
}

impl std::fmt::Display for ImageRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl Scalar for ImageRef {
    const NAME: &'static str = "an image";
    const EXAMPLE: &'static str = "ghcr.io/acme/api:1.4.2";

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let written = text.text;
        let (name, digest) = written.split_once('@').map_or((written, None), |(name, at)| (name, Some(at)));
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        // A colon before the last slash belongs to the host's port.
        let path_at = name.rfind('/').map_or(0, |slash| slash + 1);
        let (repository, tag) = match name[path_at..].split_once(':') {
            Some((last, tag)) => (&name[..path_at + last.len()], Some(tag)),
            None => (name, None),
        };
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        check_repository(repository)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self { repository: repository.to_owned(), tag: owned(tag), digest: owned(digest) })
    }
}

fn check_digest(digest: &str) -> Result<(), String> {
    let hex = digest.strip_prefix("sha256:").ok_or(format!("`{digest}` is no `sha256:` digest"))?;
    if hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(());
    }
    Err("its digest is not 64 lower-case hexadecimal digits".to_owned())
}

fn check_tag(tag: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if (1..=128).contains(&tag.len()) && tag.bytes().all(allowed) && !tag.starts_with(['.', '-']) {
        return Ok(());
    }
    Err(format!("`{tag}` is not a tag"))
}

fn check_repository(repository: &str) -> Result<(), String> {
    if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("`{repository}` has upper-case letters"));
    }
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    for (index, part) in repository.split('/').enumerate() {
        let part = if index == 0 && repository.contains('/') {
            part.split_once(':').map_or(part, |(host, _)| host)
        } else {
            part
        };
        let edges = part.starts_with(['.', '_', '-']) || part.ends_with(['.', '_', '-']);
        if part.is_empty() || edges || !part.bytes().all(allowed) {
            return Err(format!("`{part}` is not a part of an image's name"));
        }
    }
    Ok(())
}
