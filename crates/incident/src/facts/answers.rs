//! What persons answered: `facts.toml` in the incident's folder.

use super::catalogue::Catalogue;
use super::known::{Knowledge, Known};
use super::value::Value;
use crate::error::{IncidentError, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use terms::Time;

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What was answered.
    pub value: Value,
    /// What that says, for people who read the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// When.
    #[serde(with = "crate::text")]
    pub at: Time,
    /// Who.
    pub by: String,
}

/// All answers of an incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    /// Facts that somebody put off.
    pub later: BTreeSet<String>,
    /// Answers, by fact.
    pub answers: BTreeMap<String, Answer>,
}

impl Answers {
    /// Reads the file; each answer must be one that its fact allows.
    pub fn read(path: &Path) -> Result<Answers> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(IncidentError::disk(path))?,
        };
        let answers = Answers::parse(&text);
        answers.map_err(|error| IncidentError::Asked(format!("{}: {error}", path.display())))
    }

    fn parse(text: &str) -> Result<Answers> {
        let wrong = |error: toml::de::Error| IncidentError::Asked(error.to_string());
        let answers: Answers = toml::from_str(text).map_err(wrong)?;
        for (id, answer) in &answers.answers {
            Catalogue::built_in().named(id)?.check(&answer.value)?;
        }
        Ok(answers)
    }

    /// Takes an answer, after its fact allowed it.
    pub fn set(&mut self, id: &str, value: Value, at: Time, by: &str) -> Result<()> {
        let fact = Catalogue::built_in().named(id)?;
        fact.check(&value)?;
        let said = fact.says(&value);
        let says = if fact.choices.is_empty() { String::new() } else { said };
        self.later.remove(id);
        self.answers.insert(id.to_owned(), Answer { value, says, at, by: by.to_owned() });
        Ok(())
    }

    /// Writes the file, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = toml::to_string_pretty(self)
            .map_err(|error| IncidentError::World(format!("{}: {error}", path.display())))?;
        let part = path.with_extension("part");
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&part);
        let mut file = file.map_err(IncidentError::disk(&part))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&part, path))
            .map_err(IncidentError::disk(path))
    }

    /// Makes them known.
    pub fn tell(&self, knowledge: &mut Knowledge) {
        for (id, answer) in &self.answers {
            let why = format!("{}, {}", answer.by, answer.at);
            let known = Known { why, ..Known::said(answer.value.clone()) };
            knowledge.put(format!("fact.{id}"), known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_and_what_is_not_allowed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.toml");
        let mut answers = Answers::read(&path).unwrap();
        let now = Time::from_millis(1_795_442_400_000);
        answers.later.insert("risk".into());
        answers.set("risk", Value::Text("a".into()), now, "Maria").unwrap();
        answers.set("part2-records", Value::Truth(false), now, "Maria").unwrap();
        assert!(answers.set("risk", Value::Text("z".into()), now, "Maria").is_err());
        assert!(answers.set("nothing", Value::Truth(true), now, "Maria").is_err());
        answers.save(&path).unwrap();
        let read = Answers::read(&path).unwrap();
        assert_eq!(read, answers);
        assert!(read.later.is_empty() && read.answers["risk"].says.contains("high risk"));
        let text = std::fs::read_to_string(&path).unwrap().replace("\"a\"", "\"z\"");
        std::fs::write(&path, text).unwrap();
        assert!(Answers::read(&path).unwrap_err().to_string().contains("none of"));
    }
}
