//! The container of a component: image, variables, probes, resources, security.

use std::collections::BTreeMap;

use model::kinds::{ComponentSpec, Named, Probe, Resources};
use model::types::{Duration, ImageRef};
use tree::Val;

use super::calls::{self, Called};
use super::config::Settings;
use super::face;
use super::facts::Facts;
use super::here::{Here, Out, part_of};
use super::say::{self, rule};
use super::secrets::Secrets;
use super::text::{Text, default, derived, seconds};
use super::volumes::Volumes;
use crate::workload::{Amounts, Check, CheckKind, Container, ContainerPort, Env, EnvValue, Probes};

#[expect(clippy::too_many_arguments, reason = "a container is where everything of a component meets")]
pub(crate) fn container(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    called: &Called,
    secrets: &Secrets,
    settings: &Settings,
    volumes: &Volumes,
    facts: &Facts,
    out: &mut Out,
) -> Container {
    let by = part_of("Component", &component.name);
    let spec = &component.spec;
    let ports = face::ports(&by, &spec.ports).into_iter().map(|port| ContainerPort {
        name: Val::new(port.name, port.listens.origin.clone()),
        port: port.listens,
        protocol: port.protocol,
    });
    let mut env = secrets.env.clone();
    env.extend(called.env.clone());
    env.extend(settings.env.clone());
    let expand = |words: &[Val<String>], out: &mut Out| -> Vec<Val<String>> {
        words.iter().map(|word| facts.expand(word, &by, out)).collect()
    };
    let read_only = spec.security.read_only_root.clone();
    let read_only = read_only.or_else(|| here.resolved.platform.spec.security.read_only_root.clone());
    Container {
        name: component.name.clone(),
        image: image(here, &by, &spec.image, out),
        pull_policy: spec.pull_policy.clone().unwrap_or_else(|| {
            let reason = "Versions are immutable, so what is there needn't be fetched again.";
            default(&by, "pullPolicy", "IfNotPresent".to_owned(), reason)
        }),
        command: expand(&spec.command, out),
        args: expand(&spec.args, out),
        env: unique(env),
        env_from: settings.env_from.clone(),
        ports: ports.collect(),
        resources: amounts(&spec.resources),
        probes: probes(component, out),
        mounts: volumes.mounts.clone(),
        read_only_root: read_only.unwrap_or_else(|| {
            default(&by, "security.readOnlyRoot", true, "What an intruder can't write he can't run.")
        }),
        capabilities: capabilities(here, component),
        user: None,
        drain: drain(component),
        sidecar: false,
    }
}

/// The first variable of each name: what the owner wrote comes after what follows from calls and is the same name only
/// where he says `env`.
fn unique(env: Vec<Env>) -> Vec<Env> {
    let mut kept: Vec<Env> = Vec::new();
    for one in env {
        match kept.iter_mut().find(|old| old.name.value == one.name.value) {
            Some(old) if matches!(old.value, EnvValue::Text(_)) => *old = one,
            Some(_) => {}
            None => kept.push(one),
        }
    }
    kept
}

/// The whole reference: a name without a host comes from the platform's registry.
pub(crate) fn image(here: &Here<'_>, by: &str, image: &Val<ImageRef>, out: &mut Out) -> Val<String> {
    if image.value.tag.is_none() && image.value.digest.is_none() {
        let message = format!("the image of {by} names no version: what runs would change by itself");
        out.say(say::error(rule::MISSING, message, &image.origin, "Add a tag, or better a digest."));
    }
    reference(here, image)
}

/// The whole reference of an image.
pub(crate) fn reference(here: &Here<'_>, image: &Val<ImageRef>) -> Val<String> {
    let reference = image.clone().map(|image| written(&image));
    match &here.resolved.platform.spec.registry {
        Some(registry) if !has_host(&image.value.repository) => {
            Text::from(&registry.host).lit("/").val(&reference).done()
        }
        _ => reference,
    }
}

/// Whether the first part of a repository is a host: it has a dot or a port, or is `localhost` (the rule of the
/// distribution specification's reference grammar).
pub(crate) fn has_host(repository: &str) -> bool {
    let Some((first, _)) = repository.split_once('/') else { return false };
    first == "localhost" || first.contains(['.', ':'])
}

fn written(image: &ImageRef) -> String {
    let tag = image.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = image.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
    format!("{}{tag}{digest}", image.repository)
}

