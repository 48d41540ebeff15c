//! The ledger: an append-only Merkle log that says what the keyholder did.
//!
//! Hashing is RFC 6962's; checkpoints, signed notes and published tiles are C2SP's. Leaves are
//! opaque bytes to the log: the keyholder seals entries before they come ([`Leaf`]). Why the
//! formats are as they are: `docs/decisions/0001-ledger-formats.md` and
//! `docs/decisions/0026-one-entry-alone.md`.
//!
//! What each stored thing is trusted for:
//!
//! - `entries`, one append-only file of batches: for nothing until its root was recomputed and
//!   agrees with every head that is known; reading checks again what it gives out.
//! - `checkpoint`, replaced as a whole: for the size and root that the log's key signed.
//! - The published tree (`checkpoint`, `tile/…`): for nothing but how far it was written.
//!
//! An append returns after its batch is on the disk. What was acknowledged is never lost by a
//! crash; what was not is either whole or gone when the log is opened again.

mod checkpoint;
mod copy;
pub mod cosignature;
pub mod entry;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod files;
mod leaf;
mod log;
mod merkle;
mod note;
mod tiles;

pub use checkpoint::{Signer, Verifier};
pub use copy::{Proved, Report, prove, verify_copy};
pub use files::{DirFiles, Files, LogFile};
pub use leaf::{Disclosure, LEAF_VERSION, Leaf, PATH_HASHES_MAX, Salt, commitment};
pub use log::{BATCH_BYTES_MAX, ENTRY_BYTES_MAX, Log};
pub use merkle::{
    EMPTY_ROOT, GROUP, Hash, Head, ProofRefused, Tree, leaf_hash, verify_consistency,
    verify_inclusion,
};

use std::io;

/// Why the log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The caller asked for what cannot be done; the log is as it was.
    #[error("asked wrongly: {0}")]
    Asked(&'static str),
    /// The log has no such entry.
    #[error("not there: the log has {size} entries")]
    NotThere {
        /// How many entries there are.
        size: u64,
    },
    /// The disk failed or is full; an append that failed so may be tried again after
    /// [`Log::recover`].
    #[error("the ledger's disk failed ({what}): {source}")]
    World {
        /// What was being done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An append failed before, so nothing is appended until [`Log::recover`] succeeds.
    #[error("the ledger takes no entries since an append failed")]
    Poisoned,
    /// The bytes on the disk are not what was written: always an alarm.
    #[error("the ledger was tampered with: {what}; entries from {first} on are not to be trusted")]
    Tampered {
        /// What was noticed.
        what: &'static str,
        /// The first entry that is not to be trusted.
        first: u64,
    },
}

impl LogError {
    pub(crate) fn world(what: &'static str) -> impl FnOnce(io::Error) -> LogError {
        move |source| LogError::World { what, source }
    }
}
