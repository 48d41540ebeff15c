//! Days of the calendar, as laws count them.

use std::fmt;
use std::str::FromStr;
use terms::Time;

const MILLIS_A_DAY: u64 = 86_400_000;

/// A day, in the Gregorian calendar and UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u32,
    month: u32,
    day: u32,
}

/// A text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day such as 2026-01-31")]
pub struct ParseDateError;

impl Date {
    /// The day of this moment.
    pub fn of(time: Time) -> Date {
        let text = time.to_string();
        let part = |range| text.get(range).and_then(|digits: &str| digits.parse().ok());
        let (year, month, day) = (part(0..4), part(5..7), part(8..10));
        Date { year: year.unwrap_or(9999), month: month.unwrap_or(12), day: day.unwrap_or(31) }
    }

    /// The day that is so many days later.
    pub fn plus_days(self, days: u32) -> Date {
        let millis = self.start().millis() + u64::from(days) * MILLIS_A_DAY;
        Date::of(Time::from_millis(millis))
    }

    /// The same day so many months later, or the last of that month where it has no such day
    /// (Regulation 1182/71, Art. 3(2)(c)).
    pub fn plus_months(self, months: u32) -> Date {
        let month = self.month - 1 + months;
        let (year, month) = (self.year + month / 12, month % 12 + 1);
        Date { year, month, day: self.day.min(days_in(year, month)) }
    }

    /// The last day of its year.
    pub fn end_of_year(self) -> Date {
        Date { year: self.year, month: 12, day: 31 }
    }

    /// Its first moment in UTC.
    pub fn start(self) -> Time {
        // Invariant: a day that exists is an instant.
        self.to_string().parse().unwrap_or_default()
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Date, ParseDateError> {
        terms::date(text).ok_or(ParseDateError)?;
        let mut parts = text.split('-').map(|part| part.parse().map_err(|_| ParseDateError));
        let mut part = || parts.next().unwrap_or(Err(ParseDateError));
        let (year, month, day) = (part()?, part()?, part()?);
        let fits = (1970..9990).contains(&year) && day <= days_in(year, month);
        if fits { Ok(Date { year, month, day }) } else { Err(ParseDateError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_cross_months_years_and_leap_days() {
        assert_eq!(date("2027-12-31").plus_days(60), date("2028-02-29"), "a leap year");
        assert_eq!(date("2026-12-31").plus_days(60), date("2027-03-01"));
        assert_eq!(date("2028-02-28").plus_days(1), date("2028-02-29"));
        assert_eq!(date("2100-02-28").plus_days(1), date("2100-03-01"), "no leap year");
        assert_eq!(date("2026-11-26").plus_days(30), date("2026-12-26"));
    }

    #[test]
    fn months_end_on_the_same_day_or_the_last() {
        assert_eq!(date("2026-01-31").plus_months(1), date("2026-02-28"));
        assert_eq!(date("2028-01-31").plus_months(1), date("2028-02-29"));
        assert_eq!(date("2026-12-15").plus_months(1), date("2027-01-15"));
        assert_eq!(date("2026-11-30").plus_months(1), date("2026-12-30"));
    }

    #[test]
    fn only_days_that_exist_are_read() {
        for wrong in ["2026-02-29", "2026-04-31", "2026-13-01", "2026-1-1", "x", ""] {
            assert_eq!(wrong.parse::<Date>(), Err(ParseDateError), "{wrong}");
        }
        assert_eq!(date("2028-02-29").end_of_year().to_string(), "2028-12-31");
        assert_eq!(Date::of(date("2028-02-29").start()), date("2028-02-29"));
    }
}
