//! Lengths of time.

use tree::declare::{Scalar, Text};

/// A length of time, in milliseconds. Written `30s`, `15m`, `1h`, `30d`, `7y` (365 days a year), `1h30m`, `500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

/// Units by length, in milliseconds; the largest first, as they stand in a text.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl Duration {
    /// Whole seconds, rounded up.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.div_ceil(1_000)
    }
}

impl std::fmt::Display for Duration {
    /// As it would be written: `1h30m`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, length) in UNITS.iter().filter(|(unit, _)| *unit != "w") {
            if rest >= *length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
            }
        }
        Ok(())
    }
}

impl Scalar for Duration {
    const NAME: &'static str = "a length of time";
    const EXAMPLE: &'static str = "30s, 15m or 1h30m";
    const PATTERN: Option<&'static str> = Some(r"^([0-9]+(y|w|d|h|m|s|ms))+$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let written = text.text;
        let (mut rest, mut total, mut before) = (written, 0_u64, u64::MAX);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let behind = &rest[digits..];
            let letters = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
            let (number, unit) = (&rest[..digits], &behind[..letters]);
            let number: u64 = number.parse().map_err(|_| format!("`{written}` is no number and unit"))?;
            if unit.is_empty() {
                return Err(format!("`{written}` has no unit"));
            }
            let length = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, length)| *length);
            let length = length.ok_or(format!("`{unit}` is not a unit; they are ms, s, m, h, d, w and y"))?;
            if length >= before {
                return Err(format!("in `{written}` the units do not go from large to small"));
            }
            before = length;
            let part = number.checked_mul(length).and_then(|part| total.checked_add(part));
            total = part.ok_or(format!("`{written}` is too long"))?;
            rest = &behind[letters..];
        }
        if written.is_empty() { Err("it is empty".to_owned()) } else { Ok(Self(total)) }
    }
}
