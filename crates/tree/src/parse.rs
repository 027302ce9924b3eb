//! Reading YAML and JSON text into trees.
//!
//! Documents are parted at `---` before the parser sees them, as Kubernetes' own reader does: what is wrong with one
//! is no reason not to read the others. Aliases share the node they stand for, so expanding them costs nothing.

mod build;
mod joined;
mod keys;
mod offsets;

use diag::{FileId, Finding, Level, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use crate::node::Tree;
use build::Builder;
use offsets::Offsets;

/// How deep collections nest before a document is refused. Readers of a tree may recurse.
pub const MAX_DEPTH: usize = 200;

/// What was read from one text.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The documents that have content, in written order.
    pub documents: Vec<Tree>,
    /// What was read of documents that can't be read to their end: good for a name, not for a judgement.
    pub partial: Vec<Tree>,
    /// The whole of each document that something is wrong with: not all that stands there is in a tree.
    pub flawed: Vec<Span>,
    /// What is wrong with the text.
    pub findings: Vec<Finding>,
}

/// Reads every document of a YAML or JSON text.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    parsed.findings.extend(control_character(file, text));
    if text.contains('\0') {
        return parsed;
    }
    for (start, end) in chunks(text) {
        let before = parsed.findings.len();
        parse_chunk(file, start, &text[start..end], &mut parsed);
        parsed.flawed.extend((parsed.findings.len() > before).then(|| span(file, start, end)));
    }
    parsed
}

/// YAML allows no control characters but tab and line ends (YAML 1.2.2, production 1), and the parser takes a zero
/// byte for the end.
fn control_character(file: FileId, text: &str) -> Option<Finding> {
    let bad = |byte: u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127);
    let at = text.bytes().position(bad)?;
    let span = span(file, at, at + 1);
    let message = format!("a control character (U+{:04X}) where YAML allows none", text.as_bytes()[at]);
    let help = "Remove it; within double quotes it can be written as an escape. Is this file text at all?";
    Some(Finding::new("syntax", Level::Error, message).at(span, "here").about("control character").help(help))
}

/// The ranges between `---` lines. Directives and comments in front of a `---` stay with it.
fn chunks(text: &str) -> Vec<(usize, usize)> {
    let mut chunks = Vec::new();
    let (mut start, mut has_content, mut at) = (0, false, 0);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
        let line = text[at..end].trim_end();
        let marker =
            line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if marker && has_content {
            chunks.push((start, at));
            start = at;
        }
        let content = line.trim_start_matches('\u{feff}').trim_start();
        has_content |= marker || !(content.is_empty() || content.starts_with('#') || line.starts_with('%'));
        at = end;
    }
    if has_content {
        chunks.push((start, text.len()));
    }
    chunks
}

fn parse_chunk(file: FileId, base: usize, text: &str, parsed: &mut Parsed) {
    let (text, joined) = joined::join_surrogates(text);
    let offsets = Offsets::new(&text, base, &joined);
    let document = parsed.documents.len() + parsed.partial.len() + 1;
    let mut builder = Builder::new(file, document, &mut parsed.findings);
    for event in Parser::new_from_str(&text) {
        let (event, mark) = match event {
            Ok(event) => event,
            Err(error) => {
                builder.report(syntax(file, &offsets, &error));
                parsed.partial.extend(builder.abandon());
                return;
            }
        };
        let (start, mut end) = (offsets.byte(mark.start.index()), offsets.byte(mark.end.index()));
        if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            // Behind a closing bracket the parser has also skipped blanks and a comment.
            end = end.min(start + 1);
        }
        if matches!(event, Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..)) {
            let content = text.get(start - base..end - base).unwrap_or("");
            end = start + content.trim_end().len();
        }
        let place = span(file, start, end);
        if event == Event::DocumentEnd {
            parsed.documents.extend(builder.finish());
        } else if !builder.event(event, place) {
            parsed.partial.extend(builder.abandon());
            return;
        }
    }
}

/// A finding for what the parser refuses.
fn syntax(file: FileId, offsets: &Offsets<'_>, error: &ScanError) -> Finding {
    let (start, end) = offsets.char(error.marker().index());
    let cause = error.info();
    if cause.contains("recursion limit") {
        return build::too_deep(span(file, start, end));
    }
    if cause.contains("indentation in quoted scalar") {
        return tolerated(span(file, start, end), cause);
    }
    Finding::new("syntax", Level::Error, format!("this document can't be read as YAML: {cause}"))
        .at(span(file, start, end), "the reader stops here")
        .about(cause)
        .note("The rest of this document is not read; other documents of the file are.")
        .help(remedy(cause))
}

/// What YAML 1.2 refuses (section 7.3.2: continuation lines are indented) and Go's reader, so Kubernetes, takes.
fn tolerated(place: Span, cause: &str) -> Finding {
    Finding::not_evaluated(
        "syntax",
        "this document isn't evaluated: only lenient readers take its quoted text",
    )
    .at(place, "this line of the text stands left of its key")
    .about(cause)
    .note("Kubernetes reads it; other tools may refuse it.")
    .help("Indent the lines of the quoted text, or write it as a block (`|` or `>`).")
}

/// What usually helps, by what the parser complains of.
fn remedy(cause: &str) -> &'static str {
    let hints = [
        ("tab", "Indent with spaces: YAML allows no tabs there."),
        (
            "mapping values are not allowed",
            "Quote the value if it contains `: `, or mend the indentation of this line.",
        ),
        ("simple key", "Is a `:` missing after the key, or a quote unclosed above?"),
        ("quote", "Close the quoted text."),
        ("unknown anchor", "Define the anchor (`&name`) before the alias (`*name`), in the same document."),
        ("cannot start any token", "Quote the text: it starts with a character that YAML reserves."),
        ("block sequence", "Align this line with the items above it."),
        ("block mapping", "Align this line with the keys above it."),
        ("flow", "Close the bracket or brace, or part its items with commas."),
    ];
    let hint = hints.iter().find(|(word, _)| cause.contains(word));
    hint.map_or("Mend the syntax here; the mistake may also be on the line above.", |(_, hint)| hint)
}

pub(crate) fn span(file: FileId, start: usize, end: usize) -> Span {
    let clip = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { file, start: clip(start), end: clip(end.max(start)) }
}

#[cfg(test)]
mod tests;
