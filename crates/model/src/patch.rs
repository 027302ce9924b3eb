//! Owner patches: strategic merge of emitted objects, before they are printed.
//!
//! Lists merge by Kubernetes' own merge keys, `null` removes a field, `$patch: delete` an item or field, `$patch:
//! replace` replaces a mapping whole (`k8s.io/apimachinery/pkg/util/strategicpatch`). What a patch replaced stays
//! in the origin. A patch that matches nothing, and a removal of what isn't there, are errors: what was patched has
//! changed.

use catalogue::kubernetes::{Field, KindLookup, Schemas, Shape, TypeId, Version};
use diag::{Finding, Level, Span, nearest};
use tree::{Draft, FieldPath, Layer, NodeRef, Origin, Val};

use crate::kinds::{ObjectPatch, Resolved};

/// The rule of every finding about a patch.
pub const RULE: &str = "patch-unmatched";

/// An emitted object that may be patched.
#[derive(Debug)]
pub struct Patchable<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace; empty for cluster-scoped kinds.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The object.
    pub draft: &'a mut Draft,
}

impl Patchable<'_> {
    fn id(&self) -> String {
        match self.namespace {
            "" => format!("{}/{}", self.kind, self.name),
            namespace => format!("{}/{namespace}/{}", self.kind, self.name),
        }
    }

    fn is_meant(&self, object: &str) -> bool {
        object == self.id() || object == format!("{}/{}", self.kind, self.name)
    }
}

/// Applies the patches of each environment to the objects of its scopes.
pub fn apply(scopes: &mut [(&Resolved, Vec<Patchable<'_>>)]) -> Vec<Finding> {
    let schemas = Schemas::load();
    let mut findings = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for at in 0..scopes.len() {
        let environment = scopes[at].0.environment.name.value.as_str();
        if done.contains(&environment) {
            continue;
        }
        done.push(environment);
        for patch in &scopes[at].0.environment.spec.patches {
            let here = scopes.iter_mut().filter(|(scope, _)| scope.environment.name.value == environment);
            one(&schemas, environment, patch, here, &mut findings);
        }
    }
    findings
}

/// Applies one patch wherever it is for.
fn one<'s, 'o: 's, 'r: 's>(
    schemas: &Schemas,
    environment: &str,
    patch: &ObjectPatch,
    scopes: impl Iterator<Item = &'s mut (&'r Resolved, Vec<Patchable<'o>>)>,
    findings: &mut Vec<Finding>,
) {
    let mut known = Vec::new();
    let mut is_matched = false;
    for (scope, objects) in scopes {
        let target = &scope.target.name.value;
        if !patch.targets.is_empty() && !patch.targets.iter().any(|name| name.value == *target) {
            continue;
        }
        let version = scope.target.spec.kubernetes.as_ref().and_then(|text| Version::parse(text));
        let mut is_here = false;
        for object in objects.iter_mut().filter(|object| object.is_meant(&patch.object)) {
            is_here = true;
            let path = FieldPath::new(format!(
                "Environment/{environment}.spec.patches[{}].patch",
                patch.object.value
            ));
            let mut merge = Merge { schemas, version: version.unwrap_or_default(), findings };
            let of = merge.root(object);
            merge.map(object.draft, patch.patch.0.at(patch.patch.1), of, &path);
        }
        is_matched |= is_here;
        known.extend(objects.iter().map(Patchable::id));
        if !is_here && !patch.targets.is_empty() {
            findings.push(unmatched(&patch.object, &format!(" in {environment}/{target}"), &known));
        }
    }
    if !is_matched && patch.targets.is_empty() {
        findings.push(unmatched(&patch.object, &format!(" in {environment}"), &known));
    }
}

fn unmatched(object: &Val<String>, place: &str, known: &[String]) -> Finding {
    let message = format!("a patch is for {}, but nothing of that name is emitted{place}", object.value);
    let finding = Finding::new(RULE, Level::Error, message).about(object.value.clone());
    let spans = object.origin.spans();
    let finding = spans.into_iter().fold(finding, |finding, span| finding.at(span, "no such object"));
    match nearest(&object.value, known.iter().map(String::as_str)) {
        Some(meant) => finding.help(format!("Did you mean `{meant}`?")),
        None => {
            finding.help("Objects are named `Kind/namespace/name`, or `Kind/name`; see the emitted files.")
        }
    }
}

struct Merge<'a> {
    schemas: &'a Schemas,
    version: Version,
    findings: &'a mut Vec<Finding>,
}

