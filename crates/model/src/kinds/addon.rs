//! `Addon`: what clusters have that the platform doesn't own.

use tree::{Val, definition};

use super::{Keyed, PortSpec};

definition! {
    /// Something the platform finds or puts in its clusters but doesn't own.
    pub struct AddonSpec {
        /// Catalogue module with its facts: `ingress-nginx`, `cert-manager`, `external-secrets`, `dns` …
        module: Val<String>,
        /// False leaves it out of an environment or target.
        enabled: Option<Val<bool>>,
        /// Namespace; default the module's.
        namespace: Option<Val<String>>,
        /// Labels of its pods; default the module's.
        pod_labels: Keyed<Val<String>>,
        /// Ports by name; default the module's.
        ports: Keyed<PortSpec>,
        /// Classes it provides, such as an ingress class.
        classes: Vec<Val<String>>,
        /// `found` (the cluster has it) or `installed` (by a chart, by version).
        #[one_of("found", "installed")]
        provision: Option<Val<String>>,
        /// Version.
        version: Option<Val<String>>,
        /// Settings that the module knows, such as the issuers of cert-manager.
        settings: Keyed<Val<String>>,
    }
}
