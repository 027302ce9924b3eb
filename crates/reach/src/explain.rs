//! Why one port is open or not: the rules that allow, the policies that deny, or what leaves it undecided.

use crate::build::{CompiledPeer, CompiledRule, Half, Reach};
use crate::flows::Endpoint;
use crate::input::{OtherId, PolicyId, WorkloadId};
use crate::ports::{Direction, Protocol};
use std::net::IpAddr;

/// A rule of a policy, or one peer of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// The policy.
    pub policy: PolicyId,
    /// Which of its lists.
    pub direction: Direction,
    /// The position in that list.
    pub rule: u32,
    /// The position in `from` or `to`; `None` where the rule has no peers and matches everything.
    pub peer: Option<u32>,
}

/// Why something is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// A policy that is not evaluated concerns the workload.
    Other(OtherId),
    /// The policy may select the workload; labels that aren't known decide.
    PerhapsSelected(PolicyId),
    /// The peer may match; labels that aren't known decide.
    Labels(RuleRef),
    /// The address block may cover the pod; its address and the network plugin decide.
    Block(RuleRef),
    /// The other end is on its node's network; the plugin, the node's address or the nodes being the same decide.
    HostNetwork,
}

/// What one side says about one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// No policy isolates it in this direction. An address never is isolated.
    NotIsolated,
    /// These rules let it through.
    Allowed(Vec<RuleRef>),
    /// These policies isolate it, and none has a rule that matches.
    Denied(Vec<PolicyId>),
    /// Not evaluated.
    Undecided(Vec<Doubt>),
}

/// Why a port is open or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The source's side.
    pub egress: Side,
    /// The destination's side.
    pub ingress: Side,
}

/// The other end, as one side sees it.
#[derive(Clone, Copy)]
enum Seen {
    Class(usize),
    Address(IpAddr),
}

impl Reach {
    /// Why `port` of `to` is open to `from` or not. Of a range of addresses, the first one is explained. `None`
    /// between two addresses, for one pod and itself, and for workloads the cluster doesn't have.
    pub fn explain(
        &self,
        from: Endpoint,
        to: Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> Option<Explanation> {
        if let (Endpoint::Workload(from), Endpoint::Workload(to)) = (from, to)
            && !self.is_flow(from, to)
        {
            return None;
        }
        let (from, to) = (self.seen(from)?, self.seen(to)?);
        if let (Seen::Address(_), Seen::Address(_)) = (from, to) {
            return None;
        }
        let question = Question { reach: self, destination: to, protocol, port };
        let egress = match from {
            Seen::Class(class) => question.side(&self.classes[class].egress, Direction::Egress, to),
            Seen::Address(_) => Side::NotIsolated,
        };
        let ingress = match to {
            Seen::Class(class) => question.side(&self.classes[class].ingress, Direction::Ingress, from),
            Seen::Address(_) => Side::NotIsolated,
        };
        Some(Explanation { egress, ingress })
    }

    /// The policies that isolate a workload in a direction.
    pub fn isolating(&self, workload: WorkloadId, direction: Direction) -> &[PolicyId] {
        match (self.class_of(workload), direction) {
            (Some(class), Direction::Ingress) => &self.classes[class.0 as usize].ingress.policies,
            (Some(class), Direction::Egress) => &self.classes[class.0 as usize].egress.policies,
            (None, _) => &[],
        }
    }

    /// Everything that leaves some answer about these workloads undecided, each once.
    pub fn doubts(&self, concerns: impl Fn(WorkloadId) -> bool) -> Vec<Doubt> {
        let concerned = |class: usize| self.classes[class].members.iter().any(|member| concerns(*member));
        let mut doubts = Vec::new();
        for (_, class) in self.classes.iter().enumerate().filter(|(place, _)| concerned(*place)) {
            for half in [&class.ingress, &class.egress] {
                doubts.extend(half.doubts());
            }
            if class.host_network {
                doubts.push(Doubt::HostNetwork);
            }
        }
        for rule in &self.rules {
            for (place, peer) in rule.peers.iter().map(|peer| &self.peers[*peer]).enumerate() {
                let mut unsure = peer.pods.maybe.clone();
                unsure.remove(&peer.pods.yes);
                let pods = |class: &usize| !self.classes[*class].host_network && concerned(*class);
                if unsure.members().any(|class| pods(&class)) {
                    let rule = rule.peer(place);
                    doubts.push(if peer.is_block { Doubt::Block(rule) } else { Doubt::Labels(rule) });
                }
            }
        }
        doubts.sort_unstable();
        doubts.dedup();
        doubts
    }

    fn seen(&self, endpoint: Endpoint) -> Option<Seen> {
        match endpoint {
            Endpoint::Workload(workload) => Some(Seen::Class(self.class_of(workload)?.0 as usize)),
            Endpoint::Addresses(range) => Some(Seen::Address(range.first)),
        }
    }

    /// Everything between two classes that is in doubt on either side, whatever the port.
    pub(crate) fn doubts_between(&self, from: usize, to: usize) -> Vec<Doubt> {
        let (source, destination) = (&self.classes[from], &self.classes[to]);
        let mut doubts = source.egress.doubts();
        doubts.extend(self.doubtful_peers(&source.egress, to));
        doubts.extend(destination.ingress.doubts());
        if source.host_network && destination.ingress.is_isolated() {
            doubts.push(Doubt::HostNetwork);
        }
        doubts.extend(self.doubtful_peers(&destination.ingress, from));
        doubts.sort_unstable();
        doubts.dedup();
        doubts
    }

    fn doubtful_peers(&self, half: &Half, peer: usize) -> Vec<Doubt> {
        let rules = half.rules.iter().map(|rule| &self.rules[*rule]);
        rules.flat_map(|rule| self.doubts_of(rule, peer)).collect()
    }

    /// The peers of a rule that may match a class, where none surely does.
    fn doubts_of<'a>(&'a self, rule: &'a CompiledRule, class: usize) -> impl Iterator<Item = Doubt> + 'a {
        let undecided = !self.unions[rule.union].pods.yes.contains(class);
        let peers = rule.peers.iter().enumerate().filter(move |_| undecided);
        peers.map(|(place, peer)| (place, &self.peers[*peer])).filter_map(move |(place, peer)| {
            if !peer.pods.maybe.contains(class) {
                return None;
            }
            Some(match (self.classes[class].host_network, peer.is_block) {
                (true, _) => Doubt::HostNetwork,
                (false, true) => Doubt::Block(rule.peer(place)),
                (false, false) => Doubt::Labels(rule.peer(place)),
            })
        })
    }
}

impl Half {
    /// What is in doubt for this side whoever the other is.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let others = self.others.iter().map(|other| Doubt::Other(*other));
        others.chain(self.perhaps.iter().map(|policy| Doubt::PerhapsSelected(*policy))).collect()
    }
}

