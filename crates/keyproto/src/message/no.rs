//! Every answer that is not the one asked for.

use minicbor::{Decode, Encode};

/// What whoever was refused can do about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Ask {
    /// Nothing, but to quote the entry to an officer.
    #[default]
    #[n(0)]
    Nothing,
    /// Sign in with the card again.
    #[n(1)]
    SignIn,
    /// Say in words why, and sign that.
    #[n(2)]
    Reason,
    /// Have a colleague or officer relax what the card is held to.
    #[n(3)]
    Colleague,
    /// Two officers lift the legal hold first.
    #[n(25)]
    Release,
}

impl Ask {
    /// The same as one plain sentence, where there is something to do.
    pub const fn sentence(self) -> Option<&'static str> {
        match self {
            Ask::Nothing => None,
            Ask::SignIn => Some("sign in with the card again, then repeat this"),
            Ask::Reason => Some("say in words why you open this file; the patient is told"),
            Ask::Colleague => Some(
                "this card opens only patients who are here or were sent: \
                 ask a colleague or an officer to relax it",
            ),
            Ask::Release => Some(
                "a legal hold is on this file, so it is not erased: \
                 two officers lift the hold first",
            ),
        }
    }
}

/// Not allowed.
#[derive(Clone, Encode, Decode)]
pub struct Refusal {
    /// Number of the ledger entry that holds the reason, to quote to an officer.
    #[n(0)]
    pub entry: u64,
    /// What lifts it, if it is something that the asker can do.
    #[n(1)]
    pub ask: Ask,
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
