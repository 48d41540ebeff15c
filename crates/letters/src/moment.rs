//! Days and moments as they stand in the facts of a run, and as a clock on the wall shows them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// A day of the calendar, `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The year, 1900 to 2999.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

/// A point in time in UTC, `2026-11-24T13:02:00Z`; parts of a second are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

/// How far the clocks that the readers live by are from UTC, `+01:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    minutes: i32,
}

/// A moment on the reader's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) day: Day,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
}

impl Moment {
    /// What the reader's clock shows.
    pub(crate) fn at(self, offset: Offset) -> Local {
        let seconds = self.0 + i64::from(offset.minutes) * 60;
        let of_day = seconds.rem_euclid(86_400);
        let (hour, minute) = ((of_day / 3_600) as u8, (of_day / 60 % 60) as u8);
        Local { day: Day::of(seconds.div_euclid(86_400)), hour, minute }
    }
}

impl Day {
    /// Howard Hinnant's `civil_from_days`, for days since 1970-01-01.
    fn of(days: i64) -> Day {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day = shifted.rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let of_month = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        Day { year: year as u16, month: month as u8, day: of_month as u8 }
    }

    /// Howard Hinnant's `days_from_civil`.
    fn since_1970(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }
}

const DAY: &str = "a day is written like 2026-11-24";
const MOMENT: &str = "a time is written like 2026-11-24T13:02:00Z, in UTC";
const OFFSET: &str = "an offset from UTC is written like +01:00";

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Day, &'static str> {
        let [year, month, day] = numbers(text, '-', [4, 2, 2]).ok_or(DAY)?;
        let found = Day { year, month: month as u8, day: day as u8 };
        let real = (1900..3000).contains(&year) && Day::of(found.since_1970()) == found;
        if real { Ok(found) } else { Err(DAY) }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Moment, &'static str> {
        let (day, clock) = text.strip_suffix('Z').and_then(|t| t.split_once('T')).ok_or(MOMENT)?;
        let (clock, part) = clock.split_once('.').unwrap_or((clock, "0"));
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2]).ok_or(MOMENT)?;
        let digits = part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
        if hour > 23 || minute > 59 || second > 59 || !digits {
            return Err(MOMENT);
        }
        let day: Day = day.parse().map_err(|_| MOMENT)?;
        let of_day = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        Ok(Moment(day.since_1970() * 86_400 + of_day))
    }
}

impl FromStr for Offset {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Offset, &'static str> {
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(OFFSET),
        };
        let [hours, minutes] = numbers(rest, ':', [2, 2]).ok_or(OFFSET)?;
        if hours > 14 || minutes > 59 {
            return Err(OFFSET);
        }
        Ok(Offset { minutes: sign * (i32::from(hours) * 60 + i32::from(minutes)) })
    }
}

/// Numbers of exactly so many digits each.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut found = [0; N];
    let mut parts = text.split(between);
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Local { day, hour, minute } = self.at(Offset::default());
        write!(f, "{day}T{hour:02}:{minute:02}:{:02}Z", self.0.rem_euclid(60))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", self.minutes.abs() / 60, self.minutes.abs() % 60)
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

as_text!(Day);
as_text!(Moment);
as_text!(Offset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_by_the_readers_clock() {
        let moment: Moment = "2026-12-31T23:30:05.123Z".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-12-31T23:30:05Z");
        let local = moment.at("+01:00".parse().unwrap());
        assert_eq!(
            (local.day.to_string().as_str(), local.hour, local.minute),
            ("2027-01-01", 0, 30)
        );
        let local = moment.at("-05:30".parse().unwrap());
        assert_eq!(
            (local.day.to_string().as_str(), local.hour, local.minute),
            ("2026-12-31", 18, 0)
        );
    }

    #[test]
    fn what_is_no_day_or_time_is_refused() {
        assert_eq!("2028-02-29".parse::<Day>().unwrap().to_string(), "2028-02-29");
        for text in ["2026-02-29", "2026-13-01", "2026-1-01", "0000-01-01", "", "2026-01-01 ", "æ"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        for text in ["2026-01-01T24:00:00Z", "2026-01-01T10:00:00", "2026-01-01T10:00:00.Xz", "Z"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
        assert!("+15:00".parse::<Offset>().is_err() && "01:00".parse::<Offset>().is_err());
        assert!("æ1:00".parse::<Offset>().is_err());
    }
}
