//! Tasks of this workspace: tools, tests, tidy, generated tables and benches.

mod bench;
mod process;
mod schemas;
mod test;
mod tidy;
mod tools;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Asked for at run time: a target folder that several checkouts share may hold a binary of another one.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&own).parent().unwrap_or(Path::new("."));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["schemas"] => schemas::run(root, false),
        ["schemas", "--check"] => schemas::run(root, true),
        ["bench"] => bench::run(root),
        ["test"] => test::run(root),
        ["tidy"] => tidy::run(root),
        ["tools"] => tools::run(root),
        _ => Err("usage: cargo xtask bench | test | tidy | tools | schemas [--check]".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
