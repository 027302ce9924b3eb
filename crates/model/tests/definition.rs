//! What is wrong with a definition, and what comes out of its layers.

use diag::{MemoryFiles, SourceMap};
use model::kinds::Resolved;
use tree::{Origin, OriginKind};

const PLATFORM: &str = "\
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec:
  domain: shop.example
  owners: {core: core@shop.example}
  namespaces: {prod: {}, data: {}}
";

const ENVIRONMENT: &str = "\
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: production}
spec:
  stage: production
  secrets: vault
  certificates: acme
  targets:
    main:
      runs: kubernetes
      nodePools: {apps: {min: 1, max: 3, cpu: 8, memory: 32Gi}}
";

fn component(spec: &str) -> String {
    format!("apiVersion: underpin.dev/v1\nkind: Component\nmetadata: {{name: api}}\nspec:\n{spec}")
}

const API: &str = "  namespace: prod\n  runtime: go\n  image: api:1\n  ports: {http: 8080}\n";

fn resolve(files: &[(&str, &str)]) -> (Vec<Resolved>, Vec<String>) {
    let files: MemoryFiles =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let mut sources = SourceMap::default();
    let (platform, findings) = model::resolve(&files, &mut sources);
    let line = |finding: &diag::Finding| {
        let places = finding.locations.iter().map(|place| {
            let position = sources.position(place.span);
            format!("{}:{}:{}", sources.path(place.span.file), position.line, position.column)
        });
        let places: Vec<_> = places.collect();
        let help = finding.help.as_deref().unwrap_or("");
        format!("{}: {} [{}] {help}", finding.rule, finding.message, places.join(" "))
    };
    (platform.scopes, findings.iter().map(line).collect())
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let mut all = vec![("platform.yaml", PLATFORM), ("production.yaml", ENVIRONMENT)];
    all.extend(files);
    assert_eq!(resolve(&all).1, expected);
}

#[test]
fn a_whole_definition_has_no_findings() {
    let api = component(&format!("{API}  calls: [db]\n  owner: core\n  placement: {{pool: apps}}\n"));
    let db =
        "apiVersion: underpin.dev/v1\nkind: External\nmetadata: {name: db}\nspec: {ports: {sql: 5432}}\n";
    check(&[("api.yaml", &api), ("db.yaml", db)], &[]);
}

#[test]
fn one_pass_reports_everything_that_is_wrong_with_a_document() {
    let api = component(
        "  namespace: prd\n  runtime: go\n  replcas: 2\n  ports: {http: 70000}\n  owner: [a]\n  \
         resources: {requests: {cpu: '1,5'}}\n  pullPolicy: always\n  calls: [cashe]\n  scaling: {min: 5, max: 2}\n",
    );
    check(
        &[("api.yaml", &api)],
        &[
            "definition-field-unknown: Component/api.spec has no field `replcas` [api.yaml:7:3] Did you mean `replicas`?",
            "definition-value-invalid: Component/api.spec.ports.http.port is not a port: 70000 is outside 1 to 65535 \
             [api.yaml:8:17] Write a port such as `8080`.",
            "definition-value-invalid: Component/api.spec.owner is a list, but must be a text [api.yaml:9:3] ",
            "definition-value-invalid: Component/api.spec.resources.requests.cpu is not a quantity: `1,5` has a comma; \
             decimals take a point [api.yaml:10:31] Write a quantity such as `1.5Gi`.",
            "definition-value-invalid: Component/api.spec.pullPolicy cannot be `always` [api.yaml:11:15] \
             Did you mean `Always`?",
            "definition-field-missing: Component/api.spec has no `image` [api.yaml:4:1] \
             Add `image: ghcr.io/acme/api:1.4.2` (an image). \
             Image; without a host it comes from the platform's registry.",
        ],
    );
}

#[test]
fn names_are_looked_up_with_the_nearest_one() {
    let api = component(
        "  namespace: prd\n  runtime: go\n  image: api:1\n  ports: {http: 8080}\n  calls: [{to: web, port: htp}, wbe]\n  \
         placement: {pool: app}\n  metrics: metrics\n",
    );
    let web = component(API).replace("name: api", "name: web");
    check(
        &[("api.yaml", &api), ("web.yaml", &web)],
        &[
            "definition-name-unknown: Component/api.spec.namespace names `prd`, but there is no such namespace of the \
             platform [api.yaml:5:14] Did you mean `prod`?",
            "definition-name-unknown: Component/api.spec.placement.pool names `app`, but there is no such node pool of \
             this target [api.yaml:10:21] Did you mean `apps`?",
            "definition-name-unknown: Component/api.spec.metrics.port names `metrics`, but there is no such port of this \
             component [api.yaml:11:12] There are http.",
            "definition-name-unknown: Component/api.spec.calls[web].port names `htp`, but there is no such port of web \
             [api.yaml:9:27] Did you mean `http`?",
            "definition-name-unknown: Component/api.spec.calls[wbe].to names `wbe`, but there is no such component, \
             store, external or add-on [api.yaml:9:33] Did you mean `web`?",
        ],
    );
}

#[test]
fn a_name_stands_for_one_document() {
    let environment = ENVIRONMENT.replace("production", "staging");
    check(
        &[
            ("api.yaml", &component(API)),
            ("api2.yaml", &component(API)),
            ("e1.yaml", &environment.replace("stage: staging", "stage: production")),
            ("e2.yaml", &environment.replace("stage: staging", "stage: production")),
        ],
        &[
            "definition-name-duplicate: Component/api is declared twice [api2.yaml:3:18 api.yaml:3:18] \
             Rename one, or merge the two documents.",
            "definition-name-duplicate: Environment/staging is declared twice [e2.yaml:3:18 e1.yaml:3:18] \
             Rename one, or merge the two documents.",
        ],
    );
}

