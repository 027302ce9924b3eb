//! NetworkPolicies as the engine takes them, checked as the API server does.
//!
//! The checks are those of `ValidateNetworkPolicy` (Kubernetes 1.36, `pkg/apis/networking/validation`). What it refuses
//! is an `Err` with a clause that follows "because"; what such a policy would do nobody can say.

use estate::{Need, Obj, text};
use ipnet::IpNet;
use reach::{
    Block, NamespaceId, Operator, OtherPolicy, Peer, Policy, Port, PortName, Protocol, Requirement, Rule,
    Selector, Types,
};
use tree::{KubeScalar, NodeRef};

/// Reads a policy.
pub(super) fn read(object: Obj<'_>, namespace: NamespaceId) -> Result<Policy, String> {
    let spec = object.node.get("spec").filter(|node| node.is_map());
    let list = |field| match spec {
        Some(spec) => list(spec, field),
        None => Ok(Vec::new()),
    };
    let rules = |field, peers| -> Result<Vec<Rule>, String> {
        list(field)?.into_iter().map(|node| rule(node, peers)).collect()
    };
    Ok(Policy {
        namespace,
        pods: spec.map_or(Ok(None), |spec| selector(spec, "podSelector"))?.unwrap_or_default(),
        types: types(&list("policyTypes")?)?,
        ingress: rules("ingress", "from")?,
        egress: rules("egress", "to")?,
    })
}

/// What a refused policy may concern: the pods it selects if that is well said, both ways.
pub(super) fn refused(object: Obj<'_>, namespace: NamespaceId) -> OtherPolicy {
    let spec = object.node.get("spec");
    let pods = spec.map(|spec| selector(spec, "podSelector"));
    let pods = pods.and_then(Result::ok).flatten().unwrap_or_default();
    OtherPolicy { namespace: Some(namespace), pods, types: Types { ingress: true, egress: true } }
}

/// A label selector; `None` where the field is missing.
pub(super) fn selector(parent: NodeRef<'_>, field: &str) -> Result<Option<Selector>, String> {
    let Some(node) = parent.get(field).filter(|node| !node.is_null()) else { return Ok(None) };
    if !node.is_map() {
        return Err(format!("its {field} is no selector"));
    }
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let mut requirements = Vec::new();
    for need in estate::Selector::of(node).needs {
        if need.is_of_cluster() {
            return Err(format!("its {field} asks for a label that controllers give to pods"));
        }
        let (key, operator) = match need {
            Need::In(key, values) if !values.is_empty() => (key, Operator::In(owned(&values))),
            Need::NotIn(key, values) if !values.is_empty() => (key, Operator::NotIn(owned(&values))),
            Need::In(key, _) | Need::NotIn(key, _) => {
                return Err(format!("the operator at {key} has no values"));
            }
            Need::Exists(key) => (key, Operator::Exists),
            Need::Absent(key) => (key, Operator::DoesNotExist),
            Need::Invalid => return Err(format!("its {field} has an operator that Kubernetes doesn't know")),
        };
        requirements.push(Requirement { key: key.to_owned(), operator });
    }
    Ok(Some(Selector { requirements }))
}

fn types(nodes: &[NodeRef<'_>]) -> Result<Option<Types>, String> {
    let mut types = Types { ingress: false, egress: false };
    for node in nodes {
        match node.str() {
            Some("Ingress") => types.ingress = true,
            Some("Egress") => types.egress = true,
            _ => return Err(format!("`{}` is no policy type", node.text().unwrap_or_default())),
        }
    }
    Ok((!nodes.is_empty()).then_some(types))
}

fn rule(node: NodeRef<'_>, peers: &str) -> Result<Rule, String> {
    if !node.is_map() && !node.is_null() {
        return Err("one of its rules is no mapping".to_owned());
    }
    Ok(Rule {
        peers: list(node, peers)?.into_iter().map(|node| peer(node, peers)).collect::<Result<_, _>>()?,
        ports: list(node, "ports")?.into_iter().map(port).collect::<Result<_, _>>()?,
    })
}

fn peer(node: NodeRef<'_>, list: &str) -> Result<Peer, String> {
    let namespaces = selector(node, "namespaceSelector")?;
    let pods = selector(node, "podSelector")?;
    match (node.get("ipBlock").filter(|node| !node.is_null()), &namespaces, &pods) {
        (Some(node), None, None) => Ok(Peer::Block(block(node)?)),
        (Some(_), ..) => Err(format!("an item of `{list}` has an ipBlock beside a selector")),
        (None, None, None) => Err(format!("an item of `{list}` has neither selector nor ipBlock")),
        (None, ..) => Ok(Peer::Pods { namespaces, pods }),
    }
}

fn block(node: NodeRef<'_>) -> Result<Block, String> {
    let cidr = net(node.get("cidr"))?;
    let mut except = Vec::new();
    for node in list(node, "except")? {
        let hole = net(Some(node))?;
        if !cidr.contains(&hole) || cidr == hole {
            return Err(format!("{hole} is excepted from {cidr} and isn't a part of it"));
        }
        except.push(hole);
    }
    Ok(Block { cidr, except })
}

fn net(node: Option<NodeRef<'_>>) -> Result<IpNet, String> {
    let written = node.and_then(text).unwrap_or_default();
    let net: IpNet = written.trim().parse().map_err(|_| format!("`{written}` is no address block"))?;
    Ok(net.trunc())
}

fn port(node: NodeRef<'_>) -> Result<Port, String> {
    let protocol = match node.get("protocol").filter(|node| !node.is_null()) {
        None => Protocol::Tcp,
        Some(node) => {
            let name = node.text().unwrap_or_default();
            Protocol::parse(name).ok_or_else(|| format!("`{name}` is no protocol"))?
        }
    };
    let number = |node: NodeRef<'_>| {
        let number = node.int().and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0);
        number.ok_or_else(|| format!("`{}` is no port", node.text().unwrap_or_default()))
    };
    let end = node.get("endPort").filter(|node| !node.is_null()).map(number).transpose()?;
    let port = node.get("port").filter(|node| !node.is_null());
    let port = match (port.map(|node| (node, node.kube())), end) {
        (None, None) => None,
        (Some((_, KubeScalar::Str(name))), None) if is_port_name(name) => {
            Some(PortName::Named(name.to_owned()))
        }
        (Some((node, KubeScalar::Int(_))), end) => {
            let first = number(node)?;
            let last = end.unwrap_or(first);
            if last < first {
                return Err(format!("its endPort {last} is below its port {first}"));
            }
            Some(PortName::Numbers(first, last))
        }
        (Some((node, _)), None) => return Err(format!("`{}` is no port", node.text().unwrap_or_default())),
        (_, Some(_)) => return Err("an endPort needs a port that is a number".to_owned()),
    };
    Ok(Port { protocol, port })
}

/// An IANA service name (RFC 6335, section 5.1), as `IsValidPortName` has it.
fn is_port_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=15).contains(&name.len())
        && name.bytes().all(allowed)
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// The items of a list; none where the field is missing, which Kubernetes doesn't tell from an empty list.
fn list<'a>(parent: NodeRef<'a>, field: &str) -> Result<Vec<NodeRef<'a>>, String> {
    match parent.get(field).filter(|node| !node.is_null()) {
        None => Ok(Vec::new()),
        Some(node) if node.is_list() => Ok(node.items().collect()),
        Some(_) => Err(format!("its `{field}` is no list")),
    }
}
