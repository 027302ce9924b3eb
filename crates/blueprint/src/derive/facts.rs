//! What `${…}` may name in configuration, files, arguments: facts of the definition, each with its origin.

use std::collections::BTreeMap;

use model::kinds::{ComponentSpec, Named};
use tree::{Origin, Part, Val};

use super::calls::{self, Called};
use super::face::Face;
use super::here::{Here, Out, Peer};
use super::say::{self, rule};
use super::secrets::Secrets;
use super::text::variable;
use crate::workload::EnvValue;

/// Facts by name, such as `store.dragonfly.host`.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    known: BTreeMap<String, Val<String>>,
}

/// The facts of one scope.
pub(crate) fn of_scope(here: &Here<'_>) -> Facts {
    let resolved = here.resolved;
    let mut facts = Facts::default();
    facts.put("platform.name", resolved.platform.name.clone());
    facts.put("platform.domain", resolved.platform.spec.domain.clone().map(|name| name.0));
    if let Some(registry) = &resolved.platform.spec.registry {
        facts.put("platform.registry", registry.host.clone());
    }
    facts.put("environment.name", resolved.environment.name.clone());
    facts.put("environment.domain", here.domain());
    facts.put("environment.stage", resolved.environment.spec.stage.clone());
    facts.put("target.name", resolved.target.name.clone());
    for (name, value) in [("site", &resolved.target.spec.site), ("provider", &resolved.target.spec.provider)]
    {
        value.iter().for_each(|value| facts.put(&format!("target.{name}"), (*value).clone()));
    }
    let site = resolved.target.spec.site.as_ref().and_then(|site| resolved.platform.spec.sites.get(site));
    if let Some(site) = site {
        facts.put("target.region", site.region.clone());
    }
    for component in &resolved.components {
        let name = format!("component.{}", component.name.value);
        facts.put(&format!("{name}.namespace"), component.spec.namespace.clone());
        facts.face(&name, calls::face_of(here, Peer::Component(component)));
    }
    for store in &resolved.stores {
        let name = format!("store.{}", store.name.value);
        facts.put(&format!("{name}.namespace"), store.spec.namespace.clone());
        facts.face(&name, calls::face_of(here, Peer::Store(store)));
    }
    for external in &resolved.externals {
        let name = format!("external.{}", external.name.value);
        facts.face(&name, here.peer(&external.name).and_then(|peer| calls::face_of(here, peer)));
    }
    facts
}

impl Facts {
    fn put(&mut self, name: &str, value: Val<String>) {
        self.known.insert(name.to_owned(), value);
    }

    fn face(&mut self, name: &str, face: Option<Face>) {
        let Some(face) = face else { return };
        if let Some(host) = &face.host {
            self.put(&format!("{name}.host"), host.clone());
        }
        for (index, port) in face.ports.iter().enumerate() {
            let number = port.offered.clone().map(|number| number.to_string());
            let url = face.url(port);
            if index == 0 {
                self.put(&format!("{name}.port"), number.clone());
                url.iter().for_each(|url| self.put(&format!("{name}.url"), url.clone()));
            }
            self.put(&format!("{name}.port.{}", port.name), number);
            url.into_iter().for_each(|url| self.put(&format!("{name}.url.{}", port.name), url));
        }
    }

    /// The same with what only one component sees: its names, secrets, and the addresses of what it calls with their
    /// passwords in them.
    pub(crate) fn of_component(
        &self,
        component: &Named<ComponentSpec>,
        called: &Called,
        secrets: &Secrets,
    ) -> Self {
        let mut facts = self.clone();
        facts.put("name", component.name.clone());
        facts.put("namespace", component.spec.namespace.clone());
        for env in secrets.env.iter().chain(&called.env) {
            let reference = env.name.clone().map(|name| format!("$({name})"));
            if matches!(env.value, EnvValue::Secret { .. }) {
                facts.put(&format!("secret.{}", env.name.value), reference);
            }
        }
        for call in &component.spec.calls {
            let usual = format!("{}_URL", variable(&call.to.value));
            let name = call.env.as_ref().map_or(usual.as_str(), |name| name.value.as_str());
            if let Some(env) = called.env.iter().find(|env| env.name.value == name) {
                let reference = env.name.clone().map(|name| format!("$({name})"));
                facts.put(&format!("store.{}.url", call.to.value), reference);
            }
        }
        facts
    }

    /// A text with every `${…}` replaced; `$${` stands for a plain `${`. What is unknown is reported and left out.
    pub(crate) fn expand(&self, text: &Val<String>, by: &str, out: &mut Out) -> Val<String> {
        if !text.value.contains("${") {
            return text.clone();
        }
        let mut parts = Pieces { text: String::new(), parts: Vec::new(), inputs: vec![text.origin.clone()] };
        let mut rest = text.value.as_str();
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                parts.literal(&rest[..at - 1]);
                parts.literal("${");
                rest = &rest[at + 2..];
                continue;
            }
            parts.literal(&rest[..at]);
            let Some(length) = rest[at..].find('}') else {
                let message = format!("`${{` without its `}}` in {by}");
                let help = "Close it, or write `$${` for a plain `${`.";
                out.say(say::error(rule::CONFLICT, message, &text.origin, help));
                rest = "";
                break;
            };
            let name = rest[at + 2..at + length].trim();
            match self.known.get(name) {
                Some(fact) => parts.input(fact),
                None => out.say(self.unknown(name, text, by)),
            }
            rest = &rest[at + length + 1..];
        }
        parts.literal(rest);
        Val::new(parts.text, Origin::format(parts.parts, parts.inputs))
    }

    fn unknown(&self, name: &str, text: &Val<String>, by: &str) -> diag::Finding {
        let name = Val::new(name.to_owned(), text.origin.clone());
        let finding = say::unknown("fact", &name, by, self.known.keys().map(String::as_str));
        finding.note(
            "Only `${…}` is replaced here; `$${` stands for a plain `${`, and `$(NAME)` is left to \
             Kubernetes.",
        )
    }
}

struct Pieces {
    text: String,
    parts: Vec<Part>,
    inputs: Vec<Origin>,
}

impl Pieces {
    fn literal(&mut self, literal: &str) {
        self.text.push_str(literal);
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => *last = format!("{last}{literal}").into(),
            _ if literal.is_empty() => {}
            _ => self.parts.push(Part::Literal(literal.into())),
        }
    }

    fn input(&mut self, fact: &Val<String>) {
        self.text.push_str(&fact.value);
        let index = u16::try_from(self.inputs.len()).unwrap_or(u16::MAX);
        self.inputs.push(fact.origin.clone());
        self.parts.push(Part::Input { index, text: fact.value.as_str().into() });
    }
}
