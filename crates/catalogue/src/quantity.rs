//! Resource quantities such as `250m`, `1.5Gi` and `2e3`, with exact arithmetic.
//!
//! Grammar, rounding and canonical form are those of `resource.Quantity` in Kubernetes' apimachinery
//! (`pkg/api/resource/quantity.go`, v0.36): amounts below a billionth are rounded up to it, binary amounts are
//! capped at 2^63−1, and the suffix chosen for printing is the largest that needs no fraction.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

/// An amount, in billionths of its unit (cores, bytes, pieces).
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nanos: i128,
    notation: Notation,
}

/// How an amount was written, and is printed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Notation {
    /// `m`, `k`, `M` …
    #[default]
    Decimal,
    /// `Ki`, `Mi`, `Gi` …
    Binary,
    /// `e3`
    Exponent,
}

/// Why a text isn't a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// No digits are there (Kubernetes takes a bare suffix for zero), or something that is no part of a quantity.
    Malformed,
    /// The suffix is none of Kubernetes'.
    Suffix,
    /// The amount is beyond what is handled here, about 1.7×10^29; Kubernetes itself may take it.
    TooLarge,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => {
                "not a quantity: digits with an optional point and suffix are expected, \
                 as in `250m` or `1.5Gi`"
            }
            Self::Suffix => {
                "no such suffix: n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent \
                 are expected"
            }
            Self::TooLarge => "too large a quantity",
        })
    }
}

impl std::error::Error for QuantityError {}

const NANOS: i128 = 1_000_000_000;
const BINARY_MAXIMUM: u128 = i64::MAX as u128 * NANOS as u128;
const DECIMAL_SUFFIXES: [(&str, i64); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY_SUFFIXES: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0, notation: Notation::Decimal };

    /// Reads a quantity as Kubernetes does.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let whole = leading_digits(unsigned);
        let rest = &unsigned[whole.len()..];
        let fraction = rest.strip_prefix('.').map_or("", leading_digits);
        let suffix = rest.strip_prefix('.').map_or(rest, |rest| &rest[fraction.len()..]);
        if whole.is_empty() && fraction.is_empty() || !is_suffix_shaped(suffix) {
            return Err(QuantityError::Malformed);
        }
        let digits = [whole, fraction].concat();
        let places = fraction.len() as i64;
        let (magnitude, notation) = match suffix_of(suffix).ok_or(QuantityError::Suffix)? {
            Suffix::Decimal(exponent, notation) => {
                (scaled(&digits, 1, exponent.saturating_sub(places).saturating_add(9))?, notation)
            }
            Suffix::Binary(bits) => binary(&digits, bits, 9 - places)?,
        };
        let magnitude = i128::try_from(magnitude).map_err(|_| QuantityError::TooLarge)?;
        Ok(Self { nanos: if text.starts_with('-') { -magnitude } else { magnitude }, notation })
    }

    /// A number of whole units, printed with decimal suffixes.
    #[must_use]
    pub fn from_units(units: i64) -> Self {
        Self { nanos: i128::from(units) * NANOS, notation: Notation::Decimal }
    }

    /// A number of thousandths: CPU is usually counted so.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self { nanos: i128::from(millis) * (NANOS / 1000), notation: Notation::Decimal }
    }

    /// A number of bytes, printed with binary suffixes.
    #[must_use]
    pub fn from_bytes(bytes: i64) -> Self {
        Self { nanos: i128::from(bytes) * NANOS, notation: Notation::Binary }
    }

    /// The amount in billionths, exactly.
    #[must_use]
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// The amount in whole units, rounded up (away from zero) as `Quantity.Value` does.
    #[must_use]
    pub fn units(self) -> i64 {
        round_up(self.nanos, NANOS)
    }

    /// The amount in thousandths, rounded up (away from zero) as `Quantity.MilliValue` does.
    #[must_use]
    pub fn millis(self) -> i64 {
        round_up(self.nanos, NANOS / 1000)
    }

    /// Whether there is nothing of it.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// The notation of a sum or difference: a zero adapts to the other operand.
    fn with_nanos(self, nanos: i128, other: Self) -> Self {
        Self { nanos, notation: if self.is_zero() { other.notation } else { self.notation } }
    }
}

