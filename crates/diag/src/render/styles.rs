//! What parts of a finding look like on a terminal.

use anstyle::{AnsiColor, Style};

use crate::Level;

/// The sentence, and what introduces a remark.
pub const STRONG: Style = Style::new().bold();
/// Arrows, bars and line numbers.
pub const GUTTER: Style = AnsiColor::Blue.on_default().bold();
/// What takes part besides the main place.
pub const SECONDARY: Style = GUTTER;

/// The style of a level, and of what its carets point at.
pub fn of(level: Level) -> Style {
    match level {
        Level::Error => AnsiColor::Red.on_default().bold(),
        Level::Warning => AnsiColor::Yellow.on_default().bold(),
        Level::Note => AnsiColor::Cyan.on_default().bold(),
    }
}

/// Text in a style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
