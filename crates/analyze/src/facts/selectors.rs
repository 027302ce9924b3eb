//! Selectors that select nothing.

use std::collections::HashMap;

use diag::ObjectRef;
use estate::{Kind, Obj, Selector, text};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each selector selects something.
pub struct Selectors;

/// A selector that selects nothing.
#[derive(Clone, Debug)]
pub struct SelectsNothing {
    /// The selector in words.
    pub selector: String,
    /// The field it stands in.
    pub field: &'static str,
    /// What it should select, in the plural.
    pub wanted: &'static str,
    /// The candidate that agrees with it most, and the labels in which it differs.
    pub nearest: Option<(ObjectRef, String)>,
    /// Whether the files alone make it certain.
    pub certain: bool,
}

impl Analysis for Selectors {
    type Violation = SelectsNothing;

    fn run(world: &World<'_>) -> Vec<Fact<SelectsNothing>> {
        let mut facts = Vec::new();
        for workload in world.workloads.iter() {
            facts.extend(own_template(workload));
        }
        for service in world.of_kind(Kind::Service) {
            if service.text(&["spec", "type"]) == Some("ExternalName") {
                continue;
            }
            let Some(node) = service.path(&["spec", "selector"]) else { continue };
            facts.extend(of_pods(world, service, node, &Selector::of_map(node), "spec.selector"));
        }
        for (kind, field) in [(Kind::PodDisruptionBudget, "selector"), (Kind::NetworkPolicy, "podSelector")] {
            for object in world.of_kind(kind) {
                let Some(node) = object.path(&["spec", field]) else { continue };
                let field = if field == "selector" { "spec.selector" } else { "spec.podSelector" };
                facts.extend(of_pods(world, object, node, &Selector::of(node), field));
            }
        }
        facts.extend(monitors(world));
        facts.extend(namespaces(world));
        facts
    }
}

/// The API server refuses a workload whose selector doesn't match its own template.
fn own_template(workload: &estate::Workload<'_>) -> Option<Fact<SelectsNothing>> {
    let object = workload.object;
    let selects =
        matches!(object.kind(), Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::ReplicaSet);
    let node = object.path(&["spec", "selector"]).filter(|_| selects)?;
    let selector = Selector::of(node);
    if selector.matches(&workload.labels) {
        return Some(Fact::holds(object.id));
    }
    let violation = SelectsNothing {
        selector: selector.to_string(),
        field: "spec.selector",
        wanted: "its own pods",
        nearest: None,
        certain: true,
    };
    let marks = vec![
        Mark::new(node, "selects pods with these labels"),
        Mark::new(workload.labels_node(), "but its pods have these"),
    ];
    Some(Fact::violated(object.id, violation, marks))
}

fn of_pods<'a>(
    world: &World<'a>,
    object: Obj<'a>,
    node: NodeRef<'a>,
    selector: &Selector<'a>,
    field: &'static str,
) -> Option<Fact<SelectsNothing>> {
    if selector.is_empty() {
        return None;
    }
    let namespace = object.namespace();
    if !world.workloads.selected(namespace, selector).is_empty() || outside(world, namespace, selector) {
        return Some(Fact::holds(object.id));
    }
    let candidates = world.workloads.in_namespace(namespace);
    let nearest = candidates
        .map(|workload| (agreement(selector, &workload.labels), workload))
        .filter(|(agreed, _)| *agreed > 0)
        .max_by_key(|(agreed, _)| *agreed)
        .map(|(_, workload)| workload)
        .or_else(|| namesake(world, object));
    let mut marks = vec![Mark::new(node, "selects nothing")];
    marks.extend(nearest.map(|workload| {
        Mark::new(workload.labels_node(), format!("{} has these labels", workload.object.title()))
    }));
    let nearest =
        nearest.map(|workload| (workload.object.reference(), differences(selector, &workload.labels)));
    let violation = SelectsNothing {
        selector: selector.to_string(),
        field,
        wanted: "pods",
        nearest,
        certain: world.scope.closed,
    };
    Some(Fact::violated(object.id, violation, marks))
}

fn namesake<'w, 'a>(world: &'w World<'a>, object: Obj<'a>) -> Option<&'w estate::Workload<'a>> {
    world.workloads.in_namespace(object.namespace()).find(|workload| workload.object.name() == object.name())
}

/// Whether a workload outside the files is selected.
fn outside(world: &World<'_>, namespace: &str, selector: &Selector<'_>) -> bool {
    world.intent.iter().flat_map(|intent| &intent.outside).any(|workload| {
        let labels: Vec<(&str, &str)> =
            workload.pod_labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        workload.namespace == namespace && selector.matches(&labels)
    })
}

fn agreement(selector: &Selector<'_>, labels: &[(&str, &str)]) -> usize {
    selector.needs.iter().filter(|need| need.holds(labels)).count()
}

fn differences(selector: &Selector<'_>, labels: &[(&str, &str)]) -> String {
    let missing = selector.needs.iter().filter(|need| !need.holds(labels)).cloned();
    Selector { needs: missing.collect() }.to_string()
}

