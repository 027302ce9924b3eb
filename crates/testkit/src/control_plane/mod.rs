//! A real Kubernetes control plane on loopback: etcd, API server, controllers and scheduler, with KWOK for the
//! kubelets.
//!
//! What is real: admission (Pod Security, quotas, limit ranges, defaults, strict validation), the controllers that make
//! pods, and scheduling onto nodes of a declared size. What is played: containers never run, so a probe, an image or a
//! missing Secret fails nothing; volumes are provisioned by a stage of KWOK and never attached; autoscalers have no
//! metrics, so that tests scale themselves.

mod process;
mod readiness;
mod start;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Scratch, tool};
use process::Server;

/// A running control plane; all its processes end when it is dropped or when this process ends, however it does.
#[derive(Debug)]
pub struct ControlPlane {
    /// Dropped first, in the reverse order of their start.
    servers: Vec<Server>,
    kubeconfig: PathBuf,
    scratch: Scratch,
}

/// A node that pods can be scheduled on.
#[derive(Debug, Clone)]
pub struct NodeShape {
    /// Its name; the label `kubernetes.io/hostname` has it too.
    pub name: String,
    /// Allocatable processor, a quantity such as `4` or `3920m`.
    pub cpu: String,
    /// Allocatable memory, a quantity such as `15Gi`.
    pub memory: String,
    /// How many pods it takes.
    pub pods: u32,
    /// Labels beside hostname, operating system and architecture.
    pub labels: Vec<(String, String)>,
    /// Taints as kubectl writes them: `key=value:NoSchedule`, `key:NoExecute`.
    pub taints: Vec<String>,
}

impl NodeShape {
    /// A node of that size for 110 pods (the kubelet's default), without labels or taints of its own.
    pub fn new(name: &str, cpu: &str, memory: &str) -> NodeShape {
        NodeShape {
            name: name.to_owned(),
            cpu: cpu.to_owned(),
            memory: memory.to_owned(),
            pods: 110,
            labels: Vec::new(),
            taints: Vec::new(),
        }
    }

    /// The same with a label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> NodeShape {
        self.labels.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same with a taint.
    #[must_use]
    pub fn taint(mut self, taint: &str) -> NodeShape {
        self.taints.push(taint.to_owned());
        self
    }

    /// The Node object, its size in its status as a kubelet would report it.
    fn object(&self) -> Value {
        let mut labels = json!({
            "kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        });
        for (key, value) in &self.labels {
            labels[key] = json!(value);
        }
        let taints: Vec<Value> = self.taints.iter().map(|taint| parse_taint(taint)).collect();
        let size = json!({
            "cpu": self.cpu, "memory": self.memory, "pods": self.pods.to_string(), "ephemeral-storage": "100Gi",
        });
        json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": self.name, "labels": labels},
            "spec": {"taints": taints},
            "status": {"capacity": size, "allocatable": size},
        })
    }
}

fn parse_taint(taint: &str) -> Value {
    let (key, effect) = taint.rsplit_once(':').unwrap_or_else(|| panic!("a taint without effect: {taint}"));
    match key.split_once('=') {
        Some((key, value)) => json!({"key": key, "value": value, "effect": effect}),
        None => json!({"key": key, "effect": effect}),
    }
}

impl ControlPlane {
    /// Starts a control plane without nodes; takes 10 s on an idle machine.
    ///
    /// # Panics
    /// When a server doesn't come up, with the end of its log.
    pub fn start() -> ControlPlane {
        start::start()
    }

    /// What clients need to reach it as administrator.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// A folder that lasts as long as the control plane, with the servers' logs (`kube-scheduler.log`, …).
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Runs kubectl with that standard input, whatever comes of it.
    ///
    /// # Panics
    /// When kubectl can't be started.
    pub fn kubectl(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = Command::new(tool("kubectl"))
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(arguments)
            .env("KUBECACHEDIR", self.scratch.join("kubectl-cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start kubectl: {error}"));
        let mut pipe = child.stdin.take().expect("the pipe was asked for");
        std::thread::scope(|scope| {
            // kubectl may end before it has read everything: its own message then says why.
            scope.spawn(move || drop(pipe.write_all(stdin.as_bytes())));
            child.wait_with_output().unwrap_or_else(|error| panic!("kubectl: {error}"))
        })
    }

