//! Issuers of certificates: of routes by the environment, inside the platform by an authority of its own.

use catalogue::quantity::Quantity;
use diag::{Finding, Level};
use model::kinds::{AddonSpec, Named};
use tree::Val;

use super::here::{Here, Out, part_of};
use super::say::{self, rule};
use super::text::{Text, default, derived};
use super::{addon, face};
use crate::flow::{Flow, FlowPort, Party, Protocol};
use crate::scope::{Certificate, Guest, Issuer, IssuerForm, SecretKey, SecretNeed, SecretSource};
use crate::workload::Amounts;

/// Directories of Let's Encrypt (letsencrypt.org/docs/staging-environment and /docs/acme-protocol-updates).
const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";
const PRODUCTION: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// What the pods are called that answer for a domain.
pub(crate) const SOLVER_NAME: &str = "acme-solver";
/// Ten years: an authority that runs out stops everything at once.
const AUTHORITY_LIFETIME: u64 = 10 * 365 * 24 * 3600;

/// The issuer of certificates of routes, made if it isn't there yet; `None` where the cluster has no cert-manager, so
/// that certificates come from outside.
pub(crate) fn for_routes(here: &Here<'_>, out: &mut Out) -> Option<Val<String>> {
    let how = &here.resolved.environment.spec.certificates;
    let Some(manager) = here.addon("cert-manager") else {
        if here.is_cluster() {
            out.say(nobody_issues(how));
        }
        return None;
    };
    let server = match how.value.as_str() {
        "self-signed" => return Some(authority(here, manager, out)),
        "acme-staging" => STAGING,
        "acme" => PRODUCTION,
        _ => {
            let by = part_of("Environment", &here.resolved.environment.name);
            out.say(say::unknown("way of issuing", how, &by, ["self-signed", "acme-staging", "acme"]));
            return None;
        }
    };
    let name = if how.value == "acme" { "letsencrypt" } else { "letsencrypt-staging" };
    let name = Val::new(name.to_owned(), how.origin.clone());
    if out.scope.issuers.iter().all(|issuer| issuer.name.value != name.value) {
        acme(here, manager, &name, server, out);
    }
    Some(name)
}

/// What the environment asks for and nothing carries out; a Secret made by hand still serves, hence a warning.
fn nobody_issues(how: &Val<String>) -> Finding {
    let message = format!("certificates are `{}`, and nothing in the cluster issues them", how.value);
    let finding = Finding::new(rule::MISSING, Level::Warning, message);
    let finding = say::at(finding, &how.origin, "asked for here");
    finding.help("Declare cert-manager as an `Addon`, or make the Secrets that the routes name.")
}

fn acme(here: &Here<'_>, manager: &Named<AddonSpec>, name: &Val<String>, server: &str, out: &mut Out) {
    let Some(email) = mail(here, manager) else {
        let message = format!("issuing by {server} needs a mail address for notices, and no owner has one");
        let help = "Give an owner of the platform a contact with a mail address, or cert-manager the setting `email`.";
        out.say(say::error(rule::MISSING, message, &name.origin, help));
        return;
    };
    let Some(gate) = here.addon("ingress") else {
        let message = format!("issuing by {server} needs an ingress controller to answer its question");
        out.say(say::error(
            rule::MISSING,
            message,
            &name.origin,
            "Declare the ingress controller as an add-on.",
        ));
        return;
    };
    let server = Val::new(server.to_owned(), name.origin.clone());
    let form =
        IssuerForm::Acme { server, email, class: addon::class(here, gate), solver: Amounts::default() };
    out.scope.issuers.push(Issuer { name: name.clone(), namespace: None, form });
    let home = addon::namespace(here, manager);
    let account = name.clone().map(|name| format!("{name}-account-key"));
    produced(&part_of("Addon", &manager.name), &home.value, &account, &["tls.key"], out);
}

/// A mail address: what cert-manager's add-on is given, else the first owner's that is one.
fn mail(here: &Here<'_>, manager: &Named<AddonSpec>) -> Option<Val<String>> {
    let given = manager.spec.settings.get("email").cloned();
    let owners = &here.resolved.platform.spec.owners;
    let mut contacts = owners.iter().map(|(_, _, owner)| &owner.contact);
    given.or_else(|| contacts.find(|contact| contact.value.contains('@')).cloned())
}

/// The platform's own authority for what is encrypted inside, made if it isn't there yet: an issuer that signs for the
/// whole cluster. Where an environment has several clusters, their members must trust one authority, so it is made
/// outside, once, and put into each.
pub(crate) fn authority(here: &Here<'_>, manager: &Named<AddonSpec>, out: &mut Out) -> Val<String> {
    let platform = &here.resolved.platform.name;
    let name = Text::from(platform).lit("-authority").done();
    if out.scope.issuers.iter().any(|issuer| issuer.name.value == name.value) {
        return name;
    }
    let home = addon::namespace(here, manager).value;
    let by = part_of("Platform", platform);
    let keys = ["tls.crt", "tls.key", "ca.crt"];
    if here.clusters().next().is_none() {
        let bootstrap = Text::from(platform).lit("-bootstrap").done();
        out.scope.issuers.push(Issuer {
            name: bootstrap.clone(),
            namespace: None,
            form: IssuerForm::SelfSigned,
        });
        let reason = "Ten years: an authority that runs out stops everything at once.";
        out.scope.certificates.push(Certificate {
            part_of: by.clone(),
            namespace: home.clone(),
            name: name.clone(),
            secret: name.clone(),
            issuer: bootstrap,
            issuer_is_local: false,
            names: vec![name.clone()],
            authority: true,
            lifetime: Some(default(&by, "certificates.authority", AUTHORITY_LIFETIME, reason)),
        });
        produced(&by, &home, &name, &keys, out);
    } else {
        let mut need = need(&by, &home, &name, &keys);
        need.source = SecretSource::Outside;
        out.scope.secrets.push(need);
    }
    let form = IssuerForm::Authority { secret: name.clone() };
    out.scope.issuers.push(Issuer { name: name.clone(), namespace: None, form });
    name
}

