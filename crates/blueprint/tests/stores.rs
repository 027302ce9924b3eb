//! What stores become, by the facts of their engines.

mod common;

use common::check;

const CACHE: &str = "
apiVersion: underpin.dev/v1
kind: Store
metadata: {name: cache}
spec:
  namespace: data
  engine: dragonfly
  image: docker.dragonflydb.io/dragonflydb/dragonfly:v1.40.0
  members:
    primary:
      count: 1
      resources: {requests: {cpu: 2, memory: 8Gi}, limits: {cpu: 4, memory: 16Gi}}
      storage: {size: 10Gi}
    replica:
      count: 2
      resources: {requests: {cpu: 2, memory: 8Gi}, limits: {cpu: 4, memory: 16Gi}}
      storage: {size: 10Gi}
      placement: {nodes: require}
  settings: {maxmemory: 6gb}
  users:
    api: {path: cache/credentials, rotation: 90d}
  encryption: {inTransit: false}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: prod
  runtime: go
  image: api:1.0.0
  resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
  calls: [cache]
  config: {CACHE: '${store.cache.url}', CACHE_HOST: '${store.cache.host}'}
";

#[test]
fn members_and_callers_are_let_through_and_nothing_else() {
    check(
        CACHE,
        "staging/main",
        "flows",
        "
        data/cache-replica -> data/cache-primary TCP 6379: replication
        data/cache-replica -> data/cache-replica TCP 6379: replication
        data/cache-primary -> data/cache-replica TCP 6379: replication after a takeover
        prod/api -> data/cache-primary TCP 6379: calls cache
        data/cache-primary -> Addon dns UDP 53, TCP 53: names
        data/cache-replica -> Addon dns UDP 53, TCP 53: names
        prod/api -> Addon dns UDP 53, TCP 53: names
        ",
    );
}

#[test]
fn a_caller_gets_the_password_before_the_url_that_needs_it() {
    check(
        CACHE,
        "staging/main",
        "workload api",
        "
        Deployment prod/api x1 surge 1 unavailable 0, user 1000, ends in 30 s
        image registry.example/shop/api:1.0.0
        env CACHE_PASSWORD = secret api-secrets CACHE_PASSWORD
        env CACHE_URL = redis://:$(CACHE_PASSWORD)@cache.data:6379
        env CACHE = $(CACHE_URL)
        env from api-config
        ",
    );
    check(CACHE, "staging/main", "configs", "prod/api-config: CACHE_HOST=cache.data");
    check(
        CACHE,
        "staging/main",
        "secrets",
        "
        data/cache-secrets outside: password
        prod/api-secrets outside: CACHE_PASSWORD
        prod/pull outside: .dockerconfigjson
        ",
    );
}

#[test]
fn a_replica_follows_the_primary() {
    check(
        CACHE,
        "staging/main",
        "workload cache-replica",
        "
        StatefulSet data/cache-replica x2, loses 1, user 999, ends in 60 s
        claim data 10Gi of ssd
        image docker.dragonflydb.io/dragonflydb/dragonfly:v1.40.0
        args --logtostderr --dir=/data --port=6379 --admin_port=6380 --primary_port_http_enabled=false \
         --replicaof=cache-primary-0.cache-members.data.svc.cluster.local:6379 --maxmemory=6gb --proactor_threads=4
        env DFLY_requirepass = secret cache-secrets password
        env DFLY_masterauth = secret cache-secrets password
        env HEALTHCHECK_PORT = 6379
        mount tmp at /tmp
        mount data at /data
        startup tcp on redis every 5 s, 120 failures
        liveness tcp on redis every 10 s, 6 failures
        readiness tcp on redis every 5 s, 3 failures
        ",
    );
}
