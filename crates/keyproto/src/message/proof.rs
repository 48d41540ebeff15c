//! Entries of the ledger shown one by one, to be proved to strangers.

use super::Hash;
use data_encoding::BASE64;
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use terms::{Blind, FileId, SessionId};

/// Most entries of one request.
pub const PROVE_ENTRIES_MAX: usize = 256;
/// The kind of signed note that says how the ledger names a file: over [`naming`].
pub const NAMING: &str = "name";

/// Who asks that entries about one file be shown, and which.
#[derive(Encode, Decode)]
pub struct Prove {
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
    #[n(4)]
    pub asked: AskedProof,
}

/// What is to be proved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AskedProof {
    /// The file that every entry has to be about.
    #[n(0)]
    pub file: FileId,
    /// Numbers of the entries, at most [`PROVE_ENTRIES_MAX`].
    #[n(1)]
    pub entries: Vec<u64>,
    /// The size of the ledger to prove against, such as that of a report; else its present one.
    #[n(2)]
    pub size: Option<u64>,
    /// The size of an earlier checkpoint, to prove that the ledger begins with it.
    #[n(3)]
    pub older: Option<u64>,
}

/// What was asked for, as far as it fits: what is neither shown nor left out is asked for again.
#[derive(Clone, Encode, Decode)]
pub struct Proved {
    /// The checkpoint of the ledger of the size that was asked for.
    #[n(0)]
    pub checkpoint: String,
    /// The signed note of kind [`NAMING`].
    #[n(1)]
    pub naming: String,
    /// The entries.
    #[n(2)]
    pub entries: Vec<Disclosed>,
    /// Those that name other files as well, which nobody is shown.
    #[n(3)]
    pub left_out: Vec<u64>,
    /// The proof that the ledger begins with the earlier one.
    #[n(4)]
    pub consistency: Vec<Hash>,
}

/// One entry: `ledger::Disclosure` as a message.
#[derive(Clone, Encode, Decode)]
pub struct Disclosed {
    /// Its number.
    #[n(0)]
    pub number: u64,
    /// The leaf.
    #[n(1)]
    pub leaf: ByteVec,
    /// The salt.
    #[n(2)]
    pub salt: ByteArray<16>,
    /// The entry, as `ledger::entry::Entry` encodes it.
    #[n(3)]
    pub entry: ByteVec,
    /// The inclusion proof.
    #[n(4)]
    pub path: Vec<Hash>,
}

/// What the keyholder says of a name: in the ledger of this size and root it is this file's.
pub fn naming(size: u64, root: &[u8], file: FileId, blind: Blind) -> String {
    format!("{size}\n{}\nfile {file}\nis {blind}\n", BASE64.encode(root))
}
