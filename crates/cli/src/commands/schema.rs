//! `underpin schema`.

use clap::Args;

use crate::output::{Exit, print};

/// Prints the JSON Schema of a definition, for editors.
///
///     underpin schema > definition.schema.json
///
/// An editor that knows YAML schemas takes it by this first line of a file:
///
///     # yaml-language-server: $schema=definition.schema.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Schema {}

pub fn run(_: &Schema) -> Exit {
    print(&format!("{:#}\n", model::json_schema()));
    Exit::Fine
}
