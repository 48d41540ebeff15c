//! The ladder of containment: steps, freezes, and what colleagues say to them.

use super::{Hash, Why};
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, Finding, Rung, Subject, Time};

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
    /// What the watch found, if it was the watch.
    #[n(4)]
    pub finding: Option<Finding>,
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

/// A card was put on another rung of containment.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Stepped {
    /// The card.
    #[n(0)]
    pub card: CardId,
    /// The rung it stands on from here.
    #[n(1)]
    pub rung: Rung,
    /// When it stands on none again by itself.
    #[n(2)]
    pub until: Time,
    /// What made the machine, or a person, do so.
    #[n(3)]
    pub finding: Finding,
    /// The colleague who signed, if one did.
    #[n(4)]
    pub by: Vec<CardId>,
    /// Hash of the signed order; zeros without one.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub order: Hash,
}

/// A colleague or officer confirmed that another card's emergency was one.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Confirmed {
    /// The file.
    #[n(0)]
    pub file: Blind,
    /// The card that opened it.
    #[n(1)]
    pub card: CardId,
    /// Who says so.
    #[n(2)]
    pub by: CardId,
    /// Hash of the signed order.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub order: Hash,
}
