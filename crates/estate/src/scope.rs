//! Scopes, and the views in which they are seen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use diag::{FileId, SourceMap, Span};

use crate::{Estate, Index, Kind, Obj, Object, ObjectId};

/// A scope of an [`Estate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub(crate) u32);

/// One cluster's worth of objects.
#[derive(Clone, Debug)]
pub struct Scope {
    /// `ENVIRONMENT/TARGET`, or the folder.
    pub name: String,
    /// By what it is known.
    pub source: ScopeSource,
    /// Whether what isn't in the files isn't there.
    pub closed: bool,
}

/// By what a scope is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeSource {
    /// The index that `build` wrote.
    Index,
    /// Everything under the root.
    Root,
    /// A folder or file, because a sibling has the same objects.
    Folder,
}

/// In which shape a scope's objects were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Manifests.
    Plain,
}

/// The objects of one scope in one form.
#[derive(Debug)]
pub struct View {
    /// The scope.
    pub scope: ScopeId,
    /// The form.
    pub form: Form,
    /// Its objects, in the order of files; without those that were read in part.
    pub objects: Vec<ObjectId>,
    index: Index,
}

impl View {
    pub(crate) fn new(scope: ScopeId, mut objects: Vec<ObjectId>, all: &[Object]) -> Self {
        let mut index = Index::default();
        for &id in &objects {
            let object = &all[id.0 as usize];
            let mut first = id;
            if object.kind != Kind::Other {
                let names = index.by_key.entry(object.kind).or_default();
                let names = names.entry(Arc::clone(&object.namespace)).or_default();
                first = *names.entry(Arc::clone(&object.name)).or_insert(id);
            }
            if !object.partial && (first == id || object.is_generated()) {
                index.by_kind.entry(object.kind).or_default().push(id);
            }
        }
        objects.retain(|id| !all[id.0 as usize].partial);
        Self { scope, form: Form::Plain, objects, index }
    }

    /// The object of a known kind with a name, also one that was read in part; an empty namespace for
    /// cluster-scoped kinds.
    #[must_use]
    pub fn find<'a>(&self, estate: &'a Estate, kind: Kind, namespace: &str, name: &str) -> Option<Obj<'a>> {
        let id = self.index.by_key.get(&kind)?.get(namespace)?.get(name)?;
        Some(estate.object(*id))
    }

    /// Whether an object stands for itself: of one that is written several times only the first does, or else a
    /// hundred copies would be joined with each other.
    #[must_use]
    pub fn stands(&self, object: Obj<'_>) -> bool {
        let names = self.index.by_key.get(&object.kind()).and_then(|all| all.get(object.namespace()));
        let first = names.and_then(|names| names.get(object.name()));
        first.is_none_or(|first| *first == object.id) || object.object.is_generated()
    }

    /// All objects of a kind, each once however often it is written.
    pub fn of_kind<'a>(&'a self, estate: &'a Estate, kind: Kind) -> impl Iterator<Item = Obj<'a>> + 'a {
        self.index.by_kind.get(&kind).into_iter().flatten().map(|&id| estate.object(id))
    }

    /// All objects of a known kind in a namespace, in the order of files; an empty namespace for cluster-scoped kinds.
    #[must_use]
    pub fn of_kind_in<'a>(&self, estate: &'a Estate, kind: Kind, namespace: &str) -> Vec<Obj<'a>> {
        let names = self.index.by_key.get(&kind).and_then(|namespaces| namespaces.get(namespace));
        let mut ids: Vec<ObjectId> = names.into_iter().flat_map(HashMap::values).copied().collect();
        ids.sort_unstable();
        ids.into_iter().map(|id| estate.object(id)).filter(|object| !object.object.partial).collect()
    }

    /// The names of a known kind in a namespace, sorted.
    #[must_use]
    pub fn names(&self, kind: Kind, namespace: &str) -> Vec<&str> {
        let names = self.index.by_key.get(&kind).and_then(|namespaces| namespaces.get(namespace));
        let mut names: Vec<&str> = names.into_iter().flat_map(HashMap::keys).map(|name| &**name).collect();
        names.sort_unstable();
        names
    }
}

/// A scope's name and its objects.
type Deployment = (String, Vec<ObjectId>);

/// Folders and files that are scopes of their own, each with an object that made it one.
pub(crate) type Splits = BTreeMap<String, Span>;