enum Suffix {
    /// A power of ten.
    Decimal(i64, Notation),
    /// A power of two.
    Binary(u32),
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

/// Letters of suffixes, then a signed number or nothing: what Kubernetes calls malformed else.
fn is_suffix_shaped(suffix: &str) -> bool {
    let rest = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    leading_digits(rest) == rest
}

fn suffix_of(suffix: &str) -> Option<Suffix> {
    if let Some((_, exponent)) = DECIMAL_SUFFIXES.iter().find(|(name, _)| *name == suffix) {
        return Some(Suffix::Decimal(*exponent, Notation::Decimal));
    }
    if let Some(index) = BINARY_SUFFIXES.iter().position(|name| *name == suffix) {
        return Some(Suffix::Binary((index as u32 + 1) * 10));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some(Suffix::Decimal(exponent, Notation::Exponent))
}

/// `digits × factor × 10^exponent`, a fraction rounded up.
fn scaled(digits: &str, factor: u128, exponent: i64) -> Result<u128, QuantityError> {
    let mut digits = digits.trim_start_matches('0').to_owned();
    let mut exponent = exponent;
    let mut remainder = false;
    if digits.is_empty() {
        return Ok(0);
    }
    let most = if factor == 1 { 38 } else { 20 };
    while digits.len() > most && exponent < 0 {
        remainder |= digits.pop() != Some('0');
        exponent += 1;
    }
    let number: u128 = digits.parse().map_err(|_| QuantityError::TooLarge)?;
    let number = number.checked_mul(factor).ok_or(QuantityError::TooLarge)?;
    let power = u32::try_from(exponent.unsigned_abs()).ok().and_then(|places| 10_u128.checked_pow(places));
    match (exponent < 0, power) {
        (false, Some(power)) => number.checked_mul(power).ok_or(QuantityError::TooLarge),
        (false, None) => Err(QuantityError::TooLarge),
        (true, Some(power)) => Ok(number / power + u128::from(remainder || number % power != 0)),
        (true, None) => Ok(1),
    }
}

/// Binary amounts are capped, and one below a whole unit becomes decimal.
fn binary(digits: &str, bits: u32, exponent: i64) -> Result<(u128, Notation), QuantityError> {
    let magnitude = match scaled(digits, 1 << bits, exponent) {
        Err(QuantityError::TooLarge) => BINARY_MAXIMUM,
        other => other?,
    };
    let notation = if (1..NANOS as u128).contains(&magnitude) { Notation::Decimal } else { Notation::Binary };
    Ok((magnitude.min(BINARY_MAXIMUM), notation))
}

fn round_up(nanos: i128, unit: i128) -> i64 {
    let rounded = nanos.unsigned_abs().div_ceil(unit.unsigned_abs());
    let rounded = i64::try_from(rounded).unwrap_or(i64::MAX);
    if nanos < 0 { -rounded } else { rounded }
}

impl Quantity {
    /// With a point and at most two digits behind it, in the largest unit that this gives exactly; `None` where the
    /// canonical form is as short.
    fn with_point(self) -> Option<String> {
        let amount = self.nanos;
        let hundredfold = amount.checked_mul(100)?;
        let suffixes: Vec<(&str, i128)> = if self.notation == Notation::Binary {
            BINARY_SUFFIXES.iter().zip(1..).map(|(suffix, power)| (*suffix, NANOS << (10 * power))).collect()
        } else {
            vec![("", NANOS)]
        };
        let (suffix, unit) =
            suffixes.into_iter().rev().find(|(_, unit)| amount > *unit && hundredfold % unit == 0)?;
        let (whole, hundredths) = (amount / unit, hundredfold / unit % 100);
        let fraction = format!("{hundredths:02}");
        (hundredths > 0).then(|| format!("{whole}.{}{suffix}", fraction.trim_end_matches('0')))
    }
}

impl fmt::Display for Quantity {
    /// The canonical form: what `kubectl get -o yaml` shows. The alternate form (`{:#}`) is for people: the
    /// same amount with a point where that is shorter, `56.4` for `56400m` and `102.5Gi` for `104960Mi`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return formatter.write_str("0");
        }
        if formatter.alternate()
            && let Some(text) = self.with_point()
        {
            return formatter.write_str(&text);
        }
        let whole = self.nanos % NANOS == 0;
        if self.notation == Notation::Binary
            && whole
            && self.nanos.unsigned_abs() >= 1024 * NANOS.unsigned_abs()
        {
            let (amount, times) = without_factors(self.nanos / NANOS, 1024, BINARY_SUFFIXES.len());
            let suffix = times
                .checked_sub(1)
                .and_then(|index| BINARY_SUFFIXES.get(index))
                .copied()
                .unwrap_or_default();
            return write!(formatter, "{amount}{suffix}");
        }
        if self.notation == Notation::Exponent {
            let (amount, times) = without_factors(self.nanos, 1000, usize::MAX);
            let exponent = 3 * times as i64 - 9;
            return if exponent == 0 {
                write!(formatter, "{amount}")
            } else {
                write!(formatter, "{amount}e{exponent}")
            };
        }
        let (amount, times) = without_factors(self.nanos, 1000, DECIMAL_SUFFIXES.len() - 1);
        let suffix = DECIMAL_SUFFIXES.get(times).map_or("", |(suffix, _)| suffix);
        write!(formatter, "{amount}{suffix}")
    }
}

