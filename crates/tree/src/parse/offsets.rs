//! From the parser's positions, which count characters, to bytes.

use super::joined;

const STEP: usize = 16;

/// Looks up byte offsets; without a table where every character is a byte.
pub struct Offsets<'a> {
    text: &'a str,
    base: usize,
    /// The byte offset of every [`STEP`]th character; empty for ASCII.
    table: Vec<usize>,
    /// Byte offsets in the text at which the file has [`joined::SHORTER`] bytes more.
    joined: &'a [usize],
}

impl<'a> Offsets<'a> {
    /// For a text that starts at byte `base` of its file, and is shorter than what stands there at some places.
    pub fn new(text: &'a str, base: usize, joined: &'a [usize]) -> Self {
        let table = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().step_by(STEP).map(|(byte, _)| byte).collect(),
        };
        Self { text, base, table, joined }
    }

    /// The byte offset in the file of the `index`th character of the text.
    pub fn byte(&self, index: usize) -> usize {
        let byte = self.in_text(index);
        self.base + byte + joined::SHORTER * self.joined.partition_point(|&at| at < byte)
    }

    fn in_text(&self, index: usize) -> usize {
        if self.table.is_empty() {
            return index.min(self.text.len());
        }
        let Some(&near) = self.table.get(index / STEP) else { return self.text.len() };
        let rest = &self.text[near..];
        near + rest.char_indices().nth(index % STEP).map_or(rest.len(), |(byte, _)| byte)
    }

    /// The range in the file of the `index`th character of the text, so that it can be pointed at; empty for line ends.
    pub fn char(&self, index: usize) -> (usize, usize) {
        let start = self.byte(index);
        let rest = self.text.get(self.in_text(index)..).unwrap_or("");
        let length = rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
        (start, start + length)
    }
}
