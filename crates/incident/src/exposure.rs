//! The exposure: exact persons and sections, first and last time, and the entries that say so.
//!
//! Trust: it is a fold of a report that the keyholder signed as a whole, so nothing can be missing
//! that the ledger knows; what the ledger cannot know stands apart, in words.

use crate::line::{FileName, Line};
use crate::scope::{OPEN_HOURS_MAX, Scope};
use crate::text;
use ledger::entry::Act;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use terms::{CardId, Grade, Section, Sections, Time};

/// One version of what an incident touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// Counts up within the incident, from 1.
    pub version: u32,
    /// When it was made.
    #[serde(with = "text")]
    pub made: Time,
    /// What it is about.
    pub scope: Scope,
    /// The ledger's checkpoint at which the report was made: a signed note.
    pub checkpoint: String,
    /// What the keyholder signed about the report's lines: a signed note.
    pub statement: String,
    /// How many lines the report had.
    pub lines: u64,
    /// Everybody touched, by file.
    pub persons: Vec<Person>,
    /// What cannot be known from the ledger, a sentence each.
    pub unknown: Vec<String>,
    /// SHA-256, in hexadecimal, of `persons` as compact JSON: the same question to the same ledger
    /// gives the same.
    pub digest: String,
}

/// What of one file was touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The file.
    #[serde(with = "text")]
    pub file: FileName,
    /// Sections whose keys were released, or labels that were shown.
    #[serde(with = "text::sections")]
    pub read: Sections,
    /// Sections of which something passed through a server as it was deposited.
    #[serde(with = "text::sections")]
    pub passed: Sections,
    /// The first time.
    #[serde(with = "text")]
    pub first: Time,
    /// The last time.
    #[serde(with = "text")]
    pub last: Time,
    /// Numbers of the entries that say so.
    pub entries: Vec<u64>,
    /// The cards that did it.
    #[serde(with = "text::list")]
    pub cards: Vec<CardId>,
    /// How openings were explained.
    #[serde(with = "text::list")]
    pub grades: Vec<Grade>,
    /// How many segments the file had, of all sections, when it was opened last.
    pub segments: u32,
}

/// Folds the lines of a report, one after the other.
#[derive(Default)]
pub struct Fold {
    scope: Scope,
    persons: BTreeMap<FileName, Person>,
    directory: Option<FileName>,
    lines: u64,
}

impl Fold {
    /// Nobody yet; `directory` is a file too, and no person's.
    pub fn new(scope: Scope, directory: Option<FileName>) -> Fold {
        Fold { scope, directory, ..Fold::default() }
    }

    /// Takes the next line in.
    pub fn add(&mut self, line: &Line) {
        self.lines += 1;
        if !self.scope.includes(line.entry.at, &line.entry.act) {
            return;
        }
        match &line.entry.act {
            Act::Opened(opened) => {
                let Some(person) = self.touch(line, line.name(&opened.file), opened.card) else {
                    return;
                };
                person.read = person.read.union(opened.sections);
                person.segments = opened.segments;
                if !person.grades.contains(&opened.grade) {
                    person.grades.push(opened.grade);
                }
            }
            Act::Found(found) => {
                for file in &found.shown {
                    if let Some(person) = self.touch(line, line.name(file), found.card) {
                        person.read = person.read.with(Section::Label);
                    }
                }
            }
            Act::Deposited(deposited) | Act::Abandoned(deposited) => {
                let name = line.name(&deposited.file);
                if let Some(person) = self.touch(line, name, deposited.card) {
                    let sections: Sections = deposited.sections.iter().copied().collect();
                    person.passed = person.passed.union(sections);
                }
            }
            _ => {}
        }
    }

    /// The person of this file, marked as touched by this line; none for the directory.
    fn touch(&mut self, line: &Line, file: FileName, card: CardId) -> Option<&mut Person> {
        if self.directory == Some(file) {
            return None;
        }
        let at = line.entry.at;
        let person = self.persons.entry(file).or_insert_with(|| Person::new(file, at));
        person.last = at;
        if person.entries.last() != Some(&line.number) {
            person.entries.push(line.number);
        }
        if !person.cards.contains(&card) {
            person.cards.push(card);
        }
        Some(person)
    }

    /// The exposure, with the two notes that the keyholder signed.
    pub fn finish(self, version: u32, made: Time, notes: [String; 2]) -> Exposure {
        let [checkpoint, statement] = notes;
        let persons: Vec<Person> = self.persons.into_values().collect();
        let digest = digest(&persons);
        let unknown = unknown(&self.scope);
        let (scope, lines) = (self.scope, self.lines);
        Exposure { version, made, scope, checkpoint, statement, lines, persons, unknown, digest }
    }
}

impl Person {
    fn new(file: FileName, at: Time) -> Person {
        Person {
            file,
            read: Sections::NONE,
            passed: Sections::NONE,
            first: at,
            last: at,
            entries: Vec::new(),
            cards: Vec::new(),
            grades: Vec::new(),
            segments: 0,
        }
    }
}

/// SHA-256 of these persons as compact JSON, in hexadecimal.
pub fn digest(persons: &[Person]) -> String {
    let mut hash = Sha256::new();
    for person in persons {
        // Invariant: a person has nothing in it that JSON cannot say.
        hash.update(serde_json::to_vec(person).expect("invariant: persons are JSON"));
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// What no ledger can know, for a scope of this kind.
fn unknown(scope: &Scope) -> Vec<String> {
    let mut unknown = vec![
        "Which resources of an opened section were looked at: the ledger records sections.".into(),
        "What was done with what was read: kept, copied or passed on.".into(),
    ];
    if scope.server.is_some() {
        unknown.push(format!(
            "Which files that the server had open before the beginning were still in its memory: \
             all that were opened up to {OPEN_HOURS_MAX} hours before are counted."
        ));
    }
    unknown
}
