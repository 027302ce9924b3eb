//! What a declaration says of its fields, as data.

use super::scalar::Text;

/// A declared struct.
#[derive(Debug)]
pub struct Struct {
    /// Its Rust name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in declared order.
    pub fields: &'static [Field],
    /// How a scalar stands for it.
    pub shorthand: Shorthand,
}

/// How one scalar stands for a whole struct.
#[derive(Debug)]
pub enum Shorthand {
    /// It doesn't.
    None,
    /// It is the value of this field.
    Field(&'static str),
    /// It is split at a character: before it one field, behind it another.
    Split(&'static str, char, &'static str),
}

/// A field of a declared struct.
#[derive(Debug)]
pub struct Field {
    /// Its key in files.
    pub key: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// Its type.
    pub of: fn() -> Type,
    /// Whether a file must give it.
    pub required: bool,
    /// The only values it takes; empty for any.
    pub choices: &'static [&'static str],
}

/// The type of a field.
#[derive(Debug)]
pub enum Type {
    /// One value.
    Scalar(&'static ScalarType),
    /// A declared struct.
    Struct(&'static Struct),
    /// A mapping with names of the owner's choice.
    Keyed(Box<Type>),
    /// A list.
    List(Box<Type>),
    /// Anything: kept as it is written, typed by what it is used for.
    Any,
}

/// The type of a scalar.
#[derive(Debug)]
pub struct ScalarType {
    /// What it is, with an article: `a port`.
    pub name: &'static str,
    /// An example, as it would be written.
    pub example: &'static str,
    /// Says what is wrong with a text.
    pub check: fn(Text<'_>) -> Result<(), String>,
    /// What JSON may hold for it.
    pub json: &'static [JsonType],
    /// A regular expression (ECMA 262) that its strings match, where one says something.
    pub pattern: Option<&'static str>,
}

/// A type of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonType {
    /// Text.
    String,
    /// A whole number, with its bounds.
    Integer(i64, i64),
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
}

impl Struct {
    /// The field with this key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

impl Type {
    /// The same type once more.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Scalar(of) => Self::Scalar(of),
            Self::Struct(of) => Self::Struct(of),
            Self::Keyed(of) => Self::Keyed(Box::new(of.again())),
            Self::List(of) => Self::List(Box::new(of.again())),
            Self::Any => Self::Any,
        }
    }

    /// What it is, with an article, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.name.to_owned(),
            Self::Struct(record) => {
                let keys: Vec<_> = record.fields.iter().take(3).map(|field| field.key).collect();
                format!("a mapping with fields such as {}", keys.join(", "))
            }
            Self::Keyed(of) => format!("a mapping of names, each to {}", of.describe()),
            Self::List(of) => format!("a list, each item {}", of.describe()),
            Self::Any => "anything".to_owned(),
        }
    }
}
