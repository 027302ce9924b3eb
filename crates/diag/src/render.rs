//! Findings as text, in the manner of compilers: a sentence, the deciding lines, notes, help.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::mask::{MASK, credentials, mask};
use crate::source::Position;
use crate::{Annotation, FileId, Finding, Level, Outcome, SourceMap, Span};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const GUTTER: Style = AnsiColor::Blue.on_default().bold();
const STRONG: Style = Style::new().bold();

/// Most characters of a source line that are shown.
const WIDEST: usize = 160;

/// Findings as text with ANSI styles, which the caller's stream strips where they aren't wanted; a count at the end.
#[must_use]
pub fn render_text(findings: &[Finding], sources: &SourceMap) -> String {
    let mut out = String::new();
    for finding in findings {
        one(&mut out, finding, sources);
        out.push('\n');
    }
    out.push_str(&count(findings));
    out.push('\n');
    out
}

fn one(out: &mut String, finding: &Finding, sources: &SourceMap) {
    let (style, word) = match finding.level {
        Level::Error => (ERROR, "error"),
        Level::Warning => (WARNING, "warning"),
        Level::Note => (NOTE, "note"),
    };
    let _ = writeln!(
        out,
        "{style}{word}[{}]{style:#}{STRONG}: {}{STRONG:#}",
        finding.rule,
        mask(&finding.message)
    );
    let width = gutter_width(finding, sources);
    for (index, (file, annotations)) in by_file(finding).into_iter().enumerate() {
        excerpt(out, sources, file, &annotations, index == 0, width);
    }
    let pad = " ".repeat(width);
    if !finding.scopes.is_empty() && finding.scopes != ["."] {
        let _ =
            writeln!(out, "{pad} {GUTTER}={GUTTER:#} {STRONG}in{STRONG:#}: {}", finding.scopes.join(", "));
    }
    for note in &finding.notes {
        let _ =
            writeln!(out, "{pad} {GUTTER}={GUTTER:#} {STRONG}note{STRONG:#}: {}", indented(note, width + 9));
    }
    if let Some(help) = &finding.help {
        let _ =
            writeln!(out, "{pad} {GUTTER}={GUTTER:#} {STRONG}help{STRONG:#}: {}", indented(help, width + 9));
    }
}

fn indented(text: &str, by: usize) -> String {
    mask(text).replace('\n', &format!("\n{}", " ".repeat(by)))
}

/// Annotations per file, in the order in which the finding names the files; the main one marked.
fn by_file(finding: &Finding) -> Vec<(FileId, Vec<(&Annotation, bool)>)> {
    let mut files: Vec<(FileId, Vec<(&Annotation, bool)>)> = Vec::new();
    for (index, annotation) in finding.locations.iter().enumerate() {
        let file = annotation.span.file;
        match files.iter_mut().find(|(other, _)| *other == file) {
            Some((_, annotations)) => annotations.push((annotation, index == 0)),
            None => files.push((file, vec![(annotation, index == 0)])),
        }
    }
    files
}

fn gutter_width(finding: &Finding, sources: &SourceMap) -> usize {
    let lines = finding.locations.iter().map(|annotation| sources.position(annotation.span).line);
    lines.max().unwrap_or(1).to_string().len().max(2)
}

fn excerpt(
    out: &mut String,
    sources: &SourceMap,
    file: FileId,
    annotations: &[(&Annotation, bool)],
    first: bool,
    width: usize,
) {
    let Some((head, _)) = annotations.first() else { return };
    let Position { line, column } = sources.position(head.span);
    let arrow = if first { "-->" } else { ":::" };
    let pad = " ".repeat(width);
    let path = sources.shown_path(file);
    let _ = writeln!(out, "{pad}{GUTTER}{arrow}{GUTTER:#} {path}:{line}:{column}");
    let _ = writeln!(out, "{pad} {GUTTER}|{GUTTER:#}");
    let mut lines: Vec<_> =
        annotations.iter().map(|(a, main)| (sources.position(a.span).line, *a, *main)).collect();
    lines.sort_by_key(|(line, annotation, _)| (*line, annotation.span.start));
    let mut last = None;
    for (line, annotation, main) in lines {
        if last != Some(line) {
            if last.is_some_and(|last| line > last + 1) {
                let _ = writeln!(out, "{GUTTER}...{GUTTER:#}");
            }
            let _ = writeln!(
                out,
                "{GUTTER}{line:>width$} |{GUTTER:#} {}",
                shown(sources, annotation.span, line).text
            );
            last = Some(line);
        }
        let Shown { start, length, .. } = shown(sources, annotation.span, line);
        let (style, mark) = if main { (ERROR, "^") } else { (GUTTER, "-") };
        let marks = mark.repeat(length);
        let label =
            if annotation.label.is_empty() { String::new() } else { format!(" {}", mask(&annotation.label)) };
        let _ =
            writeln!(out, "{pad} {GUTTER}|{GUTTER:#} {}{style}{marks}{label}{style:#}", " ".repeat(start));
    }
}

