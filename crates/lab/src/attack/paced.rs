//! Paced: strangers at 10, 3, 1 or 0.3 a day, as the known slow thefts were.

use super::taker::Taker;
use super::{Family, Plan, Ranges, Strategy};
use terms::Time;

/// Within a quarter around the family's pace. Assumed.
pub(super) fn ranges(family: Family) -> Ranges {
    let pace = match family {
        Family::Paced10 => 10.0,
        Family::Paced3 => 3.0,
        Family::Paced1 => 1.0,
        _ => 0.3,
    };
    family.usual([0.8 * pace, 1.25 * pace], &[[1.0, 0.0, 0.0]])
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    Taker::boxed(plan, seed, start)
}
