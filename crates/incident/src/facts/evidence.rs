//! What evidence says, and the only way to deny something.
//!
//! Trust: a [`Claim`] denies something, such as that data were taken. It can be made here alone,
//! from an exposure whose notes the ledger's key signed, that lists nobody and leaves no doubt,
//! and only while no person said that the keyholder itself was reached. Whoever holds one has the
//! reason in words.

use super::known::{Knowledge, Known};
use super::value::Value;
use crate::counts::{Counts, People};
use crate::error::{IncidentError, Result};
use crate::exposure::Exposure;
use crate::folder::{Folder, Source};
use crate::scope::{Scope, StolenCopy};
use ledger::Verifier;
use terms::{Duration, Time};

/// Hours within which an authority is told (GDPR Art. 33(1)); later, reasons are asked for.
const TOLD_HOURS_MAX: u64 = 72;
/// The fact that says whether the keyholder, its keys or its passphrase were reached.
const KEYHOLDER_REACHED: &str = "fact.keyholder-reached";

/// What a claim denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denies {
    /// That data were disclosed to, or taken by, those whom the scope names.
    Disclosure,
    /// That what they got can be read by them.
    Intelligibility,
}

/// A denial, with its reason; only evidence makes one.
///
/// ```compile_fail
/// let claim = incident::Claim { denies: incident::Denies::Disclosure, sentence: "no".into() };
/// ```
#[derive(Clone, Debug)]
pub struct Claim {
    denies: Denies,
    sentence: String,
}

impl Claim {
    /// What it denies.
    pub fn denies(&self) -> Denies {
        self.denies
    }

    /// Why, in words.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

impl Denies {
    /// The word by which forms name it.
    pub fn word(self) -> &'static str {
        match self {
            Denies::Disclosure => "disclosure",
            Denies::Intelligibility => "intelligibility",
        }
    }
}

/// An exposure whose notes were verified, and its counts.
pub struct Evidence {
    exposure: Exposure,
    counts: Counts,
    /// An earlier version of the same incident listed somebody.
    listed_before: bool,
}

impl Evidence {
    /// The newest exposure of an incident, or this version. Its checkpoint and its statement (a
    /// note of kind `closing`) must be signed by the ledger's key.
    pub fn of(
        folder: &Folder,
        version: Option<u32>,
        verifier: &Verifier,
        closing: &str,
        people: Option<&People>,
    ) -> Result<Evidence> {
        let exposure = folder.exposure(version)?;
        let unsigned = |error: ledger::LogError| {
            let version = exposure.version;
            IncidentError::Tampered(format!("exposure {version}: not the ledger's: {error}"))
        };
        verifier.verify(exposure.checkpoint.as_bytes()).map_err(unsigned)?;
        verifier.verify_note(closing, &exposure.statement).map_err(unsigned)?;
        let counts = Counts::of(&exposure, people)?;
        // The journal remembers a version whose file was lost or taken away.
        let noted = folder.noted()?;
        let mut listed_before =
            noted.range(..exposure.version).any(|(_, (persons, _))| *persons > 0);
        for earlier in folder.versions()?.into_iter().filter(|v| *v < exposure.version) {
            listed_before |= !folder.exposure(Some(earlier))?.persons.is_empty();
        }
        Ok(Evidence { exposure, counts, listed_before })
    }

    /// The exposure.
    pub fn exposure(&self) -> &Exposure {
        &self.exposure
    }

    /// Its counts.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Makes known what the exposure says; what persons said must be known already.
    pub fn tell(&self, knowledge: &mut Knowledge) {
        knowledge.count(self.counts.clone());
        let Exposure { persons, version, scope, .. } = &self.exposure;
        let first = persons.iter().map(|person| person.first).min();
        let last = persons.iter().map(|person| person.last).max();
        let is_copy = scope.copy.is_some();
        let dates = first.zip(last).filter(|_| !is_copy);
        let why = format!("first and last entry of the ledger in exposure {version}");
        if let Some((first, last)) = dates {
            let text = |time: Time| Value::Text(time.to_string());
            knowledge.put("evidence.begin", Known::shown(text(first), &why));
            knowledge.put("evidence.end", Known::shown(text(last), why));
        }
        knowledge.put("evidence.dated", Known::shown(Value::Truth(dates.is_some()), ""));
        knowledge.put("evidence.copy", Known::shown(Value::Truth(is_copy), ""));
        let read = self.counts.value("persons") > 0;
        knowledge.put("evidence.touched", Known::shown(Value::Truth(read), ""));
        let sealed = match self.unintelligible(knowledge) {
            Some(claim) => Some(Known::denied(Value::Truth(true), claim)),
            None => read.then(|| Known::shown(Value::Truth(false), self.released())),
        };
        if let Some(known) = sealed {
            knowledge.put("evidence.unintelligible", known);
        }
    }

