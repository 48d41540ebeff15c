//! A card as a file: the identity in the clear, the private key sealed under the PIN.

use crate::card::{Card, Identity};
use crate::key::SigningKey;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use terms::Curve;
use zeroize::Zeroizing;

/// Memory that one guess at a PIN costs, in KiB.
const PIN_MEMORY_KIB: u32 = 64 * 1024;
/// Passes that one guess costs.
const PIN_PASSES: u32 = 3;

/// What can be wrong with a card's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardFileError {
    /// It cannot be read or written.
    #[error("the card's file cannot be read or written: {0}")]
    World(#[from] std::io::Error),
    /// It is no card's file, or of a later version.
    #[error("this is not a card's file, or one of a later version of Cofferdam")]
    Malformed,
    /// Wrong PIN, or the file was altered.
    #[error("the PIN is wrong, or the card's file was altered")]
    Pin,
}

/// A card's file.
#[derive(Serialize, Deserialize)]
pub struct CardFile {
    /// 1.
    version: u32,
    /// What is printed on the card.
    #[serde(flatten)]
    identity: Identity,
    /// `P-256` or `P-384`.
    curve: String,
    /// Salt of the PIN, base64.
    salt: String,
    /// The sealed PKCS #8 key: nonce, ciphertext and tag, base64.
    sealed: String,
}

impl CardFile {
    /// Seals a card under a PIN.
    pub fn seal(card: &Card, pin: &str) -> Result<CardFile, CardFileError> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| CardFileError::Malformed)?;
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| CardFileError::Malformed)?;
        let mut bytes = card.key().to_pkcs8().map_err(|_| CardFileError::Malformed)?.to_vec();
        key_of(pin, &salt)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(card.identity().card.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| CardFileError::Malformed)?;
        Ok(CardFile {
            version: 1,
            identity: card.identity().clone(),
            curve: match card.public().curve() {
                Curve::P256 => "P-256".into(),
                Curve::P384 => "P-384".into(),
            },
            salt: BASE64.encode(&salt),
            sealed: BASE64.encode(&[&nonce[..], &bytes].concat()),
        })
    }

    /// Opens the card with its PIN.
    pub fn open(&self, pin: &str) -> Result<Card, CardFileError> {
        let curve = match self.curve.as_str() {
            "P-256" => Curve::P256,
            "P-384" => Curve::P384,
            _ => return Err(CardFileError::Malformed),
        };
        let decode = |text: &str| BASE64.decode(text.as_bytes());
        let salt = decode(&self.salt).map_err(|_| CardFileError::Malformed)?;
        let sealed = decode(&self.sealed).map_err(|_| CardFileError::Malformed)?;
        let (nonce, sealed) = sealed.split_at_checked(12).ok_or(CardFileError::Malformed)?;
        let nonce =
            Nonce::try_assume_unique_for_key(nonce).map_err(|_| CardFileError::Malformed)?;
        let mut bytes = Zeroizing::new(sealed.to_vec());
        let der = key_of(pin, &salt)?
            .open_in_place(nonce, Aad::from(self.identity.card.as_bytes()), &mut bytes)
            .map_err(|_| CardFileError::Pin)?;
        let key = SigningKey::from_pkcs8(curve, der).map_err(|_| CardFileError::Malformed)?;
        Ok(Card::of(self.identity.clone(), key))
    }

    /// What is printed on the card.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Reads a card's file.
    pub fn read(path: &Path) -> Result<CardFile, CardFileError> {
        let file: CardFile =
            serde_json::from_slice(&std::fs::read(path)?).map_err(|_| CardFileError::Malformed)?;
        if file.version == 1 { Ok(file) } else { Err(CardFileError::Malformed) }
    }

    /// Writes it, readable by its owner alone; a file that is there already is left as it is.
    pub fn write(&self, path: &Path) -> Result<(), CardFileError> {
        let text = serde_json::to_string_pretty(self).map_err(|_| CardFileError::Malformed)?;
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        Ok(file.sync_all()?)
    }
}

fn key_of(pin: &str, salt: &[u8]) -> Result<LessSafeKey, CardFileError> {
    let params = Params::new(PIN_MEMORY_KIB, PIN_PASSES, 1, Some(32))
        .map_err(|_| CardFileError::Malformed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, key.as_mut())
        .map_err(|_| CardFileError::Malformed)?;
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| CardFileError::Malformed)?;
    Ok(LessSafeKey::new(key))
}

/// Reads and writes an id as the text it prints.
pub(crate) mod text {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::fmt::Display;
    use std::str::FromStr;

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not one of the words expected here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyproto::statement::{Order, Proof, ProofClaims, UnverifiedOrder, UnverifiedSignIn};
    use terms::{CardId, PracticeId, Role, Time};

    fn card(curve: Curve) -> Card {
        let identity = Identity {
            card: CardId::from_bytes([1; 10]),
            role: Role::Doctor,
            practice: PracticeId::from_bytes([2; 10]),
            holder: "Doctor".into(),
        };
        Card::make(identity, curve).unwrap()
    }

    #[test]
    fn a_card_comes_back_with_its_pin_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doctor.card");
        let card = card(Curve::P384);
        CardFile::seal(&card, "1234").unwrap().write(&path).unwrap();
        let file = CardFile::read(&path).unwrap();
        assert!(file.open("1234").unwrap().public() == card.public());
        assert!(matches!(file.open("1235"), Err(CardFileError::Pin)));
        assert!(CardFile::seal(&card, "1").unwrap().write(&path).is_err(), "never overwritten");
    }

    #[test]
    fn a_sealed_key_belongs_to_its_card() {
        let mut file = CardFile::seal(&card(Curve::P256), "1234").unwrap();
        file.identity.card = CardId::from_bytes([9; 10]);
        assert!(matches!(file.open("1234"), Err(CardFileError::Pin)));
    }

    #[test]
    fn what_a_card_and_its_device_sign_is_verified() {
        let (card, device) = (card(Curve::P256), crate::Device::make().unwrap());
        let now = Time::from_millis(1_800_000_000_000);
        let url = "https://localhost:8443/auth/token";
        let text = card.sign_in(url, device.public(), Some(8), None, now).unwrap();
        let signed = UnverifiedSignIn::parse(&text).unwrap().verify(card.public(), url, now);
        let signed = signed.unwrap();
        let proof = device.prove("POST", url, Some("t"), None, now, ProofClaims::default());
        let proof = Proof::verify(&proof.unwrap()).unwrap();
        assert_eq!(signed.device(), proof.thumbprint());
        assert!(proof.is_for("t") && !proof.is_for("u"));
        let order = Order::RevokeCard { card: CardId::from_bytes([1; 10]), reason: "lost".into() };
        let text = card.order("https://localhost:8443", order, now).unwrap();
        let order = UnverifiedOrder::parse(&text).unwrap();
        assert!(order.verify(card.public(), "https://localhost:8443", now).is_ok());
    }
}
