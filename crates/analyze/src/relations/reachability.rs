//! Who may connect to whom in one view: its policies, workloads and namespaces, given to the engine in the `reach`
//! crate.
//!
//! An [`Actor`] is whatever takes part: a workload in the files, one that the intent says is outside them, or one
//! that has to be assumed (an ingress controller, the name service) since the files need it and don't have it.
//! Policies that the API server refuses, and those of other network plugins, leave whatever they may concern undecided.

mod others;
mod policy;

use std::collections::{BTreeMap, HashMap};

use estate::intent::{MeantPort, OutsideWorkload, ScopeIntent};
use estate::{Estate, Kind, Obj, ObjectId, View, Workload, Workloads};
use reach::{
    Cluster, Direction, Labels, NamedPort, Namespace, NamespaceId, OtherId, PolicyId, Protocol, Reach,
    RuleRef, WorkloadId,
};
use tree::NodeRef;

/// The label that the API server gives every namespace (Kubernetes reference, "Well-Known Labels").
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The namespace and pod label of the name service, whatever software it is (Kubernetes documentation, "Customizing DNS
/// Service": the Service and its label keep the name `kube-dns`).
const DNS: (&str, &str, &str) = ("kube-system", "k8s-app", "kube-dns");

/// The policies of one view, and everybody they are about.
#[derive(Debug)]
pub struct Reachability<'a> {
    /// The engine; its identities are positions in the lists below.
    pub engine: Reach,
    /// What the engine was given.
    pub cluster: Cluster,
    /// By [`WorkloadId`]: sorted by namespace, name and kind.
    pub actors: Vec<Actor<'a>>,
    /// By [`PolicyId`].
    pub policies: Vec<Obj<'a>>,
    /// By [`OtherId`].
    pub others: Vec<Unevaluated<'a>>,
    of_object: HashMap<ObjectId, WorkloadId>,
}

/// Somebody who connects or is connected to.
#[derive(Clone, Debug)]
pub struct Actor<'a> {
    /// Its kind, as manifests name it.
    pub kind: &'a str,
    /// Its namespace; empty where it isn't known.
    pub namespace: &'a str,
    /// Its name; empty where it isn't known.
    pub name: &'a str,
    /// Where it comes from.
    pub source: Source<'a>,
}

/// How an actor is known.
#[derive(Clone, Debug)]
pub enum Source<'a> {
    /// By a workload in the files.
    Files(Workload<'a>),
    /// By the intent.
    Outside(&'a OutsideWorkload),
    /// By what needs it alone.
    Assumed(Assumed),
}

/// Somebody who has to be there, though neither files nor intent have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// What Ingresses are served by: nothing is known about it.
    IngressController,
    /// What scrapes metrics: nothing is known about it.
    Monitoring,
    /// The API server, which calls webhooks from the address of a node or from outside.
    ApiServer,
    /// The name service, which every cluster has: known by its namespace and label alone.
    Dns,
}

/// A policy that isn't evaluated.
#[derive(Clone, Debug)]
pub struct Unevaluated<'a> {
    /// The policy.
    pub object: Obj<'a>,
    /// A clause that follows "because".
    pub why: String,
}

