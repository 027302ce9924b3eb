//! The definition of a platform: its kinds, schema and typed merge.
//!
//! [`kinds`] declares the six kinds once; the reader, the typed merge (platform, environment, target), the JSON Schema
//! and `show` all follow from those declarations. This crate knows neither Kubernetes objects nor the disk.

mod check;
mod document;
pub mod kinds;
mod merge;
pub mod patch;
mod resolve;
mod schema;
pub mod show;
pub mod types;

pub use document::{API_VERSION, Definition, Document, Kind, load};
pub use merge::merge;
pub use resolve::{distinct, merged, of_kind, resolve, resolve_definition, target_names};
pub use schema::json_schema;
