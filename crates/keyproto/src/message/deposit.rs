//! Deposits: the next keys of a file, and what became of them.

use super::{Hash, Identifier, Key};
use minicbor::{Decode, Encode};
use terms::{FileId, ListId, Section, SessionId};

/// Asks for the next segment keys of a file.
#[derive(Encode, Decode)]
pub struct Deposit {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// Where to.
    #[n(1)]
    pub target: Target,
    /// The section of each segment, in order.
    #[n(2)]
    pub sections: Vec<Section>,
    /// How to find the patient from now on, where the deposit carries a Patient.
    #[n(3)]
    pub facts: Option<Facts>,
}

/// The file a deposit goes to.
#[derive(Encode, Decode)]
pub enum Target {
    /// A file that exists.
    #[n(0)]
    File(#[n(0)] FileId),
    /// A new one, unless one with this identifier exists.
    #[n(1)]
    New(#[n(0)] NewFile),
    /// The directory.
    #[n(2)]
    Directory,
}

/// A file to be made.
#[derive(Clone, Encode, Decode)]
pub struct NewFile {
    /// No file is made if this practice's patient, or a national identifier, is known already.
    #[n(0)]
    pub unless: Option<Identifier>,
    /// The list of an import.
    #[n(1)]
    pub list: Option<ListId>,
    /// What an import calls its source: no second file is made of it, whatever the facts become.
    #[n(2)]
    pub source: Option<Identifier>,
}

/// How to find a patient. No `Debug`: it names people.
#[derive(Encode, Decode)]
pub struct Facts {
    /// Identifiers, national ones and chart numbers.
    #[n(0)]
    pub identifiers: Vec<Identifier>,
    /// Family and given names.
    #[n(1)]
    pub names: Vec<String>,
    /// Birth date (`YYYY-MM-DD`).
    #[n(2)]
    pub birth_date: Option<String>,
    /// Telephone numbers.
    #[n(3)]
    pub telephones: Vec<String>,
    /// Family names alone: who shares one may be close.
    #[n(4)]
    pub families: Vec<String>,
    /// Addresses, each as one text: who shares one is close.
    #[n(5)]
    pub addresses: Vec<String>,
}

/// The next segment keys of one file.
#[derive(Encode, Decode)]
pub struct Grant {
    /// For [`Commit`].
    #[n(0)]
    pub grant: u64,
    /// The file.
    #[n(1)]
    pub file: FileId,
    /// The generation of its file key.
    #[n(2)]
    pub generation: u32,
    /// The head that the first new segment follows.
    #[n(3)]
    pub head: Hash,
    /// The keys, in the order of the sections asked for; sequences count up from the file's end.
    #[n(4)]
    pub keys: Vec<Key>,
}

/// The segments of a deposit are stored durably.
#[derive(Encode, Decode)]
pub struct Commit {
    /// Which grant.
    #[n(0)]
    pub grant: u64,
    /// SHA-256 of each sealed segment, in order.
    #[n(1)]
    pub hashes: Vec<Hash>,
}
