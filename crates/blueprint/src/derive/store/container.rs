//! Containers of a module: arguments, variables, files, folders, checks.

use catalogue::module as facts;
use model::kinds::{Named, StoreSpec};
use tree::{Origin, Val};

use super::eval::Stage;
use super::{Store, account};
use crate::derive::config::plain_key;
use crate::derive::face;
use crate::derive::here::{Here, Out};
use crate::derive::text::{Text, default, derived};
use crate::derive::volumes::mount;
use crate::scope::{Config, ConfigEntry};
use crate::workload::{
    Amounts, Check, CheckKind, Container, ContainerPort, Env, EnvValue, Mount, PodVolume, Probes,
    VolumeSource,
};

/// Volumes and files that the containers of one workload share.
pub(crate) struct Parts<'s, 'a> {
    store: &'s Store<'a>,
    role: String,
    image: Option<Val<String>>,
    config: Val<String>,
    entries: Vec<ConfigEntry>,
    volumes: Vec<PodVolume>,
}

impl<'s, 'a> Parts<'s, 'a> {
    /// Nothing yet.
    pub(crate) fn new(here: &Here<'_>, store: &'s Store<'a>, role: &str, workload: &Val<String>) -> Self {
        let given = image(here, store.named, store);
        let own = store.engine.roles.get(role).and_then(|role| role.image.clone());
        let config = Text::from(workload).lit("-files").done();
        Self {
            store,
            role: role.to_owned(),
            image: own.or(given),
            config,
            entries: Vec::new(),
            volumes: Vec::new(),
        }
    }

    /// Adds a volume, once.
    pub(crate) fn volume(&mut self, name: &str, origin: &Origin, source: VolumeSource) {
        if self.volumes.iter().all(|volume| volume.name != name) {
            self.volumes.push(PodVolume { name: name.to_owned(), origin: origin.clone(), source });
        }
    }

    /// The volumes, and the configuration that restarts the pods.
    pub(crate) fn finish(self, out: &mut Out) -> (Vec<PodVolume>, Vec<String>) {
        if self.entries.is_empty() {
            return (self.volumes, Vec::new());
        }
        let name = self.config.value.clone();
        out.scope.configs.push(Config {
            part_of: self.store.by.clone(),
            namespace: self.store.named.spec.namespace.value.clone(),
            name: self.config,
            entries: self.entries,
        });
        (self.volumes, vec![name])
    }

    /// Puts a file into the configuration, and mounts it alone: a folder of the image keeps its other files.
    fn file(&mut self, path: &str, content: Val<String>, mode: Option<u32>) -> Mount {
        let own = plain_key(path.rsplit('/').next().unwrap_or(path));
        let taken =
            |key: &str| self.entries.iter().any(|one| one.key == key && one.value.value != content.value);
        let key = if taken(&own) { plain_key(path.trim_start_matches('/')) } else { own };
        let origin = content.origin.clone();
        if self.entries.iter().all(|entry| entry.key != key) {
            self.entries.push(ConfigEntry { key: key.clone(), value: content });
        }
        let volume = mode.map_or_else(|| "files".to_owned(), |mode| format!("files-{mode:o}"));
        let source = VolumeSource::Config { config: self.config.clone(), items: Vec::new(), mode };
        self.volume(&volume, &origin, source);
        let path = Val::new(path.to_owned(), origin.clone());
        Mount { volume, path, sub_path: Some(Val::new(key, origin)), read_only: true }
    }
}

/// The image of a store: its own, else the module's.
fn image(here: &Here<'_>, named: &Named<StoreSpec>, store: &Store<'_>) -> Option<Val<String>> {
    match &named.spec.image {
        Some(given) => Some(crate::derive::container::reference(here, given)),
        None => store.engine.image.clone(),
    }
}

/// The containers of a mapping, as init containers or beside the main one.
pub(crate) fn all(
    stage: &Stage<'_, '_>,
    given: &tree::declare::Keyed<facts::Container>,
    sidecar: bool,
    parts: &mut Parts<'_, '_>,
    out: &mut Out,
) -> Vec<Container> {
    let one = |(name, origin, given): (&str, &Origin, &facts::Container)| {
        let name = Val::new(name.to_owned(), origin.clone());
        let mut made = container(stage, given, &name, parts, out);
        made.sidecar = sidecar;
        made
    };
    given.iter().map(one).collect()
}

