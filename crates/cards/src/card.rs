//! An unlocked card, and what it signs.

use crate::key::{KeyError, SigningKey, unique};
use keyproto::jws::thumbprint;
use keyproto::statement::{
    Audience, Confirmation, LIFE_SECONDS_MAX, ORDER_TYPE, Order, OrderClaims, SIGN_IN_TYPE,
    SignInClaims,
};
use serde::{Deserialize, Serialize};
use terms::{CardId, Curve, PracticeId, PublicKey, Role, Time};

/// What is printed on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The card's id.
    #[serde(with = "crate::file::text")]
    pub card: CardId,
    /// What its holder is.
    #[serde(with = "crate::file::text")]
    pub role: Role,
    /// The practice it belongs to.
    #[serde(with = "crate::file::text")]
    pub practice: PracticeId,
    /// The holder as staff know them.
    pub holder: String,
}

/// A card whose PIN was given. No `Debug`.
pub struct Card {
    identity: Identity,
    key: SigningKey,
}

impl Card {
    /// A new card with a new key.
    pub fn make(identity: Identity, curve: Curve) -> Result<Card, KeyError> {
        Ok(Card { identity, key: SigningKey::generate(curve)? })
    }

    pub(crate) fn of(identity: Identity, key: SigningKey) -> Card {
        Card { identity, key }
    }

    /// What is printed on it.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its public key.
    pub fn public(&self) -> &PublicKey {
        self.key.public()
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs in at the token endpoint `url`, for sessions on the device with this key.
    pub fn sign_in(
        &self,
        url: &str,
        device: &PublicKey,
        hours: Option<u64>,
        openings: Option<u32>,
        now: Time,
    ) -> Result<String, KeyError> {
        let jkt = data_encoding::BASE64URL_NOPAD.encode(&thumbprint(device));
        let claims = SignInClaims {
            iss: self.identity.card.to_string(),
            sub: self.identity.card.to_string(),
            aud: Audience::One(url.into()),
            exp: now.seconds() + LIFE_SECONDS_MAX,
            jti: unique()?,
            cnf: Some(Confirmation { jkt }),
            hours,
            openings,
        };
        self.key.sign(SIGN_IN_TYPE, false, &claims)
    }

    /// Signs an order for the server at `origin`.
    pub fn order(&self, origin: &str, order: Order, now: Time) -> Result<String, KeyError> {
        let claims = OrderClaims {
            iss: self.identity.card.to_string(),
            aud: origin.into(),
            exp: now.seconds() + LIFE_SECONDS_MAX,
            jti: unique()?,
            order,
        };
        self.key.sign(ORDER_TYPE, false, &claims)
    }
}
