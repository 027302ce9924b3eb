//! Why a value is what it is, and why it is there.

use std::sync::Arc;

use diag::Span;

/// The dotted path of a definition field, such as `Component/detection-engine.spec.replicas`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(Arc<str>);

impl FieldPath {
    /// A path from its text.
    #[must_use]
    pub fn new(path: impl Into<Arc<str>>) -> Self {
        Self(path.into())
    }

    /// The path of a field below this one.
    #[must_use]
    pub fn join(&self, field: &str) -> Self {
        Self(format!("{}.{field}", self.0).into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The layer of a definition that wrote a value; later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The document of the kind itself.
    Platform,
    /// What an environment changes.
    Environment,
    /// What one target of an environment changes.
    Target,
    /// An owner's patch of an emitted object.
    Patch,
}

/// Why a value is what it is. Cheap to clone; acyclic by construction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Arc<OriginKind>);

/// The ways in which a value comes about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// Somebody wrote it.
    Written {
        /// The definition field.
        field: FieldPath,
        /// Where it stands.
        span: Span,
        /// In which layer.
        layer: Layer,
        /// What it replaces, of an earlier layer.
        over: Option<Origin>,
    },
    /// Nobody wrote it: the product's default.
    Default {
        /// The definition field that would change it, or the path of the emitted field.
        field: FieldPath,
        /// Why this is the default: a full sentence.
        reason: &'static str,
    },
    /// A catalogue module states it.
    Catalogue {
        /// The module, such as `engines/dragonfly`.
        module: Arc<str>,
        /// The fact within it.
        fact: Arc<str>,
    },
    /// It follows from other values.
    Computed {
        /// How.
        how: How,
        /// From what; never empty for [`How::Format`] with inputs.
        inputs: Box<[Origin]>,
    },
}

/// How a computed value follows from its inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// Texts set beside each other.
    Format(Box<[Part]>),
    /// A derivation with a name, under which a Helm value may carry it.
    Derived(&'static str),
}

/// A part of a formatted text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The same in every scope.
    Literal(Box<str>),
    /// The value of an input.
    Input {
        /// Its index among the inputs.
        index: u16,
        /// Its text here.
        text: Box<str>,
    },
}

impl Origin {
    /// Written in a layer of the definition.
    #[must_use]
    pub fn written(field: FieldPath, span: Span, layer: Layer, over: Option<Self>) -> Self {
        Self(Arc::new(OriginKind::Written { field, span, layer, over }))
    }

    /// A default of the product.
    #[must_use]
    pub fn default_of(field: FieldPath, reason: &'static str) -> Self {
        Self(Arc::new(OriginKind::Default { field, reason }))
    }

    /// A fact of a catalogue module.
    #[must_use]
    pub fn catalogue(module: impl Into<Arc<str>>, fact: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(OriginKind::Catalogue { module: module.into(), fact: fact.into() }))
    }

    /// Derived from inputs under a declared name.
    #[must_use]
    pub fn derived(name: &'static str, inputs: impl IntoIterator<Item = Self>) -> Self {
        let inputs = inputs.into_iter().collect();
        Self(Arc::new(OriginKind::Computed { how: How::Derived(name), inputs }))
    }

    /// Formatted from parts.
    #[must_use]
    pub fn format(parts: impl Into<Box<[Part]>>, inputs: impl IntoIterator<Item = Self>) -> Self {
        let inputs = inputs.into_iter().collect();
        Self(Arc::new(OriginKind::Computed { how: How::Format(parts.into()), inputs }))
    }

    /// What kind of origin it is.
    #[must_use]
    pub fn kind(&self) -> &OriginKind {
        &self.0
    }

    /// Every place in the definition that this value goes back to, nearest first, each once.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let mut found = Vec::new();
        self.collect_spans(&mut found);
        found
    }

    fn collect_spans(&self, found: &mut Vec<Span>) {
        match self.kind() {
            OriginKind::Written { span, .. } if !found.contains(span) => found.push(*span),
            OriginKind::Computed { inputs, .. } => inputs.iter().for_each(|input| input.collect_spans(found)),
            _ => {}
        }
    }
}

/// A value with its origin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Val<T> {
    /// The value.
    pub value: T,
    /// Why it is so.
    pub origin: Origin,
}

impl<T> Val<T> {
    /// A value and its origin.
    #[must_use]
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// The same origin, another form of the value.
    #[must_use]
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Val<U> {
        Val { value: form(self.value), origin: self.origin }
    }
}

impl<T> std::ops::Deref for Val<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// What makes a list item the same item in another scope: its merge key, or the definition item behind it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(Arc<str>);

impl ItemKey {
    /// A key from its text.
    #[must_use]
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self(key.into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why an emitted node has its value, and why it is present.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Because {
    /// Why it has its value.
    pub value: Origin,
    /// Why it is there at all, where that is somebody's choice.
    pub presence: Option<Origin>,
    /// Its identity among the items of its list.
    pub item: Option<ItemKey>,
}

impl From<Origin> for Because {
    fn from(value: Origin) -> Self {
        Self { value, presence: None, item: None }
    }
}
