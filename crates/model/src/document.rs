//! The documents of a definition, read from its files.

use std::sync::Arc;

use diag::{FileId, Files, Finding, Level, Problem, ProblemKind, SourceMap, Span, nearest};
use tree::declare::{By, Declared, Layered, Lift, Shape, Type};
use tree::{FieldPath, Layer, NodeRef, Origin, Tree, Val, definition};

use crate::kinds::{
    AddonSpec, Change, ComponentSpec, EnvironmentSpec, ExternalSpec, PlatformSpec, StoreSpec,
};
use crate::types::label_problem;

/// What `apiVersion` says in every document of a definition.
pub const API_VERSION: &str = "underpin.dev/v1";

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What holds for the whole platform.
    Platform,
    /// A workload.
    Component,
    /// A data store.
    Store,
    /// Something outside.
    External,
    /// What clusters have besides.
    Addon,
    /// An environment.
    Environment,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Platform, Self::Component, Self::Store, Self::External, Self::Addon, Self::Environment];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "Platform",
            Self::Component => "Component",
            Self::Store => "Store",
            Self::External => "External",
            Self::Addon => "Addon",
            Self::Environment => "Environment",
        }
    }

    /// From its name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether its name may stand behind `to` of a call.
    #[must_use]
    pub fn is_called(self) -> bool {
        matches!(self, Self::Component | Self::Store | Self::External | Self::Addon)
    }

    /// What its `spec` is declared as.
    #[must_use]
    pub fn spec(self) -> Type {
        match self {
            Self::Platform => PlatformSpec::declared(),
            Self::Component => ComponentSpec::declared(),
            Self::Store => StoreSpec::declared(),
            Self::External => ExternalSpec::declared(),
            Self::Addon => AddonSpec::declared(),
            Self::Environment => EnvironmentSpec::declared(),
        }
    }
}

definition! {
    /// A document of a definition.
    pub struct Head {
        /// Always `underpin.dev/v1`.
        #[one_of("underpin.dev/v1")]
        api_version: Val<String>,
        /// What it declares.
        #[one_of("Platform", "Component", "Store", "External", "Addon", "Environment")]
        kind: Val<String>,
        /// What it is called.
        metadata: Metadata,
        /// What it says.
        spec: Change,
    }

    /// What a document is called.
    pub struct Metadata {
        /// Its name: a DNS label.
        name: Val<String>,
    }
}

/// A document, lifted by its kind.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Val<String>,
    /// Its `spec`.
    pub spec: Layered,
}

impl Document {
    /// `Kind/name`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.name.value)
    }

    /// The path of its `spec`.
    #[must_use]
    pub fn path(&self) -> FieldPath {
        FieldPath::new(format!("{}.spec", self.id()))
    }

    /// Whether it says that it is left out.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.spec.get("enabled").and_then(Layered::text) == Some("false")
    }

    /// Where its name stands.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.name.origin.spans().first().copied().unwrap_or(self.spec.key)
    }
}

/// What the files of a folder say, before anything is merged.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// Its documents, in the order of their files.
    pub documents: Vec<Document>,
    /// Names of documents that could not be read to their end: nothing that names them is at fault.
    pub broken: Vec<String>,
}

/// Reads every document of a folder. The folder `modules/` holds the catalogue modules of its owner, and is not read.
#[must_use]
pub fn load(files: &dyn Files, sources: &mut SourceMap) -> (Definition, Vec<Finding>) {
    let listing = files.list();
    let mut findings: Vec<_> = listing.problems.iter().map(unreadable).collect();
    let mut definition = Definition::default();
    for path in listing.paths.iter().filter(|path| is_definition(path)) {
        match files.read(path) {
            Err(problem) => findings.push(unreadable(&problem)),
            Ok(bytes) => match String::from_utf8(bytes) {
                Err(_) => findings.push(not_text(path)),
                Ok(text) => {
                    let file = sources.add(path.as_str(), text);
                    read(file, &sources.shared_text(file), path, &mut definition, &mut findings);
                }
            },
        }
    }
    (definition, findings)
}

fn is_definition(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    let known = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
    known && !hidden && !path.starts_with("modules/")
}

fn unreadable(problem: &Problem) -> Finding {
    let path = &problem.path;
    let (why, help) = match &problem.kind {
        ProblemKind::Missing => ("there is no such file".to_owned(), "Check the path."),
        ProblemKind::NotPermitted => ("this user may not read it".to_owned(), "Change its permissions."),
        ProblemKind::NotAFile => ("it is not a regular file".to_owned(), "Move it out of the folder."),
        ProblemKind::BadLink => {
            ("it is a link out of the folder, or to itself".to_owned(), "Remove the link.")
        }
        ProblemKind::TooLarge { size, limit } => {
            (format!("it has {size} bytes, and at most {limit} are read"), "Split it, or move it elsewhere.")
        }
        ProblemKind::Other(reason) => (reason.clone(), "Make it readable, or move it elsewhere."),
    };
    Finding::new("file-unreadable", Level::Error, format!("{path} can't be read: {why}"))
        .help(help)
        .about(path)
}

