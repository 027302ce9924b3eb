//! What one Rust file has to keep to.

use std::collections::BTreeSet;
use std::ops::Range;

use super::source::{Source, end_of_item, words};
use super::{Complaint, TextFile};

const MOST_FILE_LINES: usize = 600;
const MOST_FUNCTION_LINES: usize = 70;
const MOST_COLUMNS: usize = 120;

/// Judges a file; the others tell whether it is a test.
pub(super) fn judge(file: &TextFile, files: &[TextFile]) -> Vec<Complaint> {
    let source = Source::new(&file.text);
    let is_product = is_product(&file.path, files);
    let mut found = Vec::new();
    let mut complain = |line: usize, message: String| found.push(Complaint::new(&file.path, line, message));
    if !file.text.starts_with("//!") {
        complain(1, "begins without a module doc (`//!`)".to_owned());
    }
    long_lines(file, &source, is_product, &mut complain);
    forbidden_words(&source, &mut complain);
    commented_out(&source, &mut complain);
    if is_product {
        long_parts(file, &source, &mut complain);
        if !file.path.starts_with("crates/testkit/") {
            unreasoned_panics(file, &source, &mut complain);
        }
        misplaced_serialize(&file.path, &source, &mut complain);
    }
    if file.path.starts_with("crates/analyze/src/facts/") {
        for at in words(&file.text, "Finding") {
            complain(source.line(at), "`Finding` in facts: a fact is worded by a rule".to_owned());
        }
    }
    found
}

/// Product code lies in `src` and isn't the file of a module under `#[cfg(test)]`.
fn is_product(path: &str, files: &[TextFile]) -> bool {
    let in_source = (path.starts_with("crates/") && path.contains("/src/")) || path.starts_with("xtask/src/");
    let name = path.rsplit('/').next().unwrap_or(path);
    in_source && name != "tests.rs" && !path.contains("/tests/") && !is_declared_as_test(path, files)
}

/// Whether the module's parent declares it as `#[cfg(test)] mod NAME;`.
fn is_declared_as_test(path: &str, files: &[TextFile]) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let Some(name) = name.strip_suffix(".rs") else { return false };
    let parents = [format!("{folder}/mod.rs"), format!("{folder}/lib.rs"), format!("{folder}.rs")];
    files.iter().filter(|file| parents.contains(&file.path)).any(|parent| {
        let source = Source::new(&parent.text);
        let declaration = format!("mod {name};");
        source.tests.iter().any(|range| source.code[range.clone()].ends_with(&declaration))
    })
}

/// Literals over several lines are as wide as they have to be, and so are the tables of inputs in tests.
fn long_lines(file: &TextFile, source: &Source, is_product: bool, complain: &mut impl FnMut(usize, String)) {
    let mut at = 0;
    for (number, line) in file.text.split('\n').enumerate() {
        let columns = line.chars().count();
        let is_input = line.contains('"') && (!is_product || source.is_test(at));
        if columns > MOST_COLUMNS
            && !is_input
            && !source.long_literals.iter().any(|range| range.contains(&at))
        {
            complain(number + 1, format!("{columns} columns; {MOST_COLUMNS} are the most"));
        }
        at += line.len() + 1;
    }
}

fn forbidden_words(source: &Source, complain: &mut impl FnMut(usize, String)) {
    for word in ["todo", "unimplemented", "dbg"] {
        for at in source.words(word).filter(|at| source.code[at + word.len()..].starts_with('!')) {
            complain(source.line(at), format!("`{word}!` is for work that isn't finished"));
        }
    }
    for at in source.words("unsafe") {
        complain(source.line(at), "`unsafe` is forbidden".to_owned());
    }
}

/// Plain comments that read as a statement or the beginning of an item.
fn commented_out(source: &Source, complain: &mut impl FnMut(usize, String)) {
    for comment in &source.comments {
        let text = comment.text.strip_prefix("//").unwrap_or_default();
        if text.starts_with(['/', '!']) || !is_code(text.trim()) {
            continue;
        }
        complain(source.line(comment.at), "a comment that is code: delete it, git keeps it".to_owned());
    }
}

