//! Which fields the API server really demands.
//!
//! The OpenAPI documents of older releases call fields required that the server fills in or takes empty. The markers
//! were put right from 1.36 on (`RoleRef.apiGroup`, `PriorityClass.value` …) while the server's behaviour stayed the
//! same, so the newest release that has a field speaks for all. What is still called required but may be left out is
//! listed here: an API server 1.36.3, asked with `dryRun` to create objects without them, has nothing against it. All
//! other required fields of objects that one writes, and all enumerations, it enforces.

use super::release::Release;
use std::collections::BTreeMap;

const TAKEN_EMPTY: [(&str, &str); 24] = [
    ("apiextensions.v1.CustomResourceDefinitionVersion", "served"),
    ("apiextensions.v1.CustomResourceDefinitionVersion", "storage"),
    ("batch.v1.PodFailurePolicy", "rules"),
    ("core.v1.ConfigMapNodeConfigSource", "kubeletConfigKey"),
    ("core.v1.ConfigMapNodeConfigSource", "name"),
    ("core.v1.ConfigMapNodeConfigSource", "namespace"),
    ("core.v1.Event", "involvedObject"),
    ("core.v1.Event", "metadata"),
    ("core.v1.HTTPHeader", "value"),
    ("core.v1.ISCSIPersistentVolumeSource", "lun"),
    ("core.v1.ISCSIVolumeSource", "lun"),
    ("core.v1.LimitRangeSpec", "limits"),
    ("core.v1.PreferredSchedulingTerm", "preference"),
    ("core.v1.ScaleIOPersistentVolumeSource", "secretRef"),
    ("core.v1.ScaleIOVolumeSource", "secretRef"),
    ("core.v1.SleepAction", "seconds"),
    ("core.v1.Sysctl", "value"),
    ("resource.v1.Counter", "value"),
    ("resource.v1.DeviceCapacity", "value"),
    ("resource.v1.ResourcePool", "generation"),
    ("storage.v1.CSIDriver", "spec"),
    ("storage.v1.CSINode", "spec"),
    ("storage.v1.CSINodeSpec", "drivers"),
    ("storage.v1.TokenRequest", "audience"),
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
