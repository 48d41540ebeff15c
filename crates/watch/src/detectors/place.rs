//! One card at two places at once: through two servers, or to and fro between two devices.

use crate::register::Live;
use crate::scene::Scene;
use crate::{Alert, Level};
use std::collections::VecDeque;
use terms::{Duration, Finding, Rung, SessionId, Time};

/// Most places and changes that are kept of one card.
const PLACES_MAX: usize = 16;

#[derive(Clone, Default)]
struct Seen {
    /// Servers and devices, the latest last.
    places: VecDeque<(Time, (usize, u64))>,
    /// When it came back to one of them.
    changes: VecDeque<(Time, u64)>,
    /// The day on which it was said last.
    said: Option<u32>,
}

/// Where every card was seen last.
#[derive(Default)]
pub(crate) struct Place {
    cards: Vec<Seen>,
}

impl Place {
    /// A card acted in this session.
    pub(crate) fn acted(&mut self, card: usize, session: &SessionId, scene: &mut Scene<'_>) {
        let Some(live) = scene.register.session(session) else { return };
        if self.cards.len() <= card {
            self.cards.resize(card + 1, Seen::default());
        }
        let seen = &mut self.cards[card];
        let found = seen.at(&live, scene);
        if found && seen.said != Some(scene.day) {
            seen.said = Some(scene.day);
            let mut evidence: Vec<u64> = seen.changes.iter().map(|(_, number)| *number).collect();
            evidence.push(scene.number);
            evidence.dedup();
            let alert = scene.card(card, Finding::Place, Level::Prompt);
            scene.stop(Alert { evidence, ..alert }, Rung::StepUp, Duration::from_days(1));
        }
    }

    pub(crate) fn relax(&mut self, card: usize) {
        if let Some(seen) = self.cards.get_mut(card) {
            seen.changes.clear();
        }
    }
}

impl Seen {
    /// Takes in where the card is now; says whether that is too much. Signing in anew somewhere
    /// else is no sign of anything; coming back to where it was is.
    fn at(&mut self, live: &Live, scene: &Scene<'_>) -> bool {
        let within = scene.settings.place;
        self.changes.retain(|(at, _)| *at + within > scene.at);
        self.places.retain(|(at, ..)| *at + within > scene.at);
        let here = (live.server, live.device);
        let last = self.places.back().map(|(_, place)| *place);
        let before = self.places.iter().position(|(_, place)| *place == here);
        if let Some(before) = before {
            self.places.remove(before);
        }
        if self.places.len() == PLACES_MAX {
            self.places.pop_front();
        }
        self.places.push_back((scene.at, here));
        let Some((server, _)) = last.filter(|last| *last != here && before.is_some()) else {
            return false;
        };
        if self.changes.len() == PLACES_MAX {
            self.changes.pop_front();
        }
        self.changes.push_back((scene.at, scene.number));
        let enough = if server == live.server { scene.settings.device_changes } else { 1 };
        self.changes.len() >= enough as usize
    }
}
