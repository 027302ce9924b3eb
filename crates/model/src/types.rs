//! Values of the definition: types with units, ranges and exact arithmetic.

mod cron;
mod image;
mod time;

use catalogue::quantity::QuantityError;
use tree::declare::{JsonType, Scalar, Text};

pub use cron::Cron;
pub use image::ImageRef;
pub use time::Duration;

/// A Kubernetes quantity, as written; [`Quantity::amount`] has its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quantity(pub String);

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

/// A DNS name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hostname(pub String);

impl Scalar for Quantity {
    const NAME: &'static str = "a quantity";
    const EXAMPLE: &'static str = "1.5Gi";
    const JSON: &'static [JsonType] = &[JsonType::String, JsonType::Number];
    const PATTERN: Option<&'static str> =
        Some(r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let parsed = catalogue::quantity::Quantity::parse(text.text);
        parsed.map(|_| Self(text.text.to_owned())).map_err(|problem| quantity_problem(text.text, problem))
    }
}

fn quantity_problem(written: &str, problem: QuantityError) -> String {
    if written.contains(',') {
        return format!("`{written}` has a comma; decimals take a point");
    }
    let unit = written.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let meant = match unit.to_ascii_lowercase().as_str() {
        "kb" | "kib" => "Ki",
        "mb" | "mib" => "Mi",
        "g" | "gb" | "gib" => "Gi",
        _ => return format!("`{written}` is {problem}"),
    };
    format!("`{unit}` is not a unit of Kubernetes; powers of 1,024 bytes are written `{meant}`")
}

impl Quantity {
    /// Its exact amount; zero for one that was not read by [`Scalar::parse`] and isn't a quantity.
    #[must_use]
    pub fn amount(&self) -> catalogue::quantity::Quantity {
        catalogue::quantity::Quantity::parse(&self.0).unwrap_or(catalogue::quantity::Quantity::ZERO)
    }
}

impl Scalar for Percent {
    const NAME: &'static str = "a percentage";
    const EXAMPLE: &'static str = "99.95%";
    const PATTERN: Option<&'static str> = Some(r"^[0-9]+(\.[0-9]{1,3})?%$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let written = text.text;
        let number = written.strip_suffix('%').ok_or(format!("`{written}` does not end in `%`"))?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || (number.contains('.') && !digits(fraction)) {
            return Err(format!("`{number}` is not a number"));
        }
        if fraction.len() > 3 {
            return Err(format!("`{written}` has more than three decimals"));
        }
        let thousandths = format!("{whole}{fraction:0<3}").parse::<u32>();
        thousandths.map(Self).map_err(|_| format!("`{written}` is too large"))
    }
}

impl Scalar for Share {
    const NAME: &'static str = "a number of pods or a percentage";
    const EXAMPLE: &'static str = "2 or 25%";
    const JSON: &'static [JsonType] = &[JsonType::Integer(0, i32::MAX as i64), JsonType::String];
    const PATTERN: Option<&'static str> = Some(r"^([0-9]|[1-9][0-9]|100)%$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let Some(number) = text.text.strip_suffix('%') else {
            return u32::parse(text).map(Self::Count);
        };
        match number.parse() {
            Ok(percent @ 0..=100) if !number.starts_with('+') => Ok(Self::Percent(percent)),
            _ => Err(format!("`{}` is outside 0% to 100%", text.text)),
        }
    }
}

impl Scalar for Port {
    const NAME: &'static str = "a port";
    const EXAMPLE: &'static str = "8080";
    const JSON: &'static [JsonType] = &[JsonType::Integer(1, 65_535)];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        match i64::parse(text)? {
            port @ 1..=65_535 => u16::try_from(port).map(Self).map_err(|_| String::new()),
            port => Err(format!("{port} is outside 1 to 65535")),
        }
    }
}

impl Scalar for Cidr {
    const NAME: &'static str = "a range of addresses";
    const EXAMPLE: &'static str = "10.0.0.0/16";

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let written = text.text;
        let net: ipnet::IpNet = written.parse().map_err(|_| {
            let plain = written.parse::<std::net::IpAddr>();
            match plain {
                Ok(std::net::IpAddr::V4(_)) => {
                    format!("`{written}` has no prefix; one address is `{written}/32`")
                }
                Ok(std::net::IpAddr::V6(_)) => {
                    format!("`{written}` has no prefix; one address is `{written}/128`")
                }
                Err(_) => format!("`{written}` is not an address with a prefix length"),
            }
        })?;
        if net.trunc() != net {
            return Err(format!("`{written}` has bits behind its prefix; the range is `{}`", net.trunc()));
        }
        Ok(Self(net))
    }
}

impl Scalar for Hostname {
    const NAME: &'static str = "a DNS name";
    const EXAMPLE: &'static str = "api.example.org";
    const PATTERN: Option<&'static str> =
        Some(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let written = text.text;
        if written.len() > 253 {
            return Err("it is longer than 253 characters".to_owned());
        }
        match written.split('.').find_map(|label| label_problem(label).map(|problem| (label, problem))) {
            Some((label, problem)) => Err(format!("`{label}` {problem}")),
            None => Ok(Self(written.to_owned())),
        }
    }
}

/// What keeps a text from being a DNS label (RFC 1123, section 2.1): 1 to 63 lower-case letters, digits and hyphens, no
/// hyphen at either end.
#[must_use]
pub fn label_problem(label: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match label {
        "" => Some("is empty"),
        _ if label.len() > 63 => Some("is longer than 63 characters"),
        _ if label.chars().any(|c| c.is_ascii_uppercase()) => Some("has upper-case letters"),
        _ if label.contains('_') => Some("has an underscore; names take hyphens"),
        _ if !label.chars().all(allowed) => Some("has characters other than a to z, 0 to 9 and hyphens"),
        _ if label.starts_with('-') || label.ends_with('-') => Some("starts or ends with a hyphen"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
