//! Identities and what they may do at the Kubernetes API.

use std::collections::BTreeMap;

use blueprint::{Grant, Identity, Scope};
use tree::{Draft, Origin, Val};

use super::{Head, Object, string, texts};

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    for identity in &scope.identities {
        let namespace = Some(identity.namespace.as_str());
        let head = Head {
            api: "v1",
            kind: "ServiceAccount",
            namespace,
            name: &identity.name,
            part_of: &identity.part_of,
        };
        objects.push(head.object(scope, &BTreeMap::new(), |object| {
            object.with("automountServiceAccountToken", Draft::bool(false, identity.name.origin.clone()))
        }));
        for everywhere in [false, true] {
            let grants: Vec<_> =
                identity.grants.iter().filter(|grant| *grant.everywhere == everywhere).collect();
            if let Some(first) = grants.first() {
                let reach = Reach::of(identity, everywhere, first.origin.clone());
                objects.push(role(scope, identity, &reach, &grants));
                objects.push(binding(scope, identity, &reach));
            }
        }
    }
}

/// How far a role reaches, and what it is called.
struct Reach<'a> {
    namespace: Option<&'a str>,
    name: Val<String>,
    role: &'static str,
    binding: &'static str,
}

impl<'a> Reach<'a> {
    fn of(identity: &'a Identity, everywhere: bool, origin: Origin) -> Self {
        let (namespace, name, role, binding) = if everywhere {
            let name = format!("{}:{}", identity.namespace, identity.name.value);
            (None, name, "ClusterRole", "ClusterRoleBinding")
        } else {
            (Some(identity.namespace.as_str()), identity.name.value.clone(), "Role", "RoleBinding")
        };
        Self { namespace, name: Val::new(name, origin), role, binding }
    }
}

fn role(scope: &Scope, identity: &Identity, reach: &Reach<'_>, grants: &[&Grant]) -> Object {
    let origin = &reach.name.origin;
    let rules = grants.iter().fold(Draft::list(origin.clone()), |rules, grant| {
        let groups = std::slice::from_ref(&grant.group);
        rules.item(
            Draft::map(grant.origin.clone())
                .with("apiGroups", texts(groups, &grant.origin))
                .with("resources", texts(&grant.resources, &grant.origin))
                .with("verbs", texts(&grant.verbs, &grant.origin)),
        )
    });
    let head = Head {
        api: "rbac.authorization.k8s.io/v1",
        kind: reach.role,
        namespace: reach.namespace,
        name: &reach.name,
        part_of: &identity.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("rules", rules))
}

fn binding(scope: &Scope, identity: &Identity, reach: &Reach<'_>) -> Object {
    let origin = &reach.name.origin;
    let role = Draft::map(origin.clone())
        .with("apiGroup", string("rbac.authorization.k8s.io", origin))
        .with("kind", string(reach.role, origin))
        .with("name", Draft::text(&reach.name));
    let subject = Draft::map(origin.clone())
        .with("kind", string("ServiceAccount", origin))
        .with("name", Draft::text(&identity.name))
        .with("namespace", string(&identity.namespace, origin));
    let head = Head {
        api: "rbac.authorization.k8s.io/v1",
        kind: reach.binding,
        namespace: reach.namespace,
        name: &reach.name,
        part_of: &identity.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| {
        object.with("roleRef", role).with("subjects", Draft::list(origin.clone()).item(subject))
    })
}
