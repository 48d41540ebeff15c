//! Snooper: staff who look at somebody they know, without a word or with a made-up reason.

use super::rhythm::{Rhythm, days_after};
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy, Victim};
use crate::chance::Chance;
use terms::Time;

/// A file in two weeks to one a day, for up to half a year: most do it once, and a fifth again
/// within three months (Protenus, 2018). Three quarters of the victims are family.
pub(super) fn ranges(family: Family) -> Ranges {
    let usual = family.usual([0.07, 1.0], &[[0.0, 1.0, 0.0]]);
    Ranges { days: [1.0, 180.0], hours: vec![[8, 18]], workdays: 1.0, ..usual }
}

struct Snooper {
    rhythm: Rhythm,
    chance: Chance,
    end: Time,
    next: Time,
    /// Makes up a reason when asked for one, and an emergency where there is no relation.
    lies: bool,
    signed_in: bool,
    /// How often it has tried for the same file.
    tries: u8,
}

impl Snooper {
    fn act(&mut self, now: Time, saw: Saw) -> Act {
        let open = |victim, emergency, excuse| Act::Open { victim, emergency, excuse };
        match saw {
            _ if now >= self.end && self.tries == 0 => return Act::End,
            Saw::StepUp if self.tries == 1 => {
                self.tries = 2;
                return Act::SignIn;
            }
            Saw::Done if self.tries == 2 => {
                self.tries = 3;
                return open(Victim::Same, false, self.lies);
            }
            Saw::AskedReason if self.lies && self.tries < 3 => {
                self.tries = 3;
                return open(Victim::Same, false, true);
            }
            Saw::Refused if self.lies && self.tries < 4 && self.tries > 0 => {
                self.tries = 4;
                return open(Victim::Same, true, true);
            }
            _ => self.tries = 0,
        }
        if !self.signed_in {
            self.signed_in = true;
            return Act::SignIn;
        }
        if now < self.next {
            return Act::Wait(self.next);
        }
        self.next = self.rhythm.after(now, &mut self.chance);
        self.tries = 1;
        open(Victim::Known, false, false)
    }
}

impl Strategy for Snooper {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        Move { member: 0, act: self.act(now, saw) }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let Plan { per_day, hours, workdays, .. } = *plan;
    let mut chance = Chance::new(seed);
    let rhythm = Rhythm { per_day, hours, workdays };
    let next = rhythm.after(start, &mut chance);
    let end = days_after(next, plan.days);
    let lies = plan.family == Family::SnooperExcuse;
    Box::new(Snooper { rhythm, chance, end, next, lies, signed_in: false, tries: 0 })
}
