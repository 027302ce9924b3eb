//! The commands, one file each. A command's argument struct is its help.

mod build;
mod check;
mod completions;
mod explain;
mod flows;
mod rules;
mod schema;
mod show;
mod why;

use clap::{ColorChoice, Parser, Subcommand};

use crate::output::Exit;

/// Builds, checks and explains the infrastructure of a platform.
///
/// A platform is a folder of YAML documents (`apiVersion: underpin.dev/v1`). `build` turns it into manifests and checks
/// them across files; `check` does the same checking for anybody's repository.
#[derive(Debug, Parser)]
#[command(name = "underpin", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    /// When to use colour.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 findings, 2 usage, 3 failure";

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Build),
    Check(check::Check),
    Why(why::Why),
    Flows(flows::Flows),
    Rules(rules::Rules),
    Explain(explain::Explain),
    Show(show::Show),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

/// Runs a command.
#[must_use]
pub fn run(arguments: Arguments) -> Exit {
    match arguments.color {
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
        ColorChoice::Auto => anstream::ColorChoice::Auto,
    }
    .write_global();
    match arguments.command {
        Command::Build(command) => build::run(&command),
        Command::Check(command) => check::run(&command),
        Command::Why(command) => why::run(&command),
        Command::Flows(command) => flows::run(&command),
        Command::Rules(command) => rules::run(&command),
        Command::Explain(command) => explain::run(&command),
        Command::Show(command) => show::run(&command),
        Command::Schema(command) => schema::run(&command),
        Command::Completions(command) => completions::run(&command),
    }
}

/// How `build` checks what it made.
fn check_options() -> analyze::Options {
    analyze::Options { today: today(), ..analyze::Options::default() }
}

/// Today, in UTC.
fn today() -> analyze::Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    analyze::Date::from_days(u32::try_from(since.as_secs() / 86_400).unwrap_or(0))
}
