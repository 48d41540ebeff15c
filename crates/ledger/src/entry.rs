//! What the ledger says: one entry per act of the keyholder.
//!
//! Trust: entries are the only source of the keyholder's state, so they hold everything a decision
//! depends on, and nothing about a patient but the [`Blind`]. Field numbers are never reused.

mod cards;
mod consents;
mod files;
mod freezes;
mod holds;
mod jobs;
mod openings;

pub use cards::{CardIssued, CardRevoked, PracticeRegistered, SessionEnded, SessionStarted};
pub use consents::{Consent, Consented};
pub use files::{
    CodesIssued, Deposited, EpochBegan, Erased, FileCreated, ListApproved, Mark, Marked, Related,
};
pub use freezes::{Confirmed, Frozen, Stepped, Unfrozen};
pub use holds::{Held, HoldOn};
pub use jobs::{Errand, JobApproved, OpenedByJob};
pub use openings::{Found, LookUp, Opened, Refused, Token, Why};
pub use terms::Subject;

use minicbor::{Decode, Encode};
use terms::{Blind, Time};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// One act, and when the keyholder's clock saw it. Times never decrease from entry to entry.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Entry {
    /// When.
    #[n(0)]
    pub at: Time,
    /// What.
    #[n(1)]
    pub act: Act,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Act {
    /// The ledger begins.
    #[n(0)]
    Began(#[n(0)] Began),
    /// A practice became known.
    #[n(1)]
    PracticeRegistered(#[n(0)] PracticeRegistered),
    /// A card was issued.
    #[n(2)]
    CardIssued(#[n(0)] CardIssued),
    /// A card was revoked, for good.
    #[n(3)]
    CardRevoked(#[n(0)] CardRevoked),
    /// A card signed in.
    #[n(4)]
    SessionStarted(#[n(0)] SessionStarted),
    /// A session ended before its time.
    #[n(5)]
    SessionEnded(#[n(0)] SessionEnded),
    /// Keys of a file were released.
    #[n(6)]
    Opened(#[n(0)] Opened),
    /// A request was refused.
    #[n(7)]
    Refused(#[n(0)] Refused),
    /// A look-up was answered; the hits' labels may have been released.
    #[n(8)]
    Found(#[n(0)] Found),
    /// A file came into being.
    #[n(9)]
    FileCreated(#[n(0)] FileCreated),
    /// Segments were appended to a file.
    #[n(10)]
    Deposited(#[n(0)] Deposited),
    /// A relation between a practice and a file was made or ended.
    #[n(11)]
    Related(#[n(0)] Related),
    /// Two officers approved a practice's list of patients.
    #[n(12)]
    ListApproved(#[n(0)] ListApproved),
    /// A card, practice or server may open nothing.
    #[n(13)]
    Frozen(#[n(0)] Frozen),
    /// A freeze was lifted by two officers.
    #[n(14)]
    Unfrozen(#[n(0)] Unfrozen),
    /// A file's mark changed: canary or restricted.
    #[n(15)]
    Marked(#[n(0)] Marked),
    /// A file's key was destroyed.
    #[n(16)]
    Erased(#[n(0)] Erased),
    /// A new epoch key wraps the file keys from here on.
    #[n(17)]
    EpochBegan(#[n(0)] EpochBegan),
    /// A deposit was granted and never came; a new file it was for does not exist.
    #[n(18)]
    Abandoned(#[n(0)] Deposited),
    /// A patient barred a practice, hid a section, named a deputy, or took that back.
    #[n(19)]
    Consented(#[n(0)] Consented),
    /// A card was put on another rung of containment.
    #[n(20)]
    Stepped(#[n(0)] Stepped),
    /// A colleague confirmed another card's emergency.
    #[n(21)]
    Confirmed(#[n(0)] Confirmed),
    /// A patient was given one-time codes.
    #[n(22)]
    CodesIssued(#[n(0)] CodesIssued),
    /// A legal hold was laid on a file or a practice's files, or lifted.
    #[n(25)]
    Held(#[n(0)] Held),
    /// Two officers approved a job: openings of the files that they signed for.
    #[n(23)]
    JobApproved(#[n(0)] JobApproved),
    /// Keys of one file of a job were released.
    #[n(24)]
    OpenedByJob(#[n(0)] OpenedByJob),
}

/// The first entry.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Began {
    /// The installation's name, bound into every seal.
    #[n(0)]
    pub tenant: String,
    /// The directory of practitioners and organisations, a file like any other.
    #[n(1)]
    pub directory: Blind,
}

impl Entry {
    /// The entry as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Invariant: a `Vec` takes every write, and no field of an entry refuses to be encoded.
        minicbor::to_vec(self).expect("invariant: entries encode")
    }

    /// Reads an entry; anything left over or unknown is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Entry, minicbor::decode::Error> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let entry = decoder.decode()?;
        if decoder.position() == bytes.len() {
            Ok(entry)
        } else {
            Err(minicbor::decode::Error::message("bytes after the entry"))
        }
    }
}
