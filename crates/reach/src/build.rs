//! From a cluster to what its policies distinguish: classes of workloads, interned peers, rules by class.

use crate::address::Addresses;
use crate::bits::Bits;
use crate::input::{
    Cluster, NamedPort, NamespaceId, OtherId, Peer, Policy, PolicyId, PortName, Rule, Selector, Types,
    WorkloadId,
};
use crate::ports::{Direction, PortSet, Protocol};
use crate::select::{Chosen, LabelIndex};
use std::collections::{BTreeSet, HashMap};

/// Workloads that no policy can tell apart, so that every answer is the same for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub(crate) u32);

impl ClassId {
    /// Its position in [`Reach::classes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The compiled policies of one cluster; see the crate's documentation for what they mean.
#[derive(Debug)]
pub struct Reach {
    pub(crate) classes: Vec<Class>,
    pub(crate) class_of: Vec<ClassId>,
    /// By workload.
    pub(crate) replicated: Bits,
    pub(crate) peers: Vec<CompiledPeer>,
    /// What the peer lists of rules match together.
    pub(crate) unions: Vec<PeerUnion>,
    pub(crate) rules: Vec<CompiledRule>,
    /// Classes that everything is surely let into.
    pub(crate) open_inward: Bits,
    /// By class: the unions that surely match it and are in an ingress rule of some class.
    pub(crate) let_in_by: Vec<Vec<usize>>,
}

/// One class and what concerns it.
#[derive(Debug)]
pub(crate) struct Class {
    pub members: Vec<WorkloadId>,
    pub host_network: bool,
    /// Those whose names some policy uses.
    pub ports: Vec<NamedPort>,
    pub ingress: Half,
    pub egress: Half,
}

/// What concerns a class in one direction.
#[derive(Debug, Default)]
pub(crate) struct Half {
    /// The policies that isolate it.
    pub policies: Vec<PolicyId>,
    /// Policies that may select it, which its unknown labels decide.
    pub perhaps: Vec<PolicyId>,
    /// Policies that are not evaluated.
    pub others: Vec<OtherId>,
    /// Positions in [`Reach::rules`].
    pub rules: Vec<usize>,
}

impl Half {
    pub fn is_isolated(&self) -> bool {
        !self.policies.is_empty()
    }

    /// Whether something that is not evaluated has a say, so that nothing is sure.
    pub fn is_undecided(&self) -> bool {
        !self.perhaps.is_empty() || !self.others.is_empty()
    }
}

/// One item of `from` or `to`, the same for all rules that have it.
#[derive(Debug)]
pub(crate) struct CompiledPeer {
    /// Over classes.
    pub pods: Chosen,
    pub addresses: Addresses,
    pub is_block: bool,
}

/// What the peers of a rule match together.
#[derive(Debug)]
pub(crate) struct PeerUnion {
    /// Over classes.
    pub pods: Chosen,
    pub addresses: Addresses,
    /// The classes with an ingress rule that has these peers.
    pub lets_into: Bits,
}

/// A rule of a policy.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub policy: PolicyId,
    pub direction: Direction,
    /// Its position in its policy's list.
    pub index: u32,
    /// Positions in [`Reach::peers`]; empty matches everything.
    pub peers: Vec<usize>,
    /// The position in [`Reach::unions`].
    pub union: usize,
    /// The ports that are the same for every destination.
    pub fixed: PortSet,
    /// The ports that each destination resolves for itself.
    pub named: Vec<(Protocol, String)>,
}

impl Reach {
    /// Compiles a cluster. A namespace position that the cluster doesn't have matches nothing.
    pub fn new(cluster: &Cluster) -> Reach {
        let scene = Scene::new(cluster);
        let interned = Interned::new(cluster);
        let selected: Vec<Chosen> = cluster.policies.iter().map(|policy| scene.selected_by(policy)).collect();
        let others: Vec<Bits> = cluster
            .others
            .iter()
            .map(|other| scene.within(other.namespace, Some(&other.pods), Hosts::Out).maybe)
            .collect();
        let peers: Vec<Chosen> = interned.peers.iter().map(|peer| scene.peer(peer)).collect();

        let mut partition = Partition::new(cluster);
        selected.iter().for_each(|chosen| partition.split_by(chosen));
        others.iter().for_each(|bits| partition.split(bits));
        peers.iter().for_each(|chosen| partition.split_by(chosen));

        let mut reach = partition.classes(cluster);
        reach.add_peers(&interned, &peers);
        reach.add_rules(cluster, &interned);
        reach.attach(cluster, &selected, &others);
        reach.index_inward();
        reach
    }