/// A source line as it is shown, and where in it a span begins and how long it is, in characters.
struct Shown {
    text: String,
    start: usize,
    length: usize,
}

fn shown(sources: &SourceMap, span: Span, line: u32) -> Shown {
    let Some(whole) = sources.line(span.file, line) else {
        return Shown { text: String::new(), start: 0, length: 1 };
    };
    let source = sources.snippet(whole);
    let mut hidden: Vec<_> = sources.hidden(span.file, whole.start, whole.end).collect();
    let base = whole.start;
    hidden.extend(credentials(source).into_iter().filter_map(|secret| {
        Some((base + u32::try_from(secret.start).ok()?, base + u32::try_from(secret.end).ok()?))
    }));
    let (mut text, mut start, mut length, mut masked) = (String::new(), None, 0, false);
    let mut column = 0;
    for (offset, c) in source.char_indices() {
        let at = base + u32::try_from(offset).unwrap_or(u32::MAX);
        let inside = at >= span.start && at < span.end;
        let is_hidden = hidden.iter().any(|&(from, to)| from <= at && at < to);
        let piece = match (is_hidden, masked, c) {
            (true, true, _) | (false, _, '\u{feff}') => String::new(),
            (true, false, _) => MASK.to_owned(),
            (false, _, '\t') => "    ".to_owned(),
            (false, _, c) if c.is_control() => "\u{fffd}".to_owned(),
            (false, _, c) => c.to_string(),
        };
        masked = is_hidden;
        if inside {
            start.get_or_insert(column);
            length += piece.chars().count();
        }
        column += piece.chars().count();
        text.push_str(&piece);
    }
    window(&text, start.unwrap_or(column), length.max(1))
}

/// The part of a long line that the span is in.
fn window(text: &str, start: usize, length: usize) -> Shown {
    let total = text.chars().count();
    if total <= WIDEST {
        return Shown { text: text.to_owned(), start, length };
    }
    let from = start.saturating_sub(WIDEST / 3).min(total - WIDEST);
    let part: String = text.chars().skip(from).take(WIDEST).collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + WIDEST < total { "…" } else { "" });
    let start = start - from + before.chars().count();
    Shown {
        text: format!("{before}{part}{after}"),
        start,
        length: length.min(WIDEST.saturating_sub(start).max(1)),
    }
}

/// How many findings of each level there are, as a sentence.
fn count(findings: &[Finding]) -> String {
    let of = |level| findings.iter().filter(move |finding| finding.level == level).count();
    let not_evaluated = findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated).count();
    let some = |n_findings: usize, word: &str| {
        let plural = if n_findings == 1 { "" } else { "s" };
        format!("{n_findings} {word}{plural}")
    };
    let notes = some(of(Level::Note), "note");
    let rest = if not_evaluated > 0 { format!(" ({not_evaluated} not evaluated)") } else { String::new() };
    format!("{}, {}, {notes}{rest}", some(of(Level::Error), "error"), some(of(Level::Warning), "warning"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(finding: &Finding, sources: &SourceMap, expected: &str) {
        let text =
            anstream::adapter::strip_str(&render_text(std::slice::from_ref(finding), sources)).to_string();
        assert_eq!(text.trim(), expected.trim(), "\n{text}");
    }

    #[test]
    fn deciding_lines_of_several_files_are_shown() {
        let mut sources = SourceMap::default();
        let a = sources.add("a.yaml", "kind: A\nvalue: ml:50051\n");
        let b = sources.add("b.yaml", "podSelector: {}\n");
        let finding = Finding::new("flow-denied", Level::Error, "a cannot reach b")
            .at(Span { file: a, start: 15, end: 23 }, "the call is meant here")
            .at(Span { file: b, start: 0, end: 15 }, "denies it")
            .note("One.\nTwo.")
            .help("Allow it.");
        let expected = "
error[flow-denied]: a cannot reach b
  --> a.yaml:2:8
   |
 2 | value: ml:50051
   |        ^^^^^^^^ the call is meant here
  ::: b.yaml:1:1
   |
 1 | podSelector: {}
   | --------------- denies it
   = note: One.
           Two.
   = help: Allow it.

1 error, 0 warnings, 0 notes";
        check(&finding, &sources, expected);
    }

    #[test]
    fn a_canary_in_a_secret_or_a_url_never_shows() {
        let mut sources = SourceMap::default();
        let file = sources.add("s.yaml", "password: canary\nurl: redis://a:canary@b\n");
        sources.hide(Span { file, start: 10, end: 16 });
        let finding = Finding::new("r", Level::Note, "uses redis://a:canary@b")
            .at(Span { file, start: 10, end: 16 }, "redis://a:canary@b")
            .at(Span { file, start: 22, end: 40 }, "")
            .note("redis://a:canary@b")
            .help("redis://a:canary@b");
        let text = render_text(std::slice::from_ref(&finding), &sources);
        assert!(!text.contains("canary") && text.contains("password: ***"), "{text}");
        let json = crate::render_json(&[finding], &sources);
        assert!(!json.contains("canary"), "{json}");
    }
}
