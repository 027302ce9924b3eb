//! What is open: for one pair, and for all of them as rows of classes.

use crate::address::IpRange;
use crate::build::{Class, ClassId, CompiledRule, Half, Reach};
use crate::explain::Doubt;
use crate::input::WorkloadId;
use crate::intervals::Point;
use crate::ports::{PortRange, PortSet};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One end of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A pod of a workload.
    Workload(WorkloadId),
    /// Any address of a range, seen as one outside the cluster: a pod that has such an address is a workload.
    Addresses(IpRange),
}

/// Ports that are open from one end to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow<'a> {
    /// Who connects.
    pub from: Endpoint,
    /// Who is connected to.
    pub to: Endpoint,
    /// At least one port.
    pub ports: &'a PortSet,
}

/// What is surely open from one class, or into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The sets of ports in use; the lists below have positions in it.
    pub ports: Vec<PortSet>,
    /// Classes reached, in order.
    pub classes: Vec<(ClassId, u32)>,
    /// Addresses reached, or let in: sorted and disjoint.
    pub addresses: Vec<(IpRange, u32)>,
}

/// The answer for one pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Surely open; for a range of addresses, open for all of it.
    pub allowed: PortSet,
    /// Open or not, depending on what is not evaluated.
    pub undecided: PortSet,
    /// Why the undecided ports are so.
    pub doubts: Vec<Doubt>,
}

/// What one side of a flow lets through.
pub(crate) struct Passing {
    pub surely: PortSet,
    /// What may pass at most.
    pub perhaps: PortSet,
}

impl CompiledRule {
    /// The ports it opens on a destination; an address has no named ports.
    pub(crate) fn ports_on(&self, destination: Option<&Class>) -> Cow<'_, PortSet> {
        if self.named.is_empty() {
            return Cow::Borrowed(&self.fixed);
        }
        let declared = destination.map_or(&[][..], |class| &class.ports);
        let resolved = declared
            .iter()
            .filter(|port| {
                self.named.iter().any(|(protocol, name)| *protocol == port.protocol && *name == port.name)
            })
            .map(|port| PortRange { protocol: port.protocol, first: port.port, last: port.port })
            .collect();
        Cow::Owned(self.fixed.union(&resolved))
    }
}

impl Reach {
    /// What is open from one end to the other. Between two addresses, or for a workload the cluster doesn't have,
    /// nothing.
    pub fn allowed(&self, from: Endpoint, to: Endpoint) -> Verdict {
        let class = |workload: WorkloadId| self.class_of(workload).map(|class| class.0 as usize);
        let (outward, inward, doubts) = match (from, to) {
            (Endpoint::Workload(from), Endpoint::Workload(to)) => {
                if from == to && !self.replicated.contains(from.0 as usize) {
                    return Verdict {
                        allowed: PortSet::all(),
                        undecided: PortSet::none(),
                        doubts: Vec::new(),
                    };
                }
                let (Some(from), Some(to)) = (class(from), class(to)) else { return Verdict::nothing() };
                (self.outward(from, to), self.inward(from, to), self.doubts_between(from, to))
            }
            (Endpoint::Workload(from), Endpoint::Addresses(range)) => {
                let Some(from) = class(from) else { return Verdict::nothing() };
                let half = &self.classes[from].egress;
                (self.over_range(half, range), Passing::everything(), half.doubts())
            }
            (Endpoint::Addresses(range), Endpoint::Workload(to)) => {
                let Some(to) = class(to) else { return Verdict::nothing() };
                let class = &self.classes[to];
                (Passing::everything(), self.over_range_into(class, range), class.ingress.doubts())
            }
            (Endpoint::Addresses(_), Endpoint::Addresses(_)) => return Verdict::nothing(),
        };
        let allowed = outward.surely.intersection(&inward.surely);
        let undecided = outward.perhaps.intersection(&inward.perhaps).difference(&allowed);
        let doubts = if undecided.is_empty() { Vec::new() } else { doubts };
        Verdict { allowed, undecided, doubts }
    }

    /// What the egress of one class lets through to another.
    pub(crate) fn outward(&self, from: usize, to: usize) -> Passing {
        let destination = &self.classes[to];
        self.passing(&self.classes[from].egress, to, destination, false)
    }

    /// What the ingress of one class lets in from another.
    pub(crate) fn inward(&self, from: usize, to: usize) -> Passing {
        let destination = &self.classes[to];
        // Their node may be the same one, and what comes from a pod's own node is never blocked.
        self.passing(&destination.ingress, from, destination, self.classes[from].host_network)
    }

