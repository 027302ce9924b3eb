//! What tests of every crate share: the pinned tools, scratch folders, golden files and a real control plane.
//!
//! Nothing here skips: a tool that isn't installed, a server that doesn't start or a file that is missing fails the
//! test that needs it, with what to do about it. It leaves out anything that knows a platform or a finding.
// Test support: a failure here has to end the test, so it panics, with a message that says why.
#![allow(clippy::panic, clippy::expect_used)]

pub mod control_plane;
mod golden;
mod scratch;
mod tools;

pub use golden::golden;
pub use scratch::Scratch;
pub use tools::{tool, tool_data};
