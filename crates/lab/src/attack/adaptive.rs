//! Adaptive: knows the code and every threshold, not the canaries, and searches for the plan that
//! yields most in 30 days.
//!
//! The space: pace a day, victims, hours, weekends, how long it lies low after a question, how
//! often it gives a reason unasked. The search (`search.rs`) is the cross-entropy method.

use super::taker::Taker;
use super::{Family, Plan, Ranges, Strategy};
use terms::Time;

/// The whole space.
pub(super) fn ranges() -> Ranges {
    let victims = VICTIMS.to_vec();
    let usual = Family::Adaptive.usual([0.3, 400.0], &victims);
    Ranges { days: [30.0, 30.0], rest: [0.0, 15.0], hours: HOURS.to_vec(), ..usual }
}

/// The victims it chooses from: strangers, own list, current patients.
pub const VICTIMS: [[f64; 3]; 6] = [
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [0.2, 0.8, 0.0],
    [0.0, 0.5, 0.5],
    [0.2, 0.3, 0.5],
];
/// The hours it chooses from.
pub const HOURS: [[u8; 2]; 4] = [[8, 18], [7, 22], [0, 24], [20, 24]];

pub(super) fn strategy(plan: &Plan, seed: u64, start: Time) -> Box<dyn Strategy> {
    Taker::boxed(plan, seed, start)
}
