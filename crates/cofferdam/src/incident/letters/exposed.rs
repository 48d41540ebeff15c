//! What an exposure says of each file, in a few bytes each: a million of them lie in memory.

use crate::failure::{Failure, Outcome};
use crate::report::instant;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::io::BufReader;
use std::path::Path;
use terms::{FileId, Sections, Time};

/// What was read, where the files are from a list.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    pub(super) sections: Vec<String>,
    pub(super) first: String,
    pub(super) last: String,
}

/// What happened to one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Exposed {
    pub(super) read: Sections,
    pub(super) passed: Sections,
    pub(super) first: Time,
    pub(super) last: Time,
}

/// What happened to every file of a job.
pub(super) enum Exposure {
    Each(HashMap<FileId, Exposed>),
    All(Option<Exposed>),
}

impl Exposure {
    pub(super) fn of(&self, file: FileId) -> Option<Exposed> {
        match self {
            Exposure::Each(files) => files.get(&file).copied(),
            Exposure::All(exposed) => *exposed,
        }
    }

    /// From the incident's exposure of this version.
    pub(super) fn version(incident: &Path, version: u32) -> Outcome<Exposure> {
        let mut files = HashMap::new();
        each(incident, version, &mut |person| {
            if let Ok(file) = person.file.parse() {
                files.insert(file, person.exposed()?);
            }
            Ok(())
        })?;
        Ok(Exposure::Each(files))
    }

    /// The same for all.
    pub(super) fn all(read: Option<&Read>) -> Outcome<Exposure> {
        let Some(Read { sections, first, last }) = read else { return Ok(Exposure::All(None)) };
        Ok(Exposure::All(Some(Exposed {
            read: words(sections)?,
            passed: Sections::NONE,
            first: time(first)?,
            last: time(last)?,
        })))
    }
}

/// The files of an exposure, and how many of it are erased.
pub(super) fn files(incident: &Path, version: u32) -> Outcome<(Vec<FileId>, u64)> {
    let (mut files, mut erased) = (Vec::new(), 0);
    each(incident, version, &mut |person| {
        match person.file.parse() {
            Ok(file) => files.push(file),
            Err(_) if person.file.starts_with("erased ") => erased += 1,
            Err(_) => return Err(Failure::Asked("the exposure names what is no file".into())),
        }
        Ok(())
    })?;
    Ok((files, erased))
}

#[derive(Deserialize)]
struct Person {
    file: String,
    #[serde(default)]
    read: Vec<String>,
    #[serde(default)]
    passed: Vec<String>,
    first: String,
    last: String,
}

impl Person {
    fn exposed(&self) -> Outcome<Exposed> {
        let (read, passed) = (words(&self.read)?, words(&self.passed)?);
        Ok(Exposed { read, passed, first: time(&self.first)?, last: time(&self.last)? })
    }
}

fn words(words: &[String]) -> Outcome<Sections> {
    words.join(",").parse().map_err(Failure::Asked)
}

fn time(text: &str) -> Outcome<Time> {
    instant(Some(text))?.ok_or_else(|| Failure::Asked("a time is missing".into()))
}

/// Reads the persons one after another, without holding more than one.
fn each(incident: &Path, version: u32, found: &mut dyn FnMut(Person) -> Outcome) -> Outcome {
    let path = incident.join("exposures").join(format!("{version}.json"));
    let file = std::fs::File::open(&path).map_err(|error| {
        Failure::NotThere(format!("{}: {error}; it is the exposure", path.display()))
    })?;
    let mut failure = None;
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(file));
    let read = Document { found, failure: &mut failure }.deserialize(&mut reader);
    match (failure, read) {
        (Some(failure), _) => Err(failure),
        (None, Ok(true)) => Ok(()),
        (None, Ok(false)) => Err(Failure::Asked(format!("{}: it has no persons", path.display()))),
        (None, Err(error)) => Err(Failure::Asked(format!("{}: {error}", path.display()))),
    }
}

/// The exposure's object: its persons are handed over, the rest is left.
struct Document<'a> {
    found: &'a mut dyn FnMut(Person) -> Outcome,
    failure: &'a mut Option<Failure>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exposure")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<bool, A::Error> {
        let mut seen = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "persons" {
                map.next_value_seed(Persons(&mut self))?;
                seen = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(seen)
    }
}

struct Persons<'p, 'a>(&'p mut Document<'a>);

impl<'de> DeserializeSeed<'de> for Persons<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Persons<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of persons")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(person) = seq.next_element::<Person>()? {
            if self.0.failure.is_none()
                && let Err(failure) = (self.0.found)(person)
            {
                *self.0.failure = Some(failure);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exposure_gives_its_files_with_what_was_read_and_when() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("exposures")).unwrap();
        let file = FileId::from_bytes([3; 16]);
        let text = format!(
            r#"{{"version":1,"scope":{{"card":"x"}},"persons":[
            {{"file":"{file}","read":["label","results"],"passed":["contact"],
            "first":"2026-11-24T10:00:00Z","last":"2026-11-24T10:05:00Z","entries":[7],
            "cards":[],"grades":["none"],"segments":4}},
            {{"file":"erased abc","read":["label"],"passed":[],"first":"2026-11-24T10:00:00Z",
            "last":"2026-11-24T10:00:00Z","entries":[9],"cards":[],"grades":[],"segments":1}}],
            "unknown":[],"digest":"00"}}"#
        );
        let path = folder.path().join("exposures/1.json");
        std::fs::write(&path, &text).unwrap();
        let (files, erased) = files(folder.path(), 1).unwrap();
        assert_eq!((files, erased), (vec![file], 1));
        let exposed = Exposure::version(folder.path(), 1).unwrap().of(file).unwrap();
        assert_eq!(exposed.read.to_string(), "label,results");
        assert_eq!(exposed.passed.to_string(), "contact");
        assert!(exposed.first < exposed.last);
        std::fs::write(&path, text.replace("results", "resu lts")).unwrap();
        assert!(Exposure::version(folder.path(), 1).is_err());
        std::fs::write(&path, r#"{"version":1}"#).unwrap();
        assert!(Exposure::version(folder.path(), 1).is_err());
    }
}
