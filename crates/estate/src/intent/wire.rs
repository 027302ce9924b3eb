//! The JSON of an intent file, version 1.

use diag::ObjectRef;
use serde_json::{Map, Value, json};

use super::{Intent, MeantFlow, MeantPort, NodePool, OutsideWorkload, Peer, ProvidedObject, ScopeIntent};

pub(super) fn print(intent: &Intent) -> String {
    let scopes: Vec<Value> = intent.scopes.iter().map(scope).collect();
    let root = json!({"version": 1, "scopes": scopes});
    format!("{root:#}\n")
}

fn scope(scope: &ScopeIntent) -> Value {
    let mut map = Map::new();
    map.insert("name".into(), json!(scope.name));
    put(&mut map, "flows", scope.flows.iter().map(flow).collect());
    put(&mut map, "nodePools", scope.node_pools.iter().map(pool).collect());
    put(&mut map, "provided", scope.provided.iter().map(provided).collect());
    put(&mut map, "outside", scope.outside.iter().map(outside).collect());
    put(&mut map, "served", scope.served.iter().map(|kind| json!(kind)).collect());
    let promised = &scope.objectives;
    let seconds = [
        ("rpoSeconds", promised.rpo_seconds),
        ("rtoSeconds", promised.rto_seconds),
        ("failoverSeconds", promised.failover_seconds),
    ];
    let mut objectives = Map::new();
    for (key, value) in seconds {
        value.into_iter().for_each(|value| drop(objectives.insert(key.into(), json!(value))));
    }
    if let Some(availability) = &promised.availability {
        objectives.insert("availability".into(), json!(availability));
    }
    if !objectives.is_empty() {
        map.insert("objectives".into(), Value::Object(objectives));
    }
    Value::Object(map)
}

/// Lists without items are left out.
fn put(map: &mut Map<String, Value>, key: &str, items: Vec<Value>) {
    if !items.is_empty() {
        map.insert(key.into(), Value::Array(items));
    }
}

fn flow(flow: &MeantFlow) -> Value {
    let mut map = Map::new();
    map.insert("from".into(), peer(&flow.from));
    map.insert("to".into(), peer(&flow.to));
    put(&mut map, "ports", flow.ports.iter().map(port).collect());
    if !flow.because.is_empty() {
        map.insert("because".into(), json!(flow.because));
    }
    Value::Object(map)
}

fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Workload(workload) => json!({"workload": object(workload)}),
        Peer::Service { namespace, name } => json!({"service": {"namespace": namespace, "name": name}}),
        Peer::Cidr(range) => json!({"cidr": range}),
        Peer::Dns => json!({"dns": true}),
    }
}

fn object(object: &ObjectRef) -> Value {
    json!({"kind": object.kind, "namespace": object.namespace, "name": object.name})
}

fn port(port: &MeantPort) -> Value {
    if port.first == port.last {
        json!({"protocol": port.protocol, "port": port.first})
    } else {
        json!({"protocol": port.protocol, "port": port.first, "endPort": port.last})
    }
}

fn labels(labels: &[(String, String)]) -> Value {
    Value::Object(labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect())
}

fn pool(pool: &NodePool) -> Value {
    let mut map = Map::new();
    map.insert("name".into(), json!(pool.name));
    for (key, value) in [("count", pool.count), ("min", pool.min), ("max", pool.max), ("pods", pool.pods)] {
        map.insert(key.into(), json!(value));
    }
    map.insert("cpu".into(), json!(pool.cpu));
    map.insert("memory".into(), json!(pool.memory));
    if !pool.labels.is_empty() {
        map.insert("labels".into(), labels(&pool.labels));
    }
    let taint =
        |taint: &super::Taint| json!({"key": taint.key, "value": taint.value, "effect": taint.effect});
    put(&mut map, "taints", pool.taints.iter().map(taint).collect());
    put(&mut map, "zones", pool.zones.iter().map(|zone| json!(zone)).collect());
    Value::Object(map)
}

fn provided(provided: &ProvidedObject) -> Value {
    let mut value = object(&provided.object);
    if let (Value::Object(map), Some(keys)) = (&mut value, &provided.keys) {
        map.insert("keys".into(), json!(keys));
    }
    value
}

fn outside(workload: &OutsideWorkload) -> Value {
    let mut map = Map::new();
    for (key, value) in [
        ("role", &workload.role),
        ("kind", &workload.kind),
        ("namespace", &workload.namespace),
        ("name", &workload.name),
    ] {
        map.insert(key.into(), json!(value));
    }
    if !workload.namespace_labels.is_empty() {
        map.insert("namespaceLabels".into(), labels(&workload.namespace_labels));
    }
    map.insert("podLabels".into(), labels(&workload.pod_labels));
    put(&mut map, "ingressClasses", workload.ingress_classes.iter().map(|class| json!(class)).collect());
    put(&mut map, "ports", workload.ports.iter().map(port).collect());
    Value::Object(map)
}
