//! Segments: compressed, padded, and sealed for one place in one file.

use terms::{FileId, SEGMENT_PLAINTEXT_BYTES_MAX, Section};
use zeroize::Zeroizing;

use crate::committed::{Cipher, OVERHEAD_BYTES};
use crate::keys::put_prefixed;
use crate::{Chain, SealError, SegmentKey, squeeze};

/// Longest sealed segment, in bytes; anything longer is refused unread.
pub const SEGMENT_SEALED_BYTES_MAX: usize =
    SEGMENT_PLAINTEXT_BYTES_MAX + SEGMENT_PLAINTEXT_BYTES_MAX / 4 + OVERHEAD_BYTES;

/// Where a segment belongs; a sealed segment opens at its own place and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The tenant whose file it is.
    pub tenant: &'a str,
    /// The file it is a piece of.
    pub file: FileId,
    /// The section it belongs to.
    pub section: Section,
    /// Its number in the file.
    pub sequence: u32,
    /// How often the file's keys had been renewed when it was sealed.
    pub generation: u32,
    /// The file's head just before it was appended.
    pub previous: Chain,
}

impl Place<'_> {
    pub(crate) fn aad(&self) -> Vec<u8> {
        let mut aad = Vec::with_capacity(96);
        put_prefixed(&mut aad, self.tenant.as_bytes());
        aad.extend_from_slice(self.file.as_bytes());
        aad.push(self.section as u8);
        aad.extend_from_slice(&self.sequence.to_be_bytes());
        aad.extend_from_slice(&self.generation.to_be_bytes());
        aad.extend_from_slice(self.previous.as_bytes());
        aad
    }
}

/// Seals a segment so that it opens only under its key, at its place, after this very history.
pub fn seal_segment(
    place: &Place,
    key: &SegmentKey,
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    cipher(key)?.seal(&place.aad(), &squeeze::squeeze(plaintext)?)
}

/// Gives back exactly what [`seal_segment`] was given for this place, or refuses; never more than
/// [`SEGMENT_PLAINTEXT_BYTES_MAX`] bytes whatever the input.
pub fn open_segment(
    place: &Place,
    key: &SegmentKey,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.len() > SEGMENT_SEALED_BYTES_MAX {
        return Err(SealError::Tampered("longer than any segment"));
    }
    squeeze::unsqueeze(&cipher(key)?.open(&place.aad(), sealed)?)
}

fn cipher(key: &SegmentKey) -> Result<Cipher, SealError> {
    Cipher::new(key.as_bytes(), &[b"cofferdam seal v1"])
}

#[cfg(test)]
mod tests;
