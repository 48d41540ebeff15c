//! Partial dates and times as half-open intervals of microseconds since 1970, in UTC.

/// What a date or time covers: a day for `2020-05-01`, a second for `…T10:00:00Z`.
///
/// A time without a zone counts as UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) start: i64,
    /// Not covered any more.
    pub(crate) end: i64,
    pub(crate) precision: Precision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    /// Only in searches: R4 does not store a time without seconds.
    Minute,
    Second,
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// Reads `YYYY[-MM[-DD[Thh:mm[:ss[.f]][zone]]]]`.
///
/// The zone is as written: `has_zone` tells whether there was one.
pub(crate) fn parse(text: &str) -> Option<(Moment, bool)> {
    let mut reader = Reader { bytes: text.as_bytes() };
    let year = reader.digits(4)?;
    if year == 0 {
        return None;
    }
    if reader.is_done() {
        let (start, end) = (days_from_civil(year, 1, 1), days_from_civil(year + 1, 1, 1));
        return Some((days(start, end, Precision::Year), false));
    }
    let month = reader.after(b'-')?.digits(2).filter(|m| (1..=12).contains(m))?;
    if reader.is_done() {
        let start = days_from_civil(year, month, 1);
        return Some((days(start, start + month_days(year, month), Precision::Month), false));
    }
    let limit = month_days(year, month);
    let day = reader.after(b'-')?.digits(2).filter(|d| (1..=limit).contains(d))?;
    let day = days_from_civil(year, month, day);
    if reader.is_done() {
        return Some((days(day, day + 1, Precision::Day), false));
    }
    let (time, length, precision) = reader.after(b'T')?.time()?;
    let zone = reader.zone()?;
    let start = day * DAY + time - zone.unwrap_or(0);
    Some((Moment { start, end: start + length, precision }, zone.is_some()))
}

/// Whether this is `hh:mm:ss[.f]`.
pub(crate) fn is_time(text: &str) -> bool {
    let mut reader = Reader { bytes: text.as_bytes() };
    let time = reader.time();
    time.is_some_and(|(_, _, precision)| precision == Precision::Second) && reader.is_done()
}

fn days(start: i64, end: i64, precision: Precision) -> Moment {
    Moment { start: start * DAY, end: end * DAY, precision }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.bytes.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            number = number * 10 + i64::from(digit.checked_sub(b'0').filter(|d| *d < 10)?);
        }
        self.bytes = rest;
        Some(number)
    }

    fn after(&mut self, byte: u8) -> Option<&mut Self> {
        self.bytes = self.bytes.strip_prefix(&[byte])?;
        Some(self)
    }

    /// Microseconds since midnight, length and precision.
    fn time(&mut self) -> Option<(i64, i64, Precision)> {
        let hour = self.digits(2).filter(|h| *h < 24)?;
        let minute = self.after(b':')?.digits(2).filter(|m| *m < 60)?;
        let time = (hour * 60 + minute) * MINUTE;
        if self.bytes.first() != Some(&b':') {
            return Some((time, MINUTE, Precision::Minute));
        }
        // A leap second is a second 60.
        let second = self.after(b':')?.digits(2).filter(|s| *s <= 60)?;
        let (fraction, length) = match self.after(b'.') {
            Some(reader) => reader.fraction()?,
            None => (0, SECOND),
        };
        Some((time + second * SECOND + fraction, length, Precision::Second))
    }

    fn fraction(&mut self) -> Option<(i64, i64)> {
        let count = self.bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.bytes.split_at_checked(count).filter(|(d, _)| !d.is_empty())?;
        let (mut fraction, mut unit) = (0, SECOND);
        for digit in digits.iter().take(6) {
            unit /= 10;
            fraction += unit * i64::from(digit - b'0');
        }
        self.bytes = rest;
        Some((fraction, unit))
    }

    /// The zone's distance to UTC, `None` within where there is no zone; nothing may follow it.
    fn zone(&mut self) -> Option<Option<i64>> {
        let sign = match self.bytes {
            [] => return Some(None),
            b"Z" => return Some(Some(0)),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.bytes = &self.bytes[1..];
        let hours = self.digits(2).filter(|h| *h <= 14)?;
        let minutes = self.after(b':')?.digits(2).filter(|m| *m < 60)?;
        self.is_done().then_some(Some(sign * (hours * 60 + minutes) * MINUTE))
    }
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Howard Hinnant's `days_from_civil`: days since 1970-01-01, proleptic Gregorian.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> (i64, i64) {
        let (moment, _) = parse(text).unwrap();
        (moment.start, moment.end)
    }

    #[test]
    fn partial_dates_cover_what_they_leave_open() {
        assert_eq!(interval("1970"), (0, 365 * DAY));
        assert_eq!(interval("1970-02"), (31 * DAY, 59 * DAY));
        assert_eq!(interval("2000-02-29").0, 11_016 * DAY);
        assert_eq!(interval("1969-12-31"), (-DAY, 0));
        assert_eq!(interval("1970-01-01T00:00:01Z"), (SECOND, 2 * SECOND));
        assert_eq!(interval("1970-01-01T01:00+01:00"), (0, MINUTE));
        assert_eq!(interval("1969-12-31T19:00:00.25-05:00"), (250_000, 260_000));
        assert_eq!(interval("1970-01-01T05:30:00+05:30"), (0, SECOND));
        assert_eq!(interval("1970-01-01T00:00:00"), (0, SECOND));
        assert_eq!(interval("1970-01-01T00:00:00.123456789Z"), (123_456, 123_457));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "197",
            "19700",
            "1970-",
            "1970-13",
            "1970-00",
            "1970-02-29",
            "1900-02-29",
            "1970-01-01T",
            "1970-01-01T24:00:00Z",
            "1970-01-01T10",
            "1970-01-01T10:61:00Z",
            "1970-01-01T10:00:00z",
            "1970-01-01 10:00:00Z",
            "1970-01-01T10:00:00+1:00",
            "1970-01-01T10:00:00+15:00",
            "1970-01-01T10:00:00.Z",
            "0000",
            "1970-01-01Z",
            "1970-01-01T10:00:00ZZ",
            "-1970",
            "１９７０",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(is_time("10:00:00.5") && !is_time("10:00") && !is_time("10:00:00Z"));
    }
}
