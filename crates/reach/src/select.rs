//! Selectors, evaluated for all labelled things at once by an index instead of one by one.

use crate::bits::Bits;
use crate::input::{Labels, Operator, Requirement, Selector};
use std::collections::HashMap;

/// What a selector selects: surely, and perhaps. What is sure is also in `maybe`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Chosen {
    pub yes: Bits,
    pub maybe: Bits,
}

impl Chosen {
    pub fn all(length: usize) -> Chosen {
        Chosen { yes: Bits::all(length), maybe: Bits::all(length) }
    }

    pub fn none(length: usize) -> Chosen {
        Chosen { yes: Bits::none(length), maybe: Bits::none(length) }
    }

    pub fn add(&mut self, other: &Chosen) {
        self.yes.add(&other.yes);
        self.maybe.add(&other.maybe);
    }

    pub fn keep(&mut self, other: &Chosen) {
        self.yes.keep(&other.yes);
        self.maybe.keep(&other.maybe);
    }
}

/// Which of `length` labelled things have a key, and which have it with a value.
pub(crate) struct LabelIndex<'a> {
    length: usize,
    keys: HashMap<&'a str, Bits>,
    pairs: HashMap<(&'a str, &'a str), Bits>,
    incomplete: Bits,
}

impl<'a> LabelIndex<'a> {
    /// An index of the labels that `selectors` ask about; all others are left out.
    pub fn new(labels: &[&'a Labels], selectors: &[&'a Selector]) -> LabelIndex<'a> {
        let length = labels.len();
        let (mut keys, mut pairs) = (HashMap::new(), HashMap::new());
        for requirement in selectors.iter().flat_map(|selector| &selector.requirements) {
            keys.entry(requirement.key.as_str()).or_insert_with(|| Bits::none(length));
            if let Operator::In(values) | Operator::NotIn(values) = &requirement.operator {
                for value in values {
                    pairs
                        .entry((requirement.key.as_str(), value.as_str()))
                        .or_insert_with(|| Bits::none(length));
                }
            }
        }
        let mut incomplete = Bits::none(length);
        for (place, labels) in labels.iter().enumerate() {
            if labels.incomplete {
                incomplete.insert(place);
            }
            for (key, value) in &labels.pairs {
                if let Some(bits) = keys.get_mut(key.as_str()) {
                    bits.insert(place);
                }
                if let Some(bits) = pairs.get_mut(&(key.as_str(), value.as_str())) {
                    bits.insert(place);
                }
            }
        }
        LabelIndex { length, keys, pairs, incomplete }
    }

    /// What a selector selects.
    pub fn select(&self, selector: &Selector) -> Chosen {
        let mut chosen = Chosen::all(self.length);
        for requirement in &selector.requirements {
            chosen.keep(&self.require(requirement));
        }
        chosen
    }

    fn require(&self, requirement: &Requirement) -> Chosen {
        let key = requirement.key.as_str();
        let has_key = self.keys.get(key).cloned().unwrap_or_else(|| Bits::none(self.length));
        let mut unknown = self.incomplete.clone();
        unknown.remove(&has_key);
        let (positive, negated) = match &requirement.operator {
            Operator::In(values) => (self.any_of(key, values), false),
            Operator::NotIn(values) => (self.any_of(key, values), true),
            Operator::Exists => (has_key, false),
            Operator::DoesNotExist => (has_key, true),
        };
        let mut yes = positive;
        if negated {
            yes.complement();
        }
        let mut maybe = yes.clone();
        maybe.add(&unknown);
        yes.remove(&unknown);
        Chosen { yes, maybe }
    }

    fn any_of(&self, key: &str, values: &[String]) -> Bits {
        let mut any = Bits::none(self.length);
        for value in values {
            if let Some(bits) = self.pairs.get(&(key, value.as_str())) {
                any.add(bits);
            }
        }
        any
    }
}
