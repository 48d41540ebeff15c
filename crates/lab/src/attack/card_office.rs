//! Rogue card office: one officer issues cards to people who do not exist, and takes files with
//! each of them until it works no more.

use super::rhythm::days_after;
use super::taker::Taker;
use super::{Act, Family, Move, Plan, Ranges, Saw, Strategy};
use crate::chance::Chance;
use terms::Time;

/// Three to twenty cards, each at one to forty a day. Member 0 is the officer. Assumed.
pub(super) fn ranges() -> Ranges {
    let victims = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]];
    let usual = Family::CardOffice.usual([1.0, 40.0], &victims);
    Ranges { members: Some([3, 20]), ..usual }
}

/// A card is given up after so many refusals in a row.
const ENOUGH: u32 = 12;

struct CardOffice {
    plan: Plan,
    chance: Chance,
    taker: Option<Taker>,
    issued: usize,
    refused: u32,
    end: Time,
}

impl Strategy for CardOffice {
    fn next(&mut self, now: Time, saw: Saw) -> Move {
        match saw {
            Saw::Opened | Saw::Summary => self.refused = 0,
            Saw::Refused => self.refused += 1,
            _ => {}
        }
        if now >= self.end {
            return Move { member: 0, act: Act::End };
        }
        if self.refused >= ENOUGH {
            (self.taker, self.refused) = (None, 0);
        }
        if let Some(taker) = &mut self.taker {
            return Move { member: self.issued, act: taker.act(now, saw) };
        }
        if self.issued >= self.plan.members as usize {
            return Move { member: 0, act: Act::End };
        }
        self.issued += 1;
        self.taker = Some(Taker::new(&self.plan, self.chance.number(), now));
        Move { member: 0, act: Act::Issue }
    }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    let (chance, end) = (Chance::of(seed, 7), days_after(start, plan.days));
    Box::new(CardOffice { plan: plan.clone(), chance, taker: None, issued: 0, refused: 0, end })
}
