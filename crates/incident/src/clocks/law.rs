//! Laws as data: who is to be told what, when, and on which condition.

use super::Date;
use crate::error::{IncidentError, Result};
use crate::facts::Condition;
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use terms::{Duration, Time};

/// Largest file, in bytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// The laws that are built in, by the names of their files.
const BUILT_IN: &[(&str, &str)] = &[
    ("california.toml", include_str!("../data/clocks/california.toml")),
    ("connecticut.toml", include_str!("../data/clocks/connecticut.toml")),
    ("cra.toml", include_str!("../data/clocks/cra.toml")),
    ("gdpr.toml", include_str!("../data/clocks/gdpr.toml")),
    ("hipaa.toml", include_str!("../data/clocks/hipaa.toml")),
    ("maine.toml", include_str!("../data/clocks/maine.toml")),
    ("nis2.toml", include_str!("../data/clocks/nis2.toml")),
    ("part2.toml", include_str!("../data/clocks/part2.toml")),
];

/// A law and its clocks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// What people call it.
    pub law: String,
    /// Its full name.
    pub title: String,
    /// Where it can be read.
    pub source: String,
    /// The day of the text or of the source.
    #[serde(deserialize_with = "date")]
    pub source_date: Date,
    /// The day on which somebody last compared this file with the source.
    #[serde(deserialize_with = "date")]
    pub checked: Date,
    /// What a reader should know before relying on it.
    #[serde(default)]
    pub note: String,
    /// Its clocks.
    #[serde(rename = "clock")]
    pub clocks: Vec<Clock>,
}

/// One duty with a time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its name, once among all laws.
    pub id: String,
    /// Article or section.
    pub section: String,
    /// Who has to do what.
    pub duty: String,
    /// Who is told.
    pub to: String,
    /// What starts it.
    pub from: Start,
    /// How long it runs; a duty without a figure is due at once.
    #[serde(default)]
    pub span: Option<Span>,
    /// On which condition it is due.
    pub when: Condition,
    /// What a reader should know about it.
    #[serde(default)]
    pub note: String,
}

/// What starts a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The moment of awareness.
    Aware,
    /// Another duty was done.
    Done(String),
    /// A moment or day that a person says.
    Fact(String),
}

/// How long a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Span {
    /// Whole hours, over nights, weekends and holidays.
    Hours(u64),
    /// Calendar days: until the end of the last.
    Days(u32),
    /// Calendar months: until the end of the last day.
    Months(u32),
    /// Calendar days after the end of the year.
    DaysAfterYear(u32),
}

impl Span {
    /// When it is over, if it starts here: a moment, or a day at whose end it is over.
    pub(super) fn after(self, start: Time) -> std::result::Result<Time, Date> {
        let day = Date::of(start);
        match self {
            Span::Hours(hours) => Ok(start + Duration::from_hours(hours)),
            Span::Days(days) => Err(day.plus_days(days)),
            Span::Months(months) => Err(day.plus_months(months)),
            Span::DaysAfterYear(days) => Err(day.end_of_year().plus_days(days)),
        }
    }
}

