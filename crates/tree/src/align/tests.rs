//! Aligned, then rendered with a scope's values, is that scope's tree.

use std::collections::BTreeMap;

use diag::{FileId, Span};
use proptest::prelude::*;

use super::*;
use crate::Layer;

/// A tree without the order of keys.
#[derive(Debug, PartialEq)]
enum Plain {
    Map(BTreeMap<String, Plain>),
    List(Vec<Plain>),
    Scalar(String),
}

fn plain(node: NodeRef<'_>) -> Plain {
    if node.is_map() {
        return Plain::Map(
            node.entries().map(|(key, value)| (key.kube_key().into_owned(), plain(value))).collect(),
        );
    }
    if node.is_list() {
        return Plain::List(node.items().map(plain).collect());
    }
    Plain::Scalar(format!("{:?}", node.kube()))
}

fn written(field: &str) -> Origin {
    let span = Span { file: FileId(0), start: 0, end: 0 };
    Origin::written(FieldPath::new(field), span, Layer::Platform, None)
}

fn format(parts: &[(&str, bool)], inputs: Vec<Origin>) -> Origin {
    let mut index = 0;
    let part = |&(text, is_input): &(&str, bool)| match is_input {
        true => {
            index += 1;
            Part::Input { index: index - 1, text: text.into() }
        }
        false => Part::Literal(text.into()),
    };
    Origin::format(parts.iter().map(part).collect::<Vec<_>>(), inputs)
}

#[track_caller]
fn aligned(trees: &[Option<Draft>]) -> (Alignment, Vec<Option<Tree>>) {
    let trees: Vec<_> = trees.iter().map(|draft| draft.clone().map(Draft::finish)).collect();
    let present = trees.iter().enumerate();
    let present =
        present.filter_map(|(index, tree)| Some((ScopeIndex(u16::try_from(index).ok()?), tree.as_ref()?)));
    let alignment = align(u16::try_from(trees.len()).unwrap(), &[("object".into(), present.collect())]);
    (alignment, trees)
}

#[track_caller]
fn assert_renders(trees: &[Option<Draft>]) -> Alignment {
    let (alignment, trees) = aligned(trees);
    for (scope, tree) in (0..).map(ScopeIndex).zip(&trees) {
        let rendered = render(&alignment.objects[0], &alignment.values_of(scope));
        assert_eq!(
            rendered.as_ref().map(|tree| plain(tree.root())),
            tree.as_ref().map(|tree| plain(tree.root())),
            "scope {scope:?}: {alignment:#?}"
        );
    }
    alignment
}

/// The names of the values, shortened, with their texts by scope.
#[track_caller]
fn check(trees: &[Option<Draft>], values: &[(&str, &[&str])]) {
    let alignment = assert_renders(trees);
    let name = |name: &ValueName| match name {
        ValueName::Field(field) => format!("{field}"),
        ValueName::Present(field) => format!("{field}?"),
        ValueName::Derived { object, name } => format!("{object}:{name}"),
        ValueName::At { object, path, n } => format!("{object}/{path}#{n}"),
        ValueName::PresentAt { object, path, n } => format!("{object}/{path}#{n}?"),
    };
    let scopes = 0..u16::try_from(trees.len()).unwrap();
    let texts = |value: &Value| -> Vec<String> {
        scopes.clone().map(|scope| value.in_scope(ScopeIndex(scope)).unwrap_or("-").to_owned()).collect()
    };
    let found: Vec<_> = alignment.values.iter().map(|value| (name(&value.name), texts(value))).collect();
    let expected: Vec<_> = values
        .iter()
        .map(|(name, texts)| ((*name).to_owned(), texts.iter().map(|&text| text.to_owned()).collect()))
        .collect();
    assert_eq!(found, expected);
}

fn map(key: &str, value: Draft) -> Option<Draft> {
    Some(Draft::map(written("map")).with(key, value))
}

#[test]
fn equal_is_literal() {
    let tree = || map("a", Draft::int(1, written("f")));
    check(&[tree(), tree()], &[]);
}

