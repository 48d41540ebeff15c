//! The keys of an intake: the officer's, which opens reports and certifies; the server's, which
//! signs receipts and nothing else.
//!
//! Trust: the officer's key lies as a file under a passphrase, as cards do. The server has the
//! receipt key and the certificate. Whoever takes the server over can sign false receipts until the
//! officer renews the receipt key; they open no report.

use crate::Sealed;
use crate::hpke::OpenKey;
use crate::lines::{Lines, time};
use crate::locked::{lock, unlock};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use terms::{Curve, Duration, PublicKey, Time};
use zeroize::Zeroizing;

/// How long a receipt key signs.
pub const RECEIPT_KEY_LIFE: Duration = Duration::from_days(730);
const FIRST_LINE: &str = "cofferdam intake certificate 1";
const CERTIFICATE_BYTES_MAX: usize = 2048;

/// What the officer's key says about the keys of this intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The origin of the server it is for.
    pub origin: String,
    /// From when the receipt key signs.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// What reports are sealed to.
    pub seal_key: PublicKey,
    /// What verifies receipts.
    pub receipt_key: PublicKey,
    /// The officer's key, which signed this.
    pub intake_key: PublicKey,
    signature: Vec<u8>,
}

/// What is wrong with a text that should be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsigned {
    /// It does not have the form.
    #[error("it is not in the form that Cofferdam writes, or was altered")]
    Form,
    /// A signature is wrong.
    #[error("it was altered, or another key signed it")]
    Signature,
    /// The receipt key did not sign at that time.
    #[error("its time lies outside the days for which the officer certified the receipt key")]
    Time,
}

/// The officer's key, unlocked. No `Debug`.
pub struct OfficerKey {
    identity: EcdsaKeyPair,
    public: PublicKey,
    open: OpenKey,
}

/// The officer's key as a file: the public halves in the clear, the private ones sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerKeyFile {
    version: u32,
    /// The identity's public point, base64.
    intake_key: String,
    salt: String,
    sealed: String,
}

/// The server's key for receipts. No `Debug`.
pub struct ReceiptKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

impl OfficerKey {
    /// A new random one.
    pub fn make() -> Result<OfficerKey, Sealed> {
        let identity =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| Sealed)?;
        OfficerKey::of(identity, OpenKey::make()?)
    }

    fn of(identity: EcdsaKeyPair, open: OpenKey) -> Result<OfficerKey, Sealed> {
        let public = PublicKey::from_point(identity.public_key().as_ref()).ok_or(Sealed)?;
        Ok(OfficerKey { identity, public, open })
    }

    /// What opens reports.
    pub fn opens(&self) -> &OpenKey {
        &self.open
    }

    /// What verifies the officer's certificates.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Certifies a receipt key for the server at this origin.
    pub fn certify(
        &self,
        origin: &str,
        receipt_key: &PublicKey,
        from: Time,
    ) -> Result<Certificate, Sealed> {
        let mut certificate = Certificate {
            origin: origin.to_owned(),
            from,
            until: from + RECEIPT_KEY_LIFE,
            seal_key: self.open.public().clone(),
            receipt_key: receipt_key.clone(),
            intake_key: self.public.clone(),
            signature: Vec::new(),
        };
        certificate.signature = sign(&self.identity, certificate.signed().as_bytes())?;
        Ok(certificate)
    }

    /// Seals it under a passphrase.
    pub fn lock(&self, passphrase: &str) -> Result<OfficerKeyFile, Sealed> {
        let identity = self.identity.to_pkcs8v1().map_err(|_| Sealed)?;
        let bytes = Zeroizing::new([&self.open.to_bytes()?[..], identity.as_ref()].concat());
        let (salt, sealed) = lock(passphrase, &self.public, &bytes)?;
        Ok(OfficerKeyFile {
            version: 1,
            intake_key: BASE64.encode(self.public.point()),
            salt,
            sealed,
        })
    }
}

impl OfficerKeyFile {
    /// Reads a key's file.
    pub fn parse(text: &[u8]) -> Result<OfficerKeyFile, Unsigned> {
        let file: OfficerKeyFile = serde_json::from_slice(text).map_err(|_| Unsigned::Form)?;
        if file.version == 1 { Ok(file) } else { Err(Unsigned::Form) }
    }

    /// The officer's public key.
    pub fn intake_key(&self) -> Result<PublicKey, Unsigned> {
        point(&self.intake_key).ok_or(Unsigned::Form)
    }

    /// Unlocks it.
    pub fn unlock(&self, passphrase: &str) -> Result<OfficerKey, Sealed> {
        let public = self.intake_key().map_err(|_| Sealed)?;
        let opened = unlock(passphrase, &public, &self.salt, &self.sealed)?;
        let (open, identity) = opened.split_at_checked(32).ok_or(Sealed)?;
        let identity = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, identity)
            .map_err(|_| Sealed)?;
        OfficerKey::of(identity, OpenKey::from_bytes(open)?)
    }
}

