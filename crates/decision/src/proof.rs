//! Is this proof fresh, of this request, by this session's device, for this file?
//!
//! Trust: nonces and the memory of proofs die together with the process, so a proof counts once.

use super::{Asked, Core};
use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE64URL_NOPAD;
use keyproto::statement::{LIFE_SECONDS_MAX, SKEW_SECONDS_MAX};
use ledger::entry::{Hash, Why};
use std::collections::{BTreeMap, HashSet};
use terms::{Duration, FileId, NONCE_SECONDS_MAX, SessionId, Time, planted};

/// What makes nonces, and what was seen of those that are still good.
pub(super) struct Freshness {
    key: hmac::Key,
    proofs: Seen,
    /// Orders, which need no nonce and so stay good for longer.
    pub(super) orders: Seen,
    counters: BTreeMap<SessionId, u64>,
}

/// Hashes of the statements of the last while: of the span that runs, and of the one before.
pub(super) struct Seen {
    hashes: [HashSet<Hash>; 2],
    turned: Time,
    span: Duration,
}

impl Seen {
    fn new(seconds: u64) -> Seen {
        let (turned, span) = (Time::default(), Duration::from_seconds(seconds));
        Seen { hashes: Default::default(), turned, span }
    }

    /// Whether this statement is new; from now on, for a whole span at least, it is not.
    pub(super) fn first_time(&mut self, now: Time, statement: Hash) -> bool {
        if now.since(self.turned) > self.span {
            self.hashes.swap(0, 1);
            self.hashes[0].clear();
            self.turned = now;
        }
        !self.hashes[1].contains(&statement) && self.hashes[0].insert(statement)
    }

    pub(super) fn contains(&self, statement: &Hash) -> bool {
        self.hashes.iter().any(|hashes| hashes.contains(statement))
    }
}

/// Why a proof is not enough.
pub(super) enum Unproved {
    /// A fresh nonce is all that is missing.
    StaleNonce,
    /// Anything else.
    No(Why),
}

const TAG: usize = 16;

impl Freshness {
    pub(super) fn new(key: &[u8; 32]) -> Freshness {
        Freshness {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            proofs: Seen::new(NONCE_SECONDS_MAX + 1),
            orders: Seen::new(LIFE_SECONDS_MAX + 2 * SKEW_SECONDS_MAX),
            counters: BTreeMap::new(),
        }
    }

    /// The second and a tag over it; before them, in the open, the file it is for, so that a
    /// client sees what it signs.
    pub(super) fn nonce(&self, now: Time, file: Option<FileId>) -> String {
        let second = now.seconds().to_be_bytes();
        let mut bytes = second.to_vec();
        bytes.extend_from_slice(&self.tag(&second, file)[..TAG]);
        let text = BASE64URL_NOPAD.encode(&bytes);
        file.map_or(text.clone(), |file| format!("{file}.{text}"))
    }

    /// The file that a good nonce is for; an error if it is not a good one.
    fn check(&self, now: Time, nonce: &str) -> Result<Option<FileId>, Unproved> {
        let stale = |_| Unproved::StaleNonce;
        let (file, text) = match nonce.split_once('.') {
            Some((file, text)) => (Some(file.parse().map_err(stale)?), text),
            None => (None, nonce),
        };
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Unproved::StaleNonce)?;
        let (second, tag) = bytes.split_first_chunk().ok_or(Unproved::StaleNonce)?;
        let good = constant_time::verify_slices_are_equal(tag, &self.tag(second, file)[..TAG]);
        let until = u64::from_be_bytes(*second).saturating_add(NONCE_SECONDS_MAX);
        match good {
            Ok(()) if now.seconds() <= until => Ok(file),
            _ => Err(Unproved::StaleNonce),
        }
    }

    fn tag(&self, second: &[u8; 8], file: Option<FileId>) -> Hash {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(second);
        context.update(file.as_ref().map_or(&[][..], |file| file.as_bytes()));
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    pub(super) fn forget(&mut self, live: impl Fn(&SessionId) -> bool) {
        self.counters.retain(|session, _| live(session));
    }
}

impl Core {
    /// Checks the proof of a request against what the server says, the device, and the past.
    ///
    /// Returns the file that the proof is bound to; all that name one must agree.
    pub(super) fn proved(
        &mut self,
        now: Time,
        asked: &Asked,
        thumbprint: &Hash,
    ) -> Result<Option<FileId>, Unproved> {
        let proof = &asked.proof;
        let signature = Err(Unproved::No(Why::Signature));
        planted!("takes any signature", return Ok(proof.file_in_url()));
        if proof.thumbprint() != *thumbprint {
            return signature;
        }
        let below = asked.url.strip_prefix(asked.origin.as_str());
        let here = below.is_some_and(|path| path.is_empty() || path.starts_with('/'));
        if !here || proof.url() != asked.url || proof.method() != asked.method {
            return signature;
        }
        let nonce = proof.nonce().ok_or(Unproved::StaleNonce)?;
        let named = [proof.file(), proof.file_in_url(), self.fresh.check(now, nonce)?];
        let mut files = named.into_iter().flatten();
        let file = files.next();
        if files.any(|other| Some(other) != file) {
            return signature;
        }
        planted!("accepts replays", return Ok(file));
        if !self.fresh.proofs.first_time(now, proof.hash()) {
            return Err(Unproved::No(Why::Replay));
        }
        planted!("accepts used counters", return Ok(file));
        if let Some(counter) = proof.counter() {
            let last = self.fresh.counters.get(&asked.session);
            if last.is_some_and(|last| *last >= counter) {
                return Err(Unproved::No(Why::Replay));
            }
            self.fresh.counters.insert(asked.session, counter);
        }
        Ok(file)
    }
}
