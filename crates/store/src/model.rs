//! What goes into a store and what comes out of it.

use core::fmt;
use terms::{FileId, Section};

/// Most sealed bytes in one segment or one chunk; more is refused.
///
/// Twice the most plaintext of a segment, so that header, tag and padding always fit.
pub const SEALED_BYTES_MAX: usize = 2 * terms::SEGMENT_PLAINTEXT_BYTES_MAX;

/// SHA-256 of the sealed bytes of a segment.
pub type Hash = [u8; 32];

/// Names one attachment within its file. Random, like every other id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentId([u8; 16]);

impl AttachmentId {
    /// Wraps bytes that are already random, or were read back.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A sealed segment on its way in.
#[derive(Clone, Copy)]
pub struct NewSegment<'a> {
    /// The file it belongs to.
    pub file: FileId,
    /// Its place in the file, as the keyholder gave it out.
    pub sequence: u32,
    /// The section whose key sealed it.
    pub section: Section,
    /// SHA-256 of `bytes`, computed by the caller.
    pub hash: Hash,
    /// The sealed bytes, at most [`SEALED_BYTES_MAX`].
    pub bytes: &'a [u8],
}

/// A sealed segment as it was read. Not checked: compare `hash` with that of `bytes`, and the
/// chain of hashes with the file's head.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSegment {
    /// Its place in the file.
    pub sequence: u32,
    /// The section whose key sealed it.
    pub section: Section,
    /// What the writer gave as the SHA-256 of `bytes`.
    pub hash: Hash,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// A segment without its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SegmentOutline {
    /// Its place in the file.
    pub sequence: u32,
    /// The section whose key sealed it.
    pub section: Section,
    /// What the writer gave as the SHA-256 of the sealed bytes.
    pub hash: Hash,
}

/// A sealed piece of an attachment on its way in.
#[derive(Clone, Copy)]
pub struct NewChunk<'a> {
    /// The file it belongs to.
    pub file: FileId,
    /// The attachment it is a piece of.
    pub attachment: AttachmentId,
    /// Which piece, in any order.
    pub number: u32,
    /// The sealed bytes, at most [`SEALED_BYTES_MAX`].
    pub bytes: &'a [u8],
}

/// An attachment without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentOutline {
    /// Its id.
    pub attachment: AttachmentId,
    /// How many chunks are there. The store does not know how many there should be.
    pub chunks: u32,
    /// Their sealed bytes together.
    pub bytes: u64,
}

/// What one file takes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileSize {
    /// Its segments.
    pub segments: u64,
    /// The chunks of its attachments.
    pub chunks: u64,
    /// The sealed bytes of both.
    pub bytes: u64,
}

/// What the whole store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Files with at least one segment.
    pub files: u64,
    /// Segments of all files.
    pub segments: u64,
    /// Chunks of all attachments.
    pub chunks: u64,
    /// What the backend takes on disk, logs and indexes included.
    pub bytes_on_disk: u64,
}

/// What a check went through without finding a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Segments whose bytes were read and agree with their hash.
    pub segments: u64,
    /// Chunks whose bytes were read and agree with what was written.
    pub chunks: u64,
}

/// How far a long operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in all, as far as known now.
    pub total: u64,
}

impl fmt::Debug for NewSegment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, sequence, section, bytes, .. } = self;
        write!(f, "NewSegment({file} {sequence} {section}, {} bytes)", bytes.len())
    }
}

impl fmt::Debug for StoredSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sequence, section, bytes, .. } = self;
        write!(f, "StoredSegment({sequence} {section}, {} bytes)", bytes.len())
    }
}

impl fmt::Debug for SegmentOutline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SegmentOutline({} {})", self.sequence, self.section)
    }
}

impl fmt::Debug for NewChunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, attachment, number, bytes } = self;
        write!(f, "NewChunk({file} {attachment:?} {number}, {} bytes)", bytes.len())
    }
}
