//! Identifier walk: look-ups of identifiers it makes up, to learn whose exist.

use super::rhythm::{Rhythm, days_after};
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy};
use crate::chance::Chance;
use terms::Time;

/// Three guesses a day to one a second; 5 % to half of the made-up identifiers are somebody's,
/// as with card numbers that count upwards. Assumed.
pub(super) fn ranges() -> Ranges {
    let usual = Family::Walk.usual([3.0, 86_400.0], &[[1.0, 0.0, 0.0]]);
    Ranges { density: [0.05, 0.5], rest: [0.0, 0.0], days: [60.0, 60.0], ..usual }
}

struct Walker {
    rhythm: Rhythm,
    chance: Chance,
    end: Time,
    next: Time,
    signed_in: bool,
}

impl Strategy for Walker {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        let act = if now >= self.end {
            Act::End
        } else if !self.signed_in || saw == Saw::StepUp {
            self.signed_in = true;
            Act::SignIn
        } else if now < self.next {
            Act::Wait(self.next)
        } else {
            self.next = self.rhythm.after(now, &mut self.chance);
            Act::Guess
        };
        Move { member: 0, act }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let Plan { per_day, hours, workdays, .. } = *plan;
    let mut chance = Chance::new(seed);
    let rhythm = Rhythm { per_day, hours, workdays };
    let next = rhythm.after(start, &mut chance);
    let end = days_after(start, plan.days);
    Box::new(Walker { rhythm, chance, end, next, signed_in: false })
}
