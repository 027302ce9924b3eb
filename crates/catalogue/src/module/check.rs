//! What is wrong with a module, found when it is loaded: names that lead nowhere, and expressions that don't work out.

use std::collections::BTreeMap;

use diag::{Finding, Level, nearest};
use tree::{OriginKind, Val};

use super::engine::{Check, Container, Engine, EnvSource};
use super::settings::{fill, value_problem};
use super::situation::{Situation, User};
use super::template::{Scene, Template};

/// Checks an engine's module.
pub(super) fn engine(engine: &Engine, findings: &mut Vec<Finding>) {
    names(engine, findings);
    for situation in samples(engine) {
        evaluate(engine, situation, findings);
    }
    findings.dedup();
}

fn invalid(path: &str, problem: &str) -> Finding {
    Finding::new("module-invalid", Level::Error, format!("{path}: {problem}")).about(path)
}

fn path<T>(of: &Val<T>) -> String {
    match of.origin.kind() {
        OriginKind::Catalogue { module, fact } => format!("{module}.{fact}"),
        _ => String::new(),
    }
}

fn known<'a>(
    what: &str,
    name: &Val<String>,
    candidates: impl Iterator<Item = &'a str> + Clone,
    findings: &mut Vec<Finding>,
) {
    if !candidates.clone().any(|candidate| candidate == name.value) {
        let hint = nearest(name, candidates).map(|meant| format!("; did you mean `{meant}`?"));
        let problem = format!("there is no {what} `{}`{}", name.value, hint.unwrap_or_default());
        findings.push(invalid(&path(name), &problem));
    }
}

/// Every name that one part of a module takes from another.
fn names(engine: &Engine, findings: &mut Vec<Finding>) {
    let roles = engine.roles.names();
    let services = engine.services.names();
    let jobs = engine.jobs.names();
    known("service", &engine.client.service, services.clone(), findings);
    let behind = engine.services.get(&engine.client.service).map(|service| &service.roles);
    let client_ports = behind.into_iter().flatten().flat_map(|role| ports_of(engine, role));
    known("port behind the client's service", &engine.client.port, client_ports, findings);
    let mentioned = engine.services.iter().flat_map(|(_, _, service)| &service.roles);
    let mentioned = mentioned.chain(engine.settings.iter().flat_map(|(_, _, setting)| &setting.roles));
    for role in mentioned.chain(engine.calls.iter().flat_map(|call| &call.roles)) {
        known("role", role, roles.clone(), findings);
    }
    let mentioned = engine.accounts.iter().flat_map(|account| &account.roles);
    for role in mentioned.chain(engine.tls.iter().flat_map(|tls| &tls.roles)) {
        known("role or job", role, roles.clone().chain(jobs.clone()), findings);
    }
    for flow in &engine.flows {
        known("role or job", &flow.from, roles.clone().chain(jobs.clone()), findings);
        known("role", &flow.to, roles.clone(), findings);
        for port in &flow.ports {
            known("port of that role", port, ports_of(engine, &flow.to), findings);
        }
    }
    for (name, _, role) in engine.roles.iter() {
        if let Some(service) = &role.service {
            known("service", service, services.clone(), findings);
        }
        if let Some(metrics) = &role.metrics {
            known("port of this role", &metrics.port, ports_of(engine, name), findings);
        }
    }
    for (_, container) in containers(engine) {
        for (_, _, source) in container.env.iter() {
            if let Some(secret) = &source.secret {
                known("secret of the engine", secret, engine.secrets.names(), findings);
            }
        }
    }
}

/// Names of the ports of a role, those of its sidecars included.
fn ports_of<'a>(engine: &'a Engine, role: &str) -> impl Iterator<Item = &'a str> + Clone {
    let role = engine.roles.get(role);
    let containers = role.into_iter().flat_map(|role| {
        std::iter::once(&role.container).chain(role.sidecars.iter().map(|(_, _, sidecar)| sidecar))
    });
    containers.flat_map(|container| container.ports.names())
}

