//! The time of day, as the keyholder counts it.

use std::time::{SystemTime, UNIX_EPOCH};
use terms::Time;

/// Now; the epoch itself where the machine's clock stands before it.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
