//! Own list: a stolen staff card takes patients of its practice whom nobody expects these days.

use super::taker::Taker;
use super::{Family, Plan, Ranges, Strategy};
use terms::Time;

/// One a day to 500 a day. Assumed.
pub(super) fn ranges() -> Ranges {
    Family::OwnList.usual([1.0, 500.0], &[[0.0, 1.0, 0.0]])
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    Taker::boxed(plan, seed, start)
}
