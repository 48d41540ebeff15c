//! Many who open one file without a good explanation, or try to: somebody the town talks about.
//!
//! The keyholder lets few open a file that nothing explains, so a crowd shows in those whom it
//! refused: a late referral brings a handful of colleagues, curiosity everybody.

use crate::scene::{Opening, Scene};
use crate::{Alert, Level};
use ledger::entry::{Refused, Why};
use std::collections::HashMap;
use terms::{Blind, Duration, Finding, Grade, Time};

const MONTH: Duration = Duration::from_days(30);
/// How long a refusal counts: curiosity passes, assumed.
const CURIOUS: Duration = Duration::from_days(3);
/// Most openers that are kept of one file.
const OPENERS_MAX: usize = 64;

#[derive(Default)]
struct Openers {
    /// Card, last time, whether weakly explained, and the entry.
    cards: Vec<(usize, Time, bool, u64)>,
    /// The number of openers at which it is said again.
    next: usize,
    /// Cards that were refused it, with the latest time and entry.
    refused: Vec<(usize, Time, u64)>,
    /// An officer was told of those.
    told: bool,
}

/// Who opened what without a good explanation, within 30 days.
#[derive(Default)]
pub(crate) struct Crowd {
    files: HashMap<Blind, Openers>,
}

impl Crowd {
    pub(crate) fn opened(&mut self, opening: &Opening, scene: &mut Scene<'_>) {
        if opening.grade == Grade::Strong {
            return;
        }
        let openers = self.files.entry(opening.file).or_default();
        openers.purge(scene.at);
        let weak = opening.grade == Grade::Weak;
        let before = openers.cards.iter().position(|(card, ..)| *card == opening.card);
        let was_unexplained = before.is_some_and(|at| !openers.cards.remove(at).2);
        if openers.cards.len() == OPENERS_MAX {
            openers.cards.remove(0);
        }
        let weak = weak && !was_unexplained;
        openers.cards.push((opening.card, scene.at, weak, scene.number));
        let unexplained = openers.cards.iter().filter(|(_, _, weak, _)| !weak).count();
        let (crowd, all) = (scene.settings.crowd, openers.cards.len());
        let share = |count: usize, most: usize| count as f64 / (most + 1) as f64;
        let most = share(unexplained, crowd).max(share(all, scene.settings.crowd_weak));
        if most >= 1.0 && all >= openers.next {
            openers.next = 2 * all;
            let evidence = openers.cards.iter().rev().take(12).rev().map(|(.., n)| *n).collect();
            // A practice's own staff, with substitutes, may be many, and a relation come late.
            let alert = scene.alert(Finding::Crowd, Level::Note);
            scene.alerts.push(Alert { file: Some(opening.file), evidence, score: most, ..alert });
        }
    }

    /// Somebody was refused a file.
    pub(crate) fn refused(&mut self, act: &Refused, scene: &mut Scene<'_>) {
        let curious = matches!(act.why, Why::NoRelation | Why::Openers | Why::Weak | Why::Reason);
        let card = act.card.and_then(|card| scene.register.card(&card));
        let (Some(card), Some(file)) = (card.filter(|_| curious), act.file) else { return };
        let openers = self.files.entry(file).or_default();
        openers.purge(scene.at);
        openers.refused.retain(|(other, ..)| *other != card);
        if openers.refused.len() == OPENERS_MAX {
            openers.refused.remove(0);
        }
        openers.refused.push((card, scene.at, scene.number));
        let most = scene.settings.crowd_refused;
        if openers.beyond(scene) > most && !openers.told {
            openers.told = true;
            let evidence = openers.refused.iter().rev().take(12).rev().map(|(.., n)| *n).collect();
            let alert = scene.alert(Finding::Crowd, Level::Review);
            scene.alerts.push(Alert { file: Some(file), evidence, ..alert });
        }
    }

    pub(crate) fn purge(&mut self, now: Time) {
        self.files.retain(|_, openers| {
            openers.purge(now);
            !(openers.cards.is_empty() && openers.refused.is_empty())
        });
    }

    pub(crate) fn held(&self) -> usize {
        self.files.len()
    }
}

impl Openers {
    /// How many were refused who are not of the one practice that asked most: a ward whose
    /// admission is recorded late is no crowd.
    fn beyond(&self, scene: &Scene<'_>) -> usize {
        let mut practices: HashMap<usize, usize> = HashMap::new();
        for (card, ..) in &self.refused {
            *practices.entry(scene.register.row(*card).practice).or_default() += 1;
        }
        self.refused.len() - practices.into_values().max().unwrap_or(0)
    }

    fn purge(&mut self, now: Time) {
        self.cards.retain(|(_, at, ..)| *at + MONTH > now);
        self.refused.retain(|(_, at, _)| *at + CURIOUS > now);
        if self.cards.is_empty() {
            self.next = 0;
        }
        self.told &= !self.refused.is_empty();
    }
}
