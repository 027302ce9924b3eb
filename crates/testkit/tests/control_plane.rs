//! The control plane admits, schedules and refuses as a real one does.

use std::time::Duration;

use testkit::control_plane::{ControlPlane, NodeShape};

const TIMEOUT: Duration = Duration::from_secs(120);

const WORKLOADS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      initContainers:
        - {name: migrate, image: registry.invalid/api:1}
        - {name: proxy, image: registry.invalid/proxy:1, restartPolicy: Always}
      containers: [{name: api, image: 'registry.invalid/api:1', resources: {requests: {cpu: 500m, memory: 128Mi}}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      nodeSelector: {pool: storage}
      tolerations: [{key: storage, operator: Exists}]
      containers: [{name: store, image: 'registry.invalid/store:1', volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        storageClassName: fast
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 10Gi}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      tolerations: [{operator: Exists}]
      containers: [{name: agent, image: 'registry.invalid/agent:1'}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: nightly, image: 'registry.invalid/nightly:1'}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 3
  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: disks.example.com
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
";

const REFUSING: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: Namespace
metadata: {name: small}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: small}
spec: {hard: {requests.cpu: '1'}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: small}
spec: {limits: [{type: Container, defaultRequest: {cpu: 400m}}]}
";

fn deployment(namespace: &str, replicas: u32, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: {namespace}}}\nspec:\n  \
         replicas: {replicas}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: web, image: 'registry.invalid/web:1'{container}}}]}}\n"
    )
}

#[test]
fn workloads_become_ready_scale_and_roll() {
    let plane = ControlPlane::start();
    plane.create_nodes(&[
        NodeShape::new("general-1", "4", "8Gi"),
        NodeShape::new("storage-1", "4", "8Gi").label("pool", "storage").taint("storage=yes:NoSchedule"),
    ]);
    plane.apply_text(WORKLOADS).unwrap();
    assert_eq!(plane.wait_all_pods_ready("shop", TIMEOUT), Ok(3 + 2 + 2));

    assert_eq!(plane.scale_to_maximum("shop"), Ok(1));
    assert_eq!(plane.run_cron_jobs("shop"), Ok(1));
    assert_eq!(plane.wait_all_pods_ready("shop", TIMEOUT), Ok(5 + 2 + 2));
    plane.roll("shop").unwrap();
    assert_eq!(plane.wait_all_pods_ready("shop", TIMEOUT), Ok(5 + 2 + 2));

    let stores =
        plane.try_kubectl(&["get", "pods", "-n", "shop", "-l", "app=store", "-o", "wide"], "").unwrap();
    assert_eq!(stores.matches("storage-1").count(), 2, "{stores}");

    plane.scale("shop", "deployment/api", 9).unwrap();
    let problem = plane.wait_all_pods_ready("shop", Duration::from_secs(5)).unwrap_err();
    assert!(problem.contains("Deployment api: 9 asked for"), "{problem}");
    assert!(problem.contains("Insufficient cpu"), "{problem}");
}

#[test]
fn what_a_real_cluster_refuses_is_refused() {
    let plane = ControlPlane::start();
    plane.create_nodes(&[NodeShape::new("general-1", "4", "8Gi")]);
    plane.apply_text(REFUSING).unwrap();

    plane.apply_text(&deployment("strict", 1, ", securityContext: {privileged: true}")).unwrap();
    let problem = plane.wait_all_pods_ready("strict", Duration::from_secs(5)).unwrap_err();
    assert!(problem.contains("violates PodSecurity \"restricted"), "{problem}");

    plane.apply_text(&deployment("small", 3, "")).unwrap();
    let problem = plane.wait_all_pods_ready("small", Duration::from_secs(5)).unwrap_err();
    assert!(problem.contains("3 asked for, 2 there"), "{problem}");
    assert!(problem.contains("exceeded quota: quota, requested: requests.cpu=400m"), "{problem}");

    let problem = plane.apply_text(&deployment("small", 1, ", imagePullPolice: Always")).unwrap_err();
    assert!(problem.contains("imagePullPolice"), "{problem}");
}

#[test]
fn custom_resources_are_judged_by_their_schemas() {
    let plane = ControlPlane::start();
    for project in ["external-secrets", "cert-manager", "prometheus-operator"] {
        plane.install_crds(&testkit::tool_data(&format!("crds/{project}")));
    }
    let secret = |field: &str| {
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{name: a, namespace: default}}\n\
             spec: {{{field}: {{name: vault, kind: ClusterSecretStore}}, target: {{name: a}}}}\n"
        )
    };
    plane.apply_text(&secret("secretStoreRef")).unwrap();
    let problem = plane.apply_text(&secret("secretStore")).unwrap_err();
    assert!(problem.contains("secretStore"), "{problem}");
}
