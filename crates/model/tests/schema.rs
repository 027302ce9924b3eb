//! The JSON Schema: as the declarations have it, and true of the platforms here.
#![expect(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};

use tree::{KubeScalar, NodeRef};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn json(node: NodeRef<'_>) -> serde_json::Value {
    if node.is_map() {
        return node.entries().map(|(key, value)| (key.kube_key().into_owned(), json(value))).collect();
    }
    if node.is_list() {
        return node.items().map(json).collect();
    }
    match node.kube() {
        KubeScalar::Null => serde_json::Value::Null,
        KubeScalar::Bool(value) => value.into(),
        KubeScalar::Int(value) => value.into(),
        KubeScalar::UInt(value) => value.into(),
        KubeScalar::Float(value) => value.into(),
        KubeScalar::Str(text) => text.into(),
    }
}

fn problems(text: &str) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&model::json_schema()).unwrap();
    let parsed = tree::parse(diag::FileId(0), text);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    let documents: Vec<_> = parsed.documents.iter().map(|document| json(document.root())).collect();
    assert!(!documents.is_empty());
    let found = documents.iter().flat_map(|document| validator.iter_errors(document));
    found.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schema_in_docs_is_the_one_of_the_declarations() {
    let path = root().join("docs/schemas/definition.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&model::json_schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "it is out of date: run this test with UPDATE=1");
}

#[test]
fn every_file_of_every_platform_keeps_to_the_schema() {
    let mut folders = vec![root().join("platforms")];
    let mut n_files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(problems(&text), [""; 0], "{}", path.display());
                n_files += 1;
            }
        }
    }
    assert!(n_files > 5, "only {n_files} files");
}

#[test]
fn what_the_reader_refuses_the_schema_refuses() {
    let head = "apiVersion: underpin.dev/v1\nmetadata: {name: a}\n";
    let check = |rest: &str, is_right: bool| {
        assert_eq!(problems(&format!("{head}{rest}")).is_empty(), is_right, "{rest}");
    };
    let component =
        |spec: &str| format!("kind: Component\nspec: {{namespace: n, runtime: go, image: a, {spec}}}");
    check(&component("replicas: 2"), true);
    check(&component("ports: {http: 8080, grpc: {port: 1, protocol: TCP}}"), true);
    check(&component("ports: {http: 70000}"), false);
    check(&component("replcas: 2"), false);
    check(&component("pullPolicy: always"), false);
    check(&component("secrets: {KEY: a/b#c}, calls: [db]"), true);
    check("kind: Component\nspec: {runtime: go}", false);
    check("kind: Componnt\nspec: {}", false);
    let environment = |changes: &str| {
        format!(
            "kind: Environment\nspec: {{stage: staging, secrets: file, certificates: acme, changes: {changes}}}"
        )
    };
    check(&environment("{Component/a: {replicas: null, calls: {$append: [b]}, config: {A: null}}}"), true);
    check(&environment("{Component/a: {replcas: 1}}"), false);
    check(&environment("{Komponent/a: {replicas: 1}}"), false);
}
