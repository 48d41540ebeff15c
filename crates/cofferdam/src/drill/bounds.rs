//! The hard limits that the running keyholder enforces, for an attack of a given length.
//!
//! They are worked out from the settings themselves, so that a drill never holds a system against
//! limits that it does not have.

use decision::Limits;
use std::time::Duration;
use terms::Role;

/// The windows that limits count over, in seconds.
const WINDOWS: [u64; 6] = [10, 60, 600, 3_600, 86_400, 30 * 86_400];

/// Most files that one card of this role opens within such a span.
pub(super) fn opened(role: Role, span: Duration) -> u64 {
    hard(&Limits::default().roles[role as usize], span)
}

/// Most files that one card finds by look-ups.
pub(super) fn found(span: Duration) -> u64 {
    hard(&Limits::default().found, span)
}

/// Most files that one card opens as emergencies.
pub(super) fn emergencies(span: Duration) -> u64 {
    hard(&Limits::default().emergencies, span)
}

/// Most files of which a card of a frozen practice opens the summary in emergencies.
pub(super) fn summaries() -> u64 {
    Limits::default().summaries[0].into()
}

/// Most look-ups by number in a row that find nobody, the one that is refused included
/// (docs/decisions/0014-budgets-by-class.md).
pub(super) const MISSES: u64 = 4;

/// A quarter above the soft limit, rounded up; over a span, as often as the shortest windows allow
/// and no more than the next longer window does.
fn hard(soft: &[u32; 6], span: Duration) -> u64 {
    let limits = soft.map(|files| u64::from(files) + u64::from(files.div_ceil(4)));
    let fits = |seconds: u64| span.as_secs_f64() / seconds as f64;
    let most = WINDOWS.iter().zip(limits).map(|(seconds, most)| {
        let windows = fits(*seconds).floor() as u64 + 1;
        windows.saturating_mul(most)
    });
    most.min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_attack_is_held_against_longer_windows() {
        let soft = [5, 10, 42, 92, 144, 1_440];
        assert_eq!(hard(&soft, Duration::from_secs(1)), 7);
        assert_eq!(hard(&soft, Duration::from_secs(30)), 13);
        assert_eq!(hard(&soft, Duration::from_secs(500)), 53);
    }
}
