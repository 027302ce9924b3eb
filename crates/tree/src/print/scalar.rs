//! How a scalar is written so that every reader takes it for the same.
//!
//! A text is left without quotes only where Kubernetes (go-yaml v2), YAML 1.2 readers, YAML 1.1 ones (`PyYAML` 6,
//! `resolver.py`) and Ruby (Psych 5, `scalar_scanner.rb`) all read a text.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::kube::{self, KubeScalar};

/// A text on one line, quoted if it has to be.
pub fn text(text: &str) -> Cow<'_, str> {
    if is_safe(text) && !looks_typed(text) {
        return Cow::Borrowed(text);
    }
    let plainly_printable = text.chars().all(|c| !needs_escape(c));
    let quoted = match plainly_printable && text.contains(['"', '\\']) {
        true => format!("'{}'", text.replace('\'', "''")),
        false => double_quoted(text),
    };
    Cow::Owned(quoted)
}

/// Anything but a text.
pub fn typed(value: KubeScalar<'_>) -> String {
    match value {
        KubeScalar::Null => "null".to_owned(),
        KubeScalar::Bool(value) => value.to_string(),
        KubeScalar::Int(value) => value.to_string(),
        KubeScalar::UInt(value) => value.to_string(),
        KubeScalar::Float(value) if value.is_nan() => ".nan".to_owned(),
        KubeScalar::Float(value) if value.is_infinite() => {
            if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
        }
        KubeScalar::Float(value) => float(value),
        KubeScalar::Str(value) => text(value).into_owned(),
    }
}

/// YAML 1.1 wants a point in a float, and a sign in its exponent.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let point = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{digits}{point}e{sign}{exponent}")
}

/// Whether a text is written as a literal block.
pub fn fits_block(text: &str) -> bool {
    let printable = text.chars().all(|c| matches!(c, '\n' | '\t') || !needs_escape(c));
    text.trim_end_matches('\n').contains(|c| c != '\n') && text.contains('\n') && printable
}

/// The indicators of a literal block: an indentation where the text begins with a blank, and what to do with the line
/// ends at its end.
pub fn block_header(text: &str) -> String {
    let first = text.trim_start_matches('\n');
    let indent = if first.starts_with([' ', '\t']) || text.starts_with('\n') { "2" } else { "" };
    let chomp = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    format!("|{indent}{chomp}")
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if needs_escape(c) => push_escape(&mut quoted, c),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn push_escape(quoted: &mut String, c: char) {
    let code = u32::from(c);
    let written = match code {
        0..=0xff => write!(quoted, "\\x{code:02x}"),
        0x100..=0xffff => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
    debug_assert!(written.is_ok(), "writing to a string can't fail");
}

/// Characters that can't stand in a text as they are, or that some reader takes for a line end.
fn needs_escape(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(u32::from(c), 0xfffe | 0xffff)
}

/// Whether a text without quotes is a scalar at all, and this one.
fn is_safe(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let indicator = match first {
        '-' => matches!(second, None | Some(' ')) || text.starts_with("---"),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        // `:name` is a symbol to Ruby, `=` a value to YAML 1.1.
        '?' | ':' | '=' | '<' => true,
        _ => text.starts_with("..."),
    };
    let blank_ends = text.starts_with(' ') || text.ends_with(' ');
    let cut = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    !(indicator || blank_ends || cut || text.chars().any(needs_escape))
}

/// Whether some reader resolves the text, without quotes, to anything but a text.
fn looks_typed(text: &str) -> bool {
    let first = text.as_bytes().first().copied().unwrap_or(b' ');
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => looks_numeric(text) || is_timestamp(text),
        _ => is_word(text) || kube::plain_is_typed(text),
    }
}

/// The words that some reader takes for a truth value or nothing; Ruby doesn't mind their case.
fn is_word(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"];
    text.len() <= 5 && words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn looks_numeric(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // `_` groups digits in YAML 1.1 and `,` in Ruby.
    let bare = digits.replace(['_', ','], "");
    let lower = bare.to_ascii_lowercase();
    let based = |prefix: &str, radix: u32| {
        lower.strip_prefix(prefix).is_some_and(|rest| rest.chars().all(|c| c.is_digit(radix)))
    };
    kube::plain_is_typed(text)
        || kube::plain_is_typed(&bare)
        || matches!(lower.as_str(), ".inf" | ".nan")
        || based("0x", 16)
        || based("0o", 8)
        || based("0b", 2)
        || is_decimal(&lower)
        || is_sexagesimal(&bare)
}

/// Digits, at most one point, perhaps an exponent: a number of whatever size.
fn is_decimal(text: &str) -> bool {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty()) && [whole, fraction, exponent].into_iter().all(all_digits)
}

/// `22:22` is 1342 to YAML 1.1.
fn is_sexagesimal(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    whole.contains(':') && whole.split(':').all(digits)
}

/// Begins with a date, such as `2001-12-14`.
fn is_timestamp(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let date = text.split(['T', 't', ' ', '\t']).next().unwrap_or("");
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &&str, longest: usize| {
        (1..=longest).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [year, month, day] => year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2),
        _ => false,
    }
}
