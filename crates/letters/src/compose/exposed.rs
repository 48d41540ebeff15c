//! What was opened and what was not, what is known and what is not, and what can come of it.

use super::Composing;
use crate::facts::Actor;
use crate::recipient::Opened;
use crate::{Block, Refused, Variant};
use terms::{Section, Sections};

/// Sections that tell of health.
const HEALTH: Sections = Sections::of(&[
    Section::History,
    Section::Results,
    Section::Medication,
    Section::Documents,
    Section::Restricted,
    Section::Summary,
]);
/// Sections that let others pass for a person at a practice, an insurer or a bank.
const NUMBERS: Sections = Sections::of(&[Section::Identity, Section::Insurance]);
/// Sections that let others reach a person, or seem to know them.
const REACH: Sections = Sections::of(&[Section::Label, Section::Contact]);

impl Composing<'_> {
    /// What information was involved.
    pub(super) fn information(&mut self) -> Result<(), Refused> {
        self.heading("heading-information")?;
        if !self.to.opened.is_empty() {
            self.opened()?;
        }
        self.not_opened()?;
        self.known()?;
        if !self.to.opened.is_empty() {
            self.risks()?;
        }
        Ok(())
    }

    fn opened(&mut self) -> Result<(), Refused> {
        let intro = self.say("opened-intro")?;
        self.paragraph(intro);
        let heads = [self.say("head-part")?, self.say("head-when")?];
        let mut opened: Vec<&Opened> = self.to.opened.iter().collect();
        opened.sort_by_key(|one| (one.passed, one.section, one.first));
        let rows: Result<Vec<_>, Refused> = opened.into_iter().map(|one| self.row(one)).collect();
        self.blocks.push(Block::Table(heads, rows?));
        Ok(())
    }

    fn row(&self, opened: &Opened) -> Result<[String; 2], Refused> {
        let mut part = self.say(self.section(opened.section))?;
        if opened.passed {
            part = self.with("section-passed", &[("section", &part)])?;
        }
        let mut when = self.span(opened.first, opened.last)?;
        if let Some(actor) = opened.by.filter(|actor| *actor != self.run.actor) {
            let actor = self.actor(actor)?;
            when = self.with("cell-actor", &[("when", &when), ("actor", &actor)])?;
        }
        Ok([part, when])
    }

    fn not_opened(&mut self) -> Result<(), Refused> {
        if self.to.not_opened.is_empty() {
            if !self.to.opened.is_empty() {
                let none = self.say("not-opened-none")?;
                self.paragraph(none);
            }
            return Ok(());
        }
        let intro = self.say("not-opened-intro")?;
        self.paragraph(intro);
        let sections: Sections = self.to.not_opened.iter().copied().collect();
        let points: Result<Vec<_>, Refused> =
            sections.iter().map(|section| self.say(self.section(section))).collect();
        self.blocks.push(Block::Points(points?));
        Ok(())
    }

    /// The everyday words for a section; an applicant's file has other things in it.
    fn section(&self, section: Section) -> &'static str {
        let applicant = self.to.variant == Variant::Professional;
        match section {
            Section::Label if applicant => "section-applicant-label",
            Section::Contact if applicant => "section-applicant-contact",
            Section::Identity if applicant => "section-applicant-identity",
            Section::Documents if applicant => "section-applicant-documents",
            Section::Label => "section-label",
            Section::Contact => "section-contact",
            Section::Identity => "section-identity",
            Section::Insurance => "section-insurance",
            Section::History => "section-history",
            Section::Results => "section-results",
            Section::Medication => "section-medication",
            Section::Documents => "section-documents",
            Section::Restricted => "section-restricted",
            Section::Summary => "section-summary",
        }
    }

    fn known(&mut self) -> Result<(), Refused> {
        let opened = !self.to.opened.is_empty();
        self.subheading("heading-know")?;
        let know = self.say(match (opened, self.run.log_in_doubt) {
            (true, true) => "know-in-doubt",
            (true, false) => "know-opened",
            (false, _) => "know-not-opened",
        })?;
        self.paragraph(know);
        let mut points = Vec::new();
        if opened {
            points.extend([self.say("unknown-copy")?, self.say("unknown-shared")?]);
            points.extend(self.run.unknown.of(self.to.language).iter().cloned());
            if self.run.actor == Actor::Unknown {
                points.push(self.say("actor-unknown")?);
            }
        }
        if !points.is_empty() {
            self.subheading("heading-unknown")?;
            self.blocks.push(Block::Points(points));
        }
        Ok(())
    }

    /// Health first, and only what fits what was really exposed.
    fn risks(&mut self) -> Result<(), Refused> {
        let exposed = self.to.exposed();
        let any = |of: Sections| !exposed.intersection(of).is_empty();
        let applicant = self.to.variant == Variant::Professional;
        let health = any(HEALTH) && !applicant;
        let risks = [
            (health, "risk-blackmail"),
            (health, "risk-recognised"),
            (any(NUMBERS) && !applicant, "risk-claims"),
            (any(NUMBERS) && !applicant, "risk-entries"),
            (applicant, "risk-card"),
            (exposed.contains(Section::Identity), "risk-debts"),
            (any(REACH) || health, "risk-fraud"),
        ];
        let fitting = risks.into_iter().filter(|(fits, _)| *fits);
        let points: Result<Vec<_>, Refused> =
            fitting.map(|(_, message)| self.say(message)).collect();
        let points = points?;
        if !points.is_empty() {
            self.subheading("heading-risks")?;
            self.blocks.push(Block::Points(points));
        }
        Ok(())
    }
}
