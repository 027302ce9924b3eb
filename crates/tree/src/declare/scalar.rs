//! Scalars: how a written text becomes a value.

use super::meta::{JsonType, ScalarType};
use crate::node::Style;

/// A scalar as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// Its text, without quotes.
    pub text: &'a str,
    /// Whether it was quoted, or a block: then it is text whatever it looks like.
    pub quoted: bool,
}

impl<'a> Text<'a> {
    /// A text in a style.
    #[must_use]
    pub fn new(text: &'a str, style: Style) -> Self {
        Self { text, quoted: style != Style::Plain }
    }

    /// Whether it says that there is nothing.
    #[must_use]
    pub fn is_null(self) -> bool {
        !self.quoted && matches!(self.text, "" | "~" | "null" | "Null" | "NULL")
    }
}

/// A type that one scalar is read into.
pub trait Scalar: Sized + 'static {
    /// What it is, with an article: `a port`.
    const NAME: &'static str;
    /// An example, as it would be written.
    const EXAMPLE: &'static str;
    /// What JSON may hold for it.
    const JSON: &'static [JsonType] = &[JsonType::String];
    /// A regular expression (ECMA 262) that its strings match.
    const PATTERN: Option<&'static str> = None;

    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with the text, as the end of a sentence: `70000 is outside 1 to 65535`.
    fn parse(text: Text<'_>) -> Result<Self, String>;

    /// The same, as data.
    fn meta() -> &'static ScalarType {
        const {
            &ScalarType {
                name: Self::NAME,
                example: Self::EXAMPLE,
                check: |text| Self::parse(text).map(|_| ()),
                json: Self::JSON,
                pattern: Self::PATTERN,
            }
        }
    }
}

impl Scalar for String {
    const NAME: &'static str = "a text";
    const EXAMPLE: &'static str = "text";
    const JSON: &'static [JsonType] = &[JsonType::String, JsonType::Number, JsonType::Boolean];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        Ok(text.text.to_owned())
    }
}

impl Scalar for bool {
    const NAME: &'static str = "true or false";
    const EXAMPLE: &'static str = "true";
    const JSON: &'static [JsonType] = &[JsonType::Boolean];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        match text.text {
            quoted if text.quoted => Err(format!("\"{quoted}\" is text; write it without quotes")),
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            other => Err(format!("`{other}` is neither")),
        }
    }
}

fn whole(text: Text<'_>, least: i64, most: i64) -> Result<i64, String> {
    let written = text.text;
    if text.quoted {
        return Err(format!("\"{written}\" is text; write it without quotes"));
    }
    let value: i64 = written.parse().map_err(|_| format!("`{written}` is not a whole number"))?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(format!("{value} is outside {least} to {most}"))
}

impl Scalar for u32 {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "2";
    const JSON: &'static [JsonType] = &[JsonType::Integer(0, i32::MAX as i64)];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let value = whole(text, 0, i64::from(i32::MAX))?;
        Self::try_from(value).map_err(|_| format!("{value} is too large"))
    }
}

impl Scalar for i64 {
    const NAME: &'static str = "a whole number";
    const EXAMPLE: &'static str = "1000";
    const JSON: &'static [JsonType] = &[JsonType::Integer(i64::MIN, i64::MAX)];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        whole(text, Self::MIN, Self::MAX)
    }
}
