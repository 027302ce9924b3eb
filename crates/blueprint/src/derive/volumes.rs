//! Volumes of a component: scratch folders, files, what stays.

use model::kinds::{ComponentSpec, Named, Volume};
use tree::{Origin, Val};

use super::calls::Called;
use super::component::{self, suffixed};
use super::config::{Settings, plain_key};
use super::container;
use super::here::{Here, part_of};
use super::placement;
use super::secrets::Secrets;
use super::text::{default, derived};
use crate::workload::{Claim, Mount, PodVolume, VolumeSource};

/// What a pod mounts.
#[derive(Default)]
pub(crate) struct Volumes {
    /// Volumes of the pod.
    pub(crate) pod: Vec<PodVolume>,
    /// Volumes that each pod keeps.
    pub(crate) claims: Vec<Claim>,
    /// Where they are mounted.
    pub(crate) mounts: Vec<Mount>,
}

impl Volumes {
    /// Adds a volume of the pod and its mount.
    pub(crate) fn add(&mut self, volume: PodVolume, mount: Mount) {
        self.pod.push(volume);
        self.mounts.push(mount);
    }
}

/// Derives a component's volumes.
pub(crate) fn of_component(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    called: &Called,
    secrets: &Secrets,
    settings: &Settings,
) -> Volumes {
    let mut volumes = Volumes::default();
    scratch(here, component, &mut volumes);
    files(settings, &mut volumes);
    for (volume, mount) in secrets.files.iter().cloned().chain(called.trust.clone()) {
        volumes.add(volume, mount);
    }
    for (name, origin, volume) in component.spec.volumes.iter() {
        kept(here, component, (name, origin), volume, &mut volumes);
    }
    volumes
}

fn scratch(here: &Here<'_>, component: &Named<ComponentSpec>, volumes: &mut Volumes) {
    for (name, origin, given) in component.spec.scratch.iter() {
        let size = given.size.clone().map(|size| size.map(|size| size.0));
        let memory = given.medium.as_ref().is_some_and(|medium| medium.value == "memory");
        let source = VolumeSource::Scratch { size, memory };
        let volume = PodVolume { name: name.to_owned(), origin: origin.clone(), source };
        volumes.add(volume, mount(name, given.path.clone(), false));
    }
    let own = component.spec.security.read_only_root.as_ref();
    let general = here.resolved.platform.spec.security.read_only_root.as_ref();
    if own.or(general).is_some_and(|read_only| !read_only.value) {
        return;
    }
    let kept = |path: &str| component.spec.volumes.iter().any(|(_, _, volume)| volume.path.value == path);
    for path in container::known(here, component).writes {
        let name = plain_key(path.value.trim_matches('/')).replace(['.', '_'], "-").to_ascii_lowercase();
        let taken = |mount: &Mount| mount.path.value == path.value || mount.volume == name;
        if volumes.mounts.iter().any(taken) || kept(path) {
            continue;
        }
        let origin = Origin::derived("scratch", [path.origin.clone()]);
        let source = VolumeSource::Scratch { size: None, memory: false };
        let volume = PodVolume { name: name.clone(), origin: origin.clone(), source };
        volumes.add(volume, mount(&name, Val::new(path.value.clone(), origin), false));
    }
}

fn files(settings: &Settings, volumes: &mut Volumes) {
    for (config, key, path) in &settings.files {
        if volumes.pod.iter().all(|volume| volume.name != "files") {
            let source = VolumeSource::Config { config: config.clone(), items: Vec::new(), mode: None };
            volumes.pod.push(PodVolume { name: "files".to_owned(), origin: path.origin.clone(), source });
        }
        let sub_path = Some(Val::new(key.clone(), path.origin.clone()));
        let volume = "files".to_owned();
        volumes.mounts.push(Mount { volume, path: path.clone(), sub_path, read_only: true });
    }
}

fn kept(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    (name, origin): (&str, &Origin),
    volume: &Volume,
    volumes: &mut Volumes,
) {
    let by = part_of("Component", &component.name);
    let class = placement::storage_class(here, volume.class.as_ref());
    let size = volume.size.clone().map(|size| size.0);
    let access = |mode: &str, reason| default(&by, &format!("volumes.{name}.each"), mode.to_owned(), reason);
    volumes.mounts.push(mount(name, volume.path.clone(), false));
    if is_each(volume) {
        let access = access("ReadWriteOnce", "Each pod has a volume of its own.");
        volumes.claims.push(Claim { name: Val::new(name.to_owned(), origin.clone()), size, class, access });
        return;
    }
    let most = most(component);
    let access = if most.value > 1 {
        derived("accessMode", "ReadWriteMany".to_owned(), [most.origin])
    } else {
        access("ReadWriteOnce", "One pod uses it.")
    };
    let claim = Claim { name: suffixed(component, &format!("-{name}")), size, class, access };
    let source = VolumeSource::Shared(claim);
    volumes.pod.push(PodVolume { name: name.to_owned(), origin: origin.clone(), source });
}

fn is_each(volume: &Volume) -> bool {
    volume.each.as_ref().is_none_or(|each| each.value)
}

fn most(component: &Named<ComponentSpec>) -> Val<u32> {
    let scaling = component.spec.scaling.as_ref();
    scaling.map_or_else(|| component::replicas(component), |scaling| scaling.max.clone())
}

/// A mount of a whole volume.
pub(crate) fn mount(volume: &str, path: Val<String>, read_only: bool) -> Mount {
    Mount { volume: volume.to_owned(), path, sub_path: None, read_only }
}

/// Whether each pod keeps a volume of its own, so that pods need names.
pub(crate) fn keeps_volumes(component: &Named<ComponentSpec>) -> bool {
    component.spec.volumes.iter().any(|(_, _, volume)| is_each(volume))
}

/// Whether a volume that only one node can write to is shared by old and new pods.
pub(crate) fn shares_single_writer(component: &Named<ComponentSpec>) -> bool {
    component.spec.volumes.iter().any(|(_, _, volume)| !is_each(volume)) && most(component).value == 1
}

/// The headless Service that names the pods.
pub(crate) fn members_service(component: &Named<ComponentSpec>) -> Val<String> {
    suffixed(component, "-members")
}
