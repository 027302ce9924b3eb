//! Scrape jobs of Prometheus configurations that ConfigMaps hold: pods found by discovery, kept by labels and ports.
//!
//! Targets that such a job names by host are found like every other host in a ConfigMap. Of relabelling only plain
//! `keep` rules are followed (label, port name, port number); a job with any other is left alone.

use diag::Span;
use estate::{Kind, Workload, text};
use tree::NodeRef;

use crate::World;

/// A discovered target: workload, port and the place of the job.
pub(super) struct Target {
    pub(super) workload: usize,
    pub(super) port: u16,
    pub(super) place: Option<Span>,
}

/// The targets of every job in the files.
pub(super) fn targets(world: &World<'_>) -> Vec<Target> {
    let mut found = Vec::new();
    for map in world.of_kind(Kind::ConfigMap) {
        for (_, value) in map.node.get("data").into_iter().flat_map(NodeRef::entries) {
            let (Some(content), Some(span)) = (value.text(), value.span()) else { continue };
            if !content.contains("scrape_configs") {
                continue;
            }
            for document in &tree::parse(span.file, content).documents {
                let jobs = document.root().get("scrape_configs").into_iter().flat_map(NodeRef::items);
                jobs.for_each(|job| of_job(world, job, place(world, span, job), &mut found));
            }
        }
    }
    found
}

/// Where a job's name stands in the file that the configuration is embedded in.
fn place(world: &World<'_>, whole: Span, job: NodeRef<'_>) -> Option<Span> {
    let name = job.get("job_name").and_then(text)?;
    let snippet = world.estate.sources.snippet(whole);
    let line = snippet.split_inclusive('\n').find(|line| line.contains("job_name") && line.contains(name))?;
    let at = line.as_ptr() as usize - snippet.as_ptr() as usize + line.find(name)?;
    let start = whole.start + u32::try_from(at).ok()?;
    Some(Span { start, end: start + u32::try_from(name.len()).ok()?, ..whole })
}

fn of_job(world: &World<'_>, job: NodeRef<'_>, place: Option<Span>, found: &mut Vec<Target>) {
    let Some(keeps) = keeps(job) else { return };
    for discovery in job.get("kubernetes_sd_configs").into_iter().flat_map(NodeRef::items) {
        if discovery.get("role").and_then(text) != Some("pod") {
            continue;
        }
        let names = discovery.path(&["namespaces", "names"]).into_iter().flat_map(NodeRef::items);
        let names: Vec<&str> = names.filter_map(text).collect();
        for (index, workload) in world.workloads.iter().enumerate() {
            let home = workload.object.namespace();
            if !(names.is_empty() || names.contains(&home)) || rewrites(job, workload) {
                continue;
            }
            let ports = workload.pod.ports().filter(|port| port.protocol == "TCP");
            let kept =
                ports.filter(|port| keeps.iter().all(|keep| keep.holds(workload, port.name, port.number)));
            found.extend(kept.map(|port| Target { workload: index, port: port.number, place }));
        }
    }
}

/// A `keep` rule.
struct Keep {
    source: String,
    values: Vec<String>,
}

impl Keep {
    fn holds(&self, workload: &Workload<'_>, name: &str, number: u16) -> bool {
        let is_wanted = |value: &str| self.values.iter().any(|wanted| wanted == value);
        match self.source.strip_prefix(META) {
            Some("container_port_name") => is_wanted(name),
            Some("container_port_number") => is_wanted(&number.to_string()),
            Some(label) => label.strip_prefix("label_").is_some_and(|label| {
                workload.labels.iter().any(|(key, value)| sanitized(key) == label && is_wanted(value))
            }),
            None => false,
        }
    }
}

const META: &str = "__meta_kubernetes_pod_";

/// Names of labels as Prometheus has them (util/strutil, `SanitizeLabelName`).
fn sanitized(key: &str) -> String {
    key.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

fn relabelling(job: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    job.get("relabel_configs").into_iter().flat_map(NodeRef::items)
}

/// The `keep` rules of a job; `None` if it leaves out targets in a way that isn't followed here.
fn keeps(job: NodeRef<'_>) -> Option<Vec<Keep>> {
    let mut keeps = Vec::new();
    for rule in relabelling(job) {
        match rule.get("action").and_then(text) {
            Some("keep") => keeps.push(keep(rule)?),
            Some("drop" | "keepequal" | "dropequal" | "hashmod") => return None,
            _ => {}
        }
    }
    Some(keeps)
}

fn keep(rule: NodeRef<'_>) -> Option<Keep> {
    let mut sources = rule.get("source_labels")?.items();
    let (source, None) = (sources.next().and_then(text)?, sources.next()) else { return None };
    let known = ["container_port_name", "container_port_number"];
    let known =
        source.strip_prefix(META).is_some_and(|rest| known.contains(&rest) || rest.starts_with("label_"));
    let regex = rule.get("regex").and_then(text)?;
    let values: Vec<String> =
        regex.trim_matches(['(', ')', '^', '$']).split('|').map(str::to_owned).collect();
    let is_plain =
        |value: &String| value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    (known && values.iter().all(is_plain)).then(|| Keep { source: source.to_owned(), values })
}

/// Whether a job changes the address of this workload's targets: by an annotation that it has, or by anything else.
fn rewrites(job: NodeRef<'_>, workload: &Workload<'_>) -> bool {
    let annotations =
        workload.template.path(&["metadata", "annotations"]).into_iter().flat_map(NodeRef::entries);
    let annotations: Vec<&str> = annotations.filter_map(|(key, _)| key.text()).collect();
    relabelling(job).filter(|rule| rule.get("target_label").and_then(text) == Some("__address__")).any(
        |rule| {
            let mut sources = rule.get("source_labels").into_iter().flat_map(NodeRef::items).filter_map(text);
            !sources.all(|source| {
                let wanted = source.strip_prefix("__meta_kubernetes_pod_annotation_");
                wanted.is_some_and(|wanted| annotations.iter().all(|key| sanitized(key) != wanted))
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &str, expected: Option<&[(&str, &[&str])]>) {
        let text = format!("job_name: x\nrelabel_configs:\n{rules}");
        let parsed = tree::parse(diag::FileId(0), &text);
        let found = keeps(parsed.documents[0].root());
        let found: Option<Vec<_>> =
            found.map(|keeps| keeps.into_iter().map(|keep| (keep.source, keep.values)).collect());
        let owned = |(source, values): &(&str, &[&str])| {
            ((*source).to_owned(), values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(found, expected.map(|keeps| keeps.iter().map(owned).collect()), "{rules}");
    }

    #[test]
    fn only_plain_keeps_are_followed() {
        let label = "__meta_kubernetes_pod_label_app";
        check(
            &format!("- {{source_labels: [{label}], regex: api, action: keep}}"),
            Some(&[(label, &["api"])]),
        );
        check(
            &format!("- {{source_labels: [{label}], regex: (a|b), action: keep}}"),
            Some(&[(label, &["a", "b"])]),
        );
        check(&format!("- {{source_labels: [{label}], target_label: app}}"), Some(&[]));
        check(&format!("- {{source_labels: [{label}], regex: 'a.*', action: keep}}"), None);
        check(&format!("- {{source_labels: [{label}], regex: a, action: drop}}"), None);
        check(&format!("- {{source_labels: [{label}, {label}], regex: a;a, action: keep}}"), None);
        check("- {source_labels: [__meta_kubernetes_pod_phase], regex: Running, action: keep}", None);
    }
}
