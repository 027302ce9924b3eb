//! The checker refuses what Kubernetes' own strict decoder refuses, and nothing else: compared over every field of
//! every kind with right and wrong values in it. Quantities have the canonical form that Kubernetes gives them.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{HashSet, VecDeque};
use std::io::Write as _;
use std::process::{Command, Stdio};

use catalogue::kubernetes::{SchemaProblemKind, Schemas, Shape, TypeId, Version, check};
use catalogue::quantity::{Quantity, QuantityError};
use diag::FileId;

/// Answers of `tools/oracles/strict-decode`, one for each line.
fn ask(what: &str, lines: &[String]) -> Vec<String> {
    let mut oracle = Command::new(testkit::tool("strict-decode"))
        .arg(what)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let text = lines.join("\n") + "\n";
    let mut stdin = oracle.stdin.take().expect("its input is a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = oracle.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads everything");
    assert!(output.status.success());
    let answers: Vec<String> =
        String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), lines.len());
    answers
}

/// Values of every JSON type, and texts of every format.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "3",
    "-1",
    "3000000000",
    "1.5",
    "1e3",
    "\"\"",
    "\"3\"",
    "\"100m\"",
    "\"1,5Gi\"",
    "\"text\"",
    "\"true\"",
    "\"aGVsbG8=\"",
    "\"aGVsbG8\"",
    "\"2026-02-28T10:00:00Z\"",
    "\"2026-02-28T10:00:00.5+01:00\"",
    "\"2026-02-30T10:00:00Z\"",
    "\"2026-02-28\"",
    "[]",
    "[1]",
    "[\"text\"]",
    "[{}]",
    "[null]",
    "{}",
    "{\"a\":1}",
    "{\"a\":\"text\"}",
    "{\"a\":\"1Gi\"}",
    "{\"a\":\"aGVsbG8=\"}",
    "{\"a\":[]}",
    "{\"a\":null}",
];

/// What isn't compared: Go takes anything for what it doesn't look into, and lists of numbers for bytes.
fn is_compared(schemas: &Schemas, shape: Shape, value: &str) -> bool {
    match shape {
        Shape::Any | Shape::Object => false,
        Shape::Bytes => !value.contains('['),
        Shape::Map(values) | Shape::List(values) => is_compared(schemas, schemas.element(values), value),
        _ => true,
    }
}

/// The text around a value at some place of an object.
#[derive(Clone)]
struct Place {
    before: String,
    after: String,
}

impl Place {
    fn with(&self, value: &str) -> String {
        format!("{}{value}{}", self.before, self.after)
    }

    fn below(&self, before: &str, after: &str) -> Self {
        Self { before: format!("{}{before}", self.before), after: format!("{after}{}", self.after) }
    }
}

/// A small object for every type that a kind reaches, with a place for a value of that type in it.
fn places(schemas: &Schemas, version: Version) -> Vec<(TypeId, Place)> {
    let mut pending: VecDeque<(TypeId, Place)> = VecDeque::new();
    for kind in schemas.kinds(version) {
        let header = format!("{{\"apiVersion\":\"{}\",\"kind\":\"{}\"", kind.api_version, kind.name);
        pending.push_back((kind.of, Place { before: header, after: "}".to_owned() }));
    }
    let (mut seen, mut places) = (HashSet::new(), Vec::new());
    while let Some((of, place)) = pending.pop_front() {
        if !seen.insert(of) {
            continue;
        }
        for field in schemas.fields(of, version) {
            let mut inner = place.below(&member(&place, field.name), "");
            let mut shape = field.shape;
            loop {
                shape = match shape {
                    Shape::List(element) => {
                        inner = inner.below("[", "]");
                        schemas.element(element)
                    }
                    Shape::Map(element) => {
                        inner = inner.below("{\"a\":", "}");
                        schemas.element(element)
                    }
                    other => {
                        break pending.extend(match other {
                            Shape::Struct(of) => Some((of, inner.below("{", "}"))),
                            _ => None,
                        });
                    }
                };
            }
        }
        places.push((of, place));
    }
    places
}

fn member(place: &Place, name: &str) -> String {
    let comma = if place.before.ends_with('{') { "" } else { "," };
    format!("{comma}\"{name}\":")
}

