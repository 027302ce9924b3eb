//! Findings as text, in the manner of compilers: a sentence, the deciding lines, notes, help.

mod excerpt;
mod styles;
#[cfg(test)]
mod tests;
mod text;

use crate::{Finding, SourceMap};

/// Findings as text with ANSI styles, which the caller's stream strips where they aren't wanted; a count at the end.
#[must_use]
pub fn render_text(findings: &[Finding], sources: &SourceMap) -> String {
    let mut out = String::new();
    for finding in findings {
        out.push_str(&text::text(finding, sources));
        out.push('\n');
    }
    out + &text::count(findings) + "\n"
}
