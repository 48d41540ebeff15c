//! Practices, cards, sessions.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, PracticeId, PublicKey, Role, ServerId, SessionId, Time};

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
    #[cbor(n(3), with = "minicbor::bytes")]
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
    /// A patient card's own file; of staff, the one they have as patients, which this card does
    /// not open for it: it says who is close to whom.
    #[n(6)]
    pub file: Option<Blind>,
    /// The officers who ordered it; none at the very start.
    #[n(7)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(8), with = "minicbor::bytes")]
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
    #[cbor(n(3), with = "minicbor::bytes")]
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
    #[cbor(n(6), with = "minicbor::bytes")]
    pub assertion: Hash,
}

/// A session ended before its time.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct SessionEnded {
    /// Which.
    #[n(0)]
    pub session: SessionId,
}
