//! Openings and look-ups, and the keys they release.

use super::{Hash, Session};
use minicbor::{Decode, Encode};
use terms::{FileId, Purpose, RelationClass, Section, Sections, SessionId, Time};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A session opens one file.
#[derive(Encode, Decode)]
pub struct Open {
    /// The session.
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
    /// The file.
    #[n(4)]
    pub file: FileId,
}

/// A bearer token repeats its opening.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct Present {
    /// The token as the client sent it.
    #[n(0)]
    pub token: String,
}

/// A session looks for a patient.
#[derive(Encode, Decode)]
pub struct Find {
    /// The session.
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
    /// What is looked for.
    #[n(4)]
    pub query: Query,
}

/// What is looked for. No `Debug`: it names people.
#[derive(Encode, Decode)]
pub enum Query {
    /// An identifier with its system.
    #[n(0)]
    Identifier(#[n(0)] Identifier),
    /// The first letters (three or more) of family and given names, all of which must fit.
    #[n(1)]
    Name(#[n(0)] Vec<String>),
    /// The same with the birth date (`YYYY-MM-DD`).
    #[n(2)]
    NameAndBirthDate(#[n(0)] Vec<String>, #[n(1)] String),
    /// A telephone number.
    #[n(3)]
    Telephone(#[n(0)] String),
}

/// An identifier as FHIR has it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Identifier {
    /// The namespace, a URI.
    #[n(0)]
    pub system: String,
    /// The value.
    #[n(1)]
    pub value: String,
}

/// What the look-up found, at most [`terms::FOUND_FILES_MAX`].
#[derive(Encode, Decode)]
pub struct Found {
    /// Files whose label may be shown, with its keys.
    #[n(0)]
    pub shown: Vec<Release>,
    /// Files that exist, and nothing may be shown.
    #[n(1)]
    pub told: Vec<FileId>,
    /// Whether there are more: ask more narrowly.
    #[n(2)]
    pub more: bool,
}

/// Keys of one file, released to one session and recorded before.
#[derive(Encode, Decode)]
pub struct Release {
    /// The file.
    #[n(0)]
    pub file: FileId,
    /// The generation of its file key.
    #[n(1)]
    pub generation: u32,
    /// How many segments the file has.
    #[n(2)]
    pub segments: u32,
    /// The file's head: the chain over all of its segments.
    #[n(3)]
    pub head: Hash,
    /// What was released.
    #[n(4)]
    pub sections: Sections,
    /// What the file has besides, and was not released.
    #[n(5)]
    pub hidden: Sections,
    /// The relation it rests on.
    #[n(6)]
    pub class: RelationClass,
    /// What for.
    #[n(7)]
    pub purpose: Purpose,
    /// The keys, by sequence.
    #[n(8)]
    pub keys: Vec<Key>,
    /// Number of the ledger entry that records it.
    #[n(9)]
    pub entry: u64,
    /// The session it belongs to; a bearer token's is the one that signed for it.
    #[n(10)]
    pub session: Session,
    /// Last moment at which the server may use the keys.
    #[n(11)]
    pub until: Time,
}

/// The key of one segment. No `Debug`; zeroised when dropped.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    /// Which segment.
    #[n(0)]
    pub sequence: u32,
    /// Its section.
    #[n(1)]
    #[zeroize(skip)]
    pub section: Section,
    /// The key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub key: [u8; 32],
}
