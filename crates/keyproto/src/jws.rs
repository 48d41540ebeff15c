//! JSON Web Signatures in compact form (RFC 7515) with ES256 and ES384 (RFC 7518), nothing else.
//!
//! Trust: the algorithm follows from the key's curve; the `alg` a sender writes must agree with it
//! and steers nothing. Texts longer than [`terms::STATEMENT_BYTES_MAX`] are refused unread.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use terms::{Curve, PublicKey, STATEMENT_BYTES_MAX};

/// The text is not a signed statement, or not signed by that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Too long, or not three parts of base64url, or not the JSON that is asked for.
    #[error("not a signed statement of the expected form")]
    Malformed,
    /// A key of another kind, or an algorithm that does not belong to it.
    #[error("the algorithm is not ES256 or ES384, or does not belong to the key")]
    Algorithm,
    /// Signed by another key, or altered.
    #[error("the signature does not fit")]
    Signature,
}

/// A public key as JSON (RFC 7517, RFC 7518 section 6.2.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::manual_non_exhaustive, reason = "the field refuses a member of the JSON")]
pub struct Jwk {
    /// Always `EC`.
    pub kty: String,
    /// `P-256` or `P-384`.
    pub crv: String,
    /// First coordinate, base64url.
    pub x: String,
    /// Second coordinate, base64url.
    pub y: String,
    /// The private number: a key that brings one is malformed (RFC 9449, section 4.3), because
    /// whoever reads it could sign.
    #[serde(default, skip_serializing)]
    d: (),
}

impl Jwk {
    /// The key as JSON.
    pub fn of(key: &PublicKey) -> Jwk {
        let (x, y) = key.coordinates();
        Jwk {
            kty: "EC".into(),
            crv: curve_name(key.curve()).into(),
            x: BASE64URL_NOPAD.encode(x),
            y: BASE64URL_NOPAD.encode(y),
            d: (),
        }
    }

    /// The key it names.
    pub fn key(&self) -> Result<PublicKey, JwsError> {
        let curve = match (self.kty.as_str(), self.crv.as_str()) {
            ("EC", "P-256") => Curve::P256,
            ("EC", "P-384") => Curve::P384,
            _ => return Err(JwsError::Algorithm),
        };
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let bytes =
                BASE64URL_NOPAD.decode(coordinate.as_bytes()).map_err(|_| JwsError::Malformed)?;
            if bytes.len() != curve.coordinate_bytes() {
                return Err(JwsError::Malformed);
            }
            point.extend(bytes);
        }
        PublicKey::from_point(&point).ok_or(JwsError::Malformed)
    }
}

/// The RFC 7638 thumbprint (SHA-256) of a key.
pub fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let jwk = Jwk::of(key);
    let json = format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, jwk.crv, jwk.x, jwk.y);
    sha256(json.as_bytes())
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// The header of a signed statement.
#[derive(Serialize, Deserialize)]
pub struct Header {
    /// `ES256` or `ES384`.
    pub alg: String,
    /// What kind of statement it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
    /// The key, where the statement brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwk: Option<Jwk>,
    /// Extensions that must be understood: none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crit: Option<Vec<String>>,
}

impl Header {
    /// The header of a statement of this kind, signed by a key of this curve.
    pub fn new(typ: &str, curve: Curve, jwk: Option<Jwk>) -> Header {
        Header { alg: algorithm_name(curve).into(), typ: Some(typ.into()), jwk, crit: None }
    }
}

/// A signed statement whose signature was not looked at yet: its claims are hearsay.
pub struct Unverified<'a> {
    /// The header.
    pub header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes the text apart.
    pub fn parse(text: &'a str) -> Result<Unverified<'a>, JwsError> {
        if text.len() > STATEMENT_BYTES_MAX {
            return Err(JwsError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| JwsError::Malformed)?;
        if header.crit.is_some() {
            return Err(JwsError::Malformed);
        }
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Unverified { header, signed, payload, signature })
    }

    /// The claims, unverified: only to learn which key to verify with.
    pub fn hearsay<T: for<'de> Deserialize<'de>>(&self) -> Result<T, JwsError> {
        serde_json::from_slice(&self.payload).map_err(|_| JwsError::Malformed)
    }

    /// The claims, signed by `key`, and the hash of what was signed.
    ///
    /// The hash leaves the signature out: whoever holds (r, s) can write (r, n - s) as well, and
    /// would have a second statement of the same claims.
    pub fn verify<T: for<'de> Deserialize<'de>>(
        &self,
        key: &PublicKey,
    ) -> Result<(T, [u8; 32]), JwsError> {
        if self.header.alg != algorithm_name(key.curve()) {
            return Err(JwsError::Algorithm);
        }
        UnparsedPublicKey::new(algorithm(key.curve()), key.point())
            .verify(self.signed.as_bytes(), &self.signature)
            .map_err(|_| JwsError::Signature)?;
        Ok((self.hearsay()?, sha256(self.signed.as_bytes())))
    }
}

/// What has to be signed for these claims: header and payload, each as base64url.
pub fn signing_input<T: Serialize>(header: &Header, claims: &T) -> Result<String, JwsError> {
    let header = serde_json::to_vec(header).map_err(|_| JwsError::Malformed)?;
    let claims = serde_json::to_vec(claims).map_err(|_| JwsError::Malformed)?;
    Ok(format!("{}.{}", BASE64URL_NOPAD.encode(&header), BASE64URL_NOPAD.encode(&claims)))
}

/// The statement: what was signed, and the signature as two numbers (RFC 7518, section 3.4).
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", BASE64URL_NOPAD.encode(signature))
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JwsError::Malformed)
}

const fn curve_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
    }
}

const fn algorithm_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "ES256",
        Curve::P384 => "ES384",
    }
}

fn algorithm(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
    }
}
