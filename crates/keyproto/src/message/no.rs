//! Every answer that is not the one asked for.

use minicbor::{Decode, Encode};

/// Not allowed.
#[derive(Clone, Encode, Decode)]
pub struct Refusal {
    /// Number of the ledger entry that holds the reason, to quote to an officer.
    #[n(0)]
    pub entry: u64,
    /// Whether signing in again with the card lifts it.
    #[n(1)]
    pub step_up: bool,
    /// Whether a fresh nonce is all that was missing.
    #[n(2)]
    pub nonce: Option<String>,
}

/// Why nothing happened, besides a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Failure {
    /// The request does not make sense: a mistake of the server or client.
    #[n(0)]
    AskedWrongly(#[n(0)] String),
    /// Another deposit to the same file is under way: try again.
    #[n(1)]
    Busy,
    /// The grant ran out or is not known: start the deposit again.
    #[n(2)]
    GrantGone,
    /// The keyholder cannot record: nothing is released until it can.
    #[n(3)]
    World(#[n(0)] String),
    /// Something was altered: an alarm was raised.
    #[n(4)]
    Tampered(#[n(0)] String),
}
