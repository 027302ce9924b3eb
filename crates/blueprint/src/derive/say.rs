//! The findings of the derivation.

use diag::{Finding, Level, nearest};
use tree::{Origin, Val};

/// What the derivation reports about; the names users allow findings by.
pub(crate) mod rule {
    /// A name that nothing in the definition carries.
    pub(crate) const UNKNOWN: &str = "definition-name-unknown";
    /// Something that can't be worked out because a fact is missing.
    pub(crate) const MISSING: &str = "definition-incomplete";
    /// Two statements that can't hold together.
    pub(crate) const CONFLICT: &str = "definition-value-invalid";
    /// More open than its owner may think.
    pub(crate) const OPEN: &str = "definition-open";
    /// Stated, but nothing is made of it.
    pub(crate) const NOT_DERIVED: &str = "definition-not-derived";
}

/// Puts a finding at the place that a value was written at.
pub(crate) fn at(finding: Finding, origin: &Origin, label: &str) -> Finding {
    match origin.spans().first() {
        Some(span) => finding.at(*span, label),
        None => finding,
    }
}

/// A name that nothing carries, with the nearest one that something does.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &Val<String>,
    by: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Finding {
    let mut known: Vec<&str> = candidates.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let message = format!("{by} names the {what} `{name}`, which there is not", name = name.value);
    let finding = at(Finding::new(rule::UNKNOWN, Level::Error, message), &name.origin, "named here");
    let finding = finding.about(by).about(name.value.clone());
    match nearest(&name.value, known.iter().copied()) {
        Some(close) => finding.help(format!("Did you mean `{close}`?")),
        None if known.is_empty() => finding.help(format!("Declare a {what} of that name, or remove this.")),
        None => finding.help(format!("There are: {}.", known.join(", "))),
    }
}

/// An error about one place.
pub(crate) fn error(rule: &'static str, message: String, origin: &Origin, help: &str) -> Finding {
    at(Finding::new(rule, Level::Error, message), origin, "").help(help)
}

/// Something that is stated and of which nothing is made: said, since silence would pass for a promise kept.
pub(crate) fn not_derived(message: String, origin: &Origin, help: &str) -> Finding {
    let finding = Finding::not_evaluated(rule::NOT_DERIVED, message);
    at(finding, origin, "nothing is made of this").help(help)
}

/// Merges findings that differ only in the scope they were seen in.
pub(crate) fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |other: &&mut Finding| {
            (other.rule, &other.message, &other.locations)
                == (finding.rule, &finding.message, &finding.locations)
        };
        match kept.iter_mut().find(same) {
            Some(first) => {
                let new = finding.scopes.into_iter().filter(|scope| !first.scopes.contains(scope));
                let new: Vec<String> = new.collect();
                first.scopes.extend(new);
            }
            None => kept.push(finding),
        }
    }
    kept
}
