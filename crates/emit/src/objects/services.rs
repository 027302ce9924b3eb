//! Services, routes from outside, and the configuration workloads read.

use std::collections::BTreeMap;

use blueprint::{Route, Scope, Service, ServiceForm};
use tree::{Draft, Origin};

use super::{Head, Object, int, string, strings};

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.services.iter().map(|service| service_object(scope, service)));
}

pub(super) fn add_configs(scope: &Scope, objects: &mut Vec<Object>) {
    for config in &scope.configs {
        let head = Head {
            api: "v1",
            kind: "ConfigMap",
            namespace: Some(&config.namespace),
            name: &config.name,
            part_of: &config.part_of,
        };
        objects.push(head.object(scope, &BTreeMap::new(), |object| {
            let data = config.entries.iter().fold(Draft::map(config.name.origin.clone()), |data, entry| {
                data.with(entry.key.as_str(), Draft::text(&entry.value))
            });
            object.with("data", data)
        }));
    }
}

pub(super) fn add_routes(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.routes.iter().map(|route| ingress(scope, route)));
}

fn service_object(scope: &Scope, service: &Service) -> Object {
    let origin = &service.name.origin;
    let mut spec = Draft::map(origin.clone()).with("type", string("ClusterIP", origin));
    if let ServiceForm::Headless { early } = service.form {
        spec.set("clusterIP", string("None", origin));
        if early {
            spec.set("publishNotReadyAddresses", Draft::bool(true, origin.clone()));
        }
    }
    let ports = service.ports.iter().fold(Draft::list(origin.clone()), |ports, port| {
        let application = port.application.as_ref().map(Draft::text);
        ports.item(
            Draft::map(port.name.origin.clone())
                .with("name", Draft::text(&port.name))
                .with("port", int(&port.port))
                .with("targetPort", Draft::text(&port.target))
                .with("protocol", string(port.protocol.as_str(), &port.port.origin))
                .with_some("appProtocol", application)
                .keyed(port.name.as_str()),
        )
    });
    let spec = spec.with("selector", strings(&service.selector, origin)).with("ports", ports);
    let head = Head {
        api: "v1",
        kind: "Service",
        namespace: Some(&service.namespace),
        name: &service.name,
        part_of: &service.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn ingress(scope: &Scope, route: &Route) -> Object {
    let origin = &route.name.origin;
    let mut annotations = strings(&route.annotations, origin);
    if let Some(issuer) = &route.issuer {
        annotations.set("cert-manager.io/cluster-issuer", Draft::text(issuer));
    }
    let port = Draft::map(origin.clone()).with("name", Draft::text(&route.port));
    let service = Draft::map(origin.clone()).with("name", Draft::text(&route.service)).with("port", port);
    let path = Draft::map(origin.clone())
        .with("path", Draft::text(&route.path))
        .with("pathType", string("Prefix", origin))
        .with("backend", Draft::map(origin.clone()).with("service", service));
    let http = Draft::map(origin.clone()).with("paths", Draft::list(origin.clone()).item(path));
    let rule = Draft::map(origin.clone()).with("host", Draft::text(&route.host)).with("http", http);
    let mut spec = Draft::map(origin.clone()).with("ingressClassName", Draft::text(&route.class));
    if let Some(secret) = &route.tls_secret {
        let hosts = Draft::list(origin.clone()).item(Draft::text(&route.host));
        let tls =
            Draft::map(secret.origin.clone()).with("hosts", hosts).with("secretName", Draft::text(secret));
        spec.set("tls", Draft::list(secret.origin.clone()).item(tls));
    }
    let spec = spec.with("rules", Draft::list(origin.clone()).item(rule));
    let head = Head {
        api: "networking.k8s.io/v1",
        kind: "Ingress",
        namespace: Some(&route.namespace),
        name: &route.name,
        part_of: &route.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| annotated(object, annotations, origin).with("spec", spec))
}

/// Adds annotations to the metadata of an object, where there are any.
fn annotated(mut object: Draft, annotations: Draft, origin: &Origin) -> Draft {
    if annotations.is_empty() {
        return object;
    }
    let mut metadata = object.get("metadata").cloned().unwrap_or_else(|| Draft::map(origin.clone()));
    metadata.set("annotations", annotations);
    object.set("metadata", metadata);
    object
}