    /// Runs kubectl and returns its output, or what it says is wrong.
    ///
    /// # Errors
    /// What kubectl wrote to standard error.
    pub fn try_kubectl(&self, arguments: &[&str], stdin: &str) -> Result<String, String> {
        let output = self.kubectl(arguments, stdin);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// `kubectl get KINDS`, as the items of the list; kinds are separated by commas.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn get(&self, namespace: &str, kinds: &str) -> Result<Vec<Value>, String> {
        let text = self.try_kubectl(&["get", kinds, "--namespace", namespace, "--output=json"], "")?;
        let mut list: Value = serde_json::from_str(&text).map_err(|error| format!("get {kinds}: {error}"))?;
        match list["items"].take() {
            Value::Array(items) => Ok(items),
            _ => Err(format!("get {kinds} gave no list")),
        }
    }

    /// Makes the nodes and waits until they are ready.
    ///
    /// # Panics
    /// When one is refused or doesn't become ready.
    pub fn create_nodes(&self, shapes: &[NodeShape]) {
        let items: Vec<Value> = shapes.iter().map(NodeShape::object).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
        let wait = ["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=120s"];
        self.try_kubectl(&["create", "--filename=-"], &list)
            .and_then(|_| self.try_kubectl(&wait, ""))
            .unwrap_or_else(|error| panic!("nodes: {error}"));
    }

    /// Installs the CRDs in a folder, such as `testkit::tool_data("crds/external-secrets")`, and waits until they are
    /// served.
    ///
    /// # Panics
    /// When one is refused.
    pub fn install_crds(&self, folder: &Path) {
        let folder = folder.to_string_lossy();
        let apply = ["apply", "--server-side", "--filename", &folder];
        let wait = ["wait", "--for=condition=Established", "--filename", &folder, "--timeout=120s"];
        self.try_kubectl(&apply, "")
            .and_then(|_| self.try_kubectl(&wait, ""))
            .unwrap_or_else(|error| panic!("CRDs in {folder}: {error}"));
    }

    /// Applies a file, or a folder with all below it, server-side with strict validation.
    ///
    /// # Errors
    /// What kubectl says: all objects that were refused, with the reasons.
    pub fn apply(&self, path: &Path) -> Result<String, String> {
        let text = if path.is_dir() { folder_as_documents(path) } else { read_text(path) };
        self.apply_text(&text)
    }

    /// Applies documents server-side with strict validation. Namespaces and other kinds that the rest depends on go
    /// first, whatever their order in the text.
    ///
    /// # Errors
    /// What kubectl says: all objects that were refused, with the reasons.
    pub fn apply_text(&self, documents: &str) -> Result<String, String> {
        let (first, rest): (Vec<&str>, Vec<&str>) = split_documents(documents)
            .into_iter()
            .partition(|document| document.lines().any(|line| FIRST_KINDS.contains(&line.trim_end())));
        let mut said = String::new();
        let mut refused = String::new();
        for documents in [first, rest] {
            if documents.is_empty() {
                continue;
            }
            let arguments = ["apply", "--server-side", "--validate=strict", "--filename=-"];
            match self.try_kubectl(&arguments, &documents.join("\n---\n")) {
                Ok(text) => said.push_str(&text),
                Err(text) => refused.push_str(&text),
            }
        }
        if refused.is_empty() { Ok(said) } else { Err(refused) }
    }

