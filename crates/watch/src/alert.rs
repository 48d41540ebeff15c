//! What the watch has to say.

use crate::{Step, Stop};
use core::fmt;
use ledger::entry::Subject;
use terms::{Blind, CardId, Finding, PracticeId, ServerId, Time};

/// Who has to do something about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nobody: it stands in the record.
    Note,
    /// The holder of the card, at the screen.
    Prompt,
    /// An officer, who reads it.
    Review,
}

impl Level {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Prompt => "prompt",
            Level::Review => "review",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Something that a detector noticed.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// When, by the entries' clock.
    pub at: Time,
    /// What.
    pub finding: Finding,
    /// Who has to do something.
    pub level: Level,
    /// The card it is about.
    pub card: Option<CardId>,
    /// The practice it is about; of an alert about a card, the card's.
    pub practice: Option<PracticeId>,
    /// The server it is about.
    pub server: Option<ServerId>,
    /// The file it is about.
    pub file: Option<Blind>,
    /// Numbers of the entries it rests on, the one that decided last.
    pub evidence: Vec<u64>,
    /// What the keyholder is to do.
    pub action: Option<Step>,
    /// How strong it is: 1 is just enough.
    pub score: f64,
}

impl Alert {
    /// Its name: the same entries make the same names.
    pub fn id(&self) -> String {
        let last = self.evidence.last().copied().unwrap_or_default();
        let subject = match (self.card, self.practice, self.server, self.file) {
            (Some(_), ..) => "card",
            (None, Some(_), ..) => "practice",
            (None, None, Some(_), _) => "server",
            (None, None, None, Some(_)) => "file",
            (None, None, None, None) => "installation",
        };
        format!("{last}-{}-{subject}", self.finding)
    }

    /// Whom the action is about.
    pub fn stopped(&self) -> Option<Subject> {
        self.action.as_ref().map(|step| match step.what {
            Stop::Rung { card, .. } => Subject::Card(card),
            Stop::Freeze(subject) => subject,
        })
    }
}
