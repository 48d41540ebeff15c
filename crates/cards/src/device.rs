//! The device key of a session: signs every request.

use crate::key::{KeyError, SigningKey, unique};
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::sha256;
use keyproto::statement::{PROOF_TYPE, ProofClaims};
use terms::{Curve, PublicKey, Time};
use zeroize::Zeroizing;

/// A device key. No `Debug`.
pub struct Device {
    key: SigningKey,
}

impl Device {
    /// A new one.
    pub fn make() -> Result<Device, KeyError> {
        Ok(Device { key: SigningKey::generate(Curve::P256)? })
    }

    /// Reads one that [`Device::to_pkcs8`] wrote.
    pub fn from_pkcs8(der: &[u8]) -> Result<Device, KeyError> {
        Ok(Device { key: SigningKey::from_pkcs8(Curve::P256, der)? })
    }

    /// The private key, to keep on this machine.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.key.to_pkcs8()
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        self.key.public()
    }

    /// Proves one request (RFC 9449). `claims` says what is opened; `jti`, `htm`, `htu`, `iat` and
    /// `ath` are filled in here, `url` without query and fragment.
    pub fn prove(
        &self,
        method: &str,
        url: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
        now: Time,
        claims: ProofClaims,
    ) -> Result<String, KeyError> {
        let claims = ProofClaims {
            jti: unique()?,
            htm: method.into(),
            htu: url.into(),
            iat: now.seconds(),
            ath: access_token.map(|token| BASE64URL_NOPAD.encode(&sha256(token.as_bytes()))),
            nonce: nonce.map(Into::into),
            ..claims
        };
        self.key.sign(PROOF_TYPE, true, &claims)
    }
}
