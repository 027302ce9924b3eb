//! A Rust file seen as code, comments and tests, without parsing it.
//!
//! Literals and comments are blanked in `code`, which keeps the length and lines of the text: what is found there
//! is code.

use std::ops::Range;

/// A file's text, separated.
pub(crate) struct Source {
    /// The text with the contents of comments and literals replaced by spaces.
    pub(crate) code: String,
    /// Plain and doc comments, in order.
    pub(crate) comments: Vec<Comment>,
    /// Where literals lie that span several lines.
    pub(crate) long_literals: Vec<Range<usize>>,
    /// The items under `#[cfg(test)]`, as ranges of bytes.
    pub(crate) tests: Vec<Range<usize>>,
    /// Where each line begins.
    line_starts: Vec<usize>,
}

/// A comment with its markers.
pub(crate) struct Comment {
    pub(crate) at: usize,
    pub(crate) text: String,
}

impl Source {
    /// Separates the text.
    pub(crate) fn new(text: &str) -> Source {
        let mut scanner = Scanner {
            text: text.as_bytes(),
            code: text.as_bytes().to_vec(),
            comments: Vec::new(),
            long_literals: Vec::new(),
        };
        scanner.scan();
        // What was blanked are whole characters, so that the rest is still UTF-8.
        let code = String::from_utf8_lossy(&scanner.code).into_owned();
        let comments = scanner
            .comments
            .into_iter()
            .map(|range| Comment { at: range.start, text: text[range].to_owned() })
            .collect();
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect::<Vec<_>>();
        let tests = test_items(&code);
        Source { code, comments, long_literals: scanner.long_literals, tests, line_starts }
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= at)
    }

    /// Whether the byte belongs to a test.
    pub(crate) fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }

    /// Where the word stands in the code.
    pub(crate) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        words(&self.code, word)
    }
}

/// Where the word stands, not as part of a longer identifier.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let bytes = code.as_bytes();
        !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && !is_part(bytes.get(at + word.len()))
    })
}

/// The end of the block whose opening brace is the first one at or after `from`, or of the item's `;` if that comes
/// first.
pub(crate) fn end_of_item(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' => depth += 1,
            b'}' if depth <= 1 => return Some(offset + 1),
            b'}' => depth -= 1,
            b';' if depth == 0 && brackets == 0 => return Some(offset + 1),
            _ => {}
        }
    }
    None
}

fn test_items(code: &str) -> Vec<Range<usize>> {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    let mut items: Vec<Range<usize>> = Vec::new();
    for (at, _) in code.match_indices(ATTRIBUTE) {
        if items.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let end = end_of_item(code, at + ATTRIBUTE.len()).unwrap_or(code.len());
        items.push(at..end);
    }
    items
}

struct Scanner<'a> {
    text: &'a [u8],
    code: Vec<u8>,
    comments: Vec<Range<usize>>,
    long_literals: Vec<Range<usize>>,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            let rest = &self.text[at..];
            let end = if rest.starts_with(b"//") {
                self.comment(at, at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()))
            } else if rest.starts_with(b"/*") {
                self.comment(at, self.end_of_block_comment(at))
            } else if let Some(hashes) = self.raw_string(at) {
                let quote = at + rest.iter().position(|&byte| byte == b'"').unwrap_or_default();
                self.literal(quote + 1, self.end_of_raw_string(quote + 1, hashes)) + 1 + hashes
            } else if rest[0] == b'"' {
                self.literal(at + 1, self.end_of_quoted(at + 1, b'"')) + 1
            } else if rest[0] == b'\'' && is_character(rest) {
                self.literal(at + 1, self.end_of_quoted(at + 1, b'\'')) + 1
            } else {
                at + 1
            };
            at = end;
        }
    }

    fn comment(&mut self, start: usize, end: usize) -> usize {
        self.comments.push(start..end);
        self.blank(start, end);
        end
    }

    fn literal(&mut self, start: usize, end: usize) -> usize {
        if self.text[start..end].contains(&b'\n') {
            self.long_literals.push(start..end);
        }
        self.blank(start, end);
        end
    }

    fn blank(&mut self, start: usize, end: usize) {
        for byte in &mut self.code[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn end_of_block_comment(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        let mut at = start;
        while at < self.text.len() {
            if self.text[at..].starts_with(b"/*") {
                depth += 1;
                at += 2;
            } else if self.text[at..].starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            } else {
                at += 1;
            }
        }
        at
    }

    /// The number of hashes when a raw string begins here: `r"`, `br#"`, `cr##"`; `r#name` isn't one.
    fn raw_string(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1).and_then(|before| self.text.get(before));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return None;
        }
        let rest = &self.text[at..];
        let rest = rest.strip_prefix(b"b").or_else(|| rest.strip_prefix(b"c")).unwrap_or(rest);
        let rest = rest.strip_prefix(b"r")?;
        let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn end_of_raw_string(&self, start: usize, hashes: usize) -> usize {
        let closes = |at: &usize| {
            self.text[*at] == b'"'
                && self.text[at + 1..].iter().take(hashes).filter(|&&byte| byte == b'#').count() == hashes
        };
        (start..self.text.len()).find(closes).unwrap_or(self.text.len())
    }

    fn end_of_quoted(&self, start: usize, quote: u8) -> usize {
        let mut at = start;
        while at < self.text.len() && self.text[at] != quote {
            at += if self.text[at] == b'\\' { 2 } else { 1 };
        }
        at.min(self.text.len())
    }
}

/// Whether a character literal begins here, not a lifetime: `'a'`, `'\n'`, `'é'`, but not `'a`.
fn is_character(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        Some(first) => {
            let length = match first {
                0..0x80 => 1,
                0x80..0xE0 => 2,
                0xE0..0xF0 => 3,
                _ => 4,
            };
            rest.get(1 + length) == Some(&b'\'')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `_` stands for what is blanked.
    fn check(text: &str, expected: &str) {
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len());
        let seen: String =
            text.chars().zip(source.code.chars()).map(|(a, b)| if a == b { a } else { '_' }).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn only_code_is_left() {
        check("a // b\nc", "a ____\nc".replace("____", "__ _").as_str());
        check("a /*x/*y*/z*/ b", "a ___________ b");
        check(r#"f("x\"y", 'c', '\'')"#, r#"f("____", '_', '__')"#);
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
        check(r###"r#"a"b"# + br"c" + r#type"###, r###"r#"___"# + br"_" + r#type"###);
        check("\"//x\" + b'\\\\' + '\"'", "\"___\" + b'__' + '_'");
    }

    #[test]
    fn tests_are_found_up_to_their_closing_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\" }\n}\nfn c() {}\n";
        let source = Source::new(text);
        assert_eq!(
            source.tests.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(),
            [&text[10..53]]
        );
        assert!(text[..53].ends_with("}\n}") && !source.is_test(text.find("fn c").unwrap()));
        let text = "#[cfg(test)]\nuse a::b;\nfn c() {}";
        assert!(!Source::new(text).is_test(text.find("fn c").unwrap()));
    }

    #[test]
    fn words_are_whole() {
        let source = Source::new("unsafe_code unsafe x_unsafe /* unsafe */ \"unsafe\"");
        assert_eq!(source.words("unsafe").collect::<Vec<_>>(), [12]);
    }
}
