//! A small platform, and blueprints as a few lines of text.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use blueprint::{
    Check, CheckKind, Disruption, EnvValue, Flow, Form, Party, Scope, SecretSource, Update, Workload,
};
use diag::{MemoryFiles, SourceMap};

const PLATFORM: &str = "
apiVersion: underpin.dev/v1
kind: Platform
metadata: {name: shop}
spec:
  domain: shop.example
  registry: {host: registry.example/shop, pullSecret: pull}
  owners: {core: core@shop.example}
  namespaces: {prod: {}, data: {}, security: {}}
  storageClasses: {ssd: {provisioners: {onpremises: topolvm.io}}}
  security: {user: 1000}
---
apiVersion: underpin.dev/v1
kind: Addon
metadata: {name: ingress}
spec: {module: ingress-nginx, classes: [nginx]}
---
apiVersion: underpin.dev/v1
kind: Addon
metadata: {name: cert-manager}
spec: {module: cert-manager}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: staging}
spec:
  stage: staging
  domain: staging.shop.example
  secrets: kubernetes
  certificates: acme-staging
  targets: {main: {runs: kubernetes}}
---
apiVersion: underpin.dev/v1
kind: Environment
metadata: {name: production}
spec:
  stage: production
  secrets: vault
  certificates: acme
  targets: {main: {runs: kubernetes}}
";

/// The scopes of the platform with more documents, and what was found, as lines.
pub fn derived(documents: &str) -> (Vec<Scope>, Vec<String>) {
    let files: MemoryFiles = [("platform.yaml", PLATFORM), ("more.yaml", documents)].into_iter().collect();
    let mut sources = SourceMap::default();
    let (platform, mut findings) = model::resolve(&files, &mut sources);
    let (modules, own) = catalogue::module::Modules::shipped();
    findings.extend(own);
    let (blueprints, more) = blueprint::derive(&platform, &modules);
    findings.extend(more);
    let line = |finding: &diag::Finding| {
        let place = finding.locations.first()?.span;
        let help = finding.help.as_deref().unwrap_or("");
        let line = sources.position(place).line;
        let is_own = sources.path(place.file) == "more.yaml";
        is_own.then(|| format!("{} {line}: {} ({help})", finding.rule, finding.message))
    };
    let findings = findings.iter().filter_map(line).collect();
    (blueprints.into_iter().flat_map(|blueprint| blueprint.scopes).collect(), findings)
}

/// Checks one side of a scope: `flows`, `flows of WORKLOAD`, `secrets`, `configs`, `routes`, `quota NAMESPACE` or
/// `workload NAME`.
pub fn check(documents: &str, scope: &str, side: &str, expected: &str) {
    let (scopes, _) = derived(documents);
    let scope = scopes.iter().find(|one| one.id.to_string() == scope).expect("the scope");
    let (side, name) = side.split_once(' ').unwrap_or((side, ""));
    let name = name.trim_start_matches("of ");
    let lines = match side {
        "flows" => scope.flows.iter().map(flow).filter(|line| line.contains(name)).collect(),
        "secrets" => scope.secrets.iter().map(secret).collect(),
        "configs" => configs(scope),
        "routes" => routes(scope),
        "quota" => quota(scope, name),
        _ => workload(scope.workloads.iter().find(|one| one.name.value == name).expect("the workload")),
    };
    let mut lines: Vec<String> = lines;
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    if side != "workload" {
        lines.sort();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(lines.join("\n"), expected.join("\n"));
        return;
    }
    assert_eq!(lines.join("\n"), expected.join("\n"));
}

/// Checks what is reported of the documents themselves.
#[allow(dead_code, reason = "not every test file asks")]
pub fn check_findings(documents: &str, expected: &[&str]) {
    let (_, mut found) = derived(documents);
    let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    found.sort();
    expected.sort();
    assert_eq!(found.join("\n"), expected.join("\n"));
}

fn flow(flow: &Flow) -> String {
    let ports: Vec<_> =
        flow.ports.iter().map(|port| format!("{} {}", port.protocol.as_str(), port.first.value)).collect();
    format!("{} -> {} {}: {}", party(&flow.from), party(&flow.to), ports.join(", "), flow.purpose)
}

fn party(party: &Party) -> String {
    match party {
        Party::Workload { namespace, name } => format!("{namespace}/{name}"),
        Party::Pods { name, .. } => format!("Addon {name}"),
        Party::Addresses { name, ranges, .. } => {
            let ranges: Vec<_> = ranges.iter().map(ToString::to_string).collect();
            format!("{name} {}", ranges.join(" "))
        }
    }
}

fn secret(need: &blueprint::SecretNeed) -> String {
    let from = match &need.source {
        SecretSource::Store { store, refresh } => {
            format!("from store {} every {} s", store.value, refresh.value)
        }
        SecretSource::Outside => "outside".to_owned(),
        SecretSource::Produced => "produced".to_owned(),
    };
    let is_fetched = matches!(need.source, SecretSource::Store { .. });
    let key = |key: &blueprint::SecretKey| match &key.property {
        Some(property) if is_fetched => format!("{} = {}#{}", key.key.value, key.path.value, property.value),
        _ => key.key.value.clone(),
    };
    let keys: Vec<_> = need.keys.iter().map(key).collect();
    format!("{}/{} {from}: {}", need.namespace, need.name.value, keys.join(", "))
}

