//! Limits that the keyholder itself held: a freeze at a hard one, and soft ones reached on many
//! days.

use crate::scene::Scene;
use crate::{Alert, Level};
use ledger::entry::{Act, Frozen, Refused, Subject, Why};
use std::collections::VecDeque;
use terms::Finding;

/// The days within 30 on which each card reached a soft limit, and how far it was said.
#[derive(Default)]
pub(crate) struct LimitsReached {
    cards: Vec<(VecDeque<(u32, u64)>, usize)>,
}

impl LimitsReached {
    pub(crate) fn entry(&mut self, act: &Act, scene: &mut Scene<'_>) {
        match act {
            Act::Frozen(act) => frozen(act, scene),
            Act::Refused(act) if act.why == Why::StepUp => self.soft(act, scene),
            _ => {}
        }
    }

    fn soft(&mut self, act: &Refused, scene: &mut Scene<'_>) {
        let Some(card) = act.card.and_then(|card| scene.register.card(&card)) else { return };
        if self.cards.len() <= card {
            self.cards.resize(card + 1, Default::default());
        }
        let (days, said) = &mut self.cards[card];
        if days.back().is_some_and(|(day, _)| *day == scene.day) {
            return;
        }
        while days.front().is_some_and(|(day, _)| day + 30 <= scene.day) {
            days.pop_front();
        }
        if days.is_empty() {
            *said = 0;
        }
        days.push_back((scene.day, scene.number));
        let limits = scene.settings.soft_days;
        let reached = limits.iter().filter(|most| days.len() >= **most).count();
        if reached > *said {
            *said = reached;
            let level = if reached == limits.len() { Level::Review } else { Level::Note };
            let evidence = days.iter().map(|(_, number)| *number).collect();
            let alert = scene.card(card, Finding::Budget, level);
            scene.alerts.push(Alert { evidence, ..alert });
        }
    }
}

/// The keyholder froze by a limit: an officer has to look.
fn frozen(act: &Frozen, scene: &mut Scene<'_>) {
    if act.why != Some(Why::Budget) {
        return;
    }
    let alert = match act.subject {
        Subject::Card(card) => {
            let Some(card) = scene.register.card(&card) else { return };
            scene.card(card, Finding::Budget, Level::Review)
        }
        Subject::Practice(practice) => {
            let alert = scene.alert(Finding::Budget, Level::Review);
            Alert { practice: Some(practice), ..alert }
        }
        Subject::Server(server) => {
            let alert = scene.alert(Finding::Budget, Level::Review);
            Alert { server: Some(server), ..alert }
        }
    };
    let evidence = vec![scene.number.saturating_sub(1), scene.number];
    scene.alerts.push(Alert { evidence, ..alert });
}
