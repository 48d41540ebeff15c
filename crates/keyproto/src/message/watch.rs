//! What the watch and the keyholder say to each other, on a socket of their own.
//!
//! Trust: the watch reads entries without anybody's words, and can only take away. The server runs
//! as the same user and could reach the socket, so whoever greets shows a secret that only the
//! watch's folder holds.

use minicbor::{Decode, Encode};
use terms::{CardId, Duration, Finding, Rung, Subject};

/// First on every connection of the watch.
#[derive(Encode, Decode)]
pub struct Watch {
    /// [`super::VERSION`].
    #[n(0)]
    pub version: u16,
    /// What the keyholder wrote beside its socket when it started.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub secret: [u8; 32],
}

/// What the watch orders. It can only take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Step {
    /// What to do.
    #[n(0)]
    pub what: Stop,
    /// What it found.
    #[n(1)]
    pub finding: Finding,
}

/// What the watch takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Stop {
    /// A card is put on a rung, for so long.
    #[n(0)]
    Rung {
        /// Which.
        #[n(0)]
        card: CardId,
        /// Not below the one it stands on.
        #[n(1)]
        rung: Rung,
        /// How long, at most [`Step::LASTS_MAX`].
        #[n(2)]
        lasts: Duration,
    },
    /// A card, practice or server opens nothing.
    #[n(1)]
    Freeze(#[n(0)] Subject),
}

impl Step {
    /// The longest that a rung lasts.
    pub const LASTS_MAX: Duration = Duration::from_days(90);
}
