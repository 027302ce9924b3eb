//! Pod templates: what holds for a workload's pods as a whole.

use std::collections::BTreeMap;

use blueprint::{Claim, Form, PodVolume, Scope, Spread, VolumeSource, Workload};
use sha2::{Digest, Sha256};
use tree::{Draft, Origin, Val};

use super::container::container;
use super::{Object, boolean, int, match_labels, seconds, some, string, strings};

/// The template of a workload's pods.
pub(super) fn template(scope: &Scope, workload: &Workload) -> Draft {
    let origin = &workload.origin;
    let mut labels = strings(&scope.labels, origin);
    for (key, value) in workload.selector.iter().chain(&workload.pod_labels) {
        labels.set(key.as_str(), Draft::text(value));
    }
    let mut annotations = strings(&workload.pod_annotations, origin);
    for name in &workload.restarts_on {
        if let Some((key, value)) = checksum(scope, &workload.namespace, name) {
            annotations.set(key, value);
        }
    }
    let metadata =
        Draft::map(origin.clone()).with("labels", labels).with_some("annotations", some(annotations));
    Draft::map(origin.clone()).with("metadata", metadata).with("spec", spec(workload))
}

fn spec(workload: &Workload) -> Draft {
    let origin = &workload.origin;
    let containers = |all: &[blueprint::Container]| {
        some(all.iter().fold(Draft::list(origin.clone()), |list, one| list.item(container(one))))
    };
    let pulls = workload.pull_secrets.iter().fold(Draft::list(origin.clone()), |list, name| {
        list.item(Draft::map(name.origin.clone()).with("name", Draft::text(name)).keyed(name.as_str()))
    });
    let volumes =
        workload.volumes.iter().fold(Draft::list(origin.clone()), |list, one| list.item(volume(one)));
    Draft::map(origin.clone())
        .with("serviceAccountName", Draft::text(&workload.identity))
        .with("automountServiceAccountToken", boolean(&workload.token))
        .with("enableServiceLinks", Draft::bool(false, origin.clone()))
        .with_some("restartPolicy", restart_policy(workload))
        .with_some("hostNetwork", workload.host_network.as_ref().map(boolean))
        .with("securityContext", security(workload))
        .with("terminationGracePeriodSeconds", seconds(&workload.termination))
        .with_some("priorityClassName", workload.priority.as_ref().map(Draft::text))
        .with_some("imagePullSecrets", some(pulls))
        .with_some("nodeSelector", some(strings(&workload.placement.nodes, origin)))
        .with_some("tolerations", tolerations(workload))
        .with_some("affinity", affinity(workload))
        .with_some("topologySpreadConstraints", spread(workload))
        .with_some("initContainers", containers(&workload.init))
        .with_some("containers", containers(&workload.containers))
        .with_some("volumes", some(volumes))
}

fn restart_policy(workload: &Workload) -> Option<Draft> {
    let runs_once = matches!(workload.form, Form::Scheduled { .. } | Form::Once { .. });
    runs_once.then(|| string("Never", &workload.origin))
}

fn security(workload: &Workload) -> Draft {
    let origin = &workload.origin;
    let profile = Draft::map(origin.clone()).with("type", string("RuntimeDefault", origin));
    let is_root = workload.user.as_ref().is_some_and(|user| user.value == 0);
    let owner = workload.fs_group.as_ref();
    Draft::map(origin.clone())
        .with("runAsNonRoot", Draft::bool(!is_root, origin.clone()))
        .with_some("runAsUser", workload.user.as_ref().map(int))
        .with_some("runAsGroup", workload.group.as_ref().map(int))
        .with_some("fsGroup", owner.map(int))
        .with_some("fsGroupChangePolicy", owner.map(|group| string("OnRootMismatch", &group.origin)))
        .with("seccompProfile", profile)
}

fn tolerations(workload: &Workload) -> Option<Draft> {
    let list = Draft::list(workload.origin.clone());
    some(workload.placement.tolerates.iter().fold(list, |list, (key, value, effect)| {
        list.item(
            Draft::map(key.origin.clone())
                .with("key", Draft::text(key))
                .with("operator", string("Equal", &key.origin))
                .with("value", Draft::text(value))
                .with("effect", Draft::text(effect))
                .keyed(key.as_str()),
        )
    }))
}

/// Different nodes where they must differ. `matchLabelKeys` (stable since 1.33, KEP-3633) lets the pods of a new
/// revision stand beside those of the old one, without which a rollout on as many nodes as pods could never
/// schedule.
fn affinity(workload: &Workload) -> Option<Draft> {
    let Some(Spread::Required(origin)) = &workload.placement.over_nodes else { return None };
    let map = || Draft::map(origin.clone());
    let term = map()
        .with("topologyKey", string("kubernetes.io/hostname", origin))
        .with("labelSelector", match_labels(&workload.selector, origin))
        .with_some("matchLabelKeys", revision(workload, origin));
    let terms = Draft::list(origin.clone()).item(term);
    Some(map().with("podAntiAffinity", map().with("requiredDuringSchedulingIgnoredDuringExecution", terms)))
}

