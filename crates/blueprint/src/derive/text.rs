//! Values with honest origins: texts set together from others, defaults with their reason, derived figures.

use tree::{FieldPath, Origin, Part, Val};

/// A text under construction that remembers which part came from where.
#[derive(Default)]
pub(crate) struct Text {
    text: String,
    parts: Vec<Part>,
    inputs: Vec<Origin>,
}

impl Text {
    /// Begins with a fixed part.
    pub(crate) fn of(literal: &str) -> Self {
        Self::default().lit(literal)
    }

    /// Begins with a value.
    pub(crate) fn from(value: &Val<String>) -> Self {
        Self::default().val(value)
    }

    /// Adds a fixed part.
    pub(crate) fn lit(mut self, literal: &str) -> Self {
        self.text.push_str(literal);
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => *last = format!("{last}{literal}").into(),
            _ if literal.is_empty() => {}
            _ => self.parts.push(Part::Literal(literal.into())),
        }
        self
    }

    /// Adds a value.
    pub(crate) fn val(self, value: &Val<String>) -> Self {
        self.shown(&value.value, &value.origin)
    }

    /// Adds a value in the form it is shown in.
    pub(crate) fn shown(mut self, value: &dyn std::fmt::Display, origin: &Origin) -> Self {
        let text = value.to_string();
        self.text.push_str(&text);
        let index = u16::try_from(self.inputs.len()).unwrap_or(u16::MAX);
        self.inputs.push(origin.clone());
        self.parts.push(Part::Input { index, text: text.into() });
        self
    }

    /// Adds a reason that shows nowhere in the text.
    pub(crate) fn because(mut self, origin: &Origin) -> Self {
        self.inputs.push(origin.clone());
        self
    }

    /// The whole.
    pub(crate) fn done(self) -> Val<String> {
        Val::new(self.text, Origin::format(self.parts, self.inputs))
    }
}

/// The path of a field of a definition object.
pub(crate) fn field(part_of: &str, path: &str) -> FieldPath {
    FieldPath::new(format!("{part_of}.spec.{path}"))
}

/// A default of the product: the field that changes it, and why it is so.
pub(crate) fn default<T>(part_of: &str, path: &str, value: T, reason: &'static str) -> Val<T> {
    Val::new(value, Origin::default_of(field(part_of, path), reason))
}

/// A value that follows from others under a declared name.
pub(crate) fn derived<T>(name: &'static str, value: T, inputs: impl IntoIterator<Item = Origin>) -> Val<T> {
    Val::new(value, Origin::derived(name, inputs))
}

/// The name of an environment variable made of a definition name: `ml-pipeline` is `ML_PIPELINE`.
pub(crate) fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// Whole seconds of a length of time, rounded up.
pub(crate) fn seconds(time: model::types::Duration) -> u64 {
    time.0.div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_remember_their_parts() {
        let name = default("Component/a", "name", "a".to_owned(), "A test.");
        let text = Text::from(&name).lit("-").lit("config").done();
        assert_eq!(text.value, "a-config");
        let tree::OriginKind::Computed { how: tree::How::Format(parts), inputs } = text.origin.kind() else {
            panic!("not a format: {:?}", text.origin);
        };
        assert_eq!((parts.len(), inputs.len()), (2, 1));
    }

    #[test]
    fn names_become_variables() {
        for (name, expected) in [("ml-pipeline", "ML_PIPELINE"), ("a.b", "A_B"), ("x9", "X9")] {
            assert_eq!(variable(name), expected);
        }
    }
}
