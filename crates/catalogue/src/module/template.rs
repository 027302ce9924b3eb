//! Texts with expressions in them.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Env, Program, Value};
use diag::nearest;
use tree::declare::{JsonType, Scalar, Text};

use super::situation::Situation;

/// A text in which `${…}` holds CEL. `$${` is a `${` that stays.
#[derive(Clone, Debug)]
pub struct Template {
    text: Arc<str>,
    parts: Arc<[Piece]>,
}

#[derive(Debug)]
enum Piece {
    Literal(String),
    Expression { source: String, program: Program },
}

/// A situation, prepared for evaluation.
pub struct Scene(Context<'static, 'static>);

impl Template {
    /// As it is written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.text
    }

    /// Whether it is the same in every situation.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Piece::Literal(_)))
    }

    /// Its text in a situation.
    ///
    /// # Errors
    /// What is wrong with one of its expressions, with the expression.
    pub fn evaluate(&self, scene: &Scene) -> Result<String, String> {
        let mut out = String::new();
        for part in self.parts.iter() {
            match part {
                Piece::Literal(text) => out.push_str(text),
                Piece::Expression { source, program } => {
                    let value = program.execute(&scene.0).map_err(|error| format!("`{source}`: {error}"))?;
                    out.push_str(&shown(&value).map_err(|kind| format!("`{source}` is {kind}, not a text"))?);
                }
            }
        }
        Ok(out)
    }

    /// Whether it is `true` in a situation.
    ///
    /// # Errors
    /// What is wrong with it; anything but `true` and `false` is.
    pub fn holds(&self, scene: &Scene) -> Result<bool, String> {
        match self.evaluate(scene)?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(format!("`{}` is `{other}`, neither true nor false", self.text)),
        }
    }
}

/// A value as a text; `Err` with what it is otherwise.
fn shown(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Int(number) => Ok(number.to_string()),
        Value::UInt(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        Value::List(_) => Err("a list"),
        Value::Map(_) => Err("a map"),
        _ => Err("something else"),
    }
}

impl Scalar for Template {
    const NAME: &'static str = "a text, in which `${…}` is an expression";
    const EXAMPLE: &'static str = "\"--dir=${settings.dir}\"";
    const JSON: &'static [JsonType] = &[JsonType::String, JsonType::Number, JsonType::Boolean];

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let env = environment();
        let mut parts = Vec::new();
        let mut rest = text.text;
        while let Some(at) = rest.find("${") {
            if rest[..at].ends_with('$') {
                parts.push(Piece::Literal(format!("{}{{", &rest[..at])));
                rest = &rest[at + 2..];
                continue;
            }
            parts.push(Piece::Literal(rest[..at].to_owned()));
            let body = &rest[at + 2..];
            let end = end_of(body).ok_or("a `${` is not closed")?;
            parts.push(expression(&env, &body[..end])?);
            rest = &body[end + 1..];
        }
        parts.push(Piece::Literal(rest.to_owned()));
        parts.retain(|part| !matches!(part, Piece::Literal(text) if text.is_empty()));
        Ok(Self { text: text.text.into(), parts: parts.into() })
    }
}

/// Where the expression that a text starts with ends: at the brace that closes it, outside of its strings.
fn end_of(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

fn expression(env: &Env, source: &str) -> Result<Piece, String> {
    let program = env.compile(source).map_err(|error| format!("`{source}` is no expression: {error}"))?;
    for name in program.references().variables() {
        // Names of one letter are those of loops, as in `users.map(u, u.name)`; `lists` holds functions.
        if name.len() > 1 && name != "lists" && !NAMES.contains(&name) {
            let hint = nearest(name, NAMES).map(|meant| format!("; did you mean `{meant}`?"));
            return Err(format!(
                "`{source}` asks for `{name}`, which is no name of modules{}",
                hint.unwrap_or_default()
            ));
        }
    }
    Ok(Piece::Expression { source: source.to_owned(), program })
}

fn environment() -> Env {
    let mut env = Env::stdlib();
    // The only error is a name that is taken, and nothing was added before.
    let _ = env.add_extension(cel::extensions::strings);
    let _ = env.add_extension(cel::extensions::lists);
    env
}

/// Names that expressions may use; [`Scene::new`] gives each a value.
const NAMES: [&str; 30] = [
    "name",
    "namespace",
    "role",
    "shard",
    "counts",
    "perShard",
    "shards",
    "members",
    "services",
    "settings",
    "groups",
    "cpu",
    "memory",
    "users",
    "databases",
    "tls",
    "factor",
    "environment",
    "target",
    "provider",
    "region",
    "zones",
    "preferred",
    "clusterDomain",
    "host",
    "port",
    "user",
    "password",
    "database",
    "authority",
];

impl Scene {
    /// Prepares a situation.
    #[must_use]
    pub fn new(of: &Situation) -> Self {
        let mut context = Context::with_env(Arc::new(environment()));
        let mut set = |name: &str, value: Value| context.add_variable_from_value(name, value);
        let texts = [
            ("name", &of.name),
            ("namespace", &of.namespace),
            ("role", &of.role),
            ("environment", &of.environment),
            ("target", &of.target),
            ("provider", &of.provider),
            ("region", &of.region),
            ("clusterDomain", &of.cluster_domain),
            ("host", &of.host),
            ("user", &of.user),
            ("password", &of.password),
            ("database", &of.database),
            ("authority", &of.authority),
        ];
        texts.into_iter().for_each(|(name, text)| set(name, text.as_str().into()));
        let numbers = [
            ("shard", of.shard),
            ("perShard", of.per_shard),
            ("shards", of.shards),
            ("cpu", of.cpu),
            ("memory", of.memory),
            ("factor", of.factor),
            ("port", of.port),
        ];
        numbers.into_iter().for_each(|(name, number)| set(name, number.into()));
        set("tls", of.tls.into());
        set("preferred", of.preferred.into());
        set("databases", of.databases.clone().into());
        set("zones", of.zones.clone().into());
        set("counts", map(of.counts.iter().map(|(role, count)| (role, (*count).into()))));
        set("members", map(of.members.iter().map(|(role, names)| (role, names.clone().into()))));
        set("services", map(of.services.iter().map(|(key, host)| (key, host.as_str().into()))));
        set("settings", map(of.settings.iter().map(|(name, value)| (name, value.as_str().into()))));
        let pair = |(name, value): &(String, String)| {
            map([(&"name".to_owned(), name.as_str().into()), (&"value".to_owned(), value.as_str().into())])
        };
        let group = |values: &Vec<(String, String)>| values.iter().map(pair).collect::<Vec<_>>().into();
        set("groups", map(of.groups.iter().map(|(name, values)| (name, group(values)))));
        set("users", of.users.iter().map(user).collect::<Vec<_>>().into());
        Self(context)
    }
}

fn user(user: &super::situation::User) -> Value {
    let text = |name: &str, text: &str| (name.to_owned(), text.into());
    let networks = ("networks".to_owned(), user.networks.clone().into());
    let fields =
        [text("name", &user.name), text("env", &user.env), text("database", &user.database), networks];
    fields.into_iter().collect::<HashMap<String, Value>>().into()
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a String, Value)>) -> Value {
    entries.into_iter().map(|(name, value)| (name.clone(), value)).collect::<HashMap<_, _>>().into()
}
