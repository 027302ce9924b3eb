//! What programs read — findings, the build index, origins, intent — is as its published schema says, and what a build
//! wrote leads back to the definition.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may")]

mod common;

use std::path::Path;

use common::underpin;
use serde_json::Value;
use testkit::Scratch;

const PLATFORM: &str = "
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec:
  domain: shop.example
  registry: {host: registry.example/shop}
  owners: {core: core@shop.example}
  namespaces: {prod: {}}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: prod
  runtime: go
  image: api:1.0.0
  replicas: 2
  resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
  ports: {http: 8080}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: staging}
spec:
  stage: staging
  secrets: kubernetes
  certificates: self-signed
  targets: {main: {runs: kubernetes}}
  changes:
    Component/api: {replicas: 3}
";

const BROKEN: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: nothing}, ports: [{port: 80}]}
---
a: b: c
---
apiVersion: example.org/v1
kind: Unknown
metadata: {name: x}
";

/// Validates a document against a schema of `docs/schemas`, and proves that the schema says something.
#[track_caller]
fn check(document: &str, schema: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(schema);
    let schema: Value = parsed(&std::fs::read_to_string(path).expect("a schema"));
    let document = parsed(document);
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    let Value::Object(mut other) = document.clone() else { panic!("an object") };
    other.insert("misspelt".to_owned(), Value::Null);
    assert!(!validator.is_valid(&Value::Object(other)), "the schema takes anything");
    document
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file of the build")
}

#[test]
fn findings_are_as_their_schema_says() {
    let folder = Scratch::new("contracts");
    folder.write("a.yaml", BROKEN);
    let (code, out, _) = underpin(&folder, &["check", ".", "--format", "json"]);
    let report = check(&out, "findings.schema.json");
    let findings = report["findings"].as_array().expect("findings");
    let count = |level: &str| findings.iter().filter(|finding| finding["level"] == level).count();
    for level in ["error", "warning", "note"] {
        assert_eq!(report["summary"][level], count(level), "{level}");
    }
    assert_eq!(code, 1);
    assert!(count("error") > 0 && count("warning") > 0, "{out}");
    let mut fingerprints: Vec<_> = findings.iter().map(|finding| finding["fingerprint"].as_str()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), findings.len(), "one defect is one finding: {out}");
}

#[test]
fn levels_decide_the_exit_code() {
    let folder = Scratch::new("contracts");
    folder.write("a.yaml", BROKEN.split("---").next().expect("a document"));
    let exit = |deny: &[&str]| underpin(&folder, &[&["check", "."], deny].concat()).0;
    assert_eq!([exit(&[]), exit(&["--deny", "warning"]), exit(&["--deny", "note"])], [0, 1, 1]);
}

#[test]
fn a_build_is_as_its_schemas_say() {
    let folder = Scratch::new("contracts");
    folder.write("shop/shop.yaml", PLATFORM);
    let (code, out, said) = underpin(&folder, &["build", "shop", "--out", "out"]);
    assert_eq!(code, 0, "{out}{said}");
    let own = folder.join("out/.underpin");
    let index = check(&read(&own.join("build.json")), "build.schema.json");
    check(&read(&own.join("intent.json")), "intent.schema.json");
    check(&read(&own.join("origins/staging.json")), "origins.schema.json");
    let (_, found, _) = underpin(&folder, &["check", "out", "--format", "json"]);
    let report = check(&found, "findings.schema.json");
    assert_eq!(report["summary"]["error"], 0, "{found}");
    let artifacts = index["artifacts"].as_array().expect("artifacts");
    let path = |artifact: &Value| folder.join("out").join(artifact["path"].as_str().expect("a path"));
    assert!(artifacts.iter().all(|artifact| path(artifact).is_file()));
    assert_eq!(underpin(&folder, &["build", "shop", "--out", "again"]).0, 0);
    let same = |artifact: &Value| {
        let other = folder.join("again").join(artifact["path"].as_str().expect("a path"));
        read(&path(artifact)) == read(&other)
    };
    assert!(artifacts.iter().all(same), "the same input gives the same bytes");
}