    /// The class of a workload, if the cluster has it.
    pub fn class_of(&self, workload: WorkloadId) -> Option<ClassId> {
        self.class_of.get(workload.0 as usize).copied()
    }

    /// All classes, in the order of their first workloads.
    pub fn classes(&self) -> impl Iterator<Item = ClassId> + use<> {
        (0..self.classes.len() as u32).map(ClassId)
    }

    /// The workloads of a class, in order.
    pub fn members(&self, class: ClassId) -> &[WorkloadId] {
        &self.classes[class.0 as usize].members
    }

    fn add_peers(&mut self, interned: &Interned<'_>, chosen: &[Chosen]) {
        let n_classes = self.classes.len();
        self.peers = std::iter::zip(&interned.peers, chosen)
            .map(|(peer, chosen)| CompiledPeer {
                pods: Chosen { yes: self.by_class(&chosen.yes), maybe: self.by_class(&chosen.maybe) },
                addresses: match peer {
                    PeerKey::Block(block) => Addresses::of_block(block),
                    PeerKey::Own(..) | PeerKey::Elsewhere(..) => Addresses::default(),
                },
                is_block: matches!(peer, PeerKey::Block(_)),
            })
            .collect();
        self.unions = interned
            .unions
            .iter()
            .map(|peers| {
                let mut union = PeerUnion {
                    pods: Chosen::none(n_classes),
                    addresses: Addresses::default(),
                    lets_into: Bits::none(n_classes),
                };
                for peer in peers.iter().map(|peer| &self.peers[*peer]) {
                    union.pods.add(&peer.pods);
                    union.addresses = union.addresses.union(&peer.addresses);
                }
                if peers.is_empty() {
                    union.pods = Chosen::all(n_classes);
                    union.addresses = Addresses::all();
                }
                union
            })
            .collect();
    }

    fn add_rules(&mut self, cluster: &Cluster, interned: &Interned<'_>) {
        let rules =
            cluster.policies.iter().enumerate().flat_map(|(policy, content)| both_ways(policy, content));
        self.rules = rules
            .zip(&interned.rules)
            .map(|((policy, direction, index, rule), (peers, union))| {
                let any = rule.ports.is_empty();
                let named = rule.ports.iter().filter_map(|port| match &port.port {
                    Some(PortName::Named(name)) => Some((port.protocol, name.clone())),
                    _ => None,
                });
                CompiledRule {
                    policy,
                    direction,
                    index,
                    peers: peers.clone(),
                    union: *union,
                    fixed: if any {
                        PortSet::all()
                    } else {
                        rule.ports.iter().filter_map(|port| port.range()).collect()
                    },
                    named: named.collect(),
                }
            })
            .collect();
    }

    /// Gives each class the policies that concern it.
    fn attach(&mut self, cluster: &Cluster, selected: &[Chosen], others: &[Bits]) {
        let mut rules_of: HashMap<(PolicyId, Direction), Vec<usize>> = HashMap::new();
        for (position, rule) in self.rules.iter().enumerate() {
            rules_of.entry((rule.policy, rule.direction)).or_default().push(position);
        }
        for (position, (policy, chosen)) in std::iter::zip(&cluster.policies, selected).enumerate() {
            let id = PolicyId(position as u32);
            let (yes, maybe) = (self.by_class(&chosen.yes), self.by_class(&chosen.maybe));
            for class in maybe.members() {
                for (direction, half) in self.classes[class].halves(policy.effective_types()) {
                    if !yes.contains(class) {
                        half.perhaps.push(id);
                        continue;
                    }
                    half.policies.push(id);
                    half.rules.extend(rules_of.get(&(id, direction)).into_iter().flatten());
                }
            }
        }
        for (position, (other, bits)) in std::iter::zip(&cluster.others, others).enumerate() {
            for class in self.by_class(bits).members() {
                for (_, half) in self.classes[class].halves(other.types) {
                    half.others.push(OtherId(position as u32));
                }
            }
        }
    }

