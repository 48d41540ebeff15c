//! The exposure: exact persons and sections, first and last time, and the entries that say so.
//!
//! Trust: it is a fold of a report that the keyholder signed as a whole, so nothing can be missing
//! that the ledger knows; what the ledger cannot know stands apart, in words.

pub(crate) mod read;

use crate::line::FileName;
use crate::scope::Scope;
use crate::text;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use terms::{CardId, Grade, Sections, Time};

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
    /// What the result rests on, a sentence each.
    pub rests_on: Vec<String>,
    /// What cannot be known from the ledger, a sentence each.
    pub unknown: Vec<String>,
    /// Why even an empty list denies nothing, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
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

impl Person {
    pub(crate) fn new(file: FileName, at: Time) -> Person {
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
    let mut digest = Digest::default();
    persons.iter().for_each(|person| digest.add(person));
    digest.finish()
}

/// The same, person by person.
#[derive(Default)]
struct Digest(Sha256);

impl Digest {
    fn add(&mut self, person: &Person) {
        // Invariant: a person has nothing in it that JSON cannot say.
        self.0.update(serde_json::to_vec(person).expect("invariant: persons are JSON"));
    }

    fn finish(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0.finalize())
    }
}
