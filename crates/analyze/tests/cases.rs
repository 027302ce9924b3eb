//! Cases beyond the pages: objects in, one line for each finding out.

#![allow(clippy::expect_used, reason = "a test")]

use analyze::{Date, Options};
use diag::{Level, MemoryFiles, Outcome};
use estate::LoadOptions;

/// Checks manifests against `level rule: message` lines, in the order of places.
fn check(manifests: &str, expected: &[&str]) {
    check_as(manifests, &LoadOptions::default(), expected);
}

fn check_as(manifests: &str, load: &LoadOptions, expected: &[&str]) {
    let files: MemoryFiles = [("all.yaml", manifests)].into_iter().collect();
    let (estate, loaded) = estate::load(&files, load);
    let today = Date::parse("2026-11-22").expect("a day");
    let findings = analyze::check(&estate, loaded, &Options { today, ..Options::default() });
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| {
            let level = match (finding.outcome, finding.level) {
                (Outcome::NotEvaluated, _) => "unknown",
                (_, Level::Error) => "error",
                (_, Level::Warning) => "warning",
                (_, Level::Note) => "note",
            };
            format!("{level} {}: {}", finding.rule, finding.message)
        })
        .collect();
    assert_eq!(lines.join("\n"), expected.join("\n"));
}

/// A Deployment of one container in namespace `shop`, with more of its pod's specification.
fn deployment(name: &str, replicas: u32, container: &str, pod: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         replicas: {replicas}\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    \
         metadata: {{labels: {{app: {name}}}}}\n    spec:\n      containers:\n        \
         - {{name: main, image: registry.example/{name}:1, {container}}}\n{pod}"
    )
}

fn quota(hard: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q, namespace: shop}}\nspec: {{hard: {{{hard}}}}}\n"
    )
}

#[test]
fn quotas_count_sidecars_beside_the_init_containers_after_them() {
    // Main 1 + sidecar 500m = 1500m; the init container after the sidecar needs 2 + 500m = 2500m: that is the most.
    let pod = "      initContainers:\n        \
        - {name: proxy, image: registry.example/p:1, restartPolicy: Always, resources: {requests: {cpu: 500m}}}\n        \
        - {name: migrate, image: registry.example/m:1, resources: {requests: {cpu: '2'}}}\n";
    let api = deployment("api", 1, "resources: {requests: {cpu: '1'}}", pod);
    let recreate = api.replace("  replicas: 1\n", "  replicas: 1\n  strategy: {type: Recreate}\n");
    check(&(quota("requests.cpu: 2500m") + &recreate), &[]);
    let message = "error quota-exceeded-at-scale: namespace shop needs 2.5 requests.cpu at its smallest scale already, \
        and ResourceQuota q leaves 2.4";
    check(&(quota("requests.cpu: 2400m") + &recreate), &[message]);
}

#[test]
fn quotas_count_the_surge_of_one_rollout_for_certain_and_of_all_perhaps() {
    let both = deployment("api", 4, "", "") + &deployment("web", 4, "", "");
    check(&(quota("pods: '10'") + &both), &[]);
    check(
        &(quota("pods: '9'") + &both),
        &[
            "warning quota-exceeded-at-scale: namespace shop needs 10 pods while everything is rolled out at once at its \
           largest scale, and ResourceQuota q leaves 9",
        ],
    );
    check(
        &(quota("pods: '8'") + &both),
        &[
            "error quota-exceeded-at-scale: namespace shop needs 9 pods while web is rolled out at its largest scale, and \
           ResourceQuota q leaves 8",
        ],
    );
}

#[test]
fn what_a_limit_range_fills_in_is_counted() {
    let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: shop}\nspec:\n  limits: \
        [{type: Container, default: {memory: 1Gi}}]\n";
    let api = deployment("api", 4, "", "");
    check(
        &(quota("requests.memory: 3Gi") + range + &api),
        &[
            "error quota-exceeded-at-scale: namespace shop needs 4Gi requests.memory at its smallest scale already, and \
           ResourceQuota q leaves 3Gi",
        ],
    );
}

#[test]
fn absence_is_certain_only_where_files_are_everything() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop}\nspec:\n  containers:\n    \
        - {name: main, image: registry.example/api:1, envFrom: [{secretRef: {name: gone}}]}\n";
    let message = "reference-missing: Pod api needs Secret gone in namespace shop, which isn't there";
    check(pod, &[&format!("warning {message}")]);
    let closed = LoadOptions { closed: true, ..LoadOptions::default() };
    check_as(pod, &closed, &[&format!("error {message}")]);
    let intent = r#"{"version": 1, "scopes": [{"name": "*", "provided": [
        {"kind": "Secret", "namespace": "shop", "name": "gone"}]}]}"#;
    let intent = Some(("intent.json".to_owned(), intent.to_owned()));
    check_as(pod, &LoadOptions { closed: true, intent }, &[]);
}