    /// That nothing was disclosed; none if there is no evidence for it.
    pub fn undisclosed(&self, knowledge: &Knowledge) -> Option<Claim> {
        // Whoever has a copy has data, sealed or not.
        if self.exposure.scope.copy.is_some() {
            return None;
        }
        self.claim(Denies::Disclosure, knowledge)
    }

    /// That what they got cannot be read; none if there is no evidence for it.
    pub fn unintelligible(&self, knowledge: &Knowledge) -> Option<Claim> {
        self.claim(Denies::Intelligibility, knowledge)
    }

    fn claim(&self, denies: Denies, knowledge: &Knowledge) -> Option<Claim> {
        let reached = knowledge.get(KEYHOLDER_REACHED);
        let doubted = reached.is_some_and(|known| !known.value.has("no"));
        let has_root_key = self.exposure.scope.copy.as_ref().is_some_and(|copy| copy.with_root_key);
        let is_open = !self.exposure.doubts.is_empty();
        let listed = !self.exposure.persons.is_empty() || self.listed_before;
        if listed || is_open || doubted || has_root_key {
            return None;
        }
        Some(Claim { denies, sentence: self.nothing_released() })
    }

    /// The sentence why nobody is listed.
    fn nothing_released(&self) -> String {
        let Exposure { version, lines, digest, made, scope, .. } = &self.exposure;
        let copy = match scope.copy {
            Some(StolenCopy { entries, .. }) => format!(
                "What was taken is sealed (AES-256-GCM, a key for each segment), and the root key \
                 over it, at entry {entries} of the ledger, was not taken with it. "
            ),
            None => String::new(),
        };
        format!(
            "{copy}The ledger was asked ({}) and lists no key that was released, no label that \
             was shown and nothing that passed: {lines} lines that the keyholder signed as a \
             whole, exposure {version} of {made}, digest {digest}. A key leaves the keyholder \
             only after its entry was written; this holds as long as the keyholder itself was not \
             taken over.",
            told(scope)
        )
    }

    /// The sentence what was released.
    pub fn released(&self) -> String {
        let value = |name: &str| self.counts.value(name);
        let Exposure { version, digest, scope, .. } = &self.exposure;
        let how = match scope.copy {
            Some(_) => "became readable, as the root key was taken with the copy",
            None => "had a key released or a label shown, by the ledger",
        };
        format!(
            "Persons whose file {how}: {} (complete files: {}, summary: {}, contact data only: \
             {}). Persons of whom something only passed through a server in question: {}. Asked: \
             {}. Exposure {version}, digest {digest}.",
            value("persons.read"),
            value("persons.complete"),
            value("persons.summary"),
            value("persons.contact-only"),
            value("persons.passed-only"),
            told(scope)
        )
    }
}

/// What an incident's own file and journal say.
pub fn tell_incident(folder: &Folder, now: Time, knowledge: &mut Knowledge) -> Result<()> {
    let incident = folder.incident();
    let mut put = |name: &str, value: Value, why: &str| {
        knowledge.put(format!("evidence.{name}"), Known::shown(value, why));
    };
    put("incident", Value::Text(incident.id.clone()), "the incident's id");
    put("aware", Value::Text(incident.aware.to_string()), "written down as it was opened");
    let late = now > incident.aware + Duration::from_hours(TOLD_HOURS_MAX);
    put("late", Value::Truth(late), "more than 72 hours since awareness");
    let source = match incident.source {
        Source::Hand => "hand",
        Source::Watch => "watch",
        Source::Outside => "outside",
    };
    put("source", Value::Text(source.into()), "written down as it was opened");
    for event in folder.journal().events()?.iter().filter(|event| event.what == "done") {
        let word = |name: &str| event.more.get(name).and_then(serde_json::Value::as_str);
        if let (Some(clock), Some(at)) = (word("clock"), word("done_at")) {
            knowledge.put(format!("done.{clock}"), Known::said(Value::Text(at.to_owned())));
        }
    }
    Ok(())
}

/// A scope in words.
fn told(scope: &Scope) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: Option<String>| {
        parts.extend(value.map(|value| format!("{name} {value}")));
    };
    part("card", scope.card.map(|id| id.to_string()));
    part("practice", scope.practice.map(|id| id.to_string()));
    part("server", scope.server.map(|id| id.to_string()));
    part("session", scope.session.map(|id| id.to_string()));
    part("relation", scope.class.map(|class| class.to_string()));
    part("grade", scope.grade.map(|grade| grade.to_string()));
    part("from", scope.from.map(|time| time.to_string()));
    part("to", scope.to.map(|time| time.to_string()));
    part("copy at entry", scope.copy.as_ref().map(|copy| copy.entries.to_string()));
    parts.join(", ")
}
