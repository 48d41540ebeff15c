//! Dates of the Gregorian calendar as day counts.

use core::fmt;

/// A day. Printed as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The day with this year, month (1 to 12) and day of the month.
    pub const fn new(year: i32, month: i32, day: i32) -> Date {
        // Counting years from March puts the leap day at the year's end.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let of_era = y - era * 400;
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Date(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// Year, month and day of the month.
    pub const fn parts(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z - era * 146_097;
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, of_year - (153 * march + 2) / 5 + 1)
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.parts().0
    }

    /// So many days later.
    pub const fn plus_days(self, days: i32) -> Date {
        Date(self.0 + days)
    }

    /// So many days from this day to the other.
    pub const fn days_until(self, later: Date) -> i32 {
        later.0 - self.0
    }

    /// Whether it is a Saturday or a Sunday.
    pub const fn is_weekend(self) -> bool {
        // Day 0 was a Thursday.
        (self.0 + 5).rem_euclid(7) < 2
    }

    /// The age in whole years on a later day of somebody born on this one.
    pub const fn years_until(self, later: Date) -> i32 {
        let ((y1, m1, d1), (y2, m2, d2)) = (self.parts(), later.parts());
        y2 - y1 - if m2 < m1 || (m2 == m1 && d2 < d1) { 1 } else { 0 }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_up_and_print_back() {
        assert_eq!(Date::new(1970, 1, 1), Date(0));
        let mut day = Date::new(1930, 1, 1);
        while day < Date::new(2030, 1, 1) {
            let (y, m, d) = day.parts();
            assert_eq!(Date::new(y, m, d), day);
            day = day.plus_days(1);
        }
        assert_eq!(Date::new(2000, 2, 29).plus_days(1).to_string(), "2000-03-01");
        assert_eq!(Date::new(2000, 3, 1).years_until(Date::new(2018, 2, 28)), 17);
    }
}
