//! Issuers of certificates, and certificates besides those of routes.

use std::collections::BTreeMap;

use blueprint::{Certificate, Issuer, IssuerForm, Scope};
use tree::{Draft, Val};

use super::secrets::go_duration;
use super::{Head, Object, string, texts};

const API: &str = "cert-manager.io/v1";

pub(super) fn add_issuers(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.issuers.iter().map(|issuer| issuer_object(scope, issuer)));
}

pub(super) fn add(scope: &Scope, objects: &mut Vec<Object>) {
    objects.extend(scope.certificates.iter().map(|certificate| certificate_object(scope, certificate)));
}

fn issuer_object(scope: &Scope, issuer: &Issuer) -> Object {
    let origin = &issuer.name.origin;
    let map = || Draft::map(origin.clone());
    let spec = match &issuer.form {
        IssuerForm::SelfSigned => map().with("selfSigned", map()),
        IssuerForm::Authority { secret } => map().with("ca", map().with("secretName", Draft::text(secret))),
        IssuerForm::Acme { server, email, class, solver } => {
            let key = issuer.name.clone().map(|name| format!("{name}-account-key"));
            let resources = super::container::resources(solver, origin);
            let pods = resources.map(|resources| map().with("spec", map().with("resources", resources)));
            let ingress = map().with("ingressClassName", Draft::text(class)).with_some("podTemplate", pods);
            let solver = map().with("http01", map().with("ingress", ingress));
            let acme = map()
                .with("server", Draft::text(server))
                .with("email", Draft::text(email))
                .with("privateKeySecretRef", map().with("name", Draft::text(&key)))
                .with("solvers", Draft::list(origin.clone()).item(solver));
            map().with("acme", acme)
        }
    };
    let kind = if issuer.namespace.is_some() { "Issuer" } else { "ClusterIssuer" };
    let head =
        Head { api: API, kind, namespace: issuer.namespace.as_deref(), name: &issuer.name, part_of: "" };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn certificate_object(scope: &Scope, certificate: &Certificate) -> Object {
    let origin = &certificate.name.origin;
    let kind = if certificate.issuer_is_local { "Issuer" } else { "ClusterIssuer" };
    let issuer = Draft::map(certificate.issuer.origin.clone())
        .with("name", Draft::text(&certificate.issuer))
        .with("kind", string(kind, &certificate.issuer.origin));
    let lifetime: Option<Draft> = certificate.lifetime.as_ref().map(duration);
    let mut spec = Draft::map(origin.clone())
        .with("secretName", Draft::text(&certificate.secret))
        .with_some("duration", lifetime)
        .with("dnsNames", texts(&certificate.names, origin))
        .with("issuerRef", issuer);
    if certificate.authority {
        spec.set("isCA", Draft::bool(true, origin.clone()));
        spec.set("commonName", Draft::text(&certificate.name));
    }
    let head = Head {
        api: API,
        kind: "Certificate",
        namespace: Some(&certificate.namespace),
        name: &certificate.name,
        part_of: &certificate.part_of,
    };
    head.object(scope, &BTreeMap::new(), |object| object.with("spec", spec))
}

fn duration(seconds: &Val<u64>) -> Draft {
    string(&go_duration(seconds.value), &seconds.origin)
}