/// Objects of one name in sibling folders are separate deployments, and so are files that are alternatives of each
/// other: they become scopes. What lies beside or above them belongs to each. Returns the scopes' names with their
/// objects, in order of names, and for each folder or file that became a scope an object that made it one.
pub(crate) fn from_folders(objects: &[Object], sources: &SourceMap) -> (Vec<Deployment>, Splits) {
    let splits = splits(objects, sources);
    let chain = |object: &Object| chain(sources.path(object.file), &splits);
    let mut names: BTreeSet<String> = objects.iter().map(chain).collect();
    if names.len() > 1 {
        let shared: Vec<String> = names.iter().filter(|name| has_below(&names, name)).cloned().collect();
        names.retain(|name| !shared.contains(name));
    }
    let mut scopes: BTreeMap<String, Vec<ObjectId>> =
        names.into_iter().map(|name| (name, Vec::new())).collect();
    for (index, object) in objects.iter().enumerate() {
        let of = chain(object);
        let id = ObjectId(u32::try_from(index).unwrap_or(u32::MAX));
        scopes.iter_mut().filter(|(name, _)| at_or_below(name, &of)).for_each(|(_, ids)| ids.push(id));
    }
    (scopes.into_iter().collect(), splits)
}

fn at_or_below(scope: &str, folder: &str) -> bool {
    folder == "." || scope == folder || scope.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn has_below(names: &BTreeSet<String>, folder: &str) -> bool {
    names.iter().any(|name| name != folder && at_or_below(name, folder))
}

/// The deepest of the splitting folders and files on a file's path; `.` where there is none.
fn chain(path: &str, splits: &Splits) -> String {
    let mut part = Some(path);
    while let Some(path) = part {
        if splits.contains_key(path) {
            return path.to_owned();
        }
        part = path.rsplit_once('/').map(|(parent, _)| parent);
    }
    ".".to_owned()
}

/// Two objects of one kind, namespace and name.
type Pair<'a> = (&'a Object, &'a Object);

/// The folders and files that are scopes of their own: where the paths of two different objects with one name part.
/// Namespaces and equal texts are repeated for convenience and split nothing.
fn splits(objects: &[Object], sources: &SourceMap) -> Splits {
    let pairs = pairs(objects);
    let alternatives = alternatives(objects, &pairs);
    let mut splits = BTreeMap::new();
    for (one, other) in pairs {
        let whole = alternatives.contains(&(one.file, other.file));
        if !whole && sources.snippet(one.span) == sources.snippet(other.span) {
            continue;
        }
        let parts = diverging(sources.path(one.file), sources.path(other.file), whole);
        for (part, object) in parts.into_iter().flatten().zip([one, other]) {
            splits.entry(part).or_insert_with(|| head(object, sources));
        }
    }
    splits
}

/// Every object but Namespaces with those before it that have its name; of very many, with some.
fn pairs(objects: &[Object]) -> Vec<Pair<'_>> {
    const SOME: usize = 16;
    let mut seen: HashMap<(&str, &str, &str), Vec<&Object>> = HashMap::new();
    let mut pairs = Vec::new();
    for object in objects.iter().filter(|object| object.kind != Kind::Namespace) {
        let group = crate::group_of(&object.api_version);
        let named = seen.entry((&object.namespace, &object.name, &object.kind_name)).or_default();
        let same = named.iter().filter(|other| {
            let kind_known = object.kind != Kind::Other;
            other.kind == object.kind && (kind_known || crate::group_of(&other.api_version) == group)
        });
        pairs.extend(same.take(SOME).map(|other| (*other, object)));
        named.push(object);
    }
    pairs
}

/// Pairs of files that nobody applies together (`install.yaml` and `namespace-install.yaml`): they have several objects
/// in common, and of one of them most.
fn alternatives(objects: &[Object], pairs: &[Pair<'_>]) -> HashSet<(FileId, FileId)> {
    const SEVERAL: usize = 3;
    let mut sizes: HashMap<FileId, usize> = HashMap::new();
    objects.iter().for_each(|object| *sizes.entry(object.file).or_default() += 1);
    let mut common: HashMap<(FileId, FileId), usize> = HashMap::new();
    for (one, other) in pairs.iter().filter(|(one, other)| one.file != other.file) {
        *common.entry((one.file, other.file)).or_default() += 1;
    }
    let smaller = |(one, other): &(FileId, FileId)| sizes[one].min(sizes[other]);
    common.retain(|files, common| *common >= SEVERAL && *common * 2 > smaller(files));
    common.into_keys().collect()
}

/// The first line of an object.
fn head(object: &Object, sources: &SourceMap) -> Span {
    let line = sources.snippet(object.span).lines().next().unwrap_or_default();
    let length = u32::try_from(line.len()).unwrap_or(0);
    Span { end: object.span.start + length, ..object.span }
}

/// Where two paths part: in folders, or else only in `whole` files.
fn diverging(one: &str, other: &str, whole: bool) -> Option<[String; 2]> {
    let differs = one.split('/').zip(other.split('/')).position(|(a, b)| a != b)?;
    let part = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        (whole || parts.len() > differs + 1).then(|| parts[..=differs].join("/"))
    };
    Some([part(one)?, part(other)?])
}
