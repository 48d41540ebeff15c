//! Counts as authorities ask for them: each with its rule, its question and the digest of what it
//! was counted from.
//!
//! Trust: a figure that is counted again from the same exposure and people facts has the same
//! digest. What is not known of a person is counted as unknown, never guessed.

mod people;
mod rules;

pub use people::{People, PersonFacts};
pub use rules::{Rule, rules, special_categories};

use crate::error::{IncidentError, Result};
use crate::exposure::{Exposure, Person, digest};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use terms::{Section, Sections};

/// Sections of which one alone makes a file count as complete.
const CLINICAL: Sections = Sections::of(&[
    Section::History,
    Section::Results,
    Section::Medication,
    Section::Documents,
    Section::Restricted,
]);
const IDENTIFYING: Sections = Sections::of(&[Section::Identity, Section::Insurance]);
/// The end of a figure's name that counts those of whom it is not known.
const UNKNOWN: &str = "unknown";

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Its name, such as `persons` or `region.US-ME`.
    pub name: String,
    /// How many.
    pub value: u64,
    /// The true number may be smaller.
    pub at_most: bool,
    /// The rule that it was counted by.
    pub rule: &'static str,
    /// What was asked: the scope, the exposure's version, and which people facts were known.
    pub query: serde_json::Value,
    /// SHA-256, in hexadecimal, of the rule and of all that it was counted from.
    pub digest: String,
}

/// All figures of one exposure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// The figures, by name.
    pub figures: BTreeMap<String, Figure>,
}

impl Counts {
    /// Counts; people facts of files that are not in the exposure are left aside.
    pub fn of(exposure: &Exposure, people: Option<&People>) -> Result<Counts> {
        if digest(&exposure.persons) != exposure.digest {
            let text = "the persons of the exposure are not those of its digest: it was altered";
            return Err(IncidentError::Tampered(text.into()));
        }
        let people_digest = people.map(|people| people.digest(&exposure.persons));
        let mut count = Count { exposure, people, people_digest, figures: BTreeMap::new() };
        count.persons();
        count.sections();
        count.by_facts();
        Ok(Counts { figures: count.figures })
    }

    /// A figure, zero if nobody is counted there.
    pub fn value(&self, name: &str) -> u64 {
        self.figures.get(name).map_or(0, |figure| figure.value)
    }

    /// The least and the most that a figure may be, with those of whom it is not known;
    /// `region.US-*` is the largest of all that begin so.
    pub fn bounds(&self, name: &str) -> Option<[u64; 2]> {
        let kind = name.split_once('.').map_or(name, |(kind, _)| kind);
        let unknown = self.value(&format!("{kind}.{UNKNOWN}"));
        if let Some(start) = name.strip_suffix('*') {
            let fits = self.figures.iter().filter(|(name, _)| name.starts_with(start));
            let most = fits.map(|(_, figure)| figure.value).max().unwrap_or(0);
            return Some([most, most + unknown]);
        }
        if rules().iter().all(|rule| rule.id != name && rule.id != kind) {
            return None;
        }
        let figure = self.figures.get(name);
        let value = self.value(name);
        let low = if figure.is_some_and(|figure| figure.at_most) { 0 } else { value };
        Some([low, value + unknown])
    }

    /// The figures whose names begin so, without the one of the unknown: the rest of each name and
    /// how many.
    pub fn beginning<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.figures
            .iter()
            .filter_map(move |(name, figure)| Some((name.strip_prefix(start)?, figure.value)))
            .filter(|(rest, _)| *rest != UNKNOWN)
    }
}

struct Count<'a> {
    exposure: &'a Exposure,
    people: Option<&'a People>,
    people_digest: Option<String>,
    figures: BTreeMap<String, Figure>,
}

