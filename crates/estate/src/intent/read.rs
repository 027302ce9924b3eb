//! Reads an intent file, whose nodes are those of any parsed JSON or YAML.

use diag::{Finding, Level, ObjectRef};
use tree::NodeRef;

use super::{
    Intent, MeantFlow, MeantPort, NodePool, Objectives, OutsideWorkload, Peer, ProvidedObject, ScopeIntent,
    Taint,
};

/// The rule under which a defect of an intent file is reported.
pub(super) const RULE: &str = "intent-invalid";

pub(super) fn intent(root: NodeRef<'_>) -> (Intent, Vec<Finding>) {
    let mut reader = Reader { findings: Vec::new() };
    reader.known(root, &["version", "scopes", "$schema"]);
    if root.get("version").and_then(NodeRef::text) != Some("1") {
        reader.wrong(root.get("version").unwrap_or(root), "an intent file says `version: 1`", "version");
    }
    let scopes = root.get("scopes").map(|scopes| scopes.items().map(|scope| reader.scope(scope)).collect());
    (Intent { scopes: scopes.unwrap_or_default() }, reader.findings)
}

struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn wrong(&mut self, node: NodeRef<'_>, message: impl Into<String>, about: &str) {
        let finding = Finding::new(RULE, Level::Error, message)
            .about(about)
            .help("The format is that of docs/schemas/intent.schema.json.");
        self.findings.push(match node.span() {
            Some(span) => finding.at(span, ""),
            None => finding,
        });
    }

    /// Reports every field that isn't one of `fields`.
    fn known(&mut self, node: NodeRef<'_>, fields: &[&str]) {
        if !node.is_map() {
            self.wrong(node, "a mapping is expected here", "shape");
        }
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !fields.contains(&name) {
                let message =
                    format!("an intent file has no field `{name}` here; it has {}", fields.join(", "));
                self.wrong(key, message, name);
            }
        }
    }

    fn scope(&mut self, node: NodeRef<'_>) -> ScopeIntent {
        self.known(node, &["name", "flows", "nodePools", "provided", "outside", "served", "objectives"]);
        ScopeIntent {
            name: self.required(node, "name"),
            flows: items(node, "flows").filter_map(|flow| self.flow(flow)).collect(),
            node_pools: items(node, "nodePools").map(|pool| self.pool(pool)).collect(),
            provided: items(node, "provided").map(|object| self.provided(object)).collect(),
            outside: items(node, "outside").map(|workload| self.outside(workload)).collect(),
            served: strings(node, "served"),
            objectives: node.get("objectives").map(|promised| self.objectives(promised)).unwrap_or_default(),
        }
    }

    fn required(&mut self, node: NodeRef<'_>, key: &str) -> String {
        let value = node.get(key).and_then(NodeRef::text);
        if value.is_none() {
            self.wrong(node, format!("`{key}` is missing here"), key);
        }
        value.unwrap_or_default().to_owned()
    }

    /// A whole number, or `default` where there is none.
    fn number(&mut self, node: NodeRef<'_>, key: &str, default: u64) -> u64 {
        let Some(value) = node.get(key) else { return default };
        value.text().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
            self.wrong(value, format!("`{key}` is a whole number"), key);
            default
        })
    }

    fn flow(&mut self, node: NodeRef<'_>) -> Option<MeantFlow> {
        self.known(node, &["from", "to", "ports", "because"]);
        let from = self.peer(node, "from");
        let to = self.peer(node, "to");
        Some(MeantFlow {
            from: from?,
            to: to?,
            ports: self.ports(node),
            because: text(node, "because"),
            span: node.span(),
        })
    }

    fn peer(&mut self, node: NodeRef<'_>, key: &str) -> Option<Peer> {
        let Some(peer) = node.get(key) else {
            self.wrong(node, format!("`{key}` is missing here"), key);
            return None;
        };
        self.known(peer, &["workload", "service", "cidr", "dns"]);
        if let Some(workload) = peer.get("workload") {
            return Some(Peer::Workload(self.object(workload)));
        }
        if let Some(service) = peer.get("service") {
            return Some(Peer::Service {
                namespace: self.required(service, "namespace"),
                name: self.required(service, "name"),
            });
        }
        if let Some(range) = peer.get("cidr").and_then(NodeRef::text) {
            return Some(Peer::Cidr(range.to_owned()));
        }
        if peer.get("dns").is_some() {
            return Some(Peer::Dns);
        }
        self.wrong(peer, "one of workload, service, cidr or dns is expected here", key);
        None
    }

    fn object(&mut self, node: NodeRef<'_>) -> ObjectRef {
        ObjectRef {
            kind: self.required(node, "kind"),
            namespace: text(node, "namespace"),
            name: self.required(node, "name"),
        }
    }

    fn ports(&mut self, node: NodeRef<'_>) -> Vec<MeantPort> {
        items(node, "ports").filter_map(|port| self.port(port)).collect()
    }

    fn port(&mut self, node: NodeRef<'_>) -> Option<MeantPort> {
        self.known(node, &["protocol", "port", "endPort"]);
        let first = self.number(node, "port", 0);
        let last = self.number(node, "endPort", first);
        match (u16::try_from(first), u16::try_from(last)) {
            (Ok(first @ 1..), Ok(last)) if first <= last => {
                let protocol = node.get("protocol").and_then(NodeRef::text).unwrap_or("TCP").to_owned();
                Some(MeantPort { protocol, first, last })
            }
            _ => {
                self.wrong(node, format!("{first} to {last} is no range of ports"), "port");
                None
            }
        }
    }

    fn pool(&mut self, node: NodeRef<'_>) -> NodePool {
        let fields = ["name", "count", "min", "max", "cpu", "memory", "pods", "labels", "taints", "zones"];
        self.known(node, &fields);
        let count = self.number(node, "count", 1);
        NodePool {
            name: self.required(node, "name"),
            count,
            min: self.number(node, "min", count),
            max: self.number(node, "max", count),
            cpu: self.required(node, "cpu"),
            memory: self.required(node, "memory"),
            pods: self.number(node, "pods", 110),
            labels: labels(node, "labels"),
            taints: items(node, "taints").map(|taint| self.taint(taint)).collect(),
            zones: strings(node, "zones"),
            span: node.span(),
        }
    }

    fn taint(&mut self, node: NodeRef<'_>) -> Taint {
        self.known(node, &["key", "value", "effect"]);
        Taint {
            key: self.required(node, "key"),
            value: text(node, "value"),
            effect: self.required(node, "effect"),
        }
    }

    fn provided(&mut self, node: NodeRef<'_>) -> ProvidedObject {
        self.known(node, &["kind", "namespace", "name", "keys"]);
        ProvidedObject { object: self.object(node), keys: node.get("keys").map(|_| strings(node, "keys")) }
    }

    fn outside(&mut self, node: NodeRef<'_>) -> OutsideWorkload {
        let fields =
            ["role", "kind", "namespace", "name", "namespaceLabels", "podLabels", "ingressClasses", "ports"];
        self.known(node, &fields);
        OutsideWorkload {
            role: self.required(node, "role"),
            kind: self.required(node, "kind"),
            namespace: self.required(node, "namespace"),
            name: self.required(node, "name"),
            namespace_labels: labels(node, "namespaceLabels"),
            pod_labels: labels(node, "podLabels"),
            ingress_classes: strings(node, "ingressClasses"),
            ports: self.ports(node),
        }
    }

    fn objectives(&mut self, node: NodeRef<'_>) -> Objectives {
        self.known(node, &["rpoSeconds", "rtoSeconds", "failoverSeconds", "availability"]);
        let mut seconds = |key| node.get(key).map(|_| self.number(node, key, 0));
        Objectives {
            rpo_seconds: seconds("rpoSeconds"),
            rto_seconds: seconds("rtoSeconds"),
            failover_seconds: seconds("failoverSeconds"),
            availability: node.get("availability").and_then(NodeRef::text).map(str::to_owned),
        }
    }
}

fn items<'a>(node: NodeRef<'a>, key: &str) -> impl Iterator<Item = NodeRef<'a>> {
    node.get(key).into_iter().flat_map(NodeRef::items)
}

fn strings(node: NodeRef<'_>, key: &str) -> Vec<String> {
    items(node, key).filter_map(NodeRef::text).map(str::to_owned).collect()
}

fn text(node: NodeRef<'_>, key: &str) -> String {
    node.get(key).and_then(NodeRef::text).unwrap_or_default().to_owned()
}

fn labels(node: NodeRef<'_>, key: &str) -> Vec<(String, String)> {
    let entries = node.get(key).into_iter().flat_map(NodeRef::entries);
    entries.filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text()?.to_owned()))).collect()
}
