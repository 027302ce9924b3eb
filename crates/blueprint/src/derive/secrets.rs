//! Secrets: what a component reads, where the values come from, and who may fetch them.

use model::kinds::{ComponentSpec, Named, SecretRef, StoreSpec};
use tree::{Origin, Val};

use super::calls::{self, Called};
use super::container::has_host;
use super::here::{Here, Out, part_of};
use super::say::{self, rule};
use super::text::{Text, default};
use super::{addon, issuers, volumes};
use crate::flow::Flow;
use crate::scope::{Identity, SecretKey, SecretNeed, SecretSource, SecretStore};
use crate::workload::{Env, Mount, PodVolume, VolumeSource};

/// Name of the secret store in each namespace that reads secrets.
pub(crate) const STORE: &str = "vault";

/// What a component's secrets become.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Variables.
    pub(crate) env: Vec<Env>,
    /// Mounted files.
    pub(crate) files: Vec<(PodVolume, Mount)>,
}

/// Derives a component's secrets: one Secret of its own with a key for each, and those made outside.
pub(crate) fn of_component(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    called: &Called,
    out: &mut Out,
) -> Secrets {
    let mut secrets = Secrets::default();
    let own = calls::secret_name(component);
    let mut keys = called.keys.clone();
    for (name, origin, given) in component.spec.secrets.iter() {
        let (secret, key) = match &given.existing {
            Some(existing) => (existing.clone(), existing_key(name, origin, given)),
            None => (own.clone(), Val::new(name.to_owned(), origin.clone())),
        };
        match &given.existing {
            Some(existing) => outside(component, existing, &key, out),
            None => keys.push(key_of(component, name, origin, given)),
        }
        match &given.file {
            Some(path) => file(&secret, &key, path, &mut secrets),
            None => {
                let name = Val::new(name.to_owned(), origin.clone());
                secrets.env.push(calls::secret_env(name, &secret, &key));
            }
        }
    }
    if !keys.is_empty() {
        out.scope.secrets.push(SecretNeed {
            part_of: part_of("Component", &component.name),
            namespace: component.spec.namespace.value.clone(),
            name: own,
            kind: None,
            source: source(here),
            keys,
        });
    }
    secrets
}

/// Where values come from in this environment.
pub(crate) fn source(here: &Here<'_>) -> SecretSource {
    let given = &here.resolved.environment.spec.secrets;
    if given.value != "vault" || !here.is_cluster() {
        return SecretSource::Outside;
    }
    let by = part_of("Environment", &here.resolved.environment.name);
    SecretSource::Store {
        store: Val::new(STORE.to_owned(), given.origin.clone()),
        refresh: default(&by, "secrets.refresh", 3600, "An hour: rotation is measured in days."),
    }
}

/// The same for a store: who keeps everybody's secrets can't be where its own come from.
pub(crate) fn source_for(here: &Here<'_>, store: &Named<StoreSpec>) -> SecretSource {
    if keeps_secrets(store) { SecretSource::Outside } else { source(here) }
}

/// Whether a store is one that secrets are kept in.
fn keeps_secrets(store: &Named<StoreSpec>) -> bool {
    ["vault", "openbao"].contains(&store.spec.engine.value.as_str())
}

fn existing_key(name: &str, origin: &Origin, given: &SecretRef) -> Val<String> {
    given.property.clone().unwrap_or_else(|| Val::new(name.to_owned(), origin.clone()))
}

fn key_of(component: &Named<ComponentSpec>, name: &str, origin: &Origin, given: &SecretRef) -> SecretKey {
    let by = part_of("Component", &component.name);
    let key = Val::new(name.to_owned(), origin.clone());
    let path = given.path.clone().unwrap_or_else(|| {
        Text::from(&component.name).lit("/").lit(&name.to_ascii_lowercase().replace('_', "-")).done()
    });
    let property = given.property.clone().unwrap_or_else(|| {
        default(&by, &format!("secrets.{name}.property"), "value".to_owned(), "One value at the path.")
    });
    SecretKey { key, path, property: Some(property) }
}

/// Declares a secret that is made outside, or adds a key to the declaration.
fn outside(component: &Named<ComponentSpec>, name: &Val<String>, key: &Val<String>, out: &mut Out) {
    let namespace = &component.spec.namespace.value;
    let same = |need: &&mut SecretNeed| need.namespace == *namespace && need.name.value == name.value;
    let entry = SecretKey { key: key.clone(), path: name.clone(), property: None };
    match out.scope.secrets.iter_mut().find(same) {
        Some(need) if need.keys.iter().any(|known| known.key.value == key.value) => {}
        Some(need) => need.keys.push(entry),
        None => out.scope.secrets.push(SecretNeed {
            part_of: part_of("Component", &component.name),
            namespace: namespace.clone(),
            name: name.clone(),
            kind: None,
            source: SecretSource::Outside,
            keys: vec![entry],
        }),
    }
}

/// Mounts a key as a file. Files of one folder share a volume, mounted whole, so that new values arrive.
fn file(secret: &Val<String>, key: &Val<String>, path: &Val<String>, secrets: &mut Secrets) {
    let (folder, name) = path.value.rsplit_once('/').unwrap_or(("", &path.value));
    let item = (key.value.clone(), path.clone().map(|_| name.to_owned()));
    for (volume, mount) in &mut secrets.files {
        if let VolumeSource::Secret { secret: same, items, .. } = &mut volume.source
            && mount.path.value == folder
            && same.value == secret.value
        {
            items.push(item);
            return;
        }
    }
    let volume = format!("secret-files-{}", secrets.files.len());
    let source = VolumeSource::Secret { secret: secret.clone(), items: vec![item], mode: Some(0o440) };
    let mount = volumes::mount(&volume, path.clone().map(|_| folder.to_owned()), true);
    secrets.files.push((PodVolume { name: volume, origin: path.origin.clone(), source }, mount));
}

