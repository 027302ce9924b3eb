//! Spanned YAML and JSON trees, their origins, printing and alignment.
