//! Whether a namespace has all the pods that its workloads ask for, and what stands in the way.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::ControlPlane;

const KINDS: &str = "deployments,statefulsets,daemonsets,jobs,pods";

/// Waits until nothing is missing; returns the number of ready pods.
pub(super) fn wait(plane: &ControlPlane, namespace: &str, timeout: Duration) -> Result<usize, String> {
    let deadline = Instant::now() + timeout;
    loop {
        let objects = plane.get(namespace, KINDS)?;
        let missing: Vec<String> = objects.iter().filter_map(missing).collect();
        if missing.is_empty() {
            return Ok(objects.iter().filter(|object| object["kind"] == "Pod" && is_ready(object)).count());
        }
        if Instant::now() > deadline {
            let events = plane.get(namespace, "events")?;
            return Err(format!(
                "after {timeout:?} in namespace {namespace}:\n{}\nwarnings:\n{}",
                missing.join("\n"),
                warnings(&events).join("\n")
            ));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// What the object still lacks, as a sentence, or nothing.
fn missing(object: &Value) -> Option<String> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let name = format!("{} {}", object["kind"].as_str()?, object["metadata"]["name"].as_str()?);
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let asked = spec["replicas"].as_u64().unwrap_or(1);
    let figures = match object["kind"].as_str()? {
        "Deployment" => [asked, count(&status["updatedReplicas"]), count(&status["readyReplicas"])],
        "StatefulSet" => [asked, updated_in_set(status), count(&status["readyReplicas"])],
        "DaemonSet" => {
            let asked = count(&status["desiredNumberScheduled"]);
            [asked, count(&status["updatedNumberScheduled"]), count(&status["numberReady"])]
        }
        "Job" => {
            let asked = spec["completions"].as_u64().unwrap_or(1);
            let done = if spec["suspend"] == true { asked } else { count(&status["succeeded"]) };
            return (done < asked).then(|| format!("{name}: {done} of {asked} completions"));
        }
        _ => return missing_pod(object, &name),
    };
    if count(&status["observedGeneration"]) < count(&object["metadata"]["generation"]) {
        return Some(format!("{name}: its controller hasn't seen it yet"));
    }
    let [asked, updated, ready] = figures;
    let total = status["replicas"].as_u64().unwrap_or(asked);
    (updated < asked || ready < asked || total > asked)
        .then(|| format!("{name}: {asked} asked for, {total} there, {updated} up to date, {ready} ready"))
}

/// A StatefulSet counts updated pods from zero only while two revisions differ.
fn updated_in_set(status: &Value) -> u64 {
    let key =
        if status["currentRevision"] == status["updateRevision"] { "replicas" } else { "updatedReplicas" };
    status[key].as_u64().unwrap_or_default()
}

fn missing_pod(pod: &Value, name: &str) -> Option<String> {
    if is_ready(pod) || pod["status"]["phase"] == "Succeeded" {
        return None;
    }
    if pod["metadata"]["deletionTimestamp"].is_string() {
        return Some(format!("{name}: terminating"));
    }
    let unscheduled = condition(pod, "PodScheduled").filter(|condition| condition["status"] == "False");
    let reason = unscheduled.and_then(|condition| condition["message"].as_str()).unwrap_or("not ready");
    Some(format!("{name}: {reason}"))
}

fn is_ready(pod: &Value) -> bool {
    condition(pod, "Ready").is_some_and(|condition| condition["status"] == "True")
        && !pod["metadata"]["deletionTimestamp"].is_string()
}

fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == kind)
}

/// The newest warning about each object, without those that a fake kubelet brings about.
fn warnings(events: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = events
        .iter()
        .filter(|event| event["type"] == "Warning")
        .map(|event| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let object = &event["involvedObject"];
            let (kind, name) = (text(&object["kind"]), text(&object["name"]));
            format!("{kind} {name}: {}: {}", text(&event["reason"]), text(&event["message"]))
        })
        .filter(|line| {
            !line.contains("FailedGetResourceMetric") && !line.contains("FailedComputeMetricsReplicas")
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use super::missing;
    use serde_json::{Value, json};

    fn check(object: &Value, expected: Option<&str>) {
        assert_eq!(missing(object).as_deref(), expected, "{object}");
    }

    #[test]
    fn a_workload_is_complete_when_all_its_newest_pods_are_ready_and_no_others_are_left() {
        let deployment = |status: Value| {
            json!({"kind": "Deployment", "metadata": {"name": "a", "generation": 2}, "spec": {"replicas": 2},
                   "status": status})
        };
        let status = |generation: u64, total: u64, updated: u64, ready: u64| {
            deployment(
                json!({"observedGeneration": generation, "replicas": total, "updatedReplicas": updated,
                              "readyReplicas": ready}),
            )
        };
        check(&status(2, 2, 2, 2), None);
        check(&status(1, 2, 2, 2), Some("Deployment a: its controller hasn't seen it yet"));
        check(&status(2, 3, 2, 2), Some("Deployment a: 2 asked for, 3 there, 2 up to date, 2 ready"));
        check(&status(2, 2, 1, 2), Some("Deployment a: 2 asked for, 2 there, 1 up to date, 2 ready"));
        check(&deployment(json!({})), Some("Deployment a: its controller hasn't seen it yet"));
    }

    #[test]
    fn a_pod_says_why_it_is_not_scheduled() {
        let message = "0/3 nodes are available: 3 Insufficient cpu.";
        let scheduled = json!({"type": "PodScheduled", "status": "False", "message": message});
        let pod = json!({"kind": "Pod", "metadata": {"name": "a"}, "status": {"conditions": [scheduled]}});
        check(&pod, Some("Pod a: 0/3 nodes are available: 3 Insufficient cpu."));
        let done = json!({"kind": "Pod", "metadata": {"name": "a"}, "status": {"phase": "Succeeded"}});
        check(&done, None);
    }
}
