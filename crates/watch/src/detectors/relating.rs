//! Many relations made by one card: whoever can make them can make explanations for others.

use crate::scene::Scene;
use crate::settings::Settings;
use crate::track::Bank;
use ledger::entry::Related;
use terms::{Finding, Role};

/// Relations a day, of every card that makes some.
pub(crate) struct Relating {
    bank: Bank,
}

impl Relating {
    pub(crate) fn new(settings: &Settings) -> Relating {
        Relating {
            bank: Bank::new(settings.relating, [settings.first, settings.second], settings.alone),
        }
    }

    pub(crate) fn related(&mut self, act: &Related, scene: &mut Scene<'_>) {
        let Some(card) = scene.register.card(&act.by).filter(|_| act.until > scene.at) else {
            return;
        };
        // A patient speaks for one file alone.
        if scene.register.row(card).role == Role::Patient {
            return;
        }
        let who = scene.whose(card);
        if let Some(reached) = self.bank.count(who, scene.day, scene.number, scene.settings) {
            scene.reached(card, Finding::Relating, reached);
        }
    }

    pub(crate) fn relax(&mut self, card: usize, scene: &Scene<'_>) {
        self.bank.relax(scene.whose(card), scene.settings);
    }
}
