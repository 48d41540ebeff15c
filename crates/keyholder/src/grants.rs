//! Deposits under way: what was handed out, and which identifiers nobody else may take meanwhile.

use crate::locator::Token;
use crate::table::FactsOf;
use seal::{Chain, FileKey};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use terms::{Blind, DEPOSIT_SECONDS_MAX, Duration, FileId, Section, ServerId, Time};

/// All deposits under way. They live in memory: none outlives the process.
#[derive(Default)]
pub(crate) struct Grants {
    open: Mutex<HashMap<u64, OpenGrant>>,
    reserved: Arc<Mutex<HashSet<Token>>>,
}

/// One deposit under way.
pub(crate) struct OpenGrant {
    pub(crate) server: ServerId,
    pub(crate) file: FileId,
    pub(crate) blind: Blind,
    pub(crate) head: Chain,
    /// Sequence and section of the new segments.
    pub(crate) segments: Vec<(u32, Section)>,
    /// The key of a file that the commit creates.
    pub(crate) new: Option<FileKey>,
    pub(crate) facts: Vec<FactsOf>,
    pub(crate) since: Time,
    pub(crate) reservation: Reservation,
}

/// Identifiers that no other deposit may take while this exists.
pub(crate) struct Reservation {
    tokens: Vec<Token>,
    reserved: Arc<Mutex<HashSet<Token>>>,
}

impl Grants {
    /// Reserves all of these, or none because another deposit has one of them.
    pub(crate) fn reserve(&self, mut tokens: Vec<Token>) -> Option<Reservation> {
        tokens.sort_unstable();
        tokens.dedup();
        let mut reserved = locked(&self.reserved);
        if tokens.iter().any(|token| reserved.contains(token)) {
            return None;
        }
        reserved.extend(&tokens);
        Some(Reservation { tokens, reserved: Arc::clone(&self.reserved) })
    }

    /// Keeps a deposit until its commit; those that ran out are dropped.
    pub(crate) fn open(&self, number: u64, grant: OpenGrant) {
        let now = grant.since;
        let mut open = locked(&self.open);
        open.retain(|_, grant| is_live(grant, now));
        open.insert(number, grant);
    }

    /// Takes a deposit of this server, unless it ran out.
    pub(crate) fn take(&self, number: u64, server: ServerId, now: Time) -> Option<OpenGrant> {
        let mut open = locked(&self.open);
        open.retain(|_, grant| is_live(grant, now));
        if open.get(&number)?.server == server { open.remove(&number) } else { None }
    }

    /// Drops those that ran out, so that their identifiers are free again.
    pub(crate) fn expire(&self, now: Time) {
        locked(&self.open).retain(|_, grant| is_live(grant, now));
    }

    /// Forgets them all: the core that granted them is gone.
    pub(crate) fn clear(&self) {
        locked(&self.open).clear();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut reserved = locked(&self.reserved);
        self.tokens.iter().for_each(|token| {
            reserved.remove(token);
        });
    }
}

fn is_live(grant: &OpenGrant, now: Time) -> bool {
    now.since(grant.since) <= Duration::from_seconds(DEPOSIT_SECONDS_MAX)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
