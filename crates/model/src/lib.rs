//! The definition of a platform: its kinds, schema and typed merge.
//!
//! [`kinds`] declares the six kinds once; the reader, the typed merge (platform, environment, target), the JSON Schema
//! and `show` all follow from those declarations. This crate knows neither Kubernetes objects nor the disk.

pub mod kinds;
pub mod types;
