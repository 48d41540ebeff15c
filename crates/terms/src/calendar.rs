//! Moments and dates as people and FHIR write them.

use crate::Time;
use core::fmt;
use core::str::FromStr;

/// A text is no moment in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTimeError;

impl fmt::Display for ParseTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an instant such as 2026-01-31T12:00:00Z")
    }
}

impl core::error::Error for ParseTimeError {}

impl FromStr for Time {
    type Err = ParseTimeError;

    /// Reads a FHIR instant, or the first moment of a FHIR date in UTC.
    fn from_str(text: &str) -> Result<Time, ParseTimeError> {
        instant(text).ok_or(ParseTimeError)
    }
}

fn instant(text: &str) -> Option<Time> {
    let (date, rest) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |m| digits(m, 2))?;
    let day = parts.next().map_or(Some(1), |d| digits(d, 2))?;
    let (clock, offset) = rest.split_at(rest.find(['Z', '+', '-'])?);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.split(':').map(|part| digits(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let millis: i64 = format!("{:0<3}", fraction.get(..fraction.len().min(3))?).parse().ok()?;
    let in_range = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61
        && millis >= 0;
    if !in_range || parts.next().is_some() || clock.next().is_some() {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let millis = (seconds - offset_seconds(offset)?) * 1000 + millis;
    u64::try_from(millis).ok().map(Time::from_millis)
}

/// Whether the text is a whole date, as days since 1970 (which may be negative).
pub fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let in_range = (1..=12).contains(&month) && (1..=31).contains(&day);
    (in_range && parts.next().is_none()).then(|| days(year, month, day))
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn offset_seconds(offset: &str) -> Option<i64> {
    if offset == "Z" {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's way).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_back_what_times_print() {
        for millis in [0, 951_827_696_789, 1_795_442_400_000, 4_102_444_799_999] {
            let time = Time::from_millis(millis);
            assert_eq!(instant(&time.to_string()), Some(time));
        }
        let same = instant("2026-01-31T23:30:00Z");
        assert_eq!(instant("2026-02-01T00:30:00+01:00"), same);
        assert_eq!(instant("2026-01-31T20:00:00.000-03:30"), same);
        assert_eq!(instant("2026"), instant("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for wrong in [
            "",
            "x",
            "2026-13-01",
            "2026-01-01T00:00",
            "2026-01-01T00:00:00",
            "T",
            "-Z",
            "2026-01-01T25:00:00Z",
            "1969-12-31",
            "2026-01-01T00:00:00.éZ",
            "2026-1-1",
            "2026-01-01T00:00:00.-1Z",
            "2026-01-01T00:00:00+é0:00",
        ] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
