//! The values of an alignment, each under one name.

use std::collections::HashMap;
use std::sync::Arc;

use super::ScopeIndex;
use crate::origin::{FieldPath, Origin};

/// A value of an alignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(u32);

impl ValueId {
    /// Its index among the values.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a value is called by; a dialect makes a name of its own of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueName {
    /// The value of a definition field.
    Field(FieldPath),
    /// Whether a definition field, or what it brings about, is there.
    Present(FieldPath),
    /// A value that an object derives under a declared name.
    Derived {
        /// The object.
        object: Arc<str>,
        /// The declared name.
        name: &'static str,
    },
    /// What stands at a path of an object.
    At {
        /// The object.
        object: Arc<str>,
        /// The path within it.
        path: Arc<str>,
        /// Counts up from 0 where that doesn't tell values apart.
        n: u16,
    },
    /// Whether something stands at a path of an object.
    PresentAt {
        /// The object.
        object: Arc<str>,
        /// The path within it.
        path: Arc<str>,
        /// Counts up from 0 where that doesn't tell values apart.
        n: u16,
    },
}

/// A scalar that differs between scopes.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its name; no other value has it.
    pub name: ValueName,
    /// Why it is what it is, in the first scope that has it.
    pub origin: Option<Origin>,
    texts: Vec<Option<Box<str>>>,
}

impl Value {
    /// Its text in a scope; `true` or `false` for conditions. `None` where nothing in the scope asks for it.
    #[must_use]
    pub fn in_scope(&self, scope: ScopeIndex) -> Option<&str> {
        self.texts.get(usize::from(scope.0))?.as_deref()
    }

    /// Whether it says if something is there.
    #[must_use]
    pub fn is_condition(&self) -> bool {
        matches!(self.name, ValueName::Present(_) | ValueName::PresentAt { .. })
    }
}

/// The values so far.
pub struct Table {
    n_scopes: usize,
    values: Vec<Value>,
    by_name: HashMap<ValueName, ValueId>,
}

impl Table {
    /// Without values.
    pub fn new(n_scopes: u16) -> Self {
        Self { n_scopes: usize::from(n_scopes), values: Vec::new(), by_name: HashMap::new() }
    }

    /// The value with these texts: under `name` where no other text has it in any scope, else under the first of the
    /// fallbacks that is so.
    pub fn add(
        &mut self,
        name: Option<ValueName>,
        fallback: impl Fn(u16) -> ValueName,
        texts: &[(ScopeIndex, &str)],
        origin: Option<&Origin>,
    ) -> ValueId {
        let fits = |values: &Self, name: &ValueName| {
            let known = values.by_name.get(name).map(|id| &values.values[id.index()]);
            let same = |known: &Value, &(scope, text): &(ScopeIndex, &str)| {
                known.in_scope(scope).is_none_or(|known| known == text)
            };
            known.is_none_or(|known| texts.iter().all(|given| same(known, given)))
        };
        let candidates = name.into_iter().chain((0..=u16::MAX).map(&fallback));
        let name = candidates.into_iter().find(|name| fits(self, name)).unwrap_or_else(|| fallback(u16::MAX));
        let id = self.id(name, origin);
        for &(scope, text) in texts {
            if let Some(place) = self.values[id.index()].texts.get_mut(usize::from(scope.0)) {
                *place = Some(text.into());
            }
        }
        id
    }

    fn id(&mut self, name: ValueName, origin: Option<&Origin>) -> ValueId {
        if let Some(&id) = self.by_name.get(&name) {
            return id;
        }
        let id = ValueId(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
        self.by_name.insert(name.clone(), id);
        self.values.push(Value { name, origin: origin.cloned(), texts: vec![None; self.n_scopes] });
        id
    }

    /// All values, in the order of first use.
    pub fn finish(self) -> Vec<Value> {
        self.values
    }
}
