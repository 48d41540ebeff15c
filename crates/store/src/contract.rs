//! The contract that every backend keeps.

use std::path::Path;

use crate::errors::{AppendError, BackupError, CheckError, EraseError, ReadError};
use crate::model::{
    AttachmentId, AttachmentOutline, Checked, FileSize, NewChunk, NewSegment, Progress,
    SegmentOutline, Statistics, StoredSegment,
};
use terms::{FileId, Sections};

/// Keeps sealed bytes under opaque ids; everything it acknowledged survives a crash.
///
/// Every call blocks, and may be made from many threads at once. What one call has acknowledged,
/// every later call sees, from any thread and any process. A file that was never written reads
/// as empty: which files exist, and how many segments each has, only the keyholder knows.
pub trait Store: Send + Sync {
    /// Makes all segments of the batch durable before it returns, or none of them.
    ///
    /// A segment whose file and sequence are already there replaces what is there. The store cannot
    /// tell an orphan (written by a server that died before the keyholder committed it) from
    /// a committed segment; the keyholder alone decides which sequence is next, and gives the key
    /// of a committed one to nobody who writes. Overwriting a committed segment through a bug or an
    /// attack loses its bytes, yet cannot deceive: its hash is in the head that the keyholder
    /// keeps, so every reader notices.
    ///
    /// After an error of the world the segments may be there or not, as after a crash: they are
    /// orphans. After a wrongly asked call nothing was written. An empty batch does nothing.
    ///
    /// Calls of several threads are made durable together, so many callers at once are cheap.
    fn append(&self, segments: &[NewSegment<'_>]) -> Result<(), AppendError>;

    /// The first `count` segments of these sections at `from` or beyond it, in order of sequence.
    ///
    /// Fewer than `count` means that there are no more. Memory: up to `count` times
    /// [`crate::SEALED_BYTES_MAX`], so ask for a few dozen at a time and go on behind the last.
    /// Orphans are returned like any other; the caller stops at the head it has from the keyholder.
    fn segments(
        &self,
        file: FileId,
        from: u32,
        count: u32,
        sections: Sections,
    ) -> Result<Vec<StoredSegment>, ReadError>;

    /// Sequence, section and hash of every segment at `from` or beyond it, in order.
    ///
    /// Enough to check the chain of hashes up to the head when only some sections' bytes are read.
    /// Costs no reading of the bytes; 40 bytes of memory each.
    fn outline(&self, file: FileId, from: u32) -> Result<Vec<SegmentOutline>, ReadError>;

    /// Removes every segment at `from` or beyond it, durably, and says how many there were.
    ///
    /// For orphans: `from` is the number of segments that the keyholder has committed.
    fn forget_orphans(&self, file: FileId, from: u32) -> Result<u64, EraseError>;

    /// Makes one chunk of an attachment durable before it returns, replacing one of that number.
    ///
    /// Chunks may come in any order and from several threads. Whether an attachment is complete,
    /// and that its chunks are the right ones, is for the sealed segment that names it to say.
    fn put_chunk(&self, chunk: &NewChunk<'_>) -> Result<(), AppendError>;

    /// The bytes of one chunk, or [`ReadError::NotThere`].
    fn read_chunk(
        &self,
        file: FileId,
        attachment: AttachmentId,
        number: u32,
    ) -> Result<Vec<u8>, ReadError>;

    /// The attachments of a file, by id; those that no segment names are leftovers to drop.
    fn attachments(&self, file: FileId) -> Result<Vec<AttachmentOutline>, ReadError>;

    /// Removes every chunk of an attachment, durably, and says how many there were.
    fn drop_attachment(&self, file: FileId, attachment: AttachmentId) -> Result<u64, EraseError>;

    /// Removes every row of the file, and overwrites what the rows held, log included.
    ///
    /// Says how many segments and chunks there were. Three things are out of its reach, and there
    /// the destroyed file key protects: backups; snapshots and spare blocks below the file system;
    /// and stray fragments of old copies that a backend left behind when it rearranged its pages
    /// earlier (see [`crate::EmbeddedStore`]). May be repeated.
    fn erase(&self, file: FileId) -> Result<u64, EraseError>;

    /// What one file takes up.
    fn file_size(&self, file: FileId) -> Result<FileSize, ReadError>;

    /// What the whole store holds. Walks an index: seconds for ten million segments.
    fn statistics(&self) -> Result<Statistics, ReadError>;

    /// Reads everything: structure, types, and every hash against the bytes it stands for.
    ///
    /// Does not block writers. It finds damage by accident; a clever change (a row removed, a hash
    /// recomputed) only the holder of the file's head can see.
    fn check(&self) -> Result<Checked, CheckError>;

    /// Writes a consistent copy of the moment it began to a new file, while others read and write.
    ///
    /// `to` must not exist, and exists only when the copy is complete and durable. It is ciphertext
    /// like the store itself. `progress` is called between steps of a few pages.
    fn backup(&self, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), BackupError>;
}
