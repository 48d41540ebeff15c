//! How a drill ended: what the attacker got, and whether what was promised held.

use crate::holdings::Holdings;
use crate::incident::{Drill, Incident};
use serde::Serialize;
use std::collections::BTreeMap;

/// A whole run.
#[derive(Serialize)]
pub struct Run {
    /// `small` or `full`.
    pub scale: String,
    /// Version of the program.
    pub version: String,
    /// When it began.
    pub began: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What was played, in order.
    pub drills: Vec<Played>,
    /// Whether everything held.
    pub held: bool,
}

/// One drill that was played.
#[derive(Serialize)]
pub struct Played {
    /// The word for it on the command line.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What the attacker did, in a sentence.
    pub attack: &'static str,
    /// What it replays.
    pub incident: Incident,
    /// How many files there were to get.
    pub files: u64,
    /// How long it took to make them, in seconds.
    pub preparing: f64,
    /// How long the attack took, in seconds.
    pub attacking: f64,
    /// What each attacker got.
    pub attackers: Vec<Attacker>,
    /// What was promised, and whether it held.
    pub checks: Vec<Check>,
    /// What has to be known to read the figures, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// Whether all of it held.
    pub held: bool,
}

/// What one attacker got.
#[derive(Clone, Debug, Serialize)]
pub struct Attacker {
    /// What it did, in a phrase.
    pub who: String,
    /// How many requests it sent, or things it tried.
    pub tries: u64,
    /// How many persons it can read anything of.
    pub persons: u64,
    /// How many of these it can read more of than the label: name and birth date.
    pub beyond_labels: u64,
    /// How many persons it can read each section of.
    pub sections: BTreeMap<&'static str, u64>,
    /// From its first request until nothing was given to it any more, in seconds.
    pub seconds_to_stop: Option<f64>,
    /// What stopped it.
    pub stopped_by: Option<String>,
    /// How many persons the ledger lists for it.
    pub listed: u64,
    /// The share of the ledger's list (person and section) that it holds.
    pub precision: f64,
    /// The share of what it holds that is on the ledger's list.
    pub recall: f64,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A bound that no attacker may pass.
    HardBound,
    /// The list of who was exposed.
    ExactList,
    /// An alarm that has to ring.
    SelfTest,
}

/// Something that was promised.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// About what.
    pub kind: Kind,
    /// The promise, in a sentence.
    pub what: String,
    /// What was found.
    pub found: String,
    /// Whether it held.
    pub held: bool,
}

impl Attacker {
    /// An attacker with what it holds, and what the ledger lists.
    pub fn new(who: impl Into<String>, tries: u64, held: &Holdings, listed: &Holdings) -> Attacker {
        let agreement = held.agreement(listed);
        Attacker {
            who: who.into(),
            tries,
            persons: held.persons(),
            beyond_labels: held.beyond_labels(),
            sections: held.by_section(),
            seconds_to_stop: None,
            stopped_by: None,
            listed: listed.persons(),
            precision: agreement.precision,
            recall: agreement.recall,
        }
    }

    /// The same, stopped after so many seconds by this.
    #[must_use]
    pub fn stopped(self, seconds: Option<f64>, by: impl Into<String>) -> Attacker {
        Attacker { seconds_to_stop: seconds, stopped_by: Some(by.into()), ..self }
    }
}

impl Check {
    /// That so many are at most so many.
    pub fn at_most(what: impl Into<String>, found: u64, most: u64) -> Check {
        let what = format!("{}: at most {most}", what.into());
        Check { kind: Kind::HardBound, what, found: found.to_string(), held: found <= most }
    }

    /// That something holds.
    pub fn holds(
        kind: Kind,
        what: impl Into<String>,
        found: impl Into<String>,
        held: bool,
    ) -> Check {
        Check { kind, what: what.into(), found: found.into(), held }
    }
}

impl Played {
    /// What is left to judge: every attacker's list, then the checks.
    pub fn new(
        drill: &'static Drill,
        files: u64,
        attackers: Vec<Attacker>,
        mut checks: Vec<Check>,
    ) -> Played {
        for attacker in &attackers {
            checks.push(Check::holds(
                Kind::ExactList,
                format!("the ledger lists exactly what the attacker holds ({})", attacker.who),
                format!(
                    "{} listed, {} held, precision {:.3}, recall {:.3}",
                    attacker.listed, attacker.persons, attacker.precision, attacker.recall
                ),
                attacker.precision >= 1.0 && attacker.recall >= 1.0,
            ));
        }
        let held = checks.iter().all(|check| check.held);
        let Drill { name, title, attack, ref incident } = *drill;
        let incident = incident.clone();
        let (preparing, attacking, aside) = (0.0, 0.0, None);
        Played {
            name,
            title,
            attack,
            incident,
            files,
            preparing,
            attacking,
            attackers,
            checks,
            aside,
            held,
        }
    }

    /// The most persons that any one attacker got.
    pub fn persons(&self) -> u64 {
        self.attackers.iter().map(|attacker| attacker.persons).max().unwrap_or_default()
    }

    /// What happened then and what happened here, in plain sentences.
    pub fn plainly(&self) -> String {
        let then = match (self.incident.persons, self.incident.could) {
            (Some(persons), false) => format!("Then: data of {} persons.", grouped(persons)),
            (Some(persons), true) => format!("Then: {} persons within reach.", grouped(persons)),
            (None, _) => "Then: nobody could say how many.".into(),
        };
        let now = match self.persons() {
            0 => "Here: of nobody.".to_owned(),
            1 => "Here: of 1 person.".to_owned(),
            persons => format!("Here: of {} persons at most.", grouped(persons)),
        };
        let slowest = self.attackers.iter().filter_map(|one| one.seconds_to_stop);
        let stopped = match slowest.reduce(f64::max) {
            Some(seconds) => format!(" Stopped by the machine after {seconds:.2} seconds."),
            None => String::new(),
        };
        let list = if self.attackers.iter().all(|a| a.precision >= 1.0 && a.recall >= 1.0) {
            " The list of who was affected is exact."
        } else {
            " The list of who was affected is NOT exact."
        };
        let aside = self.aside.as_ref().map(|aside| format!(" {aside}")).unwrap_or_default();
        format!("{then} {now}{aside}{stopped}{list}")
    }
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::DRILLS;
    use terms::{Section, Sections};

    fn holding(files: &[&str]) -> Holdings {
        let mut held = Holdings::new();
        files.iter().for_each(|file| held.add(file, Sections::of(&[Section::Label])));
        held
    }

    #[test]
    fn a_list_that_is_not_exact_fails_the_drill() {
        let played = |listed: &[&str]| {
            let attacker = Attacker::new("a thief", 3, &holding(&["a", "b"]), &holding(listed));
            Played::new(&DRILLS[0], 10, vec![attacker], Vec::new())
        };
        assert!(played(&["a", "b"]).held);
        for listed in [&["a"][..], &["a", "b", "c"], &[], &["c", "d"]] {
            assert!(!played(listed).held, "{listed:?}");
            assert!(played(listed).plainly().contains("NOT exact"));
        }
    }

    #[test]
    fn a_broken_bound_or_a_silent_alarm_fails_the_drill() {
        let played = |check: Check| Played::new(&DRILLS[0], 10, Vec::new(), vec![check]).held;
        assert!(played(Check::at_most("files", 7, 7)));
        assert!(!played(Check::at_most("files", 8, 7)));
        assert!(!played(Check::holds(Kind::SelfTest, "an alarm", "none", false)));
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([7, 1_230, 1_060_936].map(grouped), ["7", "1,230", "1,060,936"]);
    }
}