#[test]
fn a_field_is_a_value_of_its_name() {
    let tree = |value| map("a", Draft::int(value, written("f")));
    check(&[tree(1), tree(2), tree(1)], &[("f", &["1", "2", "1"])]);
    let default = map("a", Draft::int(3, Origin::default_of(FieldPath::new("f"), "so")));
    check(&[tree(1), default], &[("f", &["1", "3"])]);
}

#[test]
fn a_derivation_has_its_declared_name() {
    let derived = map("a", Draft::int(2, Origin::derived("total", [written("f")])));
    check(&[map("a", Draft::int(1, written("f"))), derived], &[("object:total", &["1", "2"])]);
}

#[test]
fn anything_else_is_named_by_its_path() {
    let tree = |field: &str, value| map("a", Draft::int(value, written(field)));
    check(&[tree("f", 1), tree("g", 2)], &[("object/a#0", &["1", "2"])]);
}

#[test]
fn one_field_with_two_texts_in_a_scope_is_two_values() {
    let tree = |n: i64| {
        let map = Draft::map(written("m")).with("a", Draft::int(n, written("f")));
        Some(map.with("b", Draft::int(n * 10, written("f"))).with("c", Draft::int(n, written("f"))))
    };
    check(&[tree(1), tree(2)], &[("f", &["1", "2"]), ("object/b#0", &["10", "20"])]);
}

#[test]
fn a_formatted_text_is_composed() {
    let tree = |host: &str, port: &str| {
        let origin = format(
            &[("http://", false), (host, true), (":", false), (port, true)],
            vec![written("h"), written("p")],
        );
        map("url", Draft::string(format!("http://{host}:{port}"), origin))
    };
    check(&[tree("a", "80"), tree("b", "80")], &[("h", &["a", "b"])]);
    let (alignment, _) = aligned(&[tree("a", "80"), tree("b", "80")]);
    let Content::Map(fields) = &alignment.objects[0].root[0].content else { panic!("a mapping") };
    let Content::Scalar { pieces, .. } = &fields[0].1.content else { panic!("a scalar") };
    let literal = |text: &str| Piece::Literal(text.into());
    assert_eq!(pieces[..], [literal("http://"), Piece::Value(ValueId::default()), literal(":80")]);
}

#[test]
fn presence_is_a_condition() {
    let with = || map("a", Draft::int(1, written("f")).present_because(written("enabled")));
    let without = || map("b", Draft::int(1, written("f")));
    check(&[with(), without()], &[("object/b#0?", &["false", "true"]), ("enabled?", &["true", "false"])]);
    check(&[with(), None], &[("object/#0?", &["true", "false"])]);
}

#[test]
fn items_keep_their_order_in_every_scope() {
    let list = |names: &[&str]| {
        let items = names.iter().map(|name| Draft::string(*name, written("f")).keyed(*name));
        Some(items.fold(Draft::list(written("l")), Draft::item))
    };
    let trees = [list(&["a", "b", "c"]), list(&["c", "a", "d"]), list(&["a", "c"])];
    let alignment = assert_renders(&trees);
    let Content::List(items) = &alignment.objects[0].root[0].content else { panic!("a list") };
    assert_eq!(items.len(), 5);
}

#[test]
fn emptiness_and_kind_are_alternatives() {
    let field = |value| map("a", value);
    let full = Draft::map(written("m")).with("b", Draft::int(1, written("f")));
    let texts = [Draft::string("1", written("f")), Draft::int(1, written("f")), Draft::list(written("l"))];
    let trees = [vec![full, Draft::map(written("m"))], texts.to_vec()].concat();
    let alignment = assert_renders(&trees.into_iter().map(field).collect::<Vec<_>>());
    let Content::Map(fields) = &alignment.objects[0].root[0].content else { panic!("a mapping") };
    assert_eq!(fields.len(), 5);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ab1]", Just(String::new()), "[a1:\n#]{0,3}"]
}

