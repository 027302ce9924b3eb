//! Workloads: what makes pods, and the pods it makes.

use std::collections::HashMap;

use tree::NodeRef;

use crate::object::{pairs, text};
use crate::selector::POD_NAME;
use crate::{Estate, Kind, Need, Obj, Selector, View};

/// An object that makes pods, or is one.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    /// The object.
    pub object: Obj<'a>,
    /// The pod template: a node with `metadata` and `spec`.
    pub template: NodeRef<'a>,
    /// The pod's specification.
    pub pod: PodSpec<'a>,
    /// The labels of its pods.
    pub labels: Vec<(&'a str, &'a str)>,
}

/// A pod's specification.
#[derive(Clone, Copy, Debug)]
pub struct PodSpec<'a>(pub NodeRef<'a>);

/// When a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of `containers`.
    Main,
    /// One of `initContainers` that ends.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`.
    Sidecar,
    /// One of `ephemeralContainers`.
    Ephemeral,
}

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// Its node.
    pub node: NodeRef<'a>,
    /// When it runs.
    pub role: Role,
    /// Its place in its list.
    pub index: usize,
}

/// A declared port of a container.
#[derive(Clone, Copy, Debug)]
pub struct ContainerPort<'a> {
    /// Its node.
    pub node: NodeRef<'a>,
    /// Its name; empty where it has none.
    pub name: &'a str,
    /// Its number.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'a str,
}

impl<'a> Workload<'a> {
    /// The workload in an object, if it is one.
    #[must_use]
    pub fn of(object: Obj<'a>) -> Option<Self> {
        let template = match object.kind() {
            Kind::Pod => object.node,
            Kind::CronJob => object.path(&["spec", "jobTemplate", "spec", "template"])?,
            kind if kind.is_workload() => object.path(&["spec", "template"])?,
            _ => return None,
        };
        let pod = PodSpec(template.get("spec")?);
        let labels = template.path(&["metadata", "labels"]).map(pairs).unwrap_or_default();
        Some(Self { object, template, pod, labels })
    }

    /// Where its pods' labels are written, or else the template.
    #[must_use]
    pub fn labels_node(&self) -> NodeRef<'a> {
        self.template.path(&["metadata", "labels"]).unwrap_or(self.template)
    }

    /// Whether one of its pods may be given a label by Kubernetes that satisfies a need, or has it written.
    #[must_use]
    pub fn may_have(&self, need: &Need<'_>) -> bool {
        if need.holds(&self.labels) {
            return true;
        }
        let name = self.object.name();
        match (need, self.object.kind()) {
            (_, Kind::Pod) => false,
            (Need::In(key, values), Kind::StatefulSet) if *key == POD_NAME => {
                let ordinal = |value: &&str| value.strip_prefix(name)?.strip_prefix('-')?.parse::<u32>().ok();
                values.iter().any(|value| ordinal(value).is_some())
            }
            (Need::In(key, _) | Need::Exists(key), kind) => *key != POD_NAME || kind == Kind::StatefulSet,
            _ => true,
        }
    }

    /// An annotation of its pods.
    #[must_use]
    pub fn pod_annotation(&self, key: &str) -> Option<NodeRef<'a>> {
        self.template.path(&["metadata", "annotations"])?.get(key)
    }
}

impl<'a> PodSpec<'a> {
    /// All containers: init containers and sidecars first, in their order.
    pub fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let list = move |key| self.0.get(key).into_iter().flat_map(NodeRef::items).enumerate();
        let first = list("initContainers").map(|(index, node)| {
            let always = node.get("restartPolicy").and_then(NodeRef::text) == Some("Always");
            Container { node, role: if always { Role::Sidecar } else { Role::Init }, index }
        });
        let main = list("containers").map(|(index, node)| Container { node, role: Role::Main, index });
        let later =
            list("ephemeralContainers").map(|(index, node)| Container { node, role: Role::Ephemeral, index });
        first.chain(main).chain(later)
    }

    /// Its volumes.
    pub fn volumes(self) -> impl Iterator<Item = NodeRef<'a>> {
        self.0.get("volumes").into_iter().flat_map(NodeRef::items)
    }

    /// A scalar field.
    #[must_use]
    pub fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key).and_then(text)
    }

    /// Whether its pods have the addresses of their nodes: policies don't apply to them.
    #[must_use]
    pub fn host_network(self) -> bool {
        self.0.get("hostNetwork").and_then(NodeRef::bool) == Some(true)
    }

    /// The declared ports that listen while the pod serves.
    pub fn ports(self) -> impl Iterator<Item = ContainerPort<'a>> {
        let serving = |container: &Container<'_>| matches!(container.role, Role::Main | Role::Sidecar);
        self.containers().filter(serving).flat_map(Container::ports)
    }
}

