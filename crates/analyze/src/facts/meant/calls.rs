//! Calls that a workload's own values name: arguments, variables, and the ConfigMaps it reads.

use std::collections::HashMap;

use diag::Span;
use estate::{Container, Kind, Obj, ObjectId, Workload, text};
use reach::WorkloadId;
use tree::NodeRef;

use super::hosts::{self, Host};
use super::{Meant, ServicePort, Source};
use crate::World;
use crate::fact::Mark;
use crate::facts::network::Network;

/// A Service that a ConfigMap names, and where.
type Named<'a> = (Host<'a>, NodeRef<'a>, Option<&'a str>);

pub(super) fn collect<'a>(world: &World<'a>, network: &Network<'a>, meant: &mut Meant) {
    let mut maps: HashMap<ObjectId, Vec<Named<'a>>> = HashMap::new();
    for (index, workload) in world.workloads.iter().enumerate() {
        let mut calls = Calls { world, network, from: network.workload(index), meant };
        for container in workload.pod.containers() {
            calls.values(workload, container);
        }
        for (map, key, source) in config_maps(world, workload) {
            let named = maps.entry(map.id).or_insert_with(|| in_map(world, map));
            for (host, node, _) in named.iter().filter(|(_, _, of)| key.is_none() || *of == key) {
                calls.add(*host, *node, source);
            }
        }
    }
}

struct Calls<'w, 'a, 'm> {
    world: &'w World<'a>,
    network: &'w Network<'a>,
    from: WorkloadId,
    meant: &'m mut Meant,
}

impl<'a> Calls<'_, 'a, '_> {
    fn add(&mut self, host: Host<'a>, node: NodeRef<'a>, source: Source) {
        let mark = Mark::at(place(self.world, node, &host), "the call is meant here");
        let both = (self.world, self.network);
        self.meant.add_service(both, self.from, host.service, host.port, source, &mark);
    }

    fn values(&mut self, workload: &Workload<'a>, container: Container<'a>) {
        let namespace = workload.object.namespace();
        let lists = ["command", "args"].into_iter().filter_map(|list| container.node.get(list));
        let mut option = false;
        for node in lists.flat_map(NodeRef::items) {
            let value = node.text().unwrap_or_default();
            for host in hosts::services(self.world, namespace, value) {
                self.add(host, node, Source::Called);
            }
            let service = self.world.find(Kind::Service, namespace, value).filter(|_| option);
            if let Some(service) = service {
                let host = Host { service, port: ServicePort::Only, at: 0, length: value.len() };
                self.add(host, node, Source::Called);
            }
            option = hosts::OPTIONS.contains(&value);
        }
        for env in container.env() {
            let Some(node) = env.get("value") else { continue };
            let value = node.text().unwrap_or_default();
            let found = hosts::services(self.world, namespace, value);
            if found.is_empty() {
                self.host_variable(container, env, node, namespace);
            }
            found.into_iter().for_each(|host| self.add(host, node, Source::Called));
        }
    }

    /// A pair such as `CACHE_HOST` and `CACHE_PORT`.
    fn host_variable(
        &mut self,
        container: Container<'a>,
        env: NodeRef<'a>,
        node: NodeRef<'a>,
        namespace: &str,
    ) {
        let name = env.get("name").and_then(NodeRef::text).unwrap_or_default();
        let Some(stem) = name.strip_suffix("HOST").or_else(|| name.strip_suffix("HOSTNAME")) else { return };
        let Some(service) = self.world.find(Kind::Service, namespace, node.text().unwrap_or_default()) else {
            return;
        };
        let port = container.env().find(|other| {
            other.get("name").and_then(NodeRef::text).and_then(|name| name.strip_suffix("PORT")) == Some(stem)
        });
        let port = port.and_then(|port| port.get("value")?.text()?.parse().ok());
        let port = port.map_or(ServicePort::Only, ServicePort::Number);
        let length = node.text().unwrap_or_default().len();
        self.add(Host { service, port, at: 0, length }, node, Source::Called);
    }
}

/// The ConfigMaps a workload reads, with the one key it reads if so: as variables, or as files.
fn config_maps<'a>(world: &World<'a>, workload: &Workload<'a>) -> Vec<(Obj<'a>, Option<&'a str>, Source)> {
    let find = |name: NodeRef<'a>| world.find(Kind::ConfigMap, workload.object.namespace(), text(name)?);
    let mut found = Vec::new();
    for container in workload.pod.containers() {
        let whole = container.env_from().filter_map(|from| find(from.path(&["configMapRef", "name"])?));
        found.extend(whole.map(|map| (map, None, Source::Called)));
        let keys = container.env().filter_map(|env| {
            let selector = env.path(&["valueFrom", "configMapKeyRef"])?;
            Some((find(selector.get("name")?)?, selector.get("key").and_then(text), Source::Called))
        });
        found.extend(keys);
    }
    for volume in workload.pod.volumes() {
        let sources = volume.path(&["projected", "sources"]).into_iter().flat_map(NodeRef::items);
        for mounted in sources.chain([volume]).filter_map(|source| source.get("configMap")) {
            let Some(map) = mounted.get("name").and_then(find) else { continue };
            let items = mounted.get("items").into_iter().flat_map(NodeRef::items);
            let keys: Vec<&str> = items.filter_map(|item| item.get("key").and_then(text)).collect();
            if keys.is_empty() {
                found.push((map, None, Source::Mentioned));
            }
            found.extend(keys.into_iter().map(|key| (map, Some(key), Source::Mentioned)));
        }
    }
    found
}

/// The Services that a ConfigMap's values name. Lines that are comments name nothing.
fn in_map<'a>(world: &World<'a>, map: Obj<'a>) -> Vec<Named<'a>> {
    let mut found = Vec::new();
    for (key, value) in map.node.get("data").into_iter().flat_map(NodeRef::entries) {
        let Some(text) = value.text() else { continue };
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            if !line.trim_start().starts_with(['#', ';']) && !line.trim_start().starts_with("//") {
                for host in hosts::services(world, map.namespace(), line) {
                    found.push((Host { at: host.at + offset, ..host }, value, key.text()));
                }
            }
            offset += line.len();
        }
    }
    found
}

/// The place of a host within a value: found again in the source, where quoting and folding may differ.
fn place(world: &World<'_>, node: NodeRef<'_>, host: &Host<'_>) -> Option<Span> {
    let span = node.span()?;
    let word = node.text()?.get(host.at..host.at + host.length)?;
    let before = node.text()?.get(..host.at)?.matches(word).count();
    let snippet = world.estate.sources.snippet(span);
    let Some((at, _)) = snippet.match_indices(word).nth(before) else { return Some(span) };
    let start = span.start + u32::try_from(at).ok()?;
    Some(Span { start, end: start + u32::try_from(word.len()).ok()?, ..span })
}
