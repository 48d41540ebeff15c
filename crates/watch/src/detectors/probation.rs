//! New cards: what is not strongly explained stays small in the first days, and many cards by the
//! same officers in a day are looked at.
//!
//! Cards that one officer issued alone count as one: whoever issues cards to himself gains nothing
//! by the next. A second officer's signature gives each card its own room.

use crate::scene::{Opening, Scene};
use crate::{Alert, Level};
use ledger::entry::CardIssued;
use std::collections::{HashMap, VecDeque};
use terms::{CardId, Duration, Finding, Grade, Rung, Time};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const WEEKS: Duration = Duration::from_days(14);
const MONTH: Duration = Duration::from_days(30);
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
    /// Who issued each card alone, and what the cards of each such officer opened.
    alone: HashMap<usize, CardId>,
    pools: HashMap<CardId, New>,
}

#[derive(Default)]
struct New {
    /// The cards that one officer issued alone.
    issued: VecDeque<(Time, u64)>,
    opened: VecDeque<(Time, u64)>,
    /// The day on which it was said.
    said: Option<u32>,
}

impl Probation {
    pub(crate) fn new() -> Probation {
        let limits = decision::Limits::default().roles;
        let (cards, officers) = (HashMap::new(), HashMap::new());
        Probation { limits, cards, officers, alone: HashMap::new(), pools: HashMap::new() }
    }

    pub(crate) fn issued(&mut self, act: &CardIssued, scene: &mut Scene<'_>) {
        let Some(officer) = act.by.iter().min() else { return };
        // At the beginning there is one officer, who issues everybody's.
        let founding = scene.register.began() + MONTH > scene.at;
        if let ([officer], Some(card), false) =
            (&act.by[..], scene.register.card(&act.card), founding)
        {
            self.alone.insert(card, *officer);
            self.told(*officer, scene);
        }
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

    /// One officer issued one more card alone: others have to hear of many.
    fn told(&mut self, by: CardId, scene: &mut Scene<'_>) {
        let issued = &mut self.pools.entry(by).or_default().issued;
        issued.retain(|(at, _)| *at + MONTH > scene.at);
        issued.push_back((scene.at, scene.number));
        if issued.len() == scene.settings.cards_alone
            && let Some(officer) = scene.register.card(&by)
        {
            let evidence = issued.iter().map(|(_, number)| *number).collect();
            let alert = scene.card(officer, Finding::Probation, Level::Review);
            scene.alerts.push(Alert { evidence, ..alert });
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
        let allowed = f64::from(scene.settings.probation_percent) / 100.0;
        let limits =
            self.limits[row.role as usize].map(|most| (f64::from(most) * allowed).max(1.0));
        let own = self.cards.entry(opening.card).or_default();
        let mut said = own.opened(limits, scene);
        let by = self.alone.get(&opening.card).copied();
        if let Some(by) = by
            && let Some(pooled) = self.pools.entry(by).or_default().opened(limits, scene)
        {
            if let Some(officer) = scene.register.card(&by) {
                let alert = scene.card(officer, Finding::Probation, Level::Review);
                scene.alerts.push(Alert { evidence: pooled.1.clone(), ..alert });
            }
            said = said.or(Some(pooled));
        }
        if let Some((score, evidence)) = said {
            let alert = scene.card(opening.card, Finding::Probation, Level::Review);
            let alert = Alert { score, evidence, ..alert };
            scene.stop(alert, Rung::Restricted, scene.settings.restricted);
        }
    }

    /// Lets go of cards that are no longer new.
    pub(crate) fn purge(&mut self, now: Time) {
        self.cards.retain(|_, new| new.opened.back().is_some_and(|(at, _)| *at + WEEKS > now));
        self.pools.retain(|_, all| {
            let last = all.opened.back().max(all.issued.back());
            last.is_some_and(|(at, _)| *at + MONTH > now)
        });
        self.officers.retain(|_, issued| issued.back().is_some_and(|(at, _)| *at + DAY > now));
    }
}

impl New {
    /// One more opening; says how strong it is and on what it rests, once a day, if that is too
    /// much.
    fn opened(&mut self, limits: [f64; 6], scene: &Scene<'_>) -> Option<(f64, Vec<u64>)> {
        self.opened.retain(|(at, _)| *at + MONTH > scene.at);
        if self.opened.len() == OPENED_MAX {
            self.opened.pop_front();
        }
        self.opened.push_back((scene.at, scene.number));
        let within = |span| self.opened.iter().filter(|(at, _)| *at + span > scene.at).count();
        let counts = [within(HOUR), within(DAY), self.opened.len() / DAYS];
        let scores = counts.into_iter().zip(WINDOWS).map(|(n, window)| n as f64 / limits[window]);
        let score = scores.fold(0.0, f64::max);
        if self.said == Some(scene.day) || score <= 1.0 {
            return None;
        }
        self.said = Some(scene.day);
        Some((score, self.opened.iter().rev().take(12).rev().map(|(_, n)| *n).collect()))
    }
}
