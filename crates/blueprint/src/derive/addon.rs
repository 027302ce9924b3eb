//! Add-ons: where the cluster's own parts are found, by what their owner says or their module knows.

use std::collections::BTreeMap;

use catalogue::module::{Addon, AddonCall, Pods};
use model::kinds::{AddonSpec, Named};
use tree::Val;

use super::face::{self, Face, FacePort, service_host};
use super::here::{Here, Out, part_of};
use super::implied;
use super::say::{self, rule};
use super::text::default;
use crate::flow::{Flow, FlowPort, Party, Protocol};
use crate::scope::Guest;

/// The namespace of an add-on.
pub(crate) fn namespace(here: &Here<'_>, addon: &Named<AddonSpec>) -> Val<String> {
    let by = part_of("Addon", &addon.name);
    let known = || module(here, addon).map(|module| module.namespace.clone());
    addon.spec.namespace.clone().or_else(known).unwrap_or_else(|| {
        let reason = "Most add-ons live in a namespace of their own name.";
        default(&by, "namespace", addon.spec.module.value.clone(), reason)
    })
}

fn module<'a>(here: &Here<'a>, addon: &Named<AddonSpec>) -> Option<&'a Addon> {
    here.modules.addons.get(&addon.spec.module.value)
}

/// The parts of an add-on, the one that calls mean first.
fn parts<'a>(here: &Here<'a>, addon: &Named<AddonSpec>) -> Vec<(&'a str, &'a Pods)> {
    module(here, addon)
        .map_or_else(Vec::new, |module| module.pods.iter().map(|(name, _, pods)| (name, pods)).collect())
}

/// The pods that calls to an add-on mean.
pub(crate) fn party(here: &Here<'_>, addon: &Named<AddonSpec>) -> Party {
    let given = addon.spec.pod_labels.iter().map(|(key, _, value)| (key.to_owned(), value.value.clone()));
    let given: BTreeMap<String, String> = given.collect();
    let first = parts(here, addon).into_iter().next();
    let labels =
        if given.is_empty() { first.map_or_else(BTreeMap::new, |(_, pods)| labels(pods)) } else { given };
    Party::Pods { name: addon.name.value.clone(), namespace: namespace(here, addon).value, labels }
}

fn labels(pods: &Pods) -> BTreeMap<String, String> {
    pods.labels.iter().map(|(key, _, value)| (key.to_owned(), value.value.clone())).collect()
}

/// One part of an add-on; the first is called by the add-on's name.
fn part_party(here: &Here<'_>, addon: &Named<AddonSpec>, index: usize, name: &str, pods: &Pods) -> Party {
    if index == 0 {
        return party(here, addon);
    }
    let name = format!("{}-{name}", addon.name.value);
    Party::Pods { name, namespace: namespace(here, addon).value, labels: labels(pods) }
}

/// The class that routes through an add-on carry.
pub(crate) fn class(here: &Here<'_>, addon: &Named<AddonSpec>) -> Val<String> {
    let by = part_of("Addon", &addon.name);
    let known = || module(here, addon).and_then(|module| module.classes.first().cloned());
    addon.spec.classes.first().cloned().or_else(known).unwrap_or_else(|| {
        let reason = "Its name, where it declares no class.";
        default(&by, "classes", addon.name.value.clone(), reason)
    })
}

/// How an add-on is called.
pub(crate) fn face(here: &Here<'_>, addon: &Named<AddonSpec>) -> Face {
    let part_of = part_of("Addon", &addon.name);
    let first = parts(here, addon).into_iter().next();
    let mut ports = face::ports(&part_of, &addon.spec.ports);
    if let (true, Some((_, pods))) = (ports.is_empty(), first) {
        ports = self::ports(pods);
    }
    let service = first.and_then(|(_, pods)| pods.service.as_ref());
    let host = service.map(|service| service_host(service, &namespace(here, addon), here.is_cluster()));
    Face { parties: vec![party(here, addon)], host, ports, part_of }
}

fn ports(pods: &Pods) -> Vec<FacePort> {
    let port = |(name, _, port): (&str, &tree::Origin, &catalogue::module::ModulePort)| {
        let number = port.port.clone().map(|port| u16::try_from(port).unwrap_or(u16::MAX));
        FacePort {
            name: name.to_owned(),
            offered: number.clone(),
            listens: number,
            protocol: face::protocol(port.protocol.as_ref()),
            application: port.application.clone(),
        }
    };
    pods.ports.iter().map(port).collect()
}

/// Add-ons that live in a namespace which is closed by default need their flows let through like anybody else.
pub(crate) fn guests(here: &Here<'_>, out: &mut Out) {
    if !here.is_cluster() {
        return;
    }
    for addon in &here.resolved.addons {
        let Some(module) = module(here, addon) else {
            complain(here, addon, out);
            continue;
        };
        warn(addon, module, out);
        let kind = |kind: &Val<String>| kind.value.replacen(' ', "/", 1);
        out.scope.served.extend(module.kinds.iter().map(kind));
        let home = namespace(here, addon).value;
        if here.resolved.platform.spec.namespaces.get(&home).is_none() {
            continue;
        }
        for (index, (name, pods)) in parts(here, addon).into_iter().enumerate() {
            let on_node = pods.host_network.as_ref().is_some_and(|host| host.value);
            if !on_node {
                guest(here, addon, &part_party(here, addon, index, name, pods), pods, out);
            }
        }
    }
}

