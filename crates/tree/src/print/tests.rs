//! What is printed, and that it reads back the same.

use diag::FileId;
use proptest::prelude::*;

use super::*;
use crate::parse;

#[track_caller]
fn check(text: &str, printed: &str) {
    let parsed = parse(FileId(0), text);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    assert_eq!(print(&parsed.documents[0]), printed);
}

#[test]
fn collections() {
    check(
        "{a: {b: [1, {c: d, e: []}, [x, [z]]]}, f: {}}",
        "\
a:
  b:
    - 1
    - c: d
      e: []
    - - x
      - - z
f: {}
",
    );
    check("[]", "[]\n");
    check("- a\n-\n", "- a\n- null\n");
}

#[test]
fn scalars() {
    check("yes: 010\n", "\"true\": 8\n");
    check(
        "[1e3, 1.5, 1e300, .inf, 18446744073709551615, 1e-7]",
        "\
- 1000
- 1.5
- 1.0e+300
- .inf
- 18446744073709551615
- 1.0e-7
",
    );
}

#[test]
fn texts() {
    let plain = "a|a b|10.0.0.1|10.0.0.0/8|--flag=x|-Xmx1g|host:8080|a#b|1.27.0|500m|4Gi|é|a,b|/path|$(VAR)|^\\d+$|it's|v1|1h30m|2001:db8::1|*.a";
    for text in plain.split('|') {
        let expected = if text.starts_with('*') { format!("\"{text}\"") } else { text.to_owned() };
        assert_eq!(scalar::text(text), expected);
    }
    let quoted = "yes|on|Y|yEs|no|~|null|1|010|08|0x1F|0o17|0b1|1_000|1,000|1e3|1e400|22:22|1:30:15.5|.5|.inf|-.INF|2001-12-14|\
        2001-1-1 10:00:00|+1|=|<<|:a|a: b|a #b|a:|-|- a|---|...|?|[a|{a|#a|&a|!a|%a|@a||  a|a |0xfffffffffffffffffff|1.|12e03";
    for text in quoted.split('|') {
        assert_eq!(scalar::text(text), format!("\"{text}\""));
    }
    for (text, printed) in
        [("a: \"b\"", "'a: \"b\"'"), ("\u{7}", "\"\\x07\""), ("\u{85}\u{feff}", "\"\\x85\\ufeff\"")]
    {
        assert_eq!(scalar::text(text), printed);
    }
}

#[test]
fn blocks() {
    check(
        "a: \"x\\n y\\n\"\nb: [\"\\n x\\ny\", \"z\\n\\n\"]\nc: \"\\n\"\n",
        "\
a: |
  x
   y
b:
  - |2-

     x
    y
  - |+
    z

c: \"\\n\"
",
    );
}

#[test]
fn json() {
    let parsed = parse(FileId(0), "a: [1, yes, ~, 'b\"\n\n  c']\nd: {}\n");
    let printed = "{\n  \"a\": [\n    1,\n    true,\n    null,\n    \"b\\\"\\nc\"\n  ],\n  \"d\": {}\n}\n";
    assert_eq!(print_json(&parsed.documents[0]), printed);
}

#[test]
fn lines_know_their_values() {
    let parsed = parse(FileId(0), "a:\n  b: 1\n  c: [x, {d: e}]\nf: \"g\\nh\"\n");
    let (text, lines) = print_with_origins(&parsed.documents[0]);
    let tree = &parsed.documents[0];
    let shown: Vec<_> = text.lines().zip(&lines).map(|(text, &(_, id))| (text, tree.at(id).text())).collect();
    assert_eq!(
        shown,
        [
            ("a:", None),
            ("  b: 1", Some("1")),
            ("  c:", None),
            ("    - x", Some("x")),
            ("    - d: e", Some("e")),
            ("f: |-", Some("g\nh")),
            ("  g", Some("g\nh")),
            ("  h", Some("g\nh")),
        ]
    );
    assert!(lines.iter().zip(1..).all(|(&(line, _), expected)| line == expected));
}

/// A text that is likely to be hard.
fn hard_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[yYnNoOtTfF~0-9eExobnf_.,:+ -]{0,6}",
        "[a \n\t#:'\"|>-]{0,12}",
        "\\PC{0,6}",
        proptest::collection::vec(any::<char>(), 0..5).prop_map(String::from_iter),
        "[ \n]{0,4}[a-c\n ]{0,8}",
    ]
}

#[derive(Clone, Debug)]
enum Value {
    Typed(String),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|value| Value::Typed(value.to_string())),
        any::<u64>().prop_map(|value| Value::Typed(value.to_string())),
        any::<f64>().prop_map(|value| Value::Typed(typed(KubeScalar::Float(value)))),
        Just(Value::Typed("null".to_owned())),
        any::<bool>().prop_map(|value| Value::Typed(value.to_string())),
        hard_text().prop_map(Value::Text),
        hard_text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec((hard_text(), inner), 0..5).prop_map(Value::Map),
        ]
    })
}

fn draft(value: &Value) -> crate::Draft {
    let why = crate::Origin::default_of(crate::FieldPath::new("x"), "a test");
    match value {
        Value::Typed(text) => crate::Draft::typed(text.as_str(), why),
        Value::Text(text) => crate::Draft::string(text.as_str(), why),
        Value::List(items) => items.iter().fold(crate::Draft::list(why), |list, item| list.item(draft(item))),
        Value::Map(fields) => fields
            .iter()
            .fold(crate::Draft::map(why), |map, (key, value)| map.with(key.as_str(), draft(value))),
    }
}

#[track_caller]
fn assert_same(left: NodeRef<'_>, right: NodeRef<'_>, text: &str) {
    assert_eq!((left.is_map(), left.is_list()), (right.is_map(), right.is_list()), "{text}");
    assert_eq!(format!("{:?}", left.kube()), format!("{:?}", right.kube()), "{text}");
    assert_eq!(
        (left.entries().count(), left.items().len()),
        (right.entries().count(), right.items().len()),
        "{text}"
    );
    for ((left_key, left), (right_key, right)) in left.entries().zip(right.entries()) {
        assert_eq!(left_key.kube_key(), right_key.kube_key(), "{text}");
        assert_same(left, right, text);
    }
    left.items().zip(right.items()).for_each(|(left, right)| assert_same(left, right, text));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_the_same(value in value()) {
        let tree = draft(&value).finish();
        for text in [print(&tree), format!("a: b\n---\n{}---\nc: d\n", print(&tree))] {
            let parsed = parse(FileId(0), &text);
            prop_assert!(parsed.findings.is_empty(), "{:?}\n{text}", parsed.findings);
            let read = &parsed.documents[parsed.documents.len() / 2];
            assert_same(tree.root(), read.root(), &text);
        }
    }

    #[test]
    fn json_is_yaml_too(value in value()) {
        let tree = draft(&value).finish();
        let text = print_json(&tree);
        let finite = !print(&tree).contains(".nan") && !print(&tree).contains(".inf");
        let parsed = parse(FileId(0), &text);
        prop_assert!(parsed.findings.is_empty(), "{:?}\n{text}", parsed.findings);
        if finite {
            assert_same(tree.root(), parsed.documents[0].root(), &text);
        }
    }
}
