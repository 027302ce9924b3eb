//! Generates repositories that deploy sound applications: what is measured is finding nothing, the longest way.

use std::fs;
use std::path::Path;

/// The objects of one application: Deployment, Service, ConfigMap, NetworkPolicy, HorizontalPodAutoscaler.
const OBJECTS_PER_APPLICATION: usize = 5;

/// A namespace has itself, its default-deny policy, a policy for DNS, and this many applications.
const APPLICATIONS_PER_NAMESPACE: usize = 19;

/// Writes exactly `n_objects` objects, one file per application, one folder per namespace. Each application calls
/// the next one of its namespace, and both sides' policies let it.
pub(super) fn objects(folder: &Path, n_objects: usize) -> Result<(), String> {
    let mut left = n_objects;
    for number in 0.. {
        if left == 0 {
            break;
        }
        let namespace = format!("team-{number}");
        let frame = [namespace_object(&namespace), default_deny(&namespace), allow_dns(&namespace)];
        let frame = &frame[..left.min(frame.len())];
        left -= frame.len();
        write(&folder.join(&namespace).join("namespace.yaml"), &frame.join("---\n"))?;
        let n_applications = left.div_ceil(OBJECTS_PER_APPLICATION).min(APPLICATIONS_PER_NAMESPACE);
        for place in 0..n_applications {
            let next = (place + 1) % n_applications;
            let parts = application(&namespace, place, next);
            let parts = &parts[..left.min(parts.len())];
            left -= parts.len();
            write(&folder.join(&namespace).join(format!("app-{place}.yaml")), &parts.join("---\n"))?;
        }
    }
    Ok(())
}

/// Writes Deployments over namespaces with exactly `n_policies` policies: in each namespace one that denies by
/// default and others that select a group of workloads each and let the next group in.
pub(super) fn workloads(
    folder: &Path,
    n_workloads: usize,
    n_namespaces: usize,
    n_policies: usize,
) -> Result<(), String> {
    for number in 0..n_namespaces {
        let namespace = format!("team-{number}");
        let share = |total: usize| total / n_namespaces + usize::from(number < total % n_namespaces);
        let (n_workloads, n_policies) = (share(n_workloads), share(n_policies));
        let n_groups = n_policies.saturating_sub(1).max(1);
        let mut parts = vec![namespace_object(&namespace), default_deny(&namespace)];
        for group in 0..n_policies.saturating_sub(1) {
            parts.push(group_policy(&namespace, group, (group + 1) % n_groups));
        }
        for place in 0..n_workloads {
            parts.push(deployment(&namespace, place, &format!("group-{}", place % n_groups), None));
        }
        write(&folder.join(format!("{namespace}.yaml")), &parts.join("---\n"))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn application(namespace: &str, place: usize, next: usize) -> [String; OBJECTS_PER_APPLICATION] {
    [
        service(namespace, place),
        deployment(namespace, place, "web", Some(next)),
        config_map(namespace, place),
        call_policy(namespace, place, next),
        autoscaler(namespace, place),
    ]
}

fn namespace_object(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    \
         pod-security.kubernetes.io/enforce: restricted\n"
    )
}

fn default_deny(namespace: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: default-deny\n  \
         namespace: {namespace}\nspec:\n  podSelector: {{}}\n  policyTypes: [Ingress, Egress]\n"
    )
}

fn allow_dns(namespace: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: {namespace}
spec:
  podSelector: {{}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
"
    )
}

/// Whoever calls this application may, and it may call the next.
fn call_policy(namespace: &str, place: usize, next: usize) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: app-{place}
  namespace: {namespace}
spec:
  podSelector:
    matchLabels:
      app: app-{place}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {{}}
      ports:
        - protocol: TCP
          port: http
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: app-{next}
      ports:
        - protocol: TCP
          port: 8080
"
    )
}

fn group_policy(namespace: &str, group: usize, next: usize) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: group-{group}
  namespace: {namespace}
spec:
  podSelector:
    matchLabels:
      group: group-{group}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchExpressions:
              - key: group
                operator: In
                values: [group-{next}]
        - ipBlock:
            cidr: 10.0.0.0/8
            except: [10.{}.0.0/16]
      ports:
        - protocol: TCP
          port: http
  egress:
    - {{}}
",
        group % 256
    )
}

fn service(namespace: &str, place: usize) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata:
  name: app-{place}
  namespace: {namespace}
spec:
  selector:
    app: app-{place}
  ports:
    - name: http
      port: 80
      targetPort: http
"
    )
}

fn config_map(namespace: &str, place: usize) -> String {
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: app-{place}
  namespace: {namespace}
data:
  LOG_LEVEL: info
  WORKERS: \"{}\"
  FEATURES: search,basket,checkout
",
        place + 1
    )
}

fn autoscaler(namespace: &str, place: usize) -> String {
    format!(
        "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: app-{place}
  namespace: {namespace}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: app-{place}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
"
    )
}

/// A Deployment; one that calls another reads its configuration from the application's ConfigMap.
fn deployment(namespace: &str, place: usize, group: &str, calls: Option<usize>) -> String {
    let environment = calls.map_or_else(String::new, |next| {
        format!(
            "          envFrom:
            - configMapRef:
                name: app-{place}
          env:
            - name: NEXT_URL
              value: http://app-{next}.{namespace}.svc:80
"
        )
    });
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{place}
  namespace: {namespace}
  labels:
    app: app-{place}
spec:
  selector:
    matchLabels:
      app: app-{place}
  template:
    metadata:
      labels:
        app: app-{place}
        group: {group}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: app
          image: registry.example.com/{namespace}/app-{place}:1.4.2
          ports:
            - name: http
              containerPort: 8080
{environment}          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds in a folder, with how many there are of each.
    fn kinds(folder: &Path) -> Vec<(String, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                for line in fs::read_to_string(entry.path()).unwrap().lines() {
                    if let Some(kind) = line.strip_prefix("kind: ") {
                        *counts.entry(kind.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        counts.into_iter().collect()
    }

    #[test]
    fn exactly_as_many_objects_are_written_as_asked_for() {
        let folder = std::env::temp_dir().join(format!("underpin-generate-{}", std::process::id()));
        for n_objects in [3, 100, 101, 1_000] {
            objects(&folder, n_objects).unwrap();
            assert_eq!(kinds(&folder).iter().map(|(_, count)| count).sum::<usize>(), n_objects);
            fs::remove_dir_all(&folder).unwrap();
        }
        workloads(&folder, 103, 4, 31).unwrap();
        let expected = [("Deployment", 103), ("Namespace", 4), ("NetworkPolicy", 31)];
        assert_eq!(kinds(&folder), expected.map(|(kind, count)| (kind.to_owned(), count)));
        fs::remove_dir_all(&folder).unwrap();
    }
}
