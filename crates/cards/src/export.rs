//! A card's signature over an export, which anybody can verify offline.
//!
//! Trust: the statement carries its own key, so a signature alone says that one card signed; whose
//! card that is says the key's thumbprint, compared with one that came another way. It is neither
//! a sign-in nor an order: it has another type, and none of their claims.

use crate::card::Card;
use crate::key::KeyError;
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::{JwsError, Unverified, thumbprint};
use serde::{Deserialize, Serialize};
use terms::Time;

/// `typ` of a signature over an export.
const EXPORT_TYPE: &str = "cofferdam-export+jwt";

/// What is signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportClaims {
    /// The card.
    iss: String,
    /// When, in seconds since the epoch, by the signer's clock.
    iat: u64,
    /// SHA-256 of the export's list of files, in hexadecimal.
    manifest: String,
}

/// A signature over an export that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedExport {
    card: String,
    at: u64,
    manifest: String,
    thumbprint: String,
}

impl Card {
    /// Signs an export's list of files by its SHA-256 in hexadecimal.
    pub fn sign_export(&self, manifest: &str, now: Time) -> Result<String, KeyError> {
        let claims = ExportClaims {
            iss: self.identity().card.to_string(),
            iat: now.seconds(),
            manifest: manifest.to_owned(),
        };
        self.key().sign(EXPORT_TYPE, true, &claims)
    }

    /// What others compare signatures with: the RFC 7638 thumbprint of the card's key.
    pub fn thumbprint(&self) -> String {
        BASE64URL_NOPAD.encode(&thumbprint(self.public()))
    }
}

impl SignedExport {
    /// Verifies the signature with the key that it brings.
    pub fn verify(text: &str) -> Result<SignedExport, JwsError> {
        let unverified = Unverified::parse(text)?;
        if unverified.header.typ.as_deref() != Some(EXPORT_TYPE) {
            return Err(JwsError::Malformed);
        }
        let key = unverified.header.jwk.as_ref().ok_or(JwsError::Malformed)?.key()?;
        let (claims, _) = unverified.verify::<ExportClaims>(&key)?;
        let ExportClaims { iss: card, iat: at, manifest } = claims;
        let thumbprint = BASE64URL_NOPAD.encode(&thumbprint(&key));
        Ok(SignedExport { card, at, manifest, thumbprint })
    }

    /// The card that signed, as it says itself.
    pub fn card(&self) -> &str {
        &self.card
    }

    /// When, by the signer's clock.
    pub fn at(&self) -> Time {
        Time::from_millis(self.at.saturating_mul(1000))
    }

    /// SHA-256 of the list that was signed, in hexadecimal.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Thumbprint of the key that signed.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, Identity};
    use keyproto::statement::{Order, UnverifiedOrder, UnverifiedSignIn};
    use terms::{CardId, Curve, PracticeId, Role};

    const NOW: Time = Time::from_millis(1_800_000_000_000);

    fn card(curve: Curve) -> Card {
        let identity = Identity {
            card: CardId::from_bytes([1; 10]),
            role: Role::Officer,
            practice: PracticeId::from_bytes([2; 10]),
            holder: "Officer".into(),
        };
        Card::make(identity, curve).unwrap()
    }

    #[test]
    fn a_signature_says_which_key_signed_what() {
        for curve in [Curve::P256, Curve::P384] {
            let card = card(curve);
            let text = card.sign_export("00ff", NOW).unwrap();
            let signed = SignedExport::verify(&text).unwrap();
            assert_eq!((signed.manifest(), signed.at()), ("00ff", NOW));
            assert_eq!(signed.thumbprint(), card.thumbprint());
            assert_eq!(signed.card(), card.identity().card.to_string());
        }
    }

    #[test]
    fn an_altered_signature_is_refused() {
        let text = card(Curve::P256).sign_export("00ff", NOW).unwrap();
        for at in (0..text.len() - 1).step_by(7) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(SignedExport::verify(&altered).is_err(), "byte {at}");
        }
    }

    #[test]
    fn it_is_neither_sign_in_nor_order_and_these_are_no_signature_over_an_export() {
        let (card, device) = (card(Curve::P256), Device::make().unwrap());
        let url = "https://localhost:8443/auth/token";
        let text = card.sign_export("00ff", NOW).unwrap();
        let signed_in =
            UnverifiedSignIn::parse(&text).and_then(|s| s.verify(card.public(), url, NOW));
        assert!(signed_in.is_err());
        let ordered = UnverifiedOrder::parse(&text).and_then(|o| o.verify(card.public(), url, NOW));
        assert!(ordered.is_err());
        let order = Order::RevokeCard { card: CardId::from_bytes([1; 10]), reason: "lost".into() };
        for text in [
            card.sign_in(url, device.public(), None, None, NOW).unwrap(),
            card.order("https://localhost:8443", order, NOW).unwrap(),
        ] {
            assert!(SignedExport::verify(&text).is_err());
        }
    }
}
