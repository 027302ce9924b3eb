//! Whom `--from` and `--to` name.

use std::net::IpAddr;
use std::str::FromStr;

use analyze::relations::reachability::{Actor, Reachability};
use ipnet::IpNet;
use reach::{Addresses, IpRange, WorkloadId};

use super::scene::Scene;

/// What was typed.
#[derive(Clone, Debug)]
pub enum Choice {
    /// An address or a range of them.
    Addresses(IpRange),
    /// `NAME`, `NAMESPACE/NAME`, `KIND/NAME` or `KIND/NAMESPACE/NAME`.
    Name(String),
}

/// Whom it means in one scope.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// By identity.
    pub workloads: Vec<bool>,
    /// Outside.
    pub addresses: Vec<IpRange>,
    /// Whether anybody was named.
    pub named: bool,
}

impl FromStr for Choice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
            (Ok(net), _) => Some(IpRange::from(net)),
            (_, Ok(address)) => Some(IpRange::from(address)),
            _ => None,
        };
        Ok(range.map_or_else(|| Self::Name(text.to_owned()), Self::Addresses))
    }
}

impl Choice {
    /// Chooses in every scope; a name that means nobody in any of them is an error.
    pub fn apply<'a>(
        &self,
        scenes: &mut [Scene<'a>],
        side: impl for<'s> Fn(&'s mut Scene<'a>) -> &'s mut Chosen,
    ) -> Result<(), String> {
        let mut any = false;
        for scene in &mut *scenes {
            let chosen = self.of(&scene.reachability);
            any |= !chosen.addresses.is_empty() || chosen.workloads.contains(&true);
            *side(scene) = chosen;
        }
        let Self::Name(name) = self else { return Ok(()) };
        if any {
            return Ok(());
        }
        let actors = scenes.iter().flat_map(|scene| &scene.reachability.actors);
        let last = name.rsplit('/').next().unwrap_or_default();
        let nearest = diag::nearest(last, actors.map(|actor| actor.name));
        let hint = nearest.map(|nearest| format!("; is it `{nearest}`?")).unwrap_or_default();
        Err(format!("there is no workload `{name}`{hint}"))
    }

    fn of(&self, reachability: &Reachability<'_>) -> Chosen {
        let named = |test: &dyn Fn(&Actor<'_>) -> bool| reachability.actors.iter().map(test).collect();
        match self {
            Self::Addresses(range) => {
                Chosen { workloads: named(&|_| false), addresses: vec![*range], named: true }
            }
            Self::Name(name) => {
                let parts: Vec<&str> = name.split('/').collect();
                Chosen {
                    workloads: named(&|actor| is_named(actor, &parts)),
                    addresses: Vec::new(),
                    named: true,
                }
            }
        }
    }
}

impl Chosen {
    /// All addresses, everybody in the files, and as sources ingress controllers that aren't.
    pub fn everybody(reachability: &Reachability<'_>, as_sources: bool) -> Self {
        let listed =
            |actor: &Actor<'_>| actor.workload().is_some() || as_sources && actor.is_ingress_controller();
        Self {
            workloads: reachability.actors.iter().map(listed).collect(),
            addresses: Addresses::all().ranges().collect(),
            named: false,
        }
    }

    /// Whether a workload is among them.
    pub fn has(&self, id: WorkloadId) -> bool {
        self.workloads.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// What of a range is among them.
    pub fn clip(&self, range: IpRange) -> impl Iterator<Item = IpRange> + '_ {
        self.addresses.iter().filter_map(move |wanted| wanted.intersection(range))
    }
}

fn is_named(actor: &Actor<'_>, parts: &[&str]) -> bool {
    let kind = |wanted: &str| wanted.eq_ignore_ascii_case(actor.kind);
    match parts {
        ["IngressController"] => actor.is_ingress_controller(),
        [name] => *name == actor.name,
        [first, name] => *name == actor.name && (*first == actor.namespace || kind(first)),
        [of, namespace, name] => kind(of) && *namespace == actor.namespace && *name == actor.name,
        _ => false,
    }
}
