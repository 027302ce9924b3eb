//! The embedded table of schemas and the look-ups into it.
//!
//! A line is one of: `source`, where a version was read from; `enum NUMBER VALUE|…`; `kind VERSIONS APIVERSION KIND
//! PLURAL SCOPE TYPE`; `type NAME [atomic]`, followed by its fields in the order of their names, each indented:
//! `VERSIONS NAME SHAPE ATTRIBUTE…`. A shape is a scalar's name, `%NUMBER` an enumeration, `@NAME` a type, `[X]` a
//! list of X, `{X}` a map to X.

use std::collections::HashMap;

use super::removed::{Removal, removal};
use super::version::{Version, Versions};

const TABLE: &str = include_str!("../../data/kubernetes-schemas.txt");

/// A type of the table: an object with named fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(u32);

/// The shape of a list's items or a map's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapeId(u32);

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Anything.
    Any,
    /// A mapping whose content the API server doesn't look into.
    Object,
    /// A mapping with the fields of a type.
    Struct(TypeId),
    /// A sequence.
    List(ShapeId),
    /// A mapping with free keys.
    Map(ShapeId),
    /// A string.
    String,
    /// One of some strings; [`Schemas::enumeration`] has them.
    Enum(u16),
    /// Base64 with padding.
    Bytes,
    /// RFC 3339.
    Time,
    /// RFC 3339 with six digits of a fraction, as a Lease has.
    MicroTime,
    /// `true` or `false`.
    Boolean,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Number,
    /// A whole number of 32 bits or a string, such as a port or a percentage.
    IntOrString,
    /// A resource quantity, as string or number.
    Quantity,
}

/// How server-side apply takes a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// Items by key.
    Map,
    /// Distinct scalars.
    Set,
}

/// A field of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value must look like.
    pub shape: Shape,
    /// Whether the API demands it.
    pub required: bool,
    /// Set for lists that say so; others are atomic.
    pub list: Option<ListType>,
    /// The key of a strategic merge patch.
    pub merge_key: Option<&'static str>,
    /// Whether a strategic merge patch merges (lists of scalars have no key) rather than replaces.
    pub merges: bool,
    /// Whether a strategic merge patch drops the keys that the patch doesn't name, as with a Deployment's `strategy`.
    pub retains_keys: bool,
    /// Whether server-side apply takes this mapping as a whole.
    pub atomic: bool,
    keys: &'static str,
    versions: Versions,
}

impl Field {
    /// The keys by which server-side apply tells items apart; several for `ports` (`port`, `protocol`).
    pub fn list_map_keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.split(',').filter(|key| !key.is_empty())
    }
}

/// A kind that an API server of some version serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `apps/v1`
    pub api_version: &'static str,
    /// `Deployment`
    pub name: &'static str,
    /// `deployments`
    pub plural: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Its type.
    pub of: TypeId,
    /// The versions that have it.
    pub versions: Versions,
}

impl Kind {
    /// Whether a cluster serves it without being told to: alpha and beta APIs are off by default in every version
    /// covered (`betaAPIGroupVersionsDisabledByDefault` and its like in Kubernetes'
    /// `pkg/controlplane/instance.go`).
    #[must_use]
    pub fn on_by_default(&self) -> bool {
        !self.api_version.contains("alpha") && !self.api_version.contains("beta")
    }
}

/// What is known of a kind in a version of Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindLookup {
    /// The API server has it.
    Known(Kind),
    /// No longer served, by a built-in API or a well-known add-on.
    Removed(Removal),
    /// A later version of Kubernetes is the first to have it.
    NotYet(Version),
    /// The group is built in, but has no such version or kind; with the kind or API version that was probably meant.
    Missing(Option<&'static str>),
    /// Not an API of Kubernetes itself, or not an object of one: lists and files for clients (`v1` `List`, `Config`).
    Foreign,
}

#[derive(Debug)]
struct Type {
    name: &'static str,
    atomic: bool,
    first: u32,
    end: u32,
}

