//! Owner patches of emitted objects.
#![expect(clippy::unwrap_used, reason = "a test may")]

use diag::{MemoryFiles, SourceMap};
use model::patch::{Patchable, apply};
use tree::{Draft, Layer, Origin, OriginKind};

const PLATFORM: &str = "\
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec: {domain: shop.example}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: production}
spec:
  stage: production
  secrets: vault
  certificates: acme
  targets: {main: {runs: kubernetes, kubernetes: '1.36'}, other: {runs: kubernetes}}
  patches:
";

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: api
          image: api:1
          args: [a, b]
          env: [{name: A, value: '1'}, {name: B, value: '2'}]
        - name: proxy
          image: proxy:1
";

/// Patches the deployment and prints it as JSON, with what was found.
fn patched(patches: &str) -> (String, Vec<String>, Draft) {
    let files: MemoryFiles = [("p.yaml", format!("{PLATFORM}{patches}"))].into_iter().collect();
    let (platform, findings) = model::resolve(&files, &mut SourceMap::default());
    assert!(findings.is_empty(), "{findings:#?}");
    let parsed = tree::parse(diag::FileId(9), DEPLOYMENT);
    let mut draft = Draft::copy(parsed.documents[0].root(), &|_| Origin::catalogue("test", "made"));
    let object = Patchable { kind: "Deployment", namespace: "prod", name: "api", draft: &mut draft };
    let mut scopes = vec![(&platform.scopes[0], vec![object]), (&platform.scopes[1], Vec::new())];
    let findings = apply(&mut scopes);
    let spec = draft.get("spec").unwrap().clone().finish();
    let text = tree::print_json(&spec).split_whitespace().collect::<String>();
    let messages = findings.into_iter().map(|finding| {
        let help = finding.help.unwrap_or_default();
        format!("{} {help}", finding.message)
    });
    (text, messages.collect(), draft)
}

fn check(patch: &str, expected: &str) {
    let (text, messages, _) = patched(&format!("    - object: Deployment/prod/api\n      patch: {patch}\n"));
    assert_eq!(messages, [""; 0]);
    assert_eq!(text, expected, "{patch}");
}

fn containers(api: &str, rest: &str) -> String {
    format!(r#"{{"replicas":2,"template":{{"spec":{{"containers":[{{{api}}}{rest}]}}}}}}"#)
}

const API: &str = r#""name":"api","image":"api:1","args":["a","b"],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]"#;
const PROXY: &str = r#",{"name":"proxy","image":"proxy:1"}"#;

#[test]
fn lists_merge_by_kubernetes_keys() {
    let in_api =
        |patch: &str| format!("{{spec: {{template: {{spec: {{containers: [{{name: api, {patch}}}]}}}}}}}}");
    check("{spec: {replicas: 3}}", &containers(API, PROXY).replace("\"replicas\":2", "\"replicas\":3"));
    check("{spec: {replicas: null}}", &containers(API, PROXY).replace("\"replicas\":2,", ""));
    check(&in_api("image: 'api:2'"), &containers(&API.replace("api:1", "api:2"), PROXY));
    check(
        &in_api("env: [{name: A, value: x}, {name: C, value: z}]"),
        &containers(
            &API.replace(r#""value":"1""#, r#""value":"x""#)
                .replace(r#""2"}"#, r#""2"},{"name":"C","value":"z"}"#),
            PROXY,
        ),
    );
    check(&in_api("args: [c]"), &containers(&API.replace(r#"["a","b"]"#, r#"["c"]"#), PROXY));
    check(
        &in_api("env: [{name: A, $patch: delete}]"),
        &containers(&API.replace(r#"{"name":"A","value":"1"},"#, ""), PROXY),
    );
    check("{spec: {template: {spec: {containers: [{name: proxy, $patch: delete}]}}}}", &containers(API, ""));
    check("{spec: {template: {$patch: replace, spec: {}}}}", r#"{"replicas":2,"template":{"spec":{}}}"#);
}

#[test]
fn what_a_patch_replaced_stays_in_the_origin() {
    let (_, _, draft) = patched("    - {object: Deployment/api, patch: {spec: {replicas: 3}}}\n");
    let origin = draft.get("spec").and_then(|spec| spec.get("replicas")).unwrap().origin().clone();
    let OriginKind::Written { field, layer, over, .. } = origin.kind() else { panic!("{origin:?}") };
    assert_eq!(field.as_str(), "Environment/production.spec.patches[Deployment/api].patch.spec.replicas");
    assert_eq!((*layer, over.clone()), (Layer::Patch, Some(Origin::catalogue("test", "made"))));
}

#[test]
fn a_patch_that_matches_nothing_is_an_error() {
    let check = |patch: &str, expected: &str| {
        assert_eq!(patched(&format!("    - {patch}\n")).1, [expected]);
    };
    check(
        "{object: Deployment/prod/apo, patch: {}}",
        "a patch is for Deployment/prod/apo, but nothing of that name is emitted in production Did you mean \
         `Deployment/prod/api`?",
    );
    check(
        "{object: Deployment/api, targets: [main, other], patch: {spec: {replicas: 1}}}",
        "a patch is for Deployment/api, but nothing of that name is emitted in production/other Objects are named \
         `Kind/namespace/name`, or `Kind/name`; see the emitted files.",
    );
    let idle = "What is patched has changed: mend the patch, or remove it.";
    check(
        "{object: Deployment/api, patch: {spec: {paused: null}}}",
        &format!(
            "Environment/production.spec.patches[Deployment/api].patch.spec.paused removes nothing {idle}"
        ),
    );
    check(
        "{object: Deployment/api, patch: {spec: {template: {spec: {containers: [{name: x, $patch: delete}]}}}}}",
        &format!(
            "Environment/production.spec.patches[Deployment/api].patch.spec.template.spec.containers[x] removes nothing \
             {idle}"
        ),
    );
}
