//! Which pods a quota counts (Kubernetes documentation, "Resource Quotas", "Quota scopes").

use estate::{Kind, Need, Obj, Workload, text};
use tree::NodeRef;

use crate::facts::demand::Demand;

/// Whether a quota counts some pods only.
pub(super) fn any(quota: Obj<'_>) -> bool {
    quota.path(&["spec", "scopes"]).is_some() || quota.path(&["spec", "scopeSelector"]).is_some()
}

/// Whether a quota counts the pods of a workload.
pub(in crate::facts) fn covers(quota: Obj<'_>, workload: &Workload<'_>, demand: &Demand<'_>) -> bool {
    let scopes = quota.path(&["spec", "scopes"]).into_iter().flat_map(NodeRef::items).filter_map(text);
    let expressions = quota.path(&["spec", "scopeSelector", "matchExpressions"]);
    let mut expressions = expressions.into_iter().flat_map(NodeRef::items);
    scopes.into_iter().all(|scope| is_in(scope, workload, demand))
        && expressions.all(|expression| {
            let scope = expression.get("scopeName").and_then(text).unwrap_or_default();
            if scope == "PriorityClass" {
                priority(expression, workload)
            } else {
                is_in(scope, workload, demand)
            }
        })
}

fn is_in(scope: &str, workload: &Workload<'_>, demand: &Demand<'_>) -> bool {
    let best_effort = demand.requests.is_empty() && demand.limits.is_empty();
    match scope {
        "Terminating" => terminates(workload),
        "NotTerminating" => !terminates(workload),
        "BestEffort" => best_effort,
        "NotBestEffort" => !best_effort,
        "PriorityClass" => workload.pod.text("priorityClassName").is_some(),
        "CrossNamespacePodAffinity" => crosses_namespaces(workload),
        _ => false,
    }
}

/// Pods with a deadline: their own. A Job's deadline is the Job's, not its pods'.
fn terminates(workload: &Workload<'_>) -> bool {
    workload.object.kind() != Kind::Other && workload.pod.0.get("activeDeadlineSeconds").is_some()
}

fn priority(expression: NodeRef<'_>, workload: &Workload<'_>) -> bool {
    let values = expression.get("values").into_iter().flat_map(NodeRef::items).filter_map(text).collect();
    let need = match expression.get("operator").and_then(text) {
        Some("In") => Need::In("class", values),
        Some("NotIn") => Need::NotIn("class", values),
        Some("Exists") => Need::Exists("class"),
        Some("DoesNotExist") => Need::Absent("class"),
        _ => Need::Invalid,
    };
    let class = workload.pod.text("priorityClassName");
    need.holds(&class.map(|class| ("class", class)).into_iter().collect::<Vec<_>>())
}

fn crosses_namespaces(workload: &Workload<'_>) -> bool {
    fn names(node: NodeRef<'_>) -> bool {
        node.get("namespaces").is_some()
            || node.get("namespaceSelector").is_some()
            || node.entries().any(|(_, value)| names(value))
            || node.items().any(names)
    }
    workload.pod.0.get("affinity").is_some_and(names)
}
