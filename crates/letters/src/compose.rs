//! From facts to a letter: what is said, and in what order.

mod answer;
mod exposed;
mod help;
mod times;

use crate::facts::Actor;
use crate::letter::sentences;
use crate::steps::Steps;
use crate::texts::Texts;
use crate::{Block, Head, Letter, Recipient, Refused, Run, Variant, measure};
use fluent_bundle::FluentArgs;

/// One letter in the making.
pub(crate) struct Composing<'a> {
    texts: &'a Texts,
    steps: &'a Steps,
    run: &'a Run,
    to: &'a Recipient,
    /// What every message may use.
    always: FluentArgs<'a>,
    blocks: Vec<Block>,
}

impl<'a> Composing<'a> {
    pub(crate) fn new(
        texts: &'a Texts,
        steps: &'a Steps,
        run: &'a Run,
        to: &'a Recipient,
    ) -> Result<Composing<'a>, Refused> {
        let mut always = FluentArgs::new();
        let reader = match (to.variant, &to.person) {
            (Variant::Professional, _) => "applicant",
            (Variant::Dead, _) => "dead",
            (_, Some(_)) => "other",
            (_, None) => "own",
        };
        always.set("reader", reader);
        always.set("person", to.person.as_deref().unwrap_or_default());
        always.set("country", to.country.as_str());
        Ok(Composing { texts, steps, run, to, always, blocks: Vec::new() })
    }

    /// The whole letter, in the order of California's five headings, after the answer.
    pub(crate) fn letter(mut self) -> Result<Letter, Refused> {
        self.answer()?;
        self.happened()?;
        self.information()?;
        self.doing()?;
        self.what_you_can_do()?;
        self.more()?;
        let language = self.to.language;
        let measures = measure(language, sentences(&self.blocks));
        let (subject, head) = (self.say("subject")?, self.head()?);
        Ok(Letter { language, subject, head, blocks: self.blocks, measures })
    }

    fn head(&self) -> Result<Head, Refused> {
        let Run { sender, reference, dates, .. } = self.run;
        let day = self.day(dates.letter)?;
        let facts = [
            ("label-day", day.clone()),
            ("label-reference", reference.clone()),
            ("label-contact", sender.contact.clone()),
            ("label-telephone", sender.telephone.clone()),
            ("label-code", self.to.code.clone()),
        ];
        let facts: Result<Vec<_>, Refused> =
            facts.into_iter().map(|(label, what)| Ok((self.say(label)?, what))).collect();
        Ok(Head {
            sender: sender.name.clone(),
            sender_lines: sender.address.clone(),
            return_line: sender.address.join(" · "),
            address: self.address()?,
            day,
            facts: facts?,
            code: self.to.code.clone(),
            foot: self.with("foot", &[("code", &self.to.code)])?,
            page: self.with("page", &[("number", "{number}"), ("count", "{count}")])?,
        })
    }

    fn address(&self) -> Result<Vec<String>, Refused> {
        let Recipient { name, address, postcode, town, country, country_line, .. } = self.to;
        let mut lines = vec![name.clone()];
        lines.extend(address.iter().cloned());
        lines.push(match country.as_str() {
            "US" => format!("{town} {postcode}"),
            _ => format!("{postcode} {town}"),
        });
        if *country != self.run.country {
            let known = match country.as_str() {
                "DK" => Some("DENMARK"),
                "DE" => Some("GERMANY"),
                "US" => Some("USA"),
                _ => None,
            };
            let line = country_line.as_deref().or(known).ok_or(Refused::CountryLine)?;
            lines.push(line.to_uppercase());
        }
        Ok(lines)
    }

    /// A telephone number, which is not broken at the end of a line.
    fn number(&self, text: &str) -> String {
        text.replace(' ', "\u{a0}")
    }

    fn say(&self, message: &str) -> Result<String, Refused> {
        self.texts.say(message, &self.always)
    }

    /// What every message may use, to add to.
    fn always(&self) -> FluentArgs<'_> {
        self.always.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    fn with(&self, message: &str, more: &[(&str, &str)]) -> Result<String, Refused> {
        let mut args = self.always();
        for (name, value) in more {
            args.set((*name).to_owned(), (*value).to_owned());
        }
        self.texts.say(message, &args)
    }

    fn actor(&self, actor: Actor) -> Result<String, Refused> {
        self.say(match actor {
            Actor::StolenCard => "actor-stolen-card",
            Actor::StolenSession => "actor-stolen-session",
            Actor::TakenOverServer => "actor-taken-over-server",
            Actor::Colleague => "actor-colleague",
            Actor::OtherPractice => "actor-other-practice",
            Actor::Unknown => "actor-unknown",
        })
    }

    fn heading(&mut self, message: &str) -> Result<(), Refused> {
        let text = self.say(message)?;
        self.blocks.push(Block::Heading(text));
        Ok(())
    }

    fn subheading(&mut self, message: &str) -> Result<(), Refused> {
        let text = self.say(message)?;
        self.blocks.push(Block::Subheading(text));
        Ok(())
    }

    fn paragraph(&mut self, text: String) {
        self.blocks.push(Block::Paragraph(text));
    }
}