#[test]
fn a_folder_that_is_no_platform_says_so() {
    let (scopes, found) = resolve(&[("a.yaml", "apiVersion: v1\nkind: Pod\n"), ("b.yaml", "")]);
    assert!(scopes.is_empty());
    assert_eq!(
        found,
        [
            "definition-document-foreign: `v1` is not the API version of a definition [a.yaml:1:13] Move the file out \
             of the folder of the platform: Kubernetes objects are derived.",
            "definition-file-empty: b.yaml says nothing [b.yaml:1:1] Write a document into it, or remove it.",
            "definition-incomplete: there is no document of a definition in this folder [] Write a document of \
             `apiVersion: underpin.dev/v1` and `kind: Platform`, or name another folder.",
        ]
    );
}

#[test]
fn a_document_left_out_takes_its_calls_with_it_or_is_reported() {
    let web = component(API).replace("name: api", "name: web");
    let environment = format!("{ENVIRONMENT}  changes:\n    Component/web: {{enabled: false}}\n");
    let api = component(&format!("{API}  calls: [web]\n"));
    let found = |environment: &str| {
        let files = [("p.yaml", PLATFORM), ("e.yaml", environment), ("a.yaml", &api), ("w.yaml", &web)];
        resolve(&files).1
    };
    assert_eq!(
        found(&environment),
        [
            "definition-name-unknown: Component/api.spec.calls[web].to calls Component/web, which is left out here \
             [a.yaml:9:11 e.yaml:13:30] Remove the call in the same place (`calls: {$remove: [{to: …}]}`), or keep what \
             it calls."
        ]
    );
    let mended = format!("{environment}    Component/api: {{calls: {{$remove: [web]}}}}\n");
    assert_eq!(found(&mended), [""; 0]);
    let both = format!("{environment}    Component/api: {{enabled: false}}\n");
    assert_eq!(found(&both), [""; 0]);
}

fn layers(origin: &Origin) -> Vec<String> {
    let mut chain = Vec::new();
    let mut next = Some(origin.clone());
    while let Some(origin) = next.take() {
        let OriginKind::Written { field, layer, over, .. } = origin.kind() else { break };
        chain.push(format!("{layer:?} {field}"));
        next = over.clone();
    }
    chain
}

#[test]
fn layers_merge_by_field_and_keep_what_they_replace() {
    let api = component(&format!(
        "{API}  replicas: 1\n  config: {{A: one, B: two, C: yes}}\n  args: [a, b]\n  termination: 5s\n"
    ));
    let environment = format!(
        "{ENVIRONMENT}      changes: {{Component/api: {{replicas: 3, args: {{$append: [c]}}}}}}\n  changes:\n    \
         Component/api: {{replicas: 2, config: {{B: null, C: 3.10, D: true}}, ports: {{grpc: 50051}}, termination: null}}\n"
    );
    let files = [("p.yaml", PLATFORM), ("e.yaml", &environment), ("a.yaml", &api)];
    let (scopes, found) = resolve(&files);
    assert_eq!(found, [""; 0]);
    let spec = &scopes[0].components[0].spec;
    let replicas = spec.replicas.as_ref().unwrap();
    assert_eq!(**replicas, 3);
    let field = "Component/api.spec.replicas";
    let expected = ["Target", "Environment", "Platform"].map(|layer| format!("{layer} {field}"));
    assert_eq!(layers(&replicas.origin), expected);
    let config: Vec<_> = spec.config.iter().map(|(key, _, value)| (key, value.value.as_str())).collect();
    assert_eq!(config, [("A", "one"), ("C", "3.10"), ("D", "true")]);
    let args: Vec<_> = spec.args.iter().map(|arg| arg.value.as_str()).collect();
    assert_eq!(args, ["a", "b", "c"]);
    let ports: Vec<_> = spec.ports.iter().map(|(name, _, port)| (name, port.port.value.0)).collect();
    assert_eq!(ports, [("http", 8080), ("grpc", 50051)]);
    assert!(spec.termination.is_none());
}

#[test]
fn changes_that_change_nothing_are_errors() {
    let environment = format!(
        "{ENVIRONMENT}  changes:\n    Component/apo: {{replicas: 2}}\n    Component/api: {{replicas: null, args: \
         {{$remove: [x]}}}}\n    Environment/production: {{}}\n"
    );
    let files = [("p.yaml", PLATFORM), ("e.yaml", &environment), ("a.yaml", &component(API))];
    assert_eq!(
        resolve(&files).1,
        [
            "definition-name-unknown: there is no Component/apo that could be changed [e.yaml:13:5] Did you mean \
             `Component/api`?",
            "definition-change-idle: Component/api.spec.replicas is removed, but isn't there [e.yaml:14:21] Remove this \
             line, or mend the name.",
            "definition-change-idle: Component/api.spec.args[x] is removed, but isn't there [e.yaml:14:54] Remove it, or \
             write it as the list has it.",
            "definition-value-invalid: Environment/production can't be changed from here [e.yaml:15:5] An environment is \
             one document; write it there.",
        ]
    );
}

#[test]
fn what_is_broken_costs_no_more_than_itself() {
    let broken = "apiVersion: underpin.dev/v1\nkind: Component\nmetadata: {name: web}\nspec: [}\n";
    let api = component(&format!("{API}  calls: [web]\n"));
    let files = [("p.yaml", PLATFORM), ("e.yaml", ENVIRONMENT), ("a.yaml", &api), ("w.yaml", broken)];
    let (scopes, found) = resolve(&files);
    assert_eq!(scopes[0].components.len(), 1);
    assert_eq!(found.len(), 1, "{found:#?}");
}
