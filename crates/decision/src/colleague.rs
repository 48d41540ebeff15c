//! What a named colleague does for another card: relax a rung, confirm an emergency.
//!
//! Trust: nobody does it for their own card, nobody who is held to something does it for others,
//! and each has few a day, so that a second stolen card buys little.

use super::Core;
use super::budget::{DAY, Key, MONTH, seconds};
use super::decide::No;
use super::matrix;
use super::state::State;
use ledger::entry::{self, Act, Hash, Subject, Why};
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, Finding, Role, Rung, Time, planted};

/// Rungs that one card relaxes a day, emergencies it confirms a day, and how often a card is
/// relaxed in 30 days unless an officer looks into it. All of them are assumed: a colleague knows
/// of a few cases a day.
const RELAX_A_DAY: usize = 2;
const CONFIRM_A_DAY: usize = 3;
const RELAXED_A_MONTH: usize = 2;

/// What is counted one by one, and for which card.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(super) enum Deed {
    #[n(0)]
    Relax(#[n(0)] u32),
    /// Was relaxed by a colleague who is no officer.
    #[n(1)]
    Relaxed(#[n(0)] u32),
    #[n(2)]
    Confirm(#[n(0)] u32),
    #[n(3)]
    Book(#[n(0)] u32),
}

impl State {
    pub(super) fn did(&mut self, deed: Deed) {
        let now = seconds(self.time());
        self.deeds.entry(deed).or_default().push(now);
    }

    /// How often within this many seconds.
    pub(super) fn done(&self, deed: Deed, within: u32, now: Time) -> usize {
        let times = self.deeds.get(&deed).map(Vec::as_slice).unwrap_or_default();
        times.iter().filter(|at| at.saturating_add(within) > seconds(now)).count()
    }

    /// A colleague relaxed this card.
    pub(super) fn relaxed(&mut self, card: u32, by: CardId) -> Result<(), &'static str> {
        let by = self.card(by).ok_or("no such card")?;
        self.did(Deed::Relax(by));
        if self.cards[by as usize].role != Role::Officer {
            self.did(Deed::Relaxed(card));
        }
        Ok(())
    }

    pub(super) fn confirmed(&mut self, act: &entry::Confirmed) -> Result<(), &'static str> {
        let file = self.files.find(&act.file).ok_or("no such file")?;
        let card = self.card(act.card).ok_or("no such card")?;
        let by = self.card(act.by).ok_or("no such card")?;
        self.count_statement(act.order);
        self.did(Deed::Confirm(by));
        self.confirmed.insert((card, file), seconds(self.time()));
        Ok(())
    }
}

impl Core {
    /// One rung down, for as long as the card would have stood on the one above.
    pub(super) fn relax(&self, now: Time, card: CardId, by: (u32, Hash)) -> Result<Act, No> {
        let number = self.state.card(card).ok_or((Why::Order, None))?;
        let officer = self.colleague(now, number, by.0)?;
        let often = !officer
            && self.state.done(Deed::Relaxed(number), MONTH, now) >= RELAXED_A_MONTH
            || self.state.done(Deed::Relax(by.0), DAY, now) >= RELAX_A_DAY;
        if often {
            return Err((Why::Budget, None));
        }
        let ladder = self.state.ladders.get(&number).copied().unwrap_or_default();
        let stands = ladder.rung(seconds(now));
        let below = (stands as usize).checked_sub(1).ok_or((Why::Order, None))?;
        let rung = Rung::ALL[below];
        let until = Time::from_millis(u64::from(ladder.until(stands)) * 1_000);
        let (finding, by, order) =
            (Finding::Colleague, vec![self.state.cards[by.0 as usize].id], by.1);
        Ok(Act::Stepped(entry::Stepped { card, rung, until, finding, by, order }))
    }

    /// That an emergency of this card was one.
    pub(super) fn confirm(
        &self,
        now: Time,
        file: Option<Blind>,
        card: CardId,
        by: (u32, Hash),
    ) -> Result<Act, No> {
        let (file, number) = self.known(file)?;
        let opener = self.state.card(card).ok_or((Why::Order, None))?;
        self.colleague(now, opener, by.0)?;
        let emergencies = self.state.budgets.get(&Key::Emergency(opener));
        let opened = emergencies.and_then(|all| all.time_of(number)).ok_or((Why::Order, None))?;
        if self.state.confirmed.get(&(opener, number)).is_some_and(|then| *then >= opened) {
            return Err((Why::Order, None));
        }
        if self.state.done(Deed::Confirm(by.0), DAY, now) >= CONFIRM_A_DAY {
            return Err((Why::Budget, None));
        }
        let (by, order) = (self.state.cards[by.0 as usize].id, by.1);
        Ok(Act::Confirmed(entry::Confirmed { file, card, by, order }))
    }

    /// Whether the signer may speak for this card: an officer, or another card of the same practice
    /// that treats and is held to nothing itself. Says whether it is an officer.
    fn colleague(&self, now: Time, card: u32, signer: u32) -> Result<bool, No> {
        planted!("speaks for itself", return Ok(true));
        let (state, no) = (&self.state, (Why::Order, None));
        let [of, by] = [card, signer].map(|number| &state.cards[number as usize]);
        if card == signer {
            return Err(no);
        }
        if by.role == Role::Officer {
            return Ok(true);
        }
        if state.is_frozen(Subject::Practice(state.practices[by.practice as usize].id)) {
            return Err((Why::Frozen, None));
        }
        let treats = matrix::emergencies(by.role) && by.practice == of.practice;
        if treats && state.rung_of(signer, now) == Rung::Open { Ok(false) } else { Err(no) }
    }
}