impl<'a> Reachability<'a> {
    /// Works it out for one view. `intent` is what is meant of its scope.
    #[must_use]
    pub fn of(
        estate: &'a Estate,
        view: &'a View,
        workloads: &Workloads<'a>,
        intent: &[&'a ScopeIntent],
    ) -> Self {
        let ingress = view.of_kind(estate, Kind::Ingress).next().map(|_| Assumed::IngressController);
        Self::assuming(estate, view, workloads, intent, ingress.as_slice())
    }

    /// The same, with some who have to be there; the name service always is.
    #[must_use]
    pub fn assuming(
        estate: &'a Estate,
        view: &'a View,
        workloads: &Workloads<'a>,
        intent: &[&'a ScopeIntent],
        assumed: &[Assumed],
    ) -> Self {
        let mut namespaces = Namespaces::of(estate, view, intent);
        let mut actors: Vec<Actor<'a>> = workloads.iter().map(Actor::in_files).collect();
        let known = |actors: &[Actor<'_>], outside: &OutsideWorkload| {
            actors.iter().any(|actor| actor.namespace == outside.namespace && actor.name == outside.name)
        };
        for outside in intent.iter().flat_map(|intent| &intent.outside) {
            if !known(&actors, outside) {
                actors.push(Actor::outside(outside));
            }
        }
        for &assumed in assumed {
            let known =
                assumed == Assumed::IngressController && actors.iter().any(Actor::is_ingress_controller);
            actors.extend((!known).then(|| Actor::assume(assumed)));
        }
        if !actors.iter().any(Actor::is_dns) {
            actors.push(Actor::assume(Assumed::Dns));
        }
        actors.sort_by_key(|actor| (actor.namespace, actor.name, actor.kind));
        let mut cluster = Cluster::default();
        cluster.workloads.extend(actors.iter().map(|actor| actor.compile(namespaces.id(actor.namespace))));
        let mut policies = Vec::new();
        let mut others = Vec::new();
        for object in view.of_kind(estate, Kind::NetworkPolicy) {
            let namespace = namespaces.id(object.namespace());
            match policy::read(object, namespace) {
                Ok(policy) => {
                    cluster.policies.push(policy);
                    policies.push(object);
                }
                Err(why) => {
                    cluster.others.push(policy::refused(object, namespace));
                    others.push(Unevaluated { object, why });
                }
            }
        }
        for object in view.of_kind(estate, Kind::Other) {
            if let Some((other, why)) = others::read(object, &mut |name| namespaces.id(name)) {
                cluster.others.push(other);
                others.push(Unevaluated { object, why });
            }
        }
        cluster.namespaces = namespaces.list;
        let ids = (0..).map(WorkloadId).zip(&actors);
        let of_object = ids.filter_map(|(id, actor)| Some((actor.workload()?.object.id, id))).collect();
        Self { engine: Reach::new(&cluster), cluster, actors, policies, others, of_object }
    }

    /// Somebody by identity.
    #[must_use]
    pub fn actor(&self, id: WorkloadId) -> &Actor<'a> {
        &self.actors[id.0 as usize]
    }

    /// Everybody, with their identities.
    pub fn everybody(&self) -> impl Iterator<Item = (WorkloadId, &Actor<'a>)> {
        (0..).map(WorkloadId).zip(&self.actors)
    }

    /// The actor that a workload in the files is.
    #[must_use]
    pub fn of_object(&self, object: ObjectId) -> Option<WorkloadId> {
        self.of_object.get(&object).copied()
    }

    /// The actor of a kind, namespace and name.
    #[must_use]
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<WorkloadId> {
        let named =
            |actor: &Actor<'_>| actor.kind == kind && actor.namespace == namespace && actor.name == name;
        self.everybody().find(|(_, actor)| named(actor)).map(|(id, _)| id)
    }

    /// The name service: at least one.
    pub fn dns(&self) -> impl Iterator<Item = WorkloadId> {
        self.everybody().filter(|(_, actor)| actor.is_dns()).map(|(id, _)| id)
    }

    /// The ingress controllers: at least one where there is an Ingress.
    pub fn ingress_controllers(&self) -> impl Iterator<Item = WorkloadId> {
        self.everybody().filter(|(_, actor)| actor.is_ingress_controller()).map(|(id, _)| id)
    }

    /// A policy by identity.
    #[must_use]
    pub fn policy(&self, id: PolicyId) -> Obj<'a> {
        self.policies[id.0 as usize]
    }

