//! Pure analyses: what holds, what is violated, what could not be decided. Words are left to `rules/`.

pub mod capacity;
pub mod demand;
pub mod disruption;
pub mod duplicates;
pub mod expansion;
pub mod fields;
pub mod flows;
pub mod governing;
pub mod limits;
pub mod meant;
pub mod network;
pub mod nodes;
pub mod producers;
pub mod quota;
pub mod references;
pub mod rollout;
pub mod scale;
pub mod selectors;
pub mod served;
