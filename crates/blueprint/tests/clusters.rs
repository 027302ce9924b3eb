//! Stores with members in several clusters, encrypted ones, sharded ones.

mod common;

use common::{check, check_findings};

const STORES: &str = "
apiVersion: underpin.dev/v1
kind: Store
metadata: {name: sql}
spec:
  namespace: data
  engine: yugabyte
  image: docker.io/yugabytedb/yugabyte:2024.2.0.0-b145
  members:
    master: &members
      count: 1
      resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
      storage: {size: 10Gi}
    tserver: {count: 2, resources: {limits: {cpu: 2, memory: 4Gi}}, storage: {size: 10Gi}}
  users: {api: {database: shop}}
  databases: [shop]
  replication: {mode: raft, factor: 3}
---
apiVersion: underpin.dev/v1
kind: Component
metadata: {name: api}
spec:
  namespace: prod
  runtime: go
  image: api:1.0.0
  resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
  calls: [{to: sql, as: shop}]
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: wide}
spec:
  stage: production
  secrets: kubernetes
  certificates: self-signed
  targets:
    west:
      runs: kubernetes
      network: {gateway: [10.16.0.0/16]}
      changes: {Store/sql: {members: {master: {count: 2}}}}
    east:
      runs: kubernetes
      network: {gateway: [10.32.0.0/16]}
      changes: {Component/api: {enabled: false}}
";

#[test]
fn members_of_two_clusters_meet_at_their_gateways() {
    check(
        STORES,
        "wide/east",
        "flows of sql-master",
        "
        data/sql-master -> data/sql-master TCP 7100: consensus
        data/sql-master -> data/sql-tserver TCP 9100, TCP 9000: placing tablets
        data/sql-master -> target west 10.16.0.0/16 TCP 7100: consensus
        data/sql-master -> target west 10.16.0.0/16 TCP 9100, TCP 9000: placing tablets
        data/sql-tserver -> data/sql-master TCP 7100: heartbeats and the catalogue
        target west 10.16.0.0/16 -> data/sql-master TCP 7100: consensus
        target west 10.16.0.0/16 -> data/sql-master TCP 7100: heartbeats and the catalogue
        data/sql-master -> Addon dns UDP 53, TCP 53: names
        ",
    );
}

#[test]
fn a_target_without_gateway_is_an_error() {
    let closed = STORES.replace("network: {gateway: [10.16.0.0/16]}", "network: {}");
    check_findings(
        &closed,
        &[
            "definition-incomplete 37: Store/sql has members in west, whose gateway nobody declares (Give \
             `targets.west.network.gateway` of the environment: the ranges its pods are seen from.)",
            "names-across-clusters 17: members of Store/sql in other clusters are called by names under clusterset.local \
             (Let the DNS of each cluster answer for them: Multi-Cluster Services (KEP-1645).)",
        ],
    );
}

#[test]
fn a_caller_trusts_the_authority_of_an_encrypting_store() {
    check(
        STORES,
        "wide/west",
        "workload api",
        "
        Deployment prod/api x1 surge 1 unavailable 0, user 1000, ends in 30 s
        image registry.example/shop/api:1.0.0
        env SQL_PASSWORD = secret api-secrets SQL_PASSWORD
        env SQL_CA_FILE = /etc/underpin/trust/ca.crt
        env SQL_URL = postgresql://api:$(SQL_PASSWORD)@sql.data:5433/shop?sslmode=verify-full&sslrootcert=/etc/underpin/trust/ca.crt
        mount trust at /etc/underpin/trust
        ",
    );
}
