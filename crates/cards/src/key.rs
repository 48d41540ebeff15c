//! A private key that signs statements.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair,
};
use keyproto::jws::{Header, Jwk, compact, signing_input};
use serde::Serialize;
use terms::{Curve, PublicKey};
use zeroize::Zeroizing;

/// A key could not be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private key cannot be made, read or used")]
pub struct KeyError;

/// A private key. No `Debug`.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// A new random key.
    pub fn generate(curve: Curve) -> Result<SigningKey, KeyError> {
        SigningKey::of(EcdsaKeyPair::generate(algorithm(curve)).map_err(|_| KeyError)?)
    }

    /// Reads a key that [`SigningKey::to_pkcs8`] wrote.
    pub fn from_pkcs8(curve: Curve, der: &[u8]) -> Result<SigningKey, KeyError> {
        SigningKey::of(EcdsaKeyPair::from_pkcs8(algorithm(curve), der).map_err(|_| KeyError)?)
    }

    fn of(pair: EcdsaKeyPair) -> Result<SigningKey, KeyError> {
        let public = PublicKey::from_point(pair.public_key().as_ref()).ok_or(KeyError)?;
        Ok(SigningKey { pair, public })
    }

    /// The private key as PKCS #8 (RFC 5958).
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = self.pair.to_pkcs8v1().map_err(|_| KeyError)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs claims; the statement carries the public key if `with_key`.
    pub fn sign<T: Serialize>(
        &self,
        typ: &str,
        with_key: bool,
        claims: &T,
    ) -> Result<String, KeyError> {
        let jwk = with_key.then(|| Jwk::of(&self.public));
        let header = Header::new(typ, self.public.curve(), jwk);
        let input = signing_input(&header, claims).map_err(|_| KeyError)?;
        let signature =
            self.pair.sign(&SystemRandom::new(), input.as_bytes()).map_err(|_| KeyError)?;
        Ok(compact(&input, signature.as_ref()))
    }
}

fn algorithm(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
    }
}

/// A fresh random text, so that a statement is unique (`jti`).
pub(crate) fn unique() -> Result<String, KeyError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError)?;
    Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
}
