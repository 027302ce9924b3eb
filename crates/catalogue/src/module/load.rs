//! Reading modules: the shipped ones, and an owner's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use diag::{FileId, Files, Finding, Level, SourceMap, nearest};
use tree::declare::{At, By, Declared, Lift};
use tree::{FieldPath, NodeRef, Tree};

use super::addon::{Addon, Image, Runtime};
use super::check;
use super::engine::Engine;
use super::shipped::SHIPPED;

const API_VERSION: &str = "catalogue.underpin.dev/v1";
const KINDS: [&str; 4] = ["Engine", "Addon", "Runtime", "Image"];

/// Modules by name.
#[derive(Clone, Debug, Default)]
pub struct Modules {
    /// Store engines.
    pub engines: BTreeMap<String, Engine>,
    /// Add-ons.
    pub addons: BTreeMap<String, Addon>,
    /// Languages.
    pub runtimes: BTreeMap<String, Runtime>,
    /// Images that are used as they come.
    pub images: BTreeMap<String, Image>,
}

impl Modules {
    /// The shipped modules. Their findings are empty, which a test sees to.
    #[must_use]
    pub fn shipped() -> (Self, Vec<Finding>) {
        let (mut modules, mut findings, mut sources) = (Self::default(), Vec::new(), SourceMap::default());
        for (path, text) in SHIPPED {
            let file = sources.add(*path, *text);
            modules.read(file, text, &mut findings);
        }
        (modules, findings)
    }

    /// Adds the modules of a platform's folder `modules/`; one with a shipped module's name takes its place.
    pub fn add(&mut self, files: &dyn Files, sources: &mut SourceMap) -> Vec<Finding> {
        let mut findings = Vec::new();
        let listing = files.list();
        let own = listing.paths.iter().filter(|path| path.starts_with("modules/") && path.ends_with(".yaml"));
        for path in own {
            match files.read(path).map(String::from_utf8) {
                Ok(Ok(text)) => {
                    let file = sources.add(path.as_str(), text);
                    self.read(file, &sources.shared_text(file), &mut findings);
                }
                Ok(Err(_)) | Err(_) => {
                    let message = format!("{path} can't be read as text");
                    let finding = Finding::new("file-unreadable", Level::Error, message);
                    findings.push(finding.help("Make it a readable UTF-8 file, or remove it.").about(path));
                }
            }
        }
        findings
    }

    fn read(&mut self, file: FileId, text: &str, findings: &mut Vec<Finding>) {
        let parsed = tree::parse(file, text);
        findings.extend(parsed.findings);
        for tree in parsed.documents {
            self.document(&Arc::new(tree), findings);
        }
    }

    fn document(&mut self, tree: &Arc<Tree>, findings: &mut Vec<Finding>) {
        let root = tree.root();
        let text = |path: &[&str]| root.path(path).and_then(NodeRef::text).unwrap_or("");
        let (version, kind, name) = (text(&["apiVersion"]), text(&["kind"]), text(&["metadata", "name"]));
        let Some(spec) = root.get("spec").filter(|_| version == API_VERSION && KINDS.contains(&kind)) else {
            findings.push(no_module(root, version, kind));
            return;
        };
        let module = format!("{kind}/{name}");
        let mut source = Source { tree, spec, module: &module, findings };
        let name = name.to_owned();
        match kind {
            "Engine" => {
                let engine: Option<Engine> = source.read();
                engine.iter().for_each(|engine| check::engine(engine, source.findings));
                self.engines.extend(engine.map(|engine| (name, engine)));
            }
            "Addon" => self.addons.extend(source.read().map(|addon| (name, addon))),
            "Runtime" => self.runtimes.extend(source.read().map(|runtime| (name, runtime))),
            _ => self.images.extend(source.read().map(|image| (name, image))),
        }
    }
}

/// The `spec` of a module.
struct Source<'a> {
    tree: &'a Arc<Tree>,
    spec: NodeRef<'a>,
    module: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl Source<'_> {
    fn read<T: Declared>(&mut self) -> Option<T> {
        let path = FieldPath::new(self.module);
        let by = By::Module(self.module);
        let mut lift = Lift { tree: self.tree, by, changes: false, findings: self.findings };
        let key = self.tree.root().entry("spec").and_then(|(key, _)| key.span());
        let lifted = lift.node(self.spec, &T::declared(), &path, key);
        T::read(&At::new(&lifted, path), self.findings)
    }
}

fn no_module(root: NodeRef<'_>, version: &str, kind: &str) -> Finding {
    let (key, wrong, right) = if version == API_VERSION {
        ("kind", kind, nearest(kind, KINDS).unwrap_or("Engine"))
    } else {
        ("apiVersion", version, API_VERSION)
    };
    let message = if root.get("spec").is_none() && KINDS.contains(&kind) {
        "this module has no `spec`".to_owned()
    } else {
        format!("`{wrong}` is no `{key}` of a catalogue module")
    };
    let span = root.get(key).or(Some(root)).and_then(NodeRef::span);
    let finding = Finding::new("module-invalid", Level::Error, message).about(wrong);
    let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, "here"));
    finding.help(format!("Write `{key}: {right}`; modules have `metadata.name` and `spec` besides."))
}

#[cfg(test)]
mod tests {
    use super::Modules;

    #[test]
    fn shipped_modules_are_without_fault() {
        let (modules, findings) = Modules::shipped();
        let messages: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
        assert!(messages.is_empty(), "{messages:#?}");
        assert!(modules.engines.contains_key("dragonfly"));
    }
}
