//! Every reference that an object makes to another by name.

use estate::{Container, Kind, Obj, PodSpec, Workload, text};
use tree::NodeRef;

use super::Reference;

/// The references of an object. Those marked `optional` are left out: Kubernetes does without them.
pub(super) fn references(object: Obj<'_>) -> Vec<Reference<'_>> {
    let mut walk = Walk { user: object, found: Vec::new() };
    if let Some(workload) = Workload::of(object) {
        walk.pod(workload.pod);
    }
    match object.kind() {
        Kind::StatefulSet => walk.stateful_set(),
        Kind::PersistentVolumeClaim => walk.class(object.node.get("spec"), "spec.storageClassName"),
        Kind::Ingress => walk.ingress(),
        Kind::HorizontalPodAutoscaler => walk.autoscaler(),
        Kind::ServiceAccount => walk.pull_secrets(object.node, "imagePullSecrets"),
        Kind::ExternalSecret => walk.external_secret(),
        Kind::SecretStore => walk.secret_store(),
        Kind::Certificate => walk.certificate(),
        Kind::ValidatingWebhookConfiguration | Kind::MutatingWebhookConfiguration => walk.webhooks(),
        Kind::APIService => walk.service(object.path(&["spec", "service"]), "spec.service"),
        Kind::CustomResourceDefinition => {
            let path = ["spec", "conversion", "webhook", "clientConfig", "service"];
            walk.service(object.path(&path), "spec.conversion.webhook.clientConfig.service");
        }
        _ => {}
    }
    walk.found
}

struct Walk<'a> {
    user: Obj<'a>,
    found: Vec<Reference<'a>>,
}

impl<'a> Walk<'a> {
    /// A reference by the name that stands in a node; nothing where the node is absent or empty.
    fn name(&mut self, kind: Kind, node: Option<NodeRef<'a>>, field: impl Into<String>) {
        let namespace = match kind {
            Kind::IngressClass
            | Kind::StorageClass
            | Kind::PriorityClass
            | Kind::ClusterIssuer
            | Kind::ClusterSecretStore => "",
            _ => self.user.namespace(),
        };
        self.named_in(kind, namespace, node, field, None);
    }

    fn named_in(
        &mut self,
        kind: Kind,
        namespace: &'a str,
        node: Option<NodeRef<'a>>,
        field: impl Into<String>,
        key: Option<NodeRef<'a>>,
    ) {
        let Some(node) = node else { return };
        let Some(name) = text(node).filter(|name| !name.is_empty()) else { return };
        let key = key.and_then(|node| Some((text(node)?, node)));
        let user = self.user;
        self.found.push(Reference { user, kind, namespace, name, key, node, field: field.into() });
    }

    /// A selector of a key: `name`, `key`, `optional`.
    fn key(&mut self, kind: Kind, selector: Option<NodeRef<'a>>, field: String) {
        let Some(selector) = selector.filter(|selector| !is_optional(*selector)) else { return };
        self.named_in(kind, self.user.namespace(), selector.get("name"), field, selector.get("key"));
    }

    /// A volume source: `items` name keys.
    fn source(&mut self, kind: Kind, source: Option<NodeRef<'a>>, name: &str, field: &str) {
        let Some(source) = source.filter(|source| !is_optional(*source)) else { return };
        let items = source.get("items").into_iter().flat_map(NodeRef::items);
        self.name(kind, source.get(name), field);
        for key in items.filter_map(|item| item.get("key")) {
            self.named_in(kind, self.user.namespace(), source.get(name), field, Some(key));
        }
    }

    fn pod(&mut self, pod: PodSpec<'a>) {
        pod.containers().for_each(|container| self.container(container));
        for volume in pod.volumes() {
            let field =
                format!("volumes[{}]", volume.get("name").and_then(NodeRef::text).unwrap_or_default());
            self.volume(volume, &field);
            let claim = volume.path(&["persistentVolumeClaim", "claimName"]);
            self.name(Kind::PersistentVolumeClaim, claim, field.as_str());
            self.source(Kind::Secret, volume.get("secret"), "secretName", &field);
            let published = volume.path(&["csi", "nodePublishSecretRef", "name"]);
            self.name(Kind::Secret, published, field.as_str());
        }
        self.name(Kind::ServiceAccount, pod.0.get("serviceAccountName"), "serviceAccountName");
        self.name(Kind::PriorityClass, pod.0.get("priorityClassName"), "priorityClassName");
        self.pull_secrets(pod.0, "imagePullSecrets");
    }

    fn volume(&mut self, volume: NodeRef<'a>, field: &str) {
        self.source(Kind::ConfigMap, volume.get("configMap"), "name", field);
        let sources = volume.path(&["projected", "sources"]).into_iter().flat_map(NodeRef::items);
        for source in sources {
            self.source(Kind::ConfigMap, source.get("configMap"), "name", field);
            self.source(Kind::Secret, source.get("secret"), "name", field);
        }
    }

