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

/// The Services that a text names, as a pod of a namespace would resolve it. A bare word counts only with a scheme or a
/// port: anything may be called `api`.
pub(super) fn services<'a>(world: &World<'a>, namespace: &str, text: &str) -> Vec<Host<'a>> {
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
        if !embedded && let Some(host) = host(world, namespace, text, at, word) {
            found.push(host);
        }
        at += length;
    }
    found
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}

fn host<'a>(world: &World<'a>, namespace: &str, text: &str, at: usize, word: &str) -> Option<Host<'a>> {
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
    let port = port.flatten();
    let before = &text[text.ceil_char_boundary(at.saturating_sub(BEFORE))..at];
    let default = scheme(before);
    let certain = port.is_some() || default.is_some() || is_asked(before);
    let service = resolve(world, namespace, word, certain)?;
    let port = match (port, default.flatten()) {
        (Some(port), _) | (None, Some(port)) => ServicePort::Number(port),
        _ => ServicePort::Only,
    };
    Some(Host { service, port, at, length: word.len() })
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