impl CompiledRule {
    fn peer(&self, place: usize) -> RuleRef {
        RuleRef { peer: Some(place as u32), ..self.whole() }
    }

    fn whole(&self) -> RuleRef {
        RuleRef { policy: self.policy, direction: self.direction, rule: self.index, peer: None }
    }
}

/// One port of one destination.
struct Question<'a> {
    reach: &'a Reach,
    destination: Seen,
    protocol: Protocol,
    port: u16,
}

impl Question<'_> {
    fn side(&self, half: &Half, direction: Direction, other: Seen) -> Side {
        if half.is_undecided() {
            return Side::Undecided(half.doubts());
        }
        if !half.is_isolated() {
            return Side::NotIsolated;
        }
        let reach = self.reach;
        let destination = match self.destination {
            Seen::Class(class) => Some(&reach.classes[class]),
            Seen::Address(_) => None,
        };
        let rules = half.rules.iter().map(|rule| &reach.rules[*rule]);
        let open: Vec<&CompiledRule> =
            rules.filter(|rule| rule.ports_on(destination).contains(self.protocol, self.port)).collect();
        let allowing: Vec<RuleRef> = open.iter().flat_map(|rule| self.allowing(rule, other)).collect();
        if !allowing.is_empty() {
            return Side::Allowed(allowing);
        }
        let mut doubts = Vec::new();
        if let Seen::Class(class) = other {
            if direction == Direction::Ingress && reach.classes[class].host_network {
                doubts.push(Doubt::HostNetwork);
            }
            doubts.extend(open.iter().flat_map(|rule| reach.doubts_of(rule, class)));
        }
        doubts.sort_unstable();
        doubts.dedup();
        if doubts.is_empty() { Side::Denied(half.policies.clone()) } else { Side::Undecided(doubts) }
    }

    /// The peers of a rule that surely match, or the rule itself if it matches everything.
    fn allowing(&self, rule: &CompiledRule, other: Seen) -> Vec<RuleRef> {
        if rule.peers.is_empty() {
            return vec![rule.whole()];
        }
        let matches = |peer: &CompiledPeer| match other {
            Seen::Class(class) => peer.pods.yes.contains(class),
            Seen::Address(address) => peer.addresses.contains(address),
        };
        let places = rule.peers.iter().enumerate().filter(|(_, peer)| matches(&self.reach.peers[**peer]));
        places.map(|(place, _)| rule.peer(place)).collect()
    }
}
