//! The flows of one scope, source by source, in a stable order: what the formats print.

use std::collections::BTreeMap;

use analyze::relations::exposed;
use analyze::relations::reachability::{Actor, Reachability};
use estate::{Estate, View, Workloads};
use reach::{Endpoint, PortSet, Row, WorkloadId};

use super::choose::Chosen;

/// One scope, and what was asked of it.
pub struct Scene<'a> {
    /// Its name.
    pub scope: &'a str,
    /// Who may connect to whom.
    pub reachability: Reachability<'a>,
    /// The sources that were asked for.
    pub from: Chosen,
    /// The destinations that were asked for.
    pub to: Chosen,
    /// The ports that were asked for.
    pub only: Option<PortSet>,
    /// The ports that Ingresses lead to.
    pub exposed: BTreeMap<WorkloadId, PortSet>,
}

/// All flows between one workload and others, in one direction.
pub struct Batch<'a> {
    /// The workload.
    pub workload: WorkloadId,
    /// Whether the flows leave it.
    pub outward: bool,
    /// Whom they lead to, or come from; with positions in `ports`.
    pub others: &'a [(Endpoint, u32)],
    /// Sets of ports.
    pub ports: &'a [PortSet],
}

impl<'a> Scene<'a> {
    /// A view of an estate; everything is asked for.
    pub fn new(estate: &'a Estate, view: &'a View) -> Self {
        let scope = estate.scope(view.scope).name.as_str();
        let workloads = Workloads::of(estate, view);
        let intent: Vec<_> = estate.intent.of(scope).collect();
        let reachability = Reachability::of(estate, view, &workloads, &intent);
        let mut exposed: BTreeMap<WorkloadId, PortSet> = BTreeMap::new();
        for one in exposed::exposed(estate, view, &workloads) {
            let target = reachability.of_object(workloads.get(one.target.workload).object.id);
            if let Some(id) = target {
                let ports = exposed.entry(id).or_default();
                *ports = ports.union(&[one.target.on].into_iter().collect());
            }
        }
        let from = Chosen::everybody(&reachability, true);
        let to = Chosen::everybody(&reachability, false);
        Self { scope, reachability, from, to, only: None, exposed }
    }

    /// Shows all flows that were asked for: out of each workload, then into each from addresses.
    pub fn each_batch(&self, visit: &mut dyn FnMut(&Batch<'_>)) {
        let engine = &self.reachability.engine;
        let mut rows: Vec<Option<Row>> = Vec::new();
        let mut scratch = vec![u32::MAX; self.reachability.actors.len()];
        let mut others = Vec::new();
        for (from, actor) in self.reachability.everybody().filter(|(id, _)| self.from.has(*id)) {
            let Some(class) = engine.class_of(from) else { continue };
            if actor.is_ingress_controller() && actor.workload().is_none() {
                continue;
            }
            rows.resize_with(rows.len().max(class.index() + 1), || None);
            let row = rows[class.index()].get_or_insert_with(|| self.narrow(engine.row(class)));
            scratch.fill(u32::MAX);
            for &(target, ports) in &row.classes {
                for member in engine.members(target) {
                    scratch[member.0 as usize] = ports;
                }
            }
            others.clear();
            let reached = (0..).map(WorkloadId).zip(&scratch).filter(|(_, ports)| **ports != u32::MAX);
            for (to, &ports) in reached.filter(|(to, _)| self.to.has(*to) && engine.is_flow(from, *to)) {
                others.push((Endpoint::Workload(to), ports));
            }
            self.push_addresses(row, &self.to, &mut others);
            show(visit, from, true, &others, &row.ports);
        }
        self.batch_of_ingress(visit);
        for (to, _) in self.reachability.everybody().filter(|(id, _)| self.to.has(*id)) {
            let Some(class) = engine.class_of(to) else { continue };
            let row = self.narrow(engine.row_from_addresses(class));
            others.clear();
            self.push_addresses(&row, &self.from, &mut others);
            show(visit, to, false, &others, &row.ports);
        }
    }

    /// Without ports that weren't asked for.
    fn narrow(&self, mut row: Row) -> Row {
        if let Some(only) = &self.only {
            row.ports.iter_mut().for_each(|ports| *ports = ports.intersection(only));
            let Row { ports, classes, addresses } = &mut row;
            classes.retain(|(_, place)| !ports[*place as usize].is_empty());
            addresses.retain(|(_, place)| !ports[*place as usize].is_empty());
        }
        row
    }

    fn push_addresses(&self, row: &Row, chosen: &Chosen, others: &mut Vec<(Endpoint, u32)>) {
        for &(range, ports) in &row.addresses {
            others.extend(chosen.clip(range).map(|range| (Endpoint::Addresses(range), ports)));
        }
    }

    /// What ingress controllers that aren't in the files may reach of what Ingresses lead to; several are told as one.
    fn batch_of_ingress(&self, visit: &mut dyn FnMut(&Batch<'_>)) {
        let outside = |id: &WorkloadId| self.reachability.actor(*id).workload().is_none();
        let controllers = self.reachability.ingress_controllers().filter(outside);
        let controllers: Vec<_> = controllers.filter(|id| self.from.has(*id)).collect();
        let Some(&first) = controllers.first() else { return };
        let (mut others, mut sets) = (Vec::new(), Vec::new());
        for (&to, exposed) in self.exposed.iter().filter(|(to, _)| self.to.has(**to)) {
            let mut open = PortSet::none();
            for &from in &controllers {
                let ends = (Endpoint::Workload(from), Endpoint::Workload(to));
                open = open.union(&self.reachability.engine.allowed(ends.0, ends.1).allowed);
            }
            let open = open.intersection(exposed);
            let open = self.only.as_ref().map_or(open.clone(), |only| open.intersection(only));
            if !open.is_empty() {
                others.push((Endpoint::Workload(to), sets.len() as u32));
                sets.push(open);
            }
        }
        show(visit, first, true, &others, &sets);
    }

    /// How somebody is called by people.
    pub fn title(&self, id: WorkloadId) -> String {
        title(self.reachability.actor(id))
    }
}

/// `Kind/namespace/name`.
pub fn title(actor: &Actor<'_>) -> String {
    if actor.is_ingress_controller() && actor.workload().is_none() {
        return "IngressController".to_owned();
    }
    format!("{}/{}/{}", actor.kind, actor.namespace, actor.name)
}

fn show(
    visit: &mut dyn FnMut(&Batch<'_>),
    workload: WorkloadId,
    outward: bool,
    others: &[(Endpoint, u32)],
    ports: &[PortSet],
) {
    if !others.is_empty() {
        visit(&Batch { workload, outward, others, ports });
    }
}
