//! Scalars and keys mean here what they mean to Kubernetes: compared with `sigs.k8s.io/yaml` itself
//! (`tools/oracles/yaml-scalars`) over a few thousand of them.

#![expect(clippy::expect_used, reason = "a test may")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use diag::FileId;
use serde_json::Value;
use tree::{KubeScalar, NodeRef, parse};

/// What differs and why it may. This list may only shrink.
const DIFFERENT: &[(&str, &str)] = &[(
    r#""\/""#,
    "go-yaml refuses the escape; Kubernetes reads JSON files, where it stands, with a JSON reader",
)];

#[test]
fn scalars_mean_what_kubernetes_reads() {
    let scalars = scalars();
    assert!(scalars.len() > 3000, "{} scalars", scalars.len());
    let answers = ask(&scalars);
    assert_eq!(answers.len(), scalars.len());
    let mut differing = Vec::new();
    for (scalar, (value, key)) in scalars.iter().zip(&answers) {
        let own = (own_value(scalar), own_key(scalar));
        let known = DIFFERENT.iter().any(|(text, _)| text == scalar);
        let same = own == (value.clone(), key.clone());
        if same == known {
            differing.push(format!("{scalar:?}: Kubernetes {value:?} {key:?}, here {:?} {:?}", own.0, own.1));
        }
    }
    let n_different = differing.len();
    differing.truncate(60);
    assert!(differing.is_empty(), "{n_different} of {} differ:\n{}", scalars.len(), differing.join("\n"));
}

/// A value and a key; `None` where the document is refused.
type Answer = (Option<Value>, Option<String>);

