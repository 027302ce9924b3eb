//! Every platform of the repository on a real control plane: each scope is applied with strict validation, scaled
//! to every autoscaler's maximum and rolled once; all pods have to be admitted, scheduled and ready each time.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use testkit::Scratch;
use testkit::control_plane::{ControlPlane, NodeShape};

const TIMEOUT: Duration = Duration::from_secs(240);

/// CRDs whose kinds builds emit.
const CRDS: [&str; 2] = ["crds/cert-manager", "crds/external-secrets"];

#[test]
fn every_scope_of_every_platform_is_admitted_scaled_and_rolled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../platforms");
    let mut platforms: Vec<PathBuf> =
        std::fs::read_dir(root).expect("platforms/").flatten().map(|entry| entry.path()).collect();
    platforms.sort();
    assert!(!platforms.is_empty(), "there is no platform");
    for platform in platforms {
        let scratch = Scratch::new("admission");
        let out = scratch.join("out");
        build(&platform, &out);
        let intent = json(&out.join(".underpin/intent.json"));
        let scopes = intent["scopes"].as_array().expect("scopes");
        assert!(!scopes.is_empty(), "{} has no scope on Kubernetes", platform.display());
        for scope in scopes {
            check_scope(&out, scope);
        }
    }
}

fn build(platform: &Path, out: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_underpin"))
        .arg("build")
        .arg(platform)
        .arg("--out")
        .arg(out)
        .output()
        .expect("underpin starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "build {}:\n{said}", platform.display());
}

fn check_scope(out: &Path, scope: &Value) {
    let name = scope["name"].as_str().expect("a scope has a name");
    println!("{name}");
    let plane = ControlPlane::start();
    plane.create_nodes(&nodes(scope));
    for crds in CRDS {
        plane.install_crds(&testkit::tool_data(crds));
    }
    let manifests: String =
        manifests(out, name).iter().map(|path| format!("---\n{}\n", text(path))).collect();
    let applied = plane.apply_text(&manifests);
    applied.unwrap_or_else(|refused| panic!("{name}: not admitted:\n{refused}"));
    let namespaces = namespaces(&manifests);
    let ready = |step: &str| -> usize {
        let wait = |namespace: &String| {
            let ready = plane.wait_all_pods_ready(namespace, TIMEOUT);
            ready.unwrap_or_else(|why| panic!("{name}: {step}: namespace {namespace}:\n{why}"))
        };
        namespaces.iter().map(wait).sum()
    };
    let pods = ready("applied");
    assert!(pods > 0, "{name} runs no pod");
    let each = |act: &dyn Fn(&str) -> Result<(), String>| {
        for namespace in &namespaces {
            act(namespace).unwrap_or_else(|why| panic!("{name}: {namespace}: {why}"));
        }
    };
    each(&|namespace| plane.scale_to_maximum(namespace).map(drop));
    let most = ready("scaled to every maximum");
    each(&|namespace| plane.roll(namespace));
    let rolled = ready("rolled");
    each(&|namespace| plane.run_cron_jobs(namespace).map(drop));
    ready("scheduled jobs run");
    println!("{name}: {pods} pods, {most} at the largest scale, {rolled} after a rollout there");
}

/// As many nodes as each pool may have, spread over its zones.
fn nodes(scope: &Value) -> Vec<NodeShape> {
    let mut nodes = Vec::new();
    for pool in scope["nodePools"].as_array().into_iter().flatten() {
        let text = |key: &str| pool[key].as_str().unwrap_or_default();
        let zones: Vec<&str> =
            pool["zones"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for number in 0..pool["max"].as_u64().unwrap_or(0) {
            let mut node = NodeShape::new(&format!("{}-{number}", text("name")), text("cpu"), text("memory"));
            if let Some(pods) = pool["pods"].as_u64().and_then(|pods| u32::try_from(pods).ok()) {
                node.pods = pods;
            }
            for (key, value) in pool["labels"].as_object().into_iter().flatten() {
                node = node.label(key, value.as_str().unwrap_or_default());
            }
            if !zones.is_empty() {
                let zone = zones[usize::try_from(number).expect("few nodes") % zones.len()];
                node = node.label("topology.kubernetes.io/zone", zone);
            }
            for taint in pool["taints"].as_array().into_iter().flatten() {
                let text = |key: &str| taint[key].as_str().unwrap_or_default();
                node = node.taint(&format!("{}={}:{}", text("key"), text("value"), text("effect")));
            }
            nodes.push(node);
        }
    }
    assert!(!nodes.is_empty(), "the scope declares no nodes");
    nodes
}

/// The manifests of a scope, by the index of the build.
fn manifests(out: &Path, scope: &str) -> Vec<PathBuf> {
    let index = json(&out.join(".underpin/build.json"));
    let (environment, target) = scope.split_once('/').expect("ENVIRONMENT/TARGET");
    let artifacts = index["artifacts"].as_array().expect("artifacts").iter();
    let of_scope = artifacts.filter(|artifact| {
        artifact["dialect"] == "kubernetes"
            && artifact["environment"] == environment
            && artifact["target"] == target
    });
    of_scope.map(|artifact| out.join(artifact["path"].as_str().expect("a path"))).collect()
}

/// Every namespace that a manifest names for an object.
fn namespaces(manifests: &str) -> BTreeSet<String> {
    let lines = manifests.lines().filter_map(|line| line.strip_prefix("  namespace: "));
    lines.map(|name| name.trim_matches('"').to_owned()).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
