//! Calls: the flow, the address, the credential and the variables that follow from one line.

use model::kinds::{Call, ComponentSpec, Named};
use tree::{FieldPath, Origin, Val};

use super::addon;
use super::face::{self, Face, FacePort};
use super::here::{Here, Out, Peer, part_of};
use super::say::{self, rule};
use super::store;
use super::text::{Text, default, variable};
use crate::flow::{Flow, Party};
use crate::scope::SecretKey;
use crate::workload::{Env, EnvValue, Mount, PodVolume};

/// What a component's calls ask of its container.
#[derive(Default)]
pub(crate) struct Called {
    /// Variables, passwords before the addresses that use them.
    pub(crate) env: Vec<Env>,
    /// Keys of the component's secret.
    pub(crate) keys: Vec<SecretKey>,
    /// The authority's certificate, where something encrypted is called.
    pub(crate) trust: Option<(PodVolume, Mount)>,
}

/// Derives every call of a component.
pub(crate) fn calls(here: &Here<'_>, component: &Named<ComponentSpec>, out: &mut Out) -> Called {
    let mut called = Called::default();
    for call in &component.spec.calls {
        // A name that nothing here carries was reported where the definition was read.
        if let Some(peer) = here.peer(&call.to) {
            one(here, component, call, peer, &mut called, out);
        }
    }
    called
}

fn one(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    call: &Call,
    peer: Peer<'_>,
    called: &mut Called,
    out: &mut Out,
) {
    let Some(face) = face_of(here, peer) else { return };
    let ports = called_ports(component, call, &face, out);
    let purpose =
        call.purpose.as_ref().map_or_else(|| format!("calls {}", call.to.value), |why| why.value.clone());
    for party in &face.parties {
        out.scope.flows.push(Flow {
            from: face::workload(&component.spec.namespace.value, &component.name.value),
            to: party.clone(),
            ports: ports.iter().map(|port| port.of_flow()).collect(),
            purpose: purpose.clone(),
            origin: call.to.origin.clone(),
        });
    }
    warn_of_open(call, &face, out);
    let wanted = call.env.as_ref().is_none_or(|name| name.value != "false");
    match peer {
        Peer::Store(named) => {
            let account = store::account(here, component, call, named, out);
            store::credentials(component, call, named, &account, called);
            store::trust(here, component, named, called, out);
            if let (true, Some(port)) = (wanted, ports.first()) {
                let url = store::url(here, named, &face, port, &account, out);
                push_url(component, call, url, called);
            }
        }
        Peer::Component(_) | Peer::External(_) | Peer::Addon(_) => {
            if let (true, Some(port)) = (wanted, ports.first()) {
                push_url(component, call, face.url(port), called);
            }
        }
    }
}

/// How a peer is reached; `None` for a store whose engine no module describes, which is reported with the store.
pub(crate) fn face_of(here: &Here<'_>, peer: Peer<'_>) -> Option<Face> {
    match peer {
        Peer::Component(named) => Some(face::of_component(named, here.is_cluster())),
        Peer::Store(named) => store::face(here, named),
        Peer::External(named) => Some(face::of_external(named)),
        Peer::Addon(named) => Some(addon::face(here, named)),
    }
}

fn called_ports<'f>(
    component: &Named<ComponentSpec>,
    call: &Call,
    face: &'f Face,
    out: &mut Out,
) -> Vec<&'f FacePort> {
    let by = part_of("Component", &component.name);
    let names: Vec<&Val<String>> = call.ports.iter().chain(&call.port).collect();
    if names.is_empty() {
        if face.ports.is_empty() {
            let message = format!("{by} calls {}, which declares no port", face.part_of);
            let help = "Declare its ports, or name the one that is meant.";
            out.say(say::error(rule::MISSING, message, &call.to.origin, help));
        }
        return face.ports.first().into_iter().collect();
    }
    let mut found = Vec::new();
    for name in names {
        match face.port(Some(name)) {
            Some(port) => found.push(port),
            None => {
                let what = format!("port of {}", face.part_of);
                out.say(say::unknown(&what, name, &by, face.ports.iter().map(|port| port.name.as_str())));
            }
        }
    }
    found
}

/// Says that a call opens the whole Internet, where that is the only way.
fn warn_of_open(call: &Call, face: &Face, out: &mut Out) {
    for party in &face.parties {
        if let Party::Addresses { name, except, .. } = party
            && !except.is_empty()
        {
            let message = format!("{name} has no addresses: its port is open to every public address");
            let finding = diag::Finding::new(rule::OPEN, diag::Level::Note, message);
            let finding = say::at(finding, &call.to.origin, "called here").about(name.clone());
            out.say(finding.help(format!("Give `addresses` in External/{name} to narrow it.")));
        }
    }
}

fn push_url(component: &Named<ComponentSpec>, call: &Call, url: Option<Val<String>>, called: &mut Called) {
    let Some(url) = url else { return };
    let derived = || {
        let by = part_of("Component", &component.name);
        let name = format!("{}_URL", variable(&call.to.value));
        default(&by, &format!("calls.{}.env", call.to.value), name, "The address of what is called.")
    };
    let name = call.env.clone().unwrap_or_else(derived);
    if called.env.iter().all(|env| env.name.value != name.value) {
        called.env.push(Env { name, value: EnvValue::Text(url) });
    }
}

/// A variable out of a key of a secret.
pub(crate) fn secret_env(name: Val<String>, secret: &Val<String>, key: &Val<String>) -> Env {
    Env { name, value: EnvValue::Secret { secret: secret.clone(), key: key.clone() } }
}

/// The secret that holds what a component's containers read as variables.
pub(crate) fn secret_name(component: &Named<ComponentSpec>) -> Val<String> {
    Text::from(&component.name).lit("-secrets").done()
}

/// Why something that only the product wants is there.
pub(crate) fn own(path: &str, reason: &'static str) -> Origin {
    Origin::default_of(FieldPath::new(path), reason)
}
