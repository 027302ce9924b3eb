//! What `build` does to its output folder, and what it leaves alone.
#![expect(clippy::expect_used, reason = "a test may")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::underpin;
use testkit::Scratch;

const DEFINITION: &str = "
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec: {domain: shop.example, registry: {host: registry.example}, namespaces: {shop: {}}}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: shop
  runtime: go
  image: api:1.0.0
  replicas: 2
  resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
  ports: {http: 8080}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: production}
spec:
  stage: production
  secrets: kubernetes
  certificates: acme
  targets: {main: {runs: kubernetes, nodePools: {general: {min: 2, max: 2, cpu: 4, memory: 16Gi}}}}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: staging}
spec:
  stage: staging
  secrets: kubernetes
  certificates: acme-staging
  targets: {main: {runs: kubernetes, nodePools: {general: {min: 1, max: 1, cpu: 4, memory: 16Gi}}}}
";

struct Shop {
    scratch: Scratch,
}

impl Shop {
    fn new() -> Self {
        let scratch = Scratch::new("output-folder");
        scratch.write("platform/shop.yaml", DEFINITION);
        Self { scratch }
    }

    fn out(&self) -> PathBuf {
        self.scratch.join("out")
    }

    /// Builds and expects an exit code; what was written on standard output.
    fn builds(&self, arguments: &[&str], code: i32) -> String {
        let (ended, out, said) = self.build(arguments);
        assert_eq!(ended, code, "{out}{said}");
        out
    }

    fn build(&self, arguments: &[&str]) -> (i32, String, String) {
        underpin(&self.scratch, &[&["build", "platform", "--out", "out"], arguments].concat())
    }

    fn artifact(&self, environment: &str) -> PathBuf {
        self.out().join(format!("kubernetes/{environment}/main/shop/api.yaml"))
    }
}

/// Every file below a folder with its content.
fn snapshot(folder: &Path) -> BTreeSet<(PathBuf, Vec<u8>)> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            files.insert((path.clone(), fs::read(&path).expect("a file")));
        }
    }
    files
}

#[test]
fn the_same_definition_gives_the_same_bytes_and_no_leftovers() {
    let shop = Shop::new();
    shop.builds(&[], 0);
    let first = snapshot(&shop.out());
    assert!(first.len() > 4, "{first:?}");
    shop.builds(&[], 0);
    assert_eq!(first, snapshot(&shop.out()));
    let beside: Vec<_> = fs::read_dir(shop.scratch.join(".")).expect("scratch").flatten().collect();
    assert_eq!(beside.len(), 2, "only the definition and the output: {beside:?}");
}

#[test]
fn an_edited_file_is_reported_and_kept_until_forced() {
    let shop = Shop::new();
    shop.builds(&[], 0);
    let edited = shop.artifact("production");
    fs::write(&edited, "edited: true\n").expect("written");
    let before = snapshot(&shop.out());
    let said = shop.builds(&[], 1);
    assert!(said.contains("artifact-edited"), "{said}");
    assert_eq!(before, snapshot(&shop.out()), "nothing is written beside an error");
    shop.builds(&["--force"], 0);
    assert!(fs::read_to_string(&edited).expect("there").contains("kind: Deployment"));
}

#[test]
fn a_file_that_no_build_made_is_neither_overwritten_nor_removed() {
    let shop = Shop::new();
    let (own, notes) = (shop.artifact("staging"), shop.out().join("kubernetes/NOTES.txt"));
    fs::create_dir_all(own.parent().expect("a folder")).expect("made");
    fs::write(&own, "mine: true\n").expect("written");
    fs::write(&notes, "mine\n").expect("written");
    let said = shop.builds(&[], 1);
    assert!(said.contains("artifact-foreign"), "{said}");
    assert_eq!(fs::read_to_string(&own).expect("there"), "mine: true\n");
    fs::remove_file(&own).expect("removed");
    shop.builds(&[], 0);
    assert_eq!(fs::read_to_string(&notes).expect("there"), "mine\n");
}

#[test]
fn what_the_definition_no_longer_has_goes() {
    let shop = Shop::new();
    shop.builds(&[], 0);
    assert!(shop.artifact("staging").exists());
    let production_only = DEFINITION.rsplit_once("---").expect("several documents").0;
    shop.scratch.write("platform/shop.yaml", production_only);
    shop.builds(&[], 0);
    assert!(!shop.out().join("kubernetes/staging").exists());
    assert!(shop.artifact("production").exists());
}

#[test]
fn one_environment_is_built_and_the_others_stay_true() {
    let shop = Shop::new();
    shop.builds(&[], 0);
    let whole = snapshot(&shop.out());
    shop.builds(&["--env", "staging"], 0);
    assert_eq!(whole, snapshot(&shop.out()));
    let said = shop.builds(&["--env", "stagin"], 1);
    assert!(said.contains("environment-unknown"), "{said}");
    assert_eq!(whole, snapshot(&shop.out()));
}

#[test]
fn checking_the_output_finds_what_building_found() {
    let shop = Shop::new();
    // A budget that lets no pod go: a warning of the manifests, whoever made them.
    let disruption =
        "ports: {http: 8080}\n  scaling: {min: 1, max: 4, cpu: 70%}\n  disruption: {minAvailable: 1}";
    let definition = DEFINITION.replace("ports: {http: 8080}", disruption);
    shop.scratch.write("platform/shop.yaml", definition);
    shop.builds(&[], 0);
    let (_, built, _) = shop.build(&["--format", "json"]);
    let (_, checked, _) = underpin(&shop.scratch, &["check", "out", "--format", "json"]);
    let fingerprints = |report: &str| -> BTreeSet<String> {
        let report: serde_json::Value = serde_json::from_str(report).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.map(|finding| finding["fingerprint"].to_string()).collect()
    };
    let found = fingerprints(&built);
    assert!(!found.is_empty(), "the example has something to find: {built}");
    assert_eq!(found, fingerprints(&checked));
}