/// Every container, with the role it belongs to (none: a job's).
fn containers(engine: &Engine) -> impl Iterator<Item = (&str, &Container)> {
    let roles = engine.roles.iter().flat_map(|(name, _, role)| {
        let others = role.init.iter().chain(role.sidecars.iter()).map(|(_, _, container)| container);
        std::iter::once(&role.container).chain(others).map(move |container| (name, container))
    });
    roles.chain(engine.jobs.iter().map(|(_, _, job)| ("", &job.container)))
}

/// Situations that a store can be in: bare, and with everything.
fn samples(engine: &Engine) -> Vec<Situation> {
    let bare = Situation {
        name: "store".to_owned(),
        namespace: "data".to_owned(),
        counts: counts(engine, 1),
        members: members(engine, 1),
        services: hosts(engine),
        per_shard: 1,
        shards: 1,
        environment: "production".to_owned(),
        target: "main".to_owned(),
        cluster_domain: "cluster.local".to_owned(),
        host: "store.data.svc".to_owned(),
        port: 1,
        ..Situation::default()
    };
    let user = User {
        name: "app".to_owned(),
        env: "APP_PASSWORD".to_owned(),
        database: "app".to_owned(),
        networks: vec!["10.0.0.0/8".to_owned()],
    };
    let full = Situation {
        counts: counts(engine, 6),
        members: members(engine, 6),
        per_shard: 2,
        shards: 3,
        cpu: 4,
        memory: 8 << 30,
        users: vec![user],
        databases: vec!["app".to_owned()],
        tls: engine.tls.is_some(),
        factor: 3,
        provider: "aws".to_owned(),
        region: "af-south-1".to_owned(),
        zones: vec!["a".to_owned(), "b".to_owned()],
        preferred: true,
        user: "app".to_owned(),
        password: "$(PASSWORD)".to_owned(),
        authority: "/trust/ca.crt".to_owned(),
        database: "app".to_owned(),
        settings: engine
            .settings
            .iter()
            .map(|(name, _, setting)| (name.to_owned(), sample(setting)))
            .collect(),
        ..bare.clone()
    };
    vec![bare, full]
}

fn sample(setting: &super::engine::Setting) -> String {
    if let Some(choice) = setting.choices.first() {
        return choice.value.clone();
    }
    match setting.of.value.as_str() {
        "bool" => "true".to_owned(),
        "integer" => setting.least.as_ref().map_or(1, |least| least.value).to_string(),
        "number" => "0.5".to_owned(),
        "bytes" => "1GB".to_owned(),
        "cron" => "0 2 * * *".to_owned(),
        "duration" => "1h".to_owned(),
        _ => "text".to_owned(),
    }
}

fn counts(engine: &Engine, count: i64) -> BTreeMap<String, i64> {
    engine.roles.iter().map(|(role, _, _)| (role.to_owned(), count)).collect()
}

fn members(engine: &Engine, count: usize) -> BTreeMap<String, Vec<String>> {
    let names = |role: &str| (0..count).map(|at| format!("store-{role}-{at}.data.svc")).collect();
    engine.roles.iter().map(|(role, _, _)| (role.to_owned(), names(role))).collect()
}

fn hosts(engine: &Engine) -> BTreeMap<String, String> {
    engine.services.iter().map(|(key, _, _)| (key.to_owned(), format!("{key}.data.svc"))).collect()
}

