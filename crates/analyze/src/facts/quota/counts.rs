//! What isn't counted by pods: claims and their storage, and objects.

use catalogue::quantity::Quantity;
use estate::{Kind, Obj, text};
use tree::NodeRef;

use super::Part;
use crate::World;
use crate::facts::demand::quantity;

/// What a namespace needs of a resource; `None` where nothing tells.
pub(super) fn parts(world: &World<'_>, namespace: &str, resource: &str) -> Option<Vec<Part>> {
    if let Some((class, of)) = resource.split_once(".storageclass.storage.k8s.io/") {
        let claims = claims(world, namespace).into_iter().filter(|claim| claim.class == Some(class));
        return Some(claims.map(|claim| claim.part(of == "requests.storage")).collect());
    }
    let here = |kind| world.of_kind_in(kind, namespace).into_iter();
    let one = |who: String, n: usize| {
        let n = n as u64;
        Part { who, min: n, max: n, surge: 0, each: Quantity::from_units(1), object: None }
    };
    let count = |kind: Kind| vec![one(format!("{}s", kind.name()), here(kind).count())];
    let services = |is: &dyn Fn(Obj<'_>) -> u64| {
        let each = here(Kind::Service).map(|service| (service.name().to_owned(), is(service)));
        let used = each.filter(|(_, n)| *n > 0).map(|(name, n)| one(name, usize::try_from(n).unwrap_or(0)));
        Some(used.collect())
    };
    let kind_of = |object: Obj<'_>| object.text(&["spec", "type"]).unwrap_or("ClusterIP").to_owned();
    match resource {
        "requests.storage" => Some(claims(world, namespace).iter().map(|claim| claim.part(true)).collect()),
        "persistentvolumeclaims" | "count/persistentvolumeclaims" => {
            Some(claims(world, namespace).iter().map(|claim| claim.part(false)).collect())
        }
        "services" | "count/services" => Some(count(Kind::Service)),
        "services.loadbalancers" => services(&|service| u64::from(kind_of(service) == "LoadBalancer")),
        "services.nodeports" => services(&|service| {
            let nodes = matches!(kind_of(service).as_str(), "NodePort" | "LoadBalancer");
            let unwanted = service.path(&["spec", "allocateLoadBalancerNodePorts"]).and_then(NodeRef::bool);
            let ports = service.path(&["spec", "ports"]).map_or(0, |ports| ports.items().len());
            if nodes && unwanted != Some(false) { ports as u64 } else { 0 }
        }),
        "secrets" | "count/secrets" => {
            let mut parts = count(Kind::Secret);
            parts.push(one("ExternalSecrets".to_owned(), here(Kind::ExternalSecret).count()));
            parts.push(one("SealedSecrets".to_owned(), here(Kind::SealedSecret).count()));
            parts.push(one("Certificates".to_owned(), here(Kind::Certificate).count()));
            Some(parts)
        }
        // Every namespace has `kube-root-ca.crt`.
        "configmaps" | "count/configmaps" => {
            let mut parts = count(Kind::ConfigMap);
            parts.push(one("kube-root-ca.crt".to_owned(), 1));
            Some(parts)
        }
        "count/deployments.apps" => Some(count(Kind::Deployment)),
        "count/statefulsets.apps" => Some(count(Kind::StatefulSet)),
        "count/daemonsets.apps" => Some(count(Kind::DaemonSet)),
        "count/cronjobs.batch" => Some(count(Kind::CronJob)),
        "count/ingresses.networking.k8s.io" => Some(count(Kind::Ingress)),
        "resourcequotas" => Some(count(Kind::ResourceQuota)),
        _ => None,
    }
}

/// Claims of one shape.
struct Claim<'a> {
    who: String,
    class: Option<&'a str>,
    storage: Quantity,
    min: u64,
    max: u64,
}

impl Claim<'_> {
    fn part(&self, storage: bool) -> Part {
        let each = if storage { self.storage } else { Quantity::from_units(1) };
        Part { who: self.who.clone(), min: self.min, max: self.max, surge: 0, each, object: None }
    }
}

/// The claims of a namespace: written, of a StatefulSet's templates (one for each replica), and of ephemeral volumes.
fn claims<'a>(world: &World<'a>, namespace: &str) -> Vec<Claim<'a>> {
    let claim = |who: String, spec: Option<NodeRef<'a>>, (min, max): (u64, u64)| {
        let storage = spec.and_then(|spec| quantity(spec.path(&["resources", "requests", "storage"])?));
        let class = spec.and_then(|spec| text(spec.get("storageClassName")?));
        Claim { who, class, storage: storage.unwrap_or(Quantity::ZERO), min, max }
    };
    let written = world.of_kind_in(Kind::PersistentVolumeClaim, namespace).into_iter();
    let mut claims: Vec<Claim<'a>> =
        written.map(|object| claim(object.name().to_owned(), object.node.get("spec"), (1, 1))).collect();
    for workload in world.workloads.in_namespace(namespace) {
        let Some(scale) = world.scales().get(workload.object.id) else { continue };
        let templates = workload.object.path(&["spec", "volumeClaimTemplates"]);
        let templates = templates.into_iter().flat_map(NodeRef::items).map(|one| one.get("spec"));
        let ephemeral =
            workload.pod.volumes().filter_map(|volume| volume.path(&["ephemeral", "volumeClaimTemplate"]));
        for spec in templates.chain(ephemeral.map(|template| template.get("spec"))) {
            claims.push(claim(workload.object.name().to_owned(), spec, (scale.min, scale.max)));
        }
    }
    claims
}
