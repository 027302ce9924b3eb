//! What a scope consists of before anything runs: namespaces with their bounds, storage and priority classes.

use std::collections::BTreeMap;

use blueprint::{LimitKind, Namespace, PodLevel, Scope};
use tree::{Draft, Val};

use super::{Head, Object, boolean, int, some, string, strings};

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.namespaces.iter().map(|namespace| namespace_object(scope, namespace)));
    add_classes(scope, objects);
    objects.extend(scope.namespaces.iter().filter_map(|namespace| quota(scope, namespace)));
    objects.extend(scope.namespaces.iter().filter_map(|namespace| limit_range(scope, namespace)));
}

fn namespace_object(scope: &Scope, namespace: &Namespace) -> Object {
    let level = match namespace.level.value {
        PodLevel::Privileged => "privileged",
        PodLevel::Baseline => "baseline",
        PodLevel::Restricted => "restricted",
    };
    let mut labels = namespace.labels.clone();
    for mode in ["enforce", "audit", "warn"] {
        let level = Val::new(level.to_owned(), namespace.level.origin.clone());
        labels.insert(format!("pod-security.kubernetes.io/{mode}"), level);
    }
    let name = &namespace.name;
    let head = Head { api: "v1", kind: "Namespace", namespace: None, name, part_of: "" };
    Object { namespace: name.value.clone(), ..head.object(scope, &labels, |object| object) }
}

fn quota(scope: &Scope, namespace: &Namespace) -> Option<Object> {
    if namespace.quota.is_empty() {
        return None;
    }
    let name = namespace.name.clone().map(|name| format!("{name}-quota"));
    let head =
        Head { api: "v1", kind: "ResourceQuota", namespace: Some(&namespace.name), name: &name, part_of: "" };
    Some(head.object(scope, &BTreeMap::new(), |object| {
        let hard = strings(&namespace.quota, &name.origin);
        object.with("spec", Draft::map(name.origin.clone()).with("hard", hard))
    }))
}

fn limit_range(scope: &Scope, namespace: &Namespace) -> Option<Object> {
    let origin = &namespace.bounds.first()?.amount.origin;
    let mut limit = Draft::map(origin.clone()).with("type", string("Container", origin)).keyed("Container");
    let kinds = [
        (LimitKind::Default, "default"),
        (LimitKind::DefaultRequest, "defaultRequest"),
        (LimitKind::Min, "min"),
        (LimitKind::Max, "max"),
    ];
    for (kind, field) in kinds {
        let bounds = namespace.bounds.iter().filter(|bound| bound.kind == kind);
        let amounts = bounds.fold(Draft::map(origin.clone()), |amounts, bound| {
            amounts.with(bound.resource.as_str(), Draft::text(&bound.amount))
        });
        limit = limit.with_some(field, some(amounts));
    }
    let name = Val::new("default-limits".to_owned(), origin.clone());
    let head =
        Head { api: "v1", kind: "LimitRange", namespace: Some(&namespace.name), name: &name, part_of: "" };
    Some(head.object(scope, &BTreeMap::new(), |object| {
        let limits = Draft::list(origin.clone()).item(limit);
        object.with("spec", Draft::map(origin.clone()).with("limits", limits))
    }))
}

fn add_classes(scope: &Scope, objects: &mut Vec<Object>) {
    for class in &scope.storage_classes {
        let origin = &class.name.origin;
        let head = Head {
            api: "storage.k8s.io/v1",
            kind: "StorageClass",
            namespace: None,
            name: &class.name,
            part_of: "",
        };
        objects.push(head.object(scope, &BTreeMap::new(), |object| {
            object
                .with("provisioner", Draft::text(&class.provisioner))
                .with_some("parameters", some(strings(&class.parameters, origin)))
                .with("reclaimPolicy", Draft::text(&class.reclaim))
                .with("allowVolumeExpansion", boolean(&class.expandable))
                .with("volumeBindingMode", string("WaitForFirstConsumer", origin))
        }));
    }
    for class in &scope.priority_classes {
        let origin = &class.name.origin;
        let head = Head {
            api: "scheduling.k8s.io/v1",
            kind: "PriorityClass",
            namespace: None,
            name: &class.name,
            part_of: "",
        };
        let policy = if class.preempts.value { "PreemptLowerPriority" } else { "Never" };
        objects.push(head.object(scope, &BTreeMap::new(), |object| {
            object
                .with("value", int(&class.value))
                .with("globalDefault", Draft::bool(false, origin.clone()))
                .with("preemptionPolicy", string(policy, &class.preempts.origin))
                .with_some("description", class.purpose.as_ref().map(Draft::text))
        }));
    }
}
