//! Flows for people: grouped by their sources, whole namespaces and address ranges told as one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};

use diag::SourceMap;
use reach::{Addresses, Endpoint, IpRange, PortRange, PortSet, WorkloadId};

use super::explain::{self, Conclusion, Explained};
use super::scene::{Batch, Scene};
use crate::output;

/// Workloads of a namespace are told as one from this number on.
const MANY: usize = 4;

/// Prints flows, or explanations where there are some. A reader that went away is not an error.
pub fn print(scenes: &[Scene<'_>], explanations: Option<&Vec<Explained<'_, '_>>>, sources: &SourceMap) {
    let mut out = BufWriter::new(anstream::stdout().lock());
    let mut any = false;
    for scene in scenes {
        let mut page = String::new();
        let mut heading = (scenes.len() > 1).then(|| format!("scope {}\n", scene.scope));
        let mut begin = |page: &mut String| {
            if std::mem::replace(&mut any, true) {
                page.push('\n');
            }
            page.extend(heading.take().map(|heading| heading + "\n"));
        };
        match explanations {
            Some(explanations) => {
                let here: Vec<_> = explanations.iter().filter(|one| std::ptr::eq(one.scene, scene)).collect();
                let same = |a: &&Explained<'_, '_>, b: &&Explained<'_, '_>| {
                    (a.from, a.to, &a.answer) == (b.from, b.to, &b.answer)
                };
                here.chunk_by(same).for_each(|alike| {
                    begin(&mut page);
                    explanation(&mut page, alike, sources);
                });
            }
            None => scene.each_batch(&mut |batch| {
                begin(&mut page);
                Paper { scene, page: &mut page }.batch(batch);
                if page.len() > 1 << 16 {
                    let _ = out.write_all(page.as_bytes());
                    page.clear();
                }
            }),
        }
        let _ = out.write_all(page.as_bytes());
    }
    let _ = out.flush();
    drop(out);
    if !any {
        output::say("nothing of what was asked for is open");
    }
    if explanations.is_none() {
        scenes.iter().for_each(|scene| open_questions(scene, sources));
    }
}

fn open_questions(scene: &Scene<'_>, sources: &SourceMap) {
    let open = explain::open_questions(scene);
    if open.is_empty() {
        return;
    }
    let mut told: BTreeMap<&str, Vec<explain::Open>> = BTreeMap::new();
    for one in open {
        let same = told.entry(one.together).or_default();
        if same.iter().all(|other| other.object != one.object) {
            same.push(one);
        }
    }
    output::say(&format!("not evaluated in scope {}, so that flows may be missing above:", scene.scope));
    for (together, same) in told {
        let sentence = match &same[..] {
            [one] => match one.span {
                Some(span) => {
                    let line = sources.position(span).line;
                    format!("{} ({}:{line})", one.message, sources.shown_path(span.file))
                }
                None => one.message.clone(),
            },
            several => {
                let names = several.iter().filter_map(|one| one.object.as_ref());
                let names: Vec<&str> = names.map(|(_, _, name)| name.as_str()).collect();
                format!("{} {together}", listed(&names))
            }
        };
        output::say(&format!("  {sentence}"));
    }
}

/// The first few of names.
fn listed(names: &[&str]) -> String {
    match names {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.concat(),
    }
}

struct Paper<'p, 'a> {
    scene: &'p Scene<'a>,
    page: &'p mut String,
}

impl Paper<'_, '_> {
    fn batch(&mut self, batch: &Batch<'_>) {
        let _ = writeln!(self.page, "{}", self.scene.title(batch.workload));
        let lines = self.lines(batch);
        let width = lines.iter().map(|(who, _)| who.chars().count()).max().unwrap_or(0).min(60);
        let arrow = if batch.outward { "→" } else { "←" };
        for (who, ports) in lines {
            let _ = writeln!(self.page, "  {arrow} {who:width$}  {ports}");
        }
    }

    /// Whom, and on which ports; whole namespaces first.
    fn lines(&self, batch: &Batch<'_>) -> Vec<(String, String)> {
        let actors = &self.scene.reachability;
        let mut groups: BTreeMap<(&str, u32), Vec<WorkloadId>> = BTreeMap::new();
        let mut ranges: BTreeMap<u32, Vec<IpRange>> = BTreeMap::new();
        for (other, ports) in batch.others {
            match other {
                Endpoint::Workload(id) => {
                    groups.entry((actors.actor(*id).namespace, *ports)).or_default().push(*id);
                }
                Endpoint::Addresses(range) => ranges.entry(*ports).or_default().push(*range),
            }
        }
        let mut lines = Vec::new();
        let said = |ports: u32| batch.ports[ports as usize].to_string();
        for ((namespace, ports), members) in groups {
            let others = |id: &WorkloadId| *id != batch.workload || members.contains(id);
            let all = actors.everybody().filter(|(id, actor)| {
                actor.namespace == namespace && actor.workload().is_some() && others(id)
            });
            if members.len() >= MANY && all.count() == members.len() {
                lines.push((format!("all {} workloads of {namespace}", members.len()), said(ports)));
            } else {
                lines.extend(members.iter().map(|id| (self.scene.title(*id), said(ports))));
            }
        }
        for (ports, ranges) in ranges {
            lines.push((addresses_words(&ranges), said(ports)));
        }
        lines
    }
}

/// Ranges as networks, or as everything except some networks, whichever is shorter.
fn addresses_words(ranges: &[IpRange]) -> String {
    let mut parts = Vec::new();
    for everything in Addresses::all().ranges() {
        let here = Addresses::of_ranges(ranges.iter().filter_map(|range| range.intersection(everything)));
        let rest = Addresses::of_ranges([everything]).difference(&here);
        let networks = |addresses: &Addresses| addresses.ranges().flat_map(IpRange::networks).count();
        if here.is_empty() {
            continue;
        }
        let told = |addresses: &Addresses| {
            addresses.ranges().map(|range| range_words(&range)).collect::<Vec<_>>().join(", ")
        };
        parts.push(if networks(&rest) > 0 && networks(&rest) < networks(&here) {
            format!("{} except {}", range_words(&everything), told(&rest))
        } else {
            told(&here)
        });
    }
    parts.join(", ")
}

/// A range as networks where those are few, else by its ends.
fn range_words(range: &IpRange) -> String {
    let networks = range.networks();
    if networks.len() <= 3 {
        return networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    }
    format!("{}-{}", range.first, range.last)
}

/// Explains ports of one pair that have the same answer.
fn explanation(page: &mut String, alike: &[&Explained<'_, '_>], sources: &SourceMap) {
    let Some(one) = alike.first() else { return };
    let who = |end: Endpoint| match end {
        Endpoint::Workload(id) => one.scene.title(id),
        Endpoint::Addresses(range) => range_words(&range),
    };
    let conclusion = match one.conclusion() {
        Conclusion::Allowed => "allowed",
        Conclusion::Denied => "denied",
        Conclusion::NotEvaluated => "not evaluated",
    };
    let single =
        |one: &&Explained<'_, '_>| PortRange { protocol: one.protocol, first: one.port, last: one.port };
    let ports: PortSet = alike.iter().map(single).collect();
    let _ = writeln!(page, "{} → {} on {ports}: {conclusion}", who(one.from), who(one.to));
    let reachability = &one.scene.reachability;
    if let Endpoint::Workload(_) = one.from {
        let _ = writeln!(page, "  leaving: {}", explain::words(reachability, &one.answer.egress, sources));
    }
    if let Endpoint::Workload(_) = one.to {
        let _ = writeln!(page, "  entering: {}", explain::words(reachability, &one.answer.ingress, sources));
    }
}
