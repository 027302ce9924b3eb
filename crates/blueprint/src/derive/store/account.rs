//! Accounts on stores: whose they are, where their passwords lie, how callers and members get them.

use catalogue::module::{Scene, Situation};
use model::kinds::{Call, ComponentSpec, Named, StoreSpec, StoreUser};
use tree::{Origin, Val};

use super::{Store, eval, of, situation, tls};
use crate::derive::calls::{self, Called};
use crate::derive::face::{Face, FacePort};
use crate::derive::here::{Here, Out, part_of};
use crate::derive::say::{self, rule};
use crate::derive::secrets;
use crate::derive::text::{Text, default, variable};
use crate::scope::{SecretKey, SecretNeed};
use crate::workload::{Env, EnvValue};

/// The account a caller uses; nothing where the engine knows no passwords.
#[derive(Default)]
pub(crate) struct Account {
    user: Option<Val<String>>,
    database: Option<Val<String>>,
    /// Path and property of the password.
    password: Option<(Val<String>, Val<String>)>,
}

/// Finds the account that a call means: the one it names, else the caller's own, else the only one; a call may also
/// name a database, and then means the first account that may use it.
pub(crate) fn account(
    here: &Here<'_>,
    component: &Named<ComponentSpec>,
    call: &Call,
    named: &Named<StoreSpec>,
    out: &mut Out,
) -> Account {
    let Some(store) = of(here, named).filter(|store| !store.engine.accounts.is_empty()) else {
        return Account::default();
    };
    let users = &named.spec.users;
    let found = |name: &str| users.0.get_key_value(name).map(|(name, item)| (name.as_str(), item));
    let of_database = |database: &str| {
        let may = |user: &StoreUser| user.database.as_ref().is_some_and(|one| one.value == database);
        users.0.iter().find(|(_, item)| may(&item.value)).map(|(name, item)| (name.as_str(), item))
    };
    let only = || {
        (users.0.len() == 1)
            .then(|| users.0.iter().next())
            .flatten()
            .map(|(name, item)| (name.as_str(), item))
    };
    let database =
        call.as_.as_ref().filter(|name| named.spec.databases.iter().any(|one| one.value == name.value));
    let user = match &call.as_ {
        Some(name) => found(name)
            .or_else(|| found(&component.name).filter(|_| database.is_some()))
            .or_else(|| of_database(name)),
        None => found(&component.name).or_else(only),
    };
    if let Some((name, item)) = user {
        let (path, property) = place(&store, name, &item.value);
        return Account {
            user: Some(Val::new(name.to_owned(), item.origin.clone())),
            database: item
                .value
                .database
                .clone()
                .or_else(|| database.cloned())
                .or_else(|| named.spec.databases.first().cloned()),
            password: Some((path, property)),
        };
    }
    if users.is_empty() {
        let (path, property) = shared(&store);
        let database = database.cloned().or_else(|| named.spec.databases.first().cloned());
        return Account { user: None, database, password: Some((path, property)) };
    }
    let by = part_of("Component", &component.name);
    let message = format!("{by} calls {} without saying as whom, and has no account there", named.name.value);
    let known: Vec<&str> = users.iter().map(|(name, ..)| name).collect();
    let help =
        format!("Add `as:` with one of {}, or an account `{}`.", known.join(", "), component.name.value);
    out.say(say::error(rule::MISSING, message, &call.to.origin, &help));
    Account::default()
}

/// Where the password of an account lies.
fn place(store: &Store<'_>, name: &str, user: &StoreUser) -> (Val<String>, Val<String>) {
    let path = user.path.clone().unwrap_or_else(|| Text::from(&store.named.name).lit("/").lit(name).done());
    let property = user.property.clone().unwrap_or_else(|| property(store, name));
    (path, property)
}

fn property(store: &Store<'_>, name: &str) -> Val<String> {
    default(&store.by, &format!("users.{name}.property"), "password".to_owned(), "The password of the path.")
}

/// Where the one password lies of a store that declares no accounts.
fn shared(store: &Store<'_>) -> (Val<String>, Val<String>) {
    (Text::from(&store.named.name).lit("/credentials").done(), property(store, "default"))
}

/// Gives a caller the password: a key of its secret, and a variable named after the store.
pub(crate) fn credentials(
    component: &Named<ComponentSpec>,
    call: &Call,
    named: &Named<StoreSpec>,
    account: &Account,
    called: &mut Called,
) {
    let Some((path, property)) = &account.password else { return };
    let name = password_name(&named.name.value);
    if called.keys.iter().any(|key| key.key.value == name) {
        return;
    }
    let origin = Origin::derived("credential", [call.to.origin.clone()]);
    let key = Val::new(name, origin);
    let secret = calls::secret_name(component);
    called.keys.push(SecretKey { key: key.clone(), path: path.clone(), property: Some(property.clone()) });
    // Kubernetes expands `$(NAME)` only from variables that come before.
    let is_password = |env: &Env| matches!(env.value, EnvValue::Secret { .. });
    let passwords = called.env.iter().take_while(|env| is_password(env)).count();
    called.env.insert(passwords, calls::secret_env(key.clone(), &secret, &key));
}

fn password_name(store: &str) -> String {
    format!("{}_PASSWORD", variable(store))
}

