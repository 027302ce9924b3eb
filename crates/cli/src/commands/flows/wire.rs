//! Flows as JSON: a published contract, see `docs/schemas/flows.schema.json`. Written as they are found, one to a line:
//! there may be millions.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use diag::{SourceMap, Span};
use reach::{Endpoint, IpRange, PortSet, Side};
use serde::Serialize;

use super::explain::{self, Conclusion, Explained};
use super::scene::{Batch, Scene};

/// Prints flows, then what isn't evaluated, then explanations. A reader that went away is not an error.
pub fn print(scenes: &[Scene<'_>], explanations: Option<&Vec<Explained<'_, '_>>>, sources: &SourceMap) {
    let out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let _ = write(out, scenes, explanations, sources);
}

fn write(
    mut out: impl Write,
    scenes: &[Scene<'_>],
    explanations: Option<&Vec<Explained<'_, '_>>>,
    sources: &SourceMap,
) -> io::Result<()> {
    out.write_all(b"{\"version\":1,\"flows\":[")?;
    let mut first = true;
    for scene in scenes {
        flows(&mut out, scene, &mut first)?;
    }
    out.write_all(b"\n],\"notEvaluated\":[")?;
    let open = scenes.iter().flat_map(|scene| {
        explain::open_questions(scene).into_iter().map(|open| NotEvaluated {
            scope: scene.scope,
            message: open.message,
            object: open.object.map(|(kind, namespace, name)| Object { kind, namespace, name }),
            location: location(open.span, sources),
        })
    });
    lines(&mut out, open)?;
    out.write_all(b"\n]")?;
    if let Some(explanations) = explanations {
        out.write_all(b",\"explanations\":[")?;
        lines(&mut out, explanations.iter().map(|one| explained(one, sources)))?;
        out.write_all(b"\n]")?;
    }
    out.write_all(b"}\n")?;
    out.flush()
}

fn lines(out: &mut impl Write, entries: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
    for (place, entry) in entries.enumerate() {
        out.write_all(if place == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &entry)?;
    }
    Ok(())
}

/// All flows of a scope. What recurs is made into text once.
fn flows(out: &mut impl Write, scene: &Scene<'_>, first: &mut bool) -> io::Result<()> {
    let scope = json(&scene.scope);
    let actors: Vec<String> = scene
        .reachability
        .everybody()
        .map(|(id, _)| {
            json(&end(scene, Endpoint::Workload(id), "").unwrap_or(End::Cidr { cidr: String::new() }))
        })
        .collect();
    let mut result = Ok(());
    scene.each_batch(&mut |batch| {
        if result.is_ok() {
            result = write_batch(out, &scope, &actors, batch, first);
        }
    });
    result
}

fn write_batch(
    out: &mut impl Write,
    scope: &str,
    actors: &[String],
    batch: &Batch<'_>,
    first: &mut bool,
) -> io::Result<()> {
    let ports: Vec<String> = batch.ports.iter().map(ports).collect();
    let workload = &actors[batch.workload.0 as usize];
    let before = match batch.outward {
        true => format!("\n{{\"scope\":{scope},\"from\":{workload},\"to\":"),
        false => format!("\n{{\"scope\":{scope},\"from\":"),
    };
    let between = if batch.outward { String::new() } else { format!(",\"to\":{workload}") };
    let mut one = |other: &str, ports: &str| {
        let comma: &[u8] = if std::mem::take(first) { b"" } else { b"," };
        let parts =
            [before.as_bytes(), other.as_bytes(), between.as_bytes(), b",\"ports\":", ports.as_bytes(), b"}"];
        out.write_all(comma)?;
        parts.into_iter().try_for_each(|part| out.write_all(part))
    };
    for (other, place) in batch.others {
        let ports = &ports[*place as usize];
        match other {
            Endpoint::Workload(id) => one(&actors[id.0 as usize], ports)?,
            Endpoint::Addresses(range) => {
                for network in range.networks() {
                    one(&format!("{{\"cidr\":\"{network}\"}}"), ports)?;
                }
            }
        }
    }
    Ok(())
}

fn ports(set: &PortSet) -> String {
    let mut text = String::from("[");
    for (place, range) in set.ranges().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let (protocol, first, last) = (range.protocol, range.first, range.last);
        let _ = write!(text, "{comma}{{\"protocol\":\"{protocol}\",\"first\":{first},\"last\":{last}}}");
    }
    text + "]"
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An end of a flow; of a range only the first network, where `only` says so.
fn end(scene: &Scene<'_>, end: Endpoint, cidr: &str) -> Option<End> {
    Some(match end {
        Endpoint::Workload(id) => {
            let actor = scene.reachability.actor(id);
            if actor.is_ingress_controller() && actor.workload().is_none() {
                return Some(End::Unknown { kind: "IngressController" });
            }
            let (kind, namespace, name) = (actor.kind, actor.namespace, actor.name);
            End::Workload(Object { kind: kind.into(), namespace: namespace.into(), name: name.into() })
        }
        Endpoint::Addresses(_) => End::Cidr { cidr: cidr.to_owned() },
    })
}

fn explained<'s>(one: &'s Explained<'_, '_>, sources: &SourceMap) -> Explanation<'s> {
    let told = |range: IpRange| range.networks().first().map(ToString::to_string).unwrap_or_default();
    let named = |endpoint| match endpoint {
        Endpoint::Workload(_) => end(one.scene, endpoint, ""),
        Endpoint::Addresses(range) => end(one.scene, endpoint, &told(range)),
    };
    Explanation {
        scope: one.scene.scope,
        from: named(one.from),
        to: named(one.to),
        protocol: one.protocol.name(),
        port: one.port,
        verdict: match one.conclusion() {
            Conclusion::Allowed => "allowed",
            Conclusion::Denied => "denied",
            Conclusion::NotEvaluated => "not-evaluated",
        },
        egress: side(one, &one.answer.egress, sources),
        ingress: side(one, &one.answer.ingress, sources),
    }
}

