//! Excuses: an insider who makes up reasons, writes notes afterwards and signs bookings with the
//! own card. None of it makes a relation.

use super::taker::Taker;
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy};
use terms::Time;

/// One in five days to five a day, each with a reason. Assumed.
pub(super) fn ranges() -> Ranges {
    let victims = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 1.0, 0.0]];
    let usual = Family::Excuses.usual([0.2, 5.0], &victims);
    Ranges { excuses: [1.0, 1.0], hours: vec![[8, 18]], workdays: 1.0, ..usual }
}

struct Excuses {
    taker: Taker,
    /// What it still does to the file it opened: a booking before, a note after.
    after: Vec<Act>,
    saw: Saw,
    busy: bool,
}

impl Strategy for Excuses {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        if !self.busy {
            self.saw = saw;
        }
        if saw == Saw::Opened && !self.busy {
            self.after = vec![Act::Book, Act::Note];
        }
        if let Some(act) = self.after.pop() {
            self.busy = true;
            return Move { member: 0, act };
        }
        self.busy = false;
        Move { member: 0, act: self.taker.act(now, self.saw) }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let taker = Taker::new(plan, seed, start);
    Box::new(Excuses { taker, after: Vec::new(), saw: Saw::Nothing, busy: false })
}
