//! Why ports are open or not, and what could not be evaluated, in words and with places.

use analyze::relations::reachability::Reachability;
use diag::{SourceMap, Span};
use reach::{Direction, Doubt, Endpoint, Explanation, PolicyId, Protocol, RuleRef, Side, WorkloadId};

use super::Port;
use super::scene::Scene;

/// One question and its answer.
pub struct Explained<'s, 'a> {
    /// The scope it was asked in.
    pub scene: &'s Scene<'a>,
    /// Who connects.
    pub from: Endpoint,
    /// To whom.
    pub to: Endpoint,
    /// On which protocol.
    pub protocol: Protocol,
    /// On which port.
    pub port: u16,
    /// Both sides' answers.
    pub answer: Explanation,
}

/// What both sides together say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    Allowed,
    Denied,
    NotEvaluated,
}

/// Explains every pair that was asked for. Addresses take part only where they were asked for by name.
pub fn all<'s, 'a>(scene: &'s Scene<'a>, port: Option<Port>) -> Vec<Explained<'s, 'a>> {
    let ends = |chosen: &super::choose::Chosen| -> Vec<Endpoint> {
        let workloads = scene.reachability.everybody().map(|(id, _)| id).filter(|id| chosen.has(*id));
        let ranges = chosen.addresses.iter().filter(|_| chosen.named).copied();
        workloads.map(Endpoint::Workload).chain(ranges.map(Endpoint::Addresses)).collect()
    };
    let (sources, destinations) = (ends(&scene.from), ends(&scene.to));
    let mut explained = Vec::new();
    for &from in &sources {
        for &to in &destinations {
            for (protocol, port) in questions(scene, from, to, port) {
                if let Some(answer) = scene.reachability.engine.explain(from, to, protocol, port) {
                    explained.push(Explained { scene, from, to, protocol, port, answer });
                }
            }
        }
    }
    explained
}

/// The ports to explain: those asked for, else what the destination listens on, else the first of each open range.
fn questions(scene: &Scene<'_>, from: Endpoint, to: Endpoint, port: Option<Port>) -> Vec<(Protocol, u16)> {
    let declared: Vec<(Protocol, u16)> = match to {
        Endpoint::Workload(id) => {
            let ports = scene.reachability.actor(id).ports();
            ports.iter().filter_map(|port| Some((Protocol::parse(&port.protocol)?, port.first))).collect()
        }
        Endpoint::Addresses(_) => Vec::new(),
    };
    if let Some(port) = port {
        let asked = || port.protocols().map(|protocol| (protocol, port.number));
        let listening: Vec<_> = asked().filter(|one| declared.contains(one)).collect();
        return if listening.is_empty() { asked().take(1).collect() } else { listening };
    }
    if !declared.is_empty() {
        return declared;
    }
    let open = scene.reachability.engine.allowed(from, to).allowed;
    let first: Vec<_> = open.ranges().map(|range| (range.protocol, range.first)).collect();
    if first.is_empty() || open.is_all() { vec![(Protocol::Tcp, 443)] } else { first }
}

impl Explained<'_, '_> {
    /// What both sides together say.
    pub fn conclusion(&self) -> Conclusion {
        let one = |side: &Side| match side {
            Side::NotIsolated | Side::Allowed(_) => Conclusion::Allowed,
            Side::Denied(_) => Conclusion::Denied,
            Side::Undecided(_) => Conclusion::NotEvaluated,
        };
        match (one(&self.answer.egress), one(&self.answer.ingress)) {
            (Conclusion::Denied, _) | (_, Conclusion::Denied) => Conclusion::Denied,
            (Conclusion::Allowed, Conclusion::Allowed) => Conclusion::Allowed,
            _ => Conclusion::NotEvaluated,
        }
    }
}

/// What could not be evaluated in a scope: a sentence and the place that it is about.
pub struct Open {
    /// A sentence without full stop.
    pub message: String,
    /// The same of several: a clause to follow their names.
    pub together: &'static str,
    /// Where.
    pub span: Option<Span>,
    /// The policy or workload, as kind, namespace and name.
    pub object: Option<(String, String, String)>,
}