fn not_text(path: &str) -> Finding {
    Finding::new("file-unreadable", Level::Error, format!("{path} can't be read: it is not UTF-8 text"))
        .help("Save it as UTF-8, or move it out of the folder.")
        .about(path)
}

fn read(file: FileId, text: &str, path: &str, definition: &mut Definition, findings: &mut Vec<Finding>) {
    let parsed = tree::parse(file, text);
    if parsed.documents.is_empty() && parsed.findings.is_empty() {
        let whole = Span { file, start: 0, end: 0 };
        findings.push(
            Finding::new("definition-file-empty", Level::Warning, format!("{path} says nothing"))
                .at(whole, "no document in here")
                .help("Write a document into it, or remove it.")
                .about(path),
        );
    }
    findings.extend(parsed.findings);
    for tree in parsed.partial {
        let name = tree.root().path(&["metadata", "name"]).and_then(NodeRef::text);
        definition.broken.extend(name.map(str::to_owned));
    }
    for tree in parsed.documents {
        match document(&Arc::new(tree), findings) {
            Ok(document) => definition.documents.push(document),
            Err(name) => definition.broken.extend(name),
        }
    }
}

/// Lifts one document; `Err` with its name, where it has one, if it is no document of a definition.
fn document(tree: &Arc<Tree>, findings: &mut Vec<Finding>) -> Result<Document, Option<String>> {
    let root = tree.root();
    let name = root.path(&["metadata", "name"]).and_then(NodeRef::text);
    if let Some(finding) = foreign(root) {
        findings.push(finding);
        return Err(name.map(str::to_owned));
    }
    let kind = root.get("kind").and_then(NodeRef::text).unwrap_or("");
    let path = FieldPath::new(format!("{kind}/{}", name.unwrap_or("?")));
    let mut lift = Lift { tree, by: By::Layer(Layer::Platform), changes: false, findings };
    let at = root.entry("kind").and_then(|(key, _)| key.span());
    let head = lift.node(root, &Head::declared(), &path, at);
    let read = Head::read(&tree::declare::At::new(&with_spec(head), path.clone()), findings);
    let (Some(read), Some(kind)) = (read, Kind::of(kind)) else { return Err(name.map(str::to_owned)) };
    let name = read.metadata.name;
    if let Some(problem) = label_problem(&name) {
        let message = format!("{path} can't be called so: `{}` {problem}", name.value);
        let finding = Finding::new("definition-value-invalid", Level::Error, message);
        let span = name.origin.spans().first().copied();
        let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, "the name"));
        findings.push(finding.help("Names are DNS labels, such as `detection-engine`.").about(path.as_str()));
    }
    let spec_path = path.join("spec");
    let spec = match root.entry("spec") {
        Some((key, spec)) => {
            let mut lift = Lift { tree, by: By::Layer(Layer::Platform), changes: false, findings };
            lift.node(spec, &kind.spec(), &spec_path, key.span())
        }
        None => nothing(&spec_path, &name),
    };
    // An empty `spec:` still lacks what it must have.
    let spec = if matches!(spec.shape, Shape::Remove) { nothing(&spec_path, &name) } else { spec };
    Ok(Document { kind, name, spec })
}

/// `spec` is looked at by the kind, so that its absence is reported field by field.
fn with_spec(mut head: Layered) -> Layered {
    let raw = Layered { shape: Shape::Invalid, origin: head.origin.clone(), key: head.key };
    if let Shape::Map(fields) = &mut head.shape
        && !fields.contains_key("spec")
    {
        fields.insert("spec".into(), raw);
    }
    head
}

fn nothing(path: &FieldPath, name: &Val<String>) -> Layered {
    let span = name.origin.spans().first().copied();
    let key = span.unwrap_or(Span { file: FileId(0), start: 0, end: 0 });
    let origin = Origin::written(path.clone(), key, Layer::Platform, None);
    Layered { shape: Shape::Map(indexmap::IndexMap::new()), origin, key }
}

/// Why a document is none of a definition.
fn foreign(root: NodeRef<'_>) -> Option<Finding> {
    let version = root.get("apiVersion");
    let text = version.and_then(NodeRef::text);
    if text == Some(API_VERSION) {
        return None;
    }
    let finding = |message: String| Finding::new("definition-document-foreign", Level::Error, message);
    let span = version.or(Some(root)).and_then(NodeRef::span);
    let (message, label) = match text {
        Some(text) => (format!("`{text}` is not the API version of a definition"), "not of a definition"),
        None => ("this document has no `apiVersion`".to_owned(), "this document"),
    };
    let finding = span.into_iter().fold(finding(message), |finding, span| finding.at(span, label));
    let slip = text.is_some_and(|text| nearest(text, [API_VERSION]).is_some());
    Some(if slip || text.is_none() {
        finding.help(format!("Write `apiVersion: {API_VERSION}`, or move the file out of the folder."))
    } else {
        finding.help("Move the file out of the folder of the platform: Kubernetes objects are derived.")
    })
}