    /// A policy that isn't evaluated, by identity.
    #[must_use]
    pub fn other(&self, id: OtherId) -> &Unevaluated<'a> {
        &self.others[id.0 as usize]
    }

    /// Where a policy says whom it selects.
    #[must_use]
    pub fn selector_node(&self, id: PolicyId) -> NodeRef<'a> {
        let policy = self.policy(id);
        policy.path(&["spec", "podSelector"]).or_else(|| policy.path(&["spec"])).unwrap_or(policy.node)
    }

    /// Where a rule, or one peer of it, is written.
    #[must_use]
    pub fn rule_node(&self, rule: RuleRef) -> NodeRef<'a> {
        let (list, peers) = match rule.direction {
            Direction::Ingress => ("ingress", "from"),
            Direction::Egress => ("egress", "to"),
        };
        let policy = self.policy(rule.policy);
        let whole = policy.path(&["spec", list]).and_then(|list| list.items().nth(rule.rule as usize));
        let whole = whole.unwrap_or(policy.node);
        let peer = rule.peer.and_then(|peer| whole.get(peers)?.items().nth(peer as usize));
        peer.unwrap_or(whole)
    }
}

impl<'a> Actor<'a> {
    fn in_files(workload: &Workload<'a>) -> Self {
        let object = workload.object;
        Self {
            kind: &object.object.kind_name,
            namespace: object.namespace(),
            name: object.name(),
            source: Source::Files(workload.clone()),
        }
    }

    fn outside(outside: &'a OutsideWorkload) -> Self {
        let kind = if outside.kind.is_empty() { "Deployment" } else { &outside.kind };
        Self { kind, namespace: &outside.namespace, name: &outside.name, source: Source::Outside(outside) }
    }

    fn assume(assumed: Assumed) -> Self {
        let (kind, namespace, name) = match assumed {
            Assumed::IngressController => ("IngressController", "", ""),
            Assumed::Monitoring => ("Monitoring", "", ""),
            Assumed::ApiServer => ("ApiServer", DNS.0, ""),
            Assumed::Dns => ("Deployment", DNS.0, DNS.2),
        };
        Self { kind, namespace, name, source: Source::Assumed(assumed) }
    }

    /// The workload, where it is in the files.
    #[must_use]
    pub fn workload(&self) -> Option<&Workload<'a>> {
        match &self.source {
            Source::Files(workload) => Some(workload),
            Source::Outside(_) | Source::Assumed(_) => None,
        }
    }

    /// Whom it stands for, where it is only assumed.
    #[must_use]
    pub fn assumed(&self) -> Option<Assumed> {
        if let Source::Assumed(assumed) = self.source { Some(assumed) } else { None }
    }

    /// `namespace/name`, for sentences.
    #[must_use]
    pub fn title(&self) -> String {
        match self.source {
            Source::Assumed(assumed) if assumed != Assumed::Dns => assumed.title().to_owned(),
            _ => format!("{}/{}", self.namespace, self.name),
        }
    }

    /// The ports it is known to listen on.
    #[must_use]
    pub fn ports(&self) -> Vec<MeantPort> {
        match &self.source {
            Source::Files(workload) => {
                workload.pod.ports().map(|port| MeantPort::single(port.protocol, port.number)).collect()
            }
            Source::Outside(outside) => outside.ports.clone(),
            Source::Assumed(Assumed::Dns) => vec![MeantPort::single("UDP", 53), MeantPort::single("TCP", 53)],
            Source::Assumed(_) => Vec::new(),
        }
    }

    /// Whether it serves Ingresses. In the files it is known by an image that is called so.
    #[must_use]
    pub fn is_ingress_controller(&self) -> bool {
        match &self.source {
            Source::Assumed(assumed) => *assumed == Assumed::IngressController,
            Source::Outside(outside) => {
                outside.role.contains("ingress") || !outside.ingress_classes.is_empty()
            }
            Source::Files(workload) => workload.pod.containers().any(|container| {
                let image = container.node.get("image").and_then(NodeRef::text).unwrap_or_default();
                image.contains("ingress") || image.contains("traefik")
            }),
        }
    }

    /// Whether it is the cluster's name service.
    #[must_use]
    pub fn is_dns(&self) -> bool {
        let (namespace, key, value) = DNS;
        match &self.source {
            Source::Assumed(assumed) => *assumed == Assumed::Dns,
            Source::Outside(outside) => {
                outside.role == "dns"
                    || outside.namespace == namespace
                        && outside.pod_labels.iter().any(|(k, v)| k == key && v == value)
            }
            Source::Files(workload) => self.namespace == namespace && workload.labels.contains(&(key, value)),
        }
    }

    fn compile(&self, namespace: NamespaceId) -> reach::Workload {
        let own = |pairs: &[(&str, &str)]| labels(pairs.iter().copied());
        let (labels, ports, host_network) = match &self.source {
            Source::Files(workload) => {
                let ports = workload.pod.ports().filter(|port| !port.name.is_empty()).filter_map(|port| {
                    let protocol = Protocol::parse(port.protocol)?;
                    Some(NamedPort { name: port.name.to_owned(), protocol, port: port.number })
                });
                (own(&workload.labels), ports.collect(), workload.pod.host_network())
            }
            Source::Outside(outside) => {
                let pairs = outside.pod_labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
                (labels(pairs), Vec::new(), outside.role == "api-server")
            }
            Source::Assumed(Assumed::Dns) => {
                let named = |name: &str, protocol| NamedPort { name: name.to_owned(), protocol, port: 53 };
                let ports = vec![named("dns", Protocol::Udp), named("dns-tcp", Protocol::Tcp)];
                (Labels { incomplete: true, ..own(&[(DNS.1, DNS.2)]) }, ports, false)
            }
            Source::Assumed(assumed) => {
                (Labels { incomplete: true, ..Labels::default() }, Vec::new(), *assumed == Assumed::ApiServer)
            }
        };
        reach::Workload { namespace, labels, ports, host_network, replicated: self.kind != "Pod" }
    }
}

