//! What clients sign, and the proof that they did.
//!
//! Trust: a [`SignedIn`], [`Proof`] or [`SignedOrder`] exists only after its signature was verified
//! here. Whether its nonce is fresh and its signer may do that is the keyholder's decision.
//!
//! | statement | signed by | `typ` | standard |
//! |---|---|---|---|
//! | sign-in | the card | any | RFC 7523, SMART Backend Services |
//! | proof of one request | the session's device | `dpop+jwt` | RFC 9449, with claims of our own |
//! | order | a card | `cofferdam-order+jwt` | our own |

mod order;
mod proof;
mod sign_in;

pub use order::{
    Consent, Errand, HoldOn, Mark, Order, OrderClaims, SignedOrder, SubjectName, UnverifiedOrder,
    code_hash,
};
pub use proof::{Proof, ProofClaims, normal_address};
pub use sign_in::{Audience, Confirmation, SignInClaims, SignedIn, UnverifiedSignIn};

use crate::jws::JwsError;

/// `typ` of a proof.
pub const PROOF_TYPE: &str = "dpop+jwt";
/// `typ` of an order.
pub const ORDER_TYPE: &str = "cofferdam-order+jwt";
/// `typ` that our own clients give a sign-in.
pub const SIGN_IN_TYPE: &str = "JWT";
/// Longest life of a sign-in or order, from now to its `exp`, in seconds (SMART: 5 minutes).
pub const LIFE_SECONDS_MAX: u64 = 300;
/// How far a client's clock may be off, in seconds.
pub const SKEW_SECONDS_MAX: u64 = 60;

/// A statement that is not worth anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Form, algorithm or signature.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Not the kind of statement that is asked for here.
    #[error("not the kind of statement that belongs here")]
    Kind,
    /// Over, or valid for longer than a statement may be.
    #[error("out of date, or valid for too long; is the client's clock right?")]
    Expired,
    /// For another address.
    #[error("the audience is not this server")]
    Audience,
    /// A claim is missing, too long or makes no sense.
    #[error("a claim is missing or makes no sense")]
    Claim,
}

/// Reads and writes a value as the text it prints.
mod text {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text itself stays out of the message: it may be anything a client sent.
        text.parse().map_err(|_| serde::de::Error::custom("not one of the words expected here"))
    }
}

/// The same for a value that may be absent.
mod text_option {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse())
            .transpose()
            .map_err(|_| serde::de::Error::custom("not one of the words expected here"))
    }
}

fn in_date(now: terms::Time, exp: u64) -> Result<(), StatementError> {
    let now = now.seconds();
    let fits = exp.saturating_add(SKEW_SECONDS_MAX) >= now
        && exp <= now.saturating_add(LIFE_SECONDS_MAX + SKEW_SECONDS_MAX);
    if fits { Ok(()) } else { Err(StatementError::Expired) }
}

#[cfg(test)]
mod tests;
