//! Legal holds: while one is on, two officers cannot erase what it covers either.
//!
//! Trust: laid and lifted by two officers alone, each case by itself, so that lifting one case's
//! hold frees nothing that another still needs.

use super::Core;
use super::decide::No;
use super::orders::{NOT_IN_ORDER, Signed};
use super::rows::FileRow;
use super::state::State;
use keyproto::statement::{self, Order};
use ledger::entry::{self, Act, HoldOn};
use terms::{Blind, planted};

/// Longest name of a case, in bytes.
const CASE_BYTES_MAX: usize = 64;

impl State {
    /// Whether a hold keeps this file from being erased.
    pub(super) fn is_held(&self, file: u32) -> bool {
        planted!("forgets holds", return false);
        self.holds.keys().any(|on| match on {
            HoldOn::File(held) => self.files.find(held) == Some(file),
            HoldOn::Practice(held) => {
                self.practice(*held).is_some_and(|practice| self.belongs(file, practice))
            }
        })
    }

    /// Whether a practice created this file, or ever had a relation to it.
    fn belongs(&self, file: u32, practice: u32) -> bool {
        let row: &FileRow = self.files.row(file);
        let pair = (file, practice);
        row.creator == practice
            || self.relations.contains_key(&pair)
            || self.bookings.contains_key(&pair)
    }

    /// Takes a hold in.
    pub(super) fn held(&mut self, held: &entry::Held) -> Result<(), &'static str> {
        self.count_statement(held.order);
        match held.on {
            HoldOn::File(file) => self.files.find(&file).map(drop).ok_or("no such file")?,
            HoldOn::Practice(one) => self.practice(one).map(drop).ok_or("no such practice")?,
        }
        let cases = self.holds.entry(held.on).or_default();
        let changed = match held.set {
            true => cases.insert(held.case.clone()),
            false => cases.remove(&held.case),
        };
        if cases.is_empty() {
            self.holds.remove(&held.on);
        }
        if changed { Ok(()) } else { Err("the hold is laid already, or was never") }
    }
}

impl Core {
    /// Lays a hold or lifts it.
    pub(super) fn hold(
        &self,
        order: &Order,
        file: Option<Blind>,
        signed: &Signed,
    ) -> Result<Act, No> {
        let no = (NOT_IN_ORDER, None);
        let Order::Hold { on, case, set, reason } = order else { return Err(no) };
        let on = match on {
            statement::HoldOn::File(_) => HoldOn::File(self.known(file)?.0),
            statement::HoldOn::Practice(one) => {
                self.state.practice(*one).ok_or(no)?;
                HoldOn::Practice(*one)
            }
        };
        let named = !case.trim().is_empty() && case.len() <= CASE_BYTES_MAX;
        let is_on = self.state.holds.get(&on).is_some_and(|cases| cases.contains(case));
        if !named || reason.trim().is_empty() || is_on == *set {
            return Err(no);
        }
        let (case, reason) = (case.clone(), reason.clone());
        let (set, by, order) = (*set, signed.cards.clone(), signed.hash);
        Ok(Act::Held(entry::Held { on, case, set, reason, by, order }))
    }
}
