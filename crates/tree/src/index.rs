//! A side index: for each line of what was emitted, the places of the definition behind it.
//!
//! Emitted files carry no marks; this index, written beside them, lets `underpin why` lead from a line back to the
//! definition without building again. Origins stand in it once each, lines in runs.

mod wire;

use std::collections::HashMap;

use diag::SourceMap;

use crate::origin::{Because, How, Layer, Origin, OriginKind};
pub use wire::{Entry, Index};

/// Collects the lines of files into an [`Index`].
pub struct Indexer<'a> {
    definition: &'a SourceMap,
    index: Index,
    files: HashMap<String, u32>,
    origins: HashMap<Origin, u32>,
}

impl<'a> Indexer<'a> {
    /// For files that were made from the definition in `definition`.
    #[must_use]
    pub fn new(definition: &'a SourceMap) -> Self {
        Self { definition, index: Index::default(), files: HashMap::new(), origins: HashMap::new() }
    }

    /// Adds a file: its lines (from 1, ascending) and why what begins there is as it is.
    pub fn add(&mut self, path: &str, lines: &[(u32, Because)]) {
        let mut runs: Vec<wire::Run> = Vec::new();
        let mut next_line = 1;
        for (line, because) in lines {
            if *line > next_line {
                runs.push(wire::Run(next_line, None, None));
            }
            let value = self.origin(&because.value);
            let presence = because.presence.as_ref().map(|presence| self.origin(presence));
            let goes_on = runs.last().is_some_and(|last| last.1 == Some(value) && last.2 == presence);
            if !goes_on {
                runs.push(wire::Run(*line, Some(value), presence));
            }
            next_line = line + 1;
        }
        self.index.artifacts.insert(path.to_owned(), runs);
    }

    /// The index of all files added.
    #[must_use]
    pub fn finish(self) -> Index {
        self.index
    }

    fn origin(&mut self, origin: &Origin) -> u32 {
        if let Some(&known) = self.origins.get(origin) {
            return known;
        }
        let entry = match origin.kind() {
            OriginKind::Written { field, span, layer, over } => {
                let over = over.as_ref().map(|over| self.origin(over));
                let position = self.definition.position(*span);
                let path = self.definition.shown_path(span.file);
                let (file, field) = (self.file(path), field.to_string());
                let (line, column) = (position.line, position.column);
                Entry::Written { file, line, column, field, layer: layer_name(*layer).to_owned(), over }
            }
            OriginKind::Default { field, reason } => {
                Entry::Default { field: field.to_string(), reason: (*reason).to_owned() }
            }
            OriginKind::Catalogue { module, fact } => {
                Entry::Catalogue { module: module.to_string(), fact: fact.to_string() }
            }
            OriginKind::Computed { how, inputs } => {
                let inputs = inputs.iter().map(|input| self.origin(input)).collect();
                let name = match how {
                    How::Format(_) => None,
                    How::Derived(name) => Some((*name).to_owned()),
                };
                Entry::Computed { derived: name, inputs }
            }
        };
        let id = count(self.index.origins.len());
        self.index.origins.push(entry);
        self.origins.insert(origin.clone(), id);
        id
    }

    fn file(&mut self, path: String) -> u32 {
        let next = count(self.index.files.len());
        *self.files.entry(path).or_insert_with_key(|path| {
            self.index.files.push(path.clone());
            next
        })
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Platform => "platform",
        Layer::Environment => "environment",
        Layer::Target => "target",
        Layer::Patch => "patch",
    }
}

impl Index {
    /// Why a line (from 1) of a file is as it is, and why it is there where that is somebody's choice: indexes into
    /// `origins`. `None` for lines that nothing is known of.
    #[must_use]
    pub fn why(&self, path: &str, line: u32) -> Option<(u32, Option<u32>)> {
        let runs = self.artifacts.get(path)?;
        let run = runs.get(runs.partition_point(|run| run.0 <= line).checked_sub(1)?)?;
        Some((run.1?, run.2))
    }

