//! Add-ons: where the cluster's own parts are found.

use model::kinds::{AddonSpec, Named};
use tree::Val;

use super::here::part_of;
use super::text::default;
use crate::flow::Party;

/// The namespace of an add-on.
pub(crate) fn namespace(addon: &Named<AddonSpec>) -> Val<String> {
    let by = part_of("Addon", &addon.name);
    addon.spec.namespace.clone().unwrap_or_else(|| {
        let reason = "Most add-ons live in a namespace of their own name.";
        default(&by, "namespace", addon.spec.module.value.clone(), reason)
    })
}

/// The pods of an add-on.
pub(crate) fn party(addon: &Named<AddonSpec>) -> Party {
    let labels = addon.spec.pod_labels.iter().map(|(key, _, value)| (key.to_owned(), value.value.clone()));
    Party::Pods {
        name: addon.name.value.clone(),
        namespace: namespace(addon).value,
        labels: labels.collect(),
    }
}

/// The class that routes through an add-on carry.
pub(crate) fn class(addon: &Named<AddonSpec>) -> Val<String> {
    let by = part_of("Addon", &addon.name);
    addon.spec.classes.first().cloned().unwrap_or_else(|| {
        let reason = "Its name, where it declares no class.";
        default(&by, "classes", addon.name.value.clone(), reason)
    })
}
