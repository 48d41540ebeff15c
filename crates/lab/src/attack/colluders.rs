//! Colluders: twenty cards that share the work, confirm each other's emergencies and relax each
//! other's rungs.

use super::taker::Gang;
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy};
use crate::chance::Chance;
use terms::Time;

/// Twenty cards, each at one in five days to ten a day. Assumed.
pub(super) fn ranges() -> Ranges {
    let victims = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]];
    let usual = Family::Colluders.usual([0.2, 10.0], &victims);
    Ranges { members: Some([20, 20]), ..usual }
}

struct Colluders {
    gang: Gang,
    chance: Chance,
    members: usize,
    /// Who needs help: confirm what it opened, or lower its rung.
    help: Option<Act>,
    helping: bool,
}

impl Strategy for Colluders {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        let mut saw = saw;
        if self.helping {
            self.helping = false;
            saw = Saw::Nothing;
        }
        if let Some(act) = self.help.take() {
            let of = match act {
                Act::Confirm(of) | Act::Relax(of) => of,
                _ => 0,
            };
            let by = (of + 1 + self.chance.below(self.members.max(2) - 1)) % self.members;
            self.helping = true;
            return Move { member: by, act };
        }
        let moved = self.gang.act(now, saw);
        // What a stranger's file took is confirmed at once; a question is a sign of a rung.
        self.help = match (saw, moved.act) {
            (_, Act::Open { emergency: true, .. }) => Some(Act::Confirm(moved.member)),
            (_, Act::SignIn) => Some(Act::Relax(moved.member)),
            _ => None,
        };
        moved
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let (gang, members) = (Gang::new(plan, seed, start), plan.members.max(1) as usize);
    let chance = Chance::of(seed, 99);
    Box::new(Colluders { gang, chance, members, help: None, helping: false })
}
