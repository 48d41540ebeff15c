//! The lines of the queue: alerts, and what people and the machine did about them.
//!
//! This is also the stream for other tools: each line is one JSON object with plain fields.

use ledger::entry::{Act, Frozen, Subject};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use terms::{CardId, PracticeId, Time};
use watch::{Alert, Level, Stop, sentences};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// The alert it is about.
    pub(crate) id: String,
    /// When, as RFC 3339 in UTC.
    pub(crate) at: String,
    #[serde(flatten)]
    pub(crate) what: What,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum What {
    /// The watch found something.
    Alert(Box<Told>),
    /// The keyholder carried out what the watch ordered, or refused.
    Acted { done: bool },
    /// Somebody is on it.
    Taken { who: String },
    /// Somebody wrote something down.
    Note { who: String, note: String },
    /// Somebody came to an end with it.
    Closed { who: String, verdict: Verdict, note: String },
}

/// What it was in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// It was misuse.
    Right,
    /// It was none.
    Wrong,
    /// Nobody can tell.
    Unclear,
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong => "wrong",
            Verdict::Unclear => "unclear",
        }
    }
}

/// An alert in words. A patient is nothing but the ledger's blind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) finding: String,
    /// note, prompt, or review: only what says `review` waits for an officer.
    pub(crate) level: String,
    /// Stops everything else: a canary, or a guard that did not act, or a whole practice.
    pub(crate) critical: bool,
    pub(crate) card: Option<String>,
    pub(crate) holder: Option<String>,
    pub(crate) practice: Option<String>,
    pub(crate) practice_name: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) file: Option<String>,
    /// Numbers of the ledger's entries that it rests on.
    pub(crate) evidence: Vec<u64>,
    /// How strong it is: 1 is just enough.
    pub(crate) score: f64,
    pub(crate) ordered: Option<Ordered>,
    /// The keyholder froze it by itself, before the watch could order anything.
    #[serde(default)]
    pub(crate) frozen: bool,
    /// To the user at the screen, to the reviewer, to the patient.
    pub(crate) user: String,
    pub(crate) reviewer: String,
    pub(crate) patient: String,
}

/// What the watch ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ordered {
    /// A rung, or `frozen`.
    pub(crate) step: String,
    /// For how long, in days; without end where it is a freeze.
    pub(crate) days: Option<u64>,
    pub(crate) user: String,
    pub(crate) reviewer: String,
    pub(crate) patient: String,
}

/// Names that the ledger gives to cards and practices.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) holders: HashMap<CardId, String>,
    pub(crate) practices: HashMap<PracticeId, String>,
}

impl Line {
    /// `after` is the entry that led to it, if it was one.
    pub(crate) fn of(alert: &Alert, names: &Names, after: Option<&Act>) -> Line {
        let frozen = after.is_some_and(|act| froze(act, alert));
        let what = What::Alert(Box::new(Told { frozen, ..Told::of(alert, names) }));
        Line { id: alert.id(), at: alert.at.to_string(), what }
    }

    pub(crate) fn now(id: &str, at: Time, what: What) -> Line {
        Line { id: id.to_owned(), at: at.to_string(), what }
    }
}

/// Whether the keyholder froze, for a reason of its own, what the alert is about.
fn froze(act: &Act, alert: &Alert) -> bool {
    let Act::Frozen(Frozen { subject, why: Some(_), .. }) = act else { return false };
    match *subject {
        Subject::Card(card) => alert.card == Some(card),
        Subject::Practice(practice) => alert.card.is_none() && alert.practice == Some(practice),
        Subject::Server(server) => alert.server == Some(server),
    }
}

