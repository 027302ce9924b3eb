//! What the commands share on their way out: exit codes, colour, formats, failures.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::ValueEnum;
use diag::{Finding, Level, SourceMap};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing at or above the level that was asked for.
    Fine,
    /// Findings at or above it.
    Findings,
    /// The command line makes no sense.
    Usage,
    /// It could not be carried out.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// How output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: a published contract.
    Json,
}

/// The least level that makes a command end with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Errors only.
    Error,
    /// Warnings too.
    Warning,
    /// Notes too, among them all that could not be evaluated.
    Note,
}

impl Deny {
    /// Whether findings of these levels are a reason to end with 1.
    #[must_use]
    pub fn exit(self, findings: &[Finding]) -> Exit {
        let least = match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Note => Level::Note,
        };
        if findings.iter().any(|finding| finding.level >= least) { Exit::Findings } else { Exit::Fine }
    }
}

/// Says on the error stream why a command could not be carried out.
pub fn failure(what: impl std::fmt::Display) -> Exit {
    let _ = writeln!(anstream::stderr(), "{}error{}: {what}", RED.render(), RED.render_reset());
    Exit::Failure
}

const RED: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();

/// Writes to standard output; a reader that went away is not an error.
pub fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Says on the error stream what is going on.
pub fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints findings in a format.
pub fn findings(format: Format, findings: &[Finding], sources: &SourceMap) {
    print(&match format {
        Format::Text => diag::render_text(findings, sources),
        Format::Json => diag::render_json(findings, sources),
    });
}

/// Says on the error stream what is being done, if that is a terminal and it takes more than a second; until it is
/// dropped.
#[derive(Debug)]
pub struct Progress {
    running: Option<Sender<()>>,
    shown: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to say it.
    #[must_use]
    pub fn of(what: String) -> Option<Self> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let (running, ended) = channel();
        let show = move || {
            if ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(std::io::stderr(), "{what} …");
                let _ = ended.recv();
                let _ = write!(std::io::stderr(), "\r{}\r", " ".repeat(what.chars().count() + 2));
            }
        };
        Some(Self { running: Some(running), shown: Some(std::thread::spawn(show)) })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.running.take());
        let _ = self.shown.take().map(JoinHandle::join);
    }
}
