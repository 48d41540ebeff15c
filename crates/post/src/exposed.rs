//! What an exposure says of each file, in a few bytes each: a million of them lie in memory.

use crate::error::{PostError, Result};
use incident::{FileName, Folder, Person};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use terms::{FileId, Sections, Time};

/// What was read, where the files are from a list.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    sections: Vec<String>,
    first: String,
    last: String,
}

impl Read {
    /// The same of all: these sections, first and last then.
    pub fn of(sections: Sections, first: Time, last: Time) -> Read {
        let words = sections.iter().map(|section| section.word().to_owned()).collect();
        Read { sections: words, first: first.to_string(), last: last.to_string() }
    }
}

/// What happened to one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Exposed {
    pub(crate) read: Sections,
    pub(crate) passed: Sections,
    pub(crate) first: Time,
    pub(crate) last: Time,
}

/// What happened to every file of a job.
pub(crate) enum Exposure {
    Each(HashMap<FileId, Exposed>),
    All(Option<Exposed>),
}

impl Exposure {
    pub(crate) fn of(&self, file: FileId) -> Option<Exposed> {
        match self {
            Exposure::Each(files) => files.get(&file).copied(),
            Exposure::All(exposed) => *exposed,
        }
    }

    /// From the incident's exposure of this version.
    pub(crate) fn version(folder: &Folder, version: u32) -> Result<Exposure> {
        let mut files = HashMap::new();
        folder.persons(Some(version), &mut |person| {
            let Person { file, read, passed, first, last, .. } = person;
            if let FileName::File(file) = file {
                files.insert(file, Exposed { read, passed, first, last });
            }
            Ok(())
        })?;
        Ok(Exposure::Each(files))
    }

    /// The same for all.
    pub(crate) fn all(read: Option<&Read>) -> Result<Exposure> {
        let Some(Read { sections, first, last }) = read else { return Ok(Exposure::All(None)) };
        Ok(Exposure::All(Some(Exposed {
            read: sections.join(",").parse().map_err(PostError::Asked)?,
            passed: Sections::NONE,
            first: time(first)?,
            last: time(last)?,
        })))
    }
}

/// The files of an exposure, and how many of it are erased.
pub(crate) fn files(folder: &Folder, version: u32) -> Result<(Vec<FileId>, u64)> {
    let (mut files, mut erased) = (Vec::new(), 0);
    folder.persons(Some(version), &mut |person| {
        match person.file {
            FileName::File(file) => files.push(file),
            FileName::Erased(_) => erased += 1,
        }
        Ok(())
    })?;
    Ok((files, erased))
}

fn time(text: &str) -> Result<Time> {
    text.parse().map_err(|_| PostError::Asked(format!("the job's {text} is no instant")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use incident::{Fold, Incident, Scope, Source, digest};
    use terms::Blind;

    #[test]
    fn an_exposure_gives_its_files_with_what_was_read_and_when() {
        let all = tempfile::tempdir().unwrap();
        let [first, last] = [0, 300_000].map(|more| Time::from_millis(1_795_514_400_000 + more));
        let incident = |id| Incident {
            id,
            title: "a stolen card".into(),
            opened: first,
            aware: first,
            source: Source::Hand,
            reference: None,
        };
        let folder = Folder::create(all.path(), incident, last).unwrap();
        let file = FileId::from_bytes([3; 16]);
        let read = "label,results".parse().unwrap();
        let person = |file| Person {
            file,
            read,
            passed: "contact".parse().unwrap(),
            first,
            last,
            entries: vec![7],
            cards: Vec::new(),
            grades: Vec::new(),
            segments: 4,
        };
        let erased = FileName::Erased(Blind::from_bytes([9; 16]));
        let persons = vec![person(FileName::File(file)), person(erased)];
        let empty = Fold::new(Scope::default()).finish(1, last, Default::default());
        let exposure = incident::Exposure { digest: digest(&persons), persons, ..empty };
        let path = folder.keep(&exposure).unwrap();
        assert_eq!(files(&folder, 1).unwrap(), (vec![file], 1));
        let exposed = Exposure::version(&folder, 1).unwrap().of(file).unwrap();
        let passed = "contact".parse().unwrap();
        assert_eq!(exposed, Exposed { read, passed, first, last });
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"results\"", "\"history\"")).unwrap();
        let refused = Exposure::version(&folder, 1);
        assert!(matches!(refused, Err(PostError::Tampered(_))), "it is not what was kept");
        assert!(matches!(files(&folder, 2), Err(PostError::NotThere(_))));
    }
}
