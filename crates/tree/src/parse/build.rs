//! From parser events to an arena.

use std::collections::HashSet;

use diag::{FileId, Finding, Level, Span};
use saphyr_parser::{Event, ScalarStyle, Tag as ParserTag};

use super::MAX_DEPTH;
use super::keys::{self, Keys};
use crate::kube;
use crate::node::{Entry, Node, NodeId, Provenance, Style, Tag, Tree};

/// How many nodes aliases may add to what a walk over one document sees. go-yaml refuses between 396,000 and 400,000
/// (go.yaml.in/yaml/v2 v2.4.2, decode.go, `allowedAliasRatio`).
const MAX_ALIASED: u64 = 400_000;

/// Makes trees of events, one document after the other.
pub struct Builder<'f> {
    file: FileId,
    findings: &'f mut Vec<Finding>,
    nodes: Vec<Node>,
    spans: Vec<Span>,
    /// What a walk sees below each node, and how deep it goes; parallel to `nodes`.
    extents: Vec<Extent>,
    /// By the parser's number of the anchor; `None` while its node is open.
    anchors: Vec<(usize, Option<NodeId>)>,
    open: Vec<Open>,
    root: Option<NodeId>,
    aliased: u64,
    /// Counts the documents of the file from 1: what is wrong in one is not what is wrong in another.
    document: usize,
}

#[derive(Clone, Copy)]
struct Extent {
    nodes: u64,
    depth: u16,
}

/// A collection whose end has not come yet.
struct Open {
    id: NodeId,
    anchor: usize,
    content: Content,
    extent: Extent,
}

enum Content {
    List(Vec<NodeId>),
    Map { entries: Vec<Entry>, keys: Keys, key: Option<NodeId>, merged: HashSet<NodeId> },
}

impl<'f> Builder<'f> {
    /// For one text of a file.
    pub fn new(file: FileId, document: usize, findings: &'f mut Vec<Finding>) -> Self {
        Self {
            file,
            findings,
            nodes: Vec::new(),
            spans: Vec::new(),
            extents: Vec::new(),
            anchors: Vec::new(),
            open: Vec::new(),
            root: None,
            aliased: 0,
            document,
        }
    }

