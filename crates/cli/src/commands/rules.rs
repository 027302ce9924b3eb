//! `underpin rules`.

use clap::Args;
use diag::Level;

use crate::output::{Exit, Format, print};

/// Lists the rules: name, gravest level, what each finds.
#[derive(Debug, Args)]
pub struct Rules {
    /// How the list is written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub fn run(command: &Rules) -> Exit {
    let rules = analyze::rules::ALL.iter().map(|rule| rule.about);
    match command.format {
        Format::Text => {
            let widest = rules.clone().map(|about| about.name.len()).max().unwrap_or(0);
            for about in rules {
                print(&format!("{:widest$}  {:7}  {}\n", about.name, level(about.level), about.summary));
            }
        }
        Format::Json => {
            let rules: Vec<_> = rules
                .map(|about| {
                    let (name, summary, joins) = (about.name, about.summary, about.joins);
                    serde_json::json!({"name": name, "level": level(about.level), "summary": summary, "joins": joins})
                })
                .collect();
            print(&format!("{:#}\n", serde_json::json!({ "rules": rules })));
        }
    }
    Exit::Fine
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
