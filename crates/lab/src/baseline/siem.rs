//! A SIEM that looks every ten minutes and suspends by itself: distinct files of a card in an hour
//! and in a day, with the same limits that our system takes for impossible.

use super::{Access, Rule, Says};
use crate::defence::Card;
use std::collections::{BTreeSet, HashMap};
use terms::Role;

const INTERVAL: u64 = 600_000;

#[derive(Default)]
struct Window {
    began: u64,
    files: BTreeSet<u32>,
}

impl Window {
    fn with(&mut self, at: u64, person: u32) -> usize {
        if self.began != at {
            (self.began, self.files) = (at, BTreeSet::new());
        }
        self.files.insert(person);
        self.files.len()
    }
}

/// The rule.
#[derive(Default)]
pub struct Siem {
    counts: HashMap<Card, [Window; 2]>,
    /// Cards that the next run will suspend, and when.
    due: Vec<(u64, Card)>,
}

impl Rule for Siem {
    fn note(&mut self, access: &Access) -> Option<Says> {
        let hour = access.at.millis() / 3_600_000;
        let windows = self.counts.entry(access.card).or_default();
        let counts =
            [windows[0].with(hour, access.person), windows[1].with(hour / 24, access.person)];
        let limits = match access.role {
            Role::Doctor => [115, 180],
            Role::Nurse => [60, 92],
            Role::Receptionist => [159, 269],
            _ => [170, 424],
        };
        if counts.iter().zip(limits).any(|(count, limit)| *count > limit)
            && self.due.iter().all(|(_, card)| *card != access.card)
        {
            self.due.push((access.at.millis() / INTERVAL + 1, access.card));
        }
        // Whatever was opened before the interval was over is gone.
        let now = access.at.millis() / INTERVAL;
        let at = self.due.iter().position(|(when, _)| *when <= now)?;
        Some(Says::Stop(self.due.swap_remove(at).1))
    }
}
