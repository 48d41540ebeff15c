//! What the ledger says: a fold of its entries.

use super::{FileView, SessionView};
use ledger::entry::Entry;
use terms::{Blind, CardId, PracticeId, PublicKey, SessionId, Time};

/// An entry that cannot follow those before it: the ledger is damaged, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the ledger does not follow from those before it: {what}")]
pub struct Inconsistent {
    /// Its number.
    pub number: u64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Everything that decisions depend on, and equal for equal ledgers.
#[derive(Default, PartialEq)]
pub struct State {
    entries: u64,
}

impl State {
    /// Takes in the entry with this number: the next one.
    pub fn apply(&mut self, number: u64, entry: &Entry) -> Result<(), Inconsistent> {
        let _ = entry;
        if number != self.entries {
            return Err(Inconsistent { number, what: "not the next number" });
        }
        self.entries += 1;
        Ok(())
    }

    /// How many entries it is the fold of.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Time of the last entry.
    pub fn time(&self) -> Time {
        Time::default()
    }

    /// The key to verify a card's statements with, even of a revoked one.
    pub fn card_key(&self, card: CardId) -> Option<&PublicKey> {
        let _ = card;
        None
    }

    /// A card's holder, as staff know them.
    pub fn holder(&self, card: CardId) -> Option<&str> {
        let _ = card;
        None
    }

    /// A practice's name.
    pub fn practice_name(&self, practice: PracticeId) -> Option<&str> {
        let _ = practice;
        None
    }

    /// A session that is not over.
    pub fn session(&self, session: SessionId) -> Option<SessionView> {
        let _ = session;
        None
    }

    /// How many sessions are live.
    pub fn sessions(&self) -> u64 {
        0
    }

    /// How many files there are, erased ones not counted.
    pub fn files(&self) -> u64 {
        0
    }

    /// A file that is not erased, with the section of every segment.
    pub fn file(&self, file: Blind) -> Option<FileView> {
        let _ = file;
        None
    }

    /// The newest epoch.
    pub fn epoch(&self) -> u32 {
        0
    }

    /// The installation's name; empty before the beginning.
    pub fn tenant(&self) -> &str {
        ""
    }

    /// As bytes, the same for equal states.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.entries.to_be_bytes().to_vec()
    }

    /// Reads what [`State::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<State, minicbor::decode::Error> {
        let bytes = bytes.try_into().map_err(|_| minicbor::decode::Error::message("length"))?;
        Ok(State { entries: u64::from_be_bytes(bytes) })
    }
}
