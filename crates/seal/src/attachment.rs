//! Attachments: streams too long for a segment, sealed chunk by chunk.
//!
//! A stream is cut into full chunks of [`ATTACHMENT_CHUNK_BYTES`] and one last, shorter chunk,
//! which may be empty; so the end is always marked and a cut stream is noticed. Every upload has a
//! random header, which the segment that refers to the attachment keeps: chunks of any other
//! upload, even of one under the same key, open nothing with it.

use terms::ATTACHMENT_BYTES_MAX;
use zeroize::Zeroizing;

use crate::committed::{Cipher, expand, random};
use crate::squeeze::{pad, unpad};
use crate::{Place, SealError, SegmentKey};

/// Plaintext in every chunk but the last, in bytes.
pub const ATTACHMENT_CHUNK_BYTES: usize = 256 * 1024;

/// The key of one attachment, derived from the key of the segment that refers to it.
pub struct AttachmentKey {
    pub(crate) bytes: Zeroizing<[u8; 32]>,
    number: u32,
}

impl SegmentKey {
    /// The key of the attachment with this number among those the segment refers to.
    pub fn attachment_key(&self, number: u32) -> Result<AttachmentKey, SealError> {
        let info = [b"cofferdam attachment v1".as_slice(), &number.to_be_bytes()];
        Ok(AttachmentKey { bytes: expand(self.as_bytes(), &info)?, number })
    }
}

/// Tells this upload from every other; not secret, to be kept inside the segment referring to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentHeader([u8; 32]);

impl AttachmentHeader {
    /// Takes up a header that the segment kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> AttachmentHeader {
        AttachmentHeader(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Seals one stream in order, each chunk bound to its number and to whether it is the last.
pub struct AttachmentSealer(Stream);

impl AttachmentSealer {
    /// Begins an upload for the segment at this place, and names it.
    pub fn new(
        place: &Place,
        key: &AttachmentKey,
    ) -> Result<(AttachmentSealer, AttachmentHeader), SealError> {
        let header = AttachmentHeader(random()?);
        Ok((AttachmentSealer(Stream::new(place, key, &header)?), header))
    }

    /// Seals the next chunk: a full one, or a shorter one, which ends the stream.
    pub fn seal_next(&mut self, chunk: &[u8]) -> Result<Vec<u8>, SealError> {
        if chunk.len() > ATTACHMENT_CHUNK_BYTES {
            return Err(SealError::Asked("longer than a chunk may be"));
        }
        if self.0.ended || self.0.bytes + chunk.len() as u64 > ATTACHMENT_BYTES_MAX {
            return Err(SealError::Asked("beyond the end of an attachment"));
        }
        let last = chunk.len() < ATTACHMENT_CHUNK_BYTES;
        let aad = self.0.aad(last);
        let mut padded = Zeroizing::new(Vec::with_capacity(2 * chunk.len() + 64));
        padded.extend_from_slice(chunk);
        if last {
            pad(&mut padded);
        }
        let sealed = self.0.cipher.seal(&aad, &padded)?;
        self.0.step(chunk.len(), last);
        Ok(sealed)
    }

    /// Refuses unless the last chunk was sealed; gives the length of the stream.
    pub fn finish(self) -> Result<u64, SealError> {
        if self.0.ended { Ok(self.0.bytes) } else { Err(SealError::Asked("no last chunk sealed")) }
    }
}

/// Opens one stream in order; a chunk that is missing, moved, or of another upload is refused.
pub struct AttachmentOpener(Stream);

impl AttachmentOpener {
    /// Begins to read the upload with this header, which belongs to the segment at this place.
    pub fn new(
        place: &Place,
        key: &AttachmentKey,
        header: &AttachmentHeader,
    ) -> Result<AttachmentOpener, SealError> {
        Ok(AttachmentOpener(Stream::new(place, key, header)?))
    }

    /// Opens the next chunk; `last` is whether it is the last one stored.
    pub fn open_next(
        &mut self,
        sealed: &[u8],
        last: bool,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if self.0.ended {
            return Err(SealError::Tampered("a chunk after the last one"));
        }
        let mut chunk = self.0.cipher.open(&self.0.aad(last), sealed)?;
        if last {
            let length = unpad(&chunk)?.len();
            chunk.truncate(length);
        }
        if last != (chunk.len() < ATTACHMENT_CHUNK_BYTES) {
            return Err(SealError::Tampered("a chunk of a wrong length"));
        }
        self.0.step(chunk.len(), last);
        Ok(chunk)
    }

    /// Refuses unless the stream was read to its end; gives its length.
    pub fn finish(self) -> Result<u64, SealError> {
        if self.0.ended { Ok(self.0.bytes) } else { Err(SealError::Tampered("cut short")) }
    }
}

struct Stream {
    cipher: Cipher,
    place: Vec<u8>,
    next: u32,
    bytes: u64,
    ended: bool,
}

impl Stream {
    fn new(
        place: &Place,
        key: &AttachmentKey,
        header: &AttachmentHeader,
    ) -> Result<Stream, SealError> {
        let cipher = Cipher::new(&key.bytes, &[b"cofferdam chunks v1", &header.0])?;
        let mut place = place.aad();
        place.extend_from_slice(&key.number.to_be_bytes());
        Ok(Stream { cipher, place, next: 0, bytes: 0, ended: false })
    }

    fn aad(&self, last: bool) -> Vec<u8> {
        let mut aad = self.place.clone();
        aad.extend_from_slice(&self.next.to_be_bytes());
        aad.push(u8::from(last));
        aad
    }

    fn step(&mut self, length: usize, last: bool) {
        self.next += 1;
        self.bytes += length as u64;
        self.ended = last;
    }
}

#[cfg(test)]
mod tests;
