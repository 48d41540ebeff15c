//! Legal holds: what keeps a file from being erased, whatever its period.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{Blind, CardId, PracticeId};

/// What a hold is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum HoldOn {
    /// One file.
    #[n(0)]
    File(#[n(0)] Blind),
    /// Every file that this practice created, deposited into or had a relation to.
    #[n(1)]
    Practice(#[n(0)] PracticeId),
}

/// Two officers laid a hold, or lifted it.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct Held {
    /// On what.
    #[n(0)]
    pub on: HoldOn,
    /// The case it is for, such as a court's or an incident's number: each case holds by itself.
    #[n(1)]
    pub case: String,
    /// Laid or lifted.
    #[n(2)]
    pub set: bool,
    /// Why, in words; never a patient's name.
    #[n(3)]
    pub reason: String,
    /// The two officers.
    #[n(4)]
    pub by: Vec<CardId>,
    /// Hash of the signed order.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub order: Hash,
}
