//! Which entries a question wants, told before they are decoded where that is possible.

use super::about::About;
use crate::entries::unreadable;
use crate::error::Result;
use keyproto::message::Question;
use ledger::entry::{Act, Entry};
use terms::{Blind, CardId, PracticeId, ServerId};

/// A question, as entries are held against it.
pub(super) struct Wanted {
    card: Option<CardId>,
    practice: Option<PracticeId>,
    server: Option<ServerId>,
    file: Option<Blind>,
    /// No person's file: lines about it alone are told where it, or everything, is asked for.
    directory: Option<Blind>,
    everything: bool,
    /// The first bytes of an id that a wanted entry has somewhere.
    beginning: Option<u64>,
}

/// An entry that is wanted.
pub(super) struct Found {
    pub(super) number: u64,
    /// The entry's bytes, as they were sealed.
    pub(super) bytes: Vec<u8>,
    pub(super) entry: Entry,
    pub(super) about: About,
}

impl Wanted {
    pub(super) fn new(
        question: &Question,
        file: Option<Blind>,
        directory: Option<Blind>,
    ) -> Wanted {
        let Question { card, practice, server, everything, .. } = *question;
        // The rarest first: a file or card has few entries, a practice or server many.
        let file_id = file.as_ref().map(|file| first_bytes(file.as_bytes()));
        let card_id = card.as_ref().map(|card| first_bytes(card.as_bytes()));
        let practice_id = practice.as_ref().map(|practice| first_bytes(practice.as_bytes()));
        let server_id = server.as_ref().map(|server| first_bytes(server.as_bytes()));
        let beginning = file_id.or(card_id).or(practice_id).or(server_id);
        Wanted { card, practice, server, file, directory, everything, beginning }
    }

    /// The entry with these bytes, if it is wanted.
    pub(super) fn found(&self, number: u64, bytes: &[u8]) -> Result<Option<Found>> {
        if self.beginning.is_some_and(|id| !has(bytes, id)) {
            return Ok(None);
        }
        let entry = Entry::from_bytes(bytes).map_err(|error| unreadable(number, &error))?;
        let about = About::of(&entry.act);
        let wanted = self.wants(&entry.act, &about);
        Ok(wanted.then(|| Found { number, bytes: bytes.to_vec(), entry, about }))
    }

    fn wants(&self, act: &Act, about: &About) -> bool {
        fn fits<T: PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let exposes = match act {
            Act::Opened(_) | Act::OpenedByJob(_) | Act::Deposited(_) | Act::Abandoned(_) => true,
            Act::Found(found) => !found.shown.is_empty(),
            _ => false,
        };
        let is_person = self.file.is_some() || self.directory.is_none_or(|d| about.files != [d]);
        ((exposes && is_person) || self.everything)
            && fits(self.card, about.card)
            && fits(self.practice, about.practice)
            && fits(self.server, about.server)
            && self.file.is_none_or(|file| about.files.contains(&file))
    }
}

fn first_bytes(id: &[u8]) -> u64 {
    // Invariant: every id has ten bytes or more.
    u64::from_ne_bytes(*id.first_chunk().expect("invariant: ids are longer"))
}

/// Whether these eight bytes stand anywhere in an entry. Ids are encoded as their own bytes in one
/// piece (`terms::id`), so an entry without them does not name the id.
fn has(entry: &[u8], id: u64) -> bool {
    let mut windows = entry.windows(size_of::<u64>());
    // Invariant: every window is as long as a u64.
    windows.any(|w| u64::from_ne_bytes(w.try_into().expect("invariant: eight bytes")) == id)
}

#[cfg(test)]
mod tests;
