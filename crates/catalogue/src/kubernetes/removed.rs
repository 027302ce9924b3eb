//! APIs that no covered version of Kubernetes serves any more, and those that well-known add-ons have dropped.

/// An API that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// `policy/v1beta1`
    pub api_version: &'static str,
    /// Who served it: `Kubernetes`, `cert-manager` …
    pub component: &'static str,
    /// The first version of the component without it.
    pub removed_in: &'static str,
    /// The API version to use instead, where there is one; the kind may have another name there (see `note`).
    pub replacement: Option<&'static str>,
    /// What else must change, or what took the API's place; empty where nothing needs saying.
    pub note: &'static str,
    /// Where this is stated.
    pub source: &'static str,
}

/// The removal of a kind, if it is known.
#[must_use]
pub fn removal(api_version: &str, kind: &str) -> Option<Removal> {
    let of = |entry: &&Entry| entry.0 == api_version && (entry.1.is_empty() || entry.1.contains(&kind));
    let entry = BUILT_IN.iter().chain(ADD_ONS).find(of)?;
    let &(api_version, _, (component, removed_in), replacement, note, source) = entry;
    let replacement = (!replacement.is_empty()).then_some(replacement);
    Some(Removal { api_version, component, removed_in, replacement, note, source })
}

/// API version; kinds, none for all of them; component and first version without it; replacement; note; source.
type Entry = (
    &'static str,
    &'static [&'static str],
    (&'static str, &'static str),
    &'static str,
    &'static str,
    &'static str,
);

const GUIDE: &str = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/";
const V1_16: (&str, &str) = ("Kubernetes", "1.16");
const V1_22: (&str, &str) = ("Kubernetes", "1.22");
const V1_25: (&str, &str) = ("Kubernetes", "1.25");
const V1_26: (&str, &str) = ("Kubernetes", "1.26");

const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision"];
const RBAC: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const REVIEWS: &[&str] =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SubjectAccessReview", "SelfSubjectRulesReview"];
const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const FLOW_CONTROL: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const PSP_NOTE: &str = "Pod Security admission or an admission webhook takes its place";
const INGRESS_NOTE: &str = "`spec.backend` is `spec.defaultBackend`, backends are \
    `service.name` and `service.port`, `pathType` is required";
const HPA_NOTE: &str =
    "`targetAverageUtilization` is `target.averageUtilization` with `target.type: Utilization`";

