//! A card signs in.

use super::{StatementError, in_date};
use crate::jws::{Unverified, thumbprint};
use serde::{Deserialize, Serialize};
use terms::{CardId, PublicKey, Time};

/// The claims of a sign-in (RFC 7523 section 3, SMART Backend Services).
#[derive(Serialize, Deserialize)]
pub struct SignInClaims {
    /// The card.
    pub iss: String,
    /// The card again.
    pub sub: String,
    /// The address of the token endpoint, or several addresses.
    pub aud: Audience,
    /// End, in seconds since the epoch.
    pub exp: u64,
    /// Makes it unique.
    pub jti: String,
    /// The device key that the session is bound to. Without it the card's own key is the device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Longest life of the session, in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u64>,
    /// Most distinct files the session opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<u32>,
}

/// One audience or several (RFC 7519, section 4.1.3).
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// The key a statement is about (RFC 9449, section 6.1).
#[derive(Serialize, Deserialize)]
pub struct Confirmation {
    /// Its RFC 7638 thumbprint, base64url.
    pub jkt: String,
}

/// A sign-in whose signature was not looked at yet.
pub struct UnverifiedSignIn<'a> {
    jws: Unverified<'a>,
    card: CardId,
}

/// A card signed in: the signature is the card's, the time and the audience fit.
pub struct SignedIn {
    card: CardId,
    device: [u8; 32],
    hours: Option<u64>,
    openings: Option<u32>,
    hash: [u8; 32],
}

impl<'a> UnverifiedSignIn<'a> {
    /// Takes the text apart, to learn which card's key to verify it with.
    pub fn parse(text: &'a str) -> Result<UnverifiedSignIn<'a>, StatementError> {
        let jws = Unverified::parse(text)?;
        let claims: SignInClaims = jws.hearsay()?;
        let card = claims.iss.parse().map_err(|_| StatementError::Claim)?;
        Ok(UnverifiedSignIn { jws, card })
    }

    /// The card it claims to be of.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// Verifies it: `key` is that card's, `url` the token endpoint.
    pub fn verify(
        &self,
        key: &PublicKey,
        url: &str,
        now: Time,
    ) -> Result<SignedIn, StatementError> {
        let (claims, hash): (SignInClaims, _) = self.jws.verify(key)?;
        in_date(now, claims.exp)?;
        let meant = match &claims.aud {
            Audience::One(one) => one == url,
            Audience::Several(several) => several.iter().any(|one| one == url),
        };
        if !meant {
            return Err(StatementError::Audience);
        }
        if claims.iss != claims.sub || claims.jti.is_empty() {
            return Err(StatementError::Claim);
        }
        let device = match claims.cnf {
            Some(confirmation) => confirmation.thumbprint()?,
            None => thumbprint(key),
        };
        let (hours, openings) = (claims.hours, claims.openings);
        Ok(SignedIn { card: self.card, device, hours, openings, hash })
    }
}

impl Confirmation {
    fn thumbprint(&self) -> Result<[u8; 32], StatementError> {
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(self.jkt.as_bytes())
            .map_err(|_| StatementError::Claim)?;
        bytes.try_into().map_err(|_| StatementError::Claim)
    }
}

impl SignedIn {
    /// Whose card.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// Thumbprint of the device key the session is bound to.
    pub fn device(&self) -> [u8; 32] {
        self.device
    }

    /// Longest life asked for, in hours.
    pub fn hours(&self) -> Option<u64> {
        self.hours
    }

    /// Most distinct files asked for.
    pub fn openings(&self) -> Option<u32> {
        self.openings
    }

    /// Hash of the statement: it counts once.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}
