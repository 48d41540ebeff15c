//! Files: made, appended to, related to practices, marked, erased.

use super::{Hash, LookUp};
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use terms::{
    Blind, CardId, Duration, Ground, ListId, PracticeId, RelationClass, Section, ServerId,
    SessionId, Time,
};

/// A file came into being.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct FileCreated {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// The practice that created it.
    #[n(1)]
    pub practice: PracticeId,
    /// The session that did.
    #[n(2)]
    pub session: SessionId,
    /// The list of patients it belongs to, if an import made it.
    #[n(3)]
    pub list: Option<ListId>,
    /// By what it was asked first whether the patient has a file already, if that was asked.
    #[n(4)]
    pub unless: Option<LookUp>,
}

/// Segments were appended to a file, or were to be and never came. What passed through the server
/// in plaintext is among exactly these.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Deposited {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// The session.
    #[n(1)]
    pub session: SessionId,
    /// Its card.
    #[n(2)]
    pub card: CardId,
    /// Its practice.
    #[n(3)]
    pub practice: PracticeId,
    /// The server.
    #[n(4)]
    pub server: ServerId,
    /// Sequence of the first new segment; 0 in a new file.
    #[n(5)]
    pub first: u32,
    /// Section of each new segment, in order.
    #[n(6)]
    pub sections: Vec<Section>,
    /// The file's head after it; zeros if it never came.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub head: Hash,
}

/// A relation was made or ended.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Related {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// The practice.
    #[n(1)]
    pub practice: PracticeId,
    /// Presence or evidence.
    #[n(2)]
    pub class: RelationClass,
    /// Its end; the time of the entry itself ends it at once.
    #[n(3)]
    pub until: Time,
    /// The card that signed: the patient's, or one of another practice.
    #[n(4)]
    pub by: CardId,
    /// Hash of the signed statement.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub order: Hash,
    /// What it rests on.
    #[n(6)]
    pub ground: Ground,
    /// The hash of the code that was shown and is worth nothing from here on, if one was.
    #[n(7)]
    pub code: Option<ByteArray<32>>,
}

/// Officers gave a patient one-time codes to show where a card would be shown.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct CodesIssued {
    /// The patient's file.
    #[n(0)]
    pub file: Blind,
    /// SHA-256 of each code; they replace all earlier ones.
    #[n(1)]
    pub codes: Vec<ByteArray<32>>,
    /// The officers.
    #[n(2)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub order: Hash,
}

/// Two officers approved a practice's list of patients.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct ListApproved {
    /// The list.
    #[n(0)]
    pub list: ListId,
    /// The practice whose patients they are.
    #[n(1)]
    pub practice: PracticeId,
    /// How long it is evidence.
    #[n(2)]
    pub lasts: Duration,
    /// The two officers.
    #[n(3)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub order: Hash,
}

/// A mark that changes what an opening of the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Mark {
    /// Nobody has reason to open it: whoever does is frozen.
    #[n(0)]
    Canary,
    /// Kept, but nobody but the patient opens it (GDPR Article 18).
    #[n(1)]
    Restricted,
}

/// A file's mark changed.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Marked {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// Which mark.
    #[n(1)]
    pub mark: Mark,
    /// Set or taken off.
    #[n(2)]
    pub set: bool,
    /// The officers.
    #[n(3)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub order: Hash,
}

/// A file's key was destroyed.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Erased {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// The two officers.
    #[n(1)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub order: Hash,
    /// The newest epoch then: no key of a later one ever wrapped this file's. Entries of before
    /// holds came did not say it.
    #[n(3)]
    pub epoch: Option<u32>,
}

/// A new epoch key wraps the file keys.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct EpochBegan {
    /// Its number.
    #[n(0)]
    pub epoch: u32,
}
