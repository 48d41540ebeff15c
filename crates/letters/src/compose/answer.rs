//! The answer first, and then what happened.

use super::Composing;
use crate::{Block, Refused, Variant};

impl Composing<'_> {
    /// Yes or no, by whom, and why this reader is written to.
    pub(super) fn answer(&mut self) -> Result<(), Refused> {
        let name = self.with("salutation", &[("name", &self.to.name)])?;
        self.paragraph(name);
        let opened = &self.to.opened;
        let lead = match (opened.is_empty(), opened.iter().all(|opened| opened.passed)) {
            (true, _) => "lead-not-opened",
            (false, true) => "lead-passed",
            (false, false) => "lead-opened",
        };
        let lead = self.say(lead)?;
        self.blocks.push(Block::Lead(lead));
        let mut after = Vec::new();
        if !opened.is_empty() {
            after.push(self.actor(self.run.actor)?);
            after.push(self.say("sorry")?);
        }
        after.extend(self.reader()?);
        self.paragraph(after.join(" "));
        Ok(())
    }

    fn reader(&self) -> Result<Option<String>, Refused> {
        let message = match self.to.variant {
            Variant::Adult => return Ok(None),
            Variant::Minor => "reader-minor",
            Variant::Guardian => "reader-guardian",
            Variant::Dead => "reader-dead",
            Variant::Deputy => "reader-deputy",
            Variant::Professional => "reader-professional",
            Variant::NotOpened => "reader-not-opened",
        };
        self.say(message).map(Some)
    }

    /// What happened, and when.
    pub(super) fn happened(&mut self) -> Result<(), Refused> {
        self.heading("heading-happened")?;
        let dates = &self.run.dates;
        for text in self.run.happened.need("happened", self.to.language)? {
            self.paragraph(text.clone());
        }
        let (from, to) = (self.day_of(dates.from)?, self.day_of(dates.to)?);
        let discovered = self.day_of(dates.discovered)?;
        let message = match (from == to, to == discovered) {
            (true, true) => "dates-same-day",
            (true, false) => "dates-day",
            (false, _) => "dates",
        };
        let with = [("from", &*from), ("to", &*to), ("discovered", &*discovered)];
        let mut text = self.with(message, &with)?;
        if let Some(until) = dates.delayed_by_police_until {
            let until = self.day(until)?;
            text.push(' ');
            text.push_str(&self.with("delayed", &[("until", &until)])?);
        }
        self.paragraph(text);
        Ok(())
    }
}
