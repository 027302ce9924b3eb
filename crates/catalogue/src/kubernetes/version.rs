//! Versions of Kubernetes, and sets of them.

use std::fmt;

/// A minor version that the schemas cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u8);

const OLDEST: u8 = 33;
const NEWEST: u8 = 37;

impl Version {
    /// Every version that the schemas cover, oldest first.
    pub const ALL: [Self; 5] = [Self(OLDEST), Self(34), Self(35), Self(36), Self(NEWEST)];

    /// Reads `1.36`, `v1.36` or `1.36.3`; `None` for anything else and for a version that isn't covered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let minor: u8 = minor.parse().ok()?;
        (major == "1" && (OLDEST..=NEWEST).contains(&minor)).then_some(Self(minor))
    }

    /// The minor version: 36 for 1.36.
    #[must_use]
    pub fn minor(self) -> u8 {
        self.0
    }
}

impl Default for Version {
    /// 1.36, the version that this project's own control plane runs.
    fn default() -> Self {
        Self(36)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1.{}", self.0)
    }
}

/// A set of versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions(u8);

impl Versions {
    /// Reads the table's notation: `*`, or ranges of minor versions such as `33-34,36-37`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self((1 << Version::ALL.len()) - 1));
        }
        let mut set = Self::default();
        for range in text.split(',') {
            let (first, last) = range.split_once('-')?;
            let (first, last): (u8, u8) = (first.parse().ok()?, last.parse().ok()?);
            for version in Version::ALL {
                if (first..=last).contains(&version.0) {
                    set.0 |= 1 << (version.0 - OLDEST);
                }
            }
        }
        Some(set)
    }

    /// Whether the version is in the set.
    #[must_use]
    pub fn contains(self, version: Version) -> bool {
        self.0 & (1 << (version.0 - OLDEST)) != 0
    }

    /// The versions, oldest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Version> {
        Version::ALL.into_iter().filter(move |version| self.contains(*version))
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, Versions};

    #[test]
    fn versions_are_read_as_people_write_them() {
        let check = |text, expected: Option<u8>| {
            assert_eq!(Version::parse(text).map(Version::minor), expected, "{text}");
        };
        check("1.36", Some(36));
        check("v1.33", Some(33));
        check("1.37.2", Some(37));
        check("1.32", None);
        check("1.38", None);
        check("2.36", None);
        check("1", None);
        check("", None);
        assert_eq!(Version::default().to_string(), "1.36");
    }

    #[test]
    fn sets_are_ranges() {
        let check = |text, expected: &[u8]| {
            let set = Versions::parse(text).unwrap_or_default();
            assert_eq!(set.iter().map(Version::minor).collect::<Vec<_>>(), expected, "{text}");
        };
        check("*", &[33, 34, 35, 36, 37]);
        check("34-36", &[34, 35, 36]);
        check("33-33,37-37", &[33, 37]);
        check("nonsense", &[]);
    }
}
