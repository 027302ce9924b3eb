//! How Kubernetes reads a scalar.
//!
//! Everything Kubernetes reads as YAML goes through `sigs.k8s.io/yaml`, which resolves scalars with go-yaml v2
//! (`go.yaml.in/yaml/v2` v2.4.2, `resolve.go`) and prints them as JSON. What follows is that behaviour, held to it by
//! `tests/kube_scalars.rs`: YAML 1.1 booleans, C-like octals, underscores, no sexagesimals, timestamps as strings.

use std::borrow::Cow;

use crate::node::{Node, NodeRef, Style};

/// A scalar as Kubernetes sees it, after the way through JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KubeScalar<'a> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number, also one written as `1e3`: JSON doesn't tell them apart.
    Int(i64),
    /// A whole number that no `i64` holds.
    UInt(u64),
    /// Any other number. Infinities and NaN are such, though JSON can't print them.
    Float(f64),
    /// A text.
    Str(&'a str),
}

pub(crate) const STR_TAG: &str = "tag:yaml.org,2002:str";
const PREFIX: &str = "tag:yaml.org,2002:";

impl<'a> NodeRef<'a> {
    /// The scalar as Kubernetes reads it; [`KubeScalar::Null`] for collections.
    #[must_use]
    pub fn kube(self) -> KubeScalar<'a> {
        match resolve(self.node()) {
            Resolved::Float(float) => whole(float).map_or(KubeScalar::Float(float), KubeScalar::Int),
            Resolved::Null => KubeScalar::Null,
            Resolved::Bool(value) => KubeScalar::Bool(value),
            Resolved::Int(value) => KubeScalar::Int(value),
            Resolved::UInt(value) => KubeScalar::UInt(value),
            Resolved::Str(text) => KubeScalar::Str(text),
        }
    }

    /// The scalar as Kubernetes reads it where it stands as a key: `yes:` is `true`, `0x10:` is `16`.
    #[must_use]
    pub fn kube_key(self) -> Cow<'a, str> {
        key(self.node())
    }

    /// The text, where Kubernetes reads one.
    #[must_use]
    pub fn str(self) -> Option<&'a str> {
        if let KubeScalar::Str(text) = self.kube() { Some(text) } else { None }
    }

    /// The whole number, where Kubernetes reads one.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        if let KubeScalar::Int(value) = self.kube() { Some(value) } else { None }
    }

    /// The truth value, where Kubernetes reads one.
    #[must_use]
    pub fn bool(self) -> Option<bool> {
        if let KubeScalar::Bool(value) = self.kube() { Some(value) } else { None }
    }

    /// Whether it is a scalar that Kubernetes reads as nothing.
    #[must_use]
    pub fn is_null(self) -> bool {
        is_null(self.node())
    }
}

/// A whole `i64` in a float, which JSON prints without a fraction.
fn whole(float: f64) -> Option<i64> {
    // 2^63 is a float, i64::MAX is not.
    let fits =
        float.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    #[expect(clippy::cast_possible_truncation, reason = "in range and whole")]
    fits.then_some(float as i64)
}

pub(crate) fn is_null(node: &Node) -> bool {
    matches!(node, Node::Scalar { .. }) && resolve(node) == Resolved::Null
}

/// Whether Kubernetes' reader takes a node as a key: neither collections, nor null, nor numbers beyond `i64`.
pub(crate) fn may_be_key(node: &Node) -> bool {
    !matches!(resolve(node), Resolved::Null | Resolved::UInt(_))
}

/// Whether Kubernetes reads a scalar without quotes as anything but a text.
pub(crate) fn plain_is_typed(text: &str) -> bool {
    !matches!(plain(text), Resolved::Str(_))
}

/// A key's text as Kubernetes reads it; empty for what can't be a key.
pub(crate) fn key(node: &Node) -> Cow<'_, str> {
    match resolve(node) {
        Resolved::Null => Cow::Borrowed(""),
        Resolved::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Resolved::Int(value) => Cow::Owned(value.to_string()),
        Resolved::UInt(value) => Cow::Owned(value.to_string()),
        Resolved::Float(value) => Cow::Owned(float_key(value)),
        Resolved::Str(text) => Cow::Borrowed(text),
    }
}

/// A float as `strconv.FormatFloat(f, 'g', -1, 32)` prints it, which is how `sigs.k8s.io/yaml` makes keys of floats.
fn float_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the original rounds to 32 bits, too")]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(-4..=5) | Err(_) => format!("{value}"),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
    }
}

#[derive(Debug, PartialEq)]
enum Resolved<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str(&'a str),
}

