//! Meant flows against what policies let through.

use diag::{ObjectRef, Span};
use estate::Obj;
use reach::{Direction, Doubt, Endpoint, Protocol, RuleRef, Side, WorkloadId};

use super::meant::{End, Meant, Source, Way};
use super::network::Network;
use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each meant flow is let through.
pub struct MeantFlows;

/// A meant flow that is denied.
#[derive(Clone, Debug)]
pub struct Denied {
    /// Who calls.
    pub from: ObjectRef,
    /// Who is called; for addresses a range without kind.
    pub to: ObjectRef,
    /// The protocol.
    pub protocol: &'static str,
    /// The port of the pod.
    pub port: u16,
    /// How the flow is known to be meant.
    pub source: Source,
    /// What the caller's policies say.
    pub egress: Verdict,
    /// What the callee's policies say.
    pub ingress: Verdict,
    /// Whether the caller and the callee are both known.
    pub known: bool,
    /// Labels of the callee's pods, by which a policy could select it.
    pub select: String,
    /// Labels of the caller's pods, by which a policy could let it in.
    pub admit: String,
}

/// What one side's policies say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No policy isolates it.
    Open,
    /// A rule lets it through.
    Allowed(Option<Span>),
    /// Policies deny it: their names.
    Denied(Vec<String>),
    /// It isn't known.
    Unknown,
}

impl Analysis for MeantFlows {
    type Violation = Denied;

    fn run(world: &World<'_>) -> Vec<Fact<Denied>> {
        let network = world.network();
        if !network.has_policies() {
            return Vec::new();
        }
        let mut meant = Meant::of(world, network);
        resolving(world, network, &mut meant);
        let mut facts = Vec::new();
        let mut members = Vec::new();
        for (way, (source, marks)) in &meant.flows {
            let fact = fact(network, way, *source, marks);
            if *source == Source::Member { members.extend(fact) } else { facts.extend(fact) }
        }
        facts.extend(silent_sets(members));
        facts
    }
}

/// Of a set's members only that they can't talk at all is a violation, and one: which of its ports they use isn't
/// known.
fn silent_sets(members: Vec<Fact<Denied>>) -> Vec<Fact<Denied>> {
    use crate::fact::Outcome;
    let talks = |fact: &Fact<Denied>| !matches!(fact.outcome, Outcome::Violated(_));
    let talking: Vec<_> = members.iter().filter(|fact| talks(fact)).map(|fact| fact.subject).collect();
    let mut said = Vec::new();
    let mut is_first = |fact: &Fact<Denied>| {
        let is_first = !said.contains(&fact.subject);
        said.push(fact.subject);
        is_first
    };
    members
        .into_iter()
        .filter(|fact| talks(fact) || !talking.contains(&fact.subject) && is_first(fact))
        .collect()
}

/// Whoever may send something at all needs names resolved.
fn resolving<'a>(world: &World<'a>, network: &Network<'a>, meant: &mut Meant) {
    let servers = network.dns();
    let callers: Vec<WorkloadId> = meant
        .flows
        .iter()
        .filter(|(_, (source, _))| matches!(source, Source::Called | Source::Mentioned))
        .filter_map(|((from, ..), _)| if let End::Workload(from) = from { Some(*from) } else { None })
        .collect();
    for (index, workload) in world.workloads.iter().enumerate() {
        let from = network.workload(index);
        let isolated = !network.engine().isolating(from, Direction::Egress).is_empty();
        let own_resolver = workload.pod.text("dnsPolicy") == Some("None");
        if !isolated || own_resolver || workload.pod.host_network() || !callers.contains(&from) {
            continue;
        }
        for &to in &servers {
            let mark = Mark::new(workload.labels_node(), "it calls others by name");
            let way = |protocol| (End::Workload(from), End::Workload(to), protocol, 53);
            meant.add(way(Protocol::Udp), Source::Resolved, mark.clone());
            let reached = network.engine().allowed(Endpoint::Workload(from), Endpoint::Workload(to));
            if reached.allowed.union(&reached.undecided).contains(Protocol::Udp, 53) {
                meant.add(way(Protocol::Tcp), Source::ResolvedAgain, mark);
            }
        }
    }
}