    /// An origin and those behind it, each once with its depth, nearest first.
    #[must_use]
    pub fn chain(&self, origin: u32) -> Vec<(usize, &Entry)> {
        let (mut chain, mut seen) = (Vec::new(), Vec::new());
        // Inputs come before what is computed from them, so this ends whatever the file says.
        let mut open = vec![(0, origin)];
        while let Some((depth, id)) = open.pop() {
            let Some(entry) = self.origins.get(id as usize).filter(|_| !seen.contains(&id)) else { continue };
            seen.push(id);
            chain.push((depth, entry));
            let behind: Vec<u32> = match entry {
                Entry::Written { over, .. } => over.iter().copied().collect(),
                Entry::Computed { inputs, .. } => inputs.clone(),
                Entry::Default { .. } | Entry::Catalogue { .. } => Vec::new(),
            };
            open.extend(behind.into_iter().rev().map(|id| (depth + 1, id)));
        }
        chain
    }

    /// The index as text: one origin and one file a line.
    #[must_use]
    pub fn to_json(&self) -> String {
        wire::to_json(self)
    }

    /// Reads an index.
    ///
    /// # Errors
    /// When the text isn't JSON of that form.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use diag::Span;

    use super::*;
    use crate::{Draft, FieldPath, print_with_origins};

    #[test]
    fn lines_lead_back_to_the_definition() {
        let mut definition = SourceMap::default();
        definition.set_prefix("platform/");
        let file = definition.add("a.yaml", "x\nreplicas: 2\nreplicas: 4\n");
        let span = |start| Span { file, start, end: start + 1 };
        let field = FieldPath::new("Component/a.spec.replicas");
        let base = Origin::written(field.clone(), span(2), Layer::Platform, None);
        let replicas = Origin::written(field, span(14), Layer::Environment, Some(base));
        let default = Origin::default_of(FieldPath::new("kind"), "It is so.");
        let total = Origin::derived("total", [replicas.clone(), default.clone()]);
        let tree = Draft::map(default.clone())
            .with("a", Draft::int(4, replicas.clone()))
            .with("b", Draft::int(8, total).present_because(replicas))
            .with("c", Draft::list(default.clone()).item(Draft::string("x\ny", default)))
            .finish();
        let (text, lines) = print_with_origins(&tree);
        assert_eq!(text, "a: 4\nb: 8\nc:\n  - |-\n    x\n    y\n");
        let because = |(line, id)| (line, tree.at(id).because().unwrap().clone());
        let mut lines: Vec<_> = lines.into_iter().map(because).collect();
        lines.iter_mut().for_each(|(line, _)| *line += 1);
        let mut indexer = Indexer::new(&definition);
        indexer.add("out.yaml", &lines);
        let index = Index::from_json(&indexer.finish().to_json()).unwrap();

        assert_eq!(index.why("out.yaml", 1), None);
        assert_eq!(index.why("other.yaml", 2), None);
        assert_eq!(index.files, ["platform/a.yaml"]);
        let show = |line| {
            let (value, presence) = index.why("out.yaml", line).unwrap();
            let entry = |(depth, entry): (usize, &Entry)| match entry {
                Entry::Written { line, layer, .. } => format!("{depth} {layer} {line}"),
                Entry::Default { reason, .. } => format!("{depth} {reason}"),
                Entry::Catalogue { fact, .. } => format!("{depth} {fact}"),
                Entry::Computed { derived, .. } => format!("{depth} {derived:?}"),
            };
            (index.chain(value).into_iter().map(entry).collect::<Vec<_>>().join(", "), presence.is_some())
        };
        assert_eq!(show(2), ("0 environment 3, 1 platform 2".to_owned(), false));
        let total = "0 Some(\"total\"), 1 environment 3, 2 platform 2, 1 It is so.";
        assert_eq!(show(3), (total.to_owned(), true));
        assert_eq!(
            [show(4), show(7)],
            [("0 It is so.".to_owned(), false), ("0 It is so.".to_owned(), false)]
        );
        assert_eq!(index.artifacts["out.yaml"].len(), 4);
    }
}