fn is_code(text: &str) -> bool {
    const STARTS: [&str; 13] = [
        "let ", "fn ", "pub ", "use ", "mod ", "impl ", "struct ", "enum ", "match ", "for ", "if ",
        "return ", "#[",
    ];
    let ends_as_code = text.ends_with([';', '{', '}']) || text.ends_with("})") || text.ends_with(")?");
    let begins_as_code = STARTS.iter().any(|start| text.starts_with(start));
    let has_call = text.contains(['(', '=']) || text.contains("::");
    (ends_as_code && (begins_as_code || has_call))
        || text == "}"
        || (text.starts_with("#[") && text.ends_with(']'))
}

fn long_parts(file: &TextFile, source: &Source, complain: &mut impl FnMut(usize, String)) {
    let lines_of =
        |range: &Range<usize>| source.line(range.end.saturating_sub(1)) + 1 - source.line(range.start);
    let lines = file.text.lines().count() - source.tests.iter().map(lines_of).sum::<usize>();
    if lines > MOST_FILE_LINES {
        complain(1, format!("{lines} lines without tests; {MOST_FILE_LINES} are the most"));
    }
    for at in source.words("fn").filter(|at| !source.is_test(*at)) {
        let Some(name) = name_after(&source.code[at + 2..]) else { continue };
        let Some(end) = end_of_item(&source.code, at) else { continue };
        let lines = lines_of(&(at..end));
        if lines > MOST_FUNCTION_LINES {
            complain(
                source.line(at),
                format!("`{name}` has {lines} lines; {MOST_FUNCTION_LINES} are the most"),
            );
        }
    }
}

/// The name of a function; a function type `fn(…)` has none.
fn name_after(code: &str) -> Option<&str> {
    let code = code.trim_start();
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    (end > 0).then(|| &code[..end])
}

