//! Steps that are worth taking: nothing that stands already, and each further restriction of the
//! same card longer than the one before.

use crate::register::Register;
use crate::{Alert, Level, Settings, Stop};
use ledger::entry::{Act, Entry};
use std::collections::VecDeque;
use terms::{Duration, Finding, Rung, Time};

/// How long a restriction makes the next one longer, and how often it doubles at most.
const REMEMBERED: Duration = Duration::from_days(60);
const DOUBLES_MAX: u32 = 4;

/// How long one finding supports another.
const SUPPORTS: Duration = Duration::from_days(14);

/// Whether this is found by counting what honest people do as well, only less.
fn is_slow(finding: Finding) -> bool {
    matches!(finding, Finding::Weak | Finding::Residual | Finding::Misses | Finding::Relating)
}

/// Whether a restriction for this is not enough by itself.
fn needs_support(finding: Finding, score: f64, settings: &Settings) -> bool {
    let weak = finding == Finding::Weak;
    is_slow(finding) && score < if weak { settings.alone_weak } else { settings.alone }
}

/// Whether colleagues are asked about it first.
fn can_wait(finding: Finding) -> bool {
    is_slow(finding) || matches!(finding, Finding::Budget | Finding::Probation)
}

/// A restriction that an officer hears of if no colleague lifts it within this time, assumed: who
/// works there is asked for help within minutes, and nobody speaks for a thief.
const UNLIFTED: Duration = Duration::from_hours(24);

/// The restrictions of every card within 60 days.
#[derive(Default)]
pub(crate) struct Stops {
    cards: Vec<VecDeque<Time>>,
    /// Alerts that an officer reads if their cards are still restricted then, the next first.
    waiting: VecDeque<(Time, usize, Alert)>,
    /// What was found about every card within 14 days, each kind once.
    found: Vec<Vec<(Finding, Time)>>,
    /// Restrictions that the entry at hand began, for their cards.
    begun: Option<(terms::CardId, Time, u64)>,
}

impl Stops {
    pub(crate) fn entry(&mut self, number: u64, entry: &Entry) {
        if let Act::Stepped(act) = &entry.act
            && act.rung == Rung::Restricted
            && act.by.is_empty()
        {
            self.begun = Some((act.card, entry.at, number));
        }
    }

    /// A restriction that was a mistake is none.
    pub(crate) fn relax(&mut self, card: usize) {
        if let Some(times) = self.cards.get_mut(card) {
            times.clear();
        }
    }

    /// Drops what stands already, and makes repeated restrictions longer.
    pub(crate) fn settle(
        &mut self,
        register: &Register,
        settings: &Settings,
        alerts: &mut Vec<Alert>,
    ) {
        if let Some((card, at, number)) = self.begun.take()
            && let Some(card) = register.card(&card)
        {
            self.of(card).push_back(at);
            let waits = self.waiting.iter_mut().rev().find(|(_, other, _)| *other == card);
            if let Some((.., alert)) = waits {
                // It rests on the restriction too, and so has another name than the first word.
                alert.evidence.push(number);
            }
        }
        alerts.retain_mut(|alert| self.worth(register, settings, alert));
    }

    fn worth(&mut self, register: &Register, settings: &Settings, alert: &mut Alert) -> bool {
        let now = alert.at;
        let Some(Stop::Rung { card, rung, lasts }) = alert.action.as_mut().map(|a| &mut a.what)
        else {
            return true;
        };
        let Some(card) = register.card(card) else { return true };
        let row = register.row(card);
        if row.is_frozen() || row.rung(now) >= *rung {
            // Whoever is stopped already is asked nothing; what else was found is noted.
            (alert.action, alert.level) = (None, Level::Note);
            return row.found(now) != Some(alert.finding);
        }
        let supported = *rung == Rung::Restricted && self.is_supported(card, alert.finding, now);
        if *rung == Rung::Restricted
            && needs_support(alert.finding, alert.score, settings)
            && !supported
        {
            // Alone it is a reason to ask for reasons.
            (*rung, *lasts) = (Rung::Reason, SUPPORTS);
            alert.level = Level::Prompt;
            return row.rung(now) < Rung::Reason;
        }
        if *rung == Rung::Restricted {
            let times = self.of(card);
            times.retain(|at| *at + REMEMBERED > now);
            let doubles = u32::try_from(times.len()).unwrap_or(DOUBLES_MAX).min(DOUBLES_MAX);
            *lasts = Duration::from_millis(settings.restricted.millis() << doubles);
            *lasts = (*lasts).min(decision::Step::LASTS_MAX);
            if can_wait(alert.finding) {
                let later = Alert { at: now + UNLIFTED, action: None, ..alert.clone() };
                self.waiting.push_back((later.at, card, later));
                alert.level = Level::Prompt;
            }
        }
        true
    }

    /// The next alert about a card that is still restricted a day later.
    pub(crate) fn unlifted(&mut self, now: Time, register: &Register) -> Option<Alert> {
        while self.waiting.front().is_some_and(|(due, ..)| *due <= now) {
            let (due, card, alert) = self.waiting.pop_front()?;
            let row = register.row(card);
            if row.rung(due) == Rung::Restricted && !row.is_frozen() {
                return Some(alert);
            }
        }
        None
    }

    /// Remembers that this was found about the card; says whether something else was lately.
    fn is_supported(&mut self, card: usize, finding: Finding, now: Time) -> bool {
        if self.found.len() <= card {
            self.found.resize(card + 1, Vec::new());
        }
        let found = &mut self.found[card];
        found.retain(|(other, at)| *at + SUPPORTS > now && *other != finding);
        let supported = !found.is_empty();
        found.push((finding, now));
        supported
    }

    fn of(&mut self, card: usize) -> &mut VecDeque<Time> {
        if self.cards.len() <= card {
            self.cards.resize(card + 1, VecDeque::new());
        }
        &mut self.cards[card]
    }
}