/// Requests and limits as declared.
pub(crate) fn amounts(resources: &Resources) -> Amounts {
    let side = |given: &model::kinds::Keyed<Val<model::types::Quantity>>| {
        let one = |(name, _, amount): (&str, &tree::Origin, &Val<model::types::Quantity>)| {
            (name.to_owned(), amount.clone().map(|amount| amount.0))
        };
        given.iter().map(one).collect::<BTreeMap<_, _>>()
    };
    Amounts { requests: side(&resources.requests), limits: side(&resources.limits) }
}

fn capabilities(here: &Here<'_>, component: &Named<ComponentSpec>) -> Vec<Val<String>> {
    let own = &component.spec.security.capabilities;
    if own.is_empty() { here.resolved.platform.spec.security.capabilities.clone() } else { own.clone() }
}

/// What the catalogue knows of the image that a component runs in: user, group, folders written to.
pub(crate) struct Known<'a> {
    user: Option<&'a Val<i64>>,
    group: Option<&'a Val<i64>>,
    pub(crate) writes: &'a [Val<String>],
}

/// The facts of a component's runtime or, where an image is used as it comes, of that image.
pub(crate) fn known<'a>(here: &Here<'a>, component: &Named<ComponentSpec>) -> Known<'a> {
    if let Some(runtime) = here.modules.runtimes.get(&component.spec.runtime.value) {
        return Known { user: Some(&runtime.user), group: Some(&runtime.group), writes: &runtime.writes };
    }
    let repository = &component.spec.image.value.repository;
    let is_it =
        |image: &&catalogue::module::Image| image.repositories.iter().any(|one| one.value == *repository);
    let image = here.modules.images.values().find(is_it);
    Known {
        user: image.and_then(|image| image.user.as_ref()),
        group: image.and_then(|image| image.group.as_ref()),
        writes: image.map_or(&[], |image| &image.writes),
    }
}

/// The user id of a component's containers: its own, that of an image which comes as it is, the platform's, that of the
/// runtime's image.
pub(crate) fn user(here: &Here<'_>, component: &Named<ComponentSpec>) -> Val<i64> {
    let by = part_of("Component", &component.name);
    let known = known(here, component).user.cloned();
    let platform = here.resolved.platform.spec.security.user.clone();
    let found = component.spec.security.user.clone().or_else(|| first(component, known, platform));
    found.unwrap_or_else(|| default(&by, "security.user", 1000, "The first ordinary user, and not root."))
}

/// Of the catalogue and the platform, what counts: an image that comes as it is has its own user.
fn first<T>(component: &Named<ComponentSpec>, known: Option<T>, platform: Option<T>) -> Option<T> {
    if component.spec.runtime.value == "image" { known.or(platform) } else { platform.or(known) }
}

/// The group id of a component's containers.
pub(crate) fn group(here: &Here<'_>, component: &Named<ComponentSpec>) -> Val<i64> {
    let known = known(here, component).group.cloned();
    let platform = here.resolved.platform.spec.security.group.clone();
    let found = component.spec.security.group.clone().or_else(|| first(component, known, platform));
    found.unwrap_or_else(|| {
        let user = user(here, component);
        derived("group", user.value, [user.origin])
    })
}

/// The group that owns a component's volumes.
pub(crate) fn fs_group(here: &Here<'_>, component: &Named<ComponentSpec>) -> Val<i64> {
    let known = known(here, component).group.map(|_| group(here, component));
    let platform = here.resolved.platform.spec.security.fs_group.clone();
    let found = component.spec.security.fs_group.clone().or_else(|| first(component, known, platform));
    found.unwrap_or_else(|| group(here, component))
}

/// Seconds between the removal from Services and the signal to stop, for what serves.
pub(crate) fn drain(component: &Named<ComponentSpec>) -> Option<Val<u64>> {
    let by = part_of("Component", &component.name);
    let given = component.spec.drain.clone().map(|time| time.map(seconds));
    let reason = "Endpoints move within seconds of the order to stop; until then requests still come.";
    given.filter(|time| time.value > 0).or_else(|| {
        let serves = component.spec.drain.is_none() && !component.spec.ports.is_empty();
        serves.then(|| default(&by, "drain", 5, reason))
    })
}

