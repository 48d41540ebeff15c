//! One country's or State's rules, as a file of TOML.
//!
//! A rule without a source and the day on which somebody read it is refused: a period that nobody
//! can look up would be obeyed for decades.

use crate::date::Date;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Longest rule file that is read, in bytes.
pub(crate) const BYTES_MAX: usize = 64 * 1024;
const RULES_MAX: usize = 100;
const YEARS_MAX: u32 = 200;

/// What is wrong with a rule file or with the settings, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Wrong {
    place: String,
    what: String,
}

impl Wrong {
    pub(crate) fn new(place: &str, what: impl Into<String>) -> Wrong {
        Wrong { place: place.to_owned(), what: what.into() }
    }
}

/// What kind of file, or what the ledger keeps of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A patient's file.
    Patient,
    /// A patient's file at a profession with a period of its own.
    OtherProfessional,
    /// Somebody who applied for a card.
    CardApplicant,
    /// Somebody who was only ever tested, as one of many.
    MassTest,
    /// A patient's file with radiotherapy in it.
    Radiotherapy,
    /// A patient's file with a transplantation in it.
    Transplantation,
    /// Who opened what: the ledger keeps it, and erasing a file does not end it.
    AccessInformation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Patient,
        Kind::OtherProfessional,
        Kind::CardApplicant,
        Kind::MassTest,
        Kind::Radiotherapy,
        Kind::Transplantation,
        Kind::AccessInformation,
    ];

    /// As rule files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Patient => "patient",
            Kind::OtherProfessional => "other-professional",
            Kind::CardApplicant => "card-applicant",
            Kind::MassTest => "mass-test",
            Kind::Radiotherapy => "radiotherapy",
            Kind::Transplantation => "transplantation",
            Kind::AccessInformation => "access-information",
        }
    }
}

/// Where a period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// The file was made.
    Created,
    /// The last deposit.
    LastEntry,
    /// The last deposit, the last opening for treatment, or the end that people know: the latest.
    EndOfTreatment,
    /// The person died; the rule fits only where that is known.
    Death,
    /// The person was born.
    Birth,
}

impl Since {
    /// In words for people.
    pub const fn words(self) -> &'static str {
        match self {
            Since::Created => "the file was made",
            Since::LastEntry => "the last entry",
            Since::EndOfTreatment => "the end of the treatment",
            Since::Death => "the death",
            Since::Birth => "the birth",
        }
    }
}

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// Since when.
    pub since: Since,
    /// How many years.
    pub years: u32,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, such as `de-patient`.
    pub id: String,
    /// The kinds that it is for.
    pub kinds: BTreeSet<Kind>,
    /// How long they are kept at least.
    pub period: Period,
    /// The rule in a sentence.
    pub says: String,
    /// Where that stands.
    pub source: String,
    /// When somebody read it there.
    pub read: Date,
}

/// What becomes of a wish to have a file erased before its period is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Why it is not followed.
    pub says: String,
    /// What is possible instead.
    pub instead: String,
    /// Where that stands.
    pub source: String,
}

/// The rules of one country or State.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Its word, such as `DE` or `US-CT`.
    pub country: String,
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What it says of early wishes.
    pub demand: Option<Demand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    country: String,
    name: String,
    #[serde(default)]
    rule: Vec<WrittenRule>,
    demand: Option<WrittenDemand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: String,
    kinds: BTreeSet<Kind>,
    since: Since,
    years: u32,
    says: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    read: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDemand {
    says: String,
    instead: String,
    #[serde(default)]
    source: String,
}

impl Book {
    /// Reads a rule file; `place` is its name, for errors.
    pub fn parse(place: &str, text: &str) -> Result<Book, Wrong> {
        if text.len() > BYTES_MAX {
            return Err(Wrong::new(place, format!("longer than {BYTES_MAX} bytes")));
        }
        let written: Written =
            toml::from_str(text).map_err(|error| Wrong::new(place, error.to_string()))?;
        let Written { country, name, rule, demand } = written;
        let letters = |c: char| c.is_ascii_uppercase() || c == '-';
        if country.is_empty() || country.len() > 8 || !country.chars().all(letters) {
            let text = "`country` is a word such as DE or US-CT, in capital letters";
            return Err(Wrong::new(place, text));
        }
        if rule.is_empty() || rule.len() > RULES_MAX {
            return Err(Wrong::new(place, format!("has no rule, or more than {RULES_MAX}")));
        }
        let rules = rule.into_iter().map(|rule| rule.checked(place));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        no_overlap(place, &rules)?;
        let demand = demand.map(|demand| demand.checked(place)).transpose()?;
        Ok(Book { country, name, rules, demand })
    }

    /// The rules for a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.kinds.contains(&kind))
    }
}

impl WrittenRule {
    fn checked(self, place: &str) -> Result<Rule, Wrong> {
        let WrittenRule { id, kinds, since, years, says, source, read } = self;
        let wrong = |what: &str| Err(Wrong::new(place, format!("rule `{id}` {what}")));
        if id.trim().is_empty() || says.trim().is_empty() {
            return wrong("has no id, or says nothing");
        }
        if source.trim().is_empty() {
            return wrong("has no source: name the law and where it can be read");
        }
        let Ok(read) = read.parse() else {
            return wrong("does not say when its source was read: read = \"2026-01-31\"");
        };
        if kinds.is_empty() {
            return wrong("is for no kind of file");
        }
        if kinds.contains(&Kind::AccessInformation) && kinds.len() > 1 {
            return wrong("is for access information and for files: make it two");
        }
        if years == 0 || years > YEARS_MAX {
            return wrong("has no years, or too many");
        }
        Ok(Rule { id, kinds, period: Period { since, years }, says, source, read })
    }
}

impl WrittenDemand {
    fn checked(self, place: &str) -> Result<Demand, Wrong> {
        let WrittenDemand { says, instead, source } = self;
        let empty = [&says, &instead, &source].into_iter().any(|text| text.trim().is_empty());
        if empty {
            return Err(Wrong::new(place, "`demand` needs says, instead and source"));
        }
        Ok(Demand { says, instead, source })
    }
}

/// Two rules for one kind from one beginning would leave open which one holds.
fn no_overlap(place: &str, rules: &[Rule]) -> Result<(), Wrong> {
    for (number, rule) in rules.iter().enumerate() {
        for other in &rules[..number] {
            if rule.id == other.id {
                return Err(Wrong::new(place, format!("rule `{}` is there twice", rule.id)));
            }
            let same = rule.kinds.intersection(&other.kinds).next();
            if let Some(kind) = same.filter(|_| rule.period.since == other.period.since) {
                return Err(Wrong::new(
                    place,
                    format!(
                        "rules `{}` and `{}` overlap: both count for {} from {}",
                        other.id,
                        rule.id,
                        kind.word(),
                        rule.period.since.words()
                    ),
                ));
            }
        }
    }
    Ok(())
}
