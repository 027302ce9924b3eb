//! Objects with one thing wrong, and what is said about it.

use diag::FileId;
use tree::{Tree, parse};

use super::{SchemaProblemKind, Schemas, Version, check, check_custom, custom_schema};

fn read(text: &str) -> Tree {
    let parsed = parse(FileId(0), text);
    assert_eq!(parsed.findings, [], "{text}");
    parsed.documents.into_iter().next().unwrap()
}

fn said(problem: &super::SchemaProblem) -> String {
    let path = &problem.path;
    match &problem.kind {
        SchemaProblemKind::UnknownField { nearest, belongs, known_in, .. } => {
            let versions: Vec<String> = known_in.iter().map(ToString::to_string).collect();
            let meant = nearest.as_deref().or(belongs.as_deref()).unwrap_or("-");
            format!("{path} unknown; {meant}; {}", versions.join(" "))
        }
        SchemaProblemKind::WrongType { expected, found } => format!("{path} is {found}, not {expected}"),
        SchemaProblemKind::MissingRequired { .. } => format!("{path} missing"),
        SchemaProblemKind::BadEnum { nearest, .. } => {
            format!("{path} none of; {}", nearest.as_deref().unwrap_or("-"))
        }
        SchemaProblemKind::BadFormat { expected, why } => format!("{path} bad: {expected}: {why}"),
        SchemaProblemKind::DuplicateItem { keys, .. } => format!("{path} again by {}", keys.join(" ")),
    }
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          env: [{name: A, value: 'true'}]
          ports: [{containerPort: 80}]
          resources: {requests: {cpu: 1, memory: 1.5Gi}}
          livenessProbe: {httpGet: {port: http}}
status: {conditions: [{type: Available}]}
";

/// Replaces a part of the deployment and compares what is said.
fn check_deployment(from: &str, to: &str, expected: &[&str]) {
    assert!(DEPLOYMENT.contains(from), "{from}");
    let tree = read(&DEPLOYMENT.replace(from, to));
    let problems = check(&Schemas::load(), Version::default(), tree.root());
    assert_eq!(problems.iter().map(said).collect::<Vec<_>>(), expected, "{to}");
}

#[test]
fn a_good_object_has_no_problem() {
    check_deployment("", "", &[]);
}

#[test]
fn unknown_fields_are_found_anywhere() {
    check_deployment("replicas: 3", "replica: 3", &["spec.replica unknown; replicas; "]);
    let security = "securityContext: {fsGroup: 1}\n          env:";
    let path = "spec.template.spec.containers[0].securityContext.fsGroup unknown; spec.template.spec.securityContext.fsGroup; ";
    check_deployment("env:", security, &[path]);
    let volumes = "volumes: []\n          env:";
    let path = "spec.template.spec.containers[0].volumes unknown; spec.template.spec.volumes; ";
    check_deployment("env:", volumes, &[path]);
    check_deployment("env:", "envs:", &["spec.template.spec.containers[0].envs unknown; env; "]);
    check_deployment("replicas: 3", "Replicas: 3", &["spec.Replicas unknown; replicas; "]);
    let path = "spec.template.spec.workloadRef unknown; -; 1.35";
    check_deployment("      containers:", "      workloadRef: {}\n      containers:", &[path]);
    check_deployment("{type: Available}", "{sort: x}", &["status.conditions[0].sort unknown; -; "]);
}

#[test]
fn types_are_those_that_kubernetes_reads() {
    check_deployment("replicas: 3", "replicas: '3'", &["spec.replicas is a string, not a whole number"]);
    check_deployment("replicas: 3", "replicas: 3.5", &["spec.replicas is a number, not a whole number"]);
    check_deployment("replicas: 3", "replicas: 3.0", &[]);
    check_deployment("replicas: 3", "replicas: 1e1", &[]);
    check_deployment("replicas: 3", "replicas: null", &[]);
    check_deployment(
        "replicas: 3",
        "replicas: 3000000000",
        &["spec.replicas bad: a whole number: it doesn't fit 32 bits"],
    );
    let value = "spec.template.spec.containers[0].env[0].value is";
    check_deployment("'true'", "true", &[&format!("{value} a boolean, not a string")]);
    check_deployment("'true'", "yes", &[&format!("{value} a boolean, not a string")]);
    check_deployment("'true'", "010", &[&format!("{value} a whole number, not a string")]);
    check_deployment(
        "{app: web}}\nspec",
        "{app: 1}}\nspec",
        &["metadata.labels.app is a whole number, not a string"],
    );
    check_deployment(
        "port: http",
        "port: true",
        &[
            "spec.template.spec.containers[0].livenessProbe.httpGet.port is a boolean, not a whole number or a string",
        ],
    );
    check_deployment(
        "[{containerPort: 80}]",
        "{containerPort: 80}",
        &["spec.template.spec.containers[0].ports is a mapping, not a list"],
    );
}

#[test]
fn quantities_enumerations_and_required_fields() {
    let memory = "spec.template.spec.containers[0].resources.requests.memory bad: a quantity: not a quantity: digits with \
                  an optional point and suffix are expected, as in `250m` or `1.5Gi`";
    check_deployment("1.5Gi", "'1,5Gi'", &[memory]);
    check_deployment(
        "image: web:1",
        "imagePullPolicy: IfNotPresnt",
        &["spec.template.spec.containers[0].imagePullPolicy none of; IfNotPresent"],
    );
    check_deployment("image: web:1", "imagePullPolicy: ''", &[]);
    check_deployment(
        "- name: web\n",
        "- command: [web]\n",
        &["spec.template.spec.containers[0].name missing"],
    );
    check_deployment("  selector: {matchLabels: {app: web}}\n", "", &["spec.selector missing"]);
    check_deployment(
        "[{containerPort: 80}]",
        "[{containerPort: 80}, {containerPort: 80, protocol: TCP}]",
        &["spec.template.spec.containers[0].ports[1] again by containerPort protocol"],
    );
    check_deployment(
        "[{containerPort: 80}]",
        "[{containerPort: 80}, {containerPort: 80, protocol: UDP}]",
        &[],
    );
}

#[test]
fn secrets_and_times() {
    let check_object = |text: &str, expected: &[&str]| {
        let tree = read(text);
        let problems = check(&Schemas::load(), Version::default(), tree.root());
        assert_eq!(problems.iter().map(said).collect::<Vec<_>>(), expected, "{text}");
    };
    let secret = |data| format!("{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, {data}}}");
    check_object(&secret("data: {a: aGVsbG8=}"), &[]);
    check_object(
        &secret("data: {a: hunter2!}"),
        &["data.a bad: a base64 string: it has characters that base64 doesn't use"],
    );
    check_object(
        &secret("data: {a.b: aGVsbG8}"),
        &["data[\"a.b\"] bad: a base64 string: its length isn't that of padded base64"],
    );
    check_object(&secret("stringData: {a: 1}"), &["stringData.a is a whole number, not a string"]);
    let created =
        |time| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{creationTimestamp: {time}}}}}");
    check_object(&created("2026-02-28T10:00:00Z"), &[]);
    check_object(&created("'2026-02-28T10:00:00.123+01:00'"), &[]);
    check_object(&created("null"), &[]);
    let bad =
        "metadata.creationTimestamp bad: a time (RFC 3339): it isn't written like `2026-01-31T15:04:05Z`";
    check_object(&created("2026-02-30T10:00:00Z"), &[bad]);
    check_object(&created("2026-02-28"), &[bad]);
    let renewed =
        |time| format!("{{apiVersion: coordination.k8s.io/v1, kind: Lease, spec: {{renewTime: {time}}}}}");
    check_object(&renewed("'2026-02-28T10:00:00.123456+01:00'"), &[]);
    let bad = "spec.renewTime bad: a time (RFC 3339): it isn't written like `2026-01-31T15:04:05.000000Z`, with six \
               digits behind the point";
    check_object(&renewed("'2026-02-28T10:00:00Z'"), &[bad]);
    check_object(
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, roleRef: {kind: Role, name: a}}",
        &[],
    );
    check_object("{apiVersion: example.com/v1, kind: Thing, whatever: 1}", &[]);
}

