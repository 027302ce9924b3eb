//! `underpin flows`.

mod choose;
mod explain;
mod scene;
mod text;
mod wire;

use clap::Args;
use diag::Level;
use estate::{Estate, LoadOptions};
use reach::{PortRange, PortSet, Protocol};

use self::choose::Choice;
use self::scene::Scene;
use crate::disk::Disk;
use crate::output::{self, Exit, Format};

/// Lists who may connect to whom under the NetworkPolicies, exactly and for all ports.
///
///     underpin flows k8s/                                      everything that is open
///     underpin flows out/voxguard --scope production/lagos --to dragonfly-primary
///     underpin flows k8s/ --from web --to shop/database --port 5432 --explain
///     underpin flows k8s/ --from 0.0.0.0/0 --format json       what the world may reach
///
/// A workload is named NAME, NAMESPACE/NAME or KIND/NAMESPACE/NAME. What depends on something
/// that isn't in the files (addresses of pods, other kinds of policies, labels of unknown
/// namespaces) is listed as not evaluated, not as open. Address ranges are outside the cluster.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Flows {
    /// Folders, files, globs, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Only this scope.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// Only from this workload, address or address range.
    #[arg(long, value_name = "WHO")]
    from: Option<Choice>,
    /// Only to this workload, address or address range.
    #[arg(long, value_name = "WHO")]
    to: Option<Choice>,
    /// Only this port, as 53 or 53/UDP.
    #[arg(long, value_name = "PORT", value_parser = port)]
    port: Option<Port>,
    /// Say which rules allow and which policies deny; needs --from or --to.
    #[arg(long)]
    explain: bool,
    /// How flows are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// A port of one protocol, or of all.
#[derive(Clone, Copy, Debug)]
struct Port {
    number: u16,
    protocol: Option<Protocol>,
}

impl Port {
    fn protocols(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL.into_iter().filter(move |protocol| self.protocol.is_none_or(|only| only == *protocol))
    }

    fn set(self) -> PortSet {
        let one = |protocol| PortRange { protocol, first: self.number, last: self.number };
        self.protocols().map(one).collect()
    }
}

fn port(text: &str) -> Result<Port, String> {
    let (number, protocol) = match text.split_once('/') {
        Some((number, name)) => {
            let protocol = Protocol::parse(&name.to_ascii_uppercase());
            (number, Some(protocol.ok_or_else(|| format!("`{name}` is not TCP, UDP or SCTP"))?))
        }
        None => (text, None),
    };
    let number = number.parse().ok().filter(|number| *number > 0);
    Ok(Port { number: number.ok_or("a port is a number from 1 to 65535")?, protocol })
}

pub fn run(command: &Flows) -> Exit {
    if command.explain && command.from.is_none() && command.to.is_none() {
        output::failure("--explain needs --from or --to");
        return Exit::Usage;
    }
    let files = match Disk::open(&command.paths) {
        Ok(files) => files,
        Err(wrong) => {
            wrong.iter().for_each(|sentence| {
                output::failure(sentence);
            });
            return Exit::Usage;
        }
    };
    let (mut estate, loaded) = estate::load(&files, &LoadOptions::default());
    estate.sources.set_prefix(files.prefix());
    let broken: Vec<_> = loaded.into_iter().filter(|finding| finding.level == Level::Error).collect();
    if !broken.is_empty() {
        output::say(diag::render_text(&broken, &estate.sources).trim_end());
    }
    let scenes = match scenes(command, &estate) {
        Ok(scenes) => scenes,
        Err(why) => {
            output::failure(why);
            return Exit::Usage;
        }
    };
    let explanations = if command.explain {
        scenes.iter().flat_map(|scene| explain::all(scene, command.port)).collect()
    } else {
        Vec::new()
    };
    match command.format {
        Format::Text => text::print(&scenes, command.explain.then_some(&explanations), &estate.sources),
        Format::Json => wire::print(&scenes, command.explain.then_some(&explanations), &estate.sources),
    }
    if broken.is_empty() { Exit::Fine } else { Exit::Findings }
}

/// The scopes that were asked for, each with whom was asked for.
fn scenes<'a>(command: &Flows, estate: &'a Estate) -> Result<Vec<Scene<'a>>, String> {
    let named = |scope: &&str| command.scope.as_deref().is_none_or(|wanted| wanted == *scope);
    let names = || estate.views().iter().map(|view| estate.scope(view.scope).name.as_str());
    if let (Some(wanted), false) = (&command.scope, names().any(|name| named(&name))) {
        let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        return Err(format!("there is no scope `{wanted}`; there is {}", all.join(", ")));
    }
    let views = estate.views().iter().filter(|view| named(&estate.scope(view.scope).name.as_str()));
    let mut scenes: Vec<Scene<'a>> = views.map(|view| Scene::new(estate, view)).collect();
    let only = command.port.map(Port::set);
    for scene in &mut scenes {
        scene.only = only.clone();
    }
    if let Some(choice) = &command.from {
        choice.apply(&mut scenes, |scene| &mut scene.from)?;
    }
    if let Some(choice) = &command.to {
        choice.apply(&mut scenes, |scene| &mut scene.to)?;
    }
    Ok(scenes)
}