impl<'a> Container<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.node.get("name").and_then(NodeRef::text).unwrap_or_default()
    }

    /// The path of a field of it, as findings name it.
    #[must_use]
    pub fn field(self, field: &str) -> String {
        let list = match self.role {
            Role::Main => "containers",
            Role::Init | Role::Sidecar => "initContainers",
            Role::Ephemeral => "ephemeralContainers",
        };
        format!("{list}[{}].{field}", self.name())
    }

    /// Its declared ports; those that aren't numbers from 1 to 65535 are left to the schema.
    pub fn ports(self) -> impl Iterator<Item = ContainerPort<'a>> {
        let ports = self.node.get("ports").into_iter().flat_map(NodeRef::items);
        ports.filter_map(|node| {
            Some(ContainerPort {
                node,
                name: node.get("name").and_then(text).unwrap_or_default(),
                number: node.get("containerPort")?.text()?.parse().ok()?,
                protocol: node.get("protocol").and_then(text).unwrap_or("TCP"),
            })
        })
    }

    /// Its variables: each a mapping with `name` and `value` or `valueFrom`.
    pub fn env(self) -> impl Iterator<Item = NodeRef<'a>> {
        self.node.get("env").into_iter().flat_map(NodeRef::items)
    }

    /// Its sources of variables.
    pub fn env_from(self) -> impl Iterator<Item = NodeRef<'a>> {
        self.node.get("envFrom").into_iter().flat_map(NodeRef::items)
    }

    /// What it asks of a resource: `list` is `requests` or `limits`.
    #[must_use]
    pub fn resource(self, list: &str, resource: &str) -> Option<NodeRef<'a>> {
        self.node.path(&["resources", list])?.get(resource)
    }
}

/// All workloads of a view, by namespace and label.
#[derive(Debug, Default)]
pub struct Workloads<'a> {
    all: Vec<Workload<'a>>,
    by_namespace: HashMap<&'a str, Vec<usize>>,
    by_label: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
}

impl<'a> Workloads<'a> {
    /// The workloads of a view that no other object made, each once however often it is written.
    #[must_use]
    pub fn of(estate: &'a Estate, view: &'a View) -> Self {
        let mut found = Self::default();
        let objects = view.objects.iter().map(|&id| estate.object(id));
        let objects = objects.filter(|object| !object.is_owned() && view.stands(*object));
        for workload in objects.filter_map(Workload::of) {
            let (index, namespace) = (found.all.len(), workload.object.namespace());
            found.by_namespace.entry(namespace).or_default().push(index);
            for &(key, value) in &workload.labels {
                found.by_label.entry((namespace, key, value)).or_default().push(index);
            }
            found.all.push(workload);
        }
        found
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Workload<'a>> {
        self.all.iter()
    }

    /// One by its index in [`Workloads::iter`].
    #[must_use]
    pub fn get(&self, index: usize) -> &Workload<'a> {
        &self.all[index]
    }

    /// Those of a namespace.
    pub fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Workload<'a>> {
        self.by_namespace.get(namespace).into_iter().flatten().map(|&index| &self.all[index])
    }

    /// Those of a namespace whose pods a selector selects, as indexes.
    #[must_use]
    pub fn selected(&self, namespace: &str, selector: &Selector<'_>) -> Vec<usize> {
        let (given, written) = selector.needs.iter().cloned().partition(Need::is_of_cluster);
        let (given, written): (Vec<Need<'_>>, _) = (given, Selector { needs: written });
        let candidates = match written.certain_label() {
            Some((key, value)) => self.by_label.get(&(namespace, key, value)),
            None => self.by_namespace.get(namespace),
        };
        let matches = |index: &usize| {
            let workload = &self.all[*index];
            written.matches(&workload.labels) && given.iter().all(|need| workload.may_have(need))
        };
        candidates.into_iter().flatten().copied().filter(matches).collect()
    }
}
