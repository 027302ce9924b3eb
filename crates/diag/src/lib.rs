//! Sources, spans, findings and how they are shown.
//!
//! This crate knows files, byte ranges and sentences; it must never know what a Pod is. Everything a user's input
//! gives rise to is a [`Finding`]; lines and columns are looked up only when one is printed.

mod files;
mod finding;
mod nearest;
mod source;

pub use files::{Files, Listing, MemoryFiles, Problem, ProblemKind};
pub use finding::{Annotation, Finding, Level, ObjectRef, Outcome};
pub use nearest::nearest;
pub use source::{FileId, Position, SourceMap, Span};