fn documents(schemas: &Schemas, version: Version) -> Vec<String> {
    let mut documents = Vec::new();
    for (of, place) in places(schemas, version) {
        documents.push(place.with(""));
        documents.push(place.with(&format!("{}1", member(&place, "unknown"))));
        for field in schemas.fields(of, version) {
            let inner = place.below(&member(&place, field.name), "");
            if place.before.starts_with("{\"apiVersion\"")
                && place.after == "}"
                && matches!(field.name, "apiVersion" | "kind")
            {
                continue;
            }
            let values = VALUES.iter().filter(|value| is_compared(schemas, field.shape, value));
            documents.extend(values.map(|value| inner.with(value)));
            let mut capital = field.name.to_owned();
            capital[..1].make_ascii_uppercase();
            documents.push(place.with(&format!("{}null", member(&place, &capital))));
        }
    }
    documents
}

/// Whether strict decoding would refuse the document; what it doesn't look at isn't counted.
fn is_refused(schemas: &Schemas, version: Version, document: &str) -> bool {
    let parsed = tree::parse(FileId(0), document);
    let object = parsed.documents.first().expect("a document");
    let problems = check(schemas, version, object.root());
    problems.iter().any(|problem| match problem.kind {
        SchemaProblemKind::UnknownField { .. }
        | SchemaProblemKind::WrongType { .. }
        | SchemaProblemKind::BadFormat { .. } => true,
        SchemaProblemKind::MissingRequired { .. }
        | SchemaProblemKind::BadEnum { .. }
        | SchemaProblemKind::DuplicateItem { .. } => false,
    })
}

#[test]
fn every_field_takes_what_kubernetes_takes() {
    let (schemas, version) = (Schemas::load(), Version::default());
    let documents = documents(&schemas, version);
    assert!(documents.len() > 50_000, "{} documents", documents.len());
    let answers = ask("objects", &documents);
    let mut differing = Vec::new();
    for (document, answer) in documents.iter().zip(&answers) {
        let refused = is_refused(&schemas, version, document);
        if refused == answer.is_empty() {
            differing.push(format!(
                "{document}: Kubernetes `{answer}`, here {}",
                if refused { "refused" } else { "taken" }
            ));
        }
    }
    let n_different = differing.len();
    differing.truncate(60);
    assert!(differing.is_empty(), "{n_different} of {} differ:\n{}", documents.len(), differing.join("\n"));
}

/// What differs and why it may. This list may only shrink.
fn may_differ(text: &str, own: Result<Quantity, QuantityError>, answer: &str) -> bool {
    let no_digits = !text.contains(|letter: char| letter.is_ascii_digit());
    match own {
        // Kubernetes takes a sign, point or suffix without digits for zero.
        Err(QuantityError::Malformed) => {
            answer == "0" && (no_digits || text.starts_with(['e', 'E', '+', '-']))
        }
        // 128 bits hold no more.
        Err(QuantityError::TooLarge) => answer != "!",
        // Kubernetes loses the exponent where no suffix is large enough: 1000E becomes 1.
        Ok(_) => text.ends_with("1000E") && answer.ends_with('1'),
        Err(QuantityError::Suffix) => false,
    }
}

fn quantities() -> Vec<String> {
    const NUMBERS: &[&str] = &[
        "0",
        "1",
        "10",
        "100",
        "1000",
        "1024",
        "1536",
        "0.5",
        "0.1",
        "1.5",
        "12.345",
        "999999999",
        "9223372036854775807",
        "9223372036854775808",
        "0.000000001",
        "0.0000000004",
        ".5",
        "5.",
        "1.0000000001",
        "123456789.987654321",
        "007",
        "",
        "18446744073709551616",
        "1,5",
        "1.5.2",
        "ten",
    ];
    const SUFFIXES: &[&str] = &[
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e0", "e1",
        "e2", "e3", "E3", "e-3", "e-9", "e-10", "e+3", "K", "Gb", "mm", "e", "gi", "i", " ", "e9", "E6",
        "e18",
    ];
    let signed =
        ["", "-", "+"].iter().flat_map(|sign| NUMBERS.iter().map(move |number| format!("{sign}{number}")));
    signed.flat_map(|number| SUFFIXES.iter().map(move |suffix| format!("{number}{suffix}"))).collect()
}

#[test]
fn quantities_have_the_form_that_kubernetes_gives_them() {
    let quantities = quantities();
    let mut differing = Vec::new();
    for (text, answer) in quantities.iter().zip(ask("quantities", &quantities)) {
        let own = Quantity::parse(text);
        let form = own.map_or("!".to_owned(), |quantity| quantity.to_string());
        if form != answer && !may_differ(text, own, &answer) {
            differing.push(format!("{text:?}: Kubernetes {answer}, here {form}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
