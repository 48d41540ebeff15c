//! Orders, and questions to the ledger.

use crate::jws::sha256;
use data_encoding::BASE64;
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

/// A question about the ledger, and who asks it.
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
    /// What is asked.
    #[n(11)]
    pub question: Question,
}

/// What a report is to tell; all that is left out is not narrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Question {
    /// Only what concerns this file.
    #[n(0)]
    pub file: Option<FileId>,
    /// Only what this card did.
    #[n(1)]
    pub card: Option<CardId>,
    /// Only what this practice did.
    #[n(2)]
    pub practice: Option<PracticeId>,
    /// Only what went through this server.
    #[n(3)]
    pub server: Option<ServerId>,
    /// Not before.
    #[n(4)]
    pub from: Option<Time>,
    /// Before.
    #[n(5)]
    pub to: Option<Time>,
    /// Every kind of entry, not only openings, look-ups shown, and deposits.
    #[n(6)]
    pub everything: bool,
    /// Only from the entry with this number on.
    #[n(7)]
    pub first: u64,
    /// Told so that it can be shown to others: no other file is named in it, not even to an
    /// officer.
    #[n(8)]
    pub alone: bool,
}

bytes_of!(Question, "question");

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
    /// The name of the practice in it, or of that of the card in it.
    #[n(4)]
    pub practice: Option<String>,
}

/// How a report ends: what the keyholder signs, so that whoever asked can tell that nothing was
/// dropped, added or changed on the way.
#[derive(Clone, Encode, Decode)]
pub struct Closing {
    /// The ledger's checkpoint at which the report was made.
    #[n(0)]
    pub checkpoint: String,
    /// The signed note of kind [`CLOSING`] over [`Tally::closing`].
    #[n(1)]
    pub statement: String,
}

/// The kind of signed note that closes a report.
pub const CLOSING: &str = "report";

/// A running hash over the lines of a report, in their order.
#[derive(Default)]
pub struct Tally {
    lines: u64,
    hash: [u8; 32],
}

impl Tally {
    /// Takes the next line in.
    pub fn add(&mut self, line: &Line) {
        // Invariant: as for every message of this protocol.
        let line = minicbor::to_vec(line).expect("invariant: messages encode");
        self.hash = sha256(&[&self.hash[..], &line].concat());
        self.lines += 1;
    }

    /// What the keyholder says of these lines: for the request with this proof they are everything
    /// that a ledger of this size and root answers to this question.
    pub fn closing(&self, proof: &str, question: &Question, size: u64, root: &[u8]) -> String {
        self.closing_of(&sha256(proof.as_bytes()), question, size, root)
    }

    /// The same, for whoever has the hash of that proof alone.
    pub fn closing_of(
        &self,
        proof: &[u8; 32],
        question: &Question,
        size: u64,
        root: &[u8],
    ) -> String {
        let [proof, hash] = [proof, &self.hash].map(|hash| BASE64.encode(hash));
        let (question, root) = (BASE64.encode(&question.to_bytes()), BASE64.encode(root));
        let lines = self.lines;
        format!("{size}\n{root}\nproof {proof}\nquestion {question}\nlines {lines} {hash}\n")
    }
}
