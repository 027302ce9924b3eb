//! Whether the cluster serves the API version of each object.

use catalogue::kubernetes::{KindLookup, Removal, Version};
use tree::NodeRef;

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether each object's API version is served.
pub struct Served;

/// Why an API version isn't served.
#[derive(Clone, Debug)]
pub enum Unserved {
    /// It was once.
    Removed(Removal),
    /// It will be from this version on.
    NotYet(Version),
    /// There is no such kind in the group; with the API version that was probably meant.
    Missing(Option<&'static str>),
    /// It is an alpha or beta API of Kubernetes, which a cluster serves only when told to.
    OffByDefault,
}

/// Kinds that are sent to a part of another object (Kubernetes 1.36 API reference): there is no collection of them.
const SUBRESOURCES: &[&str] = &[
    "Binding",
    "Eviction",
    "PodAttachOptions",
    "PodExecOptions",
    "PodPortForwardOptions",
    "Scale",
    "TokenRequest",
];

impl Analysis for Served {
    type Violation = Unserved;

    fn run(world: &World<'_>) -> Vec<Fact<Unserved>> {
        let objects = world.view.objects.iter().map(|&id| world.estate.object(id));
        objects
            .map(|object| {
                let (api_version, kind) = (&*object.object.api_version, &*object.object.kind_name);
                let unserved = match world.schemas.kind(world.options.kubernetes, api_version, kind) {
                    KindLookup::Known(known) if !known.on_by_default() => Unserved::OffByDefault,
                    KindLookup::Known(_) | KindLookup::Foreign => return Fact::holds(object.id),
                    KindLookup::Removed(removal) => Unserved::Removed(removal),
                    KindLookup::NotYet(first) => Unserved::NotYet(first),
                    KindLookup::Missing(_) if SUBRESOURCES.contains(&&*object.object.kind_name) => {
                        return Fact::holds(object.id);
                    }
                    KindLookup::Missing(nearest) => Unserved::Missing(nearest),
                };
                let place = object.node.get("apiVersion").and_then(NodeRef::span);
                let says = match unserved {
                    Unserved::Removed(_) => "no longer served",
                    Unserved::NotYet(_) => "not served yet",
                    Unserved::OffByDefault => "off by default",
                    Unserved::Missing(_) => "no such kind in this API version",
                };
                Fact::violated(object.id, unserved, vec![Mark::at(place.or(Some(object.object.span)), says)])
            })
            .collect()
    }
}