    /// Notes which classes are open inward, which ones each union of peers lets into, and the unions of each class.
    fn index_inward(&mut self) {
        for (position, class) in
            self.classes.iter().enumerate().filter(|(_, class)| !class.ingress.is_undecided())
        {
            if !class.ingress.is_isolated() {
                self.open_inward.insert(position);
            }
            for rule in &class.ingress.rules {
                self.unions[self.rules[*rule].union].lets_into.insert(position);
            }
        }
        for (position, union) in
            self.unions.iter().enumerate().filter(|(_, union)| !union.lets_into.is_empty())
        {
            union.pods.yes.members().for_each(|class| self.let_in_by[class].push(position));
        }
    }

    /// A set of workloads that respects the classes, as a set of classes.
    fn by_class(&self, workloads: &Bits) -> Bits {
        let classes = workloads.members().map(|workload| self.class_of[workload].0 as usize);
        Bits::from_members(self.classes.len(), classes)
    }
}

impl Class {
    /// The halves that a policy of these types concerns.
    fn halves(&mut self, types: Types) -> impl Iterator<Item = (Direction, &mut Half)> {
        let ingress = types.ingress.then_some((Direction::Ingress, &mut self.ingress));
        let egress = types.egress.then_some((Direction::Egress, &mut self.egress));
        ingress.into_iter().chain(egress)
    }
}

/// The rules of a policy, ingress first, with the place each has in its list.
fn both_ways(policy: usize, content: &Policy) -> impl Iterator<Item = (PolicyId, Direction, u32, &Rule)> {
    let lists = [(Direction::Ingress, &content.ingress), (Direction::Egress, &content.egress)];
    lists.into_iter().flat_map(move |(direction, rules)| {
        let numbered = rules.iter().enumerate();
        numbered.map(move |(index, rule)| (PolicyId(policy as u32), direction, index as u32, rule))
    })
}

/// What makes two peers the same.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum PeerKey<'a> {
    /// Pods of the policy's own namespace.
    Own(NamespaceId, Option<&'a Selector>),
    /// Pods of selected namespaces.
    Elsewhere(&'a Selector, Option<&'a Selector>),
    Block(&'a crate::Block),
}

/// Peers and lists of peers, each once.
struct Interned<'a> {
    peers: Vec<PeerKey<'a>>,
    unions: Vec<Vec<usize>>,
    /// Of every rule in the order of [`both_ways`]: its peers and their union.
    rules: Vec<(Vec<usize>, usize)>,
}

impl<'a> Interned<'a> {
    fn new(cluster: &'a Cluster) -> Interned<'a> {
        let mut interned = Interned { peers: Vec::new(), unions: Vec::new(), rules: Vec::new() };
        let (mut peer_ids, mut union_ids) = (HashMap::new(), HashMap::new());
        for (position, policy) in cluster.policies.iter().enumerate() {
            for (.., rule) in both_ways(position, policy) {
                let peers: Vec<usize> = rule
                    .peers
                    .iter()
                    .map(|peer| {
                        let key = match peer {
                            Peer::Pods { namespaces: None, pods } => {
                                PeerKey::Own(policy.namespace, pods.as_ref())
                            }
                            Peer::Pods { namespaces: Some(namespaces), pods } => {
                                PeerKey::Elsewhere(namespaces, pods.as_ref())
                            }
                            Peer::Block(block) => PeerKey::Block(block),
                        };
                        *peer_ids.entry(key).or_insert_with(|| {
                            interned.peers.push(key);
                            interned.peers.len() - 1
                        })
                    })
                    .collect();
                let distinct: Vec<usize> =
                    peers.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
                let union = *union_ids.entry(distinct).or_insert_with_key(|distinct| {
                    interned.unions.push(distinct.clone());
                    interned.unions.len() - 1
                });
                interned.rules.push((peers, union));
            }
        }
        interned
    }
}

/// Whether pods on their node's network are among those selected.
#[derive(Clone, Copy, PartialEq)]
enum Hosts {
    /// They are not, and that is sure.
    Out,
    /// They perhaps are.
    Doubtful,
}

/// Indexes over the workloads and namespaces of a cluster, with which selectors are evaluated.
struct Scene<'a> {
    n_workloads: usize,
    pods: LabelIndex<'a>,
    hosts: Bits,
    inside: Addresses,
    /// The workloads of each namespace.
    of_namespace: Vec<Bits>,
    /// The workloads of the namespaces that each namespace selector selects.
    of_namespaces: HashMap<&'a Selector, Chosen>,
}

