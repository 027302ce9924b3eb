//! Variables in commands, arguments and values: Kubernetes expands `$(NAME)` of variables it knows, and nothing else.

use std::collections::HashSet;

use diag::Span;
use estate::{Container, Kind, Workload};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each variable in a container's command, arguments and values is expanded by somebody.
pub struct Expansion;

/// A variable that stays as it is written.
#[derive(Clone, Debug)]
pub struct NotExpanded {
    /// As written: `${NAME}` or `$(NAME)`.
    pub written: String,
    /// The field path.
    pub field: String,
    /// Why nobody expands it.
    pub why: Why,
    /// Whether the files alone make it certain.
    pub certain: bool,
}

/// Why a variable stays as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The syntax of a shell, where no shell runs.
    NoShell,
    /// No variable of that name is defined before it.
    Undefined,
    /// It is defined in this list, but further down.
    DefinedLater,
    /// A ConfigMap's values aren't expanded at all.
    InConfigMap,
}

impl Analysis for Expansion {
    type Violation = NotExpanded;

    fn run(world: &World<'_>) -> Vec<Fact<NotExpanded>> {
        let mut facts = Vec::new();
        for workload in world.workloads.iter() {
            for container in workload.pod.containers() {
                of_container(world, workload, container, &mut facts);
            }
        }
        facts
    }
}

fn of_container<'a>(
    world: &World<'a>,
    workload: &Workload<'a>,
    container: Container<'a>,
    facts: &mut Vec<Fact<NotExpanded>>,
) {
    let known = known(world, workload, container);
    let shell = runs_shell(container);
    let subject = workload.object.id;
    let mut report = |node: NodeRef<'_>, field: String, found: Variable<'_>, why, certain| {
        let written = found.written.to_owned();
        let marks = vec![Mark::at(narrow(node, found.written, world), "stays as it is written")];
        facts.push(Fact::violated(subject, NotExpanded { written, field, why, certain }, marks));
    };
    for list in ["command", "args"] {
        for node in container.node.get(list).into_iter().flat_map(NodeRef::items) {
            for found in variables(node.text().unwrap_or_default()) {
                let field = container.field(list);
                match found.syntax {
                    // A program may expand its own arguments; that of a shell does so for certain.
                    Syntax::Braces if !shell => report(node, field, found, Why::NoShell, false),
                    // In a shell `$(NAME)` runs a command.
                    Syntax::Parentheses if !shell && known.lacks(found.name) => {
                        report(node, field, found, Why::Undefined, true);
                    }
                    _ => {}
                }
            }
        }
    }
    let mut before: HashSet<&str> = known.imported.clone();
    for env in container.env() {
        let name = env.get("name").and_then(NodeRef::text).unwrap_or_default();
        for (node, found) in env.get("value").into_iter().flat_map(|node| {
            variables(node.text().unwrap_or_default()).into_iter().map(move |found| (node, found))
        }) {
            let field = container.field(&format!("env[{name}]"));
            match found.syntax {
                Syntax::Braces => report(node, field, found, Why::NoShell, false),
                Syntax::Parentheses if before.contains(found.name) || known.open => {}
                Syntax::Parentheses if known.lacks(found.name) => {
                    report(node, field, found, Why::Undefined, true);
                }
                Syntax::Parentheses => report(node, field, found, Why::DefinedLater, true),
            }
        }
        before.insert(name);
    }
    of_config_maps(world, workload, container, facts);
}

/// Values of ConfigMaps that a container reads as variables.
fn of_config_maps(
    world: &World<'_>,
    workload: &Workload<'_>,
    container: Container<'_>,
    facts: &mut Vec<Fact<NotExpanded>>,
) {
    let namespace = workload.object.namespace();
    let whole =
        container.env_from().filter_map(|from| Some((from.path(&["configMapRef", "name"])?.text()?, None)));
    let keys = container.env().filter_map(|env| {
        let selector = env.path(&["valueFrom", "configMapKeyRef"])?;
        Some((selector.get("name")?.text()?, selector.get("key")?.text()))
    });
    for (name, key) in whole.chain(keys) {
        let Some(map) = world.find(Kind::ConfigMap, namespace, name) else { continue };
        let entries = map.node.get("data").into_iter().flat_map(NodeRef::entries);
        for (entry, value) in entries.filter(|(entry, _)| key.is_none_or(|key| entry.text() == Some(key))) {
            // A value of several lines is a file for a program that may expand it.
            let text = value.text().filter(|text| !text.trim_end().contains('\n')).unwrap_or_default();
            for found in variables(text) {
                let field = format!("data[{}]", entry.text().unwrap_or_default());
                let marks = vec![
                    Mark::at(narrow(value, found.written, world), "stays as it is written"),
                    Mark::new(container.node, "reads it as a variable"),
                ];
                let written = found.written.to_owned();
                let violation = NotExpanded { written, field, why: Why::InConfigMap, certain: false };
                facts.push(Fact::violated(map.id, violation, marks));
            }
        }
    }
}

