//! Source texts and places in them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::mask::credentials;

/// How many bytes are counted at most to find a column.
const BLOCK: usize = 4096;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file; `end` is behind the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

/// A place as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, in characters from 1.
    pub column: u32,
}

/// All texts that spans point into.
#[derive(Debug, Default, Clone)]
pub struct SourceMap {
    files: Vec<Source>,
    by_path: HashMap<Arc<str>, FileId>,
    prefix: String,
}

#[derive(Debug, Clone)]
struct Source {
    path: Arc<str>,
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// For each block of bytes how many characters stand before it, so that a long line isn't counted again and again.
    characters: OnceLock<Vec<u32>>,
    credentials: OnceLock<Vec<Range<usize>>>,
    hidden: Vec<(u32, u32)>,
}

impl SourceMap {
    /// Adds a text and names it.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let (path, text) = (path.into(), text.into());
        self.by_path.entry(Arc::clone(&path)).or_insert(id);
        let (lines, characters, credentials) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        self.files.push(Source { path, text, lines, characters, credentials, hidden: Vec::new() });
        id
    }

    /// The path a file was added under; empty for an id of another map.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |source| &source.path)
    }

    /// Sets what stands before every path that is shown: the folder the files were read from.
    pub fn set_prefix(&mut self, prefix: impl Into<String>) {
        self.prefix = prefix.into();
    }

    /// The path of a file as a person can open it.
    #[must_use]
    pub fn shown_path(&self, file: FileId) -> String {
        let path = self.path(file);
        if path.starts_with('/') { path.to_owned() } else { format!("{}{path}", self.prefix) }
    }

    /// A file's whole text; empty for an id of another map.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |source| &source.text)
    }

    /// The same, shared: for readers that keep the text while the map grows.
    #[must_use]
    pub fn shared_text(&self, file: FileId) -> Arc<str> {
        self.files.get(file.0 as usize).map_or_else(|| Arc::from(""), |source| Arc::clone(&source.text))
    }

    /// The file of a path, if it was added.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// Number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a span, unmasked: for analyses, never for messages.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.file).get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Where a span begins.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.position_at(span.file, span.start)
    }

    /// Where a byte stands.
    #[must_use]
    pub fn position_at(&self, file: FileId, offset: u32) -> Position {
        let Some(source) = self.files.get(file.0 as usize) else { return Position { line: 1, column: 1 } };
        let lines = source.lines();
        let line = lines.partition_point(|&start| start <= offset).max(1);
        let start = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let column = source.characters_before(offset as usize) - source.characters_before(start) + 1;
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), column }
    }

    /// The range of bytes of a line (from 1), without its line end.
    #[must_use]
    pub fn line(&self, file: FileId, line: u32) -> Option<Span> {
        let source = self.files.get(file.0 as usize)?;
        let lines = source.lines();
        let start = *lines.get((line as usize).checked_sub(1)?)?;
        let end = lines.get(line as usize).copied().unwrap_or(u32::try_from(source.text.len()).ok()?);
        let text = source.text.get(start as usize..end as usize)?;
        let length = text.trim_end_matches(['\n', '\r']).len();
        Some(Span { file, start, end: start + u32::try_from(length).ok()? })
    }

    /// Marks a span as secret: no renderer shows its text from now on.
    pub fn hide(&mut self, span: Span) {
        if let Some(source) = self.files.get_mut(span.file.0 as usize) {
            source.hidden.push((span.start, span.end));
        }
    }

    /// The ranges of a file that touch `start..end` and are secret, as ranges of bytes: what was hidden, and the
    /// credentials in URLs.
    pub fn hidden(&self, file: FileId, start: u32, end: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let source = self.files.get(file.0 as usize);
        let hidden = source.map_or(&[][..], |source| &source.hidden);
        let urls = source.map_or(&[][..], |source| source.credentials());
        let first = urls.partition_point(|range| range.end <= start as usize);
        let urls = urls[first..].iter().take_while(move |range| range.start < end as usize);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let urls = urls.map(move |range| (offset(range.start), offset(range.end)));
        hidden.iter().copied().filter(move |&(from, to)| from < end && start < to).chain(urls)
    }
}

impl Source {
    fn credentials(&self) -> &[Range<usize>] {
        self.credentials.get_or_init(|| credentials(&self.text))
    }

    /// How many characters begin before a byte; byte order marks are none.
    fn characters_before(&self, offset: usize) -> u32 {
        let text = self.text.as_bytes();
        let begin = |from: usize, to: usize| {
            let bytes = text.get(from..to.min(text.len())).unwrap_or_default().iter().enumerate();
            let begins = bytes.filter(|&(at, byte)| {
                byte & 0xC0 != 0x80 && !text[from + at..].starts_with("\u{feff}".as_bytes())
            });
            u32::try_from(begins.count()).unwrap_or(u32::MAX)
        };
        let blocks = self.characters.get_or_init(|| {
            let sums = (0..text.len() / BLOCK).scan(0, |sum, block| {
                *sum += begin(block * BLOCK, (block + 1) * BLOCK);
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let block = (offset / BLOCK).min(blocks.len() - 1);
        blocks[block] + begin(block * BLOCK, offset)
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            std::iter::once(0).chain(ends.filter_map(|(at, _)| u32::try_from(at + 1).ok())).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", "a: 1\r\nä: b\n");
        let at = |offset| {
            let position = sources.position_at(file, offset);
            (position.line, position.column)
        };
        assert_eq!([at(0), at(3), at(6), at(10)], [(1, 1), (1, 4), (2, 1), (2, 4)]);
        let long = sources.add("b.yaml", format!("\u{feff}{}\nä{}", "ö".repeat(5000), "b".repeat(9000)));
        assert_eq!(sources.position_at(long, 10_003), Position { line: 1, column: 5001 });
        assert_eq!(sources.position_at(long, 10_006 + 8999), Position { line: 2, column: 9001 });
        assert_eq!(sources.line(file, 1).map(|span| sources.snippet(span)), Some("a: 1"));
    }
}
