//! Policies of other kinds, which have a say and aren't evaluated: of Cilium, Calico, Antrea, and cluster-wide ones.
//!
//! Policies of service meshes are left out: they decide about requests, after the network has let them through.

use estate::Obj;
use reach::{NamespaceId, OtherPolicy, Selector, Types};
use tree::NodeRef;

use super::policy::selector;

/// Group, kind, and whether it is confined to its namespace.
const KINDS: &[(&str, &str, bool)] = &[
    ("cilium.io", "CiliumNetworkPolicy", true),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", false),
    ("crd.projectcalico.org", "NetworkPolicy", true),
    ("crd.projectcalico.org", "GlobalNetworkPolicy", false),
    ("projectcalico.org", "NetworkPolicy", true),
    ("projectcalico.org", "GlobalNetworkPolicy", false),
    ("crd.antrea.io", "NetworkPolicy", true),
    ("crd.antrea.io", "ClusterNetworkPolicy", false),
    ("policy.networking.k8s.io", "AdminNetworkPolicy", false),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy", false),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy", false),
];

/// What a policy of another kind may concern, and why it isn't evaluated; `None` for everything else.
pub(super) fn read<'a>(
    object: Obj<'a>,
    namespace: &mut dyn FnMut(&'a str) -> NamespaceId,
) -> Option<(OtherPolicy, String)> {
    let (group, kind) = (object.group(), &*object.object.kind_name);
    let (.., confined) = KINDS.iter().find(|(of, name, _)| *of == group && *name == kind)?;
    let spec = object.node.get("spec");
    let other = OtherPolicy {
        namespace: confined.then(|| namespace(object.namespace())),
        pods: spec.and_then(endpoint_selector).unwrap_or_default(),
        types: spec.map_or(Types { ingress: true, egress: true }, types),
    };
    Some((other, format!("policies of {group} aren't evaluated")))
}

/// Cilium's `endpointSelector`, where it speaks of plain pod labels.
fn endpoint_selector(spec: NodeRef<'_>) -> Option<Selector> {
    let selector = selector(spec, "endpointSelector").ok()??;
    let plain = |key: &str| !key.contains(':') && !key.starts_with("io.");
    selector.requirements.iter().all(|requirement| plain(&requirement.key)).then_some(selector)
}

/// The directions: those that it has rules for, if it has any.
fn types(spec: NodeRef<'_>) -> Types {
    let has = |fields: [&str; 2]| fields.iter().any(|field| spec.get(field).is_some());
    match (has(["ingress", "ingressDeny"]), has(["egress", "egressDeny"])) {
        (false, false) => Types { ingress: true, egress: true },
        (ingress, egress) => Types { ingress, egress },
    }
}