/// Evaluates every expression of a module in a situation.
fn evaluate(engine: &Engine, situation: Situation, findings: &mut Vec<Finding>) {
    let mut tried = Vec::new();
    let given = tree::declare::Keyed::default();
    for (role, _, part) in engine.roles.iter() {
        let mut here = Situation { role: role.to_owned(), ..situation.clone() };
        let (settled, problems) = engine.settings_for(&given, &here);
        findings.extend(problems);
        for one in &settled {
            let setting = engine.settings.get(&one.name);
            if let Some(problem) = setting.and_then(|setting| value_problem(setting, &one.value.value)) {
                findings.push(invalid(&path(&one.value), &problem));
            }
        }
        fill(&mut here, engine, &settled);
        // Values given by the sample win over defaults.
        here.settings.extend(situation.settings.clone());
        let scene = Scene::new(&here);
        let own = containers(engine).filter(|(of, _)| *of == role).map(|(_, container)| container);
        own.for_each(|container| try_container(container, &scene, &mut tried));
        for call in &engine.calls {
            call.when.iter().for_each(|when| try_truth(when, &scene, &mut tried));
            let is_there = call.when.as_ref().is_none_or(|when| when.holds(&scene) == Ok(true));
            if is_there {
                try_text(&call.to, &scene, &mut tried);
            }
        }
        part.suffix.iter().for_each(|suffix| try_text(suffix, &scene, &mut tried));
    }
    let mut here = situation;
    fill(&mut here, engine, &[]);
    let scene = Scene::new(&here);
    for (_, _, job) in engine.jobs.iter() {
        job.when.iter().for_each(|when| try_truth(when, &scene, &mut tried));
        try_container(&job.container, &scene, &mut tried);
    }
    try_text(&engine.client.url, &scene, &mut tried);
    engine.accounts.iter().for_each(|account| try_text(&account.env, &scene, &mut tried));
    engine.tls.iter().flat_map(|tls| &tls.names).for_each(|name| try_text(name, &scene, &mut tried));
    findings.extend(tried);
}

fn try_text(text: &Val<Template>, scene: &Scene, findings: &mut Vec<Finding>) {
    if let Err(problem) = text.evaluate(scene) {
        findings.push(invalid(&path(text), &problem));
    }
}

fn try_truth(text: &Val<Template>, scene: &Scene, findings: &mut Vec<Finding>) {
    if let Err(problem) = text.holds(scene) {
        findings.push(invalid(&path(text), &problem));
    }
}

fn try_container(container: &Container, scene: &Scene, findings: &mut Vec<Finding>) {
    container.command.iter().chain(&container.args).for_each(|text| try_text(text, scene, findings));
    for (_, origin, source) in container.env.iter() {
        let EnvSource { text, field, secret, account, when } = source;
        when.iter().for_each(|when| try_truth(when, scene, findings));
        let ways = [text.is_some(), field.is_some(), secret.is_some(), account.is_some()];
        if ways.iter().filter(|way| **way).count() != 1 {
            let place = Val::new((), origin.clone());
            findings.push(invalid(&path(&place), "it has one of `text`, `field`, `secret` and `account`"));
        }
        if when.as_ref().is_none_or(|when| when.holds(scene) == Ok(true)) {
            text.iter().for_each(|text| try_text(text, scene, findings));
        }
    }
    for (_, _, file) in container.files.iter() {
        try_text(&file.content, scene, findings);
    }
    for (_, _, port) in container.ports.iter() {
        port.when.iter().for_each(|when| try_truth(when, scene, findings));
    }
    let ports: Vec<_> = container.ports.names().collect();
    for check in [&container.liveness, &container.readiness, &container.startup].into_iter().flatten() {
        try_check(check, &ports, scene, findings);
    }
}

fn try_check(check: &Check, ports: &[&str], scene: &Scene, findings: &mut Vec<Finding>) {
    let Check { http, port, tls, tcp, exec, .. } = check;
    http.iter().chain(exec).for_each(|text| try_text(text, scene, findings));
    tls.iter().for_each(|tls| try_truth(tls, scene, findings));
    for port in [port, tcp].into_iter().flatten() {
        match port.evaluate(scene) {
            Ok(name) => {
                let name = Val::new(name, port.origin.clone());
                known("port of this container", &name, ports.iter().copied(), findings);
            }
            Err(problem) => findings.push(invalid(&path(port), &problem)),
        }
    }
}
