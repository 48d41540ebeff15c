//! What an association (chamber) is given: its key, and a list that this key alone opens.
//!
//! Trust: the private half lies as a file under a passphrase, at the association. HPKE's base mode
//! does not say who sealed: anybody with the public key can seal a list.

use crate::Sealed;
use crate::hpke::{self, ENCAPSULATED_BYTES, OpenKey};
use crate::key::{Unsigned, point};
use crate::locked::{lock, unlock};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use terms::PublicKey;

/// Longest list, in bytes.
pub const LIST_BYTES_MAX: usize = 64 << 20;
/// Longest sealed list, in bytes.
pub const SEALED_LIST_BYTES_MAX: usize =
    FIRST_LINE.len() + ENCAPSULATED_BYTES + LIST_BYTES_MAX + TAG_BYTES;
/// Longest file with a key, in bytes.
pub const KEY_BYTES_MAX: usize = 4 << 10;
const TAG_BYTES: usize = 16;
/// A sealed list begins with it, and is bound to it.
const FIRST_LINE: &[u8] = b"cofferdam association list 1\n";
const PUBLIC_WORD: &str = "cofferdam-association-key-1";

/// An association's key as a file: the public half in the clear, the private one sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssociationKeyFile {
    version: u32,
    /// The public point, base64.
    association_key: String,
    salt: String,
    sealed: String,
}

impl AssociationKeyFile {
    /// A new random key under this passphrase.
    pub fn make(passphrase: &str) -> Result<AssociationKeyFile, Sealed> {
        let key = OpenKey::make()?;
        let (salt, sealed) = lock(passphrase, key.public(), &key.to_bytes()?)?;
        let association_key = BASE64.encode(key.public().point());
        Ok(AssociationKeyFile { version: 1, association_key, salt, sealed })
    }

    /// Reads a key's file.
    pub fn parse(text: &[u8]) -> Result<AssociationKeyFile, Unsigned> {
        let file: AssociationKeyFile = serde_json::from_slice(text).map_err(|_| Unsigned::Form)?;
        if file.version == 1 { Ok(file) } else { Err(Unsigned::Form) }
    }

    /// What lists are sealed to.
    pub fn public(&self) -> Result<PublicKey, Unsigned> {
        point(&self.association_key).ok_or(Unsigned::Form)
    }

    /// Unlocks it.
    pub fn unlock(&self, passphrase: &str) -> Result<OpenKey, Sealed> {
        let public = self.public().map_err(|_| Sealed)?;
        OpenKey::from_bytes(&unlock(passphrase, &public, &self.salt, &self.sealed)?)
    }
}

/// A public key as the line that an association hands over.
pub fn public_line(key: &PublicKey) -> String {
    format!("{PUBLIC_WORD} {}", BASE64.encode(key.point()))
}

/// Reads what [`public_line`] wrote; lines and blanks around it do not matter.
pub fn parse_public_line(text: &str) -> Result<PublicKey, Unsigned> {
    let key = text.trim().strip_prefix(PUBLIC_WORD).and_then(|rest| point(rest.trim_start()));
    key.ok_or(Unsigned::Form)
}

/// Seals a list to an association: first line, encapsulated key, ciphertext with its tag.
pub fn seal_list(to: &PublicKey, list: &[u8]) -> Result<Vec<u8>, Sealed> {
    if list.len() > LIST_BYTES_MAX {
        return Err(Sealed);
    }
    Ok([FIRST_LINE, &hpke::seal(to, FIRST_LINE, &[], list)?].concat())
}

/// Opens what [`seal_list`] sealed to this key.
pub fn open_list(key: &OpenKey, sealed: &[u8]) -> Result<Vec<u8>, Sealed> {
    if sealed.len() > SEALED_LIST_BYTES_MAX {
        return Err(Sealed);
    }
    key.open(FIRST_LINE, &[], sealed.strip_prefix(FIRST_LINE).ok_or(Sealed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_opens_with_its_own_key_and_unaltered_only() {
        let (key, other) = (OpenKey::make().unwrap(), OpenKey::make().unwrap());
        let sealed = seal_list(key.public(), b"a list").unwrap();
        assert_eq!(open_list(&key, &sealed).unwrap(), b"a list");
        assert!(open_list(&other, &sealed).is_err(), "another association's key");
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(open_list(&key, &altered).is_err(), "byte {at}");
            assert!(open_list(&key, &sealed[..at]).is_err(), "cut at {at}");
        }
        let longer = [&sealed[..], b"x"].concat();
        assert!(open_list(&key, &longer).is_err());
        assert!(seal_list(key.public(), &vec![0; LIST_BYTES_MAX + 1]).is_err());
        // What is sealed for an intake's mailbox is no list, whoever it is sealed to.
        let report = hpke::seal(key.public(), b"report", &[], b"a list").unwrap();
        assert!(open_list(&key, &[FIRST_LINE, &report].concat()).is_err());
    }

    #[test]
    fn a_key_comes_back_with_its_passphrase_and_as_itself_only() {
        let text = serde_json::to_vec(&AssociationKeyFile::make("a passphrase").unwrap()).unwrap();
        let mut file = AssociationKeyFile::parse(&text).unwrap();
        let public = file.public().unwrap();
        assert!(file.unlock("a passphrase").unwrap().public() == &public);
        assert!(file.unlock("another").is_err());
        let line = public_line(&public);
        assert!(parse_public_line(&format!("{line}\r\n")) == Ok(public));
        for wrong in ["", PUBLIC_WORD, &line[1..], &line[..line.len() - 4], &format!("{line}AAAA")]
        {
            assert!(parse_public_line(wrong).is_err(), "{wrong}");
        }
        file.association_key = BASE64.encode(OpenKey::make().unwrap().public().point());
        assert!(file.unlock("a passphrase").is_err(), "sealed for another name");
        for wrong in ["", "{}", "[]", r#"{"version":2}"#] {
            assert!(AssociationKeyFile::parse(wrong.as_bytes()).is_err());
        }
    }
}