#[test]
fn a_line_leads_back_to_the_definition() {
    let folder = Scratch::new("contracts");
    folder.write("shop/shop.yaml", PLATFORM);
    let (code, out, said) = underpin(&folder, &["build", "shop", "--out", "out"]);
    assert_eq!(code, 0, "{out}{said}");
    let manifest = folder.join("out/kubernetes/staging/main/prod/api.yaml");
    let line =
        read(&manifest).lines().position(|line| line.trim() == "replicas: 3").expect("the replicas") + 1;
    let place = format!("out/kubernetes/staging/main/prod/api.yaml:{line}");
    let (code, out, said) = underpin(&folder, &["why", &place]);
    assert_eq!(code, 0, "{said}");
    let written = PLATFORM.lines().position(|line| line.contains("replicas: 3")).expect("the override") + 1;
    let replaced = PLATFORM.lines().position(|line| line.contains("replicas: 2")).expect("the base") + 1;
    assert!(out.contains(&format!("environment at shop/shop.yaml:{written}:")), "{out}");
    assert!(out.contains(&format!("platform at shop/shop.yaml:{replaced}:")), "{out}");
    assert_eq!(underpin(&folder, &["why", "shop/shop.yaml:3"]).0, 2);
    assert_eq!(underpin(&folder, &["why", "nowhere"]).0, 2);
    std::fs::write(&manifest, format!("# moved\n{}", read(&manifest))).expect("written");
    let (code, out, said) = underpin(&folder, &["why", &place]);
    assert_eq!(code, 2, "the lines of an edited file lead nowhere: {out}");
    assert!(said.contains("was changed since it was built"), "{said}");
}

/// What suppressions do to the findings of `BROKEN`: rules with their levels.
#[track_caller]
fn check_allowed(settings: &str, expected: &[&str]) {
    let folder = Scratch::new("contracts");
    folder.write("a.yaml", BROKEN.split("---").next().expect("a document"));
    folder.write("underpin.toml", settings);
    let (_, out, said) = underpin(&folder, &["check", ".", "--format", "json"]);
    let report = check(&out, "findings.schema.json");
    let findings = report["findings"].as_array().expect("findings").iter();
    let place = |finding: &Value| finding["locations"][0]["line"].as_u64().unwrap_or(0);
    let mut rules: Vec<_> = findings
        .map(|finding| format!("{}@{}", finding["rule"].as_str().unwrap_or(""), place(finding)))
        .collect();
    rules.sort();
    assert_eq!(rules, expected, "{out}{said}");
}

#[test]
fn settings_suppress_by_rule_and_object_until_a_day() {
    let entry = |object: &str, until: &str| {
        format!(
            "[[allow]]\nrule = \"selector-matches-nothing\"\nuntil = {until}\nreason = \"made later\"\n{object}\n"
        )
    };
    let found = "selector-matches-nothing@5";
    check_allowed("", &[found]);
    check_allowed(&entry("", "2999-01-31"), &[]);
    check_allowed(&entry("object = \"Service/shop/web\"", "\"2999-01-31\""), &[]);
    check_allowed(&entry("object = \"Service/other\"", "2999-01-31"), &["allow-unused@1", found]);
    check_allowed(&entry("", "2020-01-31"), &["allow-unused@1", found]);
    check_allowed(&entry("", "2999-01-31").replace("made later", ""), &["allow-invalid@1", found]);
    check_allowed(&entry("", "2999-01-31").replace("selector-", "selektor-"), &["allow-invalid@1", found]);
    check_allowed("[[alow]]\n", &["allow-invalid@1", found]);
    check_allowed("[[allow]\n", &["allow-invalid@1", found]);
}

#[test]
fn findings_lead_back_to_the_definition_in_build_and_check() {
    let folder = Scratch::new("contracts");
    folder.write(
        "shop/shop.yaml",
        PLATFORM.replace("replicas: 2", "replicas: 2\n  config: {NAME: '$${OTHER}'}"),
    );
    let json = |arguments: &[&str]| {
        let (_, out, said) = underpin(&folder, &[arguments, &["--format", "json"]].concat());
        assert!(said.len() < 1000, "{said}");
        check(&out, "findings.schema.json")["findings"].clone()
    };
    let built = json(&["build", "shop", "--out", "out"]);
    let checked = json(&["check", "out"]);
    let identities = |findings: &Value| -> Vec<(Value, Value)> {
        let findings = findings.as_array().expect("findings").iter();
        findings.map(|finding| (finding["fingerprint"].clone(), finding["message"].clone())).collect()
    };
    assert_eq!(identities(&built), identities(&checked), "check finds what build found");
    let place = parsed(r#"{"file": "shop/shop.yaml", "line": 19, "column": 18, "label": "comes from here"}"#);
    let locations = built[0]["locations"].as_array().expect("locations");
    assert!(locations.contains(&place), "{built:#}");
    let note = "Line 22 of api.yaml follows from Component/api.spec.config.NAME at shop/shop.yaml:19.";
    assert!(checked.to_string().contains(note), "{checked:#}");
    let manifest = folder.join("out/kubernetes/staging/main/prod/api.yaml");
    std::fs::write(&manifest, format!("# moved\n{}", read(&manifest))).expect("written");
    let edited = json(&["check", "out"]).to_string();
    assert!(
        edited.contains("was changed since it was built") && !edited.contains("follows from"),
        "{edited}"
    );
}
