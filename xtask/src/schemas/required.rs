//! Which fields the API server really demands.
//!
//! The OpenAPI documents of older releases call fields required that the server fills in or takes empty. The markers
//! were put right from 1.36 on (`RoleRef.apiGroup`, `PriorityClass.value` …) while the server's behaviour stayed the
//! same, so the newest release that has a field speaks for all. What is still called required but may be left out is
//! listed here: the zero value that Go puts in its place passes validation (`pkg/apis/core/validation`).

use super::release::Release;
use std::collections::BTreeMap;

const TAKEN_EMPTY: [(&str, &str); 6] = [
    ("core.v1.HTTPHeader", "value"),
    ("core.v1.PreferredSchedulingTerm", "preference"),
    ("core.v1.SleepAction", "seconds"),
    ("core.v1.Sysctl", "value"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "served"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "storage"),
];

/// Lets the newest release decide; the releases are in order, oldest first.
pub(crate) fn settle(releases: &mut [Release]) {
    let mut newest = BTreeMap::new();
    for release in releases.iter() {
        for (name, of) in &release.types {
            for (field, found) in &of.fields {
                let taken_empty = TAKEN_EMPTY.contains(&(name.as_str(), field.as_str()));
                newest.insert((name.clone(), field.clone()), found.required && !taken_empty);
            }
        }
    }
    for release in releases {
        for (name, of) in &mut release.types {
            for (field, found) in &mut of.fields {
                found.required =
                    newest.get(&(name.clone(), field.clone())).copied().unwrap_or(found.required);
            }
        }
    }
}
