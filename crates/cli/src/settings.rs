//! `underpin.toml`: what the owner of a repository says about how it is checked.

use analyze::Allow;
use diag::{FileId, Files, Finding, Level, SourceMap, Span};

use wire::{Entry, Settings};

/// Where the settings lie, below the folder that is checked.
const PATH: &str = "underpin.toml";

/// The suppressions of the settings, and what is wrong with them.
pub fn allows(files: &dyn Files, sources: &mut SourceMap) -> (Vec<Allow>, Vec<Finding>) {
    let (mut allows, mut findings) = (Vec::new(), Vec::new());
    if !files.list().paths.iter().any(|path| path == PATH) {
        return (allows, findings);
    }
    let text = files.read(PATH).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let file = sources.add(PATH, text.as_deref().unwrap_or(""));
    let Some(text) = text else {
        findings.push(invalid("it can't be read as text", file, 0..0));
        return (allows, findings);
    };
    let settings: Settings = match toml::from_str(&text) {
        Ok(settings) => settings,
        Err(error) => {
            findings.push(invalid(error.message(), file, error.span().unwrap_or_default()));
            return (allows, findings);
        }
    };
    for entry in settings.allow {
        let place = entry.span();
        match allow(&entry.into_inner()) {
            Ok(allow) => allows.push(Allow { written: Some(span(file, &place)), ..allow }),
            Err(why) => findings.push(invalid(why, file, place)),
        }
    }
    (allows, findings)
}

fn allow(entry: &Entry) -> Result<Allow, &'static str> {
    let until = match &entry.until {
        toml::Value::String(day) => day.clone(),
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    let allow = Allow::new(&entry.rule, &until, &entry.reason)?;
    Ok(Allow { object: entry.object.clone(), ..allow })
}

fn invalid(why: &str, file: FileId, place: std::ops::Range<usize>) -> Finding {
    let message = format!("an entry of {PATH} can't be read: {why}");
    Finding::new("allow-invalid", Level::Error, message).at(span(file, &place), "").about(why).help(
        "Write `[[allow]]` with `rule`, `until` (a day), `reason` and, for one object only, `object` \
             (KIND/NAMESPACE/NAME).",
    )
}

fn span(file: FileId, place: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(place.start), end: offset(place.end) }
}

mod wire {
    //! The settings as their file has them.

    use serde::Deserialize;
    use toml::Spanned;

    /// The whole file.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Settings {
        /// Suppressions.
        #[serde(default)]
        pub allow: Vec<Spanned<Entry>>,
    }

    /// A suppression.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Entry {
        /// The rule.
        pub rule: String,
        /// The object it is suppressed for.
        pub object: Option<String>,
        /// The last day on which it holds: a date, with or without quotes.
        pub until: toml::Value,
        /// Why.
        pub reason: String,
    }
}