/// The URL of a store for a caller, with a reference to the password in it.
pub(crate) fn url(
    here: &Here<'_>,
    named: &Named<StoreSpec>,
    face: &Face,
    port: &FacePort,
    account: &Account,
    out: &mut Out,
) -> Option<Val<String>> {
    let store = of(here, named)?;
    let host = face.host.as_ref()?;
    if port.name != face.ports.first()?.name {
        return face.url(port);
    }
    let text =
        |value: &Option<Val<String>>| value.as_ref().map_or_else(String::new, |value| value.value.clone());
    let at = Situation {
        host: host.value.clone(),
        port: port.offered.value.into(),
        user: text(&account.user),
        password: account
            .password
            .as_ref()
            .map_or_else(String::new, |_| format!("$({})", password_name(&named.name.value))),
        database: text(&account.database),
        authority: tls::authority_file(here, &store),
        ..situation::situation(here, &store, "", 0)
    };
    let url = eval::of(here, &store, &at, "").text(&store.engine.client.url, out);
    let named_in = [&account.user, &account.database].into_iter().flatten().map(|value| value.origin.clone());
    let inputs = [url.origin.clone(), host.origin.clone(), port.offered.origin.clone()];
    Some(Val::new(url.value, Origin::derived("url", inputs.into_iter().chain(named_in))))
}

/// The Secret with what members need: passwords of accounts by user, and the engine's own.
pub(crate) fn secret_name(store: &Store<'_>) -> Val<String> {
    Text::from(&store.named.name).lit("-secrets").done()
}

/// The key under which all accounts share one password.
const SHARED: &str = "password";

/// Variables with passwords for the containers of a role.
pub(crate) fn env(store: &Store<'_>, role: &str) -> Vec<Env> {
    let secret = secret_name(store);
    let mut env: Vec<Env> = Vec::new();
    for given in store.engine.accounts.iter().filter(|given| given.roles.iter().any(|one| one.value == role))
    {
        if given.env.value.is_constant() {
            let name = Val::new(given.env.value.source().to_owned(), given.env.origin.clone());
            let key = Val::new(SHARED.to_owned(), given.env.origin.clone());
            env.push(Env { name, value: EnvValue::Secret { secret: secret.clone(), key } });
            continue;
        }
        for (user, origin, _) in store.named.spec.users.iter() {
            let name = Val::new(variable_of(given, user), origin.clone());
            let key = Val::new(user.to_owned(), origin.clone());
            env.push(Env { name, value: EnvValue::Secret { secret: secret.clone(), key } });
        }
    }
    env
}

/// The variable in which a user's password is.
pub(crate) fn variable_of(given: &catalogue::module::Account, user: &str) -> String {
    let at = Situation { user: user.to_owned(), ..Situation::default() };
    let name = given.env.value.evaluate(&Scene::new(&at)).unwrap_or_default();
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Declares the Secret of the members.
pub(crate) fn secret(here: &Here<'_>, store: &Store<'_>, out: &mut Out) {
    let mut keys = Vec::new();
    let accounts = &store.engine.accounts;
    if accounts.iter().any(|given| given.env.value.is_constant()) {
        keys.push(shared_key(store, out));
    }
    let jobs = store.engine.jobs.iter().flat_map(|(_, _, job)| job.container.env.iter());
    let asks_for = |name: &str| {
        jobs.clone()
            .any(|(_, _, source)| source.account.as_ref().is_some_and(|account| account.value == name))
    };
    for (name, origin, user) in store.named.spec.users.iter() {
        if accounts.iter().any(|given| !given.env.value.is_constant()) || asks_for(name) {
            let (path, property) = place(store, name, user);
            keys.push(SecretKey {
                key: Val::new(name.to_owned(), origin.clone()),
                path,
                property: Some(property),
            });
        }
    }
    for (name, origin, _) in store.engine.secrets.iter() {
        let path = Text::from(&store.named.name).lit("/").lit(name).done();
        let property =
            default(&store.by, &format!("secrets.{name}"), "value".to_owned(), "One value at the path.");
        keys.push(SecretKey {
            key: Val::new(name.to_owned(), origin.clone()),
            path,
            property: Some(property),
        });
    }
    if !keys.is_empty() {
        out.scope.secrets.push(SecretNeed {
            part_of: store.by.clone(),
            namespace: store.named.spec.namespace.value.clone(),
            name: secret_name(store),
            kind: None,
            source: secrets::source_for(here, store.named),
            keys,
        });
    }
}

/// The key of a password that all accounts share: they must agree on where it lies.
fn shared_key(store: &Store<'_>, out: &mut Out) -> SecretKey {
    let mut places = store.named.spec.users.iter().map(|(name, _, user)| place(store, name, user));
    let (path, property) = places.next().unwrap_or_else(|| shared(store));
    let differs =
        |other: &(Val<String>, Val<String>)| other.0.value != path.value || other.1.value != property.value;
    if let Some((other, _)) = places.find(differs) {
        let message =
            format!("accounts of {} have different passwords, and its engine has one for all", store.by);
        let help = "Give all of them the same `path` and `property`.";
        out.say(say::error(rule::CONFLICT, message, &other.origin, help));
    }
    SecretKey { key: Val::new(SHARED.to_owned(), path.origin.clone()), path, property: Some(property) }
}
