//! From the parser's positions, which count characters, to bytes.

const STEP: usize = 16;

/// Looks up byte offsets; without a table where every character is a byte.
pub struct Offsets<'a> {
    text: &'a str,
    base: usize,
    /// The byte offset of every [`STEP`]th character; empty for ASCII.
    table: Vec<usize>,
}

impl<'a> Offsets<'a> {
    /// For a text that starts at byte `base` of its file.
    pub fn new(text: &'a str, base: usize) -> Self {
        let table = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().step_by(STEP).map(|(byte, _)| byte).collect(),
        };
        Self { text, base, table }
    }

    /// The byte offset in the file of the `index`th character of the text.
    pub fn byte(&self, index: usize) -> usize {
        if self.table.is_empty() {
            return self.base + index.min(self.text.len());
        }
        let Some(&near) = self.table.get(index / STEP) else { return self.base + self.text.len() };
        let rest = &self.text[near..];
        let within = rest.char_indices().nth(index % STEP).map_or(rest.len(), |(byte, _)| byte);
        self.base + near + within
    }

    /// Behind the character that starts at a byte of the file, so that it can be pointed at.
    pub fn end_of_char(&self, byte: usize) -> usize {
        let rest = self.text.get(byte - self.base..).unwrap_or("");
        byte + rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8)
    }
}
