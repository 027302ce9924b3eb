//! `Platform`: what holds for all of it.

use tree::{Val, definition};

use super::Keyed;
use crate::types::{Cron, Duration, Hostname, Percent, Quantity};

definition! {
    /// What holds for the whole platform.
    pub struct PlatformSpec {
        /// Public domain, such as `voxguard.ng`.
        domain: Val<Hostname>,
        /// Where images of the platform's own come from.
        registry: Option<Registry>,
        /// Who answers for it.
        owners: Keyed<Owner>,
        /// Places that targets run in.
        sites: Keyed<Site>,
        /// Namespaces, with their policies.
        namespaces: Keyed<Namespace>,
        /// Recovery and availability objectives.
        objectives: Objectives,
        /// Frameworks it is audited by.
        frameworks: Vec<Val<String>>,
        /// Tiers of change, from free to approved.
        change_tiers: Keyed<ChangeTier>,
        /// Storage classes every target must offer.
        storage_classes: Keyed<StorageClass>,
        /// Priority classes.
        priority_classes: Keyed<PriorityClass>,
        /// Security context of every container that doesn't say otherwise.
        security: Security,
        /// Where each dialect's artifacts land: dialect or file pattern to folder.
        layout: Keyed<Val<String>>,
        /// Labels on every object.
        labels: Keyed<Val<String>>,
    }

    /// A container registry.
    #[shorthand(host)]
    pub struct Registry {
        /// Host and path, such as `ghcr.io/voxguard`.
        host: Val<String>,
        /// Name of the pull secret in each namespace that runs images from it.
        pull_secret: Option<Val<String>>,
    }

    /// A person or team.
    #[shorthand(contact)]
    pub struct Owner {
        /// How to reach them.
        contact: Val<String>,
        /// What they own.
        duties: Vec<Val<String>>,
    }

    /// A place that targets run in.
    pub struct Site {
        /// Region as the provider names it.
        region: Val<String>,
        /// Zones in it.
        zones: Vec<Val<String>>,
        /// `primary`, `standby` or `member`.
        #[one_of("primary", "standby", "member")]
        role: Option<Val<String>>,
    }

    /// A namespace.
    pub struct Namespace {
        /// What it is for.
        purpose: Option<Val<String>>,
        /// Pod Security level that is enforced, audited and warned; default `restricted`.
        #[one_of("privileged", "baseline", "restricted")]
        pod_security: Option<Val<String>>,
        /// Quota: resource name to quantity. Absent: derived from the largest scale that the definition allows.
        quota: Option<Keyed<Val<Quantity>>>,
        /// Defaults and bounds of containers.
        limits: Option<Limits>,
        /// Labels besides those of the platform.
        labels: Keyed<Val<String>>,
    }

    /// Bounds of containers in a namespace: resource name to quantity.
    pub struct Limits {
        /// Limit of a container that sets none.
        default: Keyed<Val<Quantity>>,
        /// Request of a container that sets none.
        default_request: Keyed<Val<Quantity>>,
        /// Least request.
        min: Keyed<Val<Quantity>>,
        /// Largest limit.
        max: Keyed<Val<Quantity>>,
    }

    /// What recovery must achieve.
    pub struct Objectives {
        /// Most data lost, as time.
        rpo: Option<Val<Duration>>,
        /// Longest outage of a region.
        rto: Option<Val<Duration>>,
        /// Longest automatic failover.
        failover: Option<Val<Duration>>,
        /// Share of time the platform answers.
        availability: Option<Val<Percent>>,
        /// When each objective is tested: objective to schedule.
        tests: Keyed<Val<Cron>>,
    }

    /// A tier of change.
    pub struct ChangeTier {
        /// What falls into it.
        covers: Vec<Val<String>>,
        /// How many approvals it takes.
        approvals: Val<u32>,
    }

    /// A storage class.
    pub struct StorageClass {
        /// CSI provisioner, per provider: `aws`, `azure`, `google`, `onpremises`.
        provisioners: Keyed<Val<String>>,
        /// Parameters of the provisioner, per provider and name.
        parameters: Keyed<Keyed<Val<String>>>,
        /// `Delete` or `Retain`; default `Retain`.
        #[one_of("Delete", "Retain")]
        reclaim: Option<Val<String>>,
        /// Whether volumes may grow; default true.
        expandable: Option<Val<bool>>,
    }

    /// A priority class.
    pub struct PriorityClass {
        /// The higher, the more important; up to 1,000,000,000.
        value: Val<i64>,
        /// What it is for.
        purpose: Option<Val<String>>,
        /// Whether its pods may push others out; default true.
        preempts: Option<Val<bool>>,
    }

    /// A container's security context.
    pub struct Security {
        /// User id.
        user: Option<Val<i64>>,
        /// Group id.
        group: Option<Val<i64>>,
        /// Group that owns volumes.
        fs_group: Option<Val<i64>>,
        /// Whether the root file system is read-only; default true.
        read_only_root: Option<Val<bool>>,
        /// Capabilities added to none; default none.
        capabilities: Vec<Val<String>>,
    }
}
