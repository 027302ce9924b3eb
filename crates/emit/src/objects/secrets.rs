//! Where secrets come from, and which are fetched. Their values never pass through here.

use std::collections::BTreeMap;

use blueprint::{Scope, SecretNeed, SecretSource, SecretStore};
use tree::{Draft, Val};

use super::{Head, Object, string};

const API: &str = "external-secrets.io/v1";

pub(super) fn add_stores(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.secret_stores.iter().map(|store| store_object(scope, store)));
}

pub(super) fn add_needs(scope: &Scope, objects: &mut Vec<Object>) {
    for need in &scope.secrets {
        if let SecretSource::Store { store, refresh } = &need.source {
            objects.push(external_secret(scope, need, store, refresh));
        }
    }
}

fn store_object(scope: &Scope, store: &SecretStore) -> Object {
    let origin = &store.name.origin;
    let account = Draft::map(origin.clone()).with("name", Draft::text(&store.identity));
    let kubernetes = Draft::map(origin.clone())
        .with("mountPath", Draft::text(&store.auth_mount))
        .with("role", Draft::text(&store.role))
        .with("serviceAccountRef", account);
    let authority = store.authority.as_ref().map(|(kind, name, key)| {
        Draft::map(name.origin.clone())
            .with("type", Draft::text(kind))
            .with("name", Draft::text(name))
            .with("key", Draft::text(key))
    });
    let vault = Draft::map(origin.clone())
        .with("server", Draft::text(&store.server))
        .with("path", Draft::text(&store.mount))
        .with("version", string("v2", origin))
        .with_some("caProvider", authority)
        .with("auth", Draft::map(origin.clone()).with("kubernetes", kubernetes));
    let provider = Draft::map(origin.clone()).with("vault", vault);
    let head = Head {
        api: API,
        kind: "SecretStore",
        namespace: Some(&store.namespace),
        name: &store.name,
        part_of: "",
    };
    head.object(scope, &BTreeMap::new(), |object| {
        object.with("spec", Draft::map(origin.clone()).with("provider", provider))
    })
}

fn external_secret(scope: &Scope, need: &SecretNeed, store: &Val<String>, refresh: &Val<u64>) -> Object {
    let origin = &need.name.origin;
    let reference = Draft::map(store.origin.clone())
        .with("name", Draft::text(store))
        .with("kind", string("SecretStore", origin));
    let template =
        need.kind.as_ref().map(|kind| Draft::map(kind.origin.clone()).with("type", Draft::text(kind)));
    let target = Draft::map(origin.clone())
        .with("name", Draft::text(&need.name))
        .with("creationPolicy", string("Owner", origin))
        .with_some("template", template);
    let data = need.keys.iter().fold(Draft::list(origin.clone()), |data, key| {
        let remote = Draft::map(key.path.origin.clone())
            .with("key", Draft::text(&key.path))
            .with_some("property", key.property.as_ref().map(Draft::text));
        data.item(
            Draft::map(key.key.origin.clone())
                .with("secretKey", Draft::text(&key.key))
                .with("remoteRef", remote)
                .keyed(key.key.as_str()),
        )
    });
    let spec = Draft::map(origin.clone())
        .with("refreshInterval", string(&go_duration(refresh.value), &refresh.origin))
        .with("secretStoreRef", reference)
        .with("target", target)
        .with("data", data);
    let head = Head {
        api: API,
        kind: "ExternalSecret",
        namespace: Some(&need.namespace),
        name: &need.name,
        part_of: &need.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

/// Seconds as Go's `time.Duration` prints whole hours, minutes and seconds.
pub(super) fn go_duration(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::go_duration;

    #[test]
    fn durations_read_as_go_prints_them() {
        let cases = [(0, "0s"), (59, "59s"), (60, "1m0s"), (3600, "1h0m0s"), (90_061, "25h1m1s")];
        for (seconds, expected) in cases {
            assert_eq!(go_duration(seconds), expected);
        }
    }
}