fn origin() -> impl Strategy<Value = Origin> {
    let leaf = prop_oneof![
        "[fg]".prop_map(|field| written(&field)),
        "[fg]".prop_map(|field| Origin::default_of(FieldPath::new(field), "so")),
        Just(Origin::catalogue("m", "fact")),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        let derived = (prop_oneof![Just("d"), Just("e")], inner.clone());
        prop_oneof![
            derived.prop_map(|(name, input)| Origin::derived(name, [input])),
            // Parts that often have nothing to do with the text they explain: alignment mustn't trust them.
            (text(), text(), inner).prop_map(|(a, b, input)| format(&[(&a, false), (&b, true)], vec![input])),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Draft> {
    prop_oneof![
        (text(), origin()).prop_map(|(text, origin)| Draft::string(text, origin)),
        (0..3i64, origin()).prop_map(|(value, origin)| Draft::int(value, origin)),
        (any::<bool>(), origin()).prop_map(|(value, origin)| Draft::bool(value, origin)),
        (prop_oneof![Just("null"), Just("0.5"), Just("1e3")], origin())
            .prop_map(|(text, origin)| Draft::typed(text, origin)),
        (text(), text(), origin()).prop_map(|(a, b, input)| {
            Draft::string(format!("{a}{b}"), format(&[(&a, false), (&b, true)], vec![input]))
        }),
        (text(), text(), origin(), origin()).prop_map(|(a, b, first, second)| {
            let parts = [("x", false), (a.as_str(), true), (b.as_str(), true)];
            Draft::string(format!("x{a}{b}"), format(&parts, vec![first, second]))
        }),
    ]
}

fn tree() -> impl Strategy<Value = Draft> {
    let node = scalar().prop_recursive(4, 24, 4, |inner| {
        let field = ("[abc]", inner.clone(), proptest::option::of("[pq]"));
        let item = (inner, proptest::option::of("[xyz]"));
        prop_oneof![
            proptest::collection::vec(field, 0..4).prop_map(|fields| {
                fields.into_iter().fold(Draft::map(written("m")), |map, (key, value, presence)| {
                    let value =
                        presence.iter().fold(value, |value, field| value.present_because(written(field)));
                    map.with(key, value)
                })
            }),
            proptest::collection::vec(item, 0..5).prop_map(|items| {
                items.into_iter().fold(Draft::list(written("l")), |list, (item, key)| {
                    list.item(key.into_iter().fold(item, Draft::keyed))
                })
            }),
        ]
    });
    // Mappings at the root most of the time, so that there is much to align.
    prop_oneof![
        1 => node.clone(),
        4 => (node.clone(), node.clone(), node).prop_map(|(a, b, c)| {
            Draft::map(written("m")).with("a", a).with("b", b).with("c", c)
        }),
    ]
}

/// Trees of several scopes: some the same, some missing.
fn trees() -> impl Strategy<Value = Vec<Option<Draft>>> {
    let pool = proptest::collection::vec(tree(), 1..4);
    (
        pool,
        proptest::collection::vec(proptest::option::weighted(0.85, any::<proptest::sample::Index>()), 1..5),
    )
        .prop_map(|(pool, picks)| picks.iter().map(|pick| pick.map(|pick| pick.get(&pool).clone())).collect())
}

fn assert_slots(slots: &[&Slot], parent: &[ScopeIndex]) {
    for slot in slots {
        assert_eq!(slot.when.is_none(), slot.scopes[..] == *parent);
        assert!(!slot.scopes.is_empty() && slot.scopes.iter().all(|scope| parent.contains(scope)));
        let below: Vec<&Slot> = match &slot.content {
            Content::Map(fields) => fields.iter().map(|(_, slot)| slot).collect(),
            Content::List(items) => items.iter().collect(),
            Content::Scalar { .. } => continue,
        };
        let in_scope = |scope: &ScopeIndex| below.iter().any(|slot| slot.scopes.contains(scope));
        assert!(below.is_empty() || slot.scopes.iter().all(in_scope), "empty in a scope");
        assert_slots(&below, &slot.scopes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_aligned_renders_back(trees in trees()) {
        let alignment = assert_renders(&trees);
        let all: Vec<_> = (0..u16::try_from(trees.len()).unwrap()).map(ScopeIndex).collect();
        assert_slots(&alignment.objects[0].root.iter().collect::<Vec<_>>(), &all);
        let mut names: Vec<_> = alignment.values.iter().map(|value| value.name.clone()).collect();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), alignment.values.len());
    }
}
