//! Routes from outside, and the certificates they need.

use std::collections::BTreeMap;

use model::kinds::{ComponentSpec, Exposure, Named};
use tree::Val;

use super::here::{Here, Out, part_of};
use super::issuers;
use super::say::{self, rule};
use super::text::{Text, default};
use super::{addon, face};
use crate::flow::Flow;
use crate::scope::{Certificate, Route, SecretKey, SecretNeed, SecretSource};

/// Derives how a component is reached from outside.
pub(crate) fn of_component(here: &Here<'_>, component: &Named<ComponentSpec>, out: &mut Out) {
    let Some(exposure) = &component.spec.exposure else { return };
    let by = part_of("Component", &component.name);
    let Some(gate) = here.addon(&exposure.through) else {
        let message =
            format!("{by} is reached through `{}`, and no add-on plays that part", exposure.through.value);
        let help = "Declare the ingress controller as an `Addon`.";
        out.say(say::error(rule::MISSING, message, &exposure.through.origin, help));
        return;
    };
    let ports = face::ports(&by, &component.spec.ports);
    let wanted = exposure.port.as_ref().map(|port| port.value.as_str());
    let found = ports.iter().find(|port| wanted.is_none_or(|wanted| port.name == wanted));
    let Some(port) = found else { return };
    out.scope.flows.push(Flow {
        from: addon::party(here, gate),
        to: face::workload(&component.spec.namespace.value, &component.name.value),
        ports: vec![port.of_flow()],
        purpose: "requests from outside".to_owned(),
        origin: exposure.through.origin.clone(),
    });
    let host = exposure.host.clone().unwrap_or_else(|| here.domain());
    let tls_secret = exposure.tls_secret.clone().unwrap_or_else(|| {
        Text::from(&host.clone().map(|host| host.replace(['.', '*'], "-"))).lit("-tls").done()
    });
    certificate(here, component, exposure, (&host, &tls_secret), out);
    let class = addon::class(here, gate);
    let port_origin = component.spec.ports.0.get(&port.name).map(|item| item.origin.clone());
    let annotations = annotations(&by, exposure, port.application.as_ref(), gate, out);
    out.scope.routes.push(Route {
        namespace: component.spec.namespace.value.clone(),
        name: component.name.clone(),
        class,
        host,
        path: exposure.path.clone().unwrap_or_else(|| {
            default(&by, "exposure.path", "/".to_owned(), "Everything of the host, where no path is given.")
        }),
        service: component.name.clone(),
        port: Val::new(port.name.clone(), port_origin.unwrap_or_else(|| component.name.origin.clone())),
        tls_secret: Some(tls_secret),
        issuer: None,
        annotations,
        part_of: by,
    });
}

/// Annotations of the ingress controller: the owner's, and what a rate limit and the port's protocol take.
/// Names: ingress-nginx, `internal/ingress/annotations` (1.15): `limit-rpm`, `backend-protocol`.
fn annotations(
    by: &str,
    exposure: &Exposure,
    application: Option<&Val<String>>,
    gate: &Named<model::kinds::AddonSpec>,
    out: &mut Out,
) -> BTreeMap<String, Val<String>> {
    let mut all = BTreeMap::new();
    let is_nginx = gate.spec.module.value.contains("nginx");
    if let Some(limit) = &exposure.rate_limit {
        if is_nginx {
            let value = limit.clone().map(|limit| limit.to_string());
            all.insert("nginx.ingress.kubernetes.io/limit-rpm".to_owned(), value);
        } else {
            let message =
                format!("{by} limits its clients, which no annotation of {} expresses", gate.name.value);
            let help =
                "Limit at another place and remove `rateLimit`, or give the controller's own annotations.";
            out.say(say::error(rule::MISSING, message, &limit.origin, help));
        }
    }
    if is_nginx
        && let Some(spoken) = application.filter(|spoken| ["grpc", "https"].contains(&spoken.as_str()))
    {
        let value = spoken.clone().map(|spoken| spoken.to_ascii_uppercase());
        all.insert("nginx.ingress.kubernetes.io/backend-protocol".to_owned(), value);
    }
    for (name, _, value) in exposure.annotations.iter() {
        all.insert(name.to_owned(), value.clone());
    }
    all
}

/// One certificate for each host and namespace, however many routes share it: an annotation on each route would have
/// several owners for one certificate.
fn certificate(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    exposure: &Exposure,
    (host, secret): (&Val<String>, &Val<String>),
    out: &mut Out,
) {
    let namespace = component.spec.namespace.value.clone();
    let is_known = |need: &SecretNeed| need.namespace == namespace && need.name.value == secret.value;
    if !here.is_cluster() || out.scope.secrets.iter().any(is_known) {
        return;
    }
    let key = |name: &str| SecretKey {
        key: Val::new(name.to_owned(), secret.origin.clone()),
        path: secret.clone(),
        property: None,
    };
    let issuer = exposure.issuer.clone().or_else(|| issuers::for_routes(here, out));
    let source = if issuer.is_some() { SecretSource::Produced } else { SecretSource::Outside };
    out.scope.secrets.push(SecretNeed {
        part_of: part_of("Component", &component.name),
        namespace: namespace.clone(),
        name: secret.clone(),
        kind: None,
        source,
        keys: vec![key("tls.crt"), key("tls.key")],
    });
    let Some(issuer) = issuer else { return };
    out.scope.certificates.push(Certificate {
        part_of: part_of("Component", &component.name),
        namespace,
        name: secret.clone(),
        secret: secret.clone(),
        issuer,
        issuer_is_local: false,
        names: vec![host.clone()],
        authority: false,
        lifetime: None,
    });
}
