//! Entries as the ledger keeps them: sealed for this tenant and number, beside a commitment.
//!
//! Trust: the seal covers the commitment, so nobody without the key changes either, and opening an
//! entry need not hash it again. That the commitment is the entry's own is checked where one is
//! shown to a stranger, who checks it as well.

use crate::error::{KeyholderError, Result};
use crate::keyring::Keyring;
use crate::random::random;
use ledger::entry::Entry;
use ledger::{Leaf, LogError, Salt, commitment};
use seal::{open_bytes_in, seal_bytes};
use zeroize::Zeroizing;

/// The leaf of this entry.
pub(crate) fn seal_entry(ring: &Keyring, number: u64, entry: &Entry) -> Result<Vec<u8>> {
    let (salt, bytes): (Salt, _) = (random()?, entry.to_bytes());
    let commitment = commitment(&salt, &bytes);
    let aad = aad(Vec::new(), ring, number, &commitment);
    let sealed = seal_bytes(&ring.entries, &aad, &[&salt[..], &bytes].concat())?;
    Ok(Leaf { commitment: &commitment, sealed: &sealed }.to_bytes())
}

/// The entry of this leaf, if it was sealed for this tenant and number.
pub(crate) fn open_entry(ring: &Keyring, number: u64, leaf: &[u8]) -> Result<Entry> {
    Opener::new(ring).entry(number, leaf)
}

/// Opens many entries in the same room.
pub(crate) struct Opener<'r> {
    ring: &'r Keyring,
    aad: Vec<u8>,
    opened: Zeroizing<Vec<u8>>,
}

impl<'r> Opener<'r> {
    pub(crate) fn new(ring: &'r Keyring) -> Opener<'r> {
        Opener { ring, aad: Vec::new(), opened: Zeroizing::new(Vec::with_capacity(1024)) }
    }

    /// The salt and the entry's bytes.
    pub(crate) fn open(&mut self, number: u64, leaf: &[u8]) -> Result<(&Salt, &[u8])> {
        let Leaf { commitment, sealed } = Leaf::parse(leaf).map_err(|error| match error {
            LogError::Asked(what) => KeyholderError::Asked(what.into()),
            other => other.into(),
        })?;
        self.aad = aad(std::mem::take(&mut self.aad), self.ring, number, commitment);
        let opened = open_bytes_in(&self.ring.entries, &self.aad, sealed, &mut self.opened)?;
        opened.split_first_chunk().ok_or_else(|| unreadable(number, &"it is cut"))
    }

    /// The entry.
    pub(crate) fn entry(&mut self, number: u64, leaf: &[u8]) -> Result<Entry> {
        let (_, bytes) = self.open(number, leaf)?;
        Entry::from_bytes(bytes).map_err(|error| unreadable(number, &error))
    }
}

pub(crate) fn unreadable(number: u64, why: &dyn std::fmt::Display) -> KeyholderError {
    KeyholderError::Tampered(format!("entry {number} of the ledger cannot be read: {why}"))
}

/// What an entry is sealed for; the tenant, which alone has no fixed length, comes last.
fn aad(mut room: Vec<u8>, ring: &Keyring, number: u64, commitment: &[u8; 32]) -> Vec<u8> {
    room.clear();
    room.extend_from_slice(&number.to_be_bytes());
    room.extend_from_slice(commitment);
    room.extend_from_slice(ring.tenant().as_bytes());
    room
}

#[cfg(test)]
mod tests;
