//! Checkpoints: a head, signed, in the C2SP formats `tlog-checkpoint` and `signed-note`.
//!
//! Lines of other signers (witnesses) may follow the log's own; they are left alone here.

use core::fmt;
use core::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::BASE64;

use crate::{Head, LogError, note};

/// Longest checkpoint that is read, in bytes.
pub(crate) const CHECKPOINT_BYTES_MAX: u64 = note::NOTE_BYTES_MAX as u64;
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
        let Verifier { origin, id, .. } = &self.verifier;
        format!("{text}\n{}", note::line(origin, *id, self.key.sign(text.as_bytes()).as_ref()))
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
        if !note::is_name(origin) {
            return Err(LogError::Asked("an origin has no spaces and no plus sign"));
        }
        let id = note::key_id(origin, ED25519_KIND, &public);
        Ok(Verifier { origin: origin.to_owned(), id, public })
    }

    /// The origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The head a checkpoint states, if this log's key signed it.
    pub fn verify(&self, checkpoint: &[u8]) -> Result<Head, LogError> {
        let text = self.verify_text(checkpoint)?;
        match stated(text) {
            Some((origin, head)) if origin == self.origin => Ok(head),
            Some(_) => Err(refused("a checkpoint is of another log")),
            None => Err(refused("a signed checkpoint is malformed")),
        }
    }

    /// The text of a note of this kind, if this log's key signed it.
    pub fn verify_note<'n>(&self, kind: &str, note: &'n str) -> Result<&'n str, LogError> {
        let text = self.verify_text(note.as_bytes())?;
        let text = text.strip_prefix(&format!("{} {kind}\n", self.origin));
        text.ok_or_else(|| refused("a signed note is of another kind"))
    }

    /// The text of a note, without its signatures, if this key is among the signers.
    fn verify_text<'n>(&self, note: &'n [u8]) -> Result<&'n str, LogError> {
        let (text, signatures) = note::split(note)?;
        let mut signed = false;
        for signature in signatures.iter().filter(|signature| signature.name == self.origin) {
            let Some(signature) = signature.bytes.strip_prefix(&self.id) else { continue };
            UnparsedPublicKey::new(&ED25519, self.public)
                .verify(text.as_bytes(), signature)
                .map_err(|_| refused("a checkpoint's signature is forged"))?;
            signed = true;
        }
        if signed { Ok(text) } else { Err(refused("a checkpoint is not signed by this log's key")) }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note::key_text(&self.origin, ED25519_KIND, &self.public))
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
        let wrong = LogError::Asked("not a verifier key of the form name+hash+key");
        match note::parse_key(text) {
            Some((name, ED25519_KIND, public)) => match public.try_into() {
                Ok(public) => Verifier::new(&name, public),
                Err(_) => Err(wrong),
            },
            _ => Err(wrong),
        }
    }
}

/// The origin and head that a checkpoint's text states.
pub(crate) fn stated(text: &str) -> Option<(&str, Head)> {
    let mut lines = text.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    let root = BASE64.decode(root.as_bytes()).ok()?.try_into().ok()?;
    let head = Head { size: size.parse().ok()?, root };
    let ended = lines.next() == Some("") && lines.next().is_none();
    (ended && head.size.to_string() == size).then_some((origin, head))
}

fn refused(what: &'static str) -> LogError {
    LogError::Tampered { what, first: 0 }
}

#[cfg(test)]
mod tests;
