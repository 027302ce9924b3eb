//! References between objects: is there what is named, and does it have the key or port that is asked for?

mod hosts;
mod ports;
mod walk;

use std::collections::BTreeMap;

use diag::{ObjectRef, Span};
use estate::{Kind, Obj, ObjectId};
use tree::NodeRef;

use super::producers::Keys;
use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether what is referred to is there.
pub struct References;

/// What is missing.
#[derive(Clone, Debug)]
pub enum Missing {
    /// The object itself.
    Object {
        /// Its kind, namespace and name.
        object: ObjectRef,
        /// The most similar name of the kind that is there.
        nearest: Option<String>,
        /// Each user, with the field path of its reference.
        users: Vec<(ObjectRef, String)>,
    },
    /// A key of an object that is there.
    Key {
        /// The object.
        object: ObjectRef,
        /// What writes it, where it isn't in the files itself.
        producer: Option<ObjectRef>,
        /// The key.
        key: String,
        /// The keys that it has.
        keys: Vec<String>,
        /// The field path of the reference.
        field: String,
    },
    /// A port of an object, or of the pods it stands for.
    Port {
        /// Whose port.
        object: ObjectRef,
        /// The name or number.
        port: String,
        /// Those that there are.
        ports: Vec<String>,
        /// The field path of the reference.
        field: String,
    },
}

/// A reference, as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Reference<'a> {
    pub(crate) user: Obj<'a>,
    pub(crate) kind: Kind,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// A key, and where it is asked for.
    pub(crate) key: Option<(&'a str, NodeRef<'a>)>,
    pub(crate) node: NodeRef<'a>,
    pub(crate) field: String,
}

impl Analysis for References {
    type Violation = Missing;

    fn run(world: &World<'_>) -> Vec<Fact<Missing>> {
        let mut facts = Vec::new();
        let mut absent: BTreeMap<(Kind, &str, &str), Vec<Reference<'_>>> = BTreeMap::new();
        for object in world.view.objects.iter().map(|&id| world.estate.object(id)) {
            for reference in walk::references(object) {
                match resolve(world, &reference) {
                    Some(fact) => facts.push(fact),
                    None => {
                        let of = (reference.kind, reference.namespace, reference.name);
                        absent.entry(of).or_default().push(reference);
                    }
                }
            }
        }
        for reference in hosts::references(world) {
            if is_built_in(&reference) || provided(world, &reference).is_some() {
                continue;
            }
            let of = (reference.kind, reference.namespace, reference.name);
            absent.entry(of).or_default().push(reference);
        }
        facts.extend(absent.into_values().filter_map(|users| absence(world, &users)));
        facts.extend(ports::facts(world));
        facts
    }
}

/// What comes of a reference; `None` where nothing of that name is there.
fn resolve(world: &World<'_>, reference: &Reference<'_>) -> Option<Fact<Missing>> {
    let (namespace, name) = (reference.namespace, reference.name);
    if let Some(found) = world.find(reference.kind, namespace, name) {
        return Some(key_of(reference, found, None, own_keys(found)));
    }
    if reference.kind == Kind::Secret {
        let produced = world.producers().of_secret(namespace, name);
        let known = produced.iter().find(|produced| match (&produced.keys, reference.key) {
            (Keys::Known(keys), Some((key, _))) => !keys.contains(&key),
            _ => false,
        });
        if let Some(one) = known.filter(|_| produced.len() == 1).or(produced.first()) {
            let keys = if produced.len() == 1 {
                one.keys.clone()
            } else {
                Keys::Unknown("several objects write it")
            };
            return Some(key_of(reference, one.by, Some(one.node), keys));
        }
    }
    if is_built_in(reference) {
        return Some(Fact::holds(reference.user.id));
    }
    provided(world, reference)
}

/// Objects that every cluster has without anybody writing them.
fn is_built_in(reference: &Reference<'_>) -> bool {
    match reference.kind {
        Kind::ServiceAccount => reference.name == "default",
        Kind::ConfigMap => {
            reference.name == "kube-root-ca.crt"
                || (reference.namespace == "kube-system"
                    && reference.name == "extension-apiserver-authentication")
        }
        Kind::PriorityClass => matches!(reference.name, "system-cluster-critical" | "system-node-critical"),
        Kind::Service => (reference.namespace, reference.name) == ("default", "kubernetes"),
        _ => false,
    }
}

