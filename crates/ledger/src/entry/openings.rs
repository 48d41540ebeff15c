//! What was opened, found and refused.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{
    Blind, CardId, Grade, PracticeId, Purpose, RelationClass, Sections, ServerId, SessionId, Time,
};

/// Keys of one file were released.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Opened {
    /// The session that signed.
    #[n(0)]
    pub session: SessionId,
    /// Its card.
    #[n(1)]
    pub card: CardId,
    /// Its practice.
    #[n(2)]
    pub practice: PracticeId,
    /// The server the keys went to.
    #[n(3)]
    pub server: ServerId,
    /// The file.
    #[n(4)]
    pub file: Blind,
    /// The sections whose keys were released.
    #[n(5)]
    pub sections: Sections,
    /// The relation it rests on.
    #[n(6)]
    pub class: RelationClass,
    /// What for.
    #[n(7)]
    pub purpose: Purpose,
    /// How many segments the file had: later ones are not covered.
    #[n(8)]
    pub segments: u32,
    /// Whether the same card had opened it within the last 24 hours.
    #[n(9)]
    pub repeat: bool,
    /// Hash of the signed request.
    #[cbor(n(10), with = "minicbor::bytes")]
    pub request: Hash,
    /// The reason given, for an emergency.
    #[n(11)]
    pub reason: Option<String>,
    /// Hash of a bearer token that may repeat this opening, and its end.
    #[n(12)]
    pub token: Option<Token>,
    /// How it was explained at that moment.
    #[n(13)]
    pub grade: Grade,
    /// Whether the patient is somebody close to who opens: of one name, household or address.
    #[n(14)]
    pub close: bool,
}

/// A bearer token for exactly one file.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Token {
    /// SHA-256 of the token.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: Hash,
    /// Its end.
    #[n(1)]
    pub until: Time,
    /// What it may be used for: sections that were signed for and allowed, also those of which the
    /// file had nothing yet.
    #[cbor(n(2), default)]
    pub sections: Sections,
}

/// Why a request was refused. The asker never learns which; the ledger does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Why {
    /// Card, practice or server is frozen.
    #[n(0)]
    Frozen,
    /// No such session, ended, or of another server.
    #[n(1)]
    Session,
    /// The card is revoked or out of date.
    #[n(2)]
    Card,
    /// Signature, nonce, counter, address or hash does not fit.
    #[n(3)]
    Signature,
    /// The same signed statement came before.
    #[n(4)]
    Replay,
    /// No such file, or erased.
    #[n(5)]
    NoFile,
    /// The practice has no relation to the file, and it is no emergency.
    #[n(6)]
    NoRelation,
    /// The role has none of the sections.
    #[n(7)]
    Role,
    /// The file is restricted.
    #[n(8)]
    Restricted,
    /// A soft limit: sign in with the card again.
    #[n(9)]
    StepUp,
    /// A hard limit: a card that broke its own is frozen by the next entry.
    #[n(10)]
    Budget,
    /// The session opened as many files as it was signed for.
    #[n(11)]
    SessionBudget,
    /// Too many have opened this file.
    #[n(12)]
    Openers,
    /// A canary: the card is frozen by the next entry.
    #[n(13)]
    Canary,
    /// Too many look-ups that found nobody: the card is frozen by the next entry.
    #[n(14)]
    Enumeration,
    /// An order without the officers it takes, or about something that is not there.
    #[n(15)]
    Order,
    /// Witnesses of the ledger lag behind: only emergencies are served.
    #[n(16)]
    Unwitnessed,
    /// A reason in words is asked for first.
    #[n(17)]
    Reason,
    /// The card is restricted to files that are strongly explained.
    #[n(18)]
    Weak,
    /// A one-time code that is none of this patient's.
    #[n(19)]
    Code,
    /// A legal hold keeps the file from being erased.
    #[n(25)]
    Held,
}

/// A request was refused.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Refused {
    /// Why.
    #[n(0)]
    pub why: Why,
    /// The server it came through.
    #[n(1)]
    pub server: ServerId,
    /// The session, if one was known.
    #[n(2)]
    pub session: Option<SessionId>,
    /// The card, if one was known.
    #[n(3)]
    pub card: Option<CardId>,
    /// The file asked for, if one was.
    #[n(4)]
    pub file: Option<Blind>,
    /// Hash of the request.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub request: Hash,
}

/// What a look-up asked for; never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LookUp {
    /// A national identifier: every practice may ask.
    #[n(0)]
    Identifier,
    /// A name, or its first letters, among the practice's own patients.
    #[n(1)]
    Name,
    /// Name and birth date.
    #[n(2)]
    NameAndBirthDate,
    /// Telephone number.
    #[n(3)]
    Telephone,
    /// Chart number.
    #[n(4)]
    Chart,
}

/// A look-up was answered.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Found {
    /// The session that signed.
    #[n(0)]
    pub session: SessionId,
    /// Its card.
    #[n(1)]
    pub card: CardId,
    /// Its practice.
    #[n(2)]
    pub practice: PracticeId,
    /// The server it came through.
    #[n(3)]
    pub server: ServerId,
    /// By what.
    #[n(4)]
    pub by: LookUp,
    /// Files whose label was released.
    #[n(5)]
    pub shown: Vec<Blind>,
    /// Files of which only the existence was told.
    #[n(6)]
    pub told: Vec<Blind>,
    /// Hash of the signed request.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub request: Hash,
}
