//! Values of the definition: types with units, ranges and exact arithmetic.

/// A Kubernetes quantity, as written; `catalogue::Quantity` has its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quantity(pub String);

/// A length of time, in milliseconds. Written `30s`, `15m`, `1h`, `30d`, `7y` (365 days a year).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

/// A share of the whole, in thousandths of a percent: `70%` is 70,000, `99.95%` is 99,950.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(pub u32);

/// A number of pods or a percentage of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Share {
    /// So many.
    Count(u32),
    /// So many per cent, 0 to 100.
    Percent(u32),
}

/// A port, 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub u16);

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr(pub ipnet::IpNet);

/// A schedule of five fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cron(pub String);

/// A DNS name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hostname(pub String);

/// An image reference: `[host/]path[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// Host and path.
    pub repository: String,
    /// Tag.
    pub tag: Option<String>,
    /// Digest, `sha256:…`.
    pub digest: Option<String>,
}
