//! What produces Secrets beside Secrets: ExternalSecrets, sealed secrets, certificates and their issuers, and
//! whatever mentions a name in a way that may produce it.

use std::collections::{HashMap, HashSet};

use estate::{Kind, Obj, Workload, text};
use tree::NodeRef;

use crate::World;

/// The keys that a producer writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys<'a> {
    /// Exactly these.
    Known(Vec<&'a str>),
    /// Which ones is decided elsewhere, and where: a clause that follows "because".
    Unknown(&'static str),
}

/// Something that writes a Secret.
#[derive(Clone, Debug)]
pub struct Produced<'a> {
    /// What writes it.
    pub by: Obj<'a>,
    /// Where it says so.
    pub node: NodeRef<'a>,
    /// With which keys.
    pub keys: Keys<'a>,
}

/// Everything that writes Secrets.
#[derive(Debug, Default)]
pub struct Producers<'a> {
    secrets: HashMap<(&'a str, &'a str), Vec<Produced<'a>>>,
    /// Names of Secrets that are written into namespaces chosen by labels.
    everywhere: HashSet<&'a str>,
    /// Words in arguments of Jobs and in objects of other kinds, by namespace.
    mentions: HashSet<(&'a str, &'a str)>,
    /// Names of objects of other kinds, which name what they make after themselves.
    stems: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Producers<'a> {
    /// Everything in a view that writes Secrets.
    #[must_use]
    pub fn of(world: &World<'a>) -> Self {
        let mut found = Self::default();
        for object in world.view.objects.iter().map(|&id| world.estate.object(id)) {
            match object.kind() {
                Kind::ExternalSecret => found.external_secret(object),
                Kind::ClusterExternalSecret => found.cluster_external_secret(object),
                Kind::SealedSecret => found.sealed_secret(object),
                Kind::Certificate => found.certificate(object),
                Kind::Issuer | Kind::ClusterIssuer => found.issuer(object),
                Kind::Ingress => found.ingress(object),
                Kind::Job => found.job(object),
                Kind::Other => {
                    found.stems.entry(object.namespace()).or_default().push(object.name());
                    found.mention(object.namespace(), object.node);
                }
                _ => {}
            }
        }
        found
    }

    /// What writes a Secret.
    #[must_use]
    pub fn of_secret<'s>(&'s self, namespace: &'s str, name: &'s str) -> &'s [Produced<'a>] {
        self.secrets.get(&(namespace, name)).map_or(&[], Vec::as_slice)
    }

    /// Whether something may make an object of this name: an operator's resource that mentions it or that it is named
    /// after, or a Job that mentions it.
    #[must_use]
    pub fn may_make(&self, namespace: &str, name: &str) -> bool {
        let mentioned = self.mentions.contains(&(namespace, name)) || self.mentions.contains(&("", name));
        let after = |stem: &&str| {
            name.strip_prefix(*stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let stems = self.stems.get(namespace).into_iter().flatten();
        mentioned || self.everywhere.contains(name) || stems.copied().any(|stem| after(&stem))
    }

    fn add(&mut self, namespace: &'a str, name: &'a str, by: Obj<'a>, node: NodeRef<'a>, keys: Keys<'a>) {
        self.secrets.entry((namespace, name)).or_default().push(Produced { by, node, keys });
    }

    /// External Secrets Operator, `ExternalSecret` v1: the target is named like the object unless it says otherwise;
    /// a template replaces the keys unless it says `mergePolicy: Merge`.
    fn external_secret(&mut self, object: Obj<'a>) {
        let Some(spec) = object.node.get("spec") else { return };
        let name = spec.path(&["target", "name"]).and_then(text).unwrap_or(object.name());
        let data = || spec.get("data").into_iter().flat_map(NodeRef::items);
        let mut keys: Vec<&str> = data().filter_map(|item| text(item.get("secretKey")?)).collect();
        let template = spec.path(&["target", "template"]);
        let replaces =
            template.is_some_and(|template| template.get("mergePolicy").and_then(text) != Some("Merge"));
        let templated = template.and_then(|template| template.get("data"));
        if replaces && templated.is_some() {
            keys.clear();
        }
        let drawn = spec.get("dataFrom").is_some_and(|from| from.items().len() > 0) && templated.is_none();
        let elsewhere = template.is_some_and(|template| template.get("templateFrom").is_some());
        keys.extend(templated.into_iter().flat_map(NodeRef::entries).filter_map(|(key, _)| key.text()));
        let keys = match (drawn, elsewhere) {
            (true, _) => Keys::Unknown("its ExternalSecret takes all keys of a remote secret"),
            (_, true) => Keys::Unknown("its ExternalSecret takes its template from elsewhere"),
            _ => Keys::Known(keys),
        };
        let node = spec.get("data").or(templated).unwrap_or(spec);
        self.add(object.namespace(), name, object, node, keys);
    }

    fn cluster_external_secret(&mut self, object: Obj<'a>) {
        let named = object.text(&["spec", "externalSecretSpec", "target", "name"]);
        let named = named.or_else(|| object.text(&["spec", "externalSecretName"]));
        self.everywhere.insert(named.unwrap_or(object.name()));
    }

    fn sealed_secret(&mut self, object: Obj<'a>) {
        let Some(spec) = object.node.get("spec") else { return };
        let name = spec.path(&["template", "metadata", "name"]).and_then(text).unwrap_or(object.name());
        let lists = [spec.get("encryptedData"), spec.path(&["template", "data"])];
        let keys = lists.into_iter().flatten().flat_map(NodeRef::entries).filter_map(|(key, _)| key.text());
        let node = spec.get("encryptedData").unwrap_or(spec);
        self.add(object.namespace(), name, object, node, Keys::Known(keys.collect()));
    }

    /// cert-manager, `Certificate` v1: the keys of a TLS secret, and those of keystores and further formats.
    fn certificate(&mut self, object: Obj<'a>) {
        let Some(spec) = object.node.get("spec") else { return };
        let Some(name) = spec.get("secretName").and_then(text) else { return };
        let mut keys = vec!["tls.crt", "tls.key", "ca.crt"];
        if spec.path(&["keystores", "jks"]).is_some() {
            keys.extend(["keystore.jks", "truststore.jks"]);
        }
        if spec.path(&["keystores", "pkcs12"]).is_some() {
            keys.extend(["keystore.p12", "truststore.p12"]);
        }
        if spec.get("additionalOutputFormats").is_some() {
            keys.extend(["tls-combined.pem", "key.der"]);
        }
        self.add(object.namespace(), name, object, spec, Keys::Known(keys));
    }

    fn issuer(&mut self, object: Obj<'a>) {
        let Some(key) = object.path(&["spec", "acme", "privateKeySecretRef", "name"]) else { return };
        let Some(name) = text(key) else { return };
        if object.kind() == Kind::ClusterIssuer {
            self.everywhere.insert(name);
        } else {
            self.add(object.namespace(), name, object, key, Keys::Known(vec!["tls.key"]));
        }
    }

    /// cert-manager's ingress shim makes the TLS secrets of annotated Ingresses.
    fn ingress(&mut self, object: Obj<'a>) {
        let annotations =
            ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme"];
        let Some(annotation) = annotations.iter().find_map(|key| object.annotation(key)) else { return };
        let tls = object.path(&["spec", "tls"]).into_iter().flat_map(NodeRef::items);
        for name in tls.filter_map(|tls| text(tls.get("secretName")?)) {
            let keys = Keys::Known(vec!["tls.crt", "tls.key", "ca.crt"]);
            self.add(object.namespace(), name, object, annotation, keys);
        }
    }

    fn job(&mut self, object: Obj<'a>) {
        let Some(job) = Workload::of(object) else { return };
        for container in job.pod.containers() {
            for list in ["command", "args"] {
                container.node.get(list).into_iter().for_each(|node| self.mention(object.namespace(), node));
            }
        }
    }

    /// Remembers every word of every scalar that could be a name.
    fn mention(&mut self, namespace: &'a str, node: NodeRef<'a>) {
        node.items().for_each(|item| self.mention(namespace, item));
        node.entries().for_each(|(_, value)| self.mention(namespace, value));
        let Some(text) = node.text().filter(|text| text.len() < 4096) else { return };
        let separates = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        for word in text.split(separates).filter(|word| word.len() > 2) {
            self.mentions.insert((namespace, word));
        }
    }
}
