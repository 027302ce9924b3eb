//! One file: its documents, and the objects in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use diag::{FileId, Finding, Level, Span};
use tree::{NodeRef, Tree};

use crate::object::{group_of, text};
use crate::{Kind, Obj, Object, Placement, placement};

/// What one file holds.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) trees: Vec<Tree>,
    /// Objects, whose `tree` counts within this file.
    pub(super) objects: Vec<Object>,
    pub(super) n_others: usize,
    pub(super) findings: Vec<Finding>,
    /// Documents that could hold secrets in what isn't in a tree.
    pub(super) secretive: Vec<Span>,
}

/// API groups whose kinds are read by programs on a developer's machine and never sent to a cluster.
const CLIENT_GROUPS: &[&str] = &[
    "kustomize.config.k8s.io",
    "kind.x-k8s.io",
    "skaffold",
    "eksctl.io",
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "kubescheduler.config.k8s.io",
    "apiserver.config.k8s.io",
    "apiserver.k8s.io",
    "audit.k8s.io",
    "client.authentication.k8s.io",
    "config.kio.kasten.io",
    "underpin.dev",
];

/// Parses a manifest file.
pub(super) fn parse(file: FileId, source: &Arc<str>) -> Parsed {
    if source.trim_start_matches('\u{feff}').trim().is_empty() {
        let finding = Finding::new("file-empty", Level::Note, "this file is empty")
            .at(Span { file, start: 0, end: 0 }, "")
            .help("Remove it, or write what it is for.");
        return Parsed { findings: vec![finding], ..Parsed::default() };
    }
    let kubernetes = source.contains("apiVersion");
    if !kubernetes && source.trim_start().starts_with(['{', '[']) {
        return Parsed { n_others: 1, ..Parsed::default() };
    }
    let mut read = tree::parse(file, source);
    if is_template(source, &read) {
        return Parsed { findings: vec![template(file, source)], ..Parsed::default() };
    }
    if !kubernetes {
        read.findings.iter_mut().for_each(|finding| finding.level = finding.level.min(Level::Warning));
    }
    let may_hold_secrets = |span: &Span| {
        let text = source.get(span.start as usize..span.end as usize).unwrap_or("");
        text.contains("Secret") && (text.contains("data") || text.contains("stringData"))
    };
    let secretive = read.flawed.into_iter().filter(may_hold_secrets).collect();
    let mut parsed = Parsed { findings: read.findings, secretive, ..Parsed::default() };
    let whole = read.documents.iter().map(|tree| (tree, false));
    for (index, (tree, partial)) in whole.chain(read.partial.iter().map(|tree| (tree, true))).enumerate() {
        let before = parsed.objects.len();
        parsed.take(u32::try_from(index).unwrap_or(u32::MAX), tree.root(), file);
        parsed.objects[before..].iter_mut().for_each(|object| object.partial = partial);
    }
    parsed.trees = read.documents;
    parsed.trees.append(&mut read.partial);
    if source.contains(RENDERED) {
        parsed.release_namespace();
    }
    parsed
}

/// The comment that `helm template` writes above each object.
const RENDERED: &str = "\n# Source: ";

impl Parsed {
    fn take(&mut self, tree: u32, node: NodeRef<'_>, file: FileId) {
        let field = |key| node.get(key).and_then(text);
        let (Some(api_version), Some(kind)) = (field("apiVersion"), field("kind")) else {
            self.n_others += usize::from(node.is_map() || node.is_list());
            return;
        };
        let items = node.get("items").filter(|items| items.is_list());
        if let Some(items) = items.filter(|_| kind == "List" || kind.ends_with("List")) {
            items.items().for_each(|item| self.take(tree, item, file));
            return;
        }
        let group = group_of(api_version);
        if CLIENT_GROUPS.contains(&group) || (api_version == "v1" && kind == "Config") {
            self.n_others += 1;
            return;
        }
        self.objects.push(object(tree, node, file, api_version, kind));
    }

