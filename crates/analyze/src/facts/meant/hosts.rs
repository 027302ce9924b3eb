//! Names of Services in texts: `http://api.shop.svc:8080`, `cache:6379`, `store-0.store.shop.svc.cluster.local`.

use estate::{Kind, Obj};

use super::ServicePort;
use crate::World;

/// A Service that a text names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host<'a> {
    pub(super) service: Obj<'a>,
    pub(super) port: ServicePort<'static>,
    /// Where in the text.
    pub(super) at: usize,
    pub(super) length: usize,
}

/// The ports that schemes stand for (IANA's service name registry; for databases their vendors' defaults).
const SCHEMES: &[(&str, u16)] = &[
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("redis", 6379),
    ("rediss", 6379),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mongodb", 27017),
    ("amqp", 5672),
    ("amqps", 5671),
    ("nats", 4222),
    ("ldap", 389),
    ("ldaps", 636),
    ("clickhouse", 9000),
];

/// How far in front of a host its scheme or option may stand, in bytes: were it further, each word of a long text would
/// cost all before it.
const BEFORE: usize = 1024;

/// A Service that a text names and that isn't there, though its namespace is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absent<'t> {
    pub(crate) namespace: &'t str,
    pub(crate) name: &'t str,
}

/// What a name stands for.
enum Named<'a, 't> {
    Service(Host<'a>),
    Absent(Absent<'t>),
}

/// The Services that a text names, as a pod of a namespace would resolve it. A bare word counts only with a scheme or a
/// port: anything may be called `api`.
pub(super) fn services<'a>(world: &World<'a>, namespace: &str, text: &str) -> Vec<Host<'a>> {
    let found = names(world, namespace, text).into_iter();
    found.filter_map(|named| if let Named::Service(host) = named { Some(host) } else { None }).collect()
}

/// The Services that a text names with their namespace, by a URL or with a port, and that aren't there.
pub(crate) fn absent<'t>(world: &World<'_>, namespace: &str, text: &'t str) -> Vec<Absent<'t>> {
    let found = names(world, namespace, text).into_iter();
    found.filter_map(|named| if let Named::Absent(absent) = named { Some(absent) } else { None }).collect()
}

fn names<'a, 't>(world: &World<'a>, namespace: &str, text: &'t str) -> Vec<Named<'a, 't>> {
    let mut found = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let length = text[at..].bytes().take_while(|byte| is_name(*byte)).count().max(1);
        let word = text[at..at + length].trim_end_matches('.');
        let embedded =
            at > 0 && matches!(bytes[at - 1], b'_' | b'/' | b'$' | b'{') && !text[..at].ends_with("//");
        if !embedded {
            found.extend(host(world, namespace, text, at, word));
        }
        at += length;
    }
    found
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}

fn host<'a, 't>(
    world: &World<'a>,
    namespace: &str,
    text: &'t str,
    at: usize,
    word: &'t str,
) -> Option<Named<'a, 't>> {
    if word.len() < 2 || word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let after = &text[at + word.len()..];
    let port = after.strip_prefix(':').map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse::<u16>().ok().filter(|_| !rest[digits..].starts_with(is_word))
    });
    if port.is_none() && after.starts_with(is_word) || after.starts_with("://") {
        return None;
    }
    // Services of other clusters (KEP-1645) are in no file of this one.
    if word.ends_with(".svc.clusterset.local") {
        return None;
    }
    let port = port.flatten();
    let before = &text[text.ceil_char_boundary(at.saturating_sub(BEFORE))..at];
    let default = scheme(before);
    let certain = port.is_some() || default.is_some() || is_asked(before);
    let Some(service) = resolve(world, namespace, word, certain) else {
        return missing(world, word).filter(|_| certain).map(Named::Absent);
    };
    let port = match (port, default.flatten()) {
        (Some(port), _) | (None, Some(port)) => ServicePort::Number(port),
        _ => ServicePort::Only,
    };
    Some(Named::Service(Host { service, port, at, length: word.len() }))
}

/// A name with a namespace that these files have, and no such Service in it.
fn missing<'t>(world: &World<'_>, word: &'t str) -> Option<Absent<'t>> {
    let parts: Vec<&str> = word.split('.').collect();
    let svc = parts.iter().position(|part| *part == "svc");
    let (name, namespace) = match (svc, parts.as_slice()) {
        (Some(2), [name, namespace, ..])
        | (Some(3), [_, name, namespace, ..])
        | (None, [name, namespace] | [_, name, namespace]) => (*name, *namespace),
        _ => return None,
    };
    let is_here = world.find(Kind::Namespace, "", namespace).is_some();
    (is_here && world.find(Kind::Service, namespace, name).is_none()).then_some(Absent { namespace, name })
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '=' | '(')
}

/// Options whose value is a host (`pg_dump -h db`, `redis-cli -h cache`, `mysql --host=db`).
pub(super) const OPTIONS: &[&str] = &["-h", "--host", "--hostname"];

/// Whether an option stands in front, or libpq's `host=`, so that a host is asked for.
fn is_asked(before: &str) -> bool {
    let Some(rest) = before.strip_suffix(['=', ' ']) else { return false };
    let quoted = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let word = rest.rsplit(quoted).next().unwrap_or_default();
    OPTIONS.contains(&word) || (word == "host" && before.ends_with('='))
}

/// Whether a scheme stands in front, credentials aside, and its port.
fn scheme(before: &str) -> Option<Option<u16>> {
    let start = before.rfind("://")?;
    let between = &before[start + 3..];
    let credentials =
        between.is_empty() || (between.ends_with('@') && !between.contains(char::is_whitespace));
    let name = before[..start].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    credentials.then(|| SCHEMES.iter().find(|(scheme, _)| *scheme == name).map(|(_, port)| *port))
}

/// A name within the cluster: `SERVICE`, `SERVICE.NAMESPACE[.svc[.DOMAIN]]`, or with a pod's name in front.
fn resolve<'a>(world: &World<'a>, namespace: &str, word: &str, certain: bool) -> Option<Obj<'a>> {
    let parts: Vec<&str> = word.split('.').collect();
    let find = |namespace: &str, name: &str| world.find(Kind::Service, namespace, name);
    let before_svc = parts.iter().position(|part| *part == "svc");
    match (before_svc, parts.as_slice()) {
        (Some(2), [name, namespace, ..]) => find(namespace, name),
        (Some(3), [_, name, namespace, ..]) => find(namespace, name),
        (None, [name]) if certain => find(namespace, name),
        (None, [name, other]) => find(other, name).or_else(|| find(namespace, other).filter(|_| certain)),
        (None, [_, name, other]) => find(other, name),
        _ => None,
    }
}
