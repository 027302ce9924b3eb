//! Plain configuration: variables and files of a component.

use model::kinds::{ComponentSpec, Named};
use tree::Val;

use super::calls::Called;
use super::component::suffixed;
use super::facts::Facts;
use super::here::{Out, part_of};
use crate::scope::{Config, ConfigEntry};
use crate::workload::{Env, EnvValue};

/// What a component's plain configuration becomes.
#[derive(Default)]
pub(crate) struct Settings {
    /// ConfigMaps.
    pub(crate) configs: Vec<Config>,
    /// Variables that refer to other ones: only those of the pod itself are expanded by Kubernetes, never those of a
    /// ConfigMap.
    pub(crate) env: Vec<Env>,
    /// ConfigMaps read as variables.
    pub(crate) env_from: Vec<Val<String>>,
    /// Files: ConfigMap, key, path in the container.
    pub(crate) files: Vec<(Val<String>, String, Val<String>)>,
}

/// Derives a component's configuration.
pub(crate) fn of_component(
    component: &Named<ComponentSpec>,
    called: &Called,
    facts: &Facts,
    out: &mut Out,
) -> Settings {
    let by = part_of("Component", &component.name);
    let mut settings = Settings::default();
    let mut entries = Vec::new();
    for (name, origin, value) in component.spec.config.iter() {
        let value = facts.expand(value, &by, out);
        let taken = called.env.iter().any(|env| env.name.value == name);
        if taken || value.value.contains("$(") {
            let name = Val::new(name.to_owned(), origin.clone());
            settings.env.push(Env { name, value: EnvValue::Text(value) });
        } else {
            entries.push(ConfigEntry { key: name.to_owned(), value });
        }
    }
    if !entries.is_empty() {
        let name = suffixed(component, "-config");
        settings.env_from.push(name.clone());
        settings.configs.push(config(component, name, entries));
    }
    let name = suffixed(component, "-files");
    let mut files = Vec::new();
    for (path, origin, content) in component.spec.files.iter() {
        let key = file_key(path, &files);
        files.push(ConfigEntry { key: key.clone(), value: facts.expand(content, &by, out) });
        settings.files.push((name.clone(), key, Val::new(path.to_owned(), origin.clone())));
    }
    if !files.is_empty() {
        settings.configs.push(config(component, name, files));
    }
    settings
}

fn config(component: &Named<ComponentSpec>, name: Val<String>, entries: Vec<ConfigEntry>) -> Config {
    let part_of = part_of("Component", &component.name);
    Config { part_of, namespace: component.spec.namespace.value.clone(), name, entries }
}

/// A key for a file: its own name, or the whole path where another file has that name. Keys of a ConfigMap consist of
/// letters, digits, `-`, `_` and `.`.
fn file_key(path: &str, taken: &[ConfigEntry]) -> String {
    let own = plain_key(path.rsplit('/').next().unwrap_or(path));
    if taken.iter().any(|entry| entry.key == own) { plain_key(path.trim_start_matches('/')) } else { own }
}

/// A text with nothing but what a key may have.
pub(crate) fn plain_key(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