impl<'a> Scene<'a> {
    fn new(cluster: &'a Cluster) -> Scene<'a> {
        let n_workloads = cluster.workloads.len();
        let peers = cluster
            .policies
            .iter()
            .flat_map(|policy| policy.ingress.iter().chain(&policy.egress))
            .flat_map(|rule| &rule.peers);
        let mut for_pods: Vec<&Selector> = cluster.policies.iter().map(|policy| &policy.pods).collect();
        for_pods.extend(cluster.others.iter().map(|other| &other.pods));
        let mut for_namespaces = Vec::new();
        for peer in peers {
            if let Peer::Pods { namespaces, pods } = peer {
                for_pods.extend(pods);
                for_namespaces.extend(namespaces);
            }
        }
        let mut of_namespace = vec![Bits::none(n_workloads); cluster.namespaces.len()];
        for (position, workload) in cluster.workloads.iter().enumerate() {
            if let Some(bits) = of_namespace.get_mut(workload.namespace.0 as usize) {
                bits.insert(position);
            }
        }
        let namespace_labels: Vec<_> = cluster.namespaces.iter().map(|namespace| &namespace.labels).collect();
        let namespaces = LabelIndex::new(&namespace_labels, &for_namespaces);
        let mut of_namespaces = HashMap::new();
        for selector in for_namespaces {
            of_namespaces.entry(selector).or_insert_with(|| {
                let chosen = namespaces.select(selector);
                Chosen {
                    yes: union_of(n_workloads, &of_namespace, &chosen.yes),
                    maybe: union_of(n_workloads, &of_namespace, &chosen.maybe),
                }
            });
        }
        let pod_labels: Vec<_> = cluster.workloads.iter().map(|workload| &workload.labels).collect();
        let hosts = cluster.workloads.iter().enumerate().filter(|(_, workload)| workload.host_network);
        Scene {
            n_workloads,
            pods: LabelIndex::new(&pod_labels, &for_pods),
            hosts: Bits::from_members(n_workloads, hosts.map(|(position, _)| position)),
            inside: Addresses::of(&cluster.inside),
            of_namespace,
            of_namespaces,
        }
    }

    fn selected_by(&self, policy: &Policy) -> Chosen {
        self.within(Some(policy.namespace), Some(&policy.pods), Hosts::Out)
    }

    /// The workloads of one namespace, or of all, that a selector selects.
    fn within(&self, namespace: Option<NamespaceId>, pods: Option<&Selector>, hosts: Hosts) -> Chosen {
        let among = match namespace {
            None => Bits::all(self.n_workloads),
            Some(id) => match self.of_namespace.get(id.0 as usize) {
                Some(bits) => bits.clone(),
                None => Bits::none(self.n_workloads),
            },
        };
        self.among(Chosen { yes: among.clone(), maybe: among }, pods, hosts)
    }

    fn among(&self, mut chosen: Chosen, pods: Option<&Selector>, hosts: Hosts) -> Chosen {
        if let Some(selector) = pods {
            chosen.keep(&self.pods.select(selector));
        }
        chosen.yes.remove(&self.hosts);
        if hosts == Hosts::Out {
            chosen.maybe.remove(&self.hosts);
        }
        chosen
    }

    fn peer(&self, peer: &PeerKey<'_>) -> Chosen {
        match peer {
            PeerKey::Own(namespace, pods) => self.within(Some(*namespace), *pods, Hosts::Doubtful),
            PeerKey::Elsewhere(namespaces, pods) => match self.of_namespaces.get(namespaces) {
                Some(chosen) => self.among(chosen.clone(), *pods, Hosts::Doubtful),
                None => Chosen::none(self.n_workloads),
            },
            PeerKey::Block(block) => {
                let mut chosen = Chosen::none(self.n_workloads);
                if Addresses::of_block(block).overlaps(&self.inside) {
                    chosen.maybe = Bits::all(self.n_workloads);
                }
                chosen
            }
        }
    }
}

/// The union of the sets at the members' positions.
fn union_of(length: usize, sets: &[Bits], members: &Bits) -> Bits {
    let mut union = Bits::none(length);
    members.members().for_each(|member| union.add(&sets[member]));
    union
}

/// Workloads in classes, which every set that a policy distinguishes splits further.
struct Partition {
    class_of: Vec<u32>,
    sizes: Vec<u32>,
    /// Scratch, by class: the members of the set at hand, then the class they move to.
    hits: Vec<u32>,
}

impl Partition {
    /// At first, workloads differ by their network and by the ports whose names a policy uses.
    fn new(cluster: &Cluster) -> Partition {
        let rules = cluster.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
        let used: BTreeSet<&str> = rules
            .flat_map(|rule| &rule.ports)
            .filter_map(|port| match &port.port {
                Some(PortName::Named(name)) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let mut ids: HashMap<(bool, BTreeSet<&NamedPort>), u32> = HashMap::new();
        let mut partition = Partition { class_of: Vec::new(), sizes: Vec::new(), hits: Vec::new() };
        for workload in &cluster.workloads {
            let ports = workload.ports.iter().filter(|port| used.contains(port.name.as_str())).collect();
            let next = ids.len() as u32;
            let class = *ids.entry((workload.host_network, ports)).or_insert(next);
            partition.class_of.push(class);
            partition.sizes.resize(ids.len(), 0);
            partition.sizes[class as usize] += 1;
        }
        partition.hits.resize(partition.sizes.len(), 0);
        partition
    }

    fn split_by(&mut self, chosen: &Chosen) {
        self.split(&chosen.yes);
        if chosen.yes != chosen.maybe {
            self.split(&chosen.maybe);
        }
    }

    /// Parts what is in the set from what isn't.
    fn split(&mut self, set: &Bits) {
        let mut touched = Vec::new();
        for member in set.members() {
            let class = self.class_of[member] as usize;
            if self.hits[class] == 0 {
                touched.push(class);
            }
            self.hits[class] += 1;
        }
        for &class in &touched {
            let inside = self.hits[class];
            self.hits[class] = class as u32;
            if inside < self.sizes[class] {
                self.hits[class] = self.sizes.len() as u32;
                self.sizes[class] -= inside;
                self.sizes.push(inside);
            }
        }
        self.hits.resize(self.sizes.len(), 0);
        for member in set.members() {
            let class = self.class_of[member] as usize;
            self.class_of[member] = self.hits[class];
        }
        touched.into_iter().for_each(|class| self.hits[class] = 0);
    }

    /// The classes, numbered by their first members, without policies yet.
    fn classes(self, cluster: &Cluster) -> Reach {
        let mut renumbered: Vec<Option<ClassId>> = vec![None; self.sizes.len()];
        let mut classes: Vec<Class> = Vec::new();
        let mut class_of = Vec::with_capacity(self.class_of.len());
        for (position, (workload, class)) in std::iter::zip(&cluster.workloads, &self.class_of).enumerate() {
            let id = *renumbered[*class as usize].get_or_insert(ClassId(classes.len() as u32));
            if id.0 as usize == classes.len() {
                classes.push(Class {
                    members: Vec::new(),
                    host_network: workload.host_network,
                    ports: workload.ports.clone(),
                    ingress: Half::default(),
                    egress: Half::default(),
                });
            }
            classes[id.0 as usize].members.push(WorkloadId(position as u32));
            class_of.push(id);
        }
        let replicated = cluster.workloads.iter().enumerate().filter(|(_, workload)| workload.replicated);
        Reach {
            replicated: Bits::from_members(class_of.len(), replicated.map(|(position, _)| position)),
            open_inward: Bits::none(classes.len()),
            let_in_by: vec![Vec::new(); classes.len()],
            classes,
            class_of,
            peers: Vec::new(),
            unions: Vec::new(),
            rules: Vec::new(),
        }
    }
}
