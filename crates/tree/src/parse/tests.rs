//! Reading, expectation beside the text.

use super::*;
use crate::{KubeScalar, NodeRef};

/// A tree in one line: what Kubernetes would make of it, as JSON.
fn show(node: NodeRef<'_>) -> String {
    if node.is_map() {
        let fields: Vec<_> = node.entries().map(|(k, v)| format!("{:?}:{}", k.kube_key(), show(v))).collect();
        return format!("{{{}}}", fields.join(","));
    }
    if node.is_list() {
        return format!("[{}]", node.items().map(show).collect::<Vec<_>>().join(","));
    }
    match node.kube() {
        KubeScalar::Null => "null".to_owned(),
        KubeScalar::Bool(value) => value.to_string(),
        KubeScalar::Int(value) => value.to_string(),
        KubeScalar::UInt(value) => value.to_string(),
        KubeScalar::Float(value) => value.to_string(),
        KubeScalar::Str(text) => format!("{text:?}"),
    }
}

/// Documents as JSON lines, then findings as `rule@start..end`.
#[track_caller]
fn check(text: &str, documents: &[&str], findings: &[&str]) {
    let parsed = parse(FileId(0), text);
    let shown: Vec<_> = parsed.documents.iter().map(|tree| show(tree.root())).collect();
    let place = |finding: &Finding| {
        let span = finding.locations[0].span;
        assert!(finding.help.is_some(), "every finding has a remedy: {}", finding.message);
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}: {}", finding.message);
        format!("{}@{}..{}", finding.rule, span.start, span.end)
    };
    let found: Vec<_> = parsed.findings.iter().map(place).collect();
    assert_eq!((shown.iter().map(String::as_str).collect(), found), (documents.to_vec(), own(findings)));
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn documents() {
    check("", &[], &[]);
    check("# only a comment\n", &[], &[]);
    check("---\n---\n\n---\n# nothing\n...\n", &[], &[]);
    check("a: 1\n---\nb: 2\n", &["{\"a\":1}", "{\"b\":2}"], &[]);
    check("--- a\n--- # b\nc\n", &["\"a\"", "\"c\""], &[]);
    check("%YAML 1.1\n---\na: b\n", &["{\"a\":\"b\"}"], &[]);
    check("\u{feff}a: 1\r\nb:\r\n- x\r\n---\r\nc: 2\r\n", &["{\"a\":1,\"b\":[\"x\"]}", "{\"c\":2}"], &[]);
    check("a: |\n  ---\n  b\nc: d\n", &["{\"a\":\"---\\nb\\n\",\"c\":\"d\"}"], &[]);
    check("a: 1\n...\nb: 2\n", &["{\"a\":1}", "{\"b\":2}"], &[]);
}

#[test]
fn json() {
    check(
        "{\"a\": [1, 2.5, true, null, \"x\"],\n\t\"b\": {\"c\": \"\\u00e9\\/\"}}",
        &["{\"a\":[1,2.5,true,null,\"x\"],\"b\":{\"c\":\"é/\"}}"],
        &[],
    );
    check("[]", &["[]"], &[]);
    let text = r#"{"a":"\ud83d\ude00\\ud83d\ude00","ä":1,"a":2}"#;
    let text = &text.replace(r"\\ud83d\ude00", r"\\ud83d");
    check(text, &["{\"a\":2,\"ä\":1}"], &["duplicate-key@34..37"]);
    check(&text.replace(",\"a\":2", ""), &["{\"a\":\"😀\\\\ud83d\",\"ä\":1}"], &[]);
}

#[test]
fn aliases_and_merges() {
    check("a: &x [1, 2]\nb: *x\n", &["{\"a\":[1,2],\"b\":[1,2]}"], &[]);
    check(
        "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n",
        &["{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":1,\"l\":3}}"],
        &[],
    );
    check("<<: [{a: 1}, {a: 2, b: 2}]\nc: 3\n", &["{\"a\":1,\"b\":2,\"c\":3}"], &[]);
    check("a: 1\n<<: {a: 2}\n", &["{\"a\":2}"], &["merge-after-key@5..7"]);
    check("<<: 1\nb: 2\n", &["{\"b\":2}"], &["syntax@0..2"]);
    check("'<<': 1\n", &["{\"<<\":1}"], &[]);
    check("a: *nothing\n---\nb: 1\n", &["{\"b\":1}"], &["syntax@3..4"]);
    check("a: &x [1, *x]\n---\nb: 1\n", &["{\"b\":1}"], &["syntax@10..12"]);
}