/// The label that Kubernetes gives every namespace (since 1.21).
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Namespace selectors of policies. Judged only where a namespace that bears the wanted value as its name is there and
/// isn't selected: which of the others exist, the files need not say.
fn namespaces(world: &World<'_>) -> Vec<Fact<SelectsNothing>> {
    let there: Vec<(Labels<'_>, Obj<'_>)> =
        world.of_kind(Kind::Namespace).map(|one| (labels_of(one), one)).collect();
    let mut facts = Vec::new();
    for policy in world.of_kind(Kind::NetworkPolicy) {
        for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
            let rules = policy.path(&["spec", rules]).into_iter().flat_map(NodeRef::items);
            let peers = rules.filter_map(|rule| rule.get(peers)).flat_map(NodeRef::items);
            for node in peers.filter_map(|peer| peer.get("namespaceSelector")) {
                facts.extend(of_namespaces(world, policy, node, &there));
            }
        }
    }
    facts
}

fn labels_of<'a>(namespace: Obj<'a>) -> Labels<'a> {
    let mut labels = namespace.labels();
    labels.push((NAME_LABEL, namespace.name()));
    labels
}

fn of_namespaces(
    world: &World<'_>,
    policy: Obj<'_>,
    node: NodeRef<'_>,
    there: &[(Labels<'_>, Obj<'_>)],
) -> Option<Fact<SelectsNothing>> {
    let selector = Selector::of(node);
    if selector.is_empty() || there.iter().any(|(labels, _)| selector.matches(labels)) {
        return Some(Fact::holds(policy.id));
    }
    let (_, wanted) = selector.certain_label()?;
    let (labels, namespace) = there.iter().find(|(_, namespace)| namespace.name() == wanted)?;
    let marks = vec![
        Mark::new(node, "selects nothing"),
        Mark::new(
            namespace.path(&["metadata"]).unwrap_or(namespace.node),
            format!("{} has no such label", namespace.title()),
        ),
    ];
    let violation = SelectsNothing {
        selector: selector.to_string(),
        field: "namespaceSelector",
        wanted: "namespaces",
        nearest: Some((namespace.reference(), differences(&selector, labels))),
        certain: world.scope.closed,
    };
    Some(Fact::violated(policy.id, violation, marks))
}

/// Labels in written order.
type Labels<'a> = Vec<(&'a str, &'a str)>;

/// Service and pod monitors, with the endpoints' port names.
fn monitors(world: &World<'_>) -> Vec<Fact<SelectsNothing>> {
    let mut services: HashMap<&str, Vec<(Labels<'_>, Obj<'_>)>> = HashMap::new();
    for service in world.of_kind(Kind::Service) {
        services.entry(service.namespace()).or_default().push((service.labels(), service));
    }
    let monitors = world.of_kind(Kind::ServiceMonitor).filter_map(|monitor| {
        let node = monitor.path(&["spec", "selector"])?;
        let selector = Selector::of(node);
        let namespaces = watched(monitor);
        let candidates = || {
            services
                .iter()
                .filter(|(name, _)| namespaces.as_ref().is_none_or(|n| n.contains(name)))
                .flat_map(|(_, s)| s)
        };
        if selector.is_empty() || candidates().any(|(labels, _)| selector.matches(labels)) {
            return Some(Fact::holds(monitor.id));
        }
        let nearest = candidates().map(|(labels, service)| (agreement(&selector, labels), labels, *service));
        let nearest =
            nearest.filter(|(agreed, ..)| *agreed > 0).max_by_key(|(agreed, _, s)| (*agreed, s.name()));
        let mut marks = vec![Mark::new(node, "selects nothing")];
        marks.extend(nearest.as_ref().map(|(_, _, service)| {
            let labels = service.path(&["metadata", "labels"]).unwrap_or(service.node);
            Mark::new(labels, format!("{} has these labels", service.title()))
        }));
        let nearest =
            nearest.map(|(_, labels, service)| (service.reference(), differences(&selector, labels)));
        let violation = SelectsNothing {
            selector: selector.to_string(),
            field: "spec.selector",
            wanted: "Services",
            nearest,
            certain: world.scope.closed,
        };
        Some(Fact::violated(monitor.id, violation, marks))
    });
    let pods = world.of_kind(Kind::PodMonitor).filter_map(|monitor| {
        let node = monitor.path(&["spec", "selector"])?;
        watched(monitor).is_some_and(|namespaces| namespaces == [monitor.namespace()]).then_some(())?;
        of_pods(world, monitor, node, &Selector::of(node), "spec.selector")
    });
    monitors.chain(pods).collect()
}

/// The namespaces a monitor looks into: its own unless it says otherwise; `None` for all.
fn watched(monitor: Obj<'_>) -> Option<Vec<&str>> {
    let Some(selector) = monitor.path(&["spec", "namespaceSelector"]) else {
        return Some(vec![monitor.namespace()]);
    };
    if selector.get("any").and_then(NodeRef::bool) == Some(true) {
        return None;
    }
    let names = selector.get("matchNames").map(|names| names.items().filter_map(text).collect());
    Some(names.unwrap_or_else(|| vec![monitor.namespace()]))
}
