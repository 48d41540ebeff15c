//! The clock of one file: until when it is kept, by which rule, and what was not known.
//!
//! Trust: the latest date of every fitting rule counts. Where a practice or a kind has no rule, all
//! rules of all countries fit. An unknown birth is taken for the latest that can be, the day on
//! which the file was made. So no answer is earlier than it would be if everything were known.

use crate::books::Books;
use crate::date::Date;
use crate::facts::{Facts, FileFacts};
use crate::rules::{Book, Demand, Kind, Rule, Since};
use crate::settings::Settings;
use std::collections::BTreeSet;
use terms::{Blind, FileId, PracticeId};

/// What the dates rest on besides the ledger.
#[derive(Clone, Copy)]
pub struct Law<'a> {
    /// The rules.
    pub books: &'a Books,
    /// Where the practices are and what they keep.
    pub settings: &'a Settings,
}

/// What somebody says of one file with a command; nothing keeps it.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// When the person was born.
    pub born: Option<Date>,
    /// When the person died.
    pub died: Option<Date>,
    /// When the treatment ended.
    pub ended: Option<Date>,
    /// Kinds that it is besides what the settings say.
    pub kinds: BTreeSet<Kind>,
}

/// What was not known; what was taken instead never makes a date earlier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// No setting says where the practice is and what it keeps.
    Practice(PracticeId),
    /// The country has no rule for the kind.
    Rule(String, Kind),
    /// The birth date, which lies sealed.
    Birth,
    /// Whether and when the person died.
    Death,
}

/// One rule's date for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The last day on which the file has to be kept.
    pub until: Date,
    /// The country.
    pub book: &'a Book,
    /// The rule.
    pub rule: &'a Rule,
}

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Kept and used.
    Active,
    /// Kept, and opened by nobody but the patient.
    Restricted,
    /// Its period is over.
    Due,
    /// Its key is destroyed.
    Erased,
}

impl State {
    /// As commands write it.
    pub const fn word(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Restricted => "restricted",
            State::Due => "due",
            State::Erased => "erased",
        }
    }
}

/// The clock of one file.
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    /// What every fitting rule says, the latest first.
    pub terms: Vec<Term<'a>>,
    /// What was not known.
    pub missing: BTreeSet<Missing>,
}

impl<'a> Clock<'a> {
    /// The clock of this file.
    pub fn of(law: Law<'a>, facts: &Facts, file: &FileFacts, said: &Said) -> Clock<'a> {
        let mut clock = Clock { terms: Vec::new(), missing: BTreeSet::new() };
        let mut unruled = false;
        for (number, practice) in facts.practices(file).enumerate() {
            let Some(keeps) = law.settings.practice(practice) else {
                clock.missing.insert(Missing::Practice(practice));
                unruled = true;
                continue;
            };
            let on_list = file.list.filter(|_| number == 0).and_then(|one| law.settings.list(one));
            for kind in kinds(on_list.unwrap_or(&keeps.kinds), file, said) {
                // Settings were held against these rules, but rules may have changed since.
                let rules = law.books.of(&keeps.country).map(|book| (book, book.of(kind)));
                let mut found = false;
                for (book, rule) in rules.into_iter().flat_map(|(b, all)| all.map(move |r| (b, r)))
                {
                    found |= clock.add(book, rule, file, said);
                }
                if !found {
                    clock.missing.insert(Missing::Rule(keeps.country.clone(), kind));
                    unruled = true;
                }
            }
        }
        if unruled || clock.terms.is_empty() {
            let all = law.books.rules();
            for (book, rule) in all.filter(|(_, rule)| !is_of_ledger(rule)) {
                clock.add(book, rule, file, said);
            }
        }
        clock
            .terms
            .sort_by(|one, other| (other.until, &one.rule.id).cmp(&(one.until, &other.rule.id)));
        clock.terms.dedup_by(|one, other| one == other);
        clock
    }

    /// The last day on which the file has to be kept; nothing where no rule is there at all.
    pub fn until(&self) -> Option<Date> {
        self.terms.first().map(|term| term.until)
    }

    /// Where the file stands today.
    pub fn state(&self, file: &FileFacts, today: Date) -> State {
        match self.until() {
            _ if file.erased.is_some() => State::Erased,
            Some(until) if until < today => State::Due,
            _ if file.restricted => State::Restricted,
            _ => State::Active,
        }
    }

    /// What the countries of the rules that still run say of a wish to erase it now.
    pub fn demands(&self, today: Date) -> Vec<&'a Demand> {
        let running = self.terms.iter().filter(|term| term.until >= today);
        let mut demands: Vec<&Demand> = Vec::new();
        for demand in running.filter_map(|term| term.book.demand.as_ref()) {
            if !demands.contains(&demand) {
                demands.push(demand);
            }
        }
        demands
    }

    /// Takes a rule in; says whether it is one that bears on files.
    fn add(&mut self, book: &'a Book, rule: &'a Rule, file: &FileFacts, said: &Said) -> bool {
        let since = match rule.period.since {
            Since::Created => file.created,
            Since::LastEntry => file.last_entry,
            Since::EndOfTreatment => {
                let known = [Some(file.last_entry), file.last_treatment, said.ended];
                known.into_iter().flatten().max().unwrap_or(file.created)
            }
            Since::Birth => said.born.unwrap_or_else(|| {
                self.missing.insert(Missing::Birth);
                file.created
            }),
            Since::Death => match said.died {
                Some(died) => died,
                None => {
                    self.missing.insert(Missing::Death);
                    return false;
                }
            },
        };
        self.terms.push(Term { until: since.plus_years(rule.period.years), book, rule });
        true
    }
}

/// A file that may end: its period is over, no hold keeps it, and it is somebody's.
pub struct Due<'a> {
    /// The last day on which it had to be kept.
    pub until: Date,
    /// Its id.
    pub file: FileId,
    /// The ledger's name.
    pub blind: &'a Blind,
    /// What the ledger knows of it.
    pub facts: &'a FileFacts,
    /// Its clock.
    pub clock: Clock<'a>,
}

/// What may end today, the longest due first, and no more than so many.
pub fn due<'a>(law: Law<'a>, facts: &'a Facts, today: Date, most: usize) -> Vec<Due<'a>> {
    let mut all: Vec<Due<'a>> = Vec::new();
    for (blind, of) in facts.files() {
        let clock = Clock::of(law, facts, of, &Said::default());
        let is_due = clock.state(of, today) == State::Due;
        let free = facts.cases(of).is_empty() && !of.canary;
        if let (Some(file), Some(until), true) = (of.file, clock.until(), is_due && free) {
            all.push(Due { until, file, blind, facts: of, clock });
        }
        // Never more than twice as many in memory.
        if all.len() > most.saturating_mul(2).max(1_024) {
            all.sort_by_key(|one| (one.until, one.file));
            all.truncate(most);
        }
    }
    all.sort_by_key(|one| (one.until, one.file));
    all.truncate(most);
    all
}

/// What a file is: who was only tested becomes a patient by the first relation.
fn kinds(kept: &BTreeSet<Kind>, file: &FileFacts, said: &Said) -> BTreeSet<Kind> {
    let mut kinds: BTreeSet<Kind> = kept.union(&said.kinds).copied().collect();
    if file.related && kinds.contains(&Kind::MassTest) {
        kinds.insert(Kind::Patient);
    }
    kinds
}

fn is_of_ledger(rule: &Rule) -> bool {
    rule.kinds.contains(&Kind::AccessInformation)
}
