//! Orders, and questions to the ledger.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, FileId, PracticeId, ServerId, SessionId, Time};

/// Something is on the ledger.
#[derive(Clone, Encode, Decode)]
pub struct Recorded {
    /// Number of its entry.
    #[n(0)]
    pub entry: u64,
    /// When.
    #[n(1)]
    pub at: Time,
}

/// An order with its signatures: one statement a signer, all with the same order.
#[derive(Encode, Decode)]
pub struct Order {
    /// The signed statements.
    #[n(0)]
    pub statements: Vec<String>,
}

/// A question about the ledger.
#[derive(Encode, Decode)]
pub struct Report {
    /// The session of an officer, or of the patient whose file it is.
    #[n(0)]
    pub session: SessionId,
    /// The device's proof of this very HTTP request.
    #[n(1)]
    pub proof: String,
    /// The HTTP method that was proved.
    #[n(2)]
    pub method: String,
    /// The address that was proved, without query and fragment.
    #[n(3)]
    pub url: String,
    /// Only what concerns this file.
    #[n(4)]
    pub file: Option<FileId>,
    /// Only what this card did.
    #[n(5)]
    pub card: Option<CardId>,
    /// Only what this practice did.
    #[n(6)]
    pub practice: Option<PracticeId>,
    /// Only what went through this server.
    #[n(7)]
    pub server: Option<ServerId>,
    /// Not before.
    #[n(8)]
    pub from: Option<Time>,
    /// Before.
    #[n(9)]
    pub to: Option<Time>,
    /// Every kind of entry, not only openings, look-ups shown, and deposits.
    #[n(10)]
    pub everything: bool,
}

/// One line of a report: an entry with the file it is about.
#[derive(Encode, Decode)]
pub struct Line {
    /// Number of the entry.
    #[n(0)]
    pub number: u64,
    /// The entry, as `ledger::entry::Entry` encodes it.
    #[n(1)]
    pub entry: ByteVec,
    /// Names of the files in it, for those that are not erased.
    #[n(2)]
    pub files: Vec<(Blind, FileId)>,
    /// The holder of the card in it.
    #[n(3)]
    pub holder: Option<String>,
    /// The name of the practice in it.
    #[n(4)]
    pub practice: Option<String>,
}
