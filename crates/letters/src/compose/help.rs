//! What is being done, what the reader can do, and where there is help.

use super::Composing;
use crate::steps::{Advice, When};
use crate::{Block, Refused, Step};

impl Composing<'_> {
    /// What we are doing, and what is offered.
    pub(super) fn doing(&mut self) -> Result<(), Refused> {
        self.heading("heading-doing")?;
        let language = self.to.language;
        for text in self.run.doing.need("doing", language)? {
            self.paragraph(text.clone());
        }
        let Some(offer) = self.run.protection.as_ref().filter(|_| !self.to.opened.is_empty())
        else {
            return Ok(());
        };
        let what = offer.what.need("protection.what", language)?.join(" ");
        let months = offer.months.to_string();
        let with = [("provider", &*offer.provider), ("what", &*what), ("months", &*months)];
        let mut said = vec![self.with("protection", &with)?];
        if let Some(code) = &self.to.protection_code {
            let until = self.day(offer.until)?;
            said.push(self.with("protection-code", &[("code", code), ("until", &until)])?);
        }
        let telephone = self.number(&offer.telephone);
        let with = [("telephone", &*telephone), ("page", &*offer.page)];
        said.push(self.with("protection-reach", &with)?);
        self.paragraph(said.join(" "));
        Ok(())
    }

    /// Numbered steps, most useful first: today, this month, if it happens.
    pub(super) fn what_you_can_do(&mut self) -> Result<(), Refused> {
        let to = self.to;
        let country = if self.steps.has(&to.country) { &to.country } else { &self.run.country };
        let all = self.steps.of(country, to.variant, to.exposed());
        if all.is_empty() {
            return Ok(());
        }
        self.heading("heading-steps")?;
        let mut number = 1;
        for (when, message) in [
            (When::Today, "when-today"),
            (When::Month, "when-month"),
            (When::Happens, "when-happens"),
        ] {
            let steps: Result<Vec<_>, Refused> =
                all.iter().filter(|advice| advice.when == when).map(|a| self.step(a)).collect();
            let steps = steps?;
            if !steps.is_empty() {
                self.subheading(message)?;
                let first = number;
                number += steps.len();
                self.blocks.push(Block::Steps(first, steps));
            }
        }
        Ok(())
    }

    fn step(&self, advice: &Advice) -> Result<Step, Refused> {
        let words = advice.words(self.to.language);
        let fill = |text: &str| self.fill(text);
        let (effort, cost, reach) = (fill(&words.effort), fill(&words.cost), fill(&words.reach));
        let with = [("effort", &*effort), ("cost", &*cost), ("reach", &*reach)];
        let detail = self.with("step-detail", &with)?;
        Ok(Step { title: fill(&words.title), how: fill(&words.how), detail })
    }

    /// Fills the few variables of a step, in one pass: what is filled in is not read again.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            match name {
                "sender" => filled.push_str(&self.run.sender.name),
                "telephone" => filled.push_str(&self.number(&self.run.sender.telephone)),
                "code" => filled.push_str(&self.to.code),
                "person" => filled.push_str(self.to.person.as_deref().unwrap_or(&self.to.name)),
                _ => {}
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Where there is help, where to complain, and whether this letter is real.
    pub(super) fn more(&mut self) -> Result<(), Refused> {
        self.heading("heading-more")?;
        let (sender, to) = (&self.run.sender, self.to);
        let hours = sender.hours.need("sender.hours", to.language)?.join(" ");
        let telephone = self.number(&sender.telephone);
        let with = [
            ("contact", &*sender.contact),
            ("telephone", &*telephone),
            ("hours", &*hours),
            ("email", &*sender.email),
        ];
        let contact = [self.with("contact", &with)?, self.say("formats")?].join(" ");
        let officer = self.with("officer", &[("officer", &sender.data_protection_officer)])?;
        let authority = &sender.authority;
        let with = [("authority", &*authority.name), ("contact", &*authority.contact)];
        let complain = self.with("complain", &with)?;
        self.paragraph(contact);
        self.paragraph([officer, complain].join(" "));
        self.subheading("heading-real")?;
        let verify = &self.run.verify;
        let with =
            [("page", &*verify.page), ("code", &*to.code), ("telephone", &*verify.telephone)];
        let check = self.with("check", &with)?;
        let never = self.say("never-ring")?;
        self.paragraph([never, check].join(" "));
        let regards = self.say("regards")?;
        self.paragraph(format!("{regards}, {}, {}", sender.contact, sender.name));
        Ok(())
    }
}
