//! What one association (chamber) is told: how many of its members an incident concerns, and whose
//! files they are.
//!
//! Trust: a list says nothing of other associations' members and has no names; who reads one
//! believes its text as far as its seal goes, so a text that contradicts itself is refused.

use crate::counts::{Counts, People, PersonFacts};
use crate::error::{IncidentError, Result};
use crate::exposure::{Exposure, Person, digest};
use crate::line::FileName;
use crate::text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{Sections, Time};

/// Rules whose figures a list carries.
const RULES: [&str; 8] = [
    "persons",
    "persons.read",
    "persons.passed-only",
    "persons.complete",
    "persons.summary",
    "persons.contact-only",
    "section",
    "special",
];
/// Lists are filled up to powers of two from here, so that their sizes tell little.
const SIZE_MIN: usize = 4_096;

/// The members of one association in one version of an exposure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberList {
    version: u32,
    /// The incident's id.
    pub incident: String,
    /// The version of its exposure.
    pub exposure: u32,
    /// The digest of that exposure, as filings have it.
    pub digest: String,
    /// When that exposure was made.
    #[serde(with = "text")]
    pub made: Time,
    /// Whose members they are.
    pub association: String,
    /// Figures by name, over the members alone.
    pub counts: BTreeMap<String, MemberCount>,
    /// The members, by file, ascending.
    pub members: Vec<Member>,
}

/// One figure over the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberCount {
    /// How many.
    pub value: u64,
    /// The true number may be smaller.
    pub at_most: bool,
}

/// What was touched of one member's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The file.
    #[serde(with = "text")]
    pub file: FileName,
    /// Sections that were read.
    #[serde(with = "text::sections")]
    pub read: Sections,
    /// Sections of which something passed through a server in question.
    #[serde(with = "text::sections")]
    pub passed: Sections,
    /// The first time.
    #[serde(with = "text")]
    pub first: Time,
    /// The last time.
    #[serde(with = "text")]
    pub last: Time,
}

impl MemberList {
    /// The members of this association among the exposure's persons; an error if it has none.
    pub fn of(
        incident: &str,
        exposure: &Exposure,
        people: &People,
        association: &str,
    ) -> Result<MemberList> {
        let named = |facts: &PersonFacts| facts.association.as_deref() == Some(association);
        let is_member = |person: &&Person| people.of(&person.file).is_some_and(named);
        let mut persons: Vec<Person> = exposure.persons.iter().filter(is_member).cloned().collect();
        if persons.is_empty() {
            return Err(IncidentError::NotThere(format!(
                "nobody in exposure {} is of `{association}`: `cofferdam incident counts` with \
                 --people names the associations",
                exposure.version
            )));
        }
        persons.sort_by_key(|person| person.file);
        let members = persons.iter().map(Member::of).collect();
        let theirs = Exposure { digest: digest(&persons), persons, ..exposure.clone() };
        let figures = Counts::of(&theirs, None)?.figures;
        let told = figures.into_iter().filter(|(_, figure)| RULES.contains(&figure.rule));
        let count = |value, at_most| MemberCount { value, at_most };
        Ok(MemberList {
            version: 1,
            incident: incident.to_owned(),
            exposure: exposure.version,
            digest: exposure.digest.clone(),
            made: exposure.made,
            association: association.to_owned(),
            counts: told.map(|(name, of)| (name, count(of.value, of.at_most))).collect(),
            members,
        })
    }

    /// The bytes that are sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Invariant: a list has nothing in it that JSON cannot say.
        let mut bytes = serde_json::to_vec(self).expect("invariant: a list is JSON");
        bytes.resize(bytes.len().next_power_of_two().max(SIZE_MIN), b' ');
        bytes
    }

    /// Reads what [`MemberList::to_bytes`] wrote.
    pub fn parse(bytes: &[u8]) -> Result<MemberList> {
        // The parser's error may quote what lies in it.
        let list = serde_json::from_slice(bytes).ok().filter(MemberList::is_sound);
        list.ok_or_else(|| {
            IncidentError::Tampered("it opens, and is no list of members in this version".into())
        })
    }

    /// Texts can be printed, and what is said twice agrees.
    fn is_sound(&self) -> bool {
        let mut names = self.counts.keys();
        let is_plain = |text: &String| !text.chars().any(char::is_control);
        let persons = self.counts.get("persons").map(|count| count.value);
        self.version == 1
            && [&self.incident, &self.digest, &self.association].into_iter().all(is_plain)
            && names.all(is_plain)
            && persons == Some(self.members.len() as u64)
            && self.members.is_sorted_by(|one, next| one.file < next.file)
    }
}

impl Member {
    fn of(person: &Person) -> Member {
        let Person { file, read, passed, first, last, .. } = *person;
        Member { file, read, passed, first, last }
    }
}
