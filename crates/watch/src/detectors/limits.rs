//! Limits that the keyholder itself held: a freeze at a hard one, soft ones reached on many days,
//! and somebody who goes on asking for strangers' files when there are no emergencies left.

use crate::scene::Scene;
use crate::{Alert, Level};
use ledger::entry::{Act, Frozen, Refused, Subject, Why};
use std::collections::VecDeque;
use terms::{Blind, Finding, Grade, Rung};

/// The days within 30 on which each card reached a soft limit, and how far it was said.
#[derive(Default)]
pub(crate) struct LimitsReached {
    cards: Vec<(VecDeque<(u32, u64)>, usize)>,
    strangers: Vec<Strangers>,
}

/// What one card did today with files that nothing explains.
#[derive(Clone, Default)]
struct Strangers {
    day: u32,
    opened: usize,
    /// Files refused by a budget that froze nothing, with the entries.
    refused: Vec<(Blind, u64)>,
}

impl LimitsReached {
    pub(crate) fn entry(&mut self, act: &Act, scene: &mut Scene<'_>) {
        match act {
            Act::Frozen(act) => frozen(act, scene),
            Act::Refused(act) if act.why == Why::StepUp => self.soft(act, scene),
            Act::Refused(act) if act.why == Why::Budget => self.refused(act, scene),
            Act::Opened(act) if act.grade == Grade::None && !act.repeat => {
                if let Some(card) = scene.register.card(&act.card) {
                    self.today(card, scene.day).opened += 1;
                }
            }
            _ => {}
        }
    }

    /// An honest person who is refused a stranger's file asks a colleague, not for the next one.
    fn refused(&mut self, act: &Refused, scene: &mut Scene<'_>) {
        let Some(card) = act.card.and_then(|card| scene.register.card(&card)) else { return };
        let Some(file) = act.file else { return };
        let (number, [opened, refused]) = (scene.number, scene.settings.strangers);
        let today = self.today(card, scene.day);
        if today.refused.len() < refused && today.refused.iter().all(|(other, _)| *other != file) {
            today.refused.push((file, number));
            if today.refused.len() == refused && today.opened >= opened {
                let evidence = today.refused.iter().map(|(_, number)| *number).collect();
                let alert = scene.card(card, Finding::Budget, Level::Review);
                let alert = Alert { evidence, ..alert };
                scene.stop(alert, Rung::Restricted, scene.settings.restricted);
            }
        }
    }

    fn today(&mut self, card: usize, day: u32) -> &mut Strangers {
        if self.strangers.len() <= card {
            self.strangers.resize(card + 1, Strangers::default());
        }
        let today = &mut self.strangers[card];
        if today.day != day {
            *today = Strangers { day, ..Strangers::default() };
        }
        today
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
