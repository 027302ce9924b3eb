//! Follows findings about what an earlier build emitted back to the definition, where they are to be mended.
//!
//! A build itself shows the lines of the definition; here only their places are known.

use diag::{Files, Finding, SourceMap};
use tree::index::{Entry, Index};

use super::{index, origins};

/// How many places of one finding are followed.
const MOST: usize = 4;

/// Adds to each finding a note for each of its places that a build emitted: the definition field behind it.
///
/// `files` are those the finding's places are in; where they have no index of origins, nothing is added.
pub fn to_definition(files: &dyn Files, sources: &SourceMap, findings: &mut [Finding]) {
    let listing = files.list();
    let is_index = |path: &&String| path.starts_with(origins::FOLDER);
    let read = |path: &String| {
        let bytes = files.read(path).ok()?;
        Index::from_json(&String::from_utf8(bytes).ok()?).ok()
    };
    let indexes: Vec<Index> = listing.paths.iter().filter(is_index).filter_map(read).collect();
    if indexes.is_empty() {
        return;
    }
    let built = files.read(index::PATH).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let built = built.and_then(|text| index::Index::from_json(&text).ok());
    let is_edited = |path: &str| {
        let as_built =
            built.as_ref().is_some_and(|built| files.read(path).is_ok_and(|bytes| built.has(path, &bytes)));
        !as_built
    };
    for finding in findings {
        let mut notes = Vec::new();
        for place in &finding.locations {
            let (path, line) = (sources.path(place.span.file), sources.position(place.span).line);
            let note = indexes.iter().find_map(|index| note(index, path, line));
            let note = note.map(|note| if is_edited(path) { edited(path) } else { note });
            notes.extend(note.filter(|note| !notes.contains(note)));
            if notes.len() == MOST {
                break;
            }
        }
        finding.notes.append(&mut notes);
    }
}

/// The lines of a file that was edited have moved: no place is better than a wrong one.
fn edited(path: &str) -> String {
    format!("{path} was changed since it was built, so its lines don't lead back to the definition.")
}

/// A sentence on where the definition has what stands on a line.
fn note(index: &Index, path: &str, line: u32) -> Option<String> {
    let (value, presence) = index.why(path, line)?;
    let chains = [presence, Some(value)].into_iter().flatten().map(|origin| index.chain(origin));
    let mut written = chains.flatten().filter_map(|(_, entry)| match entry {
        Entry::Written { file, line, field, .. } => Some((index.files.get(*file as usize)?, line, field)),
        _ => None,
    });
    let (from, at, field) = written.next()?;
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    Some(format!("Line {line} of {name} follows from {field} at {from}:{at}."))
}
