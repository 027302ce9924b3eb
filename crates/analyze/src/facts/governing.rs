//! StatefulSets and the Services that give their pods names.

use estate::{Kind, Selector};

use crate::World;
use crate::fact::{Analysis, Fact, Mark};

/// Whether the governing Service of each StatefulSet gives its pods names.
pub struct Governing;

/// What is wrong with a governing Service.
#[derive(Clone, Debug)]
pub enum Ungoverned {
    /// It has an address of its own, so that pods get no records.
    HasAddress {
        /// The Service.
        service: String,
    },
    /// It selects other pods.
    SelectsOthers {
        /// The Service.
        service: String,
        /// Its selector.
        selector: String,
    },
}

impl Analysis for Governing {
    type Violation = Ungoverned;

    fn run(world: &World<'_>) -> Vec<Fact<Ungoverned>> {
        let sets = world.workloads.iter().filter(|workload| workload.object.kind() == Kind::StatefulSet);
        sets.filter_map(|set| {
            let named = set.object.path(&["spec", "serviceName"])?;
            let name = estate::text(named).filter(|name| !name.is_empty())?;
            let service = world.find(Kind::Service, set.object.namespace(), name)?;
            let address = service.path(&["spec", "clusterIP"]);
            let mark = Mark::new(named, "names the Service that gives its pods names");
            if address.and_then(estate::text) != Some("None") {
                let place = address.or_else(|| service.node.get("spec")).unwrap_or(service.node);
                let violation = Ungoverned::HasAddress { service: name.to_owned() };
                let marks =
                    vec![mark, Mark::new(place, "has an address of its own: `clusterIP` isn't `None`")];
                return Some(Fact::violated(set.object.id, violation, marks));
            }
            let node = service.path(&["spec", "selector"])?;
            let selector = Selector::of_map(node);
            if selector.is_empty() || selector.matches(&set.labels) {
                return Some(Fact::holds(set.object.id));
            }
            let violation =
                Ungoverned::SelectsOthers { service: name.to_owned(), selector: selector.to_string() };
            let marks = vec![
                mark,
                Mark::new(node, "selects these"),
                Mark::new(set.labels_node(), "its pods have these"),
            ];
            Some(Fact::violated(set.object.id, violation, marks))
        })
        .collect()
    }
}
