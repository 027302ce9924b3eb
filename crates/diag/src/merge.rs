//! One defect is one finding, wherever it was seen.

use std::cmp::Reverse;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::{Finding, SourceMap};

impl Finding {
    /// What stays the same while the defect does: rule, objects and what it is about. Never a file, line, scope or
    /// figure.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let objects = self.objects.iter().flat_map(|object| [&object.kind, &object.namespace, &object.name]);
        let parts = objects.chain(&self.about).map(String::as_str);
        for part in std::iter::once(self.rule).chain(parts) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Merges findings with equal fingerprints: the worst level stays, scopes are united.
///
/// Findings about nothing in particular (no object and no `about`) are told apart by their place and message. The
/// result is [sorted](sort).
#[must_use]
pub fn merge(findings: Vec<Finding>, sources: &SourceMap) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let mut key = finding.fingerprint();
        if finding.objects.is_empty() && finding.about.is_empty() {
            key = format!("{key} {:?} {}", finding.locations.first().map(|at| at.span), finding.message);
        }
        let Some(&at) = known.get(&key) else {
            known.insert(key, merged.len());
            merged.push(finding);
            continue;
        };
        let earlier = &mut merged[at];
        let mut scopes = std::mem::take(&mut earlier.scopes);
        scopes.extend(finding.scopes.iter().cloned());
        if finding.level > earlier.level {
            *earlier = finding;
        }
        scopes.sort();
        scopes.dedup();
        earlier.scopes = scopes;
    }
    sort(&mut merged, sources);
    merged
}

/// Sorts findings by file and place, the gravest first at one place.
pub fn sort(findings: &mut [Finding], sources: &SourceMap) {
    findings.sort_by_cached_key(|finding| {
        let place = finding.locations.first().map(|location| location.span);
        let place = place.map(|span| (sources.path(span.file).to_owned(), span.start));
        (place, Reverse(finding.level), finding.rule, finding.message.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, ObjectRef};

    fn finding(level: Level, name: &str, scope: &str) -> Finding {
        let object =
            ObjectRef { kind: "Service".to_owned(), namespace: "n".to_owned(), name: name.to_owned() };
        Finding::new("rule", level, "message").object(object).scope(scope)
    }

    #[test]
    fn equal_fingerprints_are_one_finding() {
        let findings = vec![
            finding(Level::Warning, "a", "x"),
            finding(Level::Error, "b", "x"),
            finding(Level::Error, "a", "y"),
            finding(Level::Error, "a", "x"),
        ];
        let merged = merge(findings, &SourceMap::default());
        let shown: Vec<_> =
            merged.iter().map(|f| (f.level, f.objects[0].name.as_str(), f.scopes.join(","))).collect();
        assert_eq!(shown, [(Level::Error, "a", "x,y".to_owned()), (Level::Error, "b", "x".to_owned())]);
    }

    #[test]
    fn a_fingerprint_is_of_what_it_says() {
        let base = finding(Level::Error, "a", "x");
        let same = Finding { message: "other".to_owned(), scopes: Vec::new(), ..base.clone() };
        assert_eq!(base.fingerprint(), same.fingerprint());
        assert_ne!(base.fingerprint(), base.clone().about("field").fingerprint());
        assert_eq!(base.fingerprint().len(), 32);
    }
}