fn need(by: &str, namespace: &str, name: &Val<String>, keys: &[&str]) -> SecretNeed {
    let key = |key: &&str| SecretKey {
        key: Val::new((*key).to_owned(), name.origin.clone()),
        path: name.clone(),
        property: None,
    };
    SecretNeed {
        part_of: by.to_owned(),
        namespace: namespace.to_owned(),
        name: name.clone(),
        kind: None,
        source: SecretSource::Produced,
        keys: keys.iter().map(key).collect(),
    }
}

/// Declares a secret that another object makes.
pub(crate) fn produced(by: &str, namespace: &str, name: &Val<String>, keys: &[&str], out: &mut Out) {
    let known = |need: &SecretNeed| need.namespace == namespace && need.name.value == name.value;
    if !out.scope.secrets.iter().any(known) {
        out.scope.secrets.push(need(by, namespace, name, keys));
    }
}

/// A Secret in a namespace that holds the authority's certificate under `ca.crt`: that of a certificate issued there.
pub(crate) fn trust(here: &Here<'_>, namespace: &str, out: &mut Out) -> Option<Val<String>> {
    let manager = here.addon("cert-manager")?;
    let issuer = authority(here, manager, out);
    let name = Text::from(&here.resolved.platform.name).lit("-trust").done();
    let by = part_of("Platform", &here.resolved.platform.name);
    let known = |one: &Certificate| one.namespace == namespace && one.name.value == name.value;
    if !out.scope.certificates.iter().any(known) {
        out.scope.certificates.push(Certificate {
            part_of: by.clone(),
            namespace: namespace.to_owned(),
            name: name.clone(),
            secret: name.clone(),
            issuer,
            issuer_is_local: false,
            names: vec![Text::of("trust.").lit(namespace).done()],
            authority: false,
            lifetime: None,
        });
        produced(&by, namespace, &name, &["tls.crt", "tls.key", "ca.crt"], out);
    }
    Some(name)
}

/// The solver's pods answer the certificate authority's question through the ingress controller. Labels and port:
/// cert-manager, `pkg/issuer/acme/http/http.go` and `pod.go` (v1.19).
pub(crate) fn solver_flows(here: &Here<'_>, out: &mut Out) {
    let Some(gate) = here.addon("ingress") else { return };
    let asks = |issuer: &Issuer| matches!(issuer.form, IssuerForm::Acme { .. });
    let Some(issuer) = out.scope.issuers.iter().find(|issuer| asks(issuer)).cloned() else { return };
    let uses = |one: &&Certificate| one.issuer.value == issuer.name.value;
    let mut homes: Vec<String> =
        out.scope.certificates.iter().filter(uses).map(|one| one.namespace.clone()).collect();
    homes.sort_unstable();
    homes.dedup();
    admit_solver(here, &homes, out);
    for home in homes {
        let first = Val::new(8089, issuer.name.origin.clone());
        let to = face::pods(SOLVER_NAME, &home, &[("acme.cert-manager.io/http01-solver", "true")]);
        if let Party::Pods { labels, .. } = &to {
            out.scope.guests.push(Guest {
                part_of: part_of("Platform", &here.resolved.platform.name),
                namespace: home.clone(),
                name: Val::new(SOLVER_NAME.to_owned(), issuer.name.origin.clone()),
                labels: labels.clone(),
            });
        }
        out.scope.flows.push(Flow {
            from: addon::party(here, gate),
            to,
            ports: vec![FlowPort { protocol: Protocol::Tcp, first, last: 8089 }],
            purpose: "proof of the domain to the certificate authority".to_owned(),
            origin: issuer.name.origin.clone(),
        });
    }
}

/// What a solver's pod asks for and may take, unless it is told (cert-manager's controller flags).
const SOLVER: [(&str, &str, &str); 2] = [("cpu", "10m", "100m"), ("memory", "64Mi", "64Mi")];

/// Solvers ask for so little that the bounds of a namespace may refuse them, and no certificate is ever issued there:
/// they then ask for the least that is admitted.
fn admit_solver(here: &Here<'_>, homes: &[String], out: &mut Out) {
    let namespaces = &here.resolved.platform.spec.namespaces;
    let bounds = || homes.iter().filter_map(|home| namespaces.get(home)?.limits.as_ref());
    let mut amounts = Amounts::default();
    for (resource, request, limit) in SOLVER {
        let least =
            bounds().filter_map(|limits| limits.min.get(resource)).max_by_key(|least| least.value.amount());
        let own = [request, limit].map(|text| Quantity::parse(text).unwrap_or_default());
        let Some(least) = least.filter(|least| least.value.amount() > own[0]) else { continue };
        let name = "solver";
        let ask = least.clone().map(|least| least.0);
        let most = if least.value.amount() > own[1] { ask.value.clone() } else { limit.to_owned() };
        amounts.limits.insert(resource.to_owned(), derived(name, most, [least.origin.clone()]));
        amounts.requests.insert(resource.to_owned(), derived(name, ask.value, [ask.origin]));
    }
    for issuer in &mut out.scope.issuers {
        if let IssuerForm::Acme { solver, .. } = &mut issuer.form {
            *solver = amounts.clone();
        }
    }
}
