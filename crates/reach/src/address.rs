//! Sets of IPv4 and IPv6 addresses, and how a range is told as networks.

use crate::input::Block;
use crate::intervals::{Intervals, Point};
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Point for IpAddr {
    fn next(self) -> Option<Self> {
        match self {
            IpAddr::V4(address) => {
                address.to_bits().checked_add(1).map(|bits| Ipv4Addr::from_bits(bits).into())
            }
            IpAddr::V6(address) => {
                address.to_bits().checked_add(1).map(|bits| Ipv6Addr::from_bits(bits).into())
            }
        }
    }

    fn previous(self) -> Option<Self> {
        match self {
            IpAddr::V4(address) => {
                address.to_bits().checked_sub(1).map(|bits| Ipv4Addr::from_bits(bits).into())
            }
            IpAddr::V6(address) => {
                address.to_bits().checked_sub(1).map(|bits| Ipv6Addr::from_bits(bits).into())
            }
        }
    }
}

/// Addresses `first` to `last` of one family, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpRange {
    /// The lowest address.
    pub first: IpAddr,
    /// The highest address, of the same family.
    pub last: IpAddr,
}

impl IpRange {
    /// The fewest networks that are this range together, in order.
    pub fn networks(self) -> Vec<IpNet> {
        match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Ipv4Subnets::new(first, last, 0).map(IpNet::V4).collect()
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                Ipv6Subnets::new(first, last, 0).map(IpNet::V6).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What both ranges have, if anything.
    pub fn intersection(self, other: IpRange) -> Option<IpRange> {
        let range = IpRange { first: self.first.max(other.first), last: self.last.min(other.last) };
        (range.first <= range.last && range.first.is_ipv4() == range.last.is_ipv4()).then_some(range)
    }
}

impl From<IpNet> for IpRange {
    fn from(net: IpNet) -> Self {
        IpRange { first: net.network(), last: net.broadcast() }
    }
}

impl From<IpAddr> for IpRange {
    fn from(address: IpAddr) -> Self {
        IpRange { first: address, last: address }
    }
}

/// A set of addresses of both families.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses(Intervals<IpAddr>);

impl Addresses {
    /// Every address of both families.
    pub fn all() -> Addresses {
        Addresses(Intervals::new([
            (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into()),
            (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from_bits(u128::MAX).into()),
        ]))
    }

    /// What networks cover together.
    pub fn of(networks: &[IpNet]) -> Addresses {
        Addresses(Intervals::new(networks.iter().map(|net| (net.network(), net.broadcast()))))
    }

    /// What an `ipBlock` covers.
    pub fn of_block(block: &Block) -> Addresses {
        Addresses(Self::of(&[block.cidr]).0.difference(&Self::of(&block.except).0))
    }

    /// Whether there is no address in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the two share an address.
    pub fn overlaps(&self, other: &Addresses) -> bool {
        !self.0.intersection(&other.0).is_empty()
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// The union of ranges.
    pub fn of_ranges(ranges: impl IntoIterator<Item = IpRange>) -> Addresses {
        Addresses(Intervals::new(ranges.into_iter().map(|range| (range.first, range.last))))
    }

    /// What is in this one only.
    pub fn difference(&self, other: &Addresses) -> Addresses {
        Addresses(self.0.difference(&other.0))
    }

    /// What is in either.
    pub fn union(&self, other: &Addresses) -> Addresses {
        Addresses(self.0.union(&other.0))
    }

    /// The ranges: sorted, disjoint, as long as can be.
    pub fn ranges(&self) -> impl Iterator<Item = IpRange> + '_ {
        self.0.ranges().iter().map(|&(first, last)| IpRange { first, last })
    }
}