impl Merge<'_> {
    /// The type of an object; none for custom kinds, whose lists are replaced whole.
    fn root(&self, object: &Patchable<'_>) -> Option<TypeId> {
        let api = object.draft.get("apiVersion").and_then(Draft::scalar_text)?;
        match self.schemas.kind(self.version, api, object.kind) {
            KindLookup::Known(kind) => Some(kind.of),
            _ => None,
        }
    }

    fn map(&mut self, draft: &mut Draft, patch: NodeRef<'_>, of: Option<TypeId>, path: &FieldPath) {
        if directive(patch) == Some("replace") {
            let mut whole = copy(patch, path, Some(draft.origin()));
            whole.remove("$patch");
            *draft = keep_key(whole, draft);
            return;
        }
        for (key, value) in patch.entries() {
            let name = key.kube_key();
            if name == "$patch" {
                continue;
            }
            if name.starts_with('$') {
                self.unknown_directive(&name, key.span());
                continue;
            }
            let path = path.join(&name);
            let field = of.and_then(|of| self.schemas.field(of, &name, self.version)).copied();
            self.field(draft, &name, value, field, &path);
        }
    }

    fn field(
        &mut self,
        draft: &mut Draft,
        name: &str,
        value: NodeRef<'_>,
        field: Option<Field>,
        path: &FieldPath,
    ) {
        let removes = (value.text().is_some() && value.is_null()) || directive(value) == Some("delete");
        if removes {
            if draft.remove(name).is_none() {
                self.idle(path, value.span(), "removes nothing");
            }
            return;
        }
        let Some(old) = draft.get_mut(name) else {
            draft.set(name, copy(value, path, None));
            return;
        };
        let inner = field.and_then(|field| self.schemas.struct_in(field.shape));
        let is_keyed = field.is_some_and(|field| field.merge_key.is_some());
        let merges = field.is_some_and(|field| field.merges);
        if old.is_map() && value.is_map() && !matches!(field.map(|field| field.shape), Some(Shape::List(_))) {
            self.map(old, value, inner, path);
        } else if old.items_mut().is_some() && value.is_list() && is_keyed {
            let key = field.and_then(|field| field.merge_key).unwrap_or("name");
            self.list(old, value, key, inner, path);
        } else if merges && value.is_list() {
            self.set(old, value, path);
        } else {
            let new = copy(value, path, Some(old.origin()));
            *old = keep_key(new, old);
        }
    }

    /// A list whose items have a key.
    fn list(&mut self, old: &mut Draft, patch: NodeRef<'_>, key: &str, of: Option<TypeId>, path: &FieldPath) {
        let origin = old.origin().clone();
        let Some(items) = old.items_mut() else { return };
        if patch.items().any(|item| directive(item) == Some("replace")) {
            let kept = patch.items().filter(|item| directive(*item) != Some("replace"));
            *items = kept.map(|item| copy(item, path, Some(&origin))).collect();
            return;
        }
        for item in patch.items() {
            let Some(wanted) = item.get(key).and_then(NodeRef::text) else {
                self.idle(path, item.span(), &format!("has no `{key}`, by which items are told apart"));
                continue;
            };
            let path = FieldPath::new(format!("{path}[{wanted}]"));
            let is_it = |one: &Draft| one.get(key).and_then(Draft::scalar_text) == Some(wanted);
            let at = items.iter().position(is_it);
            match (at, directive(item) == Some("delete")) {
                (Some(at), true) => drop(items.remove(at)),
                (None, true) => self.idle(&path, item.span(), "removes nothing"),
                (Some(at), false) => self.map(&mut items[at], item, of, &path),
                (None, false) => items.push(copy(item, &path, None).keyed(wanted)),
            }
        }
    }

    /// A list of distinct scalars: what isn't there comes behind.
    fn set(&mut self, old: &mut Draft, patch: NodeRef<'_>, path: &FieldPath) {
        let Some(items) = old.items_mut() else { return };
        for item in patch.items() {
            let text = item.text().unwrap_or("");
            if !items.iter().any(|one| one.scalar_text() == Some(text)) {
                items.push(copy(item, path, None).keyed(text));
            }
        }
    }

    fn idle(&mut self, path: &FieldPath, span: Option<Span>, label: &str) {
        let finding = Finding::new(RULE, Level::Error, format!("{path} {label}"));
        let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, label));
        let help = "What is patched has changed: mend the patch, or remove it.";
        self.findings.push(finding.help(help).about(path.as_str()));
    }

    fn unknown_directive(&mut self, name: &str, span: Option<Span>) {
        let message = format!("`{name}` is no directive of patches that is understood");
        let finding = Finding::new(RULE, Level::Error, message).about(name);
        let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, "not understood"));
        self.findings.push(finding.help("Use `null`, `$patch: delete` or `$patch: replace`."));
    }
}

/// What `$patch` says.
fn directive(node: NodeRef<'_>) -> Option<&str> {
    node.get("$patch").and_then(NodeRef::text)
}

fn copy(node: NodeRef<'_>, path: &FieldPath, over: Option<&Origin>) -> Draft {
    let whole = node.id();
    Draft::copy(node, &|node| {
        let none = Span { file: diag::FileId(0), start: 0, end: 0 };
        let span = node.span().unwrap_or(none);
        let span = if node.text().is_some() { span } else { Span { end: span.start, ..span } };
        Origin::written(path.clone(), span, Layer::Patch, over.filter(|_| node.id() == whole).cloned())
    })
}

/// The new one in the old one's place in a list.
fn keep_key(new: Draft, old: &Draft) -> Draft {
    match old.item_key() {
        Some(key) => new.keyed(key.as_str()),
        None => new,
    }
}
