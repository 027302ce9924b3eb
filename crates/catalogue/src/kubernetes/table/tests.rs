//! The table is read whole, and says what Kubernetes' API reference says.

use super::super::version::Version;
use super::{Field, KindLookup, ListType, Reader, Schemas, Shape, TABLE};

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

fn field_of<'a>(schemas: &'a Schemas, name: &str, path: &[&str]) -> Option<&'a Field> {
    schemas.field_at(schemas.type_named(name).unwrap(), path, Version::default())
}

#[test]
fn every_line_is_understood() {
    let mut reader = Reader::default();
    let names = TABLE.lines().filter_map(|line| line.strip_prefix("type ")).map(super::first_word);
    reader.types = names.enumerate().map(|(index, name)| (name, super::TypeId(index as u32))).collect();
    for (number, line) in TABLE.lines().enumerate() {
        assert!(reader.line(line).is_some(), "line {}: {line}", number + 1);
    }
    let schemas = Schemas::load();
    for of in &schemas.types {
        let fields = &schemas.fields[of.first as usize..of.end as usize];
        assert!(fields.is_sorted_by_key(|field| field.name), "{}", of.name);
    }
    assert!(schemas.types.is_sorted_by_key(|of| of.name));
}

#[test]
fn kinds_are_found_in_the_versions_that_serve_them() {
    let schemas = Schemas::load();
    let check = |minor, api_version, kind, expected| {
        let found = match schemas.kind(version(minor), api_version, kind) {
            KindLookup::Known(found) => {
                format!("{} {}", found.plural, if found.namespaced { "yes" } else { "no" })
            }
            KindLookup::Removed(removal) => {
                format!("gone since {}, use {}", removal.removed_in, removal.replacement.unwrap_or("-"))
            }
            KindLookup::NotYet(first) => format!("from {first}"),
            KindLookup::Missing(nearest) => format!("missing, {}", nearest.unwrap_or("-")),
            KindLookup::Foreign => "foreign".to_owned(),
        };
        assert_eq!(found, expected, "{api_version} {kind} in {minor}");
    };
    check("1.36", "v1", "Pod", "pods yes");
    check("1.33", "apps/v1", "Deployment", "deployments yes");
    check("1.36", "v1", "Namespace", "namespaces no");
    check("1.37", "networking.k8s.io/v1", "IngressClass", "ingressclasses no");
    check("1.33", "resource.k8s.io/v1", "ResourceClaim", "from 1.34");
    check("1.34", "storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses no");
    check("1.36", "policy/v1beta1", "PodDisruptionBudget", "gone since 1.25, use policy/v1");
    check(
        "1.37",
        "storagemigration.k8s.io/v1alpha1",
        "StorageVersionMigration",
        "gone since 1.35, use storagemigration.k8s.io/v1",
    );
    check(
        "1.36",
        "external-secrets.io/v1beta1",
        "ExternalSecret",
        "gone since 0.17, use external-secrets.io/v1",
    );
    check("1.36", "external-secrets.io/v1", "ExternalSecret", "foreign");
    check("1.36", "apps/v1", "Deploymnet", "missing, Deployment");
    check("1.36", "v1", "Deployment", "missing, apps/v1");
    check("1.36", "v1", "List", "foreign");
    check("1.36", "rbac.authorization.k8s.io/v1", "RoleBindingList", "foreign");
    check("1.36", "v1", "Config", "foreign");
    check("1.36", "builtin", "LabelTransformer", "foreign");
    check("1.36", "apps/v2", "Deployment", "missing, apps/v1");
    check("1.36", "argoproj.io/v1alpha1", "Application", "foreign");
}

#[test]
fn fields_have_their_shapes() {
    let schemas = Schemas::load();
    let check = |of, path: &[&str], expected| {
        let found = field_of(&schemas, of, path).map(|field| field.shape);
        assert_eq!(found, expected, "{of} {path:?}");
    };
    check("apps.v1.Deployment", &["spec", "replicas"], Some(Shape::Int32));
    check("apps.v1.Deployment", &["spec", "replica"], None);
    check("apps.v1.Deployment", &["spec", "template", "spec", "containers", "name"], Some(Shape::String));
    check("core.v1.ServicePort", &["targetPort"], Some(Shape::IntOrString));
    check("core.v1.Secret", &["type"], Some(Shape::String));
    check("core.v1.ObjectReference", &["fieldPath"], Some(Shape::String));
    check("core.v1.ContainerStateRunning", &["startedAt"], Some(Shape::Time));
    check("apiextensions.v1.JSONSchemaProps", &["default"], Some(Shape::Any));
    let limits = field_of(&schemas, "core.v1.ResourceRequirements", &["limits"]).map(|field| field.shape);
    let Some(Shape::Map(quantity)) = limits else { panic!("limits are {limits:?}") };
    assert_eq!(schemas.element(quantity), Shape::Quantity);
    let policy = field_of(&schemas, "core.v1.Container", &["imagePullPolicy"]).map(|field| field.shape);
    let Some(Shape::Enum(number)) = policy else { panic!("imagePullPolicy is {policy:?}") };
    assert_eq!(schemas.enumeration(number), ["Always", "IfNotPresent", "Never"]);
}

#[test]
fn fields_differ_between_versions() {
    let schemas = Schemas::load();
    let pod = schemas.type_named("core.v1.PodSpec").unwrap();
    let check = |name, expected: &[u8]| {
        let versions: Vec<u8> =
            schemas.versions_with_field(pod, name).into_iter().map(Version::minor).collect();
        assert_eq!(versions, expected, "{name}");
    };
    check("containers", &[33, 34, 35, 36, 37]);
    check("hostnameOverride", &[34, 35, 36, 37]);
    check("workloadRef", &[35]);
    check("container", &[]);
    assert_eq!(schemas.nearest_field(pod, "container", version("1.36")), Some("containers"));
}

#[test]
fn lists_have_their_keys() {
    let schemas = Schemas::load();
    let check = |of, path: &[&str], merge_key, keys: &[&str], list| {
        let field = field_of(&schemas, of, path).unwrap();
        assert_eq!(field.merge_key, merge_key, "{of} {path:?}");
        assert_eq!(field.list_map_keys().collect::<Vec<_>>(), keys, "{of} {path:?}");
        assert_eq!(field.list, list, "{of} {path:?}");
    };
    let spec = ["spec", "template", "spec"];
    let pod = |rest: &[&'static str]| [&spec, rest].concat();
    let deployment = "apps.v1.Deployment";
    check(deployment, &pod(&["containers"]), Some("name"), &["name"], Some(ListType::Map));
    let ports = pod(&["containers", "ports"]);
    check(deployment, &ports, Some("containerPort"), &["containerPort", "protocol"], Some(ListType::Map));
    check(
        deployment,
        &pod(&["containers", "volumeMounts"]),
        Some("mountPath"),
        &["mountPath"],
        Some(ListType::Map),
    );
    check(deployment, &pod(&["containers", "args"]), None, &[], Some(ListType::Atomic));
    check(deployment, &pod(&["tolerations"]), None, &[], Some(ListType::Atomic));
    check("core.v1.Service", &["spec", "ports"], Some("port"), &["port", "protocol"], Some(ListType::Map));
    check("meta.v1.ObjectMeta", &["finalizers"], None, &[], Some(ListType::Set));
    assert!(field_of(&schemas, "meta.v1.ObjectMeta", &["finalizers"]).unwrap().merges);
    assert!(field_of(&schemas, deployment, &["spec", "strategy"]).unwrap().retains_keys);
    assert!(field_of(&schemas, deployment, &["spec", "selector"]).unwrap().required);
}
