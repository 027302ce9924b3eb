//! The order in which workloads can start: what is called before what calls. A circle is cut where it closes.

use std::collections::{HashMap, HashSet};

use crate::flow::{Flow, Party};
use crate::workload::Workload;

/// Sorts workloads by their flows; those without a reason stay as they were.
pub(crate) fn by_need(workloads: Vec<Workload>, flows: &[Flow]) -> Vec<Workload> {
    let key = |workload: &Workload| (workload.namespace.clone(), workload.name.value.clone());
    let index: HashMap<_, _> = workloads.iter().enumerate().map(|(at, one)| (key(one), at)).collect();
    let place = |party: &Party| match party {
        Party::Workload { namespace, name } => index.get(&(namespace.clone(), name.clone())).copied(),
        _ => None,
    };
    let mut needs = vec![Vec::new(); workloads.len()];
    for flow in flows.iter().filter(|flow| flow.purpose != "metrics" && flow.purpose != "traces") {
        if let (Some(from), Some(to)) = (place(&flow.from), place(&flow.to))
            && from != to
        {
            needs[from].push(to);
        }
    }
    let (mut order, mut seen) = (Vec::new(), HashSet::new());
    for start in 0..workloads.len() {
        visit(start, &needs, &mut seen, &mut order);
    }
    let mut workloads: Vec<Option<Workload>> = workloads.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| workloads.get_mut(at).and_then(Option::take)).collect()
}

/// Depth first without recursion: chains may be as long as the platform has workloads.
fn visit(start: usize, needs: &[Vec<usize>], seen: &mut HashSet<usize>, order: &mut Vec<usize>) {
    let mut open = vec![(start, 0)];
    if !seen.insert(start) {
        return;
    }
    while let Some((at, next)) = open.pop() {
        match needs[at].get(next) {
            Some(need) => {
                open.push((at, next + 1));
                if seen.insert(*need) {
                    open.push((*need, 0));
                }
            }
            None => order.push(at),
        }
    }
}
