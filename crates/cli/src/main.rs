//! The `underpin` command: arguments in, exit code out.

mod build;
mod commands;
mod disk;
mod output;
mod settings;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let arguments = match commands::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { output::Exit::Usage } else { output::Exit::Fine }.into();
        }
    };
    commands::run(arguments).into()
}
