//! Prints a Blueprint: object trees per scope, then one printer per dialect.