/// One container.
pub(crate) fn container(
    stage: &Stage<'_, '_>,
    given: &facts::Container,
    name: &Val<String>,
    parts: &mut Parts<'_, '_>,
    out: &mut Out,
) -> Container {
    let store = parts.store;
    let mut mounts = Vec::new();
    for (path, _, file) in given.files.iter() {
        let content = stage.text(&file.content, out);
        let mode = file.mode.as_ref().and_then(|mode| u32::from_str_radix(&mode.value, 8).ok());
        if !content.value.is_empty() {
            mounts.push(parts.file(path, content, mode));
        }
    }
    for (path, origin, folder) in given.scratch.iter() {
        let volume = plain_key(path.trim_matches('/')).replace(['.', '_'], "-").to_ascii_lowercase();
        let memory = folder.medium.as_ref().is_some_and(|medium| medium.value == "memory");
        parts.volume(&volume, origin, VolumeSource::Scratch { size: Some(folder.size.clone()), memory });
        mounts.push(mount(&volume, Val::new(path.to_owned(), origin.clone()), false));
    }
    let mut env = account::env(store, &parts.role);
    env.extend(variables(stage, given, store, out));
    let checks =
        [("startup", &given.startup), ("liveness", &given.liveness), ("readiness", &given.readiness)];
    let [startup, liveness, readiness] =
        checks.map(|(name, one)| one.as_ref().and_then(|one| check(stage, store, name, one, out)));
    Container {
        name: name.clone(),
        image: given.image.clone().or_else(|| parts.image.clone()).unwrap_or_else(|| no_image(store, out)),
        pull_policy: default(
            &store.by,
            "image",
            "IfNotPresent".to_owned(),
            "Versions are immutable, so what is there needn't be fetched again.",
        ),
        command: stage.texts(&given.command, out),
        args: stage.texts(&given.args, out),
        env,
        env_from: Vec::new(),
        ports: ports(stage, given, out),
        resources: Amounts { requests: amounts(&given.requests), limits: amounts(&given.limits) },
        probes: Probes { liveness, readiness, startup },
        mounts,
        read_only_root: store.engine.read_only_root.clone().unwrap_or_else(|| {
            default(&store.by, "readOnlyRoot", true, "What an intruder can't write he can't run.")
        }),
        capabilities: given.capabilities.clone(),
        user: given.user.clone(),
        drain: None,
        sidecar: false,
    }
}

fn no_image(store: &Store<'_>, out: &mut Out) -> Val<String> {
    let message = format!("{} names no image, and neither does its engine module", store.by);
    let origin = &store.named.name.origin;
    out.say(crate::derive::say::error(
        crate::derive::say::rule::MISSING,
        message,
        origin,
        "Give `image`, with a tag or digest.",
    ));
    Val::new(String::new(), origin.clone())
}

fn amounts(given: &tree::declare::Keyed<Val<String>>) -> std::collections::BTreeMap<String, Val<String>> {
    given.iter().map(|(name, _, amount)| (name.to_owned(), amount.clone())).collect()
}

fn variables(stage: &Stage<'_, '_>, given: &facts::Container, store: &Store<'_>, out: &mut Out) -> Vec<Env> {
    let mut env = Vec::new();
    for (name, origin, source) in given.env.iter() {
        if !stage.holds(source.when.as_ref(), out) {
            continue;
        }
        let value = if let Some(text) = &source.text {
            let text = stage.text(text, out);
            if text.value.is_empty() {
                continue;
            }
            EnvValue::Text(text)
        } else if let Some(field) = &source.field {
            EnvValue::Field(field.clone())
        } else if let Some(key) = source.secret.clone().or_else(|| source.account.clone()) {
            EnvValue::Secret { secret: account::secret_name(store), key }
        } else {
            continue;
        };
        env.push(Env { name: Val::new(name.to_owned(), origin.clone()), value });
    }
    env
}

/// Ports that are there in this situation.
fn ports(stage: &Stage<'_, '_>, given: &facts::Container, out: &mut Out) -> Vec<ContainerPort> {
    let mut ports = Vec::new();
    for (name, origin, port) in given.ports.iter() {
        if stage.holds(port.when.as_ref(), out) {
            ports.push(ContainerPort {
                name: Val::new(name.to_owned(), origin.clone()),
                port: port.port.clone().map(|port| u16::try_from(port).unwrap_or(u16::MAX)),
                protocol: face::protocol(port.protocol.as_ref()),
            });
        }
    }
    ports
}

fn check(
    stage: &Stage<'_, '_>,
    store: &Store<'_>,
    name: &str,
    given: &facts::Check,
    out: &mut Out,
) -> Option<Check> {
    let kind = if let Some(path) = &given.http {
        let tls = given.tls.as_ref().is_some_and(|tls| stage.text(tls, out).value == "true");
        CheckKind::Http { path: stage.text(path, out), port: stage.text(given.port.as_ref()?, out), tls }
    } else if let Some(port) = &given.tcp {
        CheckKind::Tcp { port: stage.text(port, out) }
    } else {
        CheckKind::Exec { command: stage.texts(&given.exec, out) }
    };
    let origin = match &kind {
        CheckKind::Http { path, .. } => path.origin.clone(),
        CheckKind::Tcp { port } => port.origin.clone(),
        CheckKind::Exec { command } if command.is_empty() => return None,
        CheckKind::Exec { command } => {
            derived("check", (), command.iter().map(|word| word.origin.clone())).origin
        }
        CheckKind::Grpc { port } => port.origin.clone(),
    };
    let usual = |field: &str, value: u32| {
        default(&store.by, &format!("probes.{name}.{field}"), value, "Kubernetes' own default.")
    };
    Some(Check {
        kind,
        delay: None,
        period: given.period.clone().unwrap_or_else(|| usual("period", 10)),
        timeout: given.timeout.clone().unwrap_or_else(|| usual("timeout", 1)),
        failures: given.failures.clone().unwrap_or_else(|| usual("failures", 3)),
        origin,
    })
}
