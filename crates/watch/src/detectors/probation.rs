//! New cards: what is not strongly explained stays small in the first days, and many cards by the
//! same officers in a day are looked at.

use crate::scene::{Opening, Scene};
use crate::{Alert, Level};
use ledger::entry::CardIssued;
use std::collections::{HashMap, VecDeque};
use terms::{CardId, Duration, Finding, Grade, Rung, Time};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEKS: Duration = Duration::from_days(14);
/// The windows of [`decision::Limits`] that are looked at: an hour, a day, and all days.
const WINDOWS: [usize; 3] = [3, 4, 4];
/// All days of probation together may be as much as so many.
const DAYS: usize = 2;
/// Most openings that are kept of one card.
const OPENED_MAX: usize = 512;

/// The latest openings of cards on probation, and the latest cards of officers.
pub(crate) struct Probation {
    limits: [[u32; 6]; 9],
    cards: HashMap<usize, New>,
    officers: HashMap<CardId, VecDeque<(Time, u64)>>,
}

#[derive(Default)]
struct New {
    opened: VecDeque<(Time, u64)>,
    /// The day on which it was said.
    said: Option<u32>,
}

impl Probation {
    pub(crate) fn new() -> Probation {
        let limits = decision::Limits::default().roles;
        Probation { limits, cards: HashMap::new(), officers: HashMap::new() }
    }

    pub(crate) fn issued(&mut self, act: &CardIssued, scene: &mut Scene<'_>) {
        let Some(officer) = act.by.iter().min() else { return };
        let issued = self.officers.entry(*officer).or_default();
        issued.retain(|(at, _)| *at + DAY > scene.at);
        issued.push_back((scene.at, scene.number));
        let most = scene.settings.cards_a_day;
        if issued.len() > most {
            let evidence = issued.drain(..).map(|(_, number)| number).collect();
            let alert = scene.alert(Finding::Probation, Level::Note);
            let practice = scene.register.practice_number(&act.practice);
            let practice = practice.map(|practice| scene.register.practice(practice));
            scene.alerts.push(Alert { practice, evidence, ..alert });
        }
    }

    pub(crate) fn opened(&mut self, opening: &Opening, scene: &mut Scene<'_>) {
        let row = scene.register.row(opening.card);
        if !row.ordered
            || row.issued + scene.settings.probation <= scene.at
            || opening.grade == Grade::Strong
        {
            return;
        }
        let limits = self.limits[row.role as usize];
        let new = self.cards.entry(opening.card).or_default();
        if new.opened.len() == OPENED_MAX {
            new.opened.pop_front();
        }
        new.opened.push_back((scene.at, scene.number));
        let hour = new.opened.iter().filter(|(at, _)| *at + HOUR > scene.at).count();
        let day = new.opened.iter().filter(|(at, _)| *at + DAY > scene.at).count();
        let counts = [hour, day, new.opened.len() / DAYS];
        let allowed = f64::from(scene.settings.probation_percent) / 100.0;
        let score = counts
            .into_iter()
            .zip(WINDOWS)
            .map(|(count, window)| count as f64 / (f64::from(limits[window]) * allowed).max(1.0));
        let score = score.fold(0.0, f64::max);
        if new.said != Some(scene.day) && score > 1.0 {
            new.said = Some(scene.day);
            let evidence = new.opened.iter().rev().take(12).rev().map(|(_, n)| *n).collect();
            let alert = scene.card(opening.card, Finding::Probation, Level::Review);
            let alert = Alert { score, evidence, ..alert };
            scene.stop(alert, Rung::Restricted, scene.settings.restricted);
        }
    }

    /// Lets go of cards that are no longer new.
    pub(crate) fn purge(&mut self, now: Time) {
        self.cards.retain(|_, new| new.opened.back().is_some_and(|(at, _)| *at + WEEKS > now));
        self.officers.retain(|_, issued| issued.back().is_some_and(|(at, _)| *at + DAY > now));
    }
}