impl ReceiptKey {
    /// A new random one.
    pub fn make() -> Result<ReceiptKey, Sealed> {
        ReceiptKey::of(
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| Sealed)?,
        )
    }

    /// Reads what [`ReceiptKey::to_text`] wrote.
    pub fn parse(text: &str) -> Result<ReceiptKey, Sealed> {
        let der = Zeroizing::new(BASE64.decode(text.trim().as_bytes()).map_err(|_| Sealed)?);
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        ReceiptKey::of(pair.map_err(|_| Sealed)?)
    }

    fn of(pair: EcdsaKeyPair) -> Result<ReceiptKey, Sealed> {
        let public = PublicKey::from_point(pair.public_key().as_ref()).ok_or(Sealed)?;
        Ok(ReceiptKey { pair, public })
    }

    /// The private key in base64, for the server alone.
    pub fn to_text(&self) -> Result<Zeroizing<String>, Sealed> {
        let der = self.pair.to_pkcs8v1().map_err(|_| Sealed)?;
        Ok(Zeroizing::new(BASE64.encode(der.as_ref()) + "\n"))
    }

    /// What verifies its receipts.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, text: &str) -> Result<Vec<u8>, Sealed> {
        sign(&self.pair, text.as_bytes())
    }
}

impl Certificate {
    /// Reads one and verifies that the key it names signed it.
    pub fn parse(text: &str) -> Result<Certificate, Unsigned> {
        let read = || {
            let mut lines = Lines::of(text, CERTIFICATE_BYTES_MAX)?;
            let certificate = Certificate::read(&mut lines)?;
            lines.end()?;
            (certificate.to_text() == text).then_some(certificate)
        };
        let certificate = read().ok_or(Unsigned::Form)?;
        certificate.verified()?;
        Ok(certificate)
    }

    pub(crate) fn read(lines: &mut Lines<'_>) -> Option<Certificate> {
        lines.exactly(FIRST_LINE)?;
        Some(Certificate {
            origin: lines.value("origin")?.to_owned(),
            from: time(lines.value("from")?)?,
            until: time(lines.value("until")?)?,
            seal_key: point(lines.value("seal-key")?)?,
            receipt_key: point(lines.value("receipt-key")?)?,
            intake_key: point(lines.value("intake-key")?)?,
            signature: BASE64.decode(lines.value("certified")?.as_bytes()).ok()?,
        })
    }

    pub(crate) fn verified(&self) -> Result<&Certificate, Unsigned> {
        verify(&self.intake_key, self.signed().as_bytes(), &self.signature)?;
        Ok(self)
    }

    /// The text that [`Certificate::parse`] reads.
    pub fn to_text(&self) -> String {
        format!("{}certified: {}\n", self.signed(), BASE64.encode(&self.signature))
    }

    fn signed(&self) -> String {
        let key = |key: &PublicKey| BASE64.encode(key.point());
        format!(
            "{FIRST_LINE}\norigin: {}\nfrom: {}\nuntil: {}\nseal-key: {}\nreceipt-key: {}\n\
             intake-key: {}\n",
            self.origin,
            self.from,
            self.until,
            key(&self.seal_key),
            key(&self.receipt_key),
            key(&self.intake_key)
        )
    }
}

/// A public key as people compare it: SHA-256 of its point, in groups of four.
pub fn fingerprint(key: &PublicKey) -> String {
    let text = HEXLOWER.encode(digest(&SHA256, key.point()).as_ref());
    let groups = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

pub(crate) fn verify(key: &PublicKey, text: &[u8], signature: &[u8]) -> Result<(), Unsigned> {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.point())
        .verify(text, signature)
        .map_err(|_| Unsigned::Signature)
}

/// A P-256 point in base64.
pub(crate) fn point(text: &str) -> Option<PublicKey> {
    let key = PublicKey::from_point(&BASE64.decode(text.as_bytes()).ok()?)?;
    (key.curve() == Curve::P256).then_some(key)
}

fn sign(pair: &EcdsaKeyPair, text: &[u8]) -> Result<Vec<u8>, Sealed> {
    let signature = pair.sign(&SystemRandom::new(), text).map_err(|_| Sealed)?;
    Ok(signature.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_with_its_passphrase_only() {
        let key = OfficerKey::make().unwrap();
        let text = serde_json::to_vec(&key.lock("a passphrase").unwrap()).unwrap();
        let mut file = OfficerKeyFile::parse(&text).unwrap();
        let again = file.unlock("a passphrase").unwrap();
        assert!(again.public() == key.public() && again.opens().public() == key.opens().public());
        assert!(file.unlock("another").is_err());
        let other = OfficerKey::make().unwrap();
        file.intake_key = BASE64.encode(other.public().point());
        assert!(file.unlock("a passphrase").is_err(), "sealed for another name");
    }

    #[test]
    fn a_certificate_with_another_byte_does_not_count() {
        let (officer, receipts) = (OfficerKey::make().unwrap(), ReceiptKey::make().unwrap());
        let now = Time::from_millis(1_795_694_400_000);
        let made = officer.certify("https://a.example", receipts.public(), now).unwrap();
        let text = made.to_text();
        assert_eq!(Certificate::parse(&text), Ok(made));
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(altered == text || Certificate::parse(&altered).is_err(), "byte {at}");
        }
        let again = ReceiptKey::parse(&receipts.to_text().unwrap()).unwrap();
        assert!(again.public() == receipts.public());
    }
}
