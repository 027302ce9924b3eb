//! What one environment of a platform consists of, derived once.