/// The variables that Kubernetes knows in a container.
struct Known<'a> {
    imported: HashSet<&'a str>,
    own: HashSet<&'a str>,
    /// Whether there are more, whose names the files don't tell.
    open: bool,
}

impl Known<'_> {
    fn lacks(&self, name: &str) -> bool {
        !self.open && !self.own.contains(name) && !self.imported.contains(name)
    }
}

fn known<'a>(world: &World<'a>, workload: &Workload<'a>, container: Container<'a>) -> Known<'a> {
    let own = container.env().filter_map(|env| env.get("name")?.text()).collect();
    let mut known = Known { imported: HashSet::new(), own, open: false };
    let namespace = workload.object.namespace();
    for from in container.env_from() {
        let sources = [(Kind::ConfigMap, "configMapRef"), (Kind::Secret, "secretRef")];
        let named =
            sources.iter().find_map(|(kind, list)| Some((*kind, from.path(&[list, "name"])?.text()?)));
        let object = named.and_then(|(kind, name)| world.find(kind, namespace, name));
        let prefixed = from.get("prefix").is_some();
        match object.filter(|_| !prefixed) {
            Some(object) => {
                let maps = ["data", "stringData"].into_iter().filter_map(|field| object.node.get(field));
                known.imported.extend(maps.flat_map(NodeRef::entries).filter_map(|(key, _)| key.text()));
            }
            None => known.open = true,
        }
    }
    // Kubernetes itself sets NAME_SERVICE_HOST and its like for every Service of the namespace.
    known.open |= workload.pod.0.get("enableServiceLinks").and_then(NodeRef::bool) != Some(false) && {
        let own = &known.own;
        uses_service_links(container, own)
    };
    known
}

fn uses_service_links(container: Container<'_>, own: &HashSet<&str>) -> bool {
    let lists = ["command", "args"].into_iter().filter_map(|list| container.node.get(list));
    let values = container.env().filter_map(|env| env.get("value"));
    let texts = lists.flat_map(NodeRef::items).chain(values).filter_map(NodeRef::text);
    texts.flat_map(variables).any(|found| {
        let link = found.name.contains("_SERVICE_") || found.name.contains("_PORT");
        link && found.syntax == Syntax::Parentheses && !own.contains(found.name)
    })
}

/// Whether a shell reads the container's command or arguments: then `${NAME}` is its business. An image's own
/// entry point may be one as well, which the files don't tell, hence a warning only.
fn runs_shell(container: Container<'_>) -> bool {
    let words =
        ["command", "args"].into_iter().filter_map(|list| container.node.get(list)).flat_map(NodeRef::items);
    let shell = |word: &str| {
        let program = word.rsplit('/').next().unwrap_or(word);
        matches!(
            program,
            "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "busybox" | "envsubst" | "eval" | "pwsh"
        ) || program.ends_with(".sh")
    };
    words.filter_map(NodeRef::text).flat_map(str::split_whitespace).any(shell)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Braces,
    Parentheses,
}

struct Variable<'a> {
    written: &'a str,
    name: &'a str,
    syntax: Syntax,
}

/// `${NAME}` and `$(NAME)` in a text. `$$` escapes (Kubernetes API reference, `Container.args`); names are those of
/// variables, so that templates of other languages (`${__from}`, `$(hostname -f)`, `${1}`) are left alone.
fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        let closing = match after.bytes().next() {
            Some(b'{') => '}',
            Some(b'(') => ')',
            Some(b'$') => {
                rest = &after[1..];
                continue;
            }
            _ => {
                rest = after;
                continue;
            }
        };
        let Some(end) = after.find(closing) else { break };
        let name = &after[1..end];
        let plain = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if plain {
            let syntax = if closing == '}' { Syntax::Braces } else { Syntax::Parentheses };
            found.push(Variable { written: &rest[at..at + end + 2], name, syntax });
        }
        rest = &after[end + 1..];
    }
    found
}

/// The place of a word within a node, or the node.
fn narrow(node: NodeRef<'_>, word: &str, world: &World<'_>) -> Option<Span> {
    let span = node.span()?;
    let Some(at) = world.estate.sources.snippet(span).find(word) else { return Some(span) };
    let start = span.start + u32::try_from(at).ok()?;
    Some(Span { start, end: start + u32::try_from(word.len()).ok()?, ..span })
}
