//! What was done about an incident, line by line.

use crate::chain::{Chain, hash};
use crate::error::{IncidentError, Result};
use crate::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;
use terms::Time;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    #[serde(with = "text")]
    pub at: Time,
    /// What, in a word: `opened`, `exposure`, `fact`, `filed`, `letters`, `association`,
    /// `note`, `closed`.
    pub what: String,
    /// More of it; never anything about a person but a file's id.
    pub more: Value,
    /// SHA-256 of the line before, in hexadecimal; in the first, of the incident's own file.
    pub previous: String,
}

/// The journal of one incident.
pub struct Journal {
    path: PathBuf,
    first: String,
}

impl Journal {
    /// The journal at this path, bound to what its incident is.
    pub(crate) fn at(path: PathBuf, incident: &[u8]) -> Journal {
        Journal { path, first: hash(incident) }
    }

    /// Everything that was done, in order.
    pub fn events(&self) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        self.chain().read(&mut |line| {
            events.push(Event::deserialize(line).map_err(IncidentError::unread(&self.path))?);
            Ok(())
        })?;
        Ok(events)
    }

    /// Writes down what was done; it is on the disk when this returns.
    pub fn append(&self, at: Time, what: &str, more: Value) -> Result<()> {
        let line = [("at", at.to_string().into()), ("what", what.into()), ("more", more)];
        let line = line.map(|(name, value)| (name.to_owned(), value));
        self.chain().append(Map::from_iter(line), &mut |_| Ok(()))
    }

    fn chain(&self) -> Chain {
        Chain::at(&self.path, &self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::Path;

    fn journal(folder: &Path) -> Journal {
        Journal::at(folder.join("journal.ndjson"), b"what it is")
    }

    fn filled(folder: &Path) -> Journal {
        let journal = journal(folder);
        for number in 0..4 {
            journal.append(Time::from_millis(number), "note", json!({ "n": number })).unwrap();
        }
        journal
    }

    #[test]
    fn what_was_written_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let events = filled(folder.path()).events().unwrap();
        let numbers: Vec<_> = events.iter().map(|event| event.more["n"].clone()).collect();
        assert_eq!(numbers, [0, 1, 2, 3]);
    }

    #[test]
    fn dropped_moved_and_changed_lines_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let journal = filled(folder.path());
        let text = std::fs::read_to_string(&journal.path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let written = |lines: &[&str]| {
            std::fs::write(&journal.path, format!("{}\n", lines.join("\n"))).unwrap();
            journal.events()
        };
        assert!(written(&lines).is_ok());
        assert!(written(&lines[1..]).is_err(), "the first was dropped");
        assert!(written(&[lines[0], lines[2], lines[3]]).is_err(), "one was dropped");
        assert!(written(&[lines[0], lines[2], lines[1], lines[3]]).is_err(), "two were moved");
        let changed = lines[1].replace("\"n\":1", "\"n\":9");
        assert!(written(&[lines[0], &changed, lines[2], lines[3]]).is_err(), "one was changed");
        let other = Journal::at(journal.path.clone(), b"another");
        written(&lines).unwrap();
        assert!(other.events().is_err(), "it is of another incident");
    }

    /// As it was written before chains were read in one place.
    #[test]
    fn a_journal_keeps_its_form() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(folder.path());
        let at = Time::from_millis(1_795_694_400_123);
        journal.append(at, "opened", json!({"title": "Åb", "n": 1})).unwrap();
        journal.append(at, "note", json!({})).unwrap();
        let written = std::fs::read_to_string(&journal.path).unwrap();
        assert_eq!(written, include_str!("../tests/journal.ndjson"));
    }

    #[test]
    fn a_line_that_a_crash_tore_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let journal = filled(folder.path());
        let mut text = std::fs::read_to_string(&journal.path).unwrap();
        text.push_str("{\"at\":\"2026");
        std::fs::write(&journal.path, text).unwrap();
        assert_eq!(journal.events().unwrap().len(), 4);
        journal.append(Time::from_millis(9), "note", json!({})).unwrap();
        assert_eq!(journal.events().unwrap().len(), 5);
    }
}
