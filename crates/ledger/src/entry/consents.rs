//! What patients say of their own files.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, PracticeId, Section};

/// What a patient says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Consent {
    /// This practice opens nothing of the file.
    #[n(0)]
    Bar(#[n(0)] PracticeId),
    /// Nobody but the patient sees this section.
    #[n(1)]
    Hide(#[n(0)] Section),
    /// This card, another patient's, opens the file as the patient does.
    #[n(2)]
    Deputy(#[n(0)] CardId),
}

/// A patient said so, or took it back.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Consented {
    /// The patient's file.
    #[n(0)]
    pub file: Blind,
    /// What.
    #[n(1)]
    pub what: Consent,
    /// Said or taken back.
    #[n(2)]
    pub set: bool,
    /// The patient's card.
    #[n(3)]
    pub by: CardId,
    /// Hash of the signed order.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub order: Hash,
}
