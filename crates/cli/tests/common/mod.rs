//! Runs the command as its users do.
#![expect(clippy::expect_used, reason = "a test may")]

use std::path::Path;
use std::process::{Command, Output};

/// A command in a folder, ended: exit code, standard output, error output.
pub fn underpin(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    finished(command(folder, arguments).output().expect("underpin starts"))
}

/// The same, not started yet.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underpin"));
    command.current_dir(folder).args(arguments).env_remove("CLICOLOR_FORCE");
    command
}

/// What an ended command left.
pub fn finished(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("no signal"), text(output.stdout), text(output.stderr))
}
