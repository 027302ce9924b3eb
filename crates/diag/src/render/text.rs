//! A finding as text: its sentence, the lines that decide, what to know and what to do.

use std::collections::BTreeMap;

use super::excerpt::Excerpt;
use super::styles::{GUTTER, SECONDARY, STRONG, of, paint};
use crate::{Annotation, FileId, Finding, Level, Outcome, SourceMap, mask};

/// A finding, several lines that end with a line end.
pub fn text(finding: &Finding, sources: &SourceMap) -> String {
    let files = by_file(finding, sources);
    let last_line = files.iter().flat_map(|(_, lines)| lines.keys().next_back()).max();
    let gutter = last_line.map_or(1, |line| line.to_string().len());
    let mut out = Writer { out: String::new(), gutter, finding, sources };
    out.headline();
    for (index, (file, lines)) in files.iter().enumerate() {
        out.file(index == 0, *file, lines);
    }
    out.remarks();
    out.out
}

/// How many findings of each level there are, as a sentence.
pub fn count(findings: &[Finding]) -> String {
    let of = |level| findings.iter().filter(move |finding| finding.level == level).count();
    let not_evaluated = findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated).count();
    let some = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let rest = if not_evaluated > 0 { format!(" ({not_evaluated} not evaluated)") } else { String::new() };
    let (errors, warnings) = (some(of(Level::Error), "error"), some(of(Level::Warning), "warning"));
    format!("{errors}, {warnings}, {}{rest}", some(of(Level::Note), "note"))
}

/// The annotations of one line, the main one of the finding marked.
type Marks<'a> = Vec<(bool, &'a Annotation)>;

/// Annotations by file, in the order the files first take part, and by line.
fn by_file<'a>(finding: &'a Finding, sources: &SourceMap) -> Vec<(FileId, BTreeMap<u32, Marks<'a>>)> {
    let mut files: Vec<(FileId, BTreeMap<u32, Marks<'a>>)> = Vec::new();
    for (index, annotation) in finding.locations.iter().enumerate() {
        let file = annotation.span.file;
        let line = sources.position(annotation.span).line;
        let at = files.iter().position(|(known, _)| *known == file).unwrap_or_else(|| {
            files.push((file, BTreeMap::new()));
            files.len() - 1
        });
        files[at].1.entry(line).or_default().push((index == 0, annotation));
    }
    files
}

struct Writer<'a> {
    out: String,
    gutter: usize,
    finding: &'a Finding,
    sources: &'a SourceMap,
}

impl Writer<'_> {
    fn headline(&mut self) {
        let Finding { rule, level, outcome, message, .. } = self.finding;
        let head = match outcome {
            Outcome::Violated => format!("{}[{rule}]", level.name()),
            Outcome::NotEvaluated => format!("not evaluated[{rule}]"),
        };
        let head = paint(of(*level), &head);
        self.line(&format!("{head}{}", paint(STRONG, &format!(": {}", mask(message)))));
    }

    fn file(&mut self, first: bool, file: FileId, lines: &BTreeMap<u32, Marks<'_>>) {
        let Some(annotation) = self.finding.locations.iter().find(|place| place.span.file == file) else {
            return;
        };
        let position = self.sources.position(annotation.span);
        let arrow = paint(GUTTER, if first { "-->" } else { ":::" });
        let path = self.sources.shown_path(file);
        let pad = " ".repeat(self.gutter);
        if self.sources.text(file).is_empty() {
            return self.line(&format!("{pad}{arrow} {path}"));
        }
        self.line(&format!("{pad}{arrow} {path}:{}:{}", position.line, position.column));
        self.bar("");
        let mut previous = None;
        for (&line, marks) in lines {
            if previous.is_some_and(|previous| previous + 1 < line) {
                let dots = paint(GUTTER, "...");
                self.line(&dots);
            }
            previous = Some(line);
            self.excerpt(file, line, marks);
        }
    }

    fn excerpt(&mut self, file: FileId, line: u32, marks: &Marks<'_>) {
        let Some(range) = self.sources.line(file, line) else { return };
        let focus =
            marks.iter().find(|(main, _)| *main).or(marks.first()).map_or(0, |(_, mark)| mark.span.start);
        let excerpt = Excerpt::new(self.sources, range, focus);
        let number = paint(GUTTER, &format!("{line:>width$} |", width = self.gutter));
        self.line(&format!("{number} {}", excerpt.text));
        let mut marks: Vec<_> = marks
            .iter()
            .map(|(main, mark)| {
                (excerpt.columns(mark.span.start, mark.span.end.min(range.end)), *main, mark.label.as_str())
            })
            .collect();
        // Labels stand behind their marks, so the rightmost comes first.
        marks.sort_by_key(|(columns, ..)| std::cmp::Reverse(columns.start));
        for (columns, main, label) in marks {
            let (sign, style) = match main {
                true => ("^", of(self.finding.level)),
                false => ("-", SECONDARY),
            };
            let label = mask(label);
            let label = if label.is_empty() { String::new() } else { format!(" {label}") };
            let mark = paint(style, &format!("{}{label}", sign.repeat(columns.len())));
            let indent = " ".repeat(columns.start);
            self.bar(&format!(" {indent}{mark}"));
        }
    }

    fn remarks(&mut self) {
        let finding = self.finding;
        for note in &finding.notes {
            self.remark("note", note);
        }
        if let Some(help) = &finding.help {
            self.remark("help", help);
        }
        // A folder's root is no scope worth naming.
        if !finding.scopes.is_empty() && finding.scopes != ["."] {
            self.remark("in", &finding.scopes.join(", "));
        }
    }

    fn remark(&mut self, what: &str, text: &str) {
        let pad = " ".repeat(self.gutter);
        let sign = paint(GUTTER, "=");
        let what = paint(STRONG, &format!("{what}:"));
        let text = mask(text).replace('\n', &format!("\n{pad}         "));
        self.line(&format!("{pad} {sign} {what} {text}"));
    }

    fn bar(&mut self, rest: &str) {
        let pad = " ".repeat(self.gutter);
        let bar = paint(GUTTER, "|");
        self.line(&format!("{pad} {bar}{rest}"));
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }
}
