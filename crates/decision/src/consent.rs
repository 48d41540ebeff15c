//! What patients forbid and allow: a practice barred, a section hidden, a deputy named.
//!
//! Trust: only the card of the patient whose file it is says so, and it counts from its entry on,
//! for sessions and tokens that are there already as for new ones.

use super::Core;
use super::decide::No;
use super::state::State;
use keyproto::statement;
use ledger::entry::{self, Act, Consent, Why};
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;
use terms::{Blind, CardId, Role, Sections};

/// What one patient said.
#[derive(Default, PartialEq, Encode, Decode)]
pub(super) struct Consents {
    #[n(0)]
    barred: BTreeSet<u32>,
    #[n(1)]
    hidden: Sections,
    #[n(2)]
    deputies: BTreeSet<u32>,
}

impl State {
    /// Whether the patient bars this practice.
    pub(super) fn is_barred(&self, file: u32, practice: u32) -> bool {
        self.consents.get(&file).is_some_and(|said| said.barred.contains(&practice))
    }

    /// Whether this card is a deputy of the patient.
    pub(super) fn is_deputy(&self, file: u32, card: u32) -> bool {
        self.consents.get(&file).is_some_and(|said| said.deputies.contains(&card))
    }

    /// The sections that nobody but the patient sees.
    pub(super) fn hidden(&self, file: u32) -> Sections {
        self.consents.get(&file).map_or(Sections::NONE, |said| said.hidden)
    }

    pub(super) fn consented(&mut self, act: &entry::Consented) -> Result<(), &'static str> {
        let file = self.files.find(&act.file).ok_or("no such file")?;
        let (practice, card) = match act.what {
            Consent::Bar(practice) => (self.practice(practice), None),
            Consent::Deputy(card) => (None, self.card(card)),
            Consent::Hide(_) => (None, None),
        };
        let said = self.consents.entry(file).or_default();
        match (act.what, practice, card) {
            (Consent::Hide(section), ..) if act.set => said.hidden = said.hidden.with(section),
            (Consent::Hide(section), ..) => {
                said.hidden = said.hidden.without(Sections::of(&[section]));
            }
            (_, Some(practice), _) => toggle(&mut said.barred, practice, act.set),
            (_, _, Some(card)) => toggle(&mut said.deputies, card, act.set),
            _ => return Err("a consent about nobody who is known"),
        }
        Ok(())
    }
}

fn toggle(set: &mut BTreeSet<u32>, number: u32, is_in: bool) {
    if is_in {
        set.insert(number)
    } else {
        set.remove(&number)
    };
}

impl Core {
    /// The patient's own card says so, alone; a deputy is somebody with a patient's card.
    pub(super) fn consent(
        &self,
        what: statement::Consent,
        set: bool,
        file: Option<Blind>,
        by: (u32, entry::Hash),
    ) -> Result<Act, No> {
        let no = (Why::Order, None);
        let (file, _) = self.known(file)?;
        let card = &self.state.cards[by.0 as usize];
        if card.role != Role::Patient || card.file != Some(file) {
            return Err(no);
        }
        let what = match what {
            statement::Consent::Bar(practice) if self.state.practice(practice).is_some() => {
                Consent::Bar(practice)
            }
            statement::Consent::Hide(section) => Consent::Hide(section),
            statement::Consent::Deputy(card) if self.is_patients(card) => Consent::Deputy(card),
            _ => return Err(no),
        };
        Ok(Act::Consented(entry::Consented { file, what, set, by: card.id, order: by.1 }))
    }

    fn is_patients(&self, card: CardId) -> bool {
        let card = self.state.card(card).map(|number| &self.state.cards[number as usize]);
        card.is_some_and(|card| card.role == Role::Patient)
    }
}
