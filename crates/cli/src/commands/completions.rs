//! `underpin completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::output::{Exit, print};

/// Prints the completion script of a shell.
///
///     underpin completions bash > /etc/bash_completion.d/underpin
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

pub fn run(command: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut super::Arguments::command(), "underpin", &mut script);
    print(&String::from_utf8_lossy(&script));
    Exit::Fine
}
