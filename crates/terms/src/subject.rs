//! Whom a freeze is about.

use crate::{CardId, Freezable, PracticeId, ServerId};
use minicbor::{Decode, Encode};

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
