//! Names that must be known: of namespaces, owners, pools, ports, and of what is called.

use diag::{Finding, Level, nearest};
use tree::{OriginKind, Val};

use crate::document::{Definition, Document, Kind};
use crate::kinds::{
    Call, ComponentSpec, Keyed, Named, Placement, PortSpec, Probe, Resolved, StoreSpec, Volume,
};

struct Names<'a> {
    resolved: &'a Resolved,
    documents: &'a [Document],
    definition: &'a Definition,
    findings: &'a mut Vec<Finding>,
}

/// Checks every name that one document of a scope takes from another.
pub(crate) fn scope_names(
    resolved: &Resolved,
    documents: &[Document],
    definition: &Definition,
    findings: &mut Vec<Finding>,
) {
    let mut names = Names { resolved, documents, definition, findings };
    resolved.components.iter().for_each(|component| names.component(component));
    resolved.stores.iter().for_each(|store| names.store(store));
    for external in &resolved.externals {
        let components = resolved.components.iter().map(|component| component.name.value.as_str());
        names.known("component", external.spec.mocked_by.as_ref(), components);
    }
    let target = &resolved.target.spec;
    names.known("site of the platform", target.site.as_ref(), keys(&resolved.platform.spec.sites));
    for patch in &resolved.environment.spec.patches {
        for target in &patch.targets {
            let targets = keys(&resolved.environment.spec.targets);
            names.known("target of this environment", Some(target), targets);
        }
    }
}

fn keys<T>(of: &Keyed<T>) -> impl Iterator<Item = &str> + Clone {
    of.0.keys().map(String::as_str)
}

impl<'a> Names<'a> {
    fn known<'n>(
        &mut self,
        what: &str,
        name: Option<&Val<String>>,
        candidates: impl Iterator<Item = &'n str> + Clone,
    ) {
        let Some(name) = name else { return };
        if !candidates.clone().any(|candidate| candidate == name.value) {
            self.findings.push(unknown(what, name, candidates));
        }
    }

    fn component(&mut self, component: &Named<ComponentSpec>) {
        let spec = &component.spec;
        self.common(&spec.namespace, spec.owner.as_ref(), spec.priority.as_ref());
        self.placement(&spec.placement);
        let ports = keys(&spec.ports);
        let own = "port of this component";
        for probe in
            [&spec.probes.liveness, &spec.probes.readiness, &spec.probes.startup].into_iter().flatten()
        {
            let Probe { tcp, grpc, port, .. } = probe;
            for name in [tcp, grpc, port] {
                self.known(own, name.as_ref(), ports.clone());
            }
        }
        self.known(own, spec.metrics.as_ref().map(|metrics| &metrics.port), ports.clone());
        if let Some(exposure) = &spec.exposure {
            self.known(own, exposure.port.as_ref(), ports);
            if exposure.through.value != "ingress" {
                let addons = self.resolved.addons.iter().map(|addon| addon.name.value.as_str());
                self.known("add-on", Some(&exposure.through), addons);
            }
        }
        for (_, _, Volume { class, .. }) in spec.volumes.iter() {
            self.storage_class(class.as_ref());
        }
        spec.calls.iter().for_each(|call| self.call(call));
    }

    fn store(&mut self, store: &Named<StoreSpec>) {
        let spec = &store.spec;
        self.common(&spec.namespace, spec.owner.as_ref(), spec.priority.as_ref());
        for (_, _, members) in spec.members.iter() {
            self.placement(&members.placement);
            self.storage_class(members.storage.as_ref().and_then(|storage| storage.class.as_ref()));
        }
        let externals = self.resolved.externals.iter().map(|external| external.name.value.as_str());
        self.known("external", spec.backup.as_ref().map(|backup| &backup.to), externals);
        let preferred = spec.replication.as_ref().and_then(|replication| replication.preferred.as_ref());
        let targets = keys(&self.resolved.environment.spec.targets);
        self.known("target of this environment", preferred, targets);
    }

    fn common(
        &mut self,
        namespace: &Val<String>,
        owner: Option<&Val<String>>,
        priority: Option<&Val<String>>,
    ) {
        let platform = &self.resolved.platform.spec;
        self.known("namespace of the platform", Some(namespace), keys(&platform.namespaces));
        self.known("owner of the platform", owner, keys(&platform.owners));
        // Kubernetes has these two in every cluster.
        let built_in = ["system-cluster-critical", "system-node-critical"];
        let classes = keys(&platform.priority_classes).chain(built_in);
        self.known("priority class of the platform", priority, classes);
    }

    fn storage_class(&mut self, class: Option<&Val<String>>) {
        self.known(
            "storage class of the platform",
            class,
            keys(&self.resolved.platform.spec.storage_classes),
        );
    }

    fn placement(&mut self, placement: &Placement) {
        let target = &self.resolved.target.spec;
        if target.runs.value == "kubernetes" {
            self.known("node pool of this target", placement.pool.as_ref(), keys(&target.node_pools));
        }
    }

    fn call(&mut self, call: &Call) {
        let name = call.to.value.as_str();
        let called = self.documents.iter().filter(|document| document.kind.is_called());
        let Some(document) = called.clone().find(|document| document.name.value == name) else {
            if !self.definition.broken.iter().any(|broken| broken == name) {
                let names = called.map(|document| document.name.value.as_str());
                let finding = unknown("component, store, external or add-on", &call.to, names);
                self.findings.push(finding);
            }
            return;
        };
        if document.is_disabled() {
            self.findings.push(disabled(call, document));
            return;
        }
        let ports: Option<&Keyed<PortSpec>> = match document.kind {
            Kind::Component => named(&self.resolved.components, name).map(|spec| &spec.ports),
            Kind::External => named(&self.resolved.externals, name).map(|spec| &spec.ports),
            // What these offer besides, their catalogue modules say.
            _ => None,
        };
        if let Some(ports) = ports {
            let what = format!("port of {name}");
            call.port.iter().chain(&call.ports).for_each(|port| self.known(&what, Some(port), keys(ports)));
        }
        if let (Some(account), Some(store)) = (&call.as_, named(&self.resolved.stores, name)) {
            let databases = store.databases.iter().map(|database| database.value.as_str());
            let known = keys(&store.users).chain(databases);
            self.known(&format!("user or database of {name}"), Some(account), known);
        }
    }
}

