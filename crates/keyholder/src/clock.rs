//! The keyholder's clock.

use std::time::{SystemTime, UNIX_EPOCH};
use terms::Time;

/// The system's time; the state machine sees to it that it never runs backwards into a refill.
pub(crate) fn now() -> Time {
    terms::planted!("a clock", return terms::planted::clock());
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