fn resolve(node: &Node) -> Resolved<'_> {
    match node {
        Node::Scalar { text, style: Style::Plain, tag: None } => plain(text),
        Node::Scalar { text, style: _, tag: None } => Resolved::Str(text),
        Node::Scalar { text, style: _, tag: Some(tag) } => match tag.strip_prefix(PREFIX) {
            Some("bool" | "int" | "null") => plain(text),
            Some("float") => match plain(text) {
                #[expect(clippy::cast_precision_loss, reason = "the original rounds, too")]
                Resolved::Int(value) => Resolved::Float(value as f64),
                other => other,
            },
            _ => Resolved::Str(text),
        },
        Node::Map(_) | Node::List(_) => Resolved::Null,
    }
}

/// Resolves a plain scalar without a tag.
fn plain(text: &str) -> Resolved<'_> {
    match text.bytes().next() {
        None => Resolved::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'.') => dotted(text),
        Some(b'0'..=b'9' | b'+' | b'-') => number(text),
        Some(_) => Resolved::Str(text),
    }
}

fn word(text: &str) -> Resolved<'_> {
    match text {
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Resolved::Bool(false)
        }
        _ => Resolved::Str(text),
    }
}

fn dotted(text: &str) -> Resolved<'_> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
        _ => {
            // Here alone underscores are left to Go's ParseFloat, which wants a digit on both sides of each.
            let bytes = text.as_bytes();
            let digit =
                |index: Option<usize>| index.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
            let apart = |(index, &byte): (usize, &u8)| {
                byte != b'_' || digit(index.checked_sub(1)) && digit(Some(index + 1))
            };
            let separated = bytes.iter().enumerate().all(apart);
            float(&text.replace('_', "")).filter(|_| separated).map_or(Resolved::Str(text), Resolved::Float)
        }
    }
}

fn number(text: &str) -> Resolved<'_> {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let digits: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(value) = signed(&digits) {
        return Resolved::Int(value);
    }
    if let Some(value) = unsigned(&digits) {
        return Resolved::UInt(value);
    }
    if let Some(value) = float(&digits) {
        return Resolved::Float(value);
    }
    // Left over from before Go knew `0b`: a sign may stand behind the prefix.
    let binary = digits.strip_prefix("0b").and_then(|bits| i64::from_str_radix(bits, 2).ok());
    binary.map_or(Resolved::Str(text), Resolved::Int)
}

/// The radix that a prefix means to Go's `ParseInt` with base 0, and the digits behind it.
fn radix(digits: &str) -> (u32, &str) {
    let prefixes = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)];
    for (prefix, radix) in prefixes {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return (radix, rest);
        }
    }
    match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    }
}

fn magnitude(digits: &str) -> Option<u64> {
    let (radix, digits) = radix(digits);
    // `from_str_radix` takes a sign, which can't stand here.
    let unsigned = digits.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    u64::from_str_radix(digits, radix).ok().filter(|_| unsigned)
}

fn signed(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0i64.checked_sub_unsigned(magnitude(digits)?),
        None => i64::try_from(magnitude(text.strip_prefix('+').unwrap_or(text))?).ok(),
    }
}

fn unsigned(text: &str) -> Option<u64> {
    magnitude(text)
}

/// A decimal float as YAML writes it; one too large for a float is none.
fn float(text: &str) -> Option<f64> {
    let shape = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let value = text.parse::<f64>().ok().filter(|_| text.bytes().all(shape))?;
    value.is_finite().then_some(value)
}

/// Checks a tagged scalar as go-yaml does: `Ok(Some(text))` where the text has to be decoded (`!!binary`).
pub(crate) fn tagged(text: &str, tag: &str) -> Result<Option<String>, String> {
    let Some(name) = tag.strip_prefix(PREFIX) else { return Ok(None) };
    let fits = match (name, plain(text)) {
        ("binary", _) => {
            let decoded = base64(text).ok_or("`!!binary` is followed by something that is no base64")?;
            return Ok(Some(text_of(&decoded)));
        }
        ("bool", value) => matches!(value, Resolved::Bool(_)),
        ("null", value) => matches!(value, Resolved::Null),
        ("int", value) => matches!(value, Resolved::Int(_) | Resolved::UInt(_)),
        ("float", value) => matches!(value, Resolved::Int(_) | Resolved::Float(_)),
        _ => true,
    };
    if fits { Ok(None) } else { Err(format!("the value can't be read as `!!{name}`")) }
}

/// Bytes as text, as Go's JSON prints them: each byte that is no UTF-8 becomes a replacement character.
fn text_of(bytes: &[u8]) -> String {
    let invalid = |bytes: &[u8]| "\u{fffd}".repeat(bytes.len());
    bytes.utf8_chunks().map(|chunk| chunk.valid().to_owned() + &invalid(chunk.invalid())).collect()
}

/// Standard base64 with padding; line ends are skipped, as Go's decoder does.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let body = digits.strip_suffix(b"==").or_else(|| digits.strip_suffix(b"=")).unwrap_or(&digits);
    let (mut bits, mut n_bits, mut bytes) = (0u32, 0, Vec::new());
    for &digit in body {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits & 0xff) as u8);
        }
    }
    Some(bytes)
}