/// The schemas of Kubernetes' own kinds. Loading takes about a millisecond; keep one and pass it on.
#[derive(Debug)]
pub struct Schemas {
    kinds: Vec<Kind>,
    types: Vec<Type>,
    fields: Vec<Field>,
    shapes: Vec<Shape>,
    enums: Vec<Vec<&'static str>>,
}

impl Schemas {
    /// Reads the embedded table.
    #[must_use]
    pub fn load() -> Self {
        let mut reader = Reader::default();
        let names = TABLE.lines().filter_map(|line| line.strip_prefix("type ")).map(first_word);
        reader.types = names.enumerate().map(|(index, name)| (name, TypeId(index as u32))).collect();
        for line in TABLE.lines() {
            // The table is generated and its understanding tested, so nothing is lost by passing over a line here.
            let _ = reader.line(line);
        }
        reader.schemas.kinds.sort_unstable_by_key(|kind| (kind.api_version, kind.name));
        reader.schemas
    }

    /// What is known of a kind.
    #[must_use]
    pub fn kind(&self, version: Version, api_version: &str, kind: &str) -> KindLookup {
        let found = self.find(api_version, kind);
        if let Some(found) = found {
            if found.versions.contains(version) {
                return KindLookup::Known(*found);
            }
            let first = found.versions.iter().next().filter(|first| *first > version);
            if let Some(first) = first {
                return KindLookup::NotYet(first);
            }
        }
        if let Some(removal) = removal(api_version, kind) {
            return KindLookup::Removed(removal);
        }
        if let Some(last) =
            found.and_then(|found| found.versions.iter().next_back().map(|last| (found, last)))
        {
            return KindLookup::Removed(self.removal_after(version, *last.0, last.1));
        }
        if self.is_built_in(version, api_version) && !self.is_no_object(api_version, kind) {
            KindLookup::Missing(self.nearest_kind(version, api_version, kind))
        } else {
            KindLookup::Foreign
        }
    }

    /// Whether the group is one of Kubernetes' own, and the version looks like one.
    fn is_built_in(&self, version: Version, api_version: &str) -> bool {
        let group = group_of(api_version);
        let name = api_version.rsplit('/').next().and_then(|name| name.strip_prefix('v')).unwrap_or_default();
        name.starts_with(|first: char| first.is_ascii_digit())
            && self.kinds(version).any(|known| group_of(known.api_version) == group)
    }

    /// Whether this is a list of objects or a kubeconfig: `kubectl` reads both, the API server has neither.
    fn is_no_object(&self, api_version: &str, kind: &str) -> bool {
        let item = kind.strip_suffix("List");
        (api_version == "v1" && matches!(kind, "List" | "Config"))
            || item.is_some_and(|item| self.find(api_version, item).is_some())
    }

