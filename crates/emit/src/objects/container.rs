//! Containers and their health checks.

use blueprint::{Amounts, Check, CheckKind, Container, Env, EnvValue, Probes};
use tree::{Draft, Origin};

use super::{boolean, int, seconds, some, string, strings, texts, words};

pub(super) fn container(container: &Container) -> Draft {
    let origin = &container.name.origin;
    let sidecar = container.sidecar.then(|| string("Always", origin));
    let Probes { liveness, readiness, startup } = &container.probes;
    Draft::map(origin.clone())
        .with("name", Draft::text(&container.name))
        .with("image", Draft::text(&container.image))
        .with("imagePullPolicy", Draft::text(&container.pull_policy))
        .with_some("restartPolicy", sidecar)
        .with_some("command", words(&container.command, origin))
        .with_some("args", words(&container.args, origin))
        .with_some("envFrom", env_from(container))
        .with_some(
            "env",
            some(
                container.env.iter().fold(Draft::list(origin.clone()), |list, env| list.item(variable(env))),
            ),
        )
        .with_some("ports", ports(container))
        .with_some("resources", resources(&container.resources, origin))
        .with_some("startupProbe", startup.as_ref().map(check))
        .with_some("livenessProbe", liveness.as_ref().map(check))
        .with_some("readinessProbe", readiness.as_ref().map(check))
        .with_some("lifecycle", lifecycle(container))
        .with("securityContext", security(container))
        .with_some("volumeMounts", mounts(container))
        .keyed(container.name.as_str())
}

fn env_from(container: &Container) -> Option<Draft> {
    let origin = &container.name.origin;
    some(container.env_from.iter().fold(Draft::list(origin.clone()), |list, config| {
        let name = Draft::map(config.origin.clone()).with("name", Draft::text(config));
        list.item(Draft::map(config.origin.clone()).with("configMapRef", name).keyed(config.as_str()))
    }))
}

fn variable(env: &Env) -> Draft {
    let draft =
        Draft::map(env.name.origin.clone()).with("name", Draft::text(&env.name)).keyed(env.name.as_str());
    let key_of = |name: &tree::Val<String>, key: &tree::Val<String>| {
        Draft::map(key.origin.clone()).with("name", Draft::text(name)).with("key", Draft::text(key))
    };
    let (source, value) = match &env.value {
        EnvValue::Text(text) => return draft.with("value", Draft::text(text)),
        EnvValue::Secret { secret, key } => ("secretKeyRef", key_of(secret, key)),
        EnvValue::Config { config, key } => ("configMapKeyRef", key_of(config, key)),
        EnvValue::Field(path) => {
            ("fieldRef", Draft::map(path.origin.clone()).with("fieldPath", Draft::text(path)))
        }
    };
    draft.with("valueFrom", Draft::map(env.name.origin.clone()).with(source, value))
}

fn ports(container: &Container) -> Option<Draft> {
    let origin = &container.name.origin;
    some(container.ports.iter().fold(Draft::list(origin.clone()), |list, port| {
        list.item(
            Draft::map(port.name.origin.clone())
                .with("name", Draft::text(&port.name))
                .with("containerPort", int(&port.port))
                .with("protocol", string(port.protocol.as_str(), &port.port.origin))
                .keyed(port.name.as_str()),
        )
    }))
}

pub(super) fn resources(amounts: &Amounts, origin: &Origin) -> Option<Draft> {
    let requests = some(strings(&amounts.requests, origin));
    let limits = some(strings(&amounts.limits, origin));
    some(Draft::map(origin.clone()).with_some("requests", requests).with_some("limits", limits))
}

/// The native sleep action: stable since 1.34, on by default since 1.30 (KEP-3960); it needs no shell in the image.
fn lifecycle(container: &Container) -> Option<Draft> {
    let drain = container.drain.as_ref()?;
    let map = || Draft::map(drain.origin.clone());
    Some(map().with("preStop", map().with("sleep", map().with("seconds", seconds(drain)))))
}

fn security(container: &Container) -> Draft {
    let origin = &container.name.origin;
    let no = Draft::bool(false, origin.clone());
    let all = Draft::list(origin.clone()).item(string("ALL", origin));
    let added = some(texts(&container.capabilities, origin));
    let capabilities = Draft::map(origin.clone()).with("drop", all).with_some("add", added);
    Draft::map(origin.clone())
        .with("allowPrivilegeEscalation", no)
        .with("readOnlyRootFilesystem", boolean(&container.read_only_root))
        .with_some("runAsUser", container.user.as_ref().map(int))
        .with("capabilities", capabilities)
}

fn mounts(container: &Container) -> Option<Draft> {
    let origin = &container.name.origin;
    some(container.mounts.iter().fold(Draft::list(origin.clone()), |list, mount| {
        let why = &mount.path.origin;
        let read_only = mount.read_only.then(|| Draft::bool(true, why.clone()));
        list.item(
            Draft::map(why.clone())
                .with("name", string(&mount.volume, why))
                .with("mountPath", Draft::text(&mount.path))
                .with_some("subPath", mount.sub_path.as_ref().map(Draft::text))
                .with_some("readOnly", read_only)
                .keyed(mount.path.as_str()),
        )
    }))
}

fn check(check: &Check) -> Draft {
    let draft = Draft::map(check.origin.clone()).with(action(&check.kind), what(&check.kind, &check.origin));
    draft
        .with_some("initialDelaySeconds", check.delay.as_ref().map(int))
        .with("periodSeconds", int(&check.period))
        .with("timeoutSeconds", int(&check.timeout))
        .with("failureThreshold", int(&check.failures))
}

fn action(kind: &CheckKind) -> &'static str {
    match kind {
        CheckKind::Http { .. } => "httpGet",
        CheckKind::Tcp { .. } => "tcpSocket",
        CheckKind::Grpc { .. } => "grpc",
        CheckKind::Exec { .. } => "exec",
    }
}

fn what(kind: &CheckKind, origin: &Origin) -> Draft {
    let map = Draft::map(origin.clone());
    match kind {
        CheckKind::Http { path, port, tls } => {
            let scheme = tls.then(|| string("HTTPS", origin));
            map.with("path", Draft::text(path)).with("port", Draft::text(port)).with_some("scheme", scheme)
        }
        CheckKind::Tcp { port } => map.with("port", Draft::text(port)),
        CheckKind::Grpc { port } => map.with("port", int(port)),
        CheckKind::Exec { command } => map.with_some("command", words(command, origin)),
    }
}
