//! Prints a Blueprint: object trees per scope, then one printer per dialect.
//!
//! [`objects`] is the only maker of Kubernetes objects; every dialect that carries them prints those trees. A printer
//! knows the trees or the Blueprint and nothing else: no disk, no network, no other printer.

mod artifact;
pub mod kubernetes;
mod objects;

pub use artifact::Artifact;
pub use objects::{Object, objects};
