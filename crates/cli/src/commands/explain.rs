//! `underpin explain`.

use clap::Args;

use crate::output::{self, Exit, print};

/// Explains a rule: what it finds, why it hurts, a bad example, the fix.
///
///     underpin explain flow-denied
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Explain {
    /// Name of the rule; `underpin rules` lists them.
    rule: String,
}

pub fn run(command: &Explain) -> Exit {
    let rules = analyze::rules::ALL.iter().map(|rule| rule.about);
    if let Some(about) = rules.clone().find(|about| about.name == command.rule) {
        print(about.page);
        return Exit::Fine;
    }
    let others = analyze::rules::OTHERS.iter().chain(estate::RULES);
    if let Some((name, summary)) = others.clone().find(|(name, _)| *name == command.rule) {
        print(&format!("# {name}\n\n{summary}.\n"));
        return Exit::Fine;
    }
    let names = rules.map(|about| about.name).chain(others.map(|(name, _)| *name));
    let meant = diag::nearest(&command.rule, names).map(|name| format!(" (did you mean `{name}`?)"));
    output::failure(format_args!("there is no rule `{}`{}", command.rule, meant.unwrap_or_default()));
    Exit::Usage
}
