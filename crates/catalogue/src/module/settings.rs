//! The settings of a store: what its definition gives, and what its engine's module adds.

use diag::{Finding, Level, nearest};
use tree::declare::Keyed;
use tree::{Origin, OriginKind, Val};

use super::engine::{Engine, Setting};
use super::situation::Situation;
use super::template::Scene;

/// A setting with its value for one role.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// Its name in the definition.
    pub name: String,
    /// Its value: the definition's, or the module's default.
    pub value: Val<String>,
    /// The argument it goes into, `FLAG=VALUE`, where it is one.
    pub argument: Option<String>,
    /// The group it is in, and its name there, where a file lists it.
    pub group: Option<(String, String)>,
}

impl Engine {
    /// The settings that hold for the situation's role, in the module's order. What is wrong with the given ones is
    /// reported for every role; say it once.
    #[must_use]
    pub fn settings_for(
        &self,
        given: &Keyed<Val<String>>,
        situation: &Situation,
    ) -> (Vec<Settled>, Vec<Finding>) {
        let mut findings: Vec<_> =
            given.iter().filter_map(|(name, origin, value)| self.problem(name, origin, value)).collect();
        let scene = Scene::new(situation);
        let mut settled = Vec::new();
        for (name, _, setting) in self.settings.iter() {
            let is_for =
                setting.roles.is_empty() || setting.roles.iter().any(|role| role.value == situation.role);
            if !is_for || setting.refused.is_some() {
                continue;
            }
            let value = match given.get(name) {
                Some(value) => Some(value.clone()),
                None => setting.default.as_ref().and_then(|default| match default.evaluate(&scene) {
                    Ok(text) => Some(Val::new(text, default.origin.clone())).filter(|text| !text.is_empty()),
                    Err(problem) => {
                        findings.push(unsettled(name, &default.origin, &problem));
                        None
                    }
                }),
            };
            settled.extend(value.map(|value| place(name, setting, value)));
        }
        (settled, findings)
    }

    /// What is wrong with a setting of a definition.
    fn problem(&self, name: &str, origin: &Origin, value: &Val<String>) -> Option<Finding> {
        let title = &self.title.value;
        let finding = |message: String| {
            let finding = Finding::new("definition-value-invalid", Level::Error, message).about(name);
            origin.spans().into_iter().fold(finding, |finding, span| finding.at(span, ""))
        };
        let Some(setting) = self.settings.get(name) else {
            let known = || self.settings.iter().filter(|(_, _, setting)| setting.refused.is_none());
            let finding = finding(format!("{title} has no setting `{name}` that its module knows"));
            return Some(match nearest(name, known().map(|(name, _, _)| name)) {
                Some(meant) => finding.help(format!("Did you mean `{meant}`?")),
                None => finding.help(format!(
                    "Add it to a module of your own in `modules/`, or use one of {}.",
                    known().map(|(name, _, _)| name).collect::<Vec<_>>().join(", ")
                )),
            });
        };
        if let Some(refused) = &setting.refused {
            return Some(finding(format!("{title} has no setting `{name}`")).help(refused.value.clone()));
        }
        let problem = value_problem(setting, value)?;
        Some(finding(format!("the setting `{name}` of {title} can't be `{}`: {problem}", value.value)))
    }
}

/// Adds settled values to a situation, for the expressions that ask for them.
pub fn fill(situation: &mut Situation, engine: &Engine, settled: &[Settled]) {
    for (_, _, setting) in engine.settings.iter() {
        if let Some(group) = &setting.group {
            situation.groups.entry(group.value.clone()).or_default();
        }
    }
    for one in settled {
        situation.settings.insert(one.name.clone(), one.value.value.clone());
        if let Some((group, name)) = &one.group {
            let pair = (name.clone(), one.value.value.clone());
            situation.groups.entry(group.clone()).or_default().push(pair);
        }
    }
}

fn place(name: &str, setting: &Setting, value: Val<String>) -> Settled {
    let argument = setting.flag.as_ref().map(|flag| format!("{}={}", flag.value, value.value));
    let inner = setting.name.as_ref().map_or(name, |name| &name.value);
    let group = setting.group.as_ref().map(|group| (group.value.clone(), inner.to_owned()));
    Settled { name: name.to_owned(), value, argument, group }
}

fn unsettled(name: &str, origin: &Origin, problem: &str) -> Finding {
    let module = match origin.kind() {
        OriginKind::Catalogue { module, .. } => module.to_string(),
        _ => String::new(),
    };
    let message = format!("the default of setting `{name}` in {module} can't be worked out: {problem}");
    Finding::new("module-invalid", Level::Error, message).about(name)
}

/// What is wrong with a value of a setting.
pub(super) fn value_problem(setting: &Setting, value: &str) -> Option<String> {
    if !setting.choices.is_empty() && !setting.choices.iter().any(|choice| choice.value == value) {
        let choices: Vec<_> = setting.choices.iter().map(|choice| choice.value.as_str()).collect();
        return Some(format!("it is one of {}", choices.join(", ")));
    }
    match setting.of.value.as_str() {
        "bool" if !matches!(value, "true" | "false") => Some("it is true or false".to_owned()),
        "integer" => match value.parse::<i64>() {
            Err(_) => Some("it is a whole number".to_owned()),
            Ok(number) => outside(setting, number),
        },
        "number" if value.parse::<f64>().is_err() => Some("it is a number".to_owned()),
        "bytes" if !is_bytes(value) => Some("it is a number of bytes, such as `512MB` or `6gb`".to_owned()),
        "cron" if value.split_whitespace().count() != 5 => Some("it is a schedule of five fields".to_owned()),
        _ => None,
    }
}

fn outside(setting: &Setting, number: i64) -> Option<String> {
    let (least, most) = (setting.least.as_ref(), setting.most.as_ref());
    match (least, most) {
        (Some(least), _) if number < least.value => Some(format!("it is at least {}", least.value)),
        (_, Some(most)) if number > most.value => Some(format!("it is at most {}", most.value)),
        _ => None,
    }
}

/// A number with or without a suffix of powers of 1,000 or 1,024, as engines spell them.
fn is_bytes(text: &str) -> bool {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let suffix = text[digits.len()..].to_ascii_lowercase();
    let known = ["", "b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib", "t", "tb", "tib"];
    digits.parse::<f64>().is_ok() && known.contains(&suffix.as_str())
}
