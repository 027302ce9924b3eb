//! Whether objects of well-known custom kinds live in namespaces, for repositories that don't contain the definitions.
//!
//! Read off the CustomResourceDefinitions in the projects' published modules, unless a group's comment names another
//! source. API groups are stable in this: a kind cannot change its scope.

/// Where the objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In namespaces.
    Namespaced,
    /// Beside them.
    Cluster,
}

/// The scope of a well-known custom kind; `None` for a kind that isn't known here.
#[must_use]
pub fn custom_scope(group: &str, kind: &str) -> Option<Scope> {
    let (_, cluster, namespaced) = GROUPS.iter().find(|(name, ..)| *name == group)?;
    if cluster.contains(&kind) {
        Some(Scope::Cluster)
    } else {
        namespaced.contains(&kind).then_some(Scope::Namespaced)
    }
}

/// Group, cluster-wide kinds, namespaced kinds.
const GROUPS: &[(&str, &[&str], &[&str])] = &[
    // cert-manager 1.21.2
    ("cert-manager.io", &["ClusterIssuer"], &["Certificate", "CertificateRequest", "Issuer"]),
    ("acme.cert-manager.io", &[], &["Challenge", "Order"]),
    // trust-manager: https://cert-manager.io/docs/trust/trust-manager/
    ("trust.cert-manager.io", &["Bundle"], &[]),
    // External Secrets 0.19.2
    (
        "external-secrets.io",
        &["ClusterExternalSecret", "ClusterSecretStore"],
        &["ExternalSecret", "SecretStore"],
    ),
    // Secrets Store CSI driver: its CRD manifest
    ("secrets-store.csi.x-k8s.io", &[], &["SecretProviderClass", "SecretProviderClassPodStatus"]),
    // Prometheus operator 0.95.1
    (
        "monitoring.coreos.com",
        &[],
        &[
            "Alertmanager",
            "AlertmanagerConfig",
            "PodMonitor",
            "Probe",
            "Prometheus",
            "PrometheusAgent",
            "PrometheusRule",
            "ScrapeConfig",
            "ServiceMonitor",
            "ThanosRuler",
        ],
    ),
    // Argo CD 3.1.0, Argo Rollouts 1.8.3, Argo Workflows
    (
        "argoproj.io",
        &["ClusterAnalysisTemplate", "ClusterWorkflowTemplate"],
        &[
            "AnalysisRun",
            "AnalysisTemplate",
            "AppProject",
            "Application",
            "ApplicationSet",
            "CronWorkflow",
            "Experiment",
            "Rollout",
            "Workflow",
            "WorkflowEventBinding",
            "WorkflowTemplate",
        ],
    ),
    // Flux: https://fluxcd.io/flux/components/
    (
        "source.toolkit.fluxcd.io",
        &[],
        &["Bucket", "ExternalArtifact", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"],
    ),
    ("kustomize.toolkit.fluxcd.io", &[], &["Kustomization"]),
    ("helm.toolkit.fluxcd.io", &[], &["HelmRelease"]),
    ("notification.toolkit.fluxcd.io", &[], &["Alert", "Provider", "Receiver"]),
    ("image.toolkit.fluxcd.io", &[], &["ImagePolicy", "ImageRepository", "ImageUpdateAutomation"]),
    // Gateway API 1.4.0
    (
        "gateway.networking.k8s.io",
        &["GatewayClass"],
        &[
            "BackendTLSPolicy",
            "GRPCRoute",
            "Gateway",
            "HTTPRoute",
            "ReferenceGrant",
            "TCPRoute",
            "TLSRoute",
            "UDPRoute",
        ],
    ),
    // KEDA 2.21.0
    ("keda.sh", &["ClusterTriggerAuthentication"], &["ScaledJob", "ScaledObject", "TriggerAuthentication"]),
    // Karpenter 1.6.0
    ("karpenter.sh", &["NodeClaim", "NodePool"], &[]),
    // Kyverno 1.19.1
    (
        "kyverno.io",
        &["ClusterCleanupPolicy", "ClusterPolicy", "GlobalContextEntry"],
        &["CleanupPolicy", "Policy", "PolicyException", "UpdateRequest"],
    ),
    ("wgpolicyk8s.io", &["ClusterPolicyReport"], &["PolicyReport"]),
    // Gatekeeper 3.23.1
    ("templates.gatekeeper.sh", &["ConstraintTemplate"], &[]),
    ("config.gatekeeper.sh", &[], &["Config"]),
    ("mutations.gatekeeper.sh", &["Assign", "AssignImage", "AssignMetadata", "ModifySet"], &[]),
    ("externaldata.gatekeeper.sh", &["Provider"], &[]),
    ("syncset.gatekeeper.sh", &["SyncSet"], &[]),
    // Velero 1.18.3
    (
        "velero.io",
        &[],
        &[
            "Backup",
            "BackupRepository",
            "BackupStorageLocation",
            "DataDownload",
            "DataUpload",
            "DeleteBackupRequest",
            "DownloadRequest",
            "PodVolumeBackup",
            "PodVolumeRestore",
            "Restore",
            "Schedule",
            "ServerStatusRequest",
            "VolumeSnapshotLocation",
        ],
    ),
    // external-snapshotter client 8.7.0
    ("snapshot.storage.k8s.io", &["VolumeSnapshotClass", "VolumeSnapshotContent"], &["VolumeSnapshot"]),
    (
        "groupsnapshot.storage.k8s.io",
        &["VolumeGroupSnapshotClass", "VolumeGroupSnapshotContent"],
        &["VolumeGroupSnapshot"],
    ),
    // MetalLB 0.16.2
    (
        "metallb.io",
        &[],
        &["BFDProfile", "BGPAdvertisement", "BGPPeer", "Community", "IPAddressPool", "L2Advertisement"],
    ),
    // Istio, as vendored by Argo Rollouts and Gatekeeper for their tests
    (
        "networking.istio.io",
        &[],
        &[
            "DestinationRule",
            "EnvoyFilter",
            "Gateway",
            "ProxyConfig",
            "ServiceEntry",
            "Sidecar",
            "VirtualService",
            "WorkloadEntry",
            "WorkloadGroup",
        ],
    ),
    ("security.istio.io", &[], &["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"]),
    ("telemetry.istio.io", &[], &["Telemetry"]),
    ("extensions.istio.io", &[], &["WasmPlugin"]),
    // Cilium: https://docs.cilium.io/en/stable/network/kubernetes/policy/
    ("cilium.io", &["CiliumClusterwideNetworkPolicy"], &["CiliumNetworkPolicy"]),
    // Calico: https://docs.tigera.io/calico/latest/reference/resources
    ("projectcalico.org", &["GlobalNetworkPolicy"], &["NetworkPolicy"]),
    ("crd.projectcalico.org", &["GlobalNetworkPolicy"], &["NetworkPolicy"]),
];

#[cfg(test)]
mod tests {
    use super::{GROUPS, Scope, custom_scope};

    #[test]
    fn well_known_kinds_have_their_scope() {
        let check = |group, kind, expected| assert_eq!(custom_scope(group, kind), expected, "{group} {kind}");
        check("cert-manager.io", "ClusterIssuer", Some(Scope::Cluster));
        check("cert-manager.io", "Issuer", Some(Scope::Namespaced));
        check("external-secrets.io", "ClusterSecretStore", Some(Scope::Cluster));
        check("gateway.networking.k8s.io", "GatewayClass", Some(Scope::Cluster));
        check("monitoring.coreos.com", "ServiceMonitor", Some(Scope::Namespaced));
        check("monitoring.coreos.com", "Other", None);
        check("example.com", "Thing", None);
        check("", "Pod", None);
    }

    #[test]
    fn no_kind_has_two_scopes() {
        for (group, cluster, namespaced) in GROUPS {
            assert_eq!(GROUPS.iter().filter(|(name, ..)| name == group).count(), 1, "{group}");
            assert!(cluster.iter().all(|kind| !namespaced.contains(kind)), "{group}");
        }
    }
}
