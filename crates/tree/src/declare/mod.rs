//! Declared structs: one declaration gives the type, its reader, its place in typed merges and its schema.
//!
//! [`definition!`](crate::definition) declares structs whose fields are [`Val`](crate::Val) (a required scalar),
//! `Option<…>` (optional), [`Keyed`] (a mapping whose keys the owner chooses), `Vec<…>`, or another declared
//! struct. What a file says is first lifted into [`Layered`] nodes by those declarations, where all that is wrong
//! with its form is reported; layers are merged as nodes; the merged nodes are read into the structs.

mod layered;
mod macros;
mod meta;
mod read;
mod scalar;

pub use diag::Finding;
pub use layered::{By, Layered, Lift, Shape};
pub use macros::{camel, camel_len};
pub use meta::{Field, JsonType, ScalarType, Shorthand, Struct, Type};
pub use read::{Asked, At, Declared, Item, Keyed, record};
pub use scalar::{Scalar, Text};