    /// Every kind that a version has, by API version and name.
    pub fn kinds(&self, version: Version) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().filter(move |kind| kind.versions.contains(version))
    }

    /// A type by its short name, such as `core.v1.PodSpec`.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<TypeId> {
        let index = self.types.binary_search_by(|of| of.name.cmp(name)).ok()?;
        Some(TypeId(index as u32))
    }

    /// A type's short name, such as `core.v1.PodSpec`.
    #[must_use]
    pub fn type_name(&self, of: TypeId) -> &'static str {
        self.types.get(of.0 as usize).map_or("", |of| of.name)
    }

    /// Whether server-side apply takes a type's objects as a whole.
    #[must_use]
    pub fn type_is_atomic(&self, of: TypeId) -> bool {
        self.types.get(of.0 as usize).is_some_and(|of| of.atomic)
    }

    /// A field of a type in a version.
    #[must_use]
    pub fn field(&self, of: TypeId, name: &str, version: Version) -> Option<&Field> {
        let fields = self.all_fields(of);
        let start = fields.partition_point(|field| field.name < name);
        let named = fields[start..].iter().take_while(|field| field.name == name);
        named.into_iter().find(|field| field.versions.contains(version))
    }

    /// The fields of a type in a version, by name.
    pub fn fields(&self, of: TypeId, version: Version) -> impl Iterator<Item = &Field> {
        self.all_fields(of).iter().filter(move |field| field.versions.contains(version))
    }

    /// The versions that have a field, for saying that another version would know it.
    #[must_use]
    pub fn versions_with_field(&self, of: TypeId, name: &str) -> Vec<Version> {
        Version::ALL.into_iter().filter(|version| self.field(of, name, *version).is_some()).collect()
    }

    /// The field that was probably meant.
    #[must_use]
    pub fn nearest_field(&self, of: TypeId, name: &str, version: Version) -> Option<&'static str> {
        diag::nearest(name, self.fields(of, version).map(|field| field.name))
    }

    /// The shape of a list's items or a map's values.
    #[must_use]
    pub fn element(&self, id: ShapeId) -> Shape {
        self.shapes.get(id.0 as usize).copied().unwrap_or(Shape::Any)
    }

    /// The values of an enumeration.
    #[must_use]
    pub fn enumeration(&self, number: u16) -> &[&'static str] {
        self.enums.get(usize::from(number)).map_or(&[], Vec::as_slice)
    }

    /// The field at a path of field names from a type; lists and maps are stepped into without an index or key.
    #[must_use]
    pub fn field_at(&self, of: TypeId, path: &[&str], version: Version) -> Option<&Field> {
        let (last, parents) = path.split_last()?;
        let parent =
            parents.iter().try_fold(of, |of, name| self.struct_in(self.field(of, name, version)?.shape))?;
        self.field(parent, last, version)
    }

    /// The key by which a strategic merge patch tells the items of the list at a path apart.
    #[must_use]
    pub fn merge_key(&self, of: TypeId, path: &[&str], version: Version) -> Option<&'static str> {
        self.field_at(of, path, version)?.merge_key
    }

    /// The type of a shape, or of what its lists and maps hold.
    #[must_use]
    pub fn struct_in(&self, shape: Shape) -> Option<TypeId> {
        match shape {
            Shape::Struct(of) => Some(of),
            Shape::List(element) | Shape::Map(element) => self.struct_in(self.element(element)),
            _ => None,
        }
    }

    fn find(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let key = (api_version, kind);
        let index = self.kinds.binary_search_by(|known| (known.api_version, known.name).cmp(&key)).ok()?;
        self.kinds.get(index)
    }

    fn all_fields(&self, of: TypeId) -> &[Field] {
        let range = self.types.get(of.0 as usize).map(|of| of.first as usize..of.end as usize);
        range.and_then(|range| self.fields.get(range)).unwrap_or_default()
    }

    /// The kind was served up to `last` only; the same kind in another version of its group replaces it.
    fn removal_after(&self, version: Version, kind: Kind, last: Version) -> Removal {
        let group = group_of(kind.api_version);
        let mut served = self.kinds(version).filter(|known| known.name == kind.name);
        let replacement = served.find(|known| group_of(known.api_version) == group);
        Removal {
            api_version: kind.api_version,
            component: "Kubernetes",
            removed_in: next_release(last),
            replacement: replacement.map(|kind| kind.api_version),
            note: "",
            source: "the discovery documents of Kubernetes' releases",
        }
    }

    fn nearest_kind(&self, version: Version, api_version: &str, kind: &str) -> Option<&'static str> {
        let same_kind = self.kinds(version).filter(|known| known.name == kind && known.on_by_default());
        let group = group_of(api_version);
        let same_kind =
            same_kind.filter(|known| group_of(known.api_version) == group).map(|known| known.api_version);
        let misspelt = || {
            let siblings = self.kinds(version).filter(|known| known.api_version == api_version);
            diag::nearest(kind, siblings.map(|known| known.name))
        };
        let elsewhere = || {
            let mut known = self.kinds(version).filter(|known| known.name == kind && known.on_by_default());
            known.next().map(|known| known.api_version)
        };
        same_kind.last().or_else(misspelt).or_else(elsewhere)
    }
}

/// The group of an `apiVersion`; empty for the core group.
fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn next_release(last: Version) -> &'static str {
    match last.minor() {
        33 => "1.34",
        34 => "1.35",
        35 => "1.36",
        _ => "1.37",
    }
}

