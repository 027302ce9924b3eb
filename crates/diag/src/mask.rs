//! Keeps credentials out of everything that is shown.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "***";

/// The text with the passwords of its URLs masked.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    let secrets = credentials(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for secret in secrets {
        out.push_str(&text[from..secret.start]);
        out.push_str(MASK);
        from = secret.end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// Where the passwords of URLs with user information stand (RFC 3986, section 3.2.1): `scheme://user:PASSWORD@host`.
///
/// A password that is a reference (`$(NAME)`, `${NAME}`, `{{ … }}`) is no secret.
pub(crate) fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(scheme) = text[at..].find("://") {
        let start = at + scheme + 3;
        let ends = |c: char| c == '/' || c == '"' || c == '\'' || c.is_whitespace();
        let end = text[start..].find(ends).map_or(text.len(), |length| start + length);
        let authority = &text[start..end];
        if let Some((user, _)) = authority.rsplit_once('@')
            && let Some((name, password)) = user.split_once(':')
        {
            let is_reference =
                password.starts_with("$(") || password.starts_with("${") || password.starts_with("{{");
            if !password.is_empty() && !is_reference {
                let from = start + name.len() + 1;
                found.push(from..from + password.len());
            }
        }
        at = start;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn passwords_in_urls_are_masked() {
        let cases = [
            ("postgres://app:hunter2@db:5432/x", "postgres://app:***@db:5432/x"),
            ("redis://:p@ss@cache and amqp://u:v@q", "redis://:***@cache and amqp://u:***@q"),
            ("postgres://app:$(PASSWORD)@db/x", "postgres://app:$(PASSWORD)@db/x"),
            ("https://example.org:8443/a@b", "https://example.org:8443/a@b"),
            ("no url at all: x@y", "no url at all: x@y"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask(text), expected);
        }
    }
}
