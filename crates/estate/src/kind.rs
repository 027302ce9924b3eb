//! The kinds that analyses know by name.

pub use catalogue::kubernetes::Scope as Placement;
use catalogue::kubernetes::custom_scope;

/// A kind that some analysis understands; everything else is [`Kind::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each variant is the kind of that name")]
pub enum Kind {
    Certificate,
    ClusterExternalSecret,
    ClusterIssuer,
    ClusterSecretStore,
    ConfigMap,
    CronJob,
    CustomResourceDefinition,
    DaemonSet,
    Deployment,
    ExternalSecret,
    HorizontalPodAutoscaler,
    Ingress,
    IngressClass,
    Issuer,
    Job,
    LimitRange,
    MutatingWebhookConfiguration,
    Namespace,
    NetworkPolicy,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    PodMonitor,
    PriorityClass,
    ReplicaSet,
    ReplicationController,
    ResourceQuota,
    Role,
    RoleBinding,
    Rollout,
    ClusterRole,
    ClusterRoleBinding,
    SealedSecret,
    Secret,
    SecretStore,
    Service,
    ServiceAccount,
    ServiceMonitor,
    StatefulSet,
    StorageClass,
    APIService,
    ValidatingWebhookConfiguration,
    Other,
}

use Placement::{Cluster, Namespaced};

/// Group, name, kind, placement; sorted by nothing, searched once per object.
const KINDS: &[(&[&str], &str, Kind, Placement)] = &[
    (&["cert-manager.io"], "Certificate", Kind::Certificate, Namespaced),
    (&["external-secrets.io"], "ClusterExternalSecret", Kind::ClusterExternalSecret, Cluster),
    (&["cert-manager.io"], "ClusterIssuer", Kind::ClusterIssuer, Cluster),
    (&["external-secrets.io"], "ClusterSecretStore", Kind::ClusterSecretStore, Cluster),
    (&[""], "ConfigMap", Kind::ConfigMap, Namespaced),
    (&["batch"], "CronJob", Kind::CronJob, Namespaced),
    (&["apiextensions.k8s.io"], "CustomResourceDefinition", Kind::CustomResourceDefinition, Cluster),
    (&["apps", "extensions"], "DaemonSet", Kind::DaemonSet, Namespaced),
    (&["apps", "extensions"], "Deployment", Kind::Deployment, Namespaced),
    (&["external-secrets.io"], "ExternalSecret", Kind::ExternalSecret, Namespaced),
    (&["autoscaling"], "HorizontalPodAutoscaler", Kind::HorizontalPodAutoscaler, Namespaced),
    (&["networking.k8s.io", "extensions"], "Ingress", Kind::Ingress, Namespaced),
    (&["networking.k8s.io"], "IngressClass", Kind::IngressClass, Cluster),
    (&["cert-manager.io"], "Issuer", Kind::Issuer, Namespaced),
    (&["batch"], "Job", Kind::Job, Namespaced),
    (&[""], "LimitRange", Kind::LimitRange, Namespaced),
    (
        &["admissionregistration.k8s.io"],
        "MutatingWebhookConfiguration",
        Kind::MutatingWebhookConfiguration,
        Cluster,
    ),
    (&[""], "Namespace", Kind::Namespace, Cluster),
    (&["networking.k8s.io", "extensions"], "NetworkPolicy", Kind::NetworkPolicy, Namespaced),
    (&[""], "PersistentVolume", Kind::PersistentVolume, Cluster),
    (&[""], "PersistentVolumeClaim", Kind::PersistentVolumeClaim, Namespaced),
    (&[""], "Pod", Kind::Pod, Namespaced),
    (&["policy"], "PodDisruptionBudget", Kind::PodDisruptionBudget, Namespaced),
    (&["monitoring.coreos.com"], "PodMonitor", Kind::PodMonitor, Namespaced),
    (&["scheduling.k8s.io"], "PriorityClass", Kind::PriorityClass, Cluster),
    (&["apps", "extensions"], "ReplicaSet", Kind::ReplicaSet, Namespaced),
    (&[""], "ReplicationController", Kind::ReplicationController, Namespaced),
    (&[""], "ResourceQuota", Kind::ResourceQuota, Namespaced),
    (&["rbac.authorization.k8s.io"], "Role", Kind::Role, Namespaced),
    (&["rbac.authorization.k8s.io"], "RoleBinding", Kind::RoleBinding, Namespaced),
    (&["argoproj.io"], "Rollout", Kind::Rollout, Namespaced),
    (&["rbac.authorization.k8s.io"], "ClusterRole", Kind::ClusterRole, Cluster),
    (&["rbac.authorization.k8s.io"], "ClusterRoleBinding", Kind::ClusterRoleBinding, Cluster),
    (&["bitnami.com"], "SealedSecret", Kind::SealedSecret, Namespaced),
    (&[""], "Secret", Kind::Secret, Namespaced),
    (&["external-secrets.io"], "SecretStore", Kind::SecretStore, Namespaced),
    (&[""], "Service", Kind::Service, Namespaced),
    (&[""], "ServiceAccount", Kind::ServiceAccount, Namespaced),
    (&["monitoring.coreos.com"], "ServiceMonitor", Kind::ServiceMonitor, Namespaced),
    (&["apps"], "StatefulSet", Kind::StatefulSet, Namespaced),
    (&["storage.k8s.io"], "StorageClass", Kind::StorageClass, Cluster),
    (&["apiregistration.k8s.io"], "APIService", Kind::APIService, Cluster),
    (
        &["admissionregistration.k8s.io"],
        "ValidatingWebhookConfiguration",
        Kind::ValidatingWebhookConfiguration,
        Cluster,
    ),
];

/// Built-in cluster-scoped kinds that no analysis knows by name (Kubernetes 1.36, `kubectl api-resources`).
const OTHER_CLUSTER_KINDS: &[(&str, &str)] = &[
    ("", "Node"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodSecurityPolicy"),
    ("resource.k8s.io", "DeviceClass"),
    ("resource.k8s.io", "ResourceSlice"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];

impl Kind {
    /// The kind of an API group and kind name.
    #[must_use]
    pub fn of(group: &str, name: &str) -> Self {
        entry(group, name).map_or(Self::Other, |(_, _, kind, _)| *kind)
    }

    /// Its name in manifests; `?` for [`Kind::Other`].
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, _, kind, _)| *kind == self).map_or("?", |(_, name, _, _)| name)
    }

    /// Whether it makes pods.
    #[must_use]
    pub fn is_workload(self) -> bool {
        use Kind::{
            CronJob, DaemonSet, Deployment, Job, Pod, ReplicaSet, ReplicationController, Rollout, StatefulSet,
        };
        let apps = matches!(self, Deployment | StatefulSet | DaemonSet | ReplicaSet | Rollout);
        apps || matches!(self, Pod | ReplicationController | Job | CronJob)
    }
}

/// Whether objects of a kind live in a namespace; `None` for kinds that only their own definition tells.
#[must_use]
pub fn placement(group: &str, name: &str) -> Option<Placement> {
    if OTHER_CLUSTER_KINDS.contains(&(group, name)) {
        return Some(Cluster);
    }
    entry(group, name).map(|(_, _, _, placement)| *placement).or_else(|| custom_scope(group, name))
}

fn entry(
    group: &str,
    name: &str,
) -> Option<&'static (&'static [&'static str], &'static str, Kind, Placement)> {
    KINDS.iter().find(|(groups, kind, _, _)| *kind == name && groups.contains(&group))
}
