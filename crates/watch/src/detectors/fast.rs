//! Suddenly more openings that nothing, or little, explains.

use crate::scene::{Opening, Scene};
use crate::settings::Settings;
use crate::track::Bank;
use terms::{Finding, Grade};

/// How much sooner what nothing explains restricts a card: the limits of emergencies keep what is
/// usual there small, assumed.
const SUDDEN: f64 = 6.0;

/// Two rates of every card: openings a day that nothing explains, and that little does.
pub(crate) struct Fast {
    unexplained: Bank,
    weak: Bank,
}

impl Fast {
    pub(crate) fn new(settings: &Settings) -> Fast {
        let (sudden, second) = (settings.second / SUDDEN, settings.second);
        Fast {
            // What nothing explains needs no other sign.
            unexplained: Bank::new(settings.unexplained, [settings.first, sudden], 1.0),
            weak: Bank::new(settings.weak, [settings.first, second], settings.alone_weak),
        }
    }

    pub(crate) fn opened(&mut self, opening: &Opening, scene: &mut Scene<'_>) {
        let who = scene.whose(opening.card);
        self.unexplained.touch(who, scene.day, scene.settings);
        self.weak.touch(who.unsuspected(), scene.day, scene.settings);
        let (bank, who, finding) = match opening.grade {
            // A case that several look at is one: it counts for whoever came first.
            Grade::None if !opening.new => return,
            Grade::None => (&mut self.unexplained, who, Finding::Unexplained),
            Grade::Weak => (&mut self.weak, who.unsuspected(), Finding::Weak),
            Grade::Strong => return,
        };
        if let Some(reached) = bank.count(who, scene.day, scene.number, scene.settings) {
            scene.reached(opening.card, finding, reached);
        }
    }

    pub(crate) fn relax(&mut self, card: usize, scene: &Scene<'_>) {
        for bank in [&mut self.unexplained, &mut self.weak] {
            bank.relax(scene.whose(card), scene.settings);
        }
    }
}
