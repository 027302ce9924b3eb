//! Certificates of a store's members, signed by the platform's own authority.

use model::kinds::{ComponentSpec, Named, StoreSpec};
use tree::{Origin, Val};

use super::container::Parts;
use super::situation::CLUSTER_DOMAIN;
use super::{Store, eval, service, situation};
use crate::derive::calls::Called;
use crate::derive::here::{Here, Out};
use crate::derive::issuers;
use crate::derive::text::{Text, variable};
use crate::derive::volumes;
use crate::scope::{Certificate, SecretNeed, SecretSource};
use crate::workload::{Container, Env, EnvValue, PodVolume, VolumeSource};

const KEYS: [&str; 3] = ["ca.crt", "tls.crt", "tls.key"];

/// The Secret that holds the members' certificate.
fn secret(store: &Store<'_>) -> Val<String> {
    Text::from(&store.named.name).lit("-tls").because(&store.tls.origin).done()
}

/// Derives the certificate of a store that encrypts.
pub(crate) fn certificates(here: &Here<'_>, store: &Store<'_>, out: &mut Out) {
    let Some(tls) = store.engine.tls.as_ref().filter(|_| store.tls.value && here.is_cluster()) else {
        return;
    };
    let namespace = &store.named.spec.namespace.value;
    let secret = secret(store);
    issuers::produced(&store.by, namespace, &secret, &KEYS, out);
    let Some(manager) = here.addon("cert-manager") else {
        outside(namespace, &secret, out);
        return;
    };
    let issuer = issuers::authority(here, manager, out);
    let mut names = names(here, store);
    let stage = eval::stage(here, store, "", 0);
    names.extend(stage.texts(&tls.names, out));
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.value.clone()));
    out.scope.certificates.push(Certificate {
        part_of: store.by.clone(),
        namespace: namespace.clone(),
        name: secret.clone(),
        secret,
        issuer,
        issuer_is_local: false,
        names,
        authority: false,
        lifetime: None,
    });
}

/// Without cert-manager the certificate is made outside.
fn outside(namespace: &str, secret: &Val<String>, out: &mut Out) {
    let is_it = |need: &&mut SecretNeed| need.namespace == namespace && need.name.value == secret.value;
    if let Some(need) = out.scope.secrets.iter_mut().find(is_it) {
        need.source = SecretSource::Outside;
    }
}

/// Names that members and services are called by: short and whole, one for each and, for members, a wildcard.
fn names(here: &Here<'_>, store: &Store<'_>) -> Vec<Val<String>> {
    let namespace = &store.named.spec.namespace;
    let hosts = service::hosts(here, store);
    let mut names = Vec::new();
    for (key, _, given) in store.engine.services.iter() {
        let name = service::name(store, key);
        let headless = given.headless.as_ref().is_some_and(|headless| headless.value);
        let of =
            |zone: &str, prefix: &str| Text::of(prefix).val(&name).lit(".").val(namespace).lit(zone).done();
        let zones = ["", ".svc", &format!(".svc.{CLUSTER_DOMAIN}")];
        names.push(name.clone());
        names.extend(zones.map(|zone| of(zone, "")));
        if headless {
            names.extend(zones.map(|zone| of(zone, "*.")));
        }
        if store.is_spread() {
            let far = situation::far_host(&name.value, &namespace.value);
            names.push(Text::of(&far).because(&name.origin).done());
        }
        if let (true, true, Some(host)) = (store.is_spread(), headless, hosts.get(key)) {
            names.push(Text::of("*.").lit(host).because(&name.origin).done());
        }
    }
    names
}

/// Mounts the certificate into the containers of a role that needs it.
pub(crate) fn mount(store: &Store<'_>, role: &str, containers: &mut [Container], parts: &mut Parts<'_, '_>) {
    let Some(tls) = store.engine.tls.as_ref().filter(|_| store.tls.value) else { return };
    if !tls.roles.is_empty() && tls.roles.iter().all(|one| one.value != role) {
        return;
    }
    let items = tls.files.iter().map(|(key, _, file)| (key.to_owned(), file.clone()));
    let mode = tls.mode.as_ref().and_then(|mode| u32::from_str_radix(&mode.value, 8).ok()).unwrap_or(0o440);
    let source = VolumeSource::Secret { secret: secret(store), items: items.collect(), mode: Some(mode) };
    parts.volume("tls", &store.tls.origin, source);
    for container in containers {
        container.mounts.push(volumes::mount("tls", tls.path.clone(), true));
    }
}

/// Folder in a caller with the authority's certificate.
const TRUST: &str = "/etc/underpin/trust";

/// The file in a caller with the authority that signed the members' certificate; empty where there is none.
pub(crate) fn authority_file(here: &Here<'_>, store: &Store<'_>) -> String {
    let is_signed = store.tls.value && here.is_cluster() && here.addon("cert-manager").is_some();
    if is_signed { format!("{TRUST}/ca.crt") } else { String::new() }
}

/// Gives a caller of an encrypting store the authority's certificate, and says where it is: `STORE_CA_FILE`.
pub(crate) fn trust(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    named: &Named<StoreSpec>,
    called: &mut Called,
    out: &mut Out,
) {
    let Some(store) = super::of(here, named) else { return };
    let file = authority_file(here, &store);
    if file.is_empty() {
        return;
    }
    let Some(secret) = issuers::trust(here, &component.spec.namespace.value, out) else { return };
    let origin = Origin::derived("trust", [store.tls.origin, named.name.origin.clone()]);
    let val = |text: String| Val::new(text, origin.clone());
    let name = val(format!("{}_CA_FILE", variable(&named.name.value)));
    if called.env.iter().all(|env| env.name.value != name.value) {
        called.env.push(Env { name, value: EnvValue::Text(val(file)) });
    }
    let items = vec![("ca.crt".to_owned(), val("ca.crt".to_owned()))];
    let source = VolumeSource::Secret { secret, items, mode: None };
    let volume = PodVolume { name: "trust".to_owned(), origin: origin.clone(), source };
    called.trust.get_or_insert((volume, volumes::mount("trust", val(TRUST.to_owned()), true)));
}