const BUILT_IN: &[Entry] = &[
    ("apps/v1beta1", WORKLOADS, V1_16, "apps/v1", "`spec.selector` is required", GUIDE),
    ("apps/v1beta2", WORKLOADS, V1_16, "apps/v1", "`spec.selector` is required", GUIDE),
    ("extensions/v1beta1", WORKLOADS, V1_16, "apps/v1", "`spec.selector` is required", GUIDE),
    ("extensions/v1beta1", &["NetworkPolicy"], V1_16, "networking.k8s.io/v1", "", GUIDE),
    ("extensions/v1beta1", &["PodSecurityPolicy"], V1_16, "", PSP_NOTE, GUIDE),
    ("extensions/v1beta1", &["Ingress"], V1_22, "networking.k8s.io/v1", INGRESS_NOTE, GUIDE),
    ("networking.k8s.io/v1beta1", &["Ingress"], V1_22, "networking.k8s.io/v1", INGRESS_NOTE, GUIDE),
    ("networking.k8s.io/v1beta1", &["IngressClass"], V1_22, "networking.k8s.io/v1", "", GUIDE),
    (
        "admissionregistration.k8s.io/v1beta1",
        WEBHOOKS,
        V1_22,
        "admissionregistration.k8s.io/v1",
        "`sideEffects` and `admissionReviewVersions` are required",
        GUIDE,
    ),
    (
        "apiextensions.k8s.io/v1beta1",
        &["CustomResourceDefinition"],
        V1_22,
        "apiextensions.k8s.io/v1",
        "`spec.versions[].schema` is required and replaces `spec.validation`",
        GUIDE,
    ),
    ("apiregistration.k8s.io/v1beta1", &["APIService"], V1_22, "apiregistration.k8s.io/v1", "", GUIDE),
    ("authentication.k8s.io/v1beta1", &["TokenReview"], V1_22, "authentication.k8s.io/v1", "", GUIDE),
    ("authorization.k8s.io/v1beta1", REVIEWS, V1_22, "authorization.k8s.io/v1", "", GUIDE),
    (
        "certificates.k8s.io/v1beta1",
        &["CertificateSigningRequest"],
        V1_22,
        "certificates.k8s.io/v1",
        "`spec.signerName` and `spec.usages` are required",
        GUIDE,
    ),
    ("coordination.k8s.io/v1beta1", &["Lease"], V1_22, "coordination.k8s.io/v1", "", GUIDE),
    ("rbac.authorization.k8s.io/v1beta1", RBAC, V1_22, "rbac.authorization.k8s.io/v1", "", GUIDE),
    ("rbac.authorization.k8s.io/v1alpha1", RBAC, V1_22, "rbac.authorization.k8s.io/v1", "", PLUTO),
    ("scheduling.k8s.io/v1beta1", &["PriorityClass"], V1_22, "scheduling.k8s.io/v1", "", GUIDE),
    (
        "scheduling.k8s.io/v1alpha1",
        &["PriorityClass"],
        ("Kubernetes", "1.17"),
        "scheduling.k8s.io/v1",
        "",
        PLUTO,
    ),
    (
        "storage.k8s.io/v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        V1_22,
        "storage.k8s.io/v1",
        "",
        GUIDE,
    ),
    (
        "storage.k8s.io/v1beta1",
        &["CSIStorageCapacity"],
        ("Kubernetes", "1.27"),
        "storage.k8s.io/v1",
        "",
        GUIDE,
    ),
    ("batch/v1beta1", &["CronJob"], V1_25, "batch/v1", "", GUIDE),
    (
        "discovery.k8s.io/v1beta1",
        &["EndpointSlice"],
        V1_25,
        "discovery.k8s.io/v1",
        "`topology` is gone: use `nodeName` and `zone`",
        GUIDE,
    ),
    ("events.k8s.io/v1beta1", &["Event"], V1_25, "events.k8s.io/v1", "", GUIDE),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], V1_25, "autoscaling/v2", HPA_NOTE, GUIDE),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], V1_26, "autoscaling/v2", HPA_NOTE, GUIDE),
    (
        "policy/v1beta1",
        &["PodDisruptionBudget"],
        V1_25,
        "policy/v1",
        "an empty `spec.selector` selects all pods of the namespace, where it selected none",
        GUIDE,
    ),
    ("policy/v1beta1", &["PodSecurityPolicy"], V1_25, "", PSP_NOTE, GUIDE),
    ("node.k8s.io/v1beta1", &["RuntimeClass"], V1_25, "node.k8s.io/v1", "", GUIDE),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        FLOW_CONTROL,
        V1_26,
        "flowcontrol.apiserver.k8s.io/v1",
        "",
        GUIDE,
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta2",
        FLOW_CONTROL,
        ("Kubernetes", "1.29"),
        "flowcontrol.apiserver.k8s.io/v1",
        "`assuredConcurrencyShares` is `nominalConcurrencyShares`",
        GUIDE,
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta3",
        FLOW_CONTROL,
        ("Kubernetes", "1.32"),
        "flowcontrol.apiserver.k8s.io/v1",
        "",
        GUIDE,
    ),
];

const PLUTO: &str = "https://github.com/FairwindsOps/pluto/blob/master/versions.yaml";
const ESO_V1: &str = "https://github.com/external-secrets/external-secrets/releases/tag/v0.17.0";
const ESO_ALPHA: &str = "https://github.com/external-secrets/external-secrets/issues/4633";
const GATEWAY_1_2: &str = "https://github.com/kubernetes-sigs/gateway-api/releases/tag/v1.2.0";
const FLUX_2_7: &str = "https://github.com/fluxcd/flux2/issues/5474";
const FLUX_2_8: &str = "https://github.com/fluxcd/flux2/issues/5711";
const KARPENTER: &str = "https://karpenter.sh/docs/upgrading/v1beta1-migration/";
const KEDA: &str = "https://keda.sh/docs/2.19/migration/";

const CERT_MANAGER: (&str, &str) = ("cert-manager", "1.6");
const ESO: &[&str] = &["ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"];
const FLUX_7: (&str, &str) = ("Flux", "2.7");
const FLUX_8: (&str, &str) = ("Flux", "2.8");

