//! Services that workloads call by name and that aren't there.

use estate::{Kind, Workload};
use tree::NodeRef;

use super::Reference;
use crate::World;
use crate::facts::meant::hosts::{Absent, absent};

/// The absent Services that arguments and variables name, those of ConfigMaps read as variables among them.
pub(super) fn references<'a>(world: &World<'a>) -> Vec<Reference<'a>> {
    let mut found = Vec::new();
    for workload in world.workloads.iter() {
        for (node, field) in values(world, workload) {
            let Some(text) = node.text() else { continue };
            let named = absent(world, workload.object.namespace(), text).into_iter();
            let ours = named.filter(|named| !is_outside(world, named));
            found.extend(ours.map(|named| Reference {
                user: workload.object,
                kind: Kind::Service,
                namespace: named.namespace,
                name: named.name,
                key: None,
                node,
                field: field.clone(),
            }));
        }
    }
    found
}

/// Whether a workload that no file has goes by that name: its Service may be there as well.
fn is_outside(world: &World<'_>, named: &Absent<'_>) -> bool {
    let mut outside = world.intent.iter().flat_map(|intent| &intent.outside);
    outside.any(|one| {
        one.namespace == named.namespace && (one.name.contains(named.name) || named.name.contains(&one.name))
    })
}

/// Everything of a workload that is read as a word of a command or a variable, with its field path.
fn values<'a>(world: &World<'a>, workload: &Workload<'a>) -> Vec<(NodeRef<'a>, String)> {
    let mut values = Vec::new();
    for container in workload.pod.containers() {
        for list in ["command", "args"] {
            let words = container.node.get(list).into_iter().flat_map(NodeRef::items);
            values.extend(words.map(|word| (word, container.field(list))));
        }
        for env in container.env() {
            let name = env.get("name").and_then(NodeRef::text).unwrap_or_default();
            values.extend(env.get("value").map(|value| (value, container.field(&format!("env[{name}]")))));
        }
        for from in container.env_from() {
            let name = from.path(&["configMapRef", "name"]).and_then(estate::text).unwrap_or_default();
            let map = world.find(Kind::ConfigMap, workload.object.namespace(), name);
            let entries = map.and_then(|map| map.node.get("data")).into_iter().flat_map(NodeRef::entries);
            let field =
                |key: NodeRef<'_>| container.field(&format!("env[{}]", key.text().unwrap_or_default()));
            values.extend(entries.map(|(key, value)| (value, field(key))));
        }
    }
    values
}
