//! Everything a repository deploys, loaded from files into views.
//!
//! It never knows the definition of a platform: what `build` printed is read back like anybody's files.

pub mod intent;