const ADD_ONS: &[Entry] = &[
    ("certmanager.k8s.io/v1alpha1", &[], ("cert-manager", "0.11"), "cert-manager.io/v1", "", PLUTO),
    ("cert-manager.io/v1alpha2", &[], CERT_MANAGER, "cert-manager.io/v1", "", PLUTO),
    ("cert-manager.io/v1alpha3", &[], CERT_MANAGER, "cert-manager.io/v1", "", PLUTO),
    ("cert-manager.io/v1beta1", &[], CERT_MANAGER, "cert-manager.io/v1", "", PLUTO),
    ("acme.cert-manager.io/v1alpha2", &[], CERT_MANAGER, "acme.cert-manager.io/v1", "", PLUTO),
    ("acme.cert-manager.io/v1alpha3", &[], CERT_MANAGER, "acme.cert-manager.io/v1", "", PLUTO),
    ("acme.cert-manager.io/v1beta1", &[], CERT_MANAGER, "acme.cert-manager.io/v1", "", PLUTO),
    ("external-secrets.io/v1beta1", ESO, ("External Secrets", "0.17"), "external-secrets.io/v1", "", ESO_V1),
    (
        "external-secrets.io/v1alpha1",
        ESO,
        ("External Secrets", "0.16"),
        "external-secrets.io/v1",
        "",
        ESO_ALPHA,
    ),
    (
        "gateway.networking.k8s.io/v1alpha2",
        &["GRPCRoute"],
        ("Gateway API", "1.2"),
        "gateway.networking.k8s.io/v1",
        "",
        GATEWAY_1_2,
    ),
    (
        "gateway.networking.k8s.io/v1alpha2",
        &["ReferenceGrant"],
        ("Gateway API", "1.2"),
        "gateway.networking.k8s.io/v1beta1",
        "",
        GATEWAY_1_2,
    ),
    (
        "gateway.networking.k8s.io/v1alpha2",
        &["ReferencePolicy"],
        ("Gateway API", "0.6"),
        "gateway.networking.k8s.io/v1beta1",
        "the kind is ReferenceGrant",
        "https://github.com/kubernetes-sigs/gateway-api/releases/tag/v0.6.0",
    ),
    ("helm.toolkit.fluxcd.io/v2beta1", &[], FLUX_7, "helm.toolkit.fluxcd.io/v2", "", FLUX_2_7),
    ("source.toolkit.fluxcd.io/v1beta1", &[], FLUX_7, "source.toolkit.fluxcd.io/v1", "", FLUX_2_7),
    ("kustomize.toolkit.fluxcd.io/v1beta1", &[], FLUX_7, "kustomize.toolkit.fluxcd.io/v1", "", FLUX_2_7),
    ("helm.toolkit.fluxcd.io/v2beta2", &[], FLUX_8, "helm.toolkit.fluxcd.io/v2", "", FLUX_2_8),
    ("source.toolkit.fluxcd.io/v1beta2", &[], FLUX_8, "source.toolkit.fluxcd.io/v1", "", FLUX_2_8),
    ("kustomize.toolkit.fluxcd.io/v1beta2", &[], FLUX_8, "kustomize.toolkit.fluxcd.io/v1", "", FLUX_2_8),
    (
        "karpenter.sh/v1alpha5",
        &["Provisioner"],
        ("Karpenter", "0.33"),
        "karpenter.sh/v1",
        "the kind is NodePool",
        KARPENTER,
    ),
    (
        "karpenter.sh/v1alpha5",
        &["Machine"],
        ("Karpenter", "0.33"),
        "karpenter.sh/v1",
        "the kind is NodeClaim",
        KARPENTER,
    ),
    (
        "karpenter.k8s.aws/v1alpha1",
        &["AWSNodeTemplate"],
        ("Karpenter", "0.33"),
        "karpenter.k8s.aws/v1",
        "the kind is EC2NodeClass",
        KARPENTER,
    ),
    (
        "snapshot.storage.k8s.io/v1beta1",
        &["VolumeSnapshot", "VolumeSnapshotClass", "VolumeSnapshotContent"],
        ("external-snapshotter", "6.0"),
        "snapshot.storage.k8s.io/v1",
        "",
        "https://github.com/kubernetes-csi/external-snapshotter/releases/tag/v6.0.0",
    ),
    (
        "keda.k8s.io/v1alpha1",
        &[],
        ("KEDA", "2.0"),
        "keda.sh/v1alpha1",
        "`scaleTargetRef.deploymentName` is `scaleTargetRef.name`",
        KEDA,
    ),
];

#[cfg(test)]
mod tests {
    use super::{ADD_ONS, BUILT_IN, removal};

    #[test]
    fn what_is_gone_names_its_replacement() {
        let check = |api_version, kind, expected: Option<(&str, Option<&str>)>| {
            let found = removal(api_version, kind).map(|found| (found.removed_in, found.replacement));
            assert_eq!(found, expected, "{api_version} {kind}");
        };
        check("policy/v1beta1", "PodDisruptionBudget", Some(("1.25", Some("policy/v1"))));
        check("policy/v1beta1", "PodSecurityPolicy", Some(("1.25", None)));
        check("extensions/v1beta1", "Ingress", Some(("1.22", Some("networking.k8s.io/v1"))));
        check("extensions/v1beta1", "Deployment", Some(("1.16", Some("apps/v1"))));
        check("cert-manager.io/v1beta1", "Issuer", Some(("1.6", Some("cert-manager.io/v1"))));
        check(
            "external-secrets.io/v1beta1",
            "ExternalSecret",
            Some(("0.17", Some("external-secrets.io/v1"))),
        );
        check("external-secrets.io/v1alpha1", "PushSecret", None);
        check("apps/v1", "Deployment", None);
    }

    #[test]
    fn nothing_is_replaced_by_what_is_gone() {
        for (api_version, kinds, _, replacement, _, source) in BUILT_IN.iter().chain(ADD_ONS) {
            let kind = kinds.first().copied().unwrap_or("Anything");
            assert_eq!(removal(replacement, kind), None, "{api_version} is replaced by {replacement}");
            assert!(source.starts_with("https://"), "{api_version} has no source");
        }
    }
}