impl Told {
    fn of(alert: &Alert, names: &Names) -> Told {
        use terms::Finding::{Canary, Silent, Together};
        let found = sentences::found(alert.finding);
        Told {
            finding: alert.finding.to_string(),
            level: alert.level.to_string(),
            critical: alert.level == Level::Review
                && matches!(alert.finding, Canary | Silent | Together),
            card: alert.card.map(|card| card.to_string()),
            holder: alert.card.and_then(|card| names.holders.get(&card).cloned()),
            practice: alert.practice.map(|practice| practice.to_string()),
            practice_name: alert.practice.and_then(|id| names.practices.get(&id).cloned()),
            server: alert.server.map(|server| server.to_string()),
            file: alert.file.map(|file| file.to_string()),
            evidence: alert.evidence.clone(),
            score: (alert.score * 100.0).round() / 100.0,
            ordered: alert.action.map(|step| Ordered::of(&step.what)),
            frozen: false,
            user: found.user.to_owned(),
            reviewer: found.reviewer.to_owned(),
            patient: found.patient.to_owned(),
        }
    }

    /// 1 informational, 2 low, 4 high, 5 critical: the numbers of OCSF.
    pub(crate) fn severity(&self) -> u8 {
        match self.level.as_str() {
            _ if self.critical => 5,
            "review" => 4,
            "prompt" => 2,
            _ => 1,
        }
    }

    /// Who or what it is about, for people.
    pub(crate) fn subject(&self) -> String {
        let named = |kind: &str, id: &Option<String>, name: &Option<String>| {
            id.as_ref().map(|id| match name {
                Some(name) => format!("{kind} of {name} ({id})"),
                None => format!("{kind} {id}"),
            })
        };
        let practice = || {
            let (id, name) = (self.practice.as_ref()?, self.practice_name.as_ref());
            Some(name.map_or_else(|| format!("practice {id}"), |n| format!("practice {n} ({id})")))
        };
        named("card", &self.card, &self.holder)
            .or_else(practice)
            .or_else(|| named("server", &self.server, &None))
            .or_else(|| named("file", &self.file, &None))
            .unwrap_or_else(|| "the installation".to_owned())
    }
}

impl Ordered {
    fn of(stop: &Stop) -> Ordered {
        let done = sentences::done(stop);
        let (step, days) = match stop {
            Stop::Rung { rung, lasts, .. } => {
                (rung.to_string(), Some(lasts.millis().div_ceil(86_400_000)))
            }
            Stop::Freeze(_) => ("frozen".to_owned(), None),
        };
        Ordered {
            step,
            days,
            user: done.user.to_owned(),
            reviewer: done.reviewer.to_owned(),
            patient: done.patient.to_owned(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use terms::{Blind, Duration, Finding, Rung};
    use watch::Step;

    /// An alert that says all there is to say.
    pub(crate) fn line() -> Line {
        let card = CardId::from_bytes([1; 10]);
        let practice = PracticeId::from_bytes([2; 10]);
        let (rung, lasts) = (Rung::Restricted, Duration::from_days(7));
        let finding = Finding::Unexplained;
        let alert = Alert {
            at: Time::from_millis(1_795_442_400_000),
            finding,
            level: Level::Review,
            card: Some(card),
            practice: Some(practice),
            server: None,
            file: Some(Blind::from_bytes([3; 16])),
            evidence: vec![17, 19, 23],
            action: Some(Step { what: Stop::Rung { card, rung, lasts }, finding }),
            score: 1.236,
        };
        let mut names = Names::default();
        names.holders.insert(card, "Dr. \"Q\" ]Okoye\\".into());
        names.practices.insert(practice, "Harbour practice".into());
        Line::of(&alert, &names, None)
    }

    pub(crate) fn closed() -> Line {
        let (who, note) = ("officer-1".to_owned(), "it was a test\nof ours".to_owned());
        let what = What::Closed { who, verdict: Verdict::Wrong, note };
        Line::now("23-unexplained-card", Time::from_millis(1_795_442_500_000), what)
    }

    #[test]
    fn lines_read_back_as_they_were_written() {
        for line in [line(), closed()] {
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line, "{text}");
            assert!(!text.contains('\n'));
        }
    }
}
