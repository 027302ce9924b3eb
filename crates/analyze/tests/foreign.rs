//! What repositories of others taught: things that look like a contradiction and are none, and some that are.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use analyze::Options;
use diag::{Level, MemoryFiles};
use estate::LoadOptions;

/// Checks files and compares the warnings and errors, as `LEVEL RULE: MESSAGE`.
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let files: MemoryFiles = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    let (estate, loaded) = estate::load(&files, &LoadOptions::default());
    let findings = analyze::check(&estate, loaded, &Options::default());
    let graver = findings.iter().filter(|finding| finding.level > Level::Note);
    let found: Vec<String> = graver
        .map(|finding| format!("{:?} {}: {}", finding.level, finding.rule, finding.message).to_lowercase())
        .collect();
    assert_eq!(found, expected.iter().map(|line| line.to_lowercase()).collect::<Vec<_>>());
}

/// A workload of one container in namespace `shop`.
fn workload(kind: &str, version: &str, name: &str, container: &str) -> String {
    let governing = if kind == "StatefulSet" { format!("  serviceName: {name}\n") } else { String::new() };
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n{governing}  \
         replicas: 2\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    \
         metadata: {{labels: {{app: {name}}}}}\n    spec:\n      \
         containers:\n      - {{name: main, image: a:1{container}}}\n---\n"
    )
}

fn service(name: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  clusterIP: None\n  \
         selector: {{{selector}}}\n  ports: [{{port: 5432}}]\n---\n"
    )
}

#[test]
fn a_service_may_pick_one_pod_of_a_stateful_set() {
    let pick = |pod: &str| {
        let selector = format!("app: db, statefulset.kubernetes.io/pod-name: {pod}");
        let set = workload("StatefulSet", "apps/v1", "db", ", ports: [{containerPort: 5432}]");
        set + &service("db", "app: db") + &service("one", &selector)
    };
    check(&[("a.yaml", &pick("db-1"))], &[]);
    check(
        &[("a.yaml", &pick("cache-1"))],
        &["warning selector-matches-nothing: Service one selects no pods with \
           app=db,statefulset.kubernetes.io/pod-name=cache-1"],
    );
}

#[test]
fn a_rollout_makes_pods() {
    let text = workload("Rollout", "argoproj.io/v1alpha1", "web", ", ports: [{containerPort: 5432}]");
    check(&[("a.yaml", &(text + &service("web", "app: web")))], &[]);
}

#[test]
fn what_an_option_names_is_called() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: shop}\n\
                  spec:\n  podSelector: {matchLabels: {app: db}}\n  ingress:\n  \
                  - from: [{podSelector: {matchLabels: {app: web}}}]\n---\n";
    let files = |dump: &str| {
        let command = format!(", command: {dump}");
        workload("Deployment", "apps/v1", "db", "")
            + &service("db", "app: db")
            + &workload("Deployment", "apps/v1", "backup", &command)
            + policy
    };
    let denied = ["error flow-denied: backup cannot reach db on TCP 5432"];
    check(&[("a.yaml", &files("[pg_dump, -h, db]"))], &denied);
    check(&[("a.yaml", &files("[sh, -c, \"pg_dump -h db -U me\"]"))], &denied);
    check(&[("a.yaml", &files("[pg_dump, \"--host=db\"]"))], &denied);
    check(&[("a.yaml", &files("[sh, -c, \"echo the db is fine\"]"))], &[]);
}

#[test]
fn a_quota_without_a_namespace_need_not_meet_pods_of_other_files() {
    let quota =
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {limits.cpu: \"1\"}}\n---\n";
    let pods = workload("Deployment", "apps/v1", "web", "").replace(", namespace: shop", "");
    let message = "quota-needs-limits: no pod of Deployment web is admitted: container main doesn't state limits.cpu, \
                   which ResourceQuota q counts";
    check(&[("quota.yaml", quota), ("web.yaml", &pods)], &[&format!("warning {message}")]);
    check(&[("both.yaml", &(quota.to_owned() + &pods))], &[&format!("error {message}")]);
}

#[test]
fn objects_in_different_files_may_be_alternatives() {
    let map = |n: u8| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{n: \"{n}\"}}\n---\n")
    };
    check(
        &[("a.yaml", &map(1)), ("b.yaml", &map(2))],
        &["warning duplicate-object: ConfigMap a is written twice"],
    );
    check(&[("a.yaml", &(map(1) + &map(2)))], &["error duplicate-object: ConfigMap a is written twice"]);
}

#[test]
fn parts_of_objects_have_kinds_of_their_own() {
    let eviction = "apiVersion: policy/v1\nkind: Eviction\nmetadata: {name: web-0, namespace: shop}\n";
    check(&[("a.yaml", eviction)], &[]);
}
