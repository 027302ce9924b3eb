//! Sources, spans, findings and how they are shown.
//!
//! This crate knows files, byte ranges and sentences; it must never know what a Pod is. Everything a user's input
//! gives rise to is a [`Finding`]; lines and columns are looked up only when one is printed.

mod files;
mod finding;
mod mask;
mod merge;
mod nearest;
mod render;
mod source;
mod wire;

pub use files::{Files, Listing, MemoryFiles, Problem, ProblemKind};
pub use finding::{Annotation, Finding, Level, ObjectRef, Outcome};
pub use mask::mask;
pub use merge::{merge, sort};
pub use nearest::nearest;
pub use render::render_text;
pub use source::{FileId, Position, SourceMap, Span};
pub use wire::render_json;