/// Everything that leaves flows between workloads in the files undecided.
pub fn open_questions(scene: &Scene<'_>) -> Vec<Open> {
    let reachability = &scene.reachability;
    let in_files = |id: WorkloadId| reachability.actor(id).workload().is_some();
    let mut open: Vec<Open> = Vec::new();
    for doubt in reachability.engine.doubts(in_files) {
        match doubt {
            Doubt::HostNetwork => open.extend(host_network(reachability)),
            _ => open.push(one(reachability, doubt)),
        }
    }
    for (&to, exposed) in &scene.exposed {
        let undecided = reachability.ingress_controllers().all(|from| {
            let ends = (Endpoint::Workload(from), Endpoint::Workload(to));
            let verdict = reachability.engine.allowed(ends.0, ends.1);
            verdict.allowed.intersection(exposed).is_empty()
                && !verdict.undecided.intersection(exposed).is_empty()
        });
        if undecided {
            let actor = reachability.actor(to);
            open.push(Open {
                message: format!(
                    "the ingress controller isn't in the files, and whether it reaches {} on {exposed} \
                     depends on its labels",
                    actor.title()
                ),
                together: "may be reached by the ingress controller, which isn't in the files",
                span: actor.workload().and_then(|workload| workload.object.name_span()),
                object: Some((actor.kind.to_owned(), actor.namespace.to_owned(), actor.name.to_owned())),
            });
        }
    }
    open
}

fn host_network(reachability: &Reachability<'_>) -> Vec<Open> {
    let workloads = reachability.actors.iter().filter_map(|actor| actor.workload());
    let on_host = workloads.filter(|workload| workload.pod.host_network()).map(|workload| workload.object);
    let tell = |object: estate::Obj<'_>| Open {
        message: format!(
            "the pods of {} are on their nodes' network, where policies see the node only",
            object.title()
        ),
        together: "are on their nodes' network, where policies see the node only",
        span: object.name_span(),
        object: Some(identity(object)),
    };
    on_host.map(tell).collect()
}

fn identity(object: estate::Obj<'_>) -> (String, String, String) {
    let reference = object.reference();
    (reference.kind, reference.namespace, reference.name)
}

fn one(reachability: &Reachability<'_>, doubt: Doubt) -> Open {
    match doubt {
        Doubt::Other(id) => {
            let other = reachability.other(id);
            Open {
                message: format!("{} isn't evaluated because {}", other.object.title(), other.why),
                together: "aren't evaluated",
                span: other.object.name_span(),
                object: Some(identity(other.object)),
            }
        }
        Doubt::PerhapsSelected(id) => Open {
            message: format!("{} may select pods whose labels aren't known", reachability.policy(id).title()),
            together: "may select pods whose labels aren't known",
            span: reachability.selector_node(id).span(),
            object: Some(identity(reachability.policy(id))),
        },
        Doubt::Labels(rule) => Open {
            message: format!(
                "{} asks for labels of namespaces that aren't in the files",
                reachability.policy(rule.policy).title()
            ),
            together: "ask for labels of namespaces that aren't in the files",
            span: reachability.rule_node(rule).span(),
            object: Some(identity(reachability.policy(rule.policy))),
        },
        Doubt::Block(rule) => Open {
            message: format!(
                "an ipBlock of {} may cover pods, whose addresses aren't known",
                reachability.policy(rule.policy).title()
            ),
            together: "have ipBlocks that may cover pods, whose addresses aren't known",
            span: reachability.rule_node(rule).span(),
            object: Some(identity(reachability.policy(rule.policy))),
        },
        Doubt::HostNetwork => Open {
            message: "one end is on its node's network, where policies see the node only".to_owned(),
            together: "are on their nodes' network, where policies see the node only",
            span: None,
            object: None,
        },
    }
}

/// What one side says, in words: a clause.
pub fn words(reachability: &Reachability<'_>, side: &Side, sources: &SourceMap) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match side {
        Side::NotIsolated => "no policy isolates it".to_owned(),
        Side::Allowed(rules) => {
            let tell = |rule: &RuleRef| rule_words(reachability, *rule, sources);
            format!("allowed by {}", joined(rules.iter().map(tell).collect()))
        }
        Side::Denied(policies) => {
            let tell = |id: &PolicyId| {
                let title = reachability.policy(*id).title();
                with_place(title, reachability.selector_node(*id).span(), sources)
            };
            format!("denied: {} isolate it, and no rule matches", joined(policies.iter().map(tell).collect()))
                .replace("isolate it", if policies.len() == 1 { "isolates it" } else { "isolate it" })
        }
        Side::Undecided(doubts) => {
            let tell = |doubt: &Doubt| {
                let open = one(reachability, *doubt);
                with_place(open.message, open.span, sources)
            };
            format!("not evaluated: {}", joined(doubts.iter().map(tell).collect()))
        }
    }
}

fn rule_words(reachability: &Reachability<'_>, rule: RuleRef, sources: &SourceMap) -> String {
    let direction = match rule.direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    };
    let title = format!("{}, {direction}[{}]", reachability.policy(rule.policy).title(), rule.rule);
    with_place(title, reachability.rule_node(rule).span(), sources)
}

fn with_place(what: String, span: Option<Span>, sources: &SourceMap) -> String {
    match span {
        Some(span) => {
            let place = (sources.shown_path(span.file), sources.position(span).line);
            format!("{what} ({}:{})", place.0, place.1)
        }
        None => what,
    }
}
