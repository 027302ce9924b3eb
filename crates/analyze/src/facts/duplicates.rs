//! Objects that are there twice.

use std::collections::BTreeMap;

use estate::Obj;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each object of a view is there once.
pub struct Duplicates;

/// An object that is there again.
#[derive(Clone, Debug)]
pub struct Duplicate {
    /// How often it is there.
    pub n_times: usize,
    /// Whether all of them say the same.
    pub same: bool,
    /// Whether the files alone make it certain that they meet in one cluster.
    pub certain: bool,
}

impl Analysis for Duplicates {
    type Violation = Duplicate;

    fn run(world: &World<'_>) -> Vec<Fact<Duplicate>> {
        let mut known: BTreeMap<(&str, &str, &str, &str), Vec<Obj<'_>>> = BTreeMap::new();
        for object in world.view.objects.iter().map(|&id| world.estate.object(id)) {
            if object.object.is_generated() {
                continue;
            }
            // The same kind under two groups (Ingress, Deployment of old) is one resource.
            let group = if object.kind() == estate::Kind::Other { object.group() } else { "" };
            let key = (group, &*object.object.kind_name, object.namespace(), object.name());
            known.entry(key).or_default().push(object);
        }
        known.into_values().filter_map(|objects| fact(world, &objects)).collect()
    }
}

fn fact(world: &World<'_>, objects: &[Obj<'_>]) -> Option<Fact<Duplicate>> {
    let first = objects.first()?;
    if objects.len() == 1 {
        return Some(Fact::holds(first.id));
    }
    let text = |object: &Obj<'_>| world.estate.sources.snippet(object.object.span).trim();
    let same = objects.iter().all(|object| text(object) == text(first));
    let marks = objects.iter().enumerate().map(|(index, object)| {
        Mark::at(object.name_span(), if index == 0 { "first here" } else { "and again here" })
    });
    let n_times = objects.len();
    let mut files: Vec<_> = objects.iter().map(|object| object.object.file).collect();
    files.dedup();
    let certain = world.scope.closed || files.len() < n_times;
    let violation = Duplicate { n_times, same, certain };
    Some(Fact::violated(first.id, violation, marks.collect()))
}
