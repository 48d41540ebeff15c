//! A device proves one request, and may say in it which file it opens.

use super::{PROOF_TYPE, StatementError, text_option};
use crate::jws::{Unverified, sha256, thumbprint};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use terms::{FileId, PublicKey, Purpose, REASON_BYTES_MAX, Sections};

/// The claims of a proof: RFC 9449 section 4.2, then our own for openings.
#[derive(Default, Serialize, Deserialize)]
pub struct ProofClaims {
    /// Makes it unique.
    pub jti: String,
    /// HTTP method.
    pub htm: String,
    /// Address without query and fragment.
    pub htu: String,
    /// When, in seconds since the epoch. The nonce, not this, says that it is fresh.
    pub iat: u64,
    /// SHA-256 of the access token, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ath: Option<String>,
    /// The nonce that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The file to open.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "text_option")]
    pub file: Option<FileId>,
    /// The sections to open, all that the role has if absent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "text_option")]
    pub sections: Option<Sections>,
    /// What for, treatment if absent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "text_option")]
    pub purpose: Option<Purpose>,
    /// Why, in words: an emergency needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Counts up within the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    /// SHA-256 (base64url) of a bearer token that may repeat this opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Longest life of that token, in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_hours: Option<u64>,
}

/// A device proved one request: the signature is by the key the proof itself brings.
///
/// Compare [`Proof::thumbprint`] with the session's before believing anything.
pub struct Proof {
    claims: ProofClaims,
    key: PublicKey,
    thumbprint: [u8; 32],
    token: Option<[u8; 32]>,
    access: Option<[u8; 32]>,
    hash: [u8; 32],
}

impl Proof {
    /// Verifies the signature and the form.
    pub fn verify(text: &str) -> Result<Proof, StatementError> {
        let jws = Unverified::parse(text)?;
        if jws.header.typ.as_deref() != Some(PROOF_TYPE) {
            return Err(StatementError::Kind);
        }
        let key = jws.header.jwk.as_ref().ok_or(StatementError::Claim)?.key()?;
        let (mut claims, hash): (ProofClaims, _) = jws.verify(&key)?;
        claims.htu = normal_address(&claims.htu);
        let too_long = claims.reason.as_ref().is_some_and(|r| r.len() > REASON_BYTES_MAX);
        if claims.jti.is_empty() || too_long {
            return Err(StatementError::Claim);
        }
        let token = hash_claim(claims.token.as_deref())?;
        let access = hash_claim(claims.ath.as_deref())?;
        Ok(Proof { thumbprint: thumbprint(&key), claims, key, token, access, hash })
    }

    /// The key that signed.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its RFC 7638 thumbprint.
    pub fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    /// Hash of the statement: it counts once.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.claims.htm
    }

    /// The address, as [`normal_address`] writes it.
    pub fn url(&self) -> &str {
        &self.claims.htu
    }

    /// The nonce.
    pub fn nonce(&self) -> Option<&str> {
        self.claims.nonce.as_deref()
    }

    /// Whether it was made for this access token.
    pub fn is_for(&self, access_token: &str) -> bool {
        self.access == Some(sha256(access_token.as_bytes()))
    }

    /// The file it says it opens.
    pub fn file(&self) -> Option<FileId> {
        self.claims.file
    }

    /// The file that the address itself names: the first path segment that begins with one.
    pub fn file_in_url(&self) -> Option<FileId> {
        let segments = self.claims.htu.split('/').skip(3);
        segments.filter_map(|s| s.get(..26)?.parse().ok().filter(|_| ends(s))).next()
    }

    /// The sections it asks for.
    pub fn sections(&self) -> Option<Sections> {
        self.claims.sections
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        self.claims.purpose.unwrap_or(Purpose::Treatment)
    }

    /// Why, in words.
    pub fn reason(&self) -> Option<&str> {
        self.claims.reason.as_deref().map(str::trim).filter(|r| !r.is_empty())
    }

    /// Counts up within the session.
    pub fn counter(&self) -> Option<u64> {
        self.claims.counter
    }

    /// Hash of a bearer token that may repeat this opening.
    pub fn token(&self) -> Option<[u8; 32]> {
        self.token
    }

    /// Longest life of that token, in hours.
    pub fn token_hours(&self) -> Option<u64> {
        self.claims.token_hours
    }
}

/// An address as two of them are compared (RFC 9449, section 4.3): without query and fragment,
/// scheme and host in small letters, without the port that the scheme has anyway, digits of
/// percent-encodings in capitals. Nothing is decoded and no path is resolved: what the proof names
/// must stand in the path itself.
pub fn normal_address(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let path_at = address.match_indices('/').nth(2).map_or(address.len(), |(at, _)| at);
    let (origin, path) = address.split_at(path_at);
    let origin = origin.to_ascii_lowercase();
    let port = if origin.starts_with("https:") { ":443" } else { ":80" };
    let mut normal = origin.strip_suffix(port).unwrap_or(&origin).to_owned();
    for (i, part) in path.split('%').enumerate() {
        let (digits, rest) = part.split_at_checked(2).filter(|_| i > 0).unwrap_or(("", part));
        normal.extend([if i > 0 { "%" } else { "" }, &digits.to_ascii_uppercase(), rest]);
    }
    normal
}

/// A file's id ends where the path segment does, or at the `-` before a resource's own number.
fn ends(segment: &str) -> bool {
    matches!(segment.as_bytes().get(26), None | Some(b'-'))
}

fn hash_claim(text: Option<&str>) -> Result<Option<[u8; 32]>, StatementError> {
    let Some(text) = text else { return Ok(None) };
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| StatementError::Claim)?;
    bytes.try_into().map(Some).map_err(|_| StatementError::Claim)
}