/// `unwrap`, `expect` and `panic!` need a comment on the line, or comments and attributes right above it, that say why.
fn unreasoned_panics(file: &TextFile, source: &Source, complain: &mut impl FnMut(usize, String)) {
    let reasons: BTreeSet<usize> = source
        .comments
        .iter()
        .filter(|comment| comment.text.starts_with("// ") && comment.text.split_whitespace().count() > 3)
        .map(|comment| source.line(comment.at))
        .collect();
    let lines: Vec<&str> = file.text.lines().collect();
    let is_reasoned = |line: usize| {
        let above = (1..line).rev().take_while(|&number| {
            let text = lines[number - 1].trim_start();
            text.starts_with("//") || text.starts_with("#[")
        });
        std::iter::once(line)
            .chain(above)
            .any(|number| reasons.contains(&number) || lines[number - 1].contains("reason = "))
    };
    for pattern in [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err(", "panic!("] {
        for (at, _) in source.code.match_indices(pattern).filter(|(at, _)| !source.is_test(*at)) {
            let line = source.line(at);
            if !is_reasoned(line) {
                let name = pattern.trim_matches(['.', '(', ')']);
                complain(line, format!("`{name}` without a comment that says why it can't happen"));
            }
        }
    }
}

fn misplaced_serialize(path: &str, source: &Source, complain: &mut impl FnMut(usize, String)) {
    if path.ends_with("/wire.rs") || path.contains("/wire/") {
        return;
    }
    let modules: Vec<Range<usize>> = source
        .words("wire")
        .filter(|at| source.code[..*at].trim_end().ends_with("mod"))
        .filter_map(|at| Some(at..end_of_item(&source.code, at)?))
        .collect();
    for at in source.words("Serialize").filter(|at| !source.is_test(*at)) {
        if !modules.iter().any(|module| module.contains(&at)) {
            complain(source.line(at), "`Serialize` outside a module named `wire`".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The complaints about a file of product code, as `LINE: first words`.
    fn complaints(path: &str, text: &str) -> Vec<String> {
        let file = TextFile { path: path.to_owned(), text: text.to_owned() };
        let short = |complaint: Complaint| {
            let words: Vec<&str> = complaint.message.split(' ').take(2).collect();
            format!("{}: {}", complaint.line, words.join(" "))
        };
        judge(&file, &[]).into_iter().map(short).collect()
    }

    fn check(code: &str, expected: &[&str]) {
        assert_eq!(complaints("crates/a/src/b.rs", &format!("//! Doc.\n{code}")), expected, "{code}");
    }

    #[test]
    fn a_file_begins_with_its_doc() {
        assert_eq!(complaints("crates/a/tests/b.rs", "fn a() {}"), ["1: begins without"]);
        check("", &[]);
    }

    #[test]
    fn lines_functions_and_files_have_a_length() {
        check(&format!("// {}", "x".repeat(117)), &[]);
        check(&format!("// {}", "x".repeat(118)), &["2: 121 columns;"]);
        check(&format!("const A: &str = \"\n{}\";", "x".repeat(200)), &[]);
        check(&format!("fn a() {{\n{}}}", "b();\n".repeat(68)), &[]);
        check(&format!("fn a() {{\n{}}}", "b();\n".repeat(69)), &["2: `a` has"]);
        check(&format!("fn a(x: [u8; 2]) {{\n{}}}", "b();\n".repeat(69)), &["2: `a` has"]);
        check(&format!("type A = fn();\n{}", "const B: A = b;\n".repeat(80)), &[]);
        check(&"const A: u8 = 1;\n".repeat(599), &[]);
        check(&"const A: u8 = 1;\n".repeat(600), &["1: 601 lines"]);
        check(&format!("#[cfg(test)]\nmod tests {{\nfn a() {{\n{}}}\n}}", "b();\n".repeat(700)), &[]);
    }

    #[test]
    fn a_panic_needs_a_reason() {
        check("fn a() { b().unwrap(); }", &["2: `unwrap` without"]);
        check("fn a() { b().expect(\"c\"); }", &["2: `expect` without"]);
        check("fn a() { panic!(\"c\"); }", &["2: `panic!` without"]);
        check("fn a() { b().unwrap(); } // the list was just filled", &[]);
        check("// The list was just filled.\nfn a() { b().unwrap(); }", &[]);
        check("#[expect(clippy::unwrap_used, reason = \"just filled\")]\nfn a() { b().unwrap(); }", &[]);
        check("/// The list was just filled.\nfn a() { b().unwrap(); }", &["3: `unwrap` without"]);
        check("fn a() { b().unwrap_or(1); } // \"x.unwrap()\"", &[]);
        check("fn a() { b(\".unwrap()\"); }", &[]);
        check("fn c() {}\n#[cfg(test)]\nmod tests { fn a() { b().unwrap(); } }", &[]);
        assert_eq!(complaints("crates/a/tests/b.rs", "//! Doc.\nfn a() { b().unwrap(); }"), [""; 0]);
    }

    #[test]
    fn unfinished_work_and_dead_code_are_found() {
        check("fn a() { todo!() }", &["2: `todo!` is"]);
        check("fn a() { dbg!(b); }", &["2: `dbg!` is"]);
        check("fn a() { let todo = 1; } // todo!", &[]);
        check("fn a() { unsafe { b() } }", &["2: `unsafe` is"]);
        check("// let a = b();", &["2: a comment"]);
        check("// if a.b() {", &["2: a comment"]);
        check("// Use it for a while; then (perhaps) not.", &[]);
        check("// let it be", &[]);
        check("/// let a = b();\nfn c() {}", &[]);
        check("fn a() { \"// let a = b();\" }", &[]);
    }

    #[test]
    fn wire_types_and_facts_have_their_places() {
        check("#[derive(Serialize)]\nstruct A;", &["2: `Serialize` outside"]);
        check("#[derive(Deserialize)]\nstruct A;", &[]);
        check("mod wire {\n#[derive(Serialize)]\nstruct A;\n}", &[]);
        assert_eq!(complaints("crates/a/src/wire.rs", "//! Doc.\nuse serde::Serialize;"), [""; 0]);
        let facts = "crates/analyze/src/facts/flow.rs";
        assert_eq!(complaints(facts, "//! Doc.\nuse diag::Finding;"), ["2: `Finding` in"]);
        assert_eq!(complaints(facts, "//! Findings are made elsewhere."), [""; 0]);
    }

    #[test]
    fn a_module_declared_for_tests_is_a_test() {
        let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        let files = [
            file("crates/a/src/lib.rs", "//! Doc.\n#[cfg(test)]\nmod oracle;\nmod real;"),
            file("crates/a/src/oracle.rs", "//! Doc.\nfn a() { b().unwrap(); }"),
            file("crates/a/src/real.rs", "//! Doc.\nfn a() { b().unwrap(); }"),
        ];
        assert_eq!(judge(&files[1], &files), []);
        assert_eq!(judge(&files[2], &files).len(), 1);
    }
}