/// What the intent says is there.
fn provided(world: &World<'_>, reference: &Reference<'_>) -> Option<Fact<Missing>> {
    let is = |object: &ObjectRef| {
        object.name == reference.name
            && object.kind == reference.kind.name()
            && (object.namespace == reference.namespace || object.namespace.is_empty())
    };
    let provided = world.intent.iter().flat_map(|intent| &intent.provided).find(|one| is(&one.object));
    if let Some(provided) = provided {
        let fact = match (&provided.keys, reference.key) {
            (Some(keys), Some((key, node))) if !keys.iter().any(|known| known == key) => {
                let missing = Missing::Key {
                    object: provided.object.clone(),
                    producer: None,
                    key: key.to_owned(),
                    keys: keys.clone(),
                    field: reference.field.clone(),
                };
                Fact::violated(reference.user.id, missing, vec![Mark::new(node, "this key")])
            }
            _ => Fact::holds(reference.user.id),
        };
        return Some(fact);
    }
    let classes = world.intent.iter().flat_map(|intent| &intent.outside).flat_map(|one| &one.ingress_classes);
    let mut classes =
        classes.filter(|class| reference.kind == Kind::IngressClass && *class == reference.name);
    classes.next().map(|_| Fact::holds(reference.user.id))
}

/// The keys of a Secret or ConfigMap as written. An empty one, or one that is marked to be filled, is filled by
/// somebody else.
fn own_keys(object: Obj<'_>) -> Keys<'_> {
    if object.object.partial {
        return Keys::Unknown("it could only be read in part");
    }
    let generated = object.text(&["type"]) == Some("kubernetes.io/service-account-token");
    let injected =
        ["service.beta.openshift.io/inject-cabundle", "config.openshift.io/inject-trusted-cabundle"];
    let maps = || ["data", "stringData", "binaryData"].into_iter().filter_map(|field| object.node.get(field));
    let keys: Vec<&str> = maps().flat_map(NodeRef::entries).filter_map(|(key, _)| key.text()).collect();
    if generated || injected.iter().any(|key| object.annotation(key).is_some()) {
        return Keys::Unknown("the cluster fills it");
    }
    if keys.is_empty() {
        return Keys::Unknown("it is empty here, so somebody else fills it");
    }
    Keys::Known(keys)
}

fn key_of(
    reference: &Reference<'_>,
    found: Obj<'_>,
    place: Option<NodeRef<'_>>,
    keys: Keys<'_>,
) -> Fact<Missing> {
    let user = reference.user.id;
    let Some((key, node)) = reference.key else { return Fact::holds(user) };
    let place = place.or_else(|| found.node.get("data")).or_else(|| found.node.get("stringData"));
    let place = place.unwrap_or(found.node);
    match keys {
        Keys::Known(keys) if keys.contains(&key) => Fact::holds(user),
        Keys::Known(keys) => {
            let itself = matches!(found.kind(), Kind::Secret | Kind::ConfigMap);
            let object = ObjectRef {
                kind: reference.kind.name().to_owned(),
                namespace: reference.namespace.to_owned(),
                name: reference.name.to_owned(),
            };
            let missing = Missing::Key {
                object,
                producer: (!itself).then(|| found.reference()),
                key: key.to_owned(),
                keys: keys.into_iter().map(str::to_owned).collect(),
                field: reference.field.clone(),
            };
            let marks =
                vec![Mark::new(node, "asks for this key"), Mark::at(head(place), "which isn't among these")];
            Fact::violated(user, missing, marks)
        }
        Keys::Unknown(why) => {
            let why = format!(
                "the keys of {} {} aren't in the files: {why}",
                reference.kind.name(),
                reference.name
            );
            Fact::not_evaluated(user, why, vec![Mark::new(node, "asks for this key")])
        }
    }
}

/// The first key of a mapping: where its keys are shown without its values.
fn head(node: NodeRef<'_>) -> Option<Span> {
    node.entries().next().map_or(node, |(key, _)| key).span()
}

/// One fact for a name that isn't there, with all who use it.
fn absence(world: &World<'_>, users: &[Reference<'_>]) -> Option<Fact<Missing>> {
    let first = users.first()?;
    let marks = users.iter().map(|user| Mark::new(user.node, format!("{} needs it", user.user.title())));
    let marks: Vec<Mark> = marks.collect();
    let subject: ObjectId = first.user.id;
    let operators =
        matches!(first.kind, Kind::Secret | Kind::ConfigMap | Kind::Service | Kind::ServiceAccount);
    if operators && world.producers().may_make(first.namespace, first.name) {
        let why = format!("{} {} may be made by what mentions its name", first.kind.name(), first.name);
        return Some(Fact::not_evaluated(subject, why, marks));
    }
    let object = ObjectRef {
        kind: first.kind.name().to_owned(),
        namespace: first.namespace.to_owned(),
        name: first.name.to_owned(),
    };
    let names = world.view.names(first.kind, first.namespace);
    let nearest = diag::nearest(first.name, names).map(str::to_owned);
    let users = users.iter().map(|user| (user.user.reference(), user.field.clone())).collect();
    Some(Fact::violated(subject, Missing::Object { object, nearest, users }, marks))
}
