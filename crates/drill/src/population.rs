//! A made-up population: people of three countries with lifelong FHIR R4 records.
//!
//! Everything is a pure function of the seed and a person's number, so the same seed gives the
//! same bytes everywhere, and person 900,000 costs as much as person 0. Nobody is real: the
//! national identifiers come from ranges that are not given to anybody.

mod calendar;
mod home;
mod household;
mod identity;
mod json;
mod life;
mod markers;
mod random;
mod tables;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use calendar::Date;
pub use home::Address;
pub use household::{Country, Sex};
pub use json::ParseError;
pub use markers::{Place, Planted, plant};

use household::Member;

/// The last day that any record knows of. It is fixed, so that bytes do not depend on a clock.
pub const LAST_DAY: Date = Date::new(2026, 6, 30);

/// The system of chart numbers unless the population is given another one.
pub const CHART_SYSTEM: &str = "https://practice.example/chart-number";

/// How much a bundle holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Richness {
    /// Around ten resources: enough to be found and opened, cheap enough for a million people.
    Thin,
    /// A whole life: about 100 to 400 resources.
    Rich,
}

/// People numbered from 0, each of them a pure function of the seed and the number.
#[derive(Clone)]
pub struct Population {
    seed: u64,
    size: u32,
    richness: Richness,
    chart_system: Arc<str>,
}

impl Population {
    /// A population of rich records. Identifiers are unique up to 1.7 million people.
    pub fn new(seed: u64, size: u32) -> Population {
        Population { seed, size, richness: Richness::Rich, chart_system: CHART_SYSTEM.into() }
    }

    /// The same people with records of this richness.
    #[must_use]
    pub fn with_richness(self, richness: Richness) -> Population {
        Population { richness, ..self }
    }

    /// The same people with chart numbers under this identifier system.
    #[must_use]
    pub fn with_chart_system(self, system: &str) -> Population {
        Population { chart_system: system.into(), ..self }
    }

    /// How many people there are.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The person with this number; numbers at or beyond the size work too.
    pub fn person(&self, number: u32) -> Person {
        let member = Member::at(self.seed, number);
        let (first, rest) = member.names();
        Person {
            number,
            national: identity::national(self.seed, &member),
            chart: Identifier {
                system: self.chart_system.clone(),
                value: (100_000 + u64::from(number)).to_string(),
            },
            given: std::iter::once(first).chain(rest).collect(),
            richness: self.richness,
            member,
        }
    }

    /// Everybody, by number.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.size).map(|number| self.person(number))
    }
}

/// An identifier: a system and a value that is unique in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    /// The system's URI.
    pub system: Arc<str>,
    /// The value as it is written in a record.
    pub value: String,
}

/// One made-up person.
pub struct Person {
    number: u32,
    national: Identifier,
    chart: Identifier,
    given: Vec<&'static str>,
    richness: Richness,
    member: Member,
}

impl Person {
    /// The number in the population.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The country whose identifiers, names and schedules the record follows.
    pub fn country(&self) -> Country {
        self.member.country
    }

    /// CPR number, KVNR or SSN.
    pub fn national(&self) -> &Identifier {
        &self.national
    }

    /// The practice's own number for the person.
    pub fn chart(&self) -> &Identifier {
        &self.chart
    }

    /// The family name.
    pub fn family(&self) -> &'static str {
        self.member.family
    }

    /// The given names, at least one.
    pub fn given(&self) -> &[&'static str] {
        &self.given
    }

    /// The administrative sex.
    pub fn sex(&self) -> Sex {
        self.member.sex
    }

    /// The date of birth.
    pub fn birth(&self) -> Date {
        self.member.birth
    }

    /// The date of death, if the person died.
    pub fn death(&self) -> Option<Date> {
        self.member.death
    }

    /// Whether the person is alive and under 18 on the last day.
    pub fn is_minor(&self) -> bool {
        self.death().is_none() && self.birth().years_until(LAST_DAY) < 18
    }

    /// The home address, shared by a household.
    pub fn address(&self) -> &Address {
        &self.member.address
    }

    /// The telephone number, shared by a household.
    pub fn phone(&self) -> &str {
        &self.member.phone
    }

    /// A number that the people of one household share with nobody else.
    pub fn household(&self) -> u32 {
        self.member.household
    }

    /// The whole record as the text of an R4 transaction bundle: directory entries first (created
    /// only if their identifier is new), then the Patient, then the rest by date. Every reference
    /// is to an entry of the same bundle.
    pub fn bundle(&self) -> String {
        life::bundle(self)
    }
}
