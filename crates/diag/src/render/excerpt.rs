//! One source line as it is shown: secrets masked, tabs expanded, cut to what matters.

use std::ops::Range;

use crate::mask::MASK;
use crate::{SourceMap, Span};

/// The widest excerpt, in columns.
const WIDTH: usize = 120;
/// How much of a long line is kept in front of what matters.
const LEAD: usize = 30;
/// How many bytes on either side of what matters are looked at: as many columns at four bytes each.
const REACH: usize = 4 * WIDTH;

/// A shown line, with a way from its bytes to columns.
pub struct Excerpt {
    /// What is printed.
    pub text: String,
    /// For each column the byte of the file it stands for; one more for the end.
    bytes: Vec<u32>,
}

impl Excerpt {
    /// The excerpt of a line, such that the bytes at `focus` are in it.
    pub fn new(sources: &SourceMap, line: Span, focus: u32) -> Self {
        let near = near(sources, line, focus);
        let mut columns = columns(sources, near);
        let focus = columns.iter().position(|&(byte, _)| byte >= focus).unwrap_or(columns.len());
        let (mut from, mut end) = (0, near.end);
        if columns.len() > WIDTH {
            from = focus.saturating_sub(LEAD).min(columns.len() - WIDTH);
            if let Some(&(next, _)) = columns.get(from + WIDTH) {
                columns.truncate(from + WIDTH);
                columns[from + WIDTH - 1].1 = '…';
                end = next;
            }
            if from > 0 {
                columns[from].1 = '…';
            }
        }
        let shown = &columns[from..];
        let bytes = shown.iter().map(|&(byte, _)| byte).chain([end]).collect();
        let text: String = shown.iter().map(|&(_, c)| c).collect();
        Self { text: text.trim_end().to_owned(), bytes }
    }

    /// The columns, from 0, of a range of bytes; at least one wide.
    pub fn columns(&self, start: u32, end: u32) -> Range<usize> {
        let last = self.bytes.len() - 1;
        // The column a byte is shown in, be it within a mask.
        let shown = self.bytes[self.bytes.partition_point(|&byte| byte <= start).saturating_sub(1)];
        let from = self.bytes.partition_point(|&byte| byte < shown).min(last);
        let to = self.bytes.partition_point(|&byte| byte < end).min(last);
        from..to.max(from + 1)
    }
}

/// The part of a line that can be shown with `focus` in it.
fn near(sources: &SourceMap, line: Span, focus: u32) -> Span {
    let text = sources.snippet(line);
    let at = (focus.saturating_sub(line.start) as usize).min(text.len());
    let start = text.floor_char_boundary(at.saturating_sub(REACH));
    let end = text.ceil_char_boundary(at.saturating_add(REACH).min(text.len()));
    let offset = |at: usize| line.start + u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(start), end: offset(end), ..line }
}

/// Each column's byte and character.
fn columns(sources: &SourceMap, line: Span) -> Vec<(u32, char)> {
    let text = sources.snippet(line);
    let mut secrets: Vec<Range<u32>> = sources
        .hidden(line.file, line.start, line.end)
        .map(|(start, end)| start.max(line.start)..end.min(line.end))
        .collect();
    let offset = |at: usize| line.start + u32::try_from(at).unwrap_or(u32::MAX);
    secrets.sort_by_key(|range| range.start);
    let (mut columns, mut masked_to) = (Vec::with_capacity(text.len()), line.start);
    let mut secrets = secrets.into_iter().peekable();
    for (at, c) in text.char_indices() {
        let byte = offset(at);
        if let Some(secret) = secrets.next_if(|secret| secret.start <= byte) {
            if byte >= masked_to {
                columns.extend(MASK.chars().map(|c| (byte, c)));
            }
            masked_to = masked_to.max(secret.end);
            while let Some(next) = secrets.next_if(|next| next.start <= byte) {
                masked_to = masked_to.max(next.end);
            }
        }
        if byte < masked_to {
            continue;
        }
        match c {
            '\t' => columns.extend([(byte, ' '), (byte, ' ')]),
            '\u{feff}' => {}
            c if c.is_control() => columns.push((byte, '\u{fffd}')),
            c => columns.push((byte, c)),
        }
    }
    columns
}
