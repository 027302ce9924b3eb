//! Suppression by name: `# underpin: allow RULE until YYYY-MM-DD because REASON`.
//!
//! Behind a line it covers that line. On a line of its own it covers the block that follows: the next line and what is
//! indented below it; at the head of a document all of the document. One that is unused, unreadable or expired is a
//! finding itself.

use diag::{FileId, Finding, Level, Span};
use estate::Estate;

use crate::{Options, rules};

/// A day of the Gregorian calendar, ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let real = (1..=12).contains(&date.month) && (1..=31).contains(&date.day) && year.len() == 4;
        (real && parts.next().is_none()).then_some(date)
    }

    /// The day of a number of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// `civil_from_days`).
    #[must_use]
    pub fn from_days(days: u32) -> Self {
        let z = days + 719_468;
        let (era, of_era) = (z / 146_097, z % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + u32::from(month <= 2);
        let small = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
        Self { year: u16::try_from(year).unwrap_or(u16::MAX), month: small(month), day: small(day) }
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The rule.
    pub rule: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub because: String,
    /// The object concerned, as `KIND/NAMESPACE/NAME` or `KIND/NAME`; any where there is none.
    pub object: Option<String>,
    /// What it covers; everything where there is none.
    pub covers: Option<Span>,
    /// Where it stands, if it stands in a file that was loaded.
    pub written: Option<Span>,
}

impl Allow {
    /// A suppression of a rule everywhere, until a day (`YYYY-MM-DD`) and for a reason.
    ///
    /// # Errors
    /// What is missing or unknown, as the end of a sentence.
    pub fn new(rule: &str, until: &str, because: &str) -> Result<Self, &'static str> {
        let until = Date::parse(until).ok_or("its day isn't YYYY-MM-DD")?;
        let because = because.trim();
        let known = rules::ALL.iter().any(|known| known.about.name == rule)
            || rules::OTHERS.iter().chain(estate::RULES).any(|(name, _)| *name == rule);
        match (because.is_empty(), known) {
            (true, _) => Err("`because` and a reason are missing"),
            (_, false) => Err("there is no rule of that name"),
            _ => Ok(Self {
                rule: rule.to_owned(),
                until,
                because: because.to_owned(),
                object: None,
                covers: None,
                written: None,
            }),
        }
    }

    fn concerns(&self, object: &diag::ObjectRef) -> bool {
        let diag::ObjectRef { kind, namespace, name } = object;
        self.object.as_ref().is_none_or(|wanted| {
            *wanted == format!("{kind}/{namespace}/{name}") || *wanted == format!("{kind}/{name}")
        })
    }
}

/// Takes away what is suppressed, and adds what is wrong with the suppressions.
pub(crate) fn apply(estate: &Estate, findings: Vec<Finding>, options: &Options) -> Vec<Finding> {
    let mut problems = Vec::new();
    let mut allows = options.allows.clone();
    for file in (0..u32::try_from(estate.sources.len()).unwrap_or(u32::MAX)).map(FileId) {
        comments(estate, file, &mut allows, &mut problems);
    }
    if allows.is_empty() && problems.is_empty() {
        return findings;
    }
    let mut used = vec![false; allows.len()];
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        let covering =
            allows.iter().position(|allow| allow.until >= options.today && covers(allow, &finding));
        match covering {
            Some(index) => used[index] = true,
            None => kept.push(finding),
        }
    }
    for (allow, used) in allows.iter().zip(used) {
        problems.extend(complaint(allow, used, options.today));
    }
    kept.extend(problems);
    kept
}

fn covers(allow: &Allow, finding: &Finding) -> bool {
    let within = |span: &Span| {
        allow.covers.is_none_or(|block| {
            block.file == span.file && block.start <= span.start && span.start <= block.end
        })
    };
    finding.rule == allow.rule
        && (allow.object.is_none() || finding.objects.iter().any(|object| allow.concerns(object)))
        && (allow.covers.is_none() || finding.locations.iter().any(|place| within(&place.span)))
}

fn complaint(allow: &Allow, used: bool, today: Date) -> Option<Finding> {
    let finding = if used {
        return None;
    } else if allow.until < today {
        let message = format!("the suppression of {} ended on {}", allow.rule, allow.until);
        Finding::new("allow-unused", Level::Warning, message)
            .help("Mend what it hid, or give a later day and a reason that still holds.")
    } else {
        let message = format!("this suppression of {} suppresses nothing", allow.rule);
        Finding::new("allow-unused", Level::Warning, message).help("Remove it.")
    };
    let finding = finding.about(allow.rule.as_str()).about(allow.because.as_str());
    Some(match allow.written {
        Some(span) => finding.at(span, ""),
        None => finding,
    })
}

const MARKER: &str = "underpin: allow";

fn comments(estate: &Estate, file: FileId, allows: &mut Vec<Allow>, problems: &mut Vec<Finding>) {
    let text = estate.sources.text(file);
    for (at, _) in text.match_indices(MARKER) {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let Some(hash) = text[start..at].rfind('#').map(|hash| start + hash) else { continue };
        if !text[hash + 1..at].trim().is_empty() {
            continue;
        }
        let written = span(file, hash, text[..end].trim_end().len());
        let alone = text[start..hash].trim().is_empty();
        let covered = if alone { block(text, end) } else { (start, end) };
        match read(text[at + MARKER.len()..end].trim()) {
            Ok(allow) => {
                let covers = Some(span(file, covered.0, covered.1));
                allows.push(Allow { covers, written: Some(written), ..allow });
            }
            Err(why) => problems.push(
                Finding::new("allow-invalid", Level::Error, format!("this suppression can't be read: {why}"))
                    .at(written, "")
                    .about(why)
                    .help("Write `# underpin: allow RULE until YYYY-MM-DD because REASON`."),
            ),
        }
    }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(start), end: offset(end) }
}

fn read(text: &str) -> Result<Allow, &'static str> {
    let (rule, rest) = text.split_once(' ').ok_or("it names no rule, day and reason")?;
    let rest = rest.trim_start().strip_prefix("until ").ok_or("`until` and a day are missing")?;
    let (day, rest) = rest.trim_start().split_once(' ').ok_or("`because` and a reason are missing")?;
    Allow::new(rule, day, rest.trim_start().strip_prefix("because ").unwrap_or_default())
}

/// The block behind a position at a line's end: the next line with content and what is indented below it. The first
/// line of a document stands for all of it.
fn block(text: &str, from: usize) -> (usize, usize) {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let first_of_document = {
        let before = text[..from].rfind("\n---").map_or(0, |at| at + 1);
        let lines = text[before..from].lines();
        lines
            .filter(|line| !line.starts_with("---"))
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
    };
    let (mut at, mut head, mut end) = (from, None, from);
    for line in text[from..].split_inclusive('\n') {
        let content = line.trim();
        let skipped = content.is_empty() || content.starts_with('#');
        match head {
            _ if skipped => {}
            None if content == "---" => {}
            None => {
                head = Some((at, indentation(line)));
                end = at + line.len();
            }
            Some(_) if line.starts_with("---") => break,
            Some((_, depth)) if !first_of_document && indentation(line) <= depth => break,
            Some(_) => end = at + line.len(),
        }
        at += line.len();
    }
    (head.map_or(from, |(start, _)| start), end)
}
