//! Golden files: an expected text that stands in a file beside the test.

use std::fs;
use std::path::Path;

/// The most lines that a golden file may have: a longer one is approved unread.
const MOST_LINES: usize = 100;

/// Compares with the file. With `UPDATE_GOLDEN=1` in the environment it writes the file instead.
///
/// # Panics
/// When they differ, with the first lines that do; when the file is missing, or has more than a hundred lines.
pub fn golden(path: impl AsRef<Path>, actual: &str) {
    let path = path.as_ref();
    assert!(actual.lines().count() <= MOST_LINES, "{}: more than {MOST_LINES} lines", path.display());
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        fs::write(path, actual).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let expected = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDEN=1 writes it", path.display()));
    if let Some(difference) = difference(&expected, actual) {
        panic!("{} differs; UPDATE_GOLDEN=1 writes it anew\n{difference}", path.display());
    }
}

/// The part that differs, without the common lines before and after it.
fn difference(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut text = format!("from line {}:\n", before + 1);
    for (sign, lines) in [('-', &old), ('+', &new)] {
        for line in &lines[before..lines.len() - after] {
            text.push_str(&format!("{sign} {line}\n"));
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), None);
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n").as_deref(), Some("from line 2:\n- b\n+ x\n+ y\n"));
        assert_eq!(difference("a\na\n", "a\n").as_deref(), Some("from line 2:\n- a\n"));
        assert_eq!(difference("a\n", "a").as_deref(), Some("from line 2:\n"));
    }
}
