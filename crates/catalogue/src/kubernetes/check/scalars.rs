//! Scalars, as Go decodes them into the fields of Kubernetes' types.

use tree::{KubeScalar, NodeRef};

use super::super::table::{Schemas, Shape};
use super::{Expected, Found, SchemaProblemKind};
use crate::quantity::{Quantity, QuantityError};

type Checked = Result<(), SchemaProblemKind>;

/// Whether a node has the shape of a scalar.
pub(super) fn check(schemas: &Schemas, shape: Shape, node: NodeRef<'_>) -> Checked {
    match shape {
        Shape::String => text(node, Expected::String).map(|_| ()),
        Shape::Enum(number) => enumerated(schemas.enumeration(number), text(node, Expected::Enum)?),
        Shape::Bytes => base64(text(node, Expected::Base64)?),
        Shape::Time => time(text(node, Expected::Time)?),
        Shape::MicroTime => micro_time(text(node, Expected::Time)?),
        Shape::Boolean => boolean(node),
        Shape::Int32 => whole(node, 32),
        Shape::Int64 => whole(node, 64),
        Shape::Number => number(node),
        Shape::IntOrString => int_or_string(node),
        Shape::Quantity => quantity(node),
        Shape::Any | Shape::Object | Shape::Struct(_) | Shape::List(_) | Shape::Map(_) => Ok(()),
    }
}

fn scalar(node: NodeRef<'_>) -> Option<KubeScalar<'_>> {
    (!node.is_map() && !node.is_list()).then(|| node.kube())
}

fn wrong<T>(expected: Expected, node: NodeRef<'_>) -> Result<T, SchemaProblemKind> {
    Err(SchemaProblemKind::WrongType { expected, found: Found::of(node) })
}

fn bad(expected: Expected, why: impl Into<String>) -> Checked {
    Err(SchemaProblemKind::BadFormat { expected, why: why.into() })
}

/// The text of a node that must be one.
pub(super) fn text<'t>(node: NodeRef<'t>, expected: Expected) -> Result<&'t str, SchemaProblemKind> {
    match scalar(node) {
        Some(KubeScalar::Str(text)) => Ok(text),
        _ => wrong(expected, node),
    }
}

/// An empty text counts as left out: the API server puts the default in its place.
fn enumerated(allowed: &[&str], text: &str) -> Checked {
    if text.is_empty() || allowed.contains(&text) {
        return Ok(());
    }
    let nearest = diag::nearest(text, allowed.iter().copied()).map(str::to_owned);
    Err(SchemaProblemKind::BadEnum {
        allowed: allowed.iter().map(|&value| value.to_owned()).collect(),
        nearest,
    })
}

pub(super) fn boolean(node: NodeRef<'_>) -> Checked {
    if let Some(KubeScalar::Bool(_)) = scalar(node) { Ok(()) } else { wrong(Expected::Boolean, node) }
}

/// A whole number that fits so many bits.
pub(super) fn whole(node: NodeRef<'_>, bits: u32) -> Checked {
    let fits = match scalar(node) {
        Some(KubeScalar::Int(value)) => bits == 64 || i32::try_from(value).is_ok(),
        Some(KubeScalar::UInt(_)) => false,
        _ => return wrong(Expected::WholeNumber, node),
    };
    if fits { Ok(()) } else { bad(Expected::WholeNumber, format!("it doesn't fit {bits} bits")) }
}

pub(super) fn number(node: NodeRef<'_>) -> Checked {
    match scalar(node) {
        Some(KubeScalar::Int(_) | KubeScalar::UInt(_) | KubeScalar::Float(_)) => Ok(()),
        _ => wrong(Expected::Number, node),
    }
}

pub(super) fn int_or_string(node: NodeRef<'_>) -> Checked {
    match scalar(node) {
        Some(KubeScalar::Str(_)) => Ok(()),
        Some(KubeScalar::Int(_) | KubeScalar::UInt(_)) => whole(node, 32),
        _ => wrong(Expected::IntOrString, node),
    }
}

fn quantity(node: NodeRef<'_>) -> Checked {
    match scalar(node) {
        Some(KubeScalar::Int(_) | KubeScalar::UInt(_) | KubeScalar::Float(_)) => Ok(()),
        Some(KubeScalar::Str(text)) => match Quantity::parse(text.trim()) {
            Ok(_) | Err(QuantityError::TooLarge) => Ok(()),
            Err(error) => bad(Expected::Quantity, error.to_string()),
        },
        _ => wrong(Expected::Quantity, node),
    }
}

/// RFC 4648, section 4, with padding; line ends are passed over, as Go's `encoding/base64` does.
pub(super) fn base64(text: &str) -> Checked {
    let letters = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let (mut n_letters, mut n_padding) = (0_usize, 0_usize);
    for byte in letters {
        match byte {
            b'=' => n_padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if n_padding == 0 => n_letters += 1,
            _ => return bad(Expected::Base64, "it has characters that base64 doesn't use"),
        }
    }
    let whole = (n_letters + n_padding) % 4 == 0 && n_padding <= 2;
    if whole { Ok(()) } else { bad(Expected::Base64, "its length isn't that of padded base64") }
}

/// `2006-01-02T15:04:05Z` or with an offset or a fraction (RFC 3339, section 5.6), in the strictness of Go's
/// `time.Parse`.
pub(super) fn time(text: &str) -> Checked {
    if is_time(text) { Ok(()) } else { bad(Expected::Time, "it isn't written like `2026-01-31T15:04:05Z`") }
}

/// The same with exactly six digits of a fraction (`RFC3339Micro` in apimachinery's `meta/v1`).
fn micro_time(text: &str) -> Checked {
    let fraction = text.get(19..).and_then(|rest| rest.strip_prefix('.')).map_or("", |rest| rest);
    let n_digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    if is_time(text) && n_digits == 6 {
        return Ok(());
    }
    bad(
        Expected::Time,
        "it isn't written like `2026-01-31T15:04:05.000000Z`, with six digits behind the point",
    )
}

fn is_time(text: &str) -> bool {
    let digits = |from: usize, to: usize| -> Option<u32> {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let bytes = text.as_bytes();
    let separated = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !separated.iter().all(|&(at, separator)| bytes.get(at) == Some(&separator)) {
        return false;
    }
    let date = (digits(0, 4), digits(5, 7), digits(8, 10));
    let clock = (digits(11, 13), digits(14, 16), digits(17, 19));
    let (Some(year), Some(month), Some(day)) = date else { return false };
    let (Some(hour), Some(minute), Some(second)) = clock else { return false };
    let mut rest = &text[19..];
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let end = fraction.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(fraction.len());
        if end == 0 {
            return false;
        }
        rest = &fraction[end..];
    }
    let within = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    within && hour < 24 && minute < 60 && second < 60 && is_offset(rest)
}

fn is_offset(text: &str) -> bool {
    let number = |part: Option<&str>, limit: u8| {
        part.is_some_and(|part| {
            part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u8>().is_ok_and(|value| value <= limit)
        })
    };
    let signed = text.len() == 6 && text.starts_with(['+', '-']) && text.as_bytes()[3] == b':';
    text == "Z" || signed && number(text.get(1..3), 24) && number(text.get(4..6), 60)
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    }
}