    /// Takes in one event; false where the document can't be read on.
    pub fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let id = self.scalar(&text, style, tag.as_deref(), span);
                self.define(anchor, Some(id));
                self.place(id);
            }
            Event::SequenceStart(anchor, _) => return self.start(anchor, Content::List(Vec::new()), span),
            Event::MappingStart(anchor, _) => {
                let map = Content::Map {
                    entries: Vec::new(),
                    keys: Keys::default(),
                    key: None,
                    merged: HashSet::new(),
                };
                return self.start(anchor, map, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => return self.alias(anchor, span),
            _ => {}
        }
        true
    }

    /// Adds a finding.
    pub fn report(&mut self, finding: Finding) {
        let finding = finding.about(self.path()).about(format!("document {}", self.document));
        self.findings.push(finding);
    }

    /// The keys and indexes that lead to where the document is being read.
    fn path(&self) -> String {
        let step = |open: &Open| match &open.content {
            Content::List(items) => items.len().to_string(),
            Content::Map { key, .. } => match key.map(|key| &self.nodes[key.0 as usize]) {
                Some(key) => kube::key(key).into_owned(),
                None => String::new(),
            },
        };
        self.open.iter().map(step).collect::<Vec<_>>().join(".")
    }

    /// The document that ends here, unless it is empty.
    pub fn finish(&mut self) -> Option<Tree> {
        let root = self.root.take()?;
        let (nodes, spans) = (std::mem::take(&mut self.nodes), std::mem::take(&mut self.spans));
        self.extents.clear();
        self.anchors.clear();
        self.open.clear();
        self.aliased = 0;
        self.document += 1;
        let nothing = |node: &Node| match node {
            Node::Scalar { text, style: Style::Plain, tag: None } => text.is_empty(),
            _ => false,
        };
        (!nothing(&nodes[root.0 as usize])).then_some(Tree {
            nodes,
            provenance: Provenance::Parsed(spans),
            root,
        })
    }

    /// What there is of a document that can't be read to its end.
    pub fn abandon(&mut self) -> Option<Tree> {
        while let Some(open) = self.open.last() {
            let end = self.spans.last().map_or(0, |span| span.end);
            let start = self.spans[open.id.0 as usize].start;
            self.end(Span { file: self.file, start, end: end.max(start) });
        }
        self.finish()
    }

    fn push(&mut self, node: Node, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        self.spans.push(span);
        self.extents.push(Extent { nodes: 1, depth: 1 });
        id
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&ParserTag>, span: Span) -> NodeId {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let Some(tag) = tag else {
            return self.push(Node::Scalar { text: text.into(), style, tag: None }, span);
        };
        let tag: Tag = format!("{}{}", tag.handle, tag.suffix).into();
        match kube::tagged(text, &tag) {
            Ok(Some(decoded)) => {
                let tag = Some(kube::STR_TAG.into());
                self.push(Node::Scalar { text: decoded.into(), style, tag }, span)
            }
            Ok(None) => self.push(Node::Scalar { text: text.into(), style, tag: Some(tag) }, span),
            Err(cause) => {
                let finding = Finding::new("syntax", Level::Error, cause)
                    .at(span, "tagged here")
                    .about("tag")
                    .help("Remove the tag, or write a value of its type.");
                self.report(finding);
                self.push(Node::Scalar { text: text.into(), style, tag: None }, span)
            }
        }
    }

    fn start(&mut self, anchor: usize, content: Content, span: Span) -> bool {
        if self.open.len() >= MAX_DEPTH {
            self.report(too_deep(span));
            return false;
        }
        let id = self.push(Node::List(Vec::new()), span);
        self.define(anchor, None);
        self.open.push(Open { id, anchor, content, extent: Extent { nodes: 1, depth: 1 } });
        true
    }

    fn end(&mut self, span: Span) {
        let Some(open) = self.open.pop() else { return };
        let index = open.id.0 as usize;
        self.nodes[index] = match open.content {
            Content::List(items) => Node::List(items),
            Content::Map { entries, .. } => Node::Map(entries),
        };
        let last = match &self.nodes[index] {
            Node::Map(entries) => entries.last().map(|entry| entry.value),
            Node::List(items) => items.last().copied(),
            Node::Scalar { .. } => None,
        };
        // A block collection ends with its last line; its end event comes only with what follows.
        let start = self.spans[index].start;
        let flow = span.end > span.start;
        let end = match last.map(|id| self.spans[id.0 as usize].end) {
            Some(end) if !flow && end >= start => end,
            _ => span.end,
        };
        self.spans[index] = Span { end: end.max(start), ..self.spans[index] };
        self.extents[index] = open.extent;
        self.define(open.anchor, Some(open.id));
        self.place(open.id);
    }

    /// Anchors are numbered from 1 in the order of their definition; 0 is none.
    fn define(&mut self, anchor: usize, node: Option<NodeId>) {
        if anchor == 0 {
            return;
        }
        match self.anchors.binary_search_by_key(&anchor, |&(number, _)| number) {
            Ok(index) => self.anchors[index].1 = node,
            Err(index) => self.anchors.insert(index, (anchor, node)),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> bool {
        let known = self.anchors.binary_search_by_key(&anchor, |&(number, _)| number);
        let target = known.ok().and_then(|index| self.anchors[index].1);
        let Some(target) = target else {
            let finding = Finding::new("syntax", Level::Error, "an alias stands inside what it stands for")
                .at(span, "this alias contains itself")
                .about("cyclic alias")
                .help("Write the value out: a document can't contain itself.");
            self.report(finding);
            return false;
        };
        let extent = self.extents[target.0 as usize];
        self.aliased = self.aliased.saturating_add(extent.nodes);
        if self.aliased > MAX_ALIASED {
            let finding = Finding::new("syntax", Level::Error, "aliases blow this document up")
                .at(span, "expanded up to this alias it has more nodes than Kubernetes' reader allows")
                .about("alias bomb")
                .help("Write out what is needed, or split the document.");
            self.report(finding);
            return false;
        }
        if self.open.len() + usize::from(extent.depth) > MAX_DEPTH {
            self.report(too_deep(span));
            return false;
        }
        self.place(target);
        true
    }

    /// Puts a complete node where the innermost open collection expects one.
    fn place(&mut self, id: NodeId) {
        let below = self.extents[id.0 as usize];
        let Some(open) = self.open.last_mut() else {
            self.root = Some(id);
            return;
        };
        open.extent.nodes = open.extent.nodes.saturating_add(below.nodes);
        open.extent.depth = open.extent.depth.max(below.depth.saturating_add(1));
        match &mut open.content {
            Content::List(items) => items.push(id),
            Content::Map { key, .. } => match key.take() {
                None => *key = Some(id),
                Some(key) => self.field(key, id),
            },
        }
    }

    fn field(&mut self, key: NodeId, value: NodeId) {
        match &self.nodes[key.0 as usize] {
            Node::Scalar { text, style: Style::Plain, tag: None } if &**text == "<<" => {
                self.merge(key, value);
            }
            node if !kube::may_be_key(node) => {
                let finding = Finding::new("syntax", Level::Error, "a key that is no text")
                    .at(
                        self.spans[key.0 as usize],
                        "Kubernetes' reader refuses null, collections and numbers beyond 64 bits as keys",
                    )
                    .about("key")
                    .help("Give the key a name; quote it if it is meant literally.");
                self.report(finding);
            }
            _ => self.set(Entry { key, value }, None),
        }
    }

    /// Sets an entry of the innermost open mapping. Of equal keys the later counts, wherever it comes from: so does
    /// go-yaml read them, merged ones included.
    fn set(&mut self, entry: Entry, merge: Option<NodeId>) {
        let Some(Open { content: Content::Map { entries, keys, merged, .. }, .. }) = self.open.last_mut()
        else {
            return;
        };
        let name = keys::name(&self.nodes, &entry);
        let Some(index) = keys.find(&self.nodes, entries, &name) else {
            entries.push(entry);
            keys.pushed(&self.nodes, entries);
            merged.extend(merge.map(|_| entry.key));
            return;
        };
        let old = std::mem::replace(&mut entries[index], entry);
        keys.replaced();
        let was_merged = merged.contains(&old.key);
        let (first, again) = (self.spans[old.key.0 as usize], self.spans[entry.key.0 as usize]);
        let finding = match merge {
            None if was_merged => return,
            None => {
                Finding::new("duplicate-key", Level::Error, format!("`{name}` stands twice in one mapping"))
                    .at(
                        again,
                        "again here; this one counts for lenient readers, strict ones refuse the document",
                    )
                    .at(first, "first here")
                    .about(name.as_ref())
                    .help("Keep one of the two.")
            }
            Some(_) if was_merged => {
                merged.insert(entry.key);
                return;
            }
            Some(merge) => {
                let message = format!("a merge replaces `{name}`, which is written before it");
                merged.insert(entry.key);
                Finding::new("merge-after-key", Level::Warning, message)
                    .at(
                        self.spans[merge.0 as usize],
                        "Kubernetes' reader takes the merged value, others don't",
                    )
                    .at(first, "written here")
                    .about(name.as_ref())
                    .help("Put `<<` first in its mapping.")
            }
        };
        self.report(finding);
    }

    fn merge(&mut self, key: NodeId, value: NodeId) {
        let sources = match &self.nodes[value.0 as usize] {
            Node::Map(_) => vec![value],
            // Earlier ones win, so they are set last.
            Node::List(items) => items.iter().rev().copied().collect(),
            Node::Scalar { .. } => Vec::new(),
        };
        let is_map = |id: &NodeId| matches!(self.nodes[id.0 as usize], Node::Map(_));
        if sources.is_empty() || !sources.iter().all(is_map) {
            let finding = Finding::new("syntax", Level::Error, "`<<` merges something that is no mapping")
                .at(self.spans[key.0 as usize], "a mapping, or a list of mappings, has to follow")
                .about("merge key")
                .help("Refer to a mapping with an alias, or quote `\"<<\"` if a key of that name is meant.");
            self.report(finding);
            return;
        }
        for source in sources {
            let Node::Map(entries) = &self.nodes[source.0 as usize] else { continue };
            for entry in entries.clone() {
                self.set(entry, Some(key));
            }
        }
    }
}

/// The finding for collections nested beyond [`MAX_DEPTH`].
pub fn too_deep(span: Span) -> Finding {
    Finding::new("syntax", Level::Error, format!("collections nest deeper than {MAX_DEPTH} levels"))
        .at(span, "too deep from here")
        .about("depth")
        .note("The rest of this document is not read; other documents of the file are.")
        .help("No Kubernetes object nests that deep: is this file meant to be here?")
}
