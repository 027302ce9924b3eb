//! What an analysis returns: for each subject that it examined, an outcome and the places that decide it.

use diag::Span;
use estate::ObjectId;
use tree::NodeRef;

use crate::World;

/// The outcome for one subject.
#[derive(Clone, Debug)]
pub struct Fact<V> {
    /// The object that was examined.
    pub subject: ObjectId,
    /// What came out.
    pub outcome: Outcome<V>,
    /// The places that decide it, the main one first.
    pub because: Vec<Mark>,
}

/// Whether something holds. Never two-valued: what can't be decided isn't good.
#[derive(Clone, Debug)]
pub enum Outcome<V> {
    /// It holds.
    Holds,
    /// It doesn't.
    Violated(V),
    /// It could not be decided, and why: a clause that follows "because".
    NotEvaluated(String),
}

/// A place, with what it contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The place.
    pub span: Option<Span>,
    /// What is to be said of it.
    pub says: String,
}

/// One question that is asked of every subject in a view.
pub trait Analysis {
    /// What tells a violation from others.
    type Violation;

    /// Examines every subject of a view.
    fn run(world: &World<'_>) -> Vec<Fact<Self::Violation>>;
}

impl<V> Fact<V> {
    /// It holds.
    #[must_use]
    pub fn holds(subject: ObjectId) -> Self {
        Self { subject, outcome: Outcome::Holds, because: Vec::new() }
    }

    /// It is violated.
    #[must_use]
    pub fn violated(subject: ObjectId, violation: V, because: Vec<Mark>) -> Self {
        Self { subject, outcome: Outcome::Violated(violation), because }
    }

    /// It could not be decided.
    #[must_use]
    pub fn not_evaluated(subject: ObjectId, why: impl Into<String>, because: Vec<Mark>) -> Self {
        Self { subject, outcome: Outcome::NotEvaluated(why.into()), because }
    }
}

impl Mark {
    /// A node, and what it contributes.
    #[must_use]
    pub fn new(node: NodeRef<'_>, says: impl Into<String>) -> Self {
        Self { span: node.span(), says: says.into() }
    }

    /// A place, and what it contributes.
    #[must_use]
    pub fn at(span: Option<Span>, says: impl Into<String>) -> Self {
        Self { span, says: says.into() }
    }
}
