//! Freezes.

use super::{Hash, Why};
use minicbor::{Decode, Encode};
use terms::{CardId, Freezable, PracticeId, ServerId};

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
    #[cbor(n(3), with = "minicbor::bytes")]
    pub order: Hash,
}
