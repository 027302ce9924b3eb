//! Characters that JSON writes as two escapes, which YAML readers don't know.

use std::borrow::Cow;

/// By how many bytes a character is shorter than its two escapes: `\ud83d\ude00` has 12, `😀` 4.
pub const SHORTER: usize = 8;

/// A JSON text with surrogate pairs (RFC 8259, section 7) replaced by their characters, and the byte offsets of those
/// in the new text. Other texts stay as they are.
pub fn join_surrogates(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if !is_json || !(text.contains("\\ud") || text.contains("\\uD")) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut joined, mut places, mut rest) = (String::with_capacity(text.len()), Vec::new(), text);
    while let Some(at) = rest.find('\\') {
        joined.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match pair(rest) {
            Some(c) => {
                places.push(joined.len());
                joined.push(c);
                c.len_utf8() + SHORTER
            }
            // Both characters of an escape, so that an escaped backslash begins none.
            None => {
                let length = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
                joined.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    joined.push_str(rest);
    (Cow::Owned(joined), places)
}

/// The character that two escapes at the start of a text stand for.
fn pair(text: &str) -> Option<char> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(escape, 16).ok()
    };
    let mut decoded = char::decode_utf16([unit(0)?, unit(6)?]);
    decoded.next()?.ok().filter(|c| c.len_utf8() == 4)
}