fn spread(workload: &Workload) -> Option<Draft> {
    let placement = &workload.placement;
    let mut list = Draft::list(workload.origin.clone());
    if let Some(Spread::Preferred(origin)) = &placement.over_nodes {
        list.push(constraint(workload, "kubernetes.io/hostname", "ScheduleAnyway", origin));
    }
    match &placement.over_zones {
        Some(Spread::Preferred(origin)) => {
            list.push(constraint(workload, "topology.kubernetes.io/zone", "ScheduleAnyway", origin));
        }
        Some(Spread::Required(origin)) => {
            list.push(constraint(workload, "topology.kubernetes.io/zone", "DoNotSchedule", origin));
        }
        None => {}
    }
    some(list)
}

fn constraint(workload: &Workload, topology: &str, otherwise: &str, origin: &Origin) -> Draft {
    Draft::map(origin.clone())
        .with("maxSkew", Draft::int(1, origin.clone()))
        .with("topologyKey", string(topology, origin))
        .with("whenUnsatisfiable", string(otherwise, origin))
        .with("labelSelector", match_labels(&workload.selector, origin))
        .with_some("matchLabelKeys", revision(workload, origin))
        .keyed(topology)
}

fn revision(workload: &Workload, origin: &Origin) -> Option<Draft> {
    let replicated = matches!(workload.form, Form::Replicated);
    replicated.then(|| Draft::list(origin.clone()).item(string("pod-template-hash", origin)))
}

fn volume(volume: &PodVolume) -> Draft {
    let origin = &volume.origin;
    let map = || Draft::map(origin.clone());
    let named = map().with("name", string(&volume.name, origin));
    let (key, source) = match &volume.source {
        VolumeSource::Scratch { size, memory } => {
            let medium = memory.then(|| string("Memory", origin));
            let limit = size.as_ref().map(Draft::text);
            ("emptyDir", map().with_some("medium", medium).with_some("sizeLimit", limit))
        }
        VolumeSource::Config { config, items, mode } => {
            ("configMap", files(map().with("name", Draft::text(config)), items, *mode, origin))
        }
        VolumeSource::Secret { secret, items, mode } => {
            ("secret", files(map().with("secretName", Draft::text(secret)), items, *mode, origin))
        }
        VolumeSource::Shared(claim) => {
            ("persistentVolumeClaim", map().with("claimName", Draft::text(&claim.name)))
        }
    };
    named.with(key, source).keyed(volume.name.as_str())
}

fn files(source: Draft, items: &[(String, Val<String>)], mode: Option<u32>, origin: &Origin) -> Draft {
    let items = items.iter().fold(Draft::list(origin.clone()), |list, (key, path)| {
        let item =
            Draft::map(path.origin.clone()).with("key", string(key, origin)).with("path", Draft::text(path));
        list.item(item.keyed(key.as_str()))
    });
    source
        .with_some("defaultMode", mode.map(|mode| Draft::int(mode.into(), origin.clone())))
        .with_some("items", some(items))
}

/// A claim's spec.
pub(super) fn claim_spec(claim: &Claim) -> Draft {
    let origin = &claim.size.origin;
    let request = Draft::map(origin.clone()).with("storage", Draft::text(&claim.size));
    Draft::map(origin.clone())
        .with("accessModes", Draft::list(origin.clone()).item(Draft::text(&claim.access)))
        .with_some("storageClassName", claim.class.as_ref().map(Draft::text))
        .with("resources", Draft::map(origin.clone()).with("requests", request))
}

/// The claims that a workload's pods share.
pub(super) fn shared_claims(scope: &Scope, workload: &Workload) -> Vec<Object> {
    let shared = workload.volumes.iter().filter_map(|volume| match &volume.source {
        VolumeSource::Shared(claim) => Some(claim),
        _ => None,
    });
    let object = |claim: &Claim| {
        let head = super::Head {
            api: "v1",
            kind: "PersistentVolumeClaim",
            namespace: Some(&workload.namespace),
            name: &claim.name,
            part_of: &workload.part_of,
        };
        head.object(scope, &BTreeMap::new(), |object| object.with("spec", claim_spec(claim)))
    };
    shared.map(object).collect()
}

/// The annotation by which a changed Config restarts the pods that read it.
///
/// The sum is that of the data as Go's `encoding/json` writes a map (keys sorted, `<`, `>`, `&` escaped), so that a
/// chart can compute the same with `toJson | sha256sum`.
fn checksum(scope: &Scope, namespace: &str, name: &str) -> Option<(String, Draft)> {
    let config =
        scope.configs.iter().find(|config| config.namespace == namespace && config.name.value == name)?;
    let data: BTreeMap<_, _> =
        config.entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect();
    let sum = Sha256::digest(go_json(&data));
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let inputs = config.entries.iter().map(|entry| entry.value.origin.clone());
    let origin = Origin::derived("checksum", inputs);
    Some((format!("checksum/{name}"), Draft::string(sum, origin)))
}

fn go_json(data: &BTreeMap<&str, &str>) -> String {
    let field = |(key, value): (&&str, &&str)| format!("{}:{}", go_string(key), go_string(value));
    format!("{{{}}}", data.iter().map(field).collect::<Vec<_>>().join(","))
}

/// A JSON string with the escapes of Go's `encoding/json` (package documentation, `HTMLEscape` and `Marshal`).
fn go_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_that_of_go() {
        let data = BTreeMap::from([("b", "<a & b>"), ("a", "1\n\"\u{1}")]);
        assert_eq!(go_json(&data), r#"{"a":"1\n\"\u0001","b":"\u003ca \u0026 b\u003e"}"#);
    }
}