fn first_word(text: &'static str) -> &'static str {
    text.split(' ').next().unwrap_or_default()
}

/// The table as far as it was read.
struct Reader {
    schemas: Schemas,
    types: HashMap<&'static str, TypeId>,
}

impl Default for Reader {
    fn default() -> Self {
        let schemas = Schemas { kinds: vec![], types: vec![], fields: vec![], shapes: vec![], enums: vec![] };
        Self { schemas, types: HashMap::new() }
    }
}

impl Reader {
    /// Takes in one line; `None` where it wasn't understood.
    fn line(&mut self, line: &'static str) -> Option<()> {
        if let Some(field) = line.strip_prefix(' ') {
            let field = self.field(field)?;
            self.schemas.fields.push(field);
            self.schemas.types.last_mut()?.end += 1;
            return Some(());
        }
        match line.split_once(' ')? {
            ("#" | "source", _) => {}
            ("enum", text) => self.schemas.enums.push(text.split_once(' ')?.1.split('|').collect()),
            ("kind", text) => {
                let kind = self.kind(text)?;
                self.schemas.kinds.push(kind);
            }
            ("type", text) => {
                let first = self.schemas.fields.len() as u32;
                let name = first_word(text);
                let atomic = name.len() < text.len();
                self.schemas.types.push(Type { name, atomic, first, end: first });
            }
            _ => return None,
        }
        Some(())
    }

    fn kind(&self, text: &'static str) -> Option<Kind> {
        let mut words = text.split(' ');
        let versions = Versions::parse(words.next()?)?;
        let (api_version, name, plural, scope) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let of = *self.types.get(words.next()?)?;
        Some(Kind { api_version, name, plural, namespaced: scope == "namespaced", of, versions })
    }

    fn field(&mut self, text: &'static str) -> Option<Field> {
        let mut words = text.split(' ');
        let versions = Versions::parse(words.next()?)?;
        let name = words.next()?;
        let shape = self.shape(words.next()?)?;
        let (required, merges, retains_keys, atomic) = (false, false, false, false);
        let (list, merge_key, keys) = (None, None, "");
        let mut field =
            Field { name, shape, required, list, merge_key, merges, retains_keys, atomic, keys, versions };
        for attribute in words {
            match attribute.split_once(':').unwrap_or((attribute, "")) {
                ("required", _) => field.required = true,
                ("list", "map") => field.list = Some(ListType::Map),
                ("list", "set") => field.list = Some(ListType::Set),
                ("list", "atomic") => field.list = Some(ListType::Atomic),
                ("keys", keys) => field.keys = keys,
                ("merge-key", key) => field.merge_key = Some(key),
                ("strategy", strategies) => {
                    field.merges = strategies.split(',').any(|strategy| strategy == "merge");
                    field.retains_keys = strategies.split(',').any(|strategy| strategy == "retainKeys");
                }
                ("atomic", _) => field.atomic = true,
                _ => return None,
            }
        }
        Some(field)
    }

    fn shape(&mut self, text: &'static str) -> Option<Shape> {
        if let Some(items) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return Some(Shape::List(self.element(items)?));
        }
        if let Some(values) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            return Some(Shape::Map(self.element(values)?));
        }
        if let Some(name) = text.strip_prefix('@') {
            return self.types.get(name).copied().map(Shape::Struct);
        }
        if let Some(number) = text.strip_prefix('%') {
            return number.parse().ok().map(Shape::Enum);
        }
        Some(match text {
            "any" => Shape::Any,
            "object" => Shape::Object,
            "string" => Shape::String,
            "bytes" => Shape::Bytes,
            "time" => Shape::Time,
            "micro-time" => Shape::MicroTime,
            "boolean" => Shape::Boolean,
            "int32" => Shape::Int32,
            "int64" => Shape::Int64,
            "number" => Shape::Number,
            "int-or-string" => Shape::IntOrString,
            "quantity" => Shape::Quantity,
            _ => return None,
        })
    }

    fn element(&mut self, text: &'static str) -> Option<ShapeId> {
        let shape = self.shape(text)?;
        let id = ShapeId(self.schemas.shapes.len() as u32);
        self.schemas.shapes.push(shape);
        Some(id)
    }
}

#[cfg(test)]
mod tests;
