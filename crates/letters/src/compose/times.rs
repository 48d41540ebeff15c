//! Days and times in the reader's language, by the sender's clock.

use super::Composing;
use crate::{Day, Moment, Refused};

impl Composing<'_> {
    pub(super) fn day(&self, day: Day) -> Result<String, Refused> {
        let mut with = self.always();
        with.set("day", day.day.to_string());
        // A number, because the texts choose a month's name by it.
        with.set("month", day.month);
        with.set("year", day.year.to_string());
        self.texts.say("day", &with)
    }

    pub(super) fn day_of(&self, moment: Moment) -> Result<String, Refused> {
        self.day(moment.at(self.run.offset).day)
    }

    fn time_of(&self, moment: Moment) -> Result<String, Refused> {
        let local = moment.at(self.run.offset);
        let (hour, minute) = (format!("{:02}", local.hour), format!("{:02}", local.minute));
        let hour12 = ((local.hour + 11) % 12 + 1).to_string();
        let half = if local.hour < 12 { "am" } else { "pm" };
        let with = [("hour", &*hour), ("minute", &*minute), ("hour12", &*hour12), ("half", half)];
        self.with("time", &with)
    }

    /// From the first to the last, as short as it can be said.
    pub(super) fn span(&self, first: Moment, last: Moment) -> Result<String, Refused> {
        let (first_day, first_time) = (self.day_of(first)?, self.time_of(first)?);
        let (last_day, last_time) = (self.day_of(last)?, self.time_of(last)?);
        let all = [
            ("first-day", &*first_day),
            ("first-time", &*first_time),
            ("last-day", &*last_day),
            ("last-time", &*last_time),
        ];
        let message = match (first_day == last_day, first_time == last_time) {
            (true, true) => "span-once",
            (true, false) => "span-day",
            (false, _) => "span-days",
        };
        self.with(message, &all)
    }
}
