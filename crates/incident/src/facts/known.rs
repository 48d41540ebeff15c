//! What is known about an incident, each with where it comes from.

use super::evidence::Claim;
use super::value::Value;
use crate::counts::Counts;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where the value of a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// From the exposure, its counts, the journal or the ledger.
    Evidence,
    /// From `controller.toml`.
    Configuration,
    /// A person wrote it.
    Person,
}

impl Mark {
    /// What a reader is told.
    pub fn words(self) -> &'static str {
        match self {
            Mark::Evidence => "from evidence",
            Mark::Configuration => "from configuration",
            Mark::Person => "a person wrote it",
        }
    }
}

/// One value that is known.
#[derive(Clone, Debug)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// Where it comes from; several, where it was put together.
    pub marks: Vec<Mark>,
    /// Why it is so, where that is not plain.
    pub why: String,
    pub(crate) claim: Option<Claim>,
}

impl Known {
    /// What a person wrote.
    pub fn said(value: Value) -> Known {
        Known { value, marks: vec![Mark::Person], why: String::new(), claim: None }
    }

    /// What is configured.
    pub fn configured(value: Value) -> Known {
        Known { value, marks: vec![Mark::Configuration], why: String::new(), claim: None }
    }

    /// What evidence says; it denies nothing.
    pub(crate) fn shown(value: Value, why: impl Into<String>) -> Known {
        Known { value, marks: vec![Mark::Evidence], why: why.into(), claim: None }
    }

    /// What a claim denies.
    pub(crate) fn denied(value: Value, claim: Claim) -> Known {
        let why = claim.sentence().to_owned();
        Known { value, marks: vec![Mark::Evidence], why, claim: Some(claim) }
    }
}

/// Everything that is known, by name: `evidence.…`, `count.…`, `config.…`, `fact.…`, `done.…`.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    known: BTreeMap<String, Known>,
    counts: Option<Counts>,
}

impl Knowledge {
    /// What is known under this name.
    pub fn get(&self, name: &str) -> Option<&Known> {
        self.known.get(name)
    }

    /// Makes a value known; a later one replaces an earlier one.
    pub fn put(&mut self, name: impl Into<String>, known: Known) {
        self.known.insert(name.into(), known);
    }

    /// Makes the counts known.
    pub fn count(&mut self, counts: Counts) {
        self.counts = Some(counts);
    }

    /// The counts, if there is an exposure.
    pub fn counts(&self) -> Option<&Counts> {
        self.counts.as_ref()
    }

    /// The least and the most that a number may be; none if nothing is known of it.
    ///
    /// `count.region.US-*` is the largest of all that begin so.
    pub fn bounds(&self, name: &str) -> Option<[u64; 2]> {
        match name.strip_prefix("count.") {
            Some(figure) => self.counts.as_ref()?.bounds(figure),
            None => match self.get(name)?.value {
                Value::Number(number) => Some([number; 2]),
                _ => None,
            },
        }
    }
}
