//! The definition of a platform: its kinds, schema and typed merge.
