//! Practice card: the card by which the practice's own system signs in is stolen with its PIN.

use super::taker::Taker;
use super::{Family, Plan, Ranges, Strategy};
use terms::Time;

/// One a day to machine speed. Assumed.
pub(super) fn ranges(family: Family) -> Ranges {
    let victims = match family {
        Family::PracticeCardStrangers => [1.0, 0.0, 0.0],
        _ => [0.0, 1.0, 0.0],
    };
    family.usual([1.0, 5_000.0], &[victims])
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    Taker::boxed(plan, seed, start)
}
