//! Burst: strangers, from 40 a day to one a second, without a pause.

use super::taker::Taker;
use super::{Family, Plan, Ranges, Strategy};
use terms::Time;

/// 40 a day to machine speed (`86,400` a day); it does not rest. Assumed.
pub(super) fn ranges() -> Ranges {
    let usual = Family::Burst.usual([40.0, 86_400.0], &[[1.0, 0.0, 0.0]]);
    Ranges { rest: [0.0, 0.0], days: [30.0, 30.0], ..usual }
}

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    Taker::boxed(plan, seed, start)
}