fn probes(component: &Named<ComponentSpec>, out: &mut Out) -> Probes {
    let by = part_of("Component", &component.name);
    let given = &component.spec.probes;
    let mut check = |probe: &Option<Probe>, name: &str| {
        probe.as_ref().and_then(|probe| given_check(component, name, probe, out))
    };
    let liveness = check(&given.liveness, "liveness");
    let readiness = check(&given.readiness, "readiness");
    let startup = check(&given.startup, "startup");
    let first = component.spec.ports.iter().next();
    let readiness = readiness.or_else(|| {
        let (name, origin, port) = first?;
        if face::protocol(port.protocol.as_ref()) != crate::flow::Protocol::Tcp {
            return None;
        }
        let port = Val::new(name.to_owned(), origin.clone());
        let reason = "Without a check of its own a pod counts as ready when its first port accepts.";
        let why = default(&by, "probes.readiness", (), reason).origin;
        Some(timed(&by, "readiness", CheckKind::Tcp { port }, why, &Times::default()))
    });
    let startup = startup.or_else(|| liveness.as_ref().map(|liveness| startup_of(&by, liveness)));
    Probes { liveness, readiness, startup }
}

/// The startup check that a liveness check needs, so that a slow start isn't taken for a hang: the same question,
/// asked every 5 s for up to 2 minutes, or longer where the liveness check itself waits longer.
fn startup_of(by: &str, liveness: &Check) -> Check {
    let patience = liveness.delay.as_ref().map_or(0, |delay| delay.value.saturating_mul(4));
    let inputs = || [liveness.origin.clone()];
    Check {
        kind: liveness.kind.clone(),
        delay: None,
        period: default(by, "probes.startup.period", 5, "Often enough that a fast start isn't held up."),
        timeout: liveness.timeout.clone(),
        failures: derived("startup", patience.max(120).div_ceil(5), inputs()),
        origin: derived("startup", (), inputs()).origin,
    }
}

/// Times of a check as far as they are given.
#[derive(Default)]
struct Times {
    delay: Option<Val<Duration>>,
    period: Option<Val<Duration>>,
    timeout: Option<Val<Duration>>,
    failures: Option<Val<u32>>,
}

fn timed(by: &str, name: &str, kind: CheckKind, origin: tree::Origin, times: &Times) -> Check {
    let whole =
        |time: &Val<Duration>| time.clone().map(|time| u32::try_from(seconds(time)).unwrap_or(u32::MAX));
    let usual = |field: &str, value: u32| {
        let reason = "Kubernetes' own default.";
        default(by, &format!("probes.{name}.{field}"), value, reason)
    };
    Check {
        kind,
        delay: times.delay.as_ref().map(whole),
        period: times.period.as_ref().map_or_else(|| usual("period", 10), whole),
        timeout: times.timeout.as_ref().map_or_else(|| usual("timeout", 1), whole),
        failures: times.failures.clone().unwrap_or_else(|| usual("failures", 3)),
        origin,
    }
}

fn given_check(component: &Named<ComponentSpec>, name: &str, probe: &Probe, out: &mut Out) -> Option<Check> {
    let by = part_of("Component", &component.name);
    let kind = check_kind(component, &by, name, probe, out)?;
    let origin = match &kind {
        CheckKind::Http { path, .. } => path.origin.clone(),
        CheckKind::Tcp { port } => port.origin.clone(),
        CheckKind::Grpc { port } => port.origin.clone(),
        CheckKind::Exec { command } => {
            command.first().map_or_else(|| calls::own(&by, ""), |w| w.origin.clone())
        }
    };
    let times = Times {
        delay: probe.delay.clone(),
        period: probe.period.clone(),
        timeout: probe.timeout.clone(),
        failures: probe.failures.clone(),
    };
    Some(timed(&by, name, kind, origin, &times))
}

fn check_kind(
    component: &Named<ComponentSpec>,
    by: &str,
    name: &str,
    probe: &Probe,
    out: &mut Out,
) -> Option<CheckKind> {
    let ports = &component.spec.ports;
    if let Some(path) = &probe.http {
        let first = || ports.iter().next().map(|(name, origin, _)| Val::new(name.to_owned(), origin.clone()));
        let port = match &probe.port {
            Some(port) => port.clone(),
            None => first()?,
        };
        let tls = probe.scheme.as_ref().is_some_and(|scheme| scheme.value.eq_ignore_ascii_case("https"));
        return Some(CheckKind::Http { path: path.clone(), port, tls });
    }
    if let Some(port) = &probe.tcp {
        return Some(CheckKind::Tcp { port: port.clone() });
    }
    if let Some(port) = &probe.grpc {
        let number = ports.get(port)?.port.value.0;
        return Some(CheckKind::Grpc { port: derived("port", number, [port.origin.clone()]) });
    }
    if !probe.exec.is_empty() {
        return Some(CheckKind::Exec { command: probe.exec.clone() });
    }
    let message = format!("the {name} check of {by} says neither `http`, `tcp`, `grpc` nor `exec`");
    let help = "Say what is checked, such as `http: /health`.";
    out.say(say::error(rule::MISSING, message, &component.name.origin, help));
    None
}