fn configs(scope: &Scope) -> Vec<String> {
    let line = |config: &blueprint::Config| {
        let entries: Vec<_> =
            config.entries.iter().map(|entry| format!("{}={}", entry.key, entry.value.value)).collect();
        format!("{}/{}: {}", config.namespace, config.name.value, entries.join(" "))
    };
    scope.configs.iter().map(line).collect()
}

fn routes(scope: &Scope) -> Vec<String> {
    let line = |route: &blueprint::Route| {
        let annotations: Vec<_> =
            route.annotations.iter().map(|(key, value)| format!(", {key}={}", value.value)).collect();
        let tls =
            route.tls_secret.as_ref().map(|secret| format!(", TLS {}", secret.value)).unwrap_or_default();
        let (class, host, path) = (&route.class.value, &route.host.value, &route.path.value);
        let (service, port) = (&route.service.value, &route.port.value);
        let head =
            format!("{}/{}: {class} {host} {path} -> {service}:{port}", route.namespace, route.name.value);
        format!("{head}{tls}{}", annotations.concat())
    };
    scope.routes.iter().map(line).collect()
}

fn quota(scope: &Scope, name: &str) -> Vec<String> {
    let namespace = scope.namespaces.iter().find(|one| one.name.value == name).expect("the namespace");
    namespace.quota.iter().map(|(name, amount)| format!("{name} {}", amount.value)).collect()
}

fn workload(workload: &Workload) -> Vec<String> {
    let mut lines = vec![headline(workload)];
    for claim in &workload.claims {
        let class = claim.class.as_ref().map_or("", |class| class.value.as_str());
        lines.push(format!("claim {} {} of {class}", claim.name.value, claim.size.value));
    }
    for container in workload.init.iter().chain(&workload.containers) {
        lines.push(format!("image {}", container.image.value));
        let words = |words: &[tree::Val<String>]| {
            words.iter().map(|word| word.value.clone()).collect::<Vec<_>>().join(" ")
        };
        if !container.command.is_empty() {
            lines.push(format!("command {}", words(&container.command)));
        }
        if !container.args.is_empty() {
            lines.push(format!("args {}", words(&container.args)));
        }
        for env in &container.env {
            let value = match &env.value {
                EnvValue::Text(text) => text.value.clone(),
                EnvValue::Secret { secret, key } => format!("secret {} {}", secret.value, key.value),
                EnvValue::Config { config, key } => format!("config {} {}", config.value, key.value),
                EnvValue::Field(path) => format!("field {}", path.value),
            };
            lines.push(format!("env {} = {value}", env.name.value));
        }
        lines.extend(container.env_from.iter().map(|config| format!("env from {}", config.value)));
        for mount in &container.mounts {
            lines.push(format!("mount {} at {}", mount.volume, mount.path.value));
        }
        let probes = &container.probes;
        let named =
            [("startup", &probes.startup), ("liveness", &probes.liveness), ("readiness", &probes.readiness)];
        lines.extend(named.iter().filter_map(|(name, one)| Some(format!("{name} {}", probe(one.as_ref()?)))));
    }
    lines
}

fn headline(workload: &Workload) -> String {
    let kind = match workload.form {
        Form::Replicated => "Deployment",
        Form::Stateful { .. } => "StatefulSet",
        Form::PerNode => "DaemonSet",
        Form::Scheduled { .. } => "CronJob",
        Form::Once { .. } => "Job",
    };
    let mut text =
        format!("{kind} {}/{} x{}", workload.namespace, workload.name.value, workload.replicas.value);
    if let Some(scaling) = &workload.autoscale {
        text.push_str(&format!(" scales {}-{}", scaling.min.value, scaling.max.value));
        for (name, target) in [("cpu", &scaling.cpu), ("memory", &scaling.memory)] {
            target.iter().for_each(|target| text.push_str(&format!(" at {name} {}%", target.value)));
        }
    }
    if let Update::Rolling { surge: Some(surge), unavailable: Some(unavailable) } = &workload.update {
        text.push_str(&format!(" surge {} unavailable {}", surge.value, unavailable.value));
    }
    match &workload.disruption {
        Some(Disruption::MinAvailable(least)) => text.push_str(&format!(", keeps {}", least.value)),
        Some(Disruption::MaxUnavailable(most)) => text.push_str(&format!(", loses {}", most.value)),
        None => {}
    }
    if let Some(user) = &workload.user {
        text.push_str(&format!(", user {}", user.value));
    }
    text.push_str(&format!(", ends in {} s", workload.termination.value));
    if let Some(drain) = workload.containers.first().and_then(|container| container.drain.as_ref()) {
        text.push_str(&format!(" after {} s", drain.value));
    }
    if workload.token.value {
        text.push_str(", token");
    }
    text
}

fn probe(check: &Check) -> String {
    let what = match &check.kind {
        CheckKind::Http { path, port, .. } => format!("http {} on {}", path.value, port.value),
        CheckKind::Tcp { port } => format!("tcp on {}", port.value),
        CheckKind::Grpc { port } => format!("grpc on {}", port.value),
        CheckKind::Exec { command } => {
            format!("exec {}", command.first().map_or("", |word| word.value.as_str()))
        }
    };
    format!("{what} every {} s, {} failures", check.period.value, check.failures.value)
}
