//! Look-ups that find nobody. The keyholder itself stops a walk through numbers at the fourth
//! miss in a row; this finds the one that makes two misses a day, day after day.

use crate::scene::Scene;
use crate::settings::Settings;
use crate::track::Bank;
use crate::{Alert, Level};
use ledger::entry::{Act, Found, Frozen, LookUp, Subject, Why};
use terms::{Finding, Role};

/// Misses a day, of every card.
pub(crate) struct Misses {
    bank: Bank,
}

impl Misses {
    pub(crate) fn new(settings: &Settings) -> Misses {
        Misses {
            bank: Bank::new(settings.misses, [settings.first, settings.second], settings.alone),
        }
    }

    pub(crate) fn entry(&mut self, act: &Act, scene: &mut Scene<'_>) {
        match act {
            Act::Found(act) => self.found(act, scene),
            Act::Frozen(act) => frozen(act, scene),
            _ => {}
        }
    }

    pub(crate) fn relax(&mut self, card: usize, scene: &Scene<'_>) {
        self.bank.relax(scene.whose(card), scene.settings);
    }

    fn found(&mut self, act: &Found, scene: &mut Scene<'_>) {
        let Some(card) = scene.register.card(&act.card) else { return };
        // Machines work through lists of people of whom many are new.
        let role = scene.register.row(card).role;
        if matches!(role, Role::Laboratory | Role::System | Role::Importer) {
            return;
        }
        let who = scene.whose(card);
        self.bank.touch(who, scene.day, scene.settings);
        let missed = act.shown.is_empty() && act.told.is_empty();
        if missed
            && act.by == LookUp::Identifier
            && let Some(reached) = self.bank.count(who, scene.day, scene.number, scene.settings)
        {
            scene.reached(card, Finding::Misses, reached);
        }
    }
}

fn frozen(act: &Frozen, scene: &mut Scene<'_>) {
    if let (Subject::Card(card), Some(Why::Enumeration)) = (act.subject, act.why)
        && let Some(card) = scene.register.card(&card)
    {
        let evidence = vec![scene.number.saturating_sub(1), scene.number];
        let alert = scene.card(card, Finding::Misses, Level::Review);
        scene.alerts.push(Alert { evidence, ..alert });
    }
}
