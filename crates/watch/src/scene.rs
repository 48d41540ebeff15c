//! What every detector sees of one entry, and where it puts what it found.

use crate::register::Register;
use crate::settings::Settings;
use crate::track::{Far, Reached, Whose};
use crate::{Alert, Level, Step, Stop};
use ledger::entry::Subject;
use terms::{Blind, Duration, Finding, Grade, Rung, Time};

const DAY_MILLIS: u64 = 86_400_000;

/// The number of a day, in UTC.
pub(crate) fn day_of(at: Time) -> u32 {
    u32::try_from(at.millis() / DAY_MILLIS).unwrap_or(u32::MAX - 1)
}

/// One moment of the ledger.
pub(crate) struct Scene<'a> {
    pub(crate) number: u64,
    pub(crate) at: Time,
    pub(crate) day: u32,
    pub(crate) settings: &'a Settings,
    pub(crate) register: &'a Register,
    pub(crate) alerts: &'a mut Vec<Alert>,
}

/// An opening by somebody who works there, that is no repetition of the same day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) card: usize,
    pub(crate) practice: usize,
    pub(crate) server: Option<usize>,
    pub(crate) file: Blind,
    pub(crate) grade: Grade,
    pub(crate) close: bool,
    /// Nobody of the practice opened it lately.
    pub(crate) new: bool,
}

impl Scene<'_> {
    /// The tracks of a card.
    pub(crate) fn whose(&self, card: usize) -> Whose {
        let row = self.register.row(card);
        Whose::card(card, row, self.register.is_suspected(row.practice, self.at))
    }

    /// An alert about a card.
    pub(crate) fn card(&self, card: usize, finding: Finding, level: Level) -> Alert {
        let row = self.register.row(card);
        let practice = Some(self.register.practice(row.practice));
        Alert { card: Some(row.id), practice, ..self.alert(finding, level) }
    }

    /// An alert about nobody yet, resting on this entry.
    pub(crate) fn alert(&self, finding: Finding, level: Level) -> Alert {
        Alert {
            at: self.at,
            finding,
            level,
            card: None,
            practice: None,
            server: None,
            file: None,
            evidence: vec![self.number],
            action: None,
            score: 1.0,
        }
    }

    /// Says that a card is to stand on a rung.
    pub(crate) fn stop(&mut self, alert: Alert, rung: Rung, lasts: Duration) {
        let action = alert.card.map(|card| {
            let what = Stop::Rung { card, rung, lasts };
            Step { what, finding: alert.finding }
        });
        self.alerts.push(Alert { action, ..alert });
    }

    /// Says that a practice or server is to be frozen.
    pub(crate) fn freeze(&mut self, alert: Alert, subject: Subject) {
        let action = Some(Step { what: Stop::Freeze(subject), finding: alert.finding });
        self.alerts.push(Alert { action, ..alert });
    }

    /// What follows for a card from a test's thresholds: first sign in again, then be restricted;
    /// at the second only if another finding supports it.
    pub(crate) fn reached(&mut self, card: usize, finding: Finding, reached: Reached) {
        let Reached { far, score, evidence } = reached;
        let level = if far == Far::First { Level::Prompt } else { Level::Review };
        let alert = Alert { score, evidence, ..self.card(card, finding, level) };
        match far {
            Far::First => self.stop(alert, Rung::StepUp, Duration::from_days(1)),
            // What is not enough by itself is weighed with what else was found.
            Far::Second | Far::Third => {
                self.stop(alert, Rung::Restricted, self.settings.restricted);
            }
        }
    }
}
