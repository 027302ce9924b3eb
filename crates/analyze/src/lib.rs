//! Pure analyses over an [`Estate`], and the rules that word what they found.
//!
//! `facts/` decides, `rules/` words: an analysis returns a fact for each subject it examined (it holds, it is
//! violated, or it could not be evaluated), a rule turns the violated ones into findings. Nothing here does I/O.

pub mod fact;
pub mod facts;
pub mod relations;
pub mod rules;
mod suppress;
mod world;

use catalogue::kubernetes::{Schemas, Version};
use diag::Finding;
use estate::Estate;
use rayon::prelude::*;

pub use suppress::{Allow, Date};
pub use world::World;

/// What a check may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The version of Kubernetes that the clusters run.
    pub kubernetes: Version,
    /// Today, for suppressions that expire.
    pub today: Date,
    /// Suppressions beside those in comments.
    pub allows: Vec<Allow>,
}

/// Runs every rule over every view. `loaded` is what loading found; it is suppressed and sorted with the rest. One
/// defect is one finding, whatever the number of scopes it is seen in.
#[must_use]
pub fn check(estate: &Estate, loaded: Vec<Finding>, options: &Options) -> Vec<Finding> {
    let schemas = Schemas::load();
    let worlds: Vec<World<'_>> =
        estate.views().iter().map(|view| World::new(estate, view, &schemas, options)).collect();
    let work: Vec<(&World<'_>, &rules::Registered)> =
        worlds.iter().flat_map(|world| rules::ALL.iter().map(move |rule| (world, rule))).collect();
    let found: Vec<Vec<Finding>> = work.par_iter().map(|(world, rule)| rule.run(world)).collect();
    let findings = loaded.into_iter().chain(found.into_iter().flatten()).collect();
    let findings = diag::merge(findings, &estate.sources);
    let mut findings = suppress::apply(estate, findings, options);
    diag::sort(&mut findings, &estate.sources);
    findings
}
