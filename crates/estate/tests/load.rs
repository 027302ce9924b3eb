//! Loading: what is taken for a manifest, what isn't and why, and which scopes come out.

#![allow(clippy::expect_used, reason = "a test")]

use diag::{Files, Listing, MemoryFiles, Outcome, Problem, ProblemKind};
use estate::{Estate, LoadOptions, load};

/// Loads files; the findings as lines, and what was loaded as `scope: Kind/name, …`.
fn loaded(files: &dyn Files) -> (Estate, String) {
    let (estate, findings) = load(files, &LoadOptions::default());
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            assert!(finding.help.is_some(), "a remedy: {}", finding.message);
            let at = finding.locations.first().expect("a place").span;
            let (path, line) = (estate.sources.path(at.file), estate.sources.position(at).line);
            let outcome = if finding.outcome == Outcome::NotEvaluated { "unknown" } else { "wrong" };
            format!("{outcome} {} {path}:{line}", finding.rule)
        })
        .collect();
    for view in estate.views() {
        let objects = view.objects.iter().map(|id| {
            let object = estate.object(*id);
            format!("{}/{}", object.object.kind_name, object.name())
        });
        let objects: Vec<String> = objects.collect();
        lines.push(format!("{}: {}", estate.scope(view.scope).name, objects.join(", ")));
    }
    let shown = lines.join("\n");
    (estate, shown)
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let files: MemoryFiles = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    let (_, shown) = loaded(&files);
    assert_eq!(shown, expected.join("\n"));
}

fn map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

#[test]
fn manifests_are_recognised_and_the_rest_counted() {
    let two = format!("# nothing yet\n---\n{}---\n{}", map("b"), map("c"));
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: e}}\n";
    let maps = "apiVersion: v1\nkind: ConfigMapList\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: f}}\n";
    let files: MemoryFiles = [
        ("a.yaml", map("a").as_str()),
        ("b.yml", two.as_str()),
        ("d.json", r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}"#),
        ("list.yaml", list),
        ("maps.yaml", maps),
        ("compose.yaml", "services: {web: {image: x}}\n"),
        ("package.json", "{\"name\": \"x\", // a comment\n}"),
        ("platform.yaml", "apiVersion: underpin.dev/v1\nkind: Platform\nmetadata: {name: x}\n"),
        ("README.md", "# no manifest"),
        ("windows.yaml", map("g").replace('\n', "\r\n").as_str()),
    ]
    .into_iter()
    .collect();
    let (estate, shown) = loaded(&files);
    let all = ".: ConfigMap/a, ConfigMap/b, ConfigMap/c, ConfigMap/d, Secret/e, ConfigMap/f, ConfigMap/g";
    assert_eq!(shown, all);
    assert_eq!((estate.counts.objects, estate.counts.other_documents), (7, 3));
}

#[test]
fn bad_files_are_one_finding_each_and_the_rest_is_loaded() {
    check(
        &[
            ("binary.yaml", "\u{7f}ELF\0\0"),
            ("broken.yaml", "apiVersion: v1\nkind: [\n"),
            ("cycle.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: &a\n  b: *a\n"),
            ("empty.yaml", ""),
            ("good.yaml", &map("good")),
            ("nameless.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"),
            (
                "template.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n{{- if x }}\n",
            ),
        ],
        &[
            "wrong file-unreadable binary.yaml:1",
            "wrong syntax broken.yaml:3",
            "wrong syntax cycle.yaml:5",
            "wrong file-empty empty.yaml:1",
            "unknown template-not-rendered template.yaml:4",
            "wrong name-missing nameless.yaml:3",
            ".: ConfigMap/good",
        ],
    );
}

#[test]
fn braces_within_strings_are_no_template() {
    let text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alerts}\ndata:\n  a: \"{{ $labels.pod }}\"\n";
    check(&[("alerts.yaml", text)], &[".: ConfigMap/alerts"]);
}

#[test]
fn charts_and_overlays_are_one_finding_each() {
    check(
        &[
            ("chart/Chart.yaml", "apiVersion: v2\nname: chart\n"),
            ("chart/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\n"),
            ("chart/charts/sub/templates/a.yaml", "kind: {{ .Values.kind }}"),
            ("chart/templates/a.yaml", &map("templated")),
            ("chart/values.yaml", "a: 1"),
            ("app/base/kustomization.yaml", "resources: [deployment.yaml, more/]\n"),
            ("app/base/deployment.yaml", &map("base")),
            ("app/base/more/a.yaml", &map("more")),
            ("app/overlay/kustomization.yml", "resources: [../base]\npatches: [{path: patches/a.yaml}]\n"),
            ("app/overlay/patches/a.yaml", &map("patched")),
            ("plain/a.yaml", &map("plain")),
        ],
        &[
            "unknown chart-not-rendered chart/Chart.yaml:1",
            "unknown overlay-not-rendered app/base/kustomization.yaml:1",
            "unknown overlay-not-rendered app/overlay/kustomization.yml:1",
            ".: ConfigMap/plain",
        ],
    );
}