/// Names of the pull secrets that a component's image needs; the secret is declared in its namespace.
pub(crate) fn pull_secrets(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    out: &mut Out,
) -> Vec<Val<String>> {
    if has_host(&component.spec.image.value.repository) {
        return Vec::new();
    }
    pull_secret(here, &component.spec.namespace.value, out)
}

/// The platform's pull secret in a namespace.
fn pull_secret(here: &Here<'_>, namespace: &str, out: &mut Out) -> Vec<Val<String>> {
    let registry = here.resolved.platform.spec.registry.as_ref();
    let Some(name) = registry.and_then(|registry| registry.pull_secret.as_ref()) else { return Vec::new() };
    let known = |need: &SecretNeed| need.namespace == namespace && need.name.value == name.value;
    if !out.scope.secrets.iter().any(known) {
        let by = part_of("Platform", &here.resolved.platform.name);
        let kind = "kubernetes.io/dockerconfigjson".to_owned();
        let kind = default(&by, "registry.pullSecret", kind, "The type that kubelets take for registries.");
        let json =
            default(&by, "registry.pullSecret", ".dockerconfigjson".to_owned(), "The key of that type.");
        let path = Text::of("registry/").val(name).done();
        let property =
            default(&by, "registry.pullSecret", "dockerconfigjson".to_owned(), "One value at the path.");
        out.scope.secrets.push(SecretNeed {
            part_of: by,
            namespace: namespace.to_owned(),
            name: name.clone(),
            kind: Some(kind),
            source: source(here),
            keys: vec![SecretKey { key: json, path, property: Some(property) }],
        });
    }
    vec![name.clone()]
}

/// Where secrets come from, in each namespace that fetches any: the platform's Vault, asked by an identity of the
/// namespace.
pub(crate) fn stores(here: &Here<'_>, out: &mut Out) {
    let fetches = |need: &&SecretNeed| matches!(need.source, SecretSource::Store { .. });
    let mut homes: Vec<String> =
        out.scope.secrets.iter().filter(fetches).map(|need| need.namespace.clone()).collect();
    homes.sort_unstable();
    homes.dedup();
    if homes.is_empty() {
        return;
    }
    let given = &here.resolved.environment.spec.secrets;
    let Some(vault) = here.resolved.stores.iter().find(|store| keeps_secrets(store)) else {
        let message = "secrets come from Vault, and there is no store of that engine here".to_owned();
        let help = "Declare a `Store` of engine `vault`, or another source under `secrets`.";
        out.say(say::error(rule::MISSING, message, &given.origin, help));
        return;
    };
    for home in homes {
        store(here, vault, &home, out);
    }
    fetching(here, vault, out);
}

fn store(here: &Here<'_>, vault: &Named<StoreSpec>, home: &str, out: &mut Out) {
    let by = part_of("Environment", &here.resolved.environment.name);
    let given = &here.resolved.environment.spec.secrets;
    let usual = |path: &str, value: &str, reason| default(&by, path, value.to_owned(), reason);
    let identity = usual(
        "secrets.identity",
        "secrets-reader",
        "Whoever fetches secrets for the namespace does nothing else.",
    );
    let encrypts = super::store::of(here, vault).is_some_and(|store| store.tls.value);
    let scheme = if encrypts { "https://" } else { "http://" };
    let server =
        Text::of(scheme).val(&vault.name).lit(".").val(&vault.spec.namespace).lit(".svc:8200").done();
    let trust = if encrypts { issuers::trust(here, home, out) } else { None };
    let authority = trust.map(|name| {
        let kind =
            usual("certificates", "Secret", "The authority's certificate comes with one issued there.");
        let key = usual("certificates", "ca.crt", "cert-manager puts the authority under this key.");
        (kind, name, key)
    });
    out.scope.identities.push(Identity {
        part_of: by.clone(),
        namespace: home.to_owned(),
        name: identity.clone(),
        grants: Vec::new(),
    });
    out.scope.secret_stores.push(SecretStore {
        namespace: home.to_owned(),
        name: Val::new(STORE.to_owned(), given.origin.clone()),
        server,
        mount: usual("secrets.mount", "secret", "The usual path of the key-value engine, version 2."),
        auth_mount: usual("secrets.authMount", "kubernetes", "The usual path of the Kubernetes login."),
        role: Text::of(home).because(&given.origin).done(),
        identity,
        authority,
    });
}

/// The operator that fetches secrets reaches Vault.
fn fetching(here: &Here<'_>, vault: &Named<StoreSpec>, out: &mut Out) {
    let given = &here.resolved.environment.spec.secrets;
    let Some(operator) = here.addon("external-secrets") else {
        let message = "secrets come from Vault, and nothing in the cluster fetches them".to_owned();
        let help = "Declare the External Secrets Operator as an `Addon`.";
        out.say(say::error(rule::MISSING, message, &given.origin, help));
        return;
    };
    let Some(face) = super::store::face(here, vault) else { return };
    let Some(port) = face.ports.first() else { return };
    for to in &face.parties {
        out.scope.flows.push(Flow {
            from: addon::party(here, operator),
            to: to.clone(),
            ports: vec![port.of_flow()],
            purpose: "secrets".to_owned(),
            origin: given.origin.clone(),
        });
    }
}