    fn container(&mut self, container: Container<'a>) {
        for env in container.env() {
            let name = env.get("name").and_then(NodeRef::text).unwrap_or_default();
            let field = container.field(&format!("env[{name}]"));
            self.key(Kind::ConfigMap, env.path(&["valueFrom", "configMapKeyRef"]), field.clone());
            self.key(Kind::Secret, env.path(&["valueFrom", "secretKeyRef"]), field);
        }
        for from in container.env_from() {
            for (kind, list) in [(Kind::ConfigMap, "configMapRef"), (Kind::Secret, "secretRef")] {
                self.key(kind, from.get(list), container.field("envFrom"));
            }
        }
    }

    fn pull_secrets(&mut self, node: NodeRef<'a>, field: &str) {
        let secrets = node.get(field).into_iter().flat_map(NodeRef::items);
        secrets.for_each(|secret| self.name(Kind::Secret, secret.get("name"), field));
    }

    /// An empty class name means a volume without provisioner.
    fn class(&mut self, spec: Option<NodeRef<'a>>, field: &str) {
        self.name(Kind::StorageClass, spec.and_then(|spec| spec.get("storageClassName")), field);
    }

    fn stateful_set(&mut self) {
        let Some(spec) = self.user.node.get("spec") else { return };
        self.name(Kind::Service, spec.get("serviceName"), "spec.serviceName");
        for template in spec.get("volumeClaimTemplates").into_iter().flat_map(NodeRef::items) {
            self.class(template.get("spec"), "spec.volumeClaimTemplates.storageClassName");
        }
    }

    fn ingress(&mut self) {
        let Some(spec) = self.user.node.get("spec") else { return };
        self.name(Kind::IngressClass, spec.get("ingressClassName"), "spec.ingressClassName");
        for tls in spec.get("tls").into_iter().flat_map(NodeRef::items) {
            self.name(Kind::Secret, tls.get("secretName"), "spec.tls");
        }
        self.name(Kind::Service, spec.path(&["defaultBackend", "service", "name"]), "spec.defaultBackend");
        for rule in spec.get("rules").into_iter().flat_map(NodeRef::items) {
            for path in rule.path(&["http", "paths"]).into_iter().flat_map(NodeRef::items) {
                self.name(Kind::Service, path.path(&["backend", "service", "name"]), "spec.rules.backend");
            }
        }
    }

    fn autoscaler(&mut self) {
        let Some(target) = self.user.path(&["spec", "scaleTargetRef"]) else { return };
        let group = target.get("apiVersion").and_then(text).map_or("", estate::group_of);
        let kind = target.get("kind").and_then(text).map_or(Kind::Other, |kind| Kind::of(group, kind));
        if kind != Kind::Other {
            self.name(kind, target.get("name"), "spec.scaleTargetRef");
        }
    }

    fn external_secret(&mut self) {
        let Some(store) = self.user.path(&["spec", "secretStoreRef"]) else { return };
        let kind = match store.get("kind").and_then(text) {
            Some("ClusterSecretStore") => Kind::ClusterSecretStore,
            None | Some("SecretStore") => Kind::SecretStore,
            Some(_) => return,
        };
        self.name(kind, store.get("name"), "spec.secretStoreRef");
    }

    /// A store in Vault: the identity it logs in with, and the authority it trusts.
    fn secret_store(&mut self) {
        let vault = ["spec", "provider", "vault"];
        let path = |rest: &[&str]| self.user.path(&[&vault[..], rest].concat());
        let account = path(&["auth", "kubernetes", "serviceAccountRef", "name"]);
        let authority = path(&["caProvider"]);
        self.name(Kind::ServiceAccount, account, "spec.provider.vault.auth.kubernetes.serviceAccountRef");
        let kind = match authority.and_then(|authority| authority.get("type")).and_then(text) {
            Some("ConfigMap") => Kind::ConfigMap,
            _ => Kind::Secret,
        };
        self.key(kind, authority, "spec.provider.vault.caProvider".to_owned());
    }

    fn certificate(&mut self) {
        let Some(issuer) = self.user.path(&["spec", "issuerRef"]) else { return };
        if issuer.get("group").and_then(text).is_some_and(|group| group != "cert-manager.io") {
            return;
        }
        let cluster = issuer.get("kind").and_then(text) == Some("ClusterIssuer");
        let kind = if cluster { Kind::ClusterIssuer } else { Kind::Issuer };
        self.name(kind, issuer.get("name"), "spec.issuerRef");
    }

    fn webhooks(&mut self) {
        for webhook in self.user.node.get("webhooks").into_iter().flat_map(NodeRef::items) {
            self.service(webhook.path(&["clientConfig", "service"]), "webhooks.clientConfig.service");
        }
    }

    /// A service named together with its namespace.
    fn service(&mut self, service: Option<NodeRef<'a>>, field: &str) {
        let Some(service) = service else { return };
        let namespace = service.get("namespace").and_then(text).unwrap_or("default");
        self.named_in(Kind::Service, namespace, service.get("name"), field, None);
    }
}

fn is_optional(node: NodeRef<'_>) -> bool {
    node.get("optional").and_then(NodeRef::bool) == Some(true)
}
