//! Rogue officer: a stolen card, and one officer of its practice who confirms and relaxes for it.

use super::taker::Taker;
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy};
use terms::Time;

/// As the paced thefts, one to twenty a day, strangers and own list. Member 1 is the officer.
pub(super) fn ranges() -> Ranges {
    let victims = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]];
    let usual = Family::Officer.usual([1.0, 20.0], &victims);
    Ranges { members: Some([2, 2]), ..usual }
}

struct Officer {
    taker: Taker,
    help: Option<Act>,
    saw: Saw,
    helping: bool,
}

impl Strategy for Officer {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        if !self.helping {
            self.saw = saw;
            self.help = match saw {
                Saw::Opened => Some(Act::Confirm(0)),
                Saw::StepUp | Saw::AskedReason | Saw::Refused => Some(Act::Relax(0)),
                _ => None,
            };
        }
        if let Some(act) = self.help.take() {
            self.helping = true;
            return Move { member: 1, act };
        }
        self.helping = false;
        Move { member: 0, act: self.taker.act(now, self.saw) }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let taker = Taker::new(plan, seed, start);
    Box::new(Officer { taker, help: None, saw: Saw::Nothing, helping: false })
}