fn side(one: &Explained<'_, '_>, side: &Side, sources: &SourceMap) -> Deciding {
    let reachability = &one.scene.reachability;
    let object = |policy| {
        let reference = reachability.policy(policy).reference();
        Object { kind: reference.kind, namespace: reference.namespace, name: reference.name }
    };
    let (outcome, by) = match side {
        Side::NotIsolated => ("not-isolated", Vec::new()),
        Side::Allowed(rules) => {
            let rule = |rule: &reach::RuleRef| By {
                policy: object(rule.policy),
                rule: Some(rule.rule),
                peer: rule.peer,
                location: location(reachability.rule_node(*rule).span(), sources),
            };
            ("allowed", rules.iter().map(rule).collect())
        }
        Side::Denied(policies) => {
            let policy = |id: &reach::PolicyId| By {
                policy: object(*id),
                rule: None,
                peer: None,
                location: location(reachability.selector_node(*id).span(), sources),
            };
            ("denied", policies.iter().map(policy).collect())
        }
        Side::Undecided(_) => ("not-evaluated", Vec::new()),
    };
    Deciding { outcome, by, words: explain::words(reachability, side, sources) }
}

fn location(span: Option<Span>, sources: &SourceMap) -> Option<Location> {
    let span = span?;
    let position = sources.position(span);
    Some(Location { file: sources.shown_path(span.file), line: position.line, column: position.column })
}

#[derive(Serialize)]
struct Object {
    kind: String,
    namespace: String,
    name: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum End {
    Workload(Object),
    Unknown { kind: &'static str },
    Cidr { cidr: String },
}

#[derive(Serialize)]
struct Location {
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct NotEvaluated<'a> {
    scope: &'a str,
    message: String,
    object: Option<Object>,
    location: Option<Location>,
}

#[derive(Serialize)]
struct Explanation<'a> {
    scope: &'a str,
    from: Option<End>,
    to: Option<End>,
    protocol: &'static str,
    port: u16,
    verdict: &'static str,
    egress: Deciding,
    ingress: Deciding,
}

#[derive(Serialize)]
struct Deciding {
    outcome: &'static str,
    by: Vec<By>,
    words: String,
}

#[derive(Serialize)]
struct By {
    policy: Object,
    rule: Option<u32>,
    peer: Option<u32>,
    location: Option<Location>,
}