    fn passing(&self, half: &Half, peer: usize, destination: &Class, perhaps_local: bool) -> Passing {
        if half.is_undecided() {
            return Passing { surely: PortSet::none(), perhaps: PortSet::all() };
        }
        if !half.is_isolated() {
            return Passing::everything();
        }
        let open = |doubtful: bool| {
            let rules = half.rules.iter().map(|rule| &self.rules[*rule]);
            let matching = rules.filter(|rule| {
                let pods = &self.unions[rule.union].pods;
                pods.yes.contains(peer) || doubtful && pods.maybe.contains(peer)
            });
            union_of_ports(matching.map(|rule| rule.ports_on(Some(destination)))).into_owned()
        };
        Passing { surely: open(false), perhaps: if perhaps_local { PortSet::all() } else { open(true) } }
    }

    fn over_range(&self, half: &Half, range: IpRange) -> Passing {
        self.over(half, &self.address_rows(half, None), range)
    }

    fn over_range_into(&self, class: &Class, range: IpRange) -> Passing {
        self.over(&class.ingress, &self.address_rows(&class.ingress, Some(class)), range)
    }

    /// What all of a range may use: the intersection over its parts, none of which may be missing.
    fn over(&self, half: &Half, rows: &[(IpRange, PortSet)], range: IpRange) -> Passing {
        if half.is_undecided() {
            return Passing { surely: PortSet::none(), perhaps: PortSet::all() };
        }
        let mut surely = PortSet::all();
        let mut next = Some(range.first);
        for (part, ports) in rows {
            let Some(common) = part.intersection(range) else { continue };
            if next == Some(common.first) {
                surely = surely.intersection(ports);
                next = common.last.next().filter(|next| *next <= range.last);
                if next.is_none() {
                    return Passing { perhaps: surely.clone(), surely };
                }
            }
        }
        Passing { surely: PortSet::none(), perhaps: PortSet::none() }
    }

    /// What is surely open from a class: to classes, and to addresses.
    pub fn row(&self, from: ClassId) -> Row {
        let mut row = RowBuilder::default();
        let position = from.0 as usize;
        let half = &self.classes[position].egress;
        if half.is_undecided() {
            return row.row;
        }
        for to in self.candidates(position).members() {
            let destination = &self.classes[to];
            let outward = self.surely_open(half, to, destination);
            let inward = self.surely_open(&destination.ingress, position, destination);
            let ports = match (outward.is_all(), inward.is_all()) {
                (true, _) => inward,
                (_, true) => outward,
                _ => Cow::Owned(outward.intersection(&inward)),
            };
            if let Some(ports) = row.position(ports) {
                row.row.classes.push((ClassId(to as u32), ports));
            }
        }
        row.addresses(self.address_rows(half, None))
    }

    /// What is surely open into a class from addresses outside.
    pub fn row_from_addresses(&self, to: ClassId) -> Row {
        let class = &self.classes[to.0 as usize];
        RowBuilder::default().addresses(self.address_rows(&class.ingress, Some(class)))
    }