fn ask(scalars: &[String]) -> Vec<Answer> {
    let mut oracle = Command::new(testkit::tool("yaml-scalars"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let lines: Vec<_> = scalars.iter().map(|scalar| Value::from(scalar.as_str()).to_string()).collect();
    let mut stdin = oracle.stdin.take().expect("its input is a pipe");
    let writer = std::thread::spawn(move || stdin.write_all((lines.join("\n") + "\n").as_bytes()));
    let output = oracle.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads everything");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("JSON");
    text.lines().map(answer).collect()
}

fn answer(line: &str) -> Answer {
    let answer: Value = serde_json::from_str(line).expect("JSON");
    let value = answer["value"].as_str().expect("a text");
    // Kubernetes reads the `-0` that a negative zero is printed as for the integer 0.
    let value = if value == "-0" { "0" } else { value };
    (serde_json::from_str(value).ok(), answer["key"].as_str().map(str::to_owned))
}

fn own_value(scalar: &str) -> Option<Value> {
    let parsed = parse(FileId(0), &format!("v: {scalar}\n"));
    let document = parsed.documents.first().filter(|_| parsed.findings.is_empty())?;
    json(document.root().get("v")?)
}

fn json(node: NodeRef<'_>) -> Option<Value> {
    if node.is_map() {
        return node
            .entries()
            .map(|(key, value)| Some((key.kube_key().into_owned(), json(value)?)))
            .collect();
    }
    if node.is_list() {
        return node.items().map(json).collect();
    }
    match node.kube() {
        KubeScalar::Null => Some(Value::Null),
        KubeScalar::Bool(value) => Some(value.into()),
        KubeScalar::Int(value) => Some(value.into()),
        KubeScalar::UInt(value) => Some(value.into()),
        // JSON has neither infinities nor NaN: the document is refused.
        KubeScalar::Float(value) => {
            value.is_finite().then(|| serde_json::from_str(&go_float(value)).expect("a number"))
        }
        KubeScalar::Str(text) => Some(text.into()),
    }
}

/// As Go prints floats in JSON: those from 1e-6 to 1e21 without exponent, of the shortest digits.
fn go_float(value: f64) -> String {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("an exponent");
    match exponent.parse::<usize>() {
        Ok(exponent) if exponent < 21 && value.fract() == 0.0 => {
            let digits = digits.replace('.', "");
            let n_digits = digits.trim_start_matches('-').len();
            digits + &"0".repeat((exponent + 1).saturating_sub(n_digits))
        }
        _ => text,
    }
}

fn own_key(scalar: &str) -> Option<String> {
    let parsed = parse(FileId(0), &format!("? {scalar}\n: 0\n"));
    let document = parsed.documents.first().filter(|_| parsed.findings.is_empty())?;
    let (key, _) = document.root().entries().next()?;
    Some(key.kube_key().into_owned())
}

/// Every short text over the characters that decide, and everything that the resolver has a case for.
fn scalars() -> Vec<String> {
    let mut scalars = words();
    scalars.extend(short_texts());
    scalars.extend(numbers());
    scalars.extend(tagged());
    scalars.extend(quoted());
    scalars.sort();
    scalars.dedup();
    scalars
}

fn words() -> Vec<String> {
    let words = "y yes true on n no false off null ~ .nan .inf +.inf -.inf +.nan inf nan infinity Infinity none nil yep";
    let title = |word: &str| word[..1].to_uppercase() + &word[1..];
    let forms = |word: &str| {
        [
            word.to_owned(),
            word.to_uppercase(),
            title(word),
            format!("{word}s"),
            word[..1].to_owned() + &word[1..].to_uppercase(),
        ]
    };
    words.split(' ').flat_map(forms).collect()
}

fn short_texts() -> Vec<String> {
    let characters = ["0", "1", "7", "9", "-", "+", ".", "_", "x", "o", "b", "e", "E", ":", "f"];
    let mut texts = vec![String::new()];
    let mut all = Vec::new();
    for _ in 0..3 {
        texts =
            texts.iter().flat_map(|text| characters.map(|character| format!("{text}{character}"))).collect();
        all.extend(texts.iter().cloned());
    }
    all
}

fn numbers() -> Vec<String> {
    let magnitudes = [
        "0",
        "00",
        "007",
        "08",
        "0o17",
        "0O17",
        "0o8",
        "017",
        "018",
        "0x1F",
        "0X1f",
        "0xG",
        "0b101",
        "0B101",
        "0b102",
        "0b-1",
        "0b+1",
        "1_000",
        "1__0",
        "1_",
        "0x_1F",
        "0_7",
        "1_000.5",
        "1.5",
        "1.",
        ".5",
        ".5e3",
        "._5",
        ".5_0",
        ".5_",
        "1e3",
        "1E3",
        "1e+3",
        "1e-3",
        "1.5e300",
        "1e400",
        "1e-400",
        "1e21",
        "1e20",
        "1e22",
        "123456789",
        "1234567.5",
        "0.00001",
        "0.0001",
        "100000.0",
        "1000000.0",
        "16777217",
        "3.4e39",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e18",
        "1e19",
        "0x7fffffffffffffff",
        "0xffffffffffffffff",
        "0x1ffffffffffffffff",
        "22:22",
        "1:30:00",
        "190:20:30.15",
        "2001-12-14",
        "2001-1-1",
        "2001-12-14T21:59:43.10Z",
        "2001-12-14 21:59:43",
        "12-14",
        "0x1.8p1",
        "1e",
        "1e+",
        "e3",
        "1.2.3",
        "10.0.0.1",
        "1,5",
        "1Gi",
        "500m",
        "0.1",
        "2.50",
        "1_0e1_0",
        "0777",
        "0o",
        "0x",
        "0b",
        "1e3f",
        "1d",
        "0e0",
        "0.0",
        "00.5",
        "1.e5",
        "1e05",
        "12e03",
    ];
    let signs = ["", "-", "+", "--", "+-"];
    magnitudes.iter().flat_map(|magnitude| signs.map(|sign| format!("{sign}{magnitude}"))).collect()
}

fn tagged() -> Vec<String> {
    let tags = [
        "!!str",
        "!!int",
        "!!float",
        "!!bool",
        "!!null",
        "!!binary",
        "!",
        "!own",
        "!<tag:yaml.org,2002:str>",
        "!!map",
    ];
    let values = [
        "",
        "1",
        "010",
        "1.5",
        "yes",
        "\"yes\"",
        "'1'",
        "\"1.5\"",
        "~",
        "''",
        "abc",
        "aGVsbG8=",
        "\"aGVsbG8=\"",
        "aGVsbG8",
        "0x1F",
        "1e3",
        "18446744073709551615",
        ".inf",
        "2001-12-14",
    ];
    tags.iter().flat_map(|tag| values.map(|value| format!("{tag} {value}"))).collect()
}

fn quoted() -> Vec<String> {
    let texts = [
        "yes",
        "1",
        "010",
        "1e3",
        "~",
        "",
        "null",
        "0x1F",
        "a b",
        "é",
        "#",
        "a: b",
        "<<",
        "true",
        " ",
        "2001-12-14",
    ];
    let forms = |text: &&str| {
        [
            format!("'{text}'"),
            format!("\"{text}\""),
            format!("\"{text}\\n\""),
            format!("|\n  {text}"),
            format!(">-\n  {text}"),
        ]
    };
    let others = [
        "a # b",
        "a#b",
        "\"\\x41\\u00e9\\U0001F600\"",
        "\"\\/\"",
        "\"\\t\\0\"",
        "'it''s'",
        "=",
        "<<",
        "- a",
        "[1, 010]",
        "{yes: no}",
        "a,b",
        "%a",
        "@a",
        "`a`",
        "a'b",
    ];
    texts.iter().flat_map(forms).chain(others.map(str::to_owned)).collect()
}
