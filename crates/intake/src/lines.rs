//! Texts of `name: value` lines, in one order: what is signed and what people can read.

/// Takes the lines one after the other.
pub(crate) struct Lines<'a>(std::str::Lines<'a>);

impl<'a> Lines<'a> {
    /// The lines of a text of at most this many bytes.
    pub(crate) fn of(text: &'a str, bytes_max: usize) -> Option<Lines<'a>> {
        (text.len() <= bytes_max && text.is_ascii()).then(|| Lines(text.lines()))
    }

    /// The next line, which is this one.
    pub(crate) fn exactly(&mut self, line: &str) -> Option<()> {
        (self.0.next()? == line).then_some(())
    }

    /// The value of the next line, which has this name.
    pub(crate) fn value(&mut self, name: &str) -> Option<&'a str> {
        self.0.next()?.strip_prefix(name)?.strip_prefix(": ")
    }

    /// There is nothing more.
    pub(crate) fn end(mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// The moment that [`terms::Time`] prints so, and no other form of it.
pub(crate) fn time(text: &str) -> Option<terms::Time> {
    let number = |range: std::ops::Range<usize>| -> Option<u64> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = days.checked_sub(719_468)?;
    let seconds = days * 86_400 + number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let time = terms::Time::from_millis(seconds * 1000 + number(20..23)?);
    (time.to_string() == text).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Time;

    #[test]
    fn times_are_read_as_they_are_printed() {
        for millis in [0, 951_827_696_789, 1_795_694_400_123, 253_402_300_799_999] {
            let printed = Time::from_millis(millis).to_string();
            assert_eq!(time(&printed), Some(Time::from_millis(millis)));
        }
        for wrong in ["", "2026-11-26", "2026-11-31T00:00:00.000Z", "2026-11-26T24:00:00.000Z"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
