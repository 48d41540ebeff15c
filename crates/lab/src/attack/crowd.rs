//! Crowd: somebody famous is in the news, and everybody with a card looks.

use super::rhythm::days_after;
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy, Victim};
use crate::chance::Chance;
use terms::Time;

/// 40 to 120 curious people within three days: 85 did at the Haga hospital in 2018.
pub(super) fn ranges() -> Ranges {
    let usual = Family::Crowd.usual([1.0, 1.0], &[[1.0, 0.0, 0.0]]);
    Ranges { members: Some([40, 120]), days: [3.0, 3.0], excuses: [0.0, 1.0], ..usual }
}

struct Crowd {
    /// Who comes when, the last first, and whether it makes up a reason when asked.
    curious: Vec<(Time, usize, bool)>,
    tries: u8,
}

impl Strategy for Crowd {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        let Some((at, member, lies)) = self.curious.last().copied() else {
            return Move { member: 0, act: Act::End };
        };
        if now < at {
            return Move { member, act: Act::Wait(at) };
        }
        let open = |emergency| Act::Open { victim: Victim::Famous, emergency, excuse: emergency };
        self.tries += 1;
        let act = match (self.tries, saw) {
            (1, _) => Act::SignIn,
            (2, _) => open(false),
            (3, Saw::Refused | Saw::AskedReason) if lies => open(true),
            _ => {
                self.tries = 0;
                self.curious.pop();
                return self.next(now, Saw::Nothing);
            }
        };
        Move { member, act }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let mut chance = Chance::new(seed);
    let mut curious: Vec<_> = (0..plan.members as usize)
        .map(|member| {
            let at = days_after(start, chance.unit() * plan.days);
            (at, member, chance.with(plan.excuses))
        })
        .collect();
    curious.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    Box::new(Crowd { curious, tries: 0 })
}
