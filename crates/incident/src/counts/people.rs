//! People facts: what is known of the persons of an exposure besides their files' ids.
//!
//! Trust: the table comes from outside the data folder; a line that cannot be read, or a second
//! line about the same file, stops the counting. It has no names in it, and needs none.

use crate::error::{IncidentError, Result};
use crate::exposure::Person;
use crate::line::FileName;
use crate::text;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::BufRead;

/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 4_096;

/// What is known of one person. All that is left out is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonFacts {
    /// The file.
    #[serde(with = "text")]
    pub file: FileName,
    /// Country of residence, ISO 3166-1, such as `DK`.
    #[serde(default)]
    pub country: Option<String>,
    /// State or region within the country, such as `ME`.
    #[serde(default)]
    pub region: Option<String>,
    /// Postcode; not counted.
    #[serde(default)]
    pub postcode: Option<String>,
    /// Whether the person is a minor.
    #[serde(default)]
    pub minor: Option<bool>,
    /// Whether the person is dead.
    #[serde(default)]
    pub dead: Option<bool>,
    /// The association (chamber) that an applicant for a card belongs to.
    #[serde(default)]
    pub association: Option<String>,
    /// The language the person is written to in; not counted.
    #[serde(default)]
    pub language: Option<String>,
}

impl PersonFacts {
    /// Country and region with a dash, as ISO 3166-2 has it.
    pub(super) fn place(&self) -> Option<String> {
        let (country, region) = (self.country.as_ref()?, self.region.as_ref()?);
        let named = region.strip_prefix(country.as_str()).is_some_and(|r| r.starts_with('-'));
        Some(if named { region.clone() } else { format!("{country}-{region}") })
    }
}

/// People facts by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People(BTreeMap<FileName, PersonFacts>);

impl People {
    /// Reads lines of JSON, a person each.
    pub fn read(from: impl BufRead) -> Result<People> {
        let mut people = BTreeMap::new();
        let mut from = from;
        for number in 1.. {
            let mut line = Vec::new();
            let limited = &mut std::io::Read::take(&mut from, LINE_BYTES_MAX as u64 + 1);
            let read = limited.read_until(b'\n', &mut line);
            let wrong =
                |what: &str| IncidentError::Asked(format!("people facts, line {number}: {what}"));
            if read.map_err(|error| IncidentError::World(error.to_string()))? == 0 {
                break;
            }
            if line.len() > LINE_BYTES_MAX {
                return Err(wrong(&format!("longer than {LINE_BYTES_MAX} bytes")));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            // The error of the parser may quote the line, and the line is about a person.
            let mut facts: PersonFacts = serde_json::from_slice(&line).map_err(|error| {
                let column = error.column();
                wrong(&format!(
                    "not the fields that docs/operating/filings.md lists (column {column})"
                ))
            })?;
            facts.country = facts.country.map(|country| country.trim().to_uppercase());
            if people.insert(facts.file, facts).is_some() {
                return Err(wrong("a second line about the same file"));
            }
        }
        Ok(People(people))
    }

    /// What is known of this person.
    pub fn of(&self, file: &FileName) -> Option<&PersonFacts> {
        self.0.get(file)
    }

    /// SHA-256, in hexadecimal, of what is known of these persons.
    pub(super) fn digest(&self, persons: &[Person]) -> String {
        let mut hash = Sha256::new();
        for facts in persons.iter().filter_map(|person| self.of(&person.file)) {
            // Invariant: facts have nothing in them that JSON cannot say.
            hash.update(serde_json::to_vec(facts).expect("invariant: facts are JSON"));
        }
        HEXLOWER.encode(&hash.finalize())
    }
}