#[test]
fn one_missing_name_is_one_finding_with_all_its_users() {
    let uses = "envFrom: [{secretRef: {name: gone}}]";
    check(
        &(deployment("api", 2, uses, "") + &deployment("web", 2, uses, "") + &deployment("job", 2, uses, "")),
        &[
            "warning reference-missing: Deployment api and 2 more need Secret gone in namespace shop, which isn't there",
        ],
    );
}

#[test]
fn suppressions_cover_their_block_until_their_day() {
    let pod = |comment: &str| {
        format!(
            "{comment}\napiVersion: v1\nkind: Pod\nmetadata: {{name: api, namespace: shop}}\nspec:\n  containers:\n    \
             - {{name: main, image: registry.example/api:1, args: ['$(GONE)']}}\n"
        )
    };
    let violation =
        "error variable-not-expanded: $(GONE) in containers[main].args of Pod api is not expanded";
    check(
        &pod("# underpin: allow variable-not-expanded until 2026-12-31 because the program expands it"),
        &[],
    );
    check(
        &pod("# underpin: allow variable-not-expanded until 2026-11-21 because it was so"),
        &["warning allow-unused: the suppression of variable-not-expanded ended on 2026-11-21", violation],
    );
    check(
        &pod("# underpin: allow flow-denied until 2026-12-31 because of nothing"),
        &["warning allow-unused: this suppression of flow-denied suppresses nothing", violation],
    );
    check(
        &pod("# underpin: allow variable-not-expanded because I say so"),
        &["error allow-invalid: this suppression can't be read: `until` and a day are missing", violation],
    );
}

/// A call from `api`, in whose environment `value` stands, to the pods of Service `cache`, which deny everything.
fn call(value: &str) -> String {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: cache, namespace: shop}\nspec:\n  \
        selector: {app: cache}\n  ports: [{port: 6379, targetPort: 6380}]\n";
    let policy = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\n\
        spec: {podSelector: {matchLabels: {app: cache}}, policyTypes: [Ingress]}\n";
    let env = format!("env: [{{name: URL, value: '{value}'}}]");
    deployment("api", 2, &env, "") + &deployment("cache", 2, "", "") + service + policy
}

#[test]
fn calls_are_read_off_values() {
    let denied = ["error flow-denied: api cannot reach cache on TCP 6380"];
    for value in [
        "cache:6379",
        "redis://cache",
        "redis://user:secret@cache:6379/0",
        "cache.shop.svc.cluster.local",
        "tcp://cache.shop:6379?x=1",
    ] {
        check(&call(value), &denied);
    }
    for value in
        ["cache", "my-cache:6379", "cache.example.com:6379", "the cache: 6379", "/etc/cache:6379", "cache:80"]
    {
        check(&call(value), &[]);
    }
}

#[test]
fn a_port_may_stand_twice_in_a_container_but_not_in_a_service() {
    let ports = "ports: [{name: http, containerPort: 80}, {name: metrics, containerPort: 80}]";
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {selector: {app: api}, \
        ports: [{name: http, port: 80}, {name: metrics, port: 80}]}\n";
    let of = "has two items with the same";
    check(
        &(deployment("api", 1, ports, "") + service),
        &[
            &format!(
                "warning field-unknown: spec.template.spec.containers[0].ports[1] of Deployment api {of} \
                 containerPort and protocol"
            ),
            &format!("error field-unknown: spec.ports[1] of Service api {of} port and protocol"),
        ],
    );
}

#[test]
fn a_service_that_is_called_by_name_must_be_there() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
    let calls = |value: &str| {
        let env = format!("env: [{{name: CART_URL, value: '{value}'}}]");
        format!("{namespace}{}", deployment("api", 1, &env, ""))
    };
    let missing =
        "warning reference-missing: Deployment api needs Service cart in namespace shop, which isn't there";
    check(&calls("http://cart.shop:80/x"), &[missing]);
    check(&calls("cart.shop.svc.cluster.local:80"), &[missing]);
    // Nobody knows here what another namespace has, whether a bare name is a host at all, or what isn't a call.
    check(&calls("http://cart.market:80"), &[]);
    check(&calls("cart.shop"), &[]);
    check(&calls("http://cart.shop.example:80"), &[]);
    check(&calls("http://cart.shop.svc.clusterset.local:80"), &[]);
}
