//! Servers that end with the test, however it ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Runs the server beside a reader of its own standard input. The pipe closes when this process lets go of it or dies,
/// even by a signal: then the server is killed. When the server ends by itself, so does the shell.
const SUPERVISE: &str = r#"exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ read -r _ <&3; kill -9 "$server" 2>/dev/null; } &
wait "$server""#;

/// A server with its log; killed on drop.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Server {
    /// Starts the program with its output in `FOLDER/NAME.log`.
    pub(super) fn start(program: &Path, arguments: &[String], folder: &Path) -> Server {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        let errors = output.try_clone().unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        let child = Command::new("sh")
            .args(["-c", SUPERVISE, "sh"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Server { name, log, child }
    }

    /// Why the server can't be used any more, or nothing while it runs.
    pub(super) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().unwrap_or_else(|error| panic!("{}: {error}", self.name))?;
        Some(format!("{} ended with {status}; the end of its log:\n{}", self.name, self.end_of_log()))
    }

    /// The last lines that the server logged.
    pub(super) fn end_of_log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The shell ends after the server; nothing can be done about a failure to wait.
        let _ = self.child.wait();
    }
}
