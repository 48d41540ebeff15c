//! Days of the Gregorian calendar.

use std::fmt;
use std::str::FromStr;
use terms::Time;

/// A day, counted from 1970-01-01. What is past the year 9999 is taken for its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i32);

const LAST: Date = Date::civil(9999, 12, 31);

impl Date {
    /// The day of a time, in UTC.
    pub fn of(time: Time) -> Date {
        let days = time.millis() / 86_400_000;
        Date(i32::try_from(days).unwrap_or(i32::MAX)).min(LAST)
    }

    /// The same day so many years later; 29 February becomes 1 March, so that no period is shorter.
    pub fn plus_years(self, years: u32) -> Date {
        let (year, month, day) = self.parts();
        let Some(year) = i32::try_from(years).ok().and_then(|years| year.checked_add(years)) else {
            return LAST;
        };
        if year > 9999 {
            return LAST;
        }
        match (month, day) {
            (2, 29) if !leap(year) => Date::civil(year, 3, 1),
            _ => Date::civil(year, month, day),
        }
    }

    /// Year, month, day (Howard Hinnant's `civil_from_days`).
    fn parts(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097) as u32;
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era as i32 + era * 400 + i32::from(month <= 2);
        (year, month, day)
    }

    /// The day of a valid year, month and day (Howard Hinnant's `days_from_civil`).
    const fn civil(year: i32, month: u32, day: u32) -> Date {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400) as u32;
        let shifted = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * shifted + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        Date(era * 146_097 + of_era as i32 - 719_468)
    }
}

const fn leap(year: i32) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

const fn days(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Not a day such as 2026-01-31, from 1800 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day such as 2026-01-31")]
pub struct NoDate;

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Date, NoDate> {
        let digits = |byte: u8| byte.is_ascii_digit();
        let form = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => digits(byte),
            });
        if !form {
            return Err(NoDate);
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().map_err(|_| NoDate);
        let (year, month, day) = (number(0, 4)? as i32, number(5, 7)?, number(8, 10)?);
        let valid = year >= 1800 && (1..=12).contains(&month);
        if valid && (1..=days(year, month)).contains(&day) {
            Ok(Date::civil(year, month, day))
        } else {
            Err(NoDate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_they_are_written() {
        for days in (-62_091..2_932_896).step_by(97) {
            let date = Date(days);
            assert_eq!(date.to_string().parse(), Ok(date));
        }
        assert_eq!("1970-01-01".parse(), Ok(Date(0)));
        assert_eq!("2000-02-29".parse(), Ok(Date(11_016)));
        for wrong in ["2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-01", "", "+"] {
            assert_eq!(wrong.parse::<Date>(), Err(NoDate), "{wrong}");
        }
    }

    #[test]
    fn years_later_is_never_a_day_early() {
        let leap: Date = "2024-02-29".parse().unwrap();
        assert_eq!(leap.plus_years(10).to_string(), "2034-03-01");
        assert_eq!(leap.plus_years(4).to_string(), "2028-02-29");
        assert_eq!(leap.plus_years(u32::MAX).to_string(), "9999-12-31");
        assert_eq!(Date::of(Time::from_millis(u64::MAX)), LAST);
    }
}