/// The laws: those that are built in, and what files of this folder put in their place or add.
pub fn laws(folder: Option<&Path>) -> Result<Vec<Law>> {
    let mut texts: BTreeMap<String, (String, String)> = BUILT_IN
        .iter()
        .map(|(name, text)| ((*name).into(), (format!("built-in {name}"), (*text).into())))
        .collect();
    if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
        for entry in std::fs::read_dir(folder).map_err(IncidentError::disk(folder))? {
            let path = entry.map_err(IncidentError::disk(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if !name.ends_with(".toml") {
                continue;
            }
            let metadata = path.metadata().map_err(IncidentError::disk(&path))?;
            if metadata.len() > FILE_BYTES_MAX {
                let text = format!("{}: more than {FILE_BYTES_MAX} bytes", path.display());
                return Err(IncidentError::Asked(text));
            }
            let text = std::fs::read_to_string(&path).map_err(IncidentError::disk(&path))?;
            texts.insert(name.to_owned(), (path.display().to_string(), text));
        }
    }
    let mut laws = Vec::new();
    for (place, text) in texts.values() {
        let wrong = |error: String| IncidentError::Asked(format!("{place}: {error}"));
        laws.push(toml::from_str(text).map_err(|error| wrong(error.to_string()))?);
    }
    check(&laws).map_err(IncidentError::Asked)?;
    Ok(laws)
}

/// Whether each clock has a name of its own and starts at something that there is.
fn check(laws: &[Law]) -> std::result::Result<(), String> {
    let mut ids = BTreeSet::new();
    let clocks = || laws.iter().flat_map(|law| &law.clocks);
    for clock in clocks() {
        if !ids.insert(&*clock.id) {
            return Err(format!("two clocks are called `{}`", clock.id));
        }
    }
    for clock in clocks() {
        if let Start::Done(other) = &clock.from
            && !ids.contains(&**other)
        {
            return Err(format!("clock `{}` starts at `{other}`: there is none", clock.id));
        }
        let begins = ["fact.", "count.", "config.", "evidence.", "done."];
        if let Some(name) = clock.when.names().find(|n| !begins.iter().any(|b| n.starts_with(b))) {
            return Err(format!(
                "clock `{}`: `{name}` begins with none of {}",
                clock.id,
                begins.join(" ")
            ));
        }
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Start, D::Error> {
        let text = String::deserialize(from)?;
        match text.split_once('.') {
            None if text == "aware" => Ok(Start::Aware),
            Some(("done", id)) => Ok(Start::Done(id.to_owned())),
            Some(("fact", id)) => Ok(Start::Fact(id.to_owned())),
            _ => Err(serde::de::Error::custom(format_args!(
                "`{text}` starts no clock: write aware, done.CLOCK or fact.FACT"
            ))),
        }
    }
}

fn date<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Date, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_read_and_every_fact_in_it_can_be_asked_for() {
        let laws = laws(None).unwrap();
        let catalogue = crate::facts::Catalogue::built_in();
        for clock in laws.iter().flat_map(|law| &law.clocks) {
            for name in clock.when.names() {
                if let Some(fact) = name.strip_prefix("fact.") {
                    assert!(catalogue.fact(fact).is_some(), "{}: {fact}", clock.id);
                }
            }
            if let Start::Fact(fact) = &clock.from {
                assert!(catalogue.fact(fact).is_some(), "{}: {fact}", clock.id);
            }
        }
        assert!(laws.iter().all(|law| law.source.starts_with("https://")));
    }

    const OWN: &str = r#"
        law = "Own law"
        title = "A law of our own"
        source = "https://example.org/law"
        source_date = "2026-01-01"
        checked = "2026-02-01"
        [[clock]]
        id = "own-1"
        section = "1"
        duty = "Tell"
        to = "the village"
        from = "aware"
        span = { hours = 1 }
        when = "count.persons > 0"
    "#;

    #[test]
    fn a_folder_puts_files_in_place_of_those_that_are_built_in_and_adds_others() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("maine.toml"), OWN).unwrap();
        let with = laws(Some(folder.path())).unwrap();
        let has = |law: &str| with.iter().any(|l| l.law == law);
        assert!(has("Own law") && has("GDPR") && !has("Maine"));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        for (old, new, said) in [
            ("hours = 1", "weeks = 1", "weeks"),
            ("\"aware\"", "\"yesterday\"", "starts no clock"),
            ("\"aware\"", "\"done.nothing\"", "there is none"),
            ("own-1", "gdpr-33-1", "two clocks"),
            ("count.persons > 0", "persons", "NAME is WORD"),
            ("count.persons > 0", "persons > 0", "begins with none of"),
            ("2026-02-01", "2026-02-30", "not a day"),
            ("to = \"the village\"", "", "missing field `to`"),
            ("section = \"1\"", "section = \"1\"\nsections = 2", "unknown field"),
        ] {
            assert!(OWN.contains(old), "{old}");
            std::fs::write(&path, OWN.replace(old, new)).unwrap();
            let error = laws(Some(folder.path())).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        std::fs::write(&path, OWN).unwrap();
        assert!(laws(Some(folder.path())).is_ok());
    }
}
