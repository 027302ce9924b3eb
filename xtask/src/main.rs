//! Tasks of this workspace: tools, tests, tidy, generated tables and benches.

fn main() {}
