//! The modules that are shipped, as text.

macro_rules! shipped {
    ($($path:literal,)*) => {
        /// Path below `modules/`, and text, of each shipped module.
        pub(super) const SHIPPED: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../modules/", $path)))),*];
    };
}

shipped! {
    "addons/alertmanager.yaml",
    "addons/alloy.yaml",
    "addons/cert-manager.yaml",
    "addons/dns.yaml",
    "addons/external-secrets.yaml",
    "addons/grafana.yaml",
    "addons/ingress-nginx.yaml",
    "addons/kube-state-metrics.yaml",
    "addons/loki.yaml",
    "addons/metrics-server.yaml",
    "addons/node-exporter.yaml",
    "addons/opentelemetry-collector.yaml",
    "addons/prometheus.yaml",
    "addons/promtail.yaml",
    "addons/storage.yaml",
    "addons/tempo.yaml",
    "engines/clickhouse.yaml",
    "engines/dragonfly.yaml",
    "engines/vault.yaml",
    "engines/yugabyte.yaml",
    "images/alertmanager.yaml",
    "images/alloy.yaml",
    "images/grafana.yaml",
    "images/hasura.yaml",
    "images/loki.yaml",
    "images/nginx-unprivileged.yaml",
    "images/nginx.yaml",
    "images/otel-collector.yaml",
    "images/prometheus.yaml",
    "images/tempo.yaml",
    "runtimes/go.yaml",
    "runtimes/node.yaml",
    "runtimes/python.yaml",
    "runtimes/rust.yaml",
}

#[cfg(test)]
mod tests {
    use super::SHIPPED;

    #[test]
    fn every_module_of_the_folder_is_shipped() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("modules");
        let mut found = Vec::new();
        for folder in std::fs::read_dir(&root).unwrap() {
            let folder = folder.unwrap().path();
            for file in std::fs::read_dir(&folder).unwrap() {
                let path = file.unwrap().path();
                found.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
            }
        }
        found.sort();
        let listed: Vec<_> = SHIPPED.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(found, listed, "list each file of modules/ here, in order");
    }
}
