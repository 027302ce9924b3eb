//! What is reported to a person.

use crate::Span;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; also everything that could not be evaluated.
    Note,
    /// Likely wrong, or wrong unless something outside the files makes it right.
    Warning,
    /// Certainly wrong, from the files alone.
    Error,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether something is wrong or could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The rule is violated.
    Violated,
    /// It could not be decided; the level is then [`Level::Note`].
    NotEvaluated,
}

/// Names an object for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its kind, as written in its manifest.
    pub kind: String,
    /// Its namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// A place that takes part in a finding, with what it contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The place.
    pub span: Span,
    /// What is to be said of it; may be empty.
    pub label: String,
}

/// One defect, or one thing that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, in kebab case: the name a user allows it by.
    pub rule: &'static str,
    /// How much it matters.
    pub level: Level,
    /// Violated, or not evaluated.
    pub outcome: Outcome,
    /// One sentence that makes sense alone: lower case, no full stop.
    pub message: String,
    /// The objects concerned, the main one first.
    pub objects: Vec<ObjectRef>,
    /// The scopes it was seen in.
    pub scopes: Vec<String>,
    /// Every deciding place, the main one first.
    pub locations: Vec<Annotation>,
    /// Full sentences that explain.
    pub notes: Vec<String>,
    /// A full sentence that says what to do.
    pub help: Option<String>,
    /// What tells this defect from others of the rule and objects: field path and offending name. Never a file,
    /// line, scope, form or figure.
    pub about: Vec<String>,
}

impl Finding {
    /// A violated rule, with nothing but its sentence.
    #[must_use]
    pub fn new(rule: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self {
            rule,
            level,
            outcome: Outcome::Violated,
            message: message.into(),
            objects: Vec::new(),
            scopes: Vec::new(),
            locations: Vec::new(),
            notes: Vec::new(),
            help: None,
            about: Vec::new(),
        }
    }

    /// Something that could not be judged, and why.
    #[must_use]
    pub fn not_evaluated(rule: &'static str, message: impl Into<String>) -> Self {
        Self { outcome: Outcome::NotEvaluated, ..Self::new(rule, Level::Note, message) }
    }

    /// Adds a deciding place; the first one added is the main one.
    #[must_use]
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.locations.push(Annotation { span, label: label.into() });
        self
    }

    /// Adds an object.
    #[must_use]
    pub fn object(mut self, object: ObjectRef) -> Self {
        self.objects.push(object);
        self
    }

    /// Adds the scope it was seen in.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Adds an explaining sentence.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a part of the fingerprint.
    #[must_use]
    pub fn about(mut self, part: impl Into<String>) -> Self {
        self.about.push(part.into());
        self
    }
}