    /// Rendered by Helm, an object without a namespace goes into that of the release. It isn't written anywhere, but
    /// where other objects of the chart name one alone, it is that.
    fn release_namespace(&mut self) {
        let explicit = |object: &Object| {
            let node = self.trees.get(object.tree as usize)?.at(object.root);
            node.path(&["metadata", "namespace"]).and_then(text).map(str::to_owned)
        };
        // Access is granted in other namespaces too (`kube-system`).
        let granted = |object: &&Object| matches!(object.kind, Kind::Role | Kind::RoleBinding);
        let named = self.objects.iter().filter(|object| !granted(object)).filter_map(explicit);
        let named: BTreeSet<String> = named.collect();
        let without: Vec<bool> = self.objects.iter().map(|object| explicit(object).is_none()).collect();
        let Some(namespace) = named.first().filter(|_| named.len() == 1) else { return };
        let namespaced = |object: &Object| !object.namespace.is_empty();
        let moved = self.objects.iter_mut().zip(without).filter(|(_, without)| *without);
        moved.filter(|(object, _)| namespaced(object)).for_each(|(object, _)| {
            object.namespace = namespace.as_str().into();
        });
    }
}

fn object(tree: u32, node: NodeRef<'_>, file: FileId, api_version: &str, kind: &str) -> Object {
    let group = group_of(api_version);
    let metadata = |key| node.path(&["metadata", key]).and_then(text).filter(|text| !text.is_empty());
    let namespace = match placement(group, kind) {
        Some(Placement::Cluster) => "",
        Some(Placement::Namespaced) => metadata("namespace").unwrap_or("default"),
        None => metadata("namespace").unwrap_or(""),
    };
    let name = metadata("name").map(str::to_owned);
    let name = name.or_else(|| metadata("generateName").map(|prefix| format!("{prefix}*")));
    Object {
        kind: Kind::of(group, kind),
        kind_name: kind.into(),
        api_version: api_version.into(),
        namespace: namespace.into(),
        name: name.unwrap_or_default().into(),
        file,
        span: node.span().unwrap_or(Span { file, start: 0, end: 0 }),
        partial: false,
        tree,
        root: node.id(),
    }
}

/// Kinds that are asked of the server and never kept, so they need no name (Kubernetes 1.36 API reference).
const QUESTIONS: &[&str] = &["authentication.k8s.io", "authorization.k8s.io"];

/// An object that the server refuses for want of a name, if it is one.
pub(super) fn nameless(object: Obj<'_>) -> Option<Finding> {
    let (kind, group) = (object.object.kind_name.as_ref(), object.group());
    if QUESTIONS.contains(&group) {
        return None;
    }
    let finding = if placement(group, kind).is_some() {
        Finding::new("name-missing", Level::Error, format!("this {kind} has no name"))
            .help("Write `metadata.name`; nothing else of the object was checked.")
    } else {
        let message = format!("this {kind} isn't evaluated: it has no name, and what {kind} is isn't known");
        Finding::not_evaluated("name-missing", message)
            .help("If it is meant for a cluster, write `metadata.name`.")
    };
    let metadata = object.node.get("metadata").and_then(NodeRef::span);
    Some(finding.about(kind).at(metadata.unwrap_or(object.object.span), "no `name` here"))
}

/// Whether a text is a template rather than YAML: `{{` where YAML can't have it, or in what every object needs to be
/// known by. Braces within strings (alert texts, dashboards) are left alone.
fn is_template(source: &str, read: &tree::Parsed) -> bool {
    if !source.contains("{{") && !source.contains("{%") {
        return false;
    }
    let broken = read.findings.iter().any(|finding| finding.level == Level::Error);
    let plain = source.lines().any(|line| {
        let line = line.trim_start();
        let value = line.split_once(": ").map_or(line, |(_, value)| value).trim_start();
        line.starts_with("{{")
            || value.starts_with("{{")
            || line.starts_with("- {{")
            || line.starts_with("{%")
    });
    let named = read.documents.iter().any(|tree| {
        let fields = [&["apiVersion"][..], &["kind"], &["metadata", "name"], &["metadata", "namespace"]];
        fields.iter().any(|path| {
            tree.root().path(path).and_then(NodeRef::text).is_some_and(|text| text.contains("{{"))
        })
    });
    named || (broken && plain)
}

fn template(file: FileId, source: &str) -> Finding {
    let start = source.find("{{").or_else(|| source.find("{%")).unwrap_or(0);
    let length = source[start..].lines().next().unwrap_or_default().len();
    let offset = |at: usize| u32::try_from(at).unwrap_or(0);
    let span = Span { file, start: offset(start), end: offset(start + length) };
    Finding::not_evaluated(
        "template-not-rendered",
        "this file is a template, not a manifest: it isn't evaluated",
    )
    .at(span, "the first of its expressions")
    .help("Check what it renders to.")
}