/// Divides by a factor as often as it goes without remainder, at most so many times; the amount isn't zero.
fn without_factors(mut amount: i128, factor: i128, most: usize) -> (i128, usize) {
    let mut times = 0;
    while times < most && amount % factor == 0 {
        amount /= factor;
        times += 1;
    }
    (amount, times)
}

impl PartialEq for Quantity {
    /// By amount: `1` equals `1000m`.
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl std::hash::Hash for Quantity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.nanos.hash(state);
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Self::parse(text)
    }
}

impl Add for Quantity {
    type Output = Self;

    /// Exact; stops at the largest amount instead of overflowing.
    fn add(self, other: Self) -> Self {
        self.with_nanos(self.nanos.saturating_add(other.nanos), other)
    }
}

impl Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with_nanos(self.nanos.saturating_sub(other.nanos), other)
    }
}

impl Mul<i64> for Quantity {
    type Output = Self;

    fn mul(self, times: i64) -> Self {
        Self { nanos: self.nanos.saturating_mul(i128::from(times)), ..self }
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::{Quantity, QuantityError};

    fn canonical(text: &str) -> Result<String, QuantityError> {
        Quantity::parse(text).map(|quantity| quantity.to_string())
    }

    #[test]
    fn people_read_a_point() {
        let check = |text, expected: &str| {
            let quantity = Quantity::parse(text).expect("a quantity");
            assert_eq!(format!("{quantity:#}"), expected, "{text}");
            assert_eq!(Quantity::parse(expected), Ok(quantity), "the same amount");
        };
        check("56400m", "56.4");
        check("104960Mi", "102.5Gi");
        check("1536Mi", "1.5Gi");
        check("500m", "500m");
        check("1234m", "1234m");
        check("2", "2");
        check("4Gi", "4Gi");
        check("512Mi", "512Mi");
        check("0", "0");
    }

    #[test]
    fn quantities_have_one_canonical_form() {
        let check = |text, expected: &str| assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        check("0", "0");
        check("1", "1");
        check("1000", "1k");
        check("1500", "1500");
        check("250m", "250m");
        check("0.5", "500m");
        check("1000m", "1");
        check("0.0000000001", "1n");
        check("1Gi", "1Gi");
        check("1024Mi", "1Gi");
        check("1536Mi", "1536Mi");
        check("1.5Gi", "1536Mi");
        check("0.5Ki", "512");
        check("0.0005Ki", "512m");
        check("512Ki", "512Ki");
        check("1000Ki", "1000Ki");
        check("1e3", "1e3");
        check("12E2", "1200");
        check("1E", "1E");
        check("100k", "100k");
        check("-1Mi", "-1Mi");
        check("16Ei", "9223372036854775807");
        check(".5", "500m");
        check("5.", "5");
        check("+5", "5");
        check("007", "7");
    }

    #[test]
    fn what_is_not_a_quantity_says_why() {
        let check = |text, expected| assert_eq!(canonical(text), Err(expected), "{text}");
        check("", QuantityError::Malformed);
        check("1,5Gi", QuantityError::Malformed);
        check("1.5.2", QuantityError::Malformed);
        check("1 Gi", QuantityError::Malformed);
        check("ten", QuantityError::Malformed);
        check("1gi", QuantityError::Malformed);
        check("1Gb", QuantityError::Malformed);
        check("1K", QuantityError::Suffix);
        check("1mm", QuantityError::Suffix);
        check("1GiB", QuantityError::Malformed);
        check("1e", QuantityError::Suffix);
        check("1e40", QuantityError::TooLarge);
    }

    #[test]
    fn arithmetic_is_exact() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert_eq!(quantity("1Gi") + quantity("512Mi"), quantity("1.5Gi"));
        assert_eq!((Quantity::ZERO + quantity("1Gi")).to_string(), "1Gi");
        assert_eq!(quantity("0.1") * 3, quantity("300m"));
        assert_eq!(quantity("2") - quantity("2500m"), quantity("-500m"));
        assert_eq!([quantity("100m"), quantity("0.4")].into_iter().sum::<Quantity>().to_string(), "500m");
        assert_eq!(quantity("1001m").units(), 2);
        assert_eq!(quantity("-1001m").units(), -2);
        assert_eq!(quantity("1.0001").millis(), 1001);
        assert!(quantity("1Gi") > quantity("1G"));
        assert_eq!(Quantity::from_millis(1500).to_string(), "1500m");
        assert_eq!(Quantity::from_bytes(1 << 30).to_string(), "1Gi");
    }
}
