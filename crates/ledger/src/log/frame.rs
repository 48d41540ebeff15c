//! Batches on the disk.
//!
//! A batch is `magic 4 | entries u32 | body length u32 | check 12`, then per entry `length u16` and
//! its bytes (a C2SP entry bundle), then a 16-byte mark over head and leaf hashes. Numbers are
//! big-endian. The check binds the position in the file, so that a batch whose beginning is
//! whole can be recognised anywhere: behind a broken batch it proves that the broken one had been
//! acknowledged, because a batch is begun only after the one before it was.

use aws_lc_rs::digest::{Context, SHA256, digest};

use crate::files::LogFile;
use crate::{Hash, LogError};

/// Longest entry, in bytes (C2SP entry bundles have 16-bit lengths).
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;
/// Most bytes that the entries of one batch may have, with two more for each.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;

pub(super) const HEAD_BYTES: usize = 24;
pub(super) const MARK_BYTES: usize = 16;
/// Longest batch on the disk.
pub(super) const FRAME_BYTES_MAX: usize = HEAD_BYTES + BATCH_BYTES_MAX + MARK_BYTES;
/// How much is read at once where less is asked for.
const READ_BYTES: usize = 128 * 1024;
const MAGIC: [u8; 4] = *b"cfL1";

/// The batch as it is written at this position.
pub(super) fn build<T: AsRef<[u8]>>(
    position: u64,
    entries: &[T],
    leaves: &[Hash],
) -> Result<Vec<u8>, LogError> {
    let body: usize = entries.iter().map(|entry| 2 + entry.as_ref().len()).sum();
    if entries.is_empty() || body > BATCH_BYTES_MAX {
        return Err(LogError::Asked("a batch has at least one entry and at most 1 MiB"));
    }
    let mut frame = Vec::with_capacity(HEAD_BYTES + body + MARK_BYTES);
    frame.extend_from_slice(&MAGIC);
    frame.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    frame.extend_from_slice(&(body as u32).to_be_bytes());
    let check = head_check(position, &frame);
    frame.extend_from_slice(&check);
    for entry in entries {
        let length = u16::try_from(entry.as_ref().len());
        let length = length.map_err(|_| LogError::Asked("an entry has at most 65,535 bytes"))?;
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(entry.as_ref());
    }
    let mark = mark(&frame[..HEAD_BYTES], leaves);
    frame.extend_from_slice(&mark);
    Ok(frame)
}

/// What the head of a batch says.
#[derive(Clone, Copy)]
pub(super) struct FrameHead {
    pub(super) entries: u32,
    pub(super) body: usize,
}

impl FrameHead {
    /// The head at the beginning of these bytes, if there is a whole one that belongs here.
    pub(super) fn parse(position: u64, bytes: &[u8]) -> Option<FrameHead> {
        let (fields, check) = bytes.get(..HEAD_BYTES)?.split_at(HEAD_BYTES - 12);
        if !fields.starts_with(&MAGIC) || head_check(position, fields) != check {
            return None;
        }
        let number = |at: usize| fields[at..at + 4].iter().fold(0, |n, b| n << 8 | u32::from(*b));
        let head = FrameHead { entries: number(4), body: number(8) as usize };
        (head.body <= BATCH_BYTES_MAX).then_some(head)
    }
}

/// The mark that ends a batch with this head and these leaves.
pub(super) fn mark(head: &[u8], leaves: &[Hash]) -> [u8; MARK_BYTES] {
    let mut context = Context::new(&SHA256);
    context.update(head);
    leaves.iter().for_each(|leaf| context.update(leaf));
    first(context.finish().as_ref())
}

/// Whether a whole head of a batch begins anywhere in these bytes, which begin at this position.
pub(super) fn any_head(position: u64, bytes: &[u8]) -> bool {
    bytes
        .windows(MAGIC.len())
        .enumerate()
        .filter(|(_, window)| *window == MAGIC)
        .any(|(at, _)| FrameHead::parse(position + at as u64, &bytes[at..]).is_some())
}

fn head_check(position: u64, fields: &[u8]) -> [u8; 12] {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&position.to_be_bytes());
    bytes[8..].copy_from_slice(fields);
    first(digest(&SHA256, &bytes).as_ref())
}

fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&digest[..N]);
    out
}

/// Reads a file through a buffer that moves forward.
pub(crate) struct Window<'f, L> {
    file: &'f L,
    length: u64,
    start: u64,
    buffer: Vec<u8>,
}

impl<'f, L: LogFile> Window<'f, L> {
    /// A window on the first `length` bytes of the file.
    pub(crate) fn new(file: &'f L, length: u64) -> Self {
        Window { file, length, start: 0, buffer: Vec::new() }
    }

    /// The bytes from here, as many as asked for or as there are.
    pub(super) fn get(&mut self, position: u64, count: usize) -> Result<&[u8], LogError> {
        let left = self.length.saturating_sub(position);
        let count = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        let end = self.start + self.buffer.len() as u64;
        if position < self.start || position + count as u64 > end {
            self.fill(position, left.min(READ_BYTES.max(count) as u64) as usize)?;
        }
        let from = (position - self.start) as usize;
        Ok(&self.buffer[from..from + count])
    }

    /// The entry whose length stands here, as far as it is there.
    pub(super) fn entry(&mut self, position: u64) -> Result<&[u8], LogError> {
        let length = self.get(position, 2)?.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
        self.get(position + 2, length)
    }

    fn fill(&mut self, position: u64, count: usize) -> Result<(), LogError> {
        self.start = position;
        self.buffer.resize(count, 0);
        let mut filled = 0;
        while filled < count {
            let read = self.file.read_at(&mut self.buffer[filled..], position + filled as u64);
            match read.map_err(LogError::world("reading entries"))? {
                0 => {
                    let cut = std::io::ErrorKind::UnexpectedEof.into();
                    return Err(LogError::world("reading entries")(cut));
                }
                some => filled += some,
            }
        }
        Ok(())
    }
}
