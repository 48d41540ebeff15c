//! The keys above and at a segment, and how one is wrapped under another.

use terms::Section;
use zeroize::Zeroizing;

use crate::SealError;
use crate::committed::{Cipher, OVERHEAD_BYTES, expand, random};

/// The key of one file: random, never derived from anything about a person, never shown.
pub struct FileKey(Zeroizing<[u8; 32]>);

impl FileKey {
    /// A new key, unlike any other.
    pub fn generate() -> Result<FileKey, SealError> {
        Ok(FileKey(Zeroizing::new(random()?)))
    }

    /// The key of one segment alone: it tells nothing about any other segment's.
    pub fn segment_key(
        &self,
        section: Section,
        sequence: u32,
        generation: u32,
    ) -> Result<SegmentKey, SealError> {
        let section = [section as u8];
        let (sequence, generation) = (sequence.to_be_bytes(), generation.to_be_bytes());
        let info = [b"cofferdam segment v1".as_slice(), &section, &sequence, &generation];
        expand(&self.0, &info).map(SegmentKey)
    }

    /// Wraps this key under an epoch key; it unwraps under the same name only.
    pub fn wrap(&self, epoch: &WrappingKey, name: &KeyName) -> Result<WrappedKey, SealError> {
        epoch.wrap(name, &self.0)
    }

    /// Gives back the file key that was wrapped under this name, or refuses.
    pub fn unwrap(
        epoch: &WrappingKey,
        name: &KeyName,
        wrapped: &WrappedKey,
    ) -> Result<FileKey, SealError> {
        epoch.unwrap(name, wrapped).map(FileKey)
    }
}

/// The key of one segment, as an opening releases it: good for this segment and its attachments.
pub struct SegmentKey(Zeroizing<[u8; 32]>);

impl SegmentKey {
    /// Takes up a key that came over the wire from the keyholder.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> SegmentKey {
        SegmentKey(bytes)
    }

    /// The bytes, for the wire between keyholder and server and nothing else.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key that wraps keys: the root key where it is software, or the key of an epoch.
pub struct WrappingKey {
    bytes: Zeroizing<[u8; 32]>,
    cipher: Cipher,
}

impl WrappingKey {
    /// A new key, unlike any other.
    pub fn generate() -> Result<WrappingKey, SealError> {
        WrappingKey::from_bytes(Zeroizing::new(random()?))
    }

    /// Takes up a key that was unwrapped, or read from a sealed key file.
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Result<WrappingKey, SealError> {
        let cipher = Cipher::new(&bytes, &[b"cofferdam wrap v1"])?;
        Ok(WrappingKey { bytes, cipher })
    }

    /// The bytes, for wrapping this key under a root (in software or in an HSM) and nothing else.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Wraps a key; it unwraps under the same name only.
    pub fn wrap(&self, name: &KeyName, key: &[u8; 32]) -> Result<WrappedKey, SealError> {
        let sealed = self.cipher.seal(&name.aad(), key)?;
        WrappedKey::from_bytes(&sealed)
    }

    /// Gives back the key that was wrapped under this name, or refuses.
    pub fn unwrap(
        &self,
        name: &KeyName,
        wrapped: &WrappedKey,
    ) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let opened = self.cipher.open(&name.aad(), &wrapped.0)?;
        let mut key = Zeroizing::new([0; 32]);
        if opened.len() != key.len() {
            return Err(SealError::Tampered("a wrapped key of a wrong length"));
        }
        key.copy_from_slice(&opened);
        Ok(key)
    }
}

/// What a wrapped key is: it unwraps only for one who names all four parts as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName<'a> {
    /// The tenant it belongs to.
    pub tenant: &'a str,
    /// What kind of key it is: `epoch`, `file`, `locator` and so on.
    pub what: &'a str,
    /// Which one of its kind: a file's identifier, an epoch's number.
    pub id: &'a [u8],
    /// The epoch whose key wraps it.
    pub epoch: u32,
}

impl KeyName<'_> {
    /// The name as associated data, unambiguous; what a root in an HSM must bind as well.
    pub fn aad(&self) -> Vec<u8> {
        let mut aad = Vec::with_capacity(64);
        for part in [self.tenant.as_bytes(), self.what.as_bytes(), self.id] {
            put_prefixed(&mut aad, part);
        }
        aad.extend_from_slice(&self.epoch.to_be_bytes());
        aad
    }
}

/// Appends a part with its length before it, so that no two lists of parts look the same.
pub(crate) fn put_prefixed(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_be_bytes());
    out.extend_from_slice(part);
}

/// A key wrapped under another: safe to store anywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WrappedKey([u8; WrappedKey::LENGTH]);

impl WrappedKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32 + OVERHEAD_BYTES;

    /// Takes up stored bytes; another length than [`WrappedKey::LENGTH`] is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<WrappedKey, SealError> {
        let bytes = bytes.try_into();
        bytes.map(WrappedKey).map_err(|_| SealError::Tampered("a wrapped key of a wrong length"))
    }

    /// The bytes, to be stored.
    pub fn as_bytes(&self) -> &[u8; WrappedKey::LENGTH] {
        &self.0
    }
}

#[cfg(test)]
mod tests;
