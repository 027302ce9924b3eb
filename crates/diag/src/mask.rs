//! Credentials in URLs, which no message may show.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "***";

/// A text with the passwords of its URLs (`scheme://user:PASSWORD@host`) replaced by [`MASK`].
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    let ranges = credentials(text);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut masked, mut at) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        masked.push_str(&text[at..range.start]);
        masked.push_str(MASK);
        at = range.end;
    }
    masked.push_str(&text[at..]);
    Cow::Owned(masked)
}

/// Where the passwords of a text's URLs stand, in order. References such as `$(PASSWORD)` are no secrets.
pub(crate) fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for word in text.split([' ', '\t', '\n', '\r', '"', '\'', '`', '<', '>']) {
        passwords(word, at, &mut found);
        // Each separator is one byte.
        at += word.len() + 1;
    }
    found
}

/// Adds the passwords of a word that begins at a byte. What stands behind its last `@` is looked at by none, so that
/// a long word costs no more than its length.
fn passwords(word: &str, at: usize, found: &mut Vec<Range<usize>>) {
    let Some(last) = word.rfind('@') else { return };
    for (separator, scheme_end) in word[..last].match_indices("://") {
        let start = separator + scheme_end.len();
        if found.last().is_some_and(|previous| at + start < previous.end) {
            continue;
        }
        found.extend(password(&word[start..]).map(|range| at + start + range.start..at + start + range.end));
    }
}

/// The password in what follows `://`.
fn password(word: &str) -> Option<Range<usize>> {
    let authority = word.split(['/', '?', '#']).next().unwrap_or("");
    let start = word.find(':')? + 1;
    let port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let end = match authority.rfind('@') {
        Some(end) => end,
        // A password with an unescaped `/` in it; not `host:8080/path@v1`, nor a port in front of a mail address.
        None if !port(authority.get(start..).unwrap_or("")) => word.rfind('@')?,
        None => return None,
    };
    let secret = word.get(start..end)?;
    let reference = ["$(", "${", "{{", "<", "%", MASK].iter().any(|opening| secret.starts_with(opening))
        && secret.ends_with([')', '}', '>', '%', '*']);
    (!secret.is_empty() && !reference).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, masked: &str) {
        assert_eq!(mask(text), masked);
    }

    #[test]
    fn passwords_are_masked() {
        check("postgres://acm:s3cret@db:5432/acm?x=y", "postgres://acm:***@db:5432/acm?x=y");
        check("redis://:s3cret@dragonfly:6379", "redis://:***@dragonfly:6379");
        check("a http://u:p@h, b https://v:q@i/", "a http://u:***@h, b https://v:***@i/");
        check("amqp://u:p@ss@h", "amqp://u:***@h");
        check("redis://:p/w@h", "redis://:***@h");
        check("kafka://u:ä:ö@h", "kafka://u:***@h");
    }

    #[test]
    fn all_else_stays() {
        for text in [
            "http://host:8080/path@v1",
            "http://host:8080",
            "postgres://acm:$(PASSWORD)@db",
            "postgres://acm:${PASSWORD}@db",
            "http://user@host",
            "a://",
            "mail to a:b@c",
            "http://u:***@h",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_long_word_is_read_once() {
        let schemes = "://".repeat(200_000);
        check(&schemes, &schemes);
        check(&format!("{schemes} a://u:p@h"), &format!("{schemes} a://u:***@h"));
    }
}