impl Assumed {
    /// What sentences call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::IngressController => "the ingress controller",
            Self::Monitoring => "monitoring",
            Self::ApiServer => "the API server",
            Self::Dns => "the cluster's DNS",
        }
    }
}

/// Labels; of a key that is written twice the last counts, as for Kubernetes.
fn labels<'b>(pairs: impl Iterator<Item = (&'b str, &'b str)>) -> Labels {
    let distinct: BTreeMap<&str, &str> = pairs.collect();
    let pairs = distinct.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Labels { pairs, incomplete: false }
}

/// The namespaces that anything is in.
struct Namespaces<'a> {
    list: Vec<Namespace>,
    ids: HashMap<&'a str, NamespaceId>,
    closed: bool,
}

impl<'a> Namespaces<'a> {
    fn of(estate: &'a Estate, view: &'a View, intent: &[&'a ScopeIntent]) -> Self {
        let closed = estate.scope(view.scope).closed;
        let mut namespaces = Self { list: Vec::new(), ids: HashMap::new(), closed };
        for object in view.of_kind(estate, Kind::Namespace) {
            namespaces.add(object.name(), object.labels().into_iter());
        }
        for outside in intent.iter().flat_map(|intent| &intent.outside) {
            if !outside.namespace_labels.is_empty() {
                let pairs = outside.namespace_labels.iter();
                namespaces.add(&outside.namespace, pairs.map(|(key, value)| (key.as_str(), value.as_str())));
            }
        }
        namespaces
    }

    /// A namespace all of whose labels are known.
    fn add(&mut self, name: &'a str, pairs: impl Iterator<Item = (&'a str, &'a str)>) {
        let id = self.id(name);
        let namespace = &mut self.list[id.0 as usize];
        for (key, value) in pairs {
            namespace.labels.pairs.retain(|(other, _)| other != key);
            namespace.labels.pairs.push((key.to_owned(), value.to_owned()));
        }
        namespace.labels.incomplete = false;
    }

    /// A namespace by name. One that no file has carries at least the label that the API server gives it; the
    /// nameless one of an unknown ingress controller may carry any.
    fn id(&mut self, name: &'a str) -> NamespaceId {
        *self.ids.entry(name).or_insert_with(|| {
            let automatic = Some((NAME_LABEL, name)).filter(|_| !name.is_empty());
            let incomplete = name.is_empty() || !self.closed;
            let labels = Labels { incomplete, ..labels(automatic.into_iter()) };
            self.list.push(Namespace { name: name.to_owned(), labels });
            NamespaceId((self.list.len() - 1) as u32)
        })
    }
}