impl Count<'_> {
    fn persons(&mut self) {
        self.add("persons", "persons", |_| true);
        self.add("persons.read", "persons.read", |p| !p.read.is_empty());
        self.add("persons.passed-only", "persons.passed-only", |p| p.read.is_empty());
        self.add("persons.complete", "persons.complete", is_complete);
        self.add("persons.summary", "persons.summary", |p| {
            !is_complete(p) && p.read.contains(Section::Summary)
        });
        self.add("persons.contact-only", "persons.contact-only", |p| {
            !p.read.is_empty() && !is_complete(p) && !p.read.contains(Section::Summary)
        });
        self.add("persons.identifying", "persons.identifying", |p| {
            touched(p).iter().any(|section| IDENTIFYING.contains(section))
        });
        let records = self.exposure.persons.iter().map(|p| u64::from(p.segments)).sum();
        self.put("records".into(), "records", records, records > 0, false);
    }

    fn sections(&mut self) {
        for section in Section::ALL {
            let name = format!("section.{}", section.word());
            self.add(&name, "section", |p| touched(p).contains(section));
        }
        for special in special_categories() {
            let name = format!("special.{}", special.category);
            let has = |p: &Person, of: Sections| touched(p).iter().any(|s| of.contains(s));
            let persons = &self.exposure.persons;
            let sure = persons.iter().filter(|p| has(p, special.holds)).count();
            let most = persons.iter().filter(|p| has(p, special.holds.union(special.may))).count();
            self.put(name, "special", most as u64, most > sure, false);
        }
    }

    fn by_facts(&mut self) {
        self.by("country", |facts| facts.country.clone());
        self.by("region", PersonFacts::place);
        self.by("association", |facts| facts.association.clone());
        self.yes_or_no("minors", |facts| facts.minor);
        self.yes_or_no("dead", |facts| facts.dead);
    }

    fn by(&mut self, rule: &'static str, fact: impl Fn(&PersonFacts) -> Option<String>) {
        let mut values: BTreeMap<String, u64> = BTreeMap::from([(UNKNOWN.into(), 0)]);
        for person in &self.exposure.persons {
            let value = self.people.and_then(|people| people.of(&person.file)).and_then(&fact);
            *values.entry(value.unwrap_or_else(|| UNKNOWN.into())).or_default() += 1;
        }
        for (value, count) in values {
            self.put(format!("{rule}.{value}"), rule, count, false, true);
        }
    }

    fn yes_or_no(&mut self, rule: &'static str, fact: impl Fn(&PersonFacts) -> Option<bool>) {
        let (mut yes, mut unknown) = (0, 0);
        for person in &self.exposure.persons {
            match self.people.and_then(|people| people.of(&person.file)).and_then(&fact) {
                Some(is) => yes += u64::from(is),
                None => unknown += 1,
            }
        }
        self.put(rule.into(), rule, yes, false, true);
        self.put(format!("{rule}.{UNKNOWN}"), rule, unknown, false, true);
    }

    fn add(&mut self, name: &str, rule: &'static str, counts: impl Fn(&Person) -> bool) {
        let value = self.exposure.persons.iter().filter(|person| counts(person)).count();
        self.put(name.to_owned(), rule, value as u64, false, false);
    }

    fn put(&mut self, name: String, rule: &'static str, value: u64, at_most: bool, facts: bool) {
        let people = self.people_digest.as_ref().filter(|_| facts);
        let query = json!({
            "scope": self.exposure.scope,
            "exposure": self.exposure.version,
            "people": people,
        });
        let mut hash = Sha256::new();
        for part in [rule, &name, &self.exposure.digest, &query.to_string()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let digest = HEXLOWER.encode(&hash.finalize());
        let figure = Figure { name: name.clone(), value, at_most, rule, query, digest };
        self.figures.insert(name, figure);
    }
}

fn touched(person: &Person) -> Sections {
    person.read.union(person.passed)
}

fn is_complete(person: &Person) -> bool {
    person.read.iter().any(|section| CLINICAL.contains(section))
}
