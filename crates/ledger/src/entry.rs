//! What the ledger says: one entry per act of the keyholder.
//!
//! Trust: entries are the only source of the keyholder's state, so they hold everything a decision
//! depends on, and nothing about a patient but the [`Blind`]. Field numbers are never reused.

use minicbor::{Decode, Encode};
use terms::{
    Blind, CardId, Duration, Freezable, ListId, PracticeId, PublicKey, Purpose, RelationClass, Role,
    Section, Sections, ServerId, SessionId, Time,
};

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

/// A practice became known.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct PracticeRegistered {
    /// Which.
    #[n(0)]
    pub practice: PracticeId,
    /// Its name as people know it.
    #[n(1)]
    pub name: String,
    /// The officers who ordered it; none at the very start.
    #[n(2)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub order: Hash,
}

/// A card was issued.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct CardIssued {
    /// Which.
    #[n(0)]
    pub card: CardId,
    /// What its holder is.
    #[n(1)]
    pub role: Role,
    /// The practice it belongs to.
    #[n(2)]
    pub practice: PracticeId,
    /// The holder as staff know them. Never a patient's name.
    #[n(3)]
    pub holder: String,
    /// Its public key.
    #[n(4)]
    pub key: PublicKey,
    /// Last moment at which it signs in.
    #[n(5)]
    pub not_after: Time,
    /// A patient card's own file.
    #[n(6)]
    pub file: Option<Blind>,
    /// The officers who ordered it; none at the very start.
    #[n(7)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[n(8)]
    #[cbor(with = "minicbor::bytes")]
    pub order: Hash,
}

/// A card was revoked.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct CardRevoked {
    /// Which.
    #[n(0)]
    pub card: CardId,
    /// Why, in an officer's words.
    #[n(1)]
    pub reason: String,
    /// Who ordered it.
    #[n(2)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub order: Hash,
}

/// A card signed in.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SessionStarted {
    /// The new session.
    #[n(0)]
    pub session: SessionId,
    /// Whose.
    #[n(1)]
    pub card: CardId,
    /// The server it came through.
    #[n(2)]
    pub server: ServerId,
    /// The device key that signs requests.
    #[n(3)]
    pub device: PublicKey,
    /// Its end.
    #[n(4)]
    pub until: Time,
    /// Most distinct files it opens.
    #[n(5)]
    pub openings_max: u32,
    /// Hash of the signed assertion, so that it counts once.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub assertion: Hash,
}

/// A session ended before its time.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SessionEnded {
    /// Which.
    #[n(0)]
    pub session: SessionId,
}

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
    #[n(10)]
    #[cbor(with = "minicbor::bytes")]
    pub request: Hash,
    /// The reason given, for an emergency.
    #[n(11)]
    pub reason: Option<String>,
    /// Hash of a bearer token that may repeat this opening, and its end.
    #[n(12)]
    pub token: Option<Token>,
}

/// A bearer token for exactly one file.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Token {
    /// SHA-256 of the token.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub hash: Hash,
    /// Its end.
    #[n(1)]
    pub until: Time,
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
    /// A hard limit: the card is frozen by the next entry.
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
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
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
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
    pub request: Hash,
}

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
}

/// Segments were appended to a file. What passed through the server in plaintext is exactly this.
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
    /// Sequence of the first new segment.
    #[n(5)]
    pub first: u32,
    /// Section of each new segment, in order.
    #[n(6)]
    pub sections: Vec<Section>,
    /// The file's head after it.
    #[n(7)]
    #[cbor(with = "minicbor::bytes")]
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
    #[n(5)]
    #[cbor(with = "minicbor::bytes")]
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
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub order: Hash,
}

/// Who or what is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Subject {
    /// One card.
    #[n(0)]
    Card(#[n(0)] CardId),
    /// One practice.
    #[n(1)]
    Practice(#[n(0)] PracticeId),
    /// One server.
    #[n(2)]
    Server(#[n(0)] ServerId),
}

impl Subject {
    /// Which kind of thing it is.
    pub const fn kind(&self) -> Freezable {
        match self {
            Subject::Card(_) => Freezable::Card,
            Subject::Practice(_) => Freezable::Practice,
            Subject::Server(_) => Freezable::Server,
        }
    }
}

/// A card, practice or server may open nothing.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Frozen {
    /// What is frozen.
    #[n(0)]
    pub subject: Subject,
    /// The machine's reason, if it was the machine.
    #[n(1)]
    pub why: Option<Why>,
    /// An officer's reason, if it was an officer.
    #[n(2)]
    pub reason: Option<String>,
    /// The officer, if it was one.
    #[n(3)]
    pub by: Vec<CardId>,
}

/// A freeze was lifted.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Unfrozen {
    /// What is free again.
    #[n(0)]
    pub subject: Subject,
    /// The officers' reason.
    #[n(1)]
    pub reason: String,
    /// The two officers.
    #[n(2)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
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
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
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
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub order: Hash,
}

/// A new epoch key wraps the file keys.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct EpochBegan {
    /// Its number.
    #[n(0)]
    pub epoch: u32,
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