#[test]
fn keys() {
    check("a: 1\nb: 2\na: 3\n", &["{\"a\":3,\"b\":2}"], &["duplicate-key@10..11"]);
    check("yes: 1\n1: 2\n0x10: 3\n1.5: 4\n", &["{\"true\":1,\"1\":2,\"16\":3,\"1.5\":4}"], &[]);
    check("1: a\n'1': b\n", &["{\"1\":\"b\"}"], &["duplicate-key@5..8"]);
    check("yes: 1\n'true': 2\nyes: 3\n", &["{\"true\":3}"], &["duplicate-key@7..13", "duplicate-key@17..20"]);
    check("~: a\nb: c\n", &["{\"b\":\"c\"}"], &["syntax@0..1"]);
    check("? [a]\n: b\n", &["{}"], &["syntax@2..5"]);
    let many: String = (0..40).map(|n| format!("k{n}: {n}\n")).collect::<String>() + "k7: 1\n";
    assert_eq!(parse(FileId(0), &many).findings.len(), 1);
}

#[test]
fn what_cannot_be_read() {
    check("a: b: c\n---\nd: 1\n", &["{\"d\":1}"], &["syntax@4..5"]);
    check("a:\n\t- b\n", &[], &["syntax@4..5"]);
    check("a: \"b\n", &[], &["syntax@3..4"]);
    check("a: \u{1}\n", &["{\"a\":\"\\u{1}\"}"], &["syntax@3..4"]);
    check("a: b\n\0\n---\nc: d\n", &[], &["syntax@5..6"]);
    check("a: !!int b\nc: !!binary aGVsbG8=\n", &["{\"a\":\"b\",\"c\":\"hello\"}"], &["syntax@3..10"]);
}

#[test]
fn partial_documents_keep_what_was_read() {
    let parsed = parse(FileId(0), "kind: Pod\nmetadata:\n  name: a\nspec: b: c\n");
    let name = parsed.partial[0].root().path(&["metadata", "name"]).and_then(NodeRef::str);
    assert_eq!((parsed.documents.len(), name), (0, Some("a")));
}

#[test]
fn flawed_documents_are_named_whole() {
    let text = "a: 1\n---\nb: 1\nb: 2\n--- \nc: d: e\n---\nf: 1\n";
    let flawed = parse(FileId(0), text).flawed;
    let texts: Vec<_> = flawed.iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(texts, ["---\nb: 1\nb: 2\n", "--- \nc: d: e\n"]);
}

#[test]
fn depth_and_size_are_bounded() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)] {
        let parsed = parse(FileId(0), &text);
        assert_eq!((parsed.findings.len(), parsed.documents.len()), (1, 0), "{}", &text[..8]);
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    let parsed = parse(FileId(0), &bomb);
    assert_eq!((parsed.findings.len(), parsed.documents.len()), (1, 0));
    assert_eq!(parsed.findings[0].about, ["alias bomb", "a5.2", "document 1"]);
    let parsed = parse(FileId(0), "a: b\n---\nc: [d, {e: 1, e: 2}]\n");
    assert_eq!(parsed.findings[0].about, ["e", "c.1.", "document 2"]);
}

#[test]
fn spans_are_bytes() {
    let spans = |text: &'static str| {
        let parsed = parse(FileId(0), text);
        let tree = parsed.documents.into_iter().next_back().unwrap();
        let mut spans = Vec::new();
        walk(tree.root(), &mut |node| {
            let span = node.span().unwrap();
            spans.push(&text[span.start as usize..span.end as usize]);
        });
        spans
    };
    assert_eq!(
        spans("ä: 'ö'\nü: [é, \"😀\"] # ß\n"),
        ["ä: 'ö'\nü: [é, \"😀\"]", "ä", "'ö'", "ü", "[é, \"😀\"]", "é", "\"😀\""]
    );
    assert_eq!(
        spans("x: ä\r\n---\r\na:\r\n  b:   ö  \r\n  c:\r\n  - d\r\n\r\ne: f\r\n"),
        [
            "a:\r\n  b:   ö  \r\n  c:\r\n  - d\r\n\r\ne: f",
            "a",
            "b:   ö  \r\n  c:\r\n  - d",
            "b",
            "ö",
            "c",
            "d",
            "d",
            "e",
            "f"
        ]
    );
    assert_eq!(
        spans("a: |\n  é\n  b\nc: >-\n  d\n\n"),
        ["a: |\n  é\n  b\nc: >-\n  d", "a", "é\n  b", "c", "d"]
    );
    assert_eq!(
        spans("a:\nb: {}\nc: &x !!str d\n"),
        ["a:\nb: {}\nc: &x !!str d", "a", "", "b", "{}", "c", "&x !!str d"]
    );
}

fn walk<'a>(node: NodeRef<'a>, visit: &mut impl FnMut(NodeRef<'a>)) {
    visit(node);
    node.entries().for_each(|(key, value)| {
        visit(key);
        walk(value, visit);
    });
    node.items().for_each(|item| walk(item, visit));
}
