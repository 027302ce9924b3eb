//! Relations between objects of one view that several analyses and commands ask about.

pub mod exposed;
pub mod reachability;
