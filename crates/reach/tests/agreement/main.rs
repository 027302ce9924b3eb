//! The engine agrees, packet by packet, with a reference evaluator that shares no code with it, over random clusters.
//!
//! Every cluster is made from one number, which a failure prints: `REACH_SEED=number cargo test -p reach` repeats it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod random;
mod reference;

use reach::{Addresses, Cluster, Endpoint, IpRange, PortName, PortSet, Protocol, Reach, Side, WorkloadId};
use reference::{Answer, End};
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

const N_CLUSTERS: u64 = 1500;

#[test]
fn engine_and_reference_agree() {
    match std::env::var("REACH_SEED") {
        Ok(seed) => check(seed.parse().expect("REACH_SEED is a number")),
        Err(_) => (0..N_CLUSTERS).for_each(check),
    }
}

/// Compares all answers of the engine about the cluster of one seed.
fn check(seed: u64) {
    let cluster = random::cluster(seed);
    let reach = Reach::new(&cluster);
    let mut flows = HashMap::new();
    reach.each_flow(|flow| {
        assert!(!flow.ports.is_empty(), "seed {seed}: a flow without ports {flow:?}");
        flows.entry((flow.from, flow.to)).or_insert_with(Vec::new).push(flow.ports.clone());
    });
    assert_disjoint(seed, &flows);
    let ends = ends(&cluster);
    for &from in &ends {
        for &to in &ends {
            if matches!((from, to), (End::Address(_), End::Address(_))) {
                continue;
            }
            check_pair(seed, &cluster, &reach, &flows, (from, to));
        }
    }
}

type Flows = HashMap<(Endpoint, Endpoint), Vec<PortSet>>;

fn check_pair(seed: u64, cluster: &Cluster, reach: &Reach, flows: &Flows, (from, to): (End, End)) {
    let verdict = reach.allowed(endpoint(from), endpoint(to));
    let listed = listed(flows, endpoint(from), endpoint(to));
    let oneself = from == to && !cluster.workloads[workload(from)].replicated;
    for (protocol, port) in ports(cluster) {
        let expected = reference::packet(cluster, from, to, protocol, port);
        let found =
            match (verdict.allowed.contains(protocol, port), verdict.undecided.contains(protocol, port)) {
                (true, false) => Answer::Yes,
                (false, true) => Answer::Maybe,
                (false, false) => Answer::No,
                (true, true) => panic!("seed {seed}: both allowed and undecided"),
            };
        let what = || format!("seed {seed}: {from:?} to {to:?} on {protocol} {port}\n{cluster:#?}");
        assert_eq!(found, expected, "allowed, {}", what());
        assert_eq!(
            found == Answer::Maybe,
            expected == Answer::Maybe && !verdict.doubts.is_empty(),
            "doubts, {}",
            what()
        );
        if oneself {
            continue;
        }
        assert_eq!(listed.contains(protocol, port), expected == Answer::Yes, "each_flow, {}", what());
        let explained = reach.explain(endpoint(from), endpoint(to), protocol, port).expect("an explanation");
        let answers = [explained.egress, explained.ingress].map(|side| match side {
            Side::NotIsolated => Answer::Yes,
            Side::Allowed(rules) if !rules.is_empty() => Answer::Yes,
            Side::Denied(policies) if !policies.is_empty() => Answer::No,
            Side::Undecided(doubts) if !doubts.is_empty() => Answer::Maybe,
            empty => panic!("{empty:?} names nothing, {}", what()),
        });
        assert_eq!(answers[0].min(answers[1]), expected, "explain, {}", what());
    }
}

/// What the list of flows has for a pair, where a single address is looked up in the ranges.
fn listed(flows: &Flows, from: Endpoint, to: Endpoint) -> PortSet {
    let covers = |listed: &Endpoint, wanted: Endpoint| match (listed, wanted) {
        (Endpoint::Addresses(range), Endpoint::Addresses(address)) => range.intersection(address).is_some(),
        (listed, wanted) => *listed == wanted,
    };
    let matching = flows.iter().filter(|((a, b), _)| covers(a, from) && covers(b, to));
    matching.flat_map(|(_, sets)| sets).fold(PortSet::none(), |all, more| all.union(more))
}