    /// Scales a workload, named as kubectl does: `deployment/api`.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn scale(&self, namespace: &str, workload: &str, replicas: u64) -> Result<(), String> {
        let replicas = format!("--replicas={replicas}");
        self.try_kubectl(&["scale", "--namespace", namespace, workload, &replicas], "").map(drop)
    }

    /// Scales the target of every HorizontalPodAutoscaler in the namespace to its maximum; returns how many there were.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn scale_to_maximum(&self, namespace: &str) -> Result<usize, String> {
        let scalers = self.get(namespace, "horizontalpodautoscalers")?;
        for scaler in &scalers {
            let target = &scaler["spec"]["scaleTargetRef"];
            let text = |key: &str| target[key].as_str().unwrap_or_default().to_lowercase();
            let maximum = scaler["spec"]["maxReplicas"].as_u64().unwrap_or_default();
            self.scale(namespace, &format!("{}/{}", text("kind"), text("name")), maximum)?;
        }
        Ok(scalers.len())
    }

    /// Rolls every Deployment, StatefulSet and DaemonSet of the namespace: new pods beside or instead of the old
    /// ones, as its strategy says. Where that is `OnDelete`, pods are deleted here, in an operator's place.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn roll(&self, namespace: &str) -> Result<(), String> {
        for workload in self.get(namespace, "deployments,statefulsets,daemonsets")? {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
            let name = format!("{}/{}", text(&workload["kind"]), text(&workload["metadata"]["name"]));
            self.try_kubectl(&["rollout", "restart", "--namespace", namespace, &name], "")?;
            if workload["spec"]["updateStrategy"]["type"] == "OnDelete" {
                let selector = labels(&workload["spec"]["selector"]["matchLabels"]);
                let delete =
                    ["delete", "pods", "--wait=false", "--namespace", namespace, "--selector", &selector];
                self.try_kubectl(&delete, "")?;
            }
        }
        Ok(())
    }

    /// Makes one Job from each CronJob of the namespace, so that its pods are admitted and scheduled now.
    ///
    /// # Errors
    /// What kubectl says.
    pub fn run_cron_jobs(&self, namespace: &str) -> Result<usize, String> {
        let jobs = self.get(namespace, "cronjobs")?;
        for (number, job) in jobs.iter().enumerate() {
            let from = format!("--from=cronjob/{}", job["metadata"]["name"].as_str().unwrap_or_default());
            let name = format!("run-now-{number}");
            self.try_kubectl(&["create", "job", "--namespace", namespace, &name, &from], "")?;
        }
        Ok(jobs.len())
    }

    /// Waits until every workload of the namespace has all the pods it asks for, of its newest revision, and each
    /// of them is ready; Jobs have to be complete. Returns the number of pods that are ready.
    ///
    /// # Errors
    /// After `timeout`: what is missing, and what the controllers and the scheduler say about it.
    pub fn wait_all_pods_ready(&self, namespace: &str, timeout: Duration) -> Result<usize, String> {
        readiness::wait(self, namespace, timeout)
    }
}

/// Labels as kubectl's selector has them.
fn labels(of: &Value) -> String {
    let pairs = of.as_object().into_iter().flatten();
    pairs
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join(",")
}

/// Lines that mark what other objects can't be made without.
const FIRST_KINDS: [&str; 4] =
    ["kind: Namespace", "kind: CustomResourceDefinition", "kind: PriorityClass", "kind: StorageClass"];

/// Splits a stream at its document markers.
fn split_documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    documents.push(&text[start..]);
    documents.retain(|document| !document.trim().is_empty());
    documents
}

/// All `.yaml`, `.yml` and `.json` files below the folder, in the order of their paths, as one stream.
fn folder_as_documents(folder: &Path) -> String {
    let mut text = String::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            text.push_str(&folder_as_documents(&path));
        } else if ["yaml", "yml", "json"].contains(&extension.as_str()) {
            text.push_str("---\n");
            text.push_str(&read_text(&path));
            text.push('\n');
        }
    }
    text
}

fn read_text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{parse_taint, split_documents};
    use serde_json::json;

    #[test]
    fn documents_are_split_at_their_markers_only() {
        assert_eq!(split_documents("a: 1\n---\nb: |\n  ---x\n---\n"), ["a: 1\n", "b: |\n  ---x\n"]);
        assert_eq!(split_documents("---\n---\n"), [""; 0]);
    }

    #[test]
    fn taints_are_read_as_kubectl_writes_them() {
        assert_eq!(parse_taint("a=b:NoSchedule"), json!({"key": "a", "value": "b", "effect": "NoSchedule"}));
        assert_eq!(parse_taint("a:NoExecute"), json!({"key": "a", "effect": "NoExecute"}));
    }
}
