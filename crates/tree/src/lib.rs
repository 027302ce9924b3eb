//! Spanned YAML and JSON trees, their origins, printing and alignment.
//!
//! One immutable arena carries both what was read (every node with its span) and what is emitted (every node with
//! the reason for its value and its presence). Scalars keep their text and style; what they mean is decided by the
//! reader that asks, since Kubernetes, YAML 1.2 and others disagree. This crate knows nothing of Kubernetes objects.

mod align;
pub mod declare;
mod draft;
pub mod index;
mod kube;
mod node;
mod origin;
mod parse;
mod print;

pub use align::{
    Aligned, Alignment, Content, Piece, ScopeIndex, ScopedTrees, Slot, Value, ValueId, ValueName, align,
    render,
};
pub use draft::Draft;
pub use kube::KubeScalar;
pub use node::{Entry, Node, NodeId, NodeRef, Provenance, Style, Tag, Tree};
pub use origin::{Because, FieldPath, How, ItemKey, Layer, Origin, OriginKind, Part, Val};
pub use parse::{MAX_DEPTH, Parsed, parse};
pub use print::{print, print_json, print_with_origins};
