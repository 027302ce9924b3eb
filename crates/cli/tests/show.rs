//! `underpin show` and `underpin schema` as a user runs them.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::process::Command;

use testkit::Scratch;

const DEFINITION: &str = "\
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec: {domain: shop.example, namespaces: {prod: {}}}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: prod
  runtime: go
  image: api:1
  scaling: {min: 2, max: 4}
  config: {DB: 'postgres://api:canary@db/x'}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: production}
spec:
  stage: production
  secrets: vault
  certificates: acme
  targets: {main: {runs: kubernetes, changes: {Component/api: {scaling: {max: 9}}}}}
  changes:
    Component/api: {scaling: {max: 8}}
";

fn underpin(arguments: &[&str]) -> (Option<i32>, String, String) {
    let scratch = Scratch::new("show");
    scratch.write("shop/shop.yaml", DEFINITION);
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    let output = command.current_dir(&*scratch).args(arguments).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_value_is_shown_with_what_it_replaces() {
    let (code, out, _) = underpin(&["show", "shop", "--env", "production", "Component/api.scaling"]);
    let expected = "\
scaling:        # shop/shop.yaml:13
  min: 2        # shop/shop.yaml:13
  max: 9        # shop/shop.yaml:23, target; replaces 8 of shop/shop.yaml:25, environment; replaces 4 of shop/shop.yaml:13
  # downAfter:  # default: 300 s
";
    assert_eq!((code, out.as_str()), (Some(0), expected));
    let (_, before, _) = underpin(&["show", "shop", "Component/api.spec.scaling.max"]);
    assert_eq!(before, "max: 4  # shop/shop.yaml:13\n");
}

#[test]
fn json_has_every_layer() {
    let arguments = ["show", "shop", "--env", "production", "Component/api.scaling.max", "--format", "json"];
    let (_, out, _) = underpin(&arguments);
    let shown: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let origin =
        |line: u32, layer: &str| serde_json::json!({"file": "shop/shop.yaml", "line": line, "layer": layer});
    let origins = [origin(23, "target"), origin(25, "environment"), origin(13, "platform")];
    let value =
        serde_json::json!({"path": "Component/api.spec.scaling.max", "value": "9", "origins": origins});
    assert_eq!(shown, serde_json::json!({"values": [value]}));
}

#[test]
fn passwords_are_masked() {
    for format in ["text", "json"] {
        let (code, out, _) = underpin(&["show", "shop", "Component/api.config", "--format", format]);
        assert_eq!(code, Some(0));
        assert!(out.contains("postgres://api:***@db/x") && !out.contains("canary"), "{out}");
    }
}

#[test]
fn unknown_names_lead_to_the_nearest() {
    let check = |arguments: &[&str], expected: &str| {
        let (code, _, wrong) = underpin(&[&["show", "shop"], arguments].concat());
        assert_eq!((code, wrong.as_str()), (Some(2), format!("error: {expected}\n").as_str()));
    };
    check(&["Component/apo"], "there is no document `Component/apo`; did you mean `Component/api`?");
    check(&["api"], "there is no document `api`; did you mean `Component/api`?");
    check(
        &["Component/api.scalign"],
        "there is no field of Component/api.spec `scalign`; did you mean `scaling`?",
    );
    check(&["--env", "prodution"], "there is no environment `prodution`; did you mean `production`?");
}

#[test]
fn the_schema_is_printed() {
    let (code, out, _) = underpin(&["schema"]);
    let printed: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &printed), (Some(0), &model::json_schema()));
}
