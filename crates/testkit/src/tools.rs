//! Finds what `cargo xtask tools` installed.

use std::path::PathBuf;

/// The program of that name, such as `kubectl`, `helm`, `kube-apiserver` or an oracle of `tools/oracles`.
///
/// # Panics
/// When it isn't installed.
pub fn tool(name: &str) -> PathBuf {
    installed(&format!("bin/{name}"))
}

/// Data that came with a tool, such as `crds/external-secrets` or `schemas/v1.36.0`: a path below the folder of tools.
///
/// # Panics
/// When it isn't there.
pub fn tool_data(path: &str) -> PathBuf {
    installed(path)
}

fn installed(path: &str) -> PathBuf {
    let full = folder().join(path);
    assert!(full.exists(), "{} isn't there: run `cargo xtask tools`", full.display());
    full
}

/// The same place as in `xtask::tools`, which installs into it.
fn folder() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("UNDERPIN_TOOLS")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("underpin/tools")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/underpin/tools")))
        .expect("no place for tools: set UNDERPIN_TOOLS, XDG_CACHE_HOME or HOME")
}
