//! Nonces that were handed out, and the proofs that used them: each proof counts once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use terms::{FileId, NONCE_SECONDS_MAX};

/// How long one nonce is handed out to everybody.
const SHARED: Duration = Duration::from_secs(30);
const GOOD: Duration = Duration::from_secs(NONCE_SECONDS_MAX);
/// Most nonces that are remembered; the oldest are forgotten first.
const NONCES_MAX: usize = 65_536;
/// Most proofs that are remembered per nonce.
const PROOFS_MAX: usize = 262_144;

/// The keyholder's nonces as far as this server handed them out.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    shared: Option<(String, Instant)>,
    known: HashMap<String, Known>,
    order: VecDeque<(String, Instant)>,
}

struct Known {
    given: Instant,
    file: Option<FileId>,
    used: HashSet<[u8; 32]>,
}

/// Why a proof's nonce is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    /// Not handed out here, or too long ago: a fresh one is all that is missing.
    Nonce,
    /// The same proof came before.
    Replayed,
    /// More proofs than can be remembered.
    Full,
}

impl Nonces {
    /// The nonce that everybody may have now, if it is fresh enough to hand out.
    pub(crate) fn shared(&self, now: Instant) -> Option<String> {
        let inner = self.lock();
        let (nonce, given) = inner.shared.as_ref()?;
        (now.duration_since(*given) < SHARED).then(|| nonce.clone())
    }

    /// Remembers a nonce that everybody may have.
    pub(crate) fn share(&self, nonce: &str, now: Instant) {
        let mut inner = self.lock();
        inner.remember(nonce, None, now);
        inner.shared = Some((nonce.to_owned(), now));
    }

    /// Remembers a nonce that lets a proof open this file although its address does not name it.
    pub(crate) fn remember_for(&self, nonce: &str, file: FileId, now: Instant) {
        self.lock().remember(nonce, Some(file), now);
    }

    /// Counts a proof whose signature was verified; `proof` is the hash of what was signed.
    ///
    /// Returns the file that the nonce was made for.
    pub(crate) fn spend(
        &self,
        nonce: Option<&str>,
        proof: [u8; 32],
        now: Instant,
    ) -> Result<Option<FileId>, Stale> {
        let mut inner = self.lock();
        inner.forget_old(now);
        let known = nonce.and_then(|n| inner.known.get_mut(n)).ok_or(Stale::Nonce)?;
        if now.duration_since(known.given) >= GOOD {
            return Err(Stale::Nonce);
        }
        if known.used.contains(&proof) {
            return Err(Stale::Replayed);
        }
        if known.used.len() >= PROOFS_MAX {
            return Err(Stale::Full);
        }
        known.used.insert(proof);
        Ok(known.file)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn remember(&mut self, nonce: &str, file: Option<FileId>, now: Instant) {
        self.forget_old(now);
        if self.order.len() >= NONCES_MAX
            && let Some((oldest, _)) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        // A nonce that comes twice keeps its first time and the proofs that used it.
        if !self.known.contains_key(nonce) {
            let used = HashSet::new();
            self.known.insert(nonce.to_owned(), Known { given: now, file, used });
            self.order.push_back((nonce.to_owned(), now));
        }
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((oldest, given)) = self.order.front()
            && now.duration_since(*given) >= GOOD
        {
            self.known.remove(oldest);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_once_and_while_its_nonce_is_good() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        assert_eq!(nonces.spend(Some("a"), [1; 32], now), Err(Stale::Nonce));
        nonces.share("a", now);
        assert_eq!(nonces.spend(None, [1; 32], now), Err(Stale::Nonce));
        assert_eq!(nonces.spend(Some("a"), [1; 32], now), Ok(None));
        assert_eq!(nonces.spend(Some("a"), [1; 32], now), Err(Stale::Replayed));
        assert_eq!(nonces.spend(Some("a"), [2; 32], now), Ok(None));
        assert_eq!(nonces.spend(Some("a"), [3; 32], now + GOOD), Err(Stale::Nonce));
    }

    #[test]
    fn the_shared_nonce_is_handed_out_while_much_of_its_life_is_left() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        nonces.share("a", now);
        assert_eq!(nonces.shared(now).as_deref(), Some("a"));
        assert_eq!(nonces.shared(now + SHARED), None);
        assert_eq!(nonces.spend(Some("a"), [1; 32], now + SHARED), Ok(None));
    }

    #[test]
    fn nonces_are_bounded_and_the_oldest_go_first() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for number in 0..=NONCES_MAX {
            nonces.remember_for(&number.to_string(), FileId::from_bytes([0; 16]), now);
        }
        assert_eq!(nonces.spend(Some("0"), [1; 32], now), Err(Stale::Nonce));
        let file = Some(FileId::from_bytes([0; 16]));
        assert_eq!(nonces.spend(Some("1"), [1; 32], now), Ok(file));
        assert_eq!(nonces.lock().known.len(), NONCES_MAX);
    }
}
