//! What people say to the steps: a colleague relaxes one, two officers lift a freeze.
//!
//! Their word makes the watch forget what it counted, so it must not be had for nothing: never
//! from the card itself, and of colleagues only a few times in 30 days. What the keyholder does
//! with the step is its own matter.

use crate::scene::Scene;
use crate::{Alert, Level};
use ledger::entry::{Act, Subject};
use std::collections::VecDeque;
use terms::{CardId, Duration, Finding, Rung, Time};

/// When each card was spoken for, and whether that was said to be too often.
#[derive(Default)]
pub(crate) struct Lifting {
    cards: Vec<VecDeque<Time>>,
}

impl Lifting {
    /// The card that begins anew by this entry, if one does.
    pub(crate) fn lifted(&mut self, act: &Act, scene: &mut Scene<'_>) -> Option<usize> {
        match act {
            Act::Unfrozen(act) => match act.subject {
                Subject::Card(card) => scene.register.card(&card),
                _ => None,
            },
            Act::Stepped(act) if act.finding == Finding::Colleague => {
                let card = scene.register.card(&act.card)?;
                let lowers = act.rung != Rung::Restricted && !act.by.is_empty();
                let others = act.by.iter().all(|by| *by != act.card);
                let counts = lowers && others && self.counts(card, &act.by, scene);
                counts.then_some(card)
            }
            _ => None,
        }
    }

    fn counts(&mut self, card: usize, by: &[CardId], scene: &mut Scene<'_>) -> bool {
        if self.cards.len() <= card {
            self.cards.resize(card + 1, VecDeque::new());
        }
        let officers = by.iter().filter_map(|by| scene.register.card(by));
        let officers = officers.filter(|by| scene.register.row(*by).role == terms::Role::Officer);
        let by_officers = officers.count() > 0;
        let times = &mut self.cards[card];
        times.retain(|at| *at + Duration::from_days(30) > scene.at);
        if times.len() < scene.settings.relaxed || by_officers {
            times.push_back(scene.at);
            return true;
        }
        let alert = scene.card(card, Finding::Colleague, Level::Note);
        scene.alerts.push(Alert { score: 1.0, ..alert });
        false
    }
}
