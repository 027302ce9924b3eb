//! One defect is one finding: findings with the same fingerprint become one, with the scopes they were seen in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diag::{Finding, ObjectRef};
use estate::Estate;

/// Merges findings of equal rule, objects and subject matter.
pub(crate) fn merge(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    type Key = (&'static str, Vec<ObjectRef>, Vec<String>);
    let mut merged: Vec<Finding> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for finding in findings {
        if finding.about.is_empty() && finding.objects.is_empty() {
            merged.push(finding);
            continue;
        }
        let key = (finding.rule, finding.objects.clone(), finding.about.clone());
        match known.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(merged.len());
                merged.push(finding);
            }
            Entry::Occupied(entry) => absorb(&mut merged[*entry.get()], finding),
        }
    }
    merged
}

/// The level is the gravest; the places and words are those of the first.
fn absorb(kept: &mut Finding, other: Finding) {
    if other.level > kept.level {
        let scopes = std::mem::take(&mut kept.scopes);
        *kept = Finding { scopes, ..other.clone() };
    }
    for scope in other.scopes {
        if !kept.scopes.contains(&scope) {
            kept.scopes.push(scope);
        }
    }
}

/// Sorts findings by file and place, errors first at one place.
pub(crate) fn sort(mut findings: Vec<Finding>, estate: &Estate) -> Vec<Finding> {
    findings.sort_by_cached_key(|finding| {
        let place = finding.locations.first().map(|annotation| annotation.span);
        let place = place.map(|span| (estate.sources.path(span.file).to_owned(), span.start));
        (place, std::cmp::Reverse(finding.level), finding.rule, finding.message.clone())
    });
    findings
}
