//! What the log keeps of one entry, and how one entry is shown to somebody who trusts nobody.
//!
//! A leaf is `version 1 | commitment 32 | sealed`. The commitment is SHA-256 over a word, a fresh
//! random salt and the entry's bytes; salt and entry are what is sealed. Whoever is told both can
//! hash them, so this one entry is proved without any key and no other is shown.

use crate::entry::Entry;
use crate::{Head, LogError, ProofRefused, leaf_hash, merkle, verify_inclusion};
use aws_lc_rs::digest::{SHA256, digest};

/// The first byte of every leaf; another one is refused.
pub const LEAF_VERSION: u8 = 2;
/// The longest path that a log of any size needs.
pub const PATH_HASHES_MAX: usize = 64;

/// What hides an entry behind its commitment until both are shown.
pub type Salt = [u8; 16];

/// Nothing else is hashed that begins so.
const DOMAIN: &[u8] = b"cofferdam entry v1\n";
const HEADER_BYTES: usize = 1 + 32;

/// What stands in a leaf for this entry.
pub fn commitment(salt: &Salt, entry: &[u8]) -> merkle::Hash {
    merkle::to_hash(digest(&SHA256, &[DOMAIN, salt, entry].concat()).as_ref())
}

/// A leaf, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf<'l> {
    /// What its entry hashes to, with its salt.
    pub commitment: &'l merkle::Hash,
    /// Salt and entry, sealed.
    pub sealed: &'l [u8],
}

impl<'l> Leaf<'l> {
    /// Takes a leaf's bytes apart.
    pub fn parse(bytes: &'l [u8]) -> Result<Leaf<'l>, LogError> {
        match bytes.split_first() {
            Some((&LEAF_VERSION, rest)) => match rest.split_first_chunk() {
                Some((commitment, sealed)) => Ok(Leaf { commitment, sealed }),
                None => Err(LogError::Tampered { what: "an entry is cut", first: 0 }),
            },
            Some(_) => Err(LogError::Asked(
                "the ledger's entries are of another format version than this program reads; use \
                 the program that wrote them",
            )),
            None => Err(LogError::Tampered { what: "an entry is empty", first: 0 }),
        }
    }

    /// The leaf's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.sealed.len());
        bytes.push(LEAF_VERSION);
        bytes.extend_from_slice(self.commitment);
        bytes.extend_from_slice(self.sealed);
        bytes
    }
}

/// One entry, and everything that proves it to whoever has the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// The entry's number.
    pub number: u64,
    /// The leaf's bytes, as the log has them.
    pub leaf: Vec<u8>,
    /// The entry's salt.
    pub salt: Salt,
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The inclusion proof.
    pub path: Vec<merkle::Hash>,
}

impl Disclosure {
    /// The entry, if it is this number of the log with this head; nothing is believed.
    pub fn verify(&self, head: &Head) -> Result<Entry, ProofRefused> {
        let leaf = Leaf::parse(&self.leaf).map_err(|_| ProofRefused)?;
        if *leaf.commitment != commitment(&self.salt, &self.entry) {
            return Err(ProofRefused);
        }
        verify_inclusion(head, self.number, leaf_hash(&self.leaf), &self.path)?;
        Entry::from_bytes(&self.entry).map_err(|_| ProofRefused)
    }
}

#[cfg(test)]
mod tests;