fn fact(network: &Network<'_>, way: &Way, source: Source, marks: &[Mark]) -> Option<Fact<Denied>> {
    let &(from, to, protocol, port) = way;
    let subject = [from, to].into_iter().find_map(|end| network.in_files(workload(end)?))?.object.id;
    let verdict = network.engine().allowed(endpoint(from), endpoint(to));
    if verdict.allowed.contains(protocol, port) {
        return Some(Fact::holds(subject));
    }
    if verdict.undecided.contains(protocol, port) {
        let why = doubt(network, verdict.doubts.first());
        let (from, to) = (reference(network, from), reference(network, to));
        let why = format!("whether {} reaches {} on {protocol} {port} {why}", from.name, to.name);
        return Some(Fact::not_evaluated(subject, why, marks.to_vec()));
    }
    let explained = network.engine().explain(endpoint(from), endpoint(to), protocol, port)?;
    let mut because = marks.to_vec();
    let egress = side(network, &explained.egress, &reference(network, from), "egress of", &mut because);
    let ingress = side(network, &explained.ingress, &reference(network, to), "ingress to", &mut because);
    let known = [from, to].into_iter().all(|end| workload(end).is_none_or(|id| network.is_known(id)));
    let denied = Denied {
        from: reference(network, from),
        to: reference(network, to),
        protocol: protocol.name(),
        port,
        source,
        egress,
        ingress,
        known,
        select: labels(network, to),
        admit: labels(network, from),
    };
    Some(Fact::violated(subject, denied, because))
}

fn workload(end: End) -> Option<WorkloadId> {
    if let End::Workload(id) = end { Some(id) } else { None }
}

fn endpoint(end: End) -> Endpoint {
    match end {
        End::Workload(id) => Endpoint::Workload(id),
        End::Addresses(range) => Endpoint::Addresses(range),
    }
}

fn reference(network: &Network<'_>, end: End) -> ObjectRef {
    match end {
        End::Workload(id) => network.reference(id),
        End::Addresses(range) => {
            let networks: Vec<String> = range.networks().iter().map(ToString::to_string).collect();
            ObjectRef { kind: "Addresses".to_owned(), namespace: String::new(), name: networks.join(" ") }
        }
    }
}

fn labels(network: &Network<'_>, end: End) -> String {
    let Some(workload) = workload(end).and_then(|id| network.in_files(id)) else { return String::new() };
    const TELLING: &[&str] = &["app.kubernetes.io/name", "app", "k8s-app", "name"];
    let telling = TELLING.iter().find_map(|key| workload.labels.iter().find(|(name, _)| name == key));
    let label = telling.or(workload.labels.first());
    label.map(|(key, value)| format!("{key}={value}")).unwrap_or_default()
}

/// Translates the engine's side, and marks the policies that decide.
fn side(network: &Network<'_>, side: &Side, whose: &ObjectRef, what: &str, marks: &mut Vec<Mark>) -> Verdict {
    match side {
        Side::NotIsolated => Verdict::Open,
        Side::Allowed(rules) => Verdict::Allowed(rules.first().and_then(|rule| rule_place(network, *rule))),
        Side::Undecided(_) => Verdict::Unknown,
        Side::Denied(policies) => {
            for &id in policies {
                let label = deciding(network.policy(id), what, &whose.name);
                marks.push(Mark::new(network.selector_node(id), label));
            }
            Verdict::Denied(policies.iter().map(|id| network.policy(*id).name().to_owned()).collect())
        }
    }
}

fn deciding(policy: Obj<'_>, what: &str, whose: &str) -> String {
    let list = if what.starts_with("egress") { "egress" } else { "ingress" };
    let n_rules = policy.path(&["spec", list]).map_or(0, |rules| rules.items().len());
    match n_rules {
        0 => format!("denies all {what} {whose}"),
        1 => format!("restricts {what} {whose}, and its rule doesn't match"),
        n => format!("restricts {what} {whose}, and none of its {n} rules matches"),
    }
}

fn rule_place(network: &Network<'_>, rule: RuleRef) -> Option<Span> {
    let node = network.rule_node(rule);
    node.entries().next().map_or(node, |(key, _)| key).span()
}

fn doubt(network: &Network<'_>, doubt: Option<&Doubt>) -> String {
    let policy = |id| network.policy(id).title();
    match doubt {
        Some(Doubt::Other(id)) => {
            let (other, why) = network.other(*id);
            format!("depends on {}: {why}", other.title())
        }
        Some(Doubt::PerhapsSelected(id)) => format!("depends on labels that {} selects by", policy(*id)),
        Some(Doubt::Labels(rule)) => {
            format!("depends on labels that aren't in the files, by which {} selects", policy(rule.policy))
        }
        Some(Doubt::Block(rule)) => {
            format!("depends on addresses, by which {} selects", policy(rule.policy))
        }
        Some(Doubt::HostNetwork) => "depends on the addresses of nodes".to_owned(),
        None => "isn't known".to_owned(),
    }
}
