//! Checkpoints: a head, signed, in the C2SP formats `tlog-checkpoint` and `signed-note`.
//!
//! Lines of other signers (witnesses) may follow the log's own; they are left alone here.

use core::fmt;
use core::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};

use crate::{Head, LogError};

/// Longest checkpoint that is read, in bytes.
pub(crate) const CHECKPOINT_BYTES_MAX: u64 = 64 * 1024;
/// The byte for Ed25519 in key identifiers and key texts.
const ED25519_KIND: u8 = 1;

/// The log's signing key, for one origin.
pub struct Signer {
    key: Ed25519KeyPair,
    verifier: Verifier,
}

impl Signer {
    /// The key with this secret seed, for the log with this origin: `cofferdam/` and the tenant.
    pub fn new(origin: &str, seed: &[u8; 32]) -> Result<Signer, LogError> {
        let key = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| LogError::Asked("not a seed of an Ed25519 key"))?;
        let mut public = [0; 32];
        public.copy_from_slice(key.public_key().as_ref());
        Ok(Signer { key, verifier: Verifier::new(origin, public)? })
    }

    /// What others need to verify this key's checkpoints.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The checkpoint that says that the log has this head.
    pub fn sign(&self, head: &Head) -> String {
        self.sign_text(&format!(
            "{}\n{}\n{}\n",
            self.verifier.origin,
            head.size,
            BASE64.encode(&head.root)
        ))
    }

    /// Signs what is no checkpoint: its first line has a space, which no origin has.
    pub fn sign_note(&self, kind: &str, text: &str) -> String {
        self.sign_text(&format!("{} {kind}\n{text}", self.verifier.origin))
    }

    fn sign_text(&self, text: &str) -> String {
        let mut signature = self.verifier.id.to_vec();
        signature.extend_from_slice(self.key.sign(text.as_bytes()).as_ref());
        format!("{text}\n— {} {}\n", self.verifier.origin, BASE64.encode(&signature))
    }
}

/// The log's public key and origin; prints and reads as a C2SP verifier key.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    origin: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl Verifier {
    /// The key of the log with this origin.
    pub fn new(origin: &str, public: [u8; 32]) -> Result<Verifier, LogError> {
        let wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if origin.is_empty() || origin.contains(wrong) {
            return Err(LogError::Asked("an origin has no spaces and no plus sign"));
        }
        let named = [origin.as_bytes(), &[b'\n', ED25519_KIND], &public].concat();
        let mut id = [0; 4];
        id.copy_from_slice(&digest(&SHA256, &named).as_ref()[..4]);
        Ok(Verifier { origin: origin.to_owned(), id, public })
    }

    /// The origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The head a checkpoint states, if this log's key signed it.
    pub fn verify(&self, checkpoint: &[u8]) -> Result<Head, LogError> {
        let text = self.verify_text(checkpoint)?;
        let malformed = || refused("a signed checkpoint is malformed");
        let mut lines = text.split('\n');
        if lines.next() != Some(&self.origin) {
            return Err(refused("a checkpoint is of another log"));
        }
        let size = lines.next().ok_or_else(malformed)?;
        let root = lines.next().ok_or_else(malformed)?;
        let root = BASE64.decode(root.as_bytes()).map_err(|_| malformed())?;
        let head = Head {
            size: size.parse().map_err(|_| malformed())?,
            root: root.try_into().map_err(|_| malformed())?,
        };
        let ended = lines.next() == Some("") && lines.next().is_none();
        if ended && head.size.to_string() == size { Ok(head) } else { Err(malformed()) }
    }

    /// The text of a note of this kind, if this log's key signed it.
    pub fn verify_note<'n>(&self, kind: &str, note: &'n str) -> Result<&'n str, LogError> {
        let text = self.verify_text(note.as_bytes())?;
        let text = text.strip_prefix(&format!("{} {kind}\n", self.origin));
        text.ok_or_else(|| refused("a signed note is of another kind"))
    }

    /// The text of a note, without its signatures, if this key is among the signers.
    fn verify_text<'n>(&self, note: &'n [u8]) -> Result<&'n str, LogError> {
        let malformed = || refused("a checkpoint is malformed");
        if note.len() as u64 > CHECKPOINT_BYTES_MAX {
            return Err(malformed());
        }
        let note = core::str::from_utf8(note).map_err(|_| malformed())?;
        let (text, signatures) = note
            .rfind("\n\n")
            .map(|end| (&note[..=end], &note[end + 2..]))
            .ok_or_else(malformed)?;
        let mut signed = false;
        for line in signatures.strip_suffix('\n').ok_or_else(malformed)?.split('\n') {
            let line = line.strip_prefix("— ").ok_or_else(malformed)?;
            let (name, signature) = line.split_once(' ').ok_or_else(malformed)?;
            let signature = BASE64.decode(signature.as_bytes()).map_err(|_| malformed())?;
            if let Some(signature) = signature.strip_prefix(&self.id)
                && name == self.origin
            {
                UnparsedPublicKey::new(&ED25519, self.public)
                    .verify(text.as_bytes(), signature)
                    .map_err(|_| refused("a checkpoint's signature is forged"))?;
                signed = true;
            }
        }
        if signed { Ok(text) } else { Err(refused("a checkpoint is not signed by this log's key")) }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_KIND], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.origin, HEXLOWER.encode(&self.id), BASE64.encode(&key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({self})")
    }
}

impl FromStr for Verifier {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Verifier, LogError> {
        let wrong = || LogError::Asked("not a verifier key of the form name+hash+key");
        let mut parts = text.splitn(3, '+');
        let (name, _, key) = (parts.next(), parts.next(), parts.next().ok_or_else(wrong)?);
        let key = BASE64.decode(key.as_bytes()).map_err(|_| wrong())?;
        let public = key.strip_prefix(&[ED25519_KIND]).ok_or_else(wrong)?;
        let public = public.try_into().map_err(|_| wrong())?;
        let verifier = Verifier::new(name.unwrap_or_default(), public)?;
        if verifier.to_string() == text { Ok(verifier) } else { Err(wrong()) }
    }
}

fn refused(what: &'static str) -> LogError {
    LogError::Tampered { what, first: 0 }
}

#[cfg(test)]
mod tests;
