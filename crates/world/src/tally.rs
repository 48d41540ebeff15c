//! How often each thing happened, for statistics.

use crate::happening::HonestWhy;

#[derive(Clone)]
pub(crate) struct Tally([u64; HonestWhy::ALL.len()]);

impl Tally {
    pub(crate) fn new() -> Tally {
        Tally([0; HonestWhy::ALL.len()])
    }

    pub(crate) fn count(&mut self, why: HonestWhy) {
        self.0[why as usize] += 1;
    }

    pub(crate) fn of(&self, why: HonestWhy) -> u64 {
        self.0[why as usize]
    }
}