    /// Shows every flow there surely is: from workloads in the order of their classes, then from addresses.
    pub fn each_flow(&self, mut visit: impl FnMut(Flow<'_>)) {
        for class in self.classes() {
            let row = self.row(class);
            for &from in self.members(class) {
                for &(target, ports) in &row.classes {
                    let ports = &row.ports[ports as usize];
                    for &to in self.members(target).iter().filter(|to| self.is_flow(from, **to)) {
                        visit(Flow { from: Endpoint::Workload(from), to: Endpoint::Workload(to), ports });
                    }
                }
                for &(range, ports) in &row.addresses {
                    let ports = &row.ports[ports as usize];
                    visit(Flow { from: Endpoint::Workload(from), to: Endpoint::Addresses(range), ports });
                }
            }
        }
        for class in self.classes() {
            let row = self.row_from_addresses(class);
            for &to in self.members(class) {
                for &(range, ports) in &row.addresses {
                    let ports = &row.ports[ports as usize];
                    visit(Flow { from: Endpoint::Addresses(range), to: Endpoint::Workload(to), ports });
                }
            }
        }
    }

    /// Whether traffic between two workloads is a flow, and not one pod talking to itself.
    pub fn is_flow(&self, from: WorkloadId, to: WorkloadId) -> bool {
        from != to || self.replicated.contains(from.0 as usize)
    }

    /// The classes that both sides have some rule for.
    fn candidates(&self, from: usize) -> crate::bits::Bits {
        let mut open = self.open_inward.clone();
        self.let_in_by[from].iter().for_each(|union| open.add(&self.unions[*union].lets_into));
        let half = &self.classes[from].egress;
        if half.is_isolated() {
            let mut named = crate::bits::Bits::none(self.classes.len());
            half.rules.iter().for_each(|rule| named.add(&self.unions[self.rules[*rule].union].pods.yes));
            open.keep(&named);
        }
        open
    }

    fn surely_open<'a>(&'a self, half: &'a Half, peer: usize, destination: &'a Class) -> Cow<'a, PortSet> {
        if !half.is_isolated() {
            return Cow::Owned(PortSet::all());
        }
        let rules = half.rules.iter().map(|rule| &self.rules[*rule]);
        let matching = rules.filter(|rule| self.unions[rule.union].pods.yes.contains(peer));
        union_of_ports(matching.map(|rule| rule.ports_on(Some(destination))))
    }

    /// What is open between a class and addresses, cut where rules differ and joined where they don't.
    fn address_rows(&self, half: &Half, destination: Option<&Class>) -> Vec<(IpRange, PortSet)> {
        if half.is_undecided() {
            return Vec::new();
        }
        if !half.is_isolated() {
            return crate::Addresses::all().ranges().map(|range| (range, PortSet::all())).collect();
        }
        let rules: Vec<_> = half
            .rules
            .iter()
            .map(|rule| &self.rules[*rule])
            .map(|rule| (&self.unions[rule.union].addresses, rule.ports_on(destination)))
            .filter(|(addresses, ports)| !addresses.is_empty() && !ports.is_empty())
            .collect();
        let ranges = rules.iter().flat_map(|(addresses, _)| addresses.ranges());
        let mut cuts: Vec<IpAddr> =
            ranges.flat_map(|range| [Some(range.first), range.last.next()]).flatten().collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut rows: Vec<(IpRange, PortSet)> = Vec::new();
        for (place, &first) in cuts.iter().enumerate() {
            let matching = rules.iter().filter(|(addresses, _)| addresses.contains(first));
            let ports = union_of_ports(matching.map(|(_, ports)| Cow::Borrowed(&**ports)));
            if ports.is_empty() {
                continue;
            }
            let next = cuts.get(place + 1).filter(|next| next.is_ipv4() == first.is_ipv4());
            let last = next.and_then(|next| next.previous()).unwrap_or(last_of_family(first));
            match rows.last_mut() {
                Some((range, same)) if *same == *ports && range.last.next() == Some(first) => {
                    range.last = last;
                }
                _ => rows.push((IpRange { first, last }, ports.into_owned())),
            }
        }
        rows
    }
}

fn last_of_family(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::BROADCAST.into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(u128::MAX).into(),
    }
}

/// The union; what is one set only stays borrowed.
fn union_of_ports<'a>(sets: impl Iterator<Item = Cow<'a, PortSet>>) -> Cow<'a, PortSet> {
    sets.reduce(|all, more| if all == more { all } else { Cow::Owned(all.union(&more)) }).unwrap_or_default()
}

impl Passing {
    fn everything() -> Passing {
        Passing { surely: PortSet::all(), perhaps: PortSet::all() }
    }
}

impl Verdict {
    fn nothing() -> Verdict {
        Verdict { allowed: PortSet::none(), undecided: PortSet::none(), doubts: Vec::new() }
    }
}

/// A row in the making, with its sets of ports each once.
#[derive(Default)]
struct RowBuilder {
    row: Row,
    known: HashMap<PortSet, u32>,
}

impl RowBuilder {
    /// The position of a set, unless it is empty.
    fn position(&mut self, ports: Cow<'_, PortSet>) -> Option<u32> {
        if ports.is_empty() {
            return None;
        }
        if let Some(position) = self.known.get(&*ports) {
            return Some(*position);
        }
        let position = self.row.ports.len() as u32;
        self.row.ports.push(ports.clone().into_owned());
        self.known.insert(ports.into_owned(), position);
        Some(position)
    }

    fn addresses(mut self, rows: Vec<(IpRange, PortSet)>) -> Row {
        for (range, ports) in rows {
            if let Some(position) = self.position(Cow::Owned(ports)) {
                self.row.addresses.push((range, position));
            }
        }
        self.row
    }
}
