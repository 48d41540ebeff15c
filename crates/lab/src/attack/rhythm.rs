//! When an attacker acts: so many a day, within its hours, at moments nobody can foresee.

use crate::chance::Chance;
use terms::{Duration, Time};

const DAY: u64 = 86_400_000;

/// A pace within hours of the day.
pub(super) struct Rhythm {
    /// Acts a day.
    pub(super) per_day: f64,
    /// From this hour to this one.
    pub(super) hours: [u8; 2],
    /// Not on Saturdays and Sundays; then more on the other days.
    pub(super) workdays: bool,
}

impl Rhythm {
    /// The next moment after this one.
    pub(super) fn after(&self, now: Time, chance: &mut Chance) -> Time {
        let hours = f64::from(self.hours[1].saturating_sub(self.hours[0]).max(1));
        let days = if self.workdays { 5.0 / 7.0 } else { 1.0 };
        // Counted in time that counts: the attacker's hours on its days.
        let mut left = (chance.wait(hours * 3_600_000.0 * days / self.per_day) as u64).max(1_000);
        let mut at = now;
        loop {
            let start = at.millis() / DAY * DAY + u64::from(self.hours[0]) * 3_600_000;
            let end = at.millis() / DAY * DAY + u64::from(self.hours[1]) * 3_600_000;
            let from = at.millis().max(start);
            if !(self.workdays && is_weekend(at)) && from < end {
                if from + left < end {
                    return Time::from_millis(from + left);
                }
                left -= end - from;
            }
            at = Time::from_millis((at.millis() / DAY + 1) * DAY);
        }
    }
}

/// Whether a moment is on a Saturday or Sunday: 1970-01-01 was a Thursday.
pub(crate) fn is_weekend(at: Time) -> bool {
    matches!((at.millis() / DAY + 4) % 7, 0 | 6)
}

/// That much later.
pub(super) fn days_after(at: Time, days: f64) -> Time {
    at + Duration::from_millis((days * DAY as f64) as u64)
}

/// The next midnight.
pub(super) fn tomorrow(at: Time) -> Time {
    Time::from_millis((at.millis() / DAY + 1) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_kept_within_the_hours() {
        let start = Time::from_millis(1_792_368_000_000);
        for (per_day, hours, workdays) in [(0.3, [8, 18], true), (10.0, [22, 24], false)] {
            let (mut chance, mut at) = (Chance::new(3), start);
            let rhythm = Rhythm { per_day, hours, workdays };
            for _ in 0..2_000 {
                at = rhythm.after(at, &mut chance);
                let hour = (at.millis() / 3_600_000 % 24) as u8;
                assert!((hours[0]..hours[1]).contains(&hour), "{hour}");
                assert!(!(workdays && is_weekend(at)));
            }
            let days = at.since(start).millis() as f64 / DAY as f64;
            let pace = 2_000.0 / days;
            assert!((0.9..1.1).contains(&(pace / per_day)), "{pace} instead of {per_day}");
        }
    }
}
