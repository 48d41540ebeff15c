//! What was done about an incident, line by line; each line carries the hash of the one before.
//!
//! Trust: whoever may write the folder can write a whole new journal; a line that is dropped,
//! moved or changed in the one that is there is noticed.

use crate::error::{IncidentError, Result};
use crate::text;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
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
        Ok(self.read(whole(&self.text()?))?.0)
    }

    /// The events in whole lines, and the hash that the next line carries.
    fn read(&self, lines: &str) -> Result<(Vec<Event>, String)> {
        let mut previous = self.first.clone();
        let mut events = Vec::new();
        for line in lines.lines() {
            let event: Event =
                serde_json::from_str(line).map_err(IncidentError::unread(&self.path))?;
            if event.previous != previous {
                return Err(IncidentError::Tampered(format!(
                    "{}: line {} does not follow the one before: lines were dropped or changed",
                    self.path.display(),
                    events.len() + 1
                )));
            }
            previous = hash(line.as_bytes());
            events.push(event);
        }
        Ok((events, previous))
    }

    /// Writes down what was done; it is on the disk when this returns.
    pub fn append(&self, at: Time, what: &str, more: Value) -> Result<()> {
        let disk = || IncidentError::disk(&self.path);
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)
            .map_err(disk())?;
        file.lock().map_err(disk())?;
        let text = self.text()?;
        // What a crash tore was never acknowledged.
        let kept = whole(&text);
        let (_, previous) = self.read(kept)?;
        let event = Event { at, what: what.to_owned(), more, previous };
        let mut line = serde_json::to_string(&event).map_err(IncidentError::unread(&self.path))?;
        line.push('\n');
        let length = kept.len() as u64;
        file.set_len(length).map_err(disk())?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).map_err(disk())?;
        file.write_all(line.as_bytes()).map_err(disk())?;
        file.sync_all().map_err(disk())
    }

    fn text(&self) -> Result<String> {
        read(&self.path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(String::new()),
            _ => Err(IncidentError::World(format!("{}: {error}", self.path.display()))),
        })
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Without what follows the last end of a line.
fn whole(text: &str) -> &str {
    text.rfind('\n').map_or("", |end| &text[..=end])
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