#[test]
fn folders_with_the_same_objects_are_scopes() {
    let differing = |n: u32| format!("{}data: {{n: \"{n}\"}}\n", map("app"));
    check(
        &[
            ("deploy/dev/app.yaml", &differing(1)),
            ("deploy/prod/app.yaml", &differing(2)),
            ("deploy/shared.yaml", &map("shared")),
        ],
        &[
            "wrong scope-assumed deploy/dev/app.yaml:1",
            "deploy/dev: ConfigMap/app, ConfigMap/shared",
            "deploy/prod: ConfigMap/app, ConfigMap/shared",
        ],
    );
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    check(
        &[("a/namespace.yaml", namespace), ("b/namespace.yaml", namespace)],
        &[".: Namespace/shop, Namespace/shop"],
    );
}

#[test]
fn files_that_are_alternatives_are_scopes() {
    let file = |n: u32, more: &str| {
        let differing = format!("{}data: {{n: \"{n}\"}}\n", map("app"));
        [differing, map("rules"), map("trust"), map(more)].join("---\n")
    };
    check(
        &[
            ("install.yaml", &file(1, "a")),
            ("namespace-install.yaml", &file(2, "b")),
            ("more.yaml", &map("c")),
        ],
        &[
            "wrong scope-assumed install.yaml:1",
            "install.yaml: ConfigMap/app, ConfigMap/rules, ConfigMap/trust, ConfigMap/a, ConfigMap/c",
            "namespace-install.yaml: ConfigMap/c, ConfigMap/app, ConfigMap/rules, ConfigMap/trust, ConfigMap/b",
        ],
    );
}

#[test]
fn the_build_index_says_which_file_is_of_which_scope() {
    let index = r#"{"artifacts": [
        {"path": "k/a.yaml", "dialect": "kubernetes", "environment": "production", "target": "lagos"},
        {"path": "k/b.yaml", "dialect": "kubernetes", "environment": "development", "target": null},
        {"path": "chart/Chart.yaml", "dialect": "helm", "environment": "production", "target": null}
    ]}"#;
    check(
        &[
            (".underpin/build.json", index),
            ("k/a.yaml", &map("a")),
            ("k/b.yaml", &map("b")),
            ("other.yaml", &map("other")),
        ],
        &["development: ConfigMap/b", "production/lagos: ConfigMap/a"],
    );
}

#[test]
fn values_of_secrets_are_hidden() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: canary-1234\n";
    let files: MemoryFiles = [("a.yaml", text)].into_iter().collect();
    let (estate, _) = load(&files, &LoadOptions::default());
    let file = estate.sources.file("a.yaml").expect("it was read");
    let start = u32::try_from(text.find("canary").expect("it is there")).expect("it is small");
    let hidden: Vec<(u32, u32)> = estate.sources.hidden(file, start, start + 1).collect();
    assert_eq!(hidden, [(start, start + 11)]);
}

/// Files of which none can be read, and some not even listed.
struct Refusing;

impl Files for Refusing {
    fn list(&self) -> Listing {
        let problem = |path: &str, kind| Problem { path: path.to_owned(), kind };
        Listing {
            paths: vec!["secret.yaml".to_owned(), "huge.yaml".to_owned()],
            problems: vec![
                problem("loop", ProblemKind::BadLink),
                problem("pipe.yaml", ProblemKind::NotAFile),
            ],
        }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Problem> {
        let kind = match path {
            "huge.yaml" => ProblemKind::TooLarge { size: 50_000_000, limit: estate::LARGEST_FILE },
            _ => ProblemKind::NotPermitted,
        };
        Err(Problem { path: path.to_owned(), kind })
    }
}

#[test]
fn what_cant_be_read_is_said() {
    let (_, shown) = loaded(&Refusing);
    let expected = [
        "wrong file-unreadable loop:1",
        "wrong file-unreadable pipe.yaml:1",
        "wrong file-unreadable secret.yaml:1",
        "wrong file-unreadable huge.yaml:1",
    ];
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn an_intent_reads_back_as_it_was_printed() {
    let text = include_str!("intent.json");
    let files: MemoryFiles = [(".underpin/intent.json", text)].into_iter().collect();
    let (estate, findings) = load(&files, &LoadOptions::default());
    assert_eq!(findings, []);
    assert_eq!(estate.intent.to_json(), text);
}
