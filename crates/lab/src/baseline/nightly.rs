//! Nightly rules, as hospitals run them: a colleague's or a relative's file, more than 200 files a
//! day. Humans read the worst first, as many as they can.

use super::{Access, Readers, Rule, Says, is_night_run};
use crate::defence::Card;
use std::collections::{BTreeMap, BTreeSet};
use terms::Time;

/// More files than this in a day are looked at (Boxwala et al., 2011).
const MANY: usize = 200;

/// The rules.
#[derive(Default)]
pub struct Nightly {
    today: BTreeMap<Card, (BTreeSet<u32>, u32)>,
    readers: Readers,
}

impl Rule for Nightly {
    fn note(&mut self, access: &Access) -> Option<Says> {
        self.readers.saw(access.card);
        let (files, close) = self.today.entry(access.card).or_default();
        if files.insert(access.person) {
            *close += u32::from(access.close);
        }
        None
    }

    fn hour(&mut self, now: Time) -> Vec<Says> {
        if !is_night_run(now) {
            return Vec::new();
        }
        let flags = std::mem::take(&mut self.today).into_iter().filter_map(|(card, day)| {
            let score =
                f64::from(day.1) + if day.0.len() > MANY { day.0.len() as f64 } else { 0.0 };
            (score > 0.0).then_some((score, card))
        });
        self.readers.read(flags.collect())
    }
}
