//! Cosignatures: what a witness signs of a checkpoint (C2SP `tlog-cosignature`).
//!
//! Trust: a cosignature says that its witness has seen no other history of this log. It is worth
//! what its witness is; [`Quorum`] asks several.

use crate::note::{self, NOTE_BYTES_MAX};
use crate::{Head, LogError};
use aws_lc_rs::signature::{ED25519, ML_DSA_44, UnparsedPublicKey};
use core::fmt;
use core::str::FromStr;

/// How a witness signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ed25519 (`cosignature/v1`).
    Ed25519 = 4,
    /// ML-DSA-44 (`subtree/v1`), which a quantum computer does not forge.
    MlDsa44 = 6,
}

/// A witness's public key, under its name; prints and reads as a C2SP verifier key.
#[derive(Clone, PartialEq, Eq)]
pub struct Cosigner {
    name: String,
    kind: Kind,
    public: Vec<u8>,
}

impl Cosigner {
    /// The key of the witness with this name.
    pub fn new(name: &str, kind: Kind, public: &[u8]) -> Result<Cosigner, LogError> {
        let length = if kind == Kind::Ed25519 { 32 } else { 1312 };
        if !note::is_name(name) || name.len() > 255 || public.len() != length {
            return Err(LogError::Asked("not the name and key of a witness"));
        }
        Ok(Cosigner { name: name.to_owned(), kind, public: public.to_vec() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// When this witness cosigned the checkpoint, in seconds since the epoch; none if it did not.
    ///
    /// A line under its name and id that does not verify is an error: somebody forged it.
    pub fn verify(&self, note: &[u8]) -> Result<Option<u64>, LogError> {
        let (text, signatures) = note::split(note)?;
        let id = note::key_id(&self.name, self.kind as u8, &self.public);
        let mut newest = None;
        for signature in signatures.iter().filter(|signature| signature.name == self.name) {
            let Some(rest) = signature.bytes.strip_prefix(&id) else { continue };
            let forged = LogError::Tampered { what: "a cosignature is forged", first: 0 };
            let Some((time, made)) = rest.split_first_chunk() else { return Err(forged) };
            let time = u64::from_be_bytes(*time);
            let good = message(self.kind, &self.name, time, text).is_some_and(|message| {
                let verified = match self.kind {
                    Kind::Ed25519 => {
                        UnparsedPublicKey::new(&ED25519, &self.public).verify(&message, made)
                    }
                    Kind::MlDsa44 => {
                        UnparsedPublicKey::new(&ML_DSA_44, &self.public).verify(&message, made)
                    }
                };
                verified.is_ok()
            });
            if !good {
                return Err(forged);
            }
            newest = newest.max(Some(time));
        }
        Ok(newest)
    }

    /// The signature line that this witness adds: `made` signs [`message`] with the same time.
    pub fn line(&self, time: u64, made: &[u8]) -> String {
        let signature = [&time.to_be_bytes(), made].concat();
        note::line(&self.name, note::key_id(&self.name, self.kind as u8, &self.public), &signature)
    }
}

/// What a witness of this name signs of a checkpoint's text at this time; none if the text is no
/// checkpoint's.
pub fn message(kind: Kind, name: &str, time: u64, text: &str) -> Option<Vec<u8>> {
    let (origin, head) = crate::checkpoint::stated(text)?;
    let time_and_text = format!("cosignature/v1\ntime {time}\n{text}");
    if kind == Kind::Ed25519 {
        return Some(time_and_text.into_bytes());
    }
    let mut message = b"subtree/v1\n\0".to_vec();
    for named in [(name, Some(time)), (origin, None)] {
        message.push(u8::try_from(named.0.len()).ok().filter(|length| *length > 0)?);
        message.extend_from_slice(named.0.as_bytes());
        message.extend(named.1.iter().flat_map(|time| time.to_be_bytes()));
    }
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&head.size.to_be_bytes());
    message.extend_from_slice(&head.root);
    Some(message)
}

impl fmt::Display for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&note::key_text(&self.name, self.kind as u8, &self.public))
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({}, {:?})", self.name, self.kind)
    }
}

impl FromStr for Cosigner {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Cosigner, LogError> {
        let wrong = || LogError::Asked("not a witness's verifier key of the form name+hash+key");
        if text.len() > NOTE_BYTES_MAX {
            return Err(wrong());
        }
        let (name, kind, public) = note::parse_key(text).ok_or_else(wrong)?;
        let kind = [Kind::Ed25519, Kind::MlDsa44].into_iter().find(|known| *known as u8 == kind);
        Cosigner::new(&name, kind.ok_or_else(wrong)?, &public)
    }
}

/// Several witnesses, of which some have to have cosigned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    /// How many of them.
    pub needed: usize,
    /// Who counts.
    pub witnesses: Vec<Cosigner>,
}

impl Quorum {
    /// Whether enough of them cosigned this checkpoint. Two keys of one name count once.
    pub fn verify(&self, checkpoint: &[u8]) -> Result<bool, LogError> {
        let mut names: Vec<&str> = Vec::new();
        for witness in &self.witnesses {
            if witness.verify(checkpoint)?.is_some() {
                names.push(witness.name());
            }
        }
        names.sort_unstable();
        names.dedup();
        Ok(names.len() >= self.needed)
    }
}

/// The text of a checkpoint, without its signatures, and the head it states.
pub fn text_of(checkpoint: &[u8]) -> Result<(&str, Head), LogError> {
    let (text, _) = note::split(checkpoint)?;
    let malformed = LogError::Tampered { what: "a checkpoint is malformed", first: 0 };
    crate::checkpoint::stated(text).map(|(_, head)| (text, head)).ok_or(malformed)
}
