//! From a definition to files: resolve, derive, emit, read back, check; then write.

pub mod folder;
pub mod index;
pub mod intent;
