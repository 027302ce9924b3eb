//! Schedules.

use tree::declare::{Scalar, Text};

/// A schedule of five fields: minute, hour, day of the month, month, day of the week (crontab(5)).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cron(pub String);

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

// Kubernetes' parser (robfig/cron v3, spec.go) takes 0 to 6 for the day of the week: 7 is refused.
const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, names: &[] },
    Field { name: "hour", least: 0, most: 23, names: &[] },
    Field { name: "day of the month", least: 1, most: 31, names: &[] },
    Field { name: "month", least: 1, most: 12, names: &MONTHS },
    Field { name: "day of the week", least: 0, most: 6, names: &DAYS },
];

impl Scalar for Cron {
    const NAME: &'static str = "a schedule";
    const EXAMPLE: &'static str = "\"0 2 * * *\"";
    const PATTERN: Option<&'static str> = Some(r"^\S+ +\S+ +\S+ +\S+ +\S+$");

    fn parse(text: Text<'_>) -> Result<Self, String> {
        let parts: Vec<&str> = text.text.split_whitespace().collect();
        if parts.len() != FIELDS.len() {
            let n_fields = parts.len();
            return Err(format!(
                "it has {n_fields} fields, and must have minute, hour, day, month and weekday"
            ));
        }
        for (part, field) in parts.iter().zip(&FIELDS) {
            part.split(',').try_for_each(|range| field.check(range))?;
        }
        Ok(Self(parts.join(" ")))
    }
}

impl Field {
    fn check(&self, range: &str) -> Result<(), String> {
        let (span, step) = range.split_once('/').map_or((range, None), |(span, step)| (span, Some(step)));
        if let Some(step) = step
            && !step.parse::<u32>().is_ok_and(|step| step > 0)
        {
            return Err(format!("`{step}` is not a step of the {}", self.name));
        }
        if span == "*" || span == "?" {
            return Ok(());
        }
        let (first, last) = span.split_once('-').map_or((span, None), |(first, last)| (first, Some(last)));
        let first = self.number(first)?;
        match last.map(|last| self.number(last)).transpose()? {
            Some(last) if last < first => {
                Err(format!("the {} ends before it starts in `{range}`", self.name))
            }
            _ => Ok(()),
        }
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_ascii_lowercase();
        if let Some(index) = self.names.iter().position(|name| *name == lower) {
            return Ok(u32::try_from(index).unwrap_or(0) + self.least);
        }
        let wrong = || format!("`{text}` is no {} from {} to {}", self.name, self.least, self.most);
        let number: u32 = text.parse().map_err(|_| wrong())?;
        if (self.least..=self.most).contains(&number) { Ok(number) } else { Err(wrong()) }
    }
}