fn named<'a, T>(of: &'a [Named<T>], name: &str) -> Option<&'a T> {
    of.iter().find(|named| named.name.value == name).map(|named| &named.spec)
}

fn unknown<'n>(what: &str, name: &Val<String>, candidates: impl Iterator<Item = &'n str> + Clone) -> Finding {
    let path = match name.origin.kind() {
        OriginKind::Written { field, .. } => field.to_string(),
        _ => String::new(),
    };
    let message = format!("{path} names `{}`, but there is no such {what}", name.value);
    let finding = Finding::new("definition-name-unknown", Level::Error, message).about(path);
    let finding = at(finding, name, &format!("no {what}"));
    match nearest(name, candidates.clone()) {
        Some(meant) => finding.help(format!("Did you mean `{meant}`?")),
        None => match candidates.collect::<Vec<_>>()[..] {
            [] => finding.help("There is none at all; declare it first."),
            ref known => finding.help(format!("There are {}.", known.join(", "))),
        },
    }
}

fn disabled(call: &Call, document: &Document) -> Finding {
    let path = match call.to.origin.kind() {
        OriginKind::Written { field, .. } => field.to_string(),
        _ => String::new(),
    };
    let message = format!("{path} calls {}, which is left out here", document.id());
    let finding = Finding::new("definition-name-unknown", Level::Error, message).about(path);
    let finding = at(finding, &call.to, "this call goes nowhere");
    let place = document.spec.get("enabled").map(|enabled| enabled.origin.spans());
    let finding =
        place.into_iter().flatten().fold(finding, |finding, span| finding.at(span, "left out here"));
    finding.help("Remove the call in the same place (`calls: {$remove: [{to: …}]}`), or keep what it calls.")
}

fn at(finding: Finding, name: &Val<String>, label: &str) -> Finding {
    name.origin.spans().into_iter().fold(finding, |finding, span| finding.at(span, label))
}