/// An add-on that nobody describes: its owner must.
fn complain(here: &Here<'_>, addon: &Named<AddonSpec>, out: &mut Out) {
    if addon.spec.pod_labels.is_empty() {
        let by = part_of("Addon", &addon.name);
        let finding = say::unknown(
            "add-on module",
            &addon.spec.module,
            &by,
            here.modules.addons.keys().map(String::as_str),
        );
        out.say(finding.note("With `namespace`, `podLabels` and `ports` of its own it needs no module."));
    }
}

fn warn(addon: &Named<AddonSpec>, module: &Addon, out: &mut Out) {
    if let Some(warning) = &module.warning {
        let message = format!("{}: {}", module.title.value, warning.value);
        let finding = diag::Finding::new("addon-outdated", diag::Level::Note, message);
        out.say(say::at(finding, &addon.spec.module.origin, "used here").about(addon.name.value.clone()));
    }
}

fn guest(here: &Here<'_>, addon: &Named<AddonSpec>, party: &Party, pods: &Pods, out: &mut Out) {
    let Party::Pods { name, namespace, labels } = party else { return };
    out.scope.guests.push(Guest {
        part_of: part_of("Addon", &addon.name),
        namespace: namespace.clone(),
        name: Val::new(name.clone(), addon.name.origin.clone()),
        labels: labels.clone(),
    });
    let origin = &addon.name.origin;
    out.scope.flows.push(implied::names_of(here, party.clone()));
    let all = ports(pods);
    let hooks: Vec<FlowPort> = pods
        .webhooks
        .iter()
        .filter_map(|hook| all.iter().find(|port| port.name == hook.value))
        .map(FacePort::of_flow)
        .collect();
    if !hooks.is_empty() {
        out.scope.flows.push(Flow {
            from: implied::api_server(here),
            to: party.clone(),
            ports: hooks,
            purpose: "calls of the Kubernetes API".to_owned(),
            origin: origin.clone(),
        });
    }
    if let Some(port) =
        pods.metrics.as_ref().and_then(|metrics| all.iter().find(|one| one.name == metrics.port.value))
    {
        out.scope.flows.extend(implied::scrape(&implied::scrapers(here), party, port, origin));
    }
    for call in &pods.calls {
        let flows = outgoing(here, party, call, out);
        out.scope.flows.extend(flows);
    }
    if let Some(front) = here.addon("ingress").filter(|gate| gate.name.value == addon.name.value) {
        from_outside(front, party, &all, out);
    }
}

/// Everybody may come to the controller that lets traffic in.
fn from_outside(gate: &Named<AddonSpec>, party: &Party, ports: &[FacePort], out: &mut Out) {
    let public = ports.iter().filter(|port| ["http", "https"].contains(&port.name.as_str()));
    let public: Vec<FlowPort> = public.map(FacePort::of_flow).collect();
    let (ranges, _) = face::public();
    if !public.is_empty() {
        out.scope.flows.push(Flow {
            from: Party::Addresses { name: "everybody".to_owned(), ranges, except: Vec::new() },
            to: party.clone(),
            ports: public,
            purpose: "requests from outside".to_owned(),
            origin: gate.name.origin.clone(),
        });
    }
}

/// What an add-on calls. Its backends and what it scrapes are known from routes and metrics.
fn outgoing(here: &Here<'_>, party: &Party, call: &AddonCall, out: &mut Out) -> Vec<Flow> {
    let (ranges, except) = face::public();
    let addresses =
        |name: &str, except| Party::Addresses { name: name.to_owned(), ranges: ranges.clone(), except };
    let (to, usual): (Party, &[u16]) = match call.to.value.as_str() {
        "api-server" => (implied::api_server(here), &implied::API_PORTS),
        "internet" => (addresses("internet", except), &[443]),
        "nodes" => (nodes(here).unwrap_or_else(|| addresses("nodes", Vec::new())), &[]),
        _ => return Vec::new(),
    };
    let port = |number: u16| FlowPort {
        protocol: Protocol::Tcp,
        first: Val::new(number, call.to.origin.clone()),
        last: number,
    };
    let named = call.ports.iter().filter_map(|number| u16::try_from(number.value).ok());
    let mut ports: Vec<FlowPort> = named.map(port).collect();
    if ports.is_empty() || call.to.value == "api-server" {
        ports = usual.iter().copied().map(port).collect();
    }
    if ports.is_empty() {
        let message = format!("a module's call to {} names no port", call.to.value);
        out.say(say::error(rule::MISSING, message, &call.to.origin, "Give `ports` in the module."));
        return Vec::new();
    }
    let (from, purpose, origin) = (party.clone(), call.purpose.value.clone(), call.to.origin.clone());
    vec![Flow { from, to, ports, purpose, origin }]
}

fn nodes(here: &Here<'_>) -> Option<Party> {
    let range = here.resolved.target.spec.network.as_ref()?.nodes.as_ref()?;
    Some(Party::Addresses { name: "nodes".to_owned(), ranges: vec![range.value.0], except: Vec::new() })
}
