//! A component's identity at the Kubernetes API.

use model::kinds::{ComponentSpec, Named};
use tree::Val;

use super::here::{Out, part_of};
use super::text::default;
use crate::scope::{Grant, Identity};

/// The identity a workload runs under.
pub(crate) struct RunsAs {
    /// Its name.
    pub(crate) name: Val<String>,
    /// Whether its token is mounted.
    pub(crate) token: Val<bool>,
}

/// Derives a component's identity: its own, with what it declares and nothing more.
pub(crate) fn of_component(component: &Named<ComponentSpec>, out: &mut Out) -> RunsAs {
    let by = part_of("Component", &component.name);
    let mut grants = Vec::new();
    for (index, given) in component.spec.kubernetes.iter().enumerate() {
        let path = format!("kubernetes.{index}");
        let origin =
            given.resources.first().map_or_else(|| component.name.origin.clone(), |r| r.origin.clone());
        grants.push(Grant {
            group: given.group.clone().unwrap_or_else(|| {
                default(&by, &format!("{path}.group"), String::new(), "The core group, where none is named.")
            }),
            resources: given.resources.clone(),
            verbs: given.verbs.clone(),
            everywhere: given.everywhere.clone().unwrap_or_else(|| {
                default(&by, &format!("{path}.everywhere"), false, "In its own namespace, unless it says so.")
            }),
            origin,
        });
    }
    let token = match grants.first() {
        Some(grant) => Val::new(true, grant.origin.clone()),
        None => default(&by, "kubernetes", false, "It declares nothing to do at the Kubernetes API."),
    };
    out.scope.identities.push(Identity {
        part_of: by,
        namespace: component.spec.namespace.value.clone(),
        name: component.name.clone(),
        grants,
    });
    RunsAs { name: component.name.clone(), token }
}
