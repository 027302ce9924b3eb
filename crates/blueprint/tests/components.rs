//! What components and their calls become, in two environments.

mod common;

use common::{check, check_findings};

const API: &str = "
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: prod
  runtime: go
  image: api:1.0.0
  replicas: 2
  resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
  ports: {http: 8080, metrics: 9090}
  probes: {liveness: {http: /health, delay: 10s, period: 5s}}
  config: {LEVEL: info, HOME_PAGE: 'https://${platform.domain}/$${x}'}
  secrets: {TOKEN: {path: api/token, property: token}}
  calls: [{to: scorer, port: grpc}, regulator]
  exposure: {through: ingress, path: /api, rateLimit: 100}
  disruption: {minAvailable: 1}
  metrics: {port: metrics}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: scorer}
spec:
  namespace: prod
  runtime: python
  image: ghcr.io/others/scorer:2
  scaling: {min: 1, max: 5, cpu: 80%}
  resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 2Gi}}
  ports: {grpc: 50051}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: prometheus}
spec:
  namespace: prod
  runtime: image
  image: docker.io/prom/prometheus:v3
  resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
  ports: {http: 9090}
  kubernetes: [{resources: [pods], verbs: [get, list, watch], everywhere: true}]
  volumes: {data: {path: /prometheus, size: 10Gi}}
---
apiVersion: underpin.dev/v1
kind: External
metadata: {name: regulator}
spec: {host: api.regulator.example, addresses: [203.0.113.0/24], ports: {https: 443}}
";

#[test]
fn flows_have_both_ends_and_the_implied_ones_are_there() {
    check(
        API,
        "production/main",
        "flows",
        "
        Addon ingress -> prod/api TCP 8080: requests from outside
        prod/api -> prod/scorer TCP 50051: calls scorer
        prod/api -> regulator 203.0.113.0/24 TCP 443: calls regulator
        prod/api -> Addon dns UDP 53, TCP 53: names
        prod/prometheus -> prod/api TCP 9090: metrics
        prod/prometheus -> Addon dns UDP 53, TCP 53: names
        prod/prometheus -> kubernetes-api 0.0.0.0/0 TCP 443, TCP 6443: the Kubernetes API
        prod/scorer -> Addon dns UDP 53, TCP 53: names
        Addon ingress -> Addon acme-solver TCP 8089: proof of the domain to the certificate authority
        ",
    );
}

#[test]
fn a_component_becomes_a_workload_with_what_it_needs() {
    check(
        API,
        "production/main",
        "workload api",
        "
        Deployment prod/api x2 surge 1 unavailable 0, keeps 1, user 1000, ends in 35 s after 5 s
        image registry.example/shop/api:1.0.0
        env TOKEN = secret api-secrets TOKEN
        env SCORER_URL = scorer.prod:50051
        env REGULATOR_URL = https://api.regulator.example
        env from api-config
        startup http /health on http every 5 s, 24 failures
        liveness http /health on http every 5 s, 3 failures
        readiness tcp on http every 10 s, 3 failures
        ",
    );
    check(
        API,
        "production/main",
        "workload scorer",
        "
        Deployment prod/scorer x1 scales 1-5 at cpu 80% surge 25% unavailable 0, user 1000, ends in 35 s after 5 s
        image ghcr.io/others/scorer:2
        mount tmp at /tmp
        readiness tcp on grpc every 10 s, 3 failures
        ",
    );
    check(
        API,
        "production/main",
        "workload prometheus",
        "
        StatefulSet prod/prometheus x1, user 65534, ends in 35 s after 5 s, token
        claim data 10Gi of ssd
        image docker.io/prom/prometheus:v3
        mount data at /prometheus
        readiness tcp on http every 10 s, 3 failures
        ",
    );
}

#[test]
fn secrets_come_from_where_the_environment_says() {
    check(
        API,
        "production/main",
        "secrets",
        "
        prod/api-secrets from store vault every 3600 s: TOKEN = api/token#token
        prod/pull from store vault every 3600 s: .dockerconfigjson = registry/pull#dockerconfigjson
        prod/shop-example-tls produced: tls.crt, tls.key
        cert-manager/letsencrypt-account-key produced: tls.key
        ",
    );
    check(
        API,
        "staging/main",
        "secrets",
        "
        prod/api-secrets outside: TOKEN
        prod/pull outside: .dockerconfigjson
        prod/staging-shop-example-tls produced: tls.crt, tls.key
        cert-manager/letsencrypt-staging-account-key produced: tls.key
        ",
    );
}

#[test]
fn configuration_and_routes_follow_the_environment() {
    check(API, "staging/main", "configs", "prod/api-config: LEVEL=info HOME_PAGE=https://shop.example/${x}");
    check(
        API,
        "staging/main",
        "routes",
        "prod/api: nginx staging.shop.example /api -> api:http, TLS staging-shop-example-tls, \
         nginx.ingress.kubernetes.io/limit-rpm=100",
    );
}

#[test]
fn a_quota_is_what_the_largest_scale_takes() {
    // requests.cpu: api 3 × 500m, scorer (5 + 2) × 1, prometheus 1: 9.5. Memory: 3 + 7 + 1 Gi.
    check(
        API,
        "production/main",
        "quota prod",
        "
        configmaps 5
        limits.cpu 19
        limits.memory 19Gi
        persistentvolumeclaims 5
        pods 15
        requests.cpu 11
        requests.memory 12Gi
        secrets 5
        services 5
        ",
    );
}

#[test]
fn what_cannot_be_derived_is_said_where_it_is_written() {
    let broken = API
        .replace("${platform.domain}", "${platform.domian}")
        .replace("api:1.0.0", "api")
        .replace("addresses: [203.0.113.0/24], ", "");
    check_findings(
        &broken,
        &[
            "definition-name-unknown 13: Component/api names the fact `platform.domian`, which there is not (Did you mean \
             `platform.domain`?)",
            "definition-incomplete 8: the image of Component/api names no version: what runs would change by itself (Add a \
             tag, or better a digest.)",
            "definition-open 15: regulator has no addresses: its port is open to every public address (Give `addresses` in \
             External/regulator to narrow it.)",
        ],
    );
}