const DEFINITION: &str = "
spec:
  versions:
    - name: v1beta1
      served: false
      schema: {openAPIV3Schema: {type: object}}
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              type: object
              required: [size, mode]
              properties:
                size: {type: integer, minimum: 1, maximum: 9}
                mode: {type: string, enum: [Fast, Safe], default: Safe}
                port: {x-kubernetes-int-or-string: true}
                labels: {type: object, additionalProperties: {type: string}}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                maybe: {type: string, nullable: true}
                names: {type: array, maxItems: 2, items: {type: object, properties: {name: {type: string}}},
                  x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name]}
";

#[test]
fn custom_objects_are_checked_by_their_own_schema() {
    let definition = read(DEFINITION);
    assert!(custom_schema(definition.root(), "v1beta1").is_none());
    let schema = custom_schema(definition.root(), "v1").unwrap();
    let check = |spec: &str, expected: &[&str]| {
        let text =
            format!("{{apiVersion: example.com/v1, kind: Thing, metadata: {{name: a}}, spec: {spec}}}");
        let tree = read(&text);
        let problems = check_custom(&Schemas::load(), Version::default(), schema, tree.root());
        assert_eq!(problems.iter().map(said).collect::<Vec<_>>(), expected, "{spec}");
    };
    check("{size: 3}", &[]);
    check("{size: 3, port: http, labels: {a: b}, free: {a: {b: 1}}, maybe: null}", &[]);
    check("{}", &["spec.size missing"]);
    check("{size: '3'}", &["spec.size is a string, not a whole number"]);
    check("{size: 10}", &["spec.size bad: a whole number: `maximum` is 9"]);
    check("{size: 0}", &["spec.size bad: a whole number: `minimum` is 1"]);
    check("{size: null}", &["spec.size missing"]);
    check("{size: 3, labels: {a: null}, free: null}", &[]);
    check("{size: 3, names: [null]}", &["spec.names[0] is null, not a mapping"]);
    check("{size: 3, sise: 4}", &["spec.sise unknown; size; "]);
    check("{size: 3, mode: fast}", &["spec.mode none of; Fast"]);
    check("{size: 3, mode: null}", &[]);
    check("{size: 3, port: 1.5}", &["spec.port is a number, not a whole number or a string"]);
    check("{size: 3, labels: {a: 1}}", &["spec.labels.a is a whole number, not a string"]);
    check("{size: 3, names: [{name: a}, {name: a}]}", &["spec.names[1] again by name"]);
    check("{size: 3, names: [{}, {}, {}]}", &["spec.names bad: a list: `maxItems` is 2"]);
    let bad_metadata =
        read("{apiVersion: example.com/v1, kind: Thing, metadata: {nmae: a}, spec: {size: 1}}");
    let problems = check_custom(&Schemas::load(), Version::default(), schema, bad_metadata.root());
    assert_eq!(problems.iter().map(said).collect::<Vec<_>>(), ["metadata.nmae unknown; name; "]);
}

#[test]
fn problems_point_at_what_they_mean() {
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {name: a, imag: b}\n";
    let tree = read(text);
    let problems = check(&Schemas::load(), Version::default(), tree.root());
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    let span = problem.span.unwrap();
    assert_eq!(&text[span.start as usize..span.end as usize], "imag");
    assert_eq!(tree.at(problem.node).text(), Some("imag"));
}
