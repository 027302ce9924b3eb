//! Fixtures, tool discovery and golden helpers for tests.