/// No pair is listed twice, and one workload's ranges in one direction don't overlap, nor do their networks.
fn assert_disjoint(seed: u64, flows: &Flows) {
    let mut ranges: HashMap<(bool, WorkloadId), Vec<IpRange>> = HashMap::new();
    for ((from, to), sets) in flows {
        assert_eq!(sets.len(), 1, "seed {seed}: {from:?} to {to:?} is listed twice");
        match (from, to) {
            (Endpoint::Workload(workload), Endpoint::Addresses(range)) => {
                ranges.entry((true, *workload)).or_default().push(*range);
            }
            (Endpoint::Addresses(range), Endpoint::Workload(workload)) => {
                ranges.entry((false, *workload)).or_default().push(*range);
            }
            _ => {}
        }
    }
    for (workload, mut ranges) in ranges {
        ranges.sort_unstable();
        let disjoint = ranges.windows(2).all(|pair| pair[0].last < pair[1].first);
        assert!(disjoint, "seed {seed}: {workload:?} has overlapping ranges {ranges:?}");
        for range in ranges {
            let networks = range.networks();
            let told: Vec<_> = Addresses::of(&networks).ranges().collect();
            assert_eq!(told, [range], "seed {seed}: {networks:?}");
        }
    }
}

fn endpoint(end: End) -> Endpoint {
    match end {
        End::Pod(position) => Endpoint::Workload(WorkloadId(position as u32)),
        End::Address(address) => Endpoint::Addresses(address.into()),
    }
}

fn workload(end: End) -> usize {
    match end {
        End::Pod(position) => position,
        End::Address(_) => 0,
    }
}

/// All pods, and the addresses at and beside every edge of a block.
fn ends(cluster: &Cluster) -> Vec<End> {
    let mut addresses: BTreeSet<IpAddr> =
        ["0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect();
    for block in random::blocks(cluster) {
        for net in [&block.cidr].into_iter().chain(&block.except) {
            let (first, last) = (net.network(), net.broadcast());
            addresses.extend([first, last]);
            addresses.extend([neighbour(first, false), neighbour(last, true)]);
        }
    }
    let pods = (0..cluster.workloads.len()).map(End::Pod);
    pods.chain(addresses.into_iter().map(End::Address)).collect()
}

/// The address beside another, around the end of its family.
fn neighbour(address: IpAddr, up: bool) -> IpAddr {
    match address {
        IpAddr::V4(v4) if up => IpAddr::V4(u32::from(v4).wrapping_add(1).into()),
        IpAddr::V4(v4) => IpAddr::V4(u32::from(v4).wrapping_sub(1).into()),
        IpAddr::V6(v6) if up => IpAddr::V6(u128::from(v6).wrapping_add(1).into()),
        IpAddr::V6(v6) => IpAddr::V6(u128::from(v6).wrapping_sub(1).into()),
    }
}

/// The ports at and beside every edge that policies or pods name, of all protocols.
fn ports(cluster: &Cluster) -> Vec<(Protocol, u16)> {
    let rules = cluster.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let named = rules.flat_map(|rule| &rule.ports).filter_map(|port| match port.port {
        Some(PortName::Numbers(first, last)) => Some([first, last]),
        _ => None,
    });
    let declared = cluster.workloads.iter().flat_map(|workload| &workload.ports).map(|port| [port.port; 2]);
    let mut numbers: BTreeSet<u16> = BTreeSet::from([1, 65535]);
    for number in named.chain(declared).flatten() {
        numbers.extend([number - 1, number, number.saturating_add(1)].iter().filter(|number| **number > 0));
    }
    let protocols = Protocol::ALL.into_iter();
    protocols.flat_map(|protocol| numbers.iter().map(move |number| (protocol, *number))).collect()
}
