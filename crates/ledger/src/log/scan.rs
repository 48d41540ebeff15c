//! Reading the file of batches: all of it when the log is opened, and groups of entries later.

use super::frame::{self, FRAME_BYTES_MAX, FrameHead, HEAD_BYTES, MARK_BYTES, Window};
use crate::files::LogFile;
use crate::merkle::{GROUP, Tree};
use crate::{EMPTY_ROOT, Hash, Head, LogError, leaf_hash};

/// Room for an entry; most take less.
const ENTRY_BYTES_USUAL: usize = 320;

/// What reading the whole file showed.
pub(crate) struct Scan {
    pub(crate) tree: Tree,
    /// Where whole batches end.
    pub(crate) end: u64,
    /// How many bytes of a torn batch follow.
    pub(crate) torn: u64,
    /// Where each group of entries starts.
    starts: Vec<Start>,
    /// How long the last whole batch is.
    last: usize,
}

/// Where an entry starts, and how many of its batch follow, itself included.
#[derive(Clone, Copy)]
struct Start {
    position: u64,
    left: u32,
}

/// Up to 256 entries that begin with a multiple of 256.
pub(crate) struct Group {
    pub(crate) leaves: Vec<Hash>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Group {
    fn with_room() -> Group {
        let count = GROUP as usize;
        let (leaves, ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        Group { leaves, bytes: Vec::with_capacity(count * ENTRY_BYTES_USUAL), ends }
    }

    /// The entry with this number in the group.
    pub(crate) fn entry(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[start..self.ends[number]]
    }
}

impl Scan {
    /// Reads everything; refuses a file of which a part that was acknowledged is damaged.
    pub(crate) fn of<L: LogFile>(file: &L) -> Result<Scan, LogError> {
        let length = file.len().map_err(LogError::world("measuring the entries"))?;
        let mut window = Window::new(file, length);
        let mut scan = Scan { tree: Tree::default(), end: 0, torn: 0, starts: Vec::new(), last: 0 };
        while scan.end < length {
            let Some((frame, lengths, leaves)) = whole(&mut window, scan.end)? else {
                scan.torn = length - scan.end;
                break;
            };
            scan.add(frame, lengths.into_iter(), leaves);
        }
        let follows = scan.torn > FRAME_BYTES_MAX as u64
            || frame::any_head(scan.end + 1, rest(&mut window, scan.end, scan.torn)?);
        if follows { Err(scan.damaged("a batch is damaged that others follow")) } else { Ok(scan) }
    }

    /// Adds a whole batch that ends the file.
    pub(crate) fn add(
        &mut self,
        frame: usize,
        lengths: impl ExactSizeIterator<Item = usize>,
        leaves: Vec<Hash>,
    ) {
        let mut start =
            Start { position: self.end + HEAD_BYTES as u64, left: lengths.len() as u32 };
        for (length, leaf) in lengths.zip(leaves) {
            if self.tree.size().is_multiple_of(GROUP) {
                self.starts.push(start);
            }
            self.tree.push(leaf);
            start = Start { position: start.position + 2 + length as u64, left: start.left - 1 };
        }
        self.end += frame as u64;
        self.last = frame;
    }

    /// Makes durable what was found, because the last batch may be known to the system's memory
    /// only (after a failed sync and a restart), and cuts off what is torn.
    pub(crate) fn settle<L: LogFile>(&self, file: &mut L) -> Result<(), LogError> {
        let position = self.end - self.last as u64;
        let last = Window::new(file, self.end).get(position, self.last)?.to_vec();
        let settled = if self.torn > 0 { file.truncate(self.end) } else { Ok(()) };
        settled
            .and_then(|()| file.write_at(&last, position))
            .and_then(|()| file.sync())
            .map_err(LogError::world("settling the last batch"))
    }

    /// Refuses unless the log begins with everything this head covers.
    pub(crate) fn check_prefix<L: LogFile>(&self, file: &L, head: &Head) -> Result<(), LogError> {
        if head.size > self.tree.size() {
            return Err(self.damaged("entries are missing that a known head covers"));
        }
        if self.root_at(file, head.size)? != head.root {
            let what = "the entries do not hash to a known head";
            return Err(LogError::Tampered { what, first: 0 });
        }
        Ok(())
    }

    pub(crate) fn root_at<L: LogFile>(&self, file: &L, size: u64) -> Result<Hash, LogError> {
        if size == 0 {
            return Ok(EMPTY_ROOT);
        }
        self.tree.root_of(0, size, &mut self.leaves(file))
    }

    /// How the tree gets at the leaves of a whole group.
    pub(crate) fn leaves<'f, L: LogFile>(
        &self,
        file: &'f L,
    ) -> impl FnMut(u64) -> Result<Vec<Hash>, LogError> + use<'_, 'f, L> {
        let mut kept: Option<(u64, Vec<Hash>)> = None;
        move |number| match &kept {
            Some((of, leaves)) if *of == number => Ok(leaves.clone()),
            _ => {
                let leaves = self.group(&mut Window::new(file, self.end), number)?.leaves;
                kept = Some((number, leaves.clone()));
                Ok(leaves)
            }
        }
    }

    /// Reads a group again and refuses it unless it is what the tree was made of.
    pub(crate) fn group<L: LogFile>(
        &self,
        window: &mut Window<L>,
        number: u64,
    ) -> Result<Group, LogError> {
        let changed = || LogError::Tampered {
            what: "entries changed while the log was open",
            first: number * GROUP,
        };
        let count = GROUP.min(self.tree.size() - number * GROUP);
        let mut at = *self.starts.get(number as usize).ok_or_else(changed)?;
        let mut group = Group::with_room();
        let mut tree = Tree::default();
        for _ in 0..count {
            if at.left == 0 {
                let position = at.position + MARK_BYTES as u64;
                let head = window.get(position, HEAD_BYTES)?;
                let left = FrameHead::parse(position, head).ok_or_else(changed)?.entries;
                at = Start { position: position + HEAD_BYTES as u64, left };
            }
            let entry = window.entry(at.position)?;
            let leaf = leaf_hash(entry);
            tree.push(leaf);
            group.leaves.push(leaf);
            group.bytes.extend_from_slice(entry);
            group.ends.push(group.bytes.len());
            let position = at.position + 2 + entry.len() as u64;
            at = Start { position, left: at.left.checked_sub(1).ok_or_else(changed)? };
        }
        let unchanged = if count == GROUP {
            self.tree.node(8, number) == tree.node(8, 0)
        } else {
            (number * GROUP..)
                .zip(&group.leaves)
                .all(|(i, leaf)| self.tree.node(0, i) == Some(leaf))
        };
        if unchanged { Ok(group) } else { Err(changed()) }
    }

    fn damaged(&self, what: &'static str) -> LogError {
        LogError::Tampered { what, first: self.tree.size() }
    }
}

/// The length of the batch that begins here, the lengths of its entries and their leaf hashes, if
/// the batch is whole.
#[allow(clippy::type_complexity, reason = "three lists that one caller takes apart at once")]
fn whole<L: LogFile>(
    window: &mut Window<L>,
    position: u64,
) -> Result<Option<(usize, Vec<usize>, Vec<Hash>)>, LogError> {
    let Some(head) = FrameHead::parse(position, window.get(position, HEAD_BYTES)?) else {
        return Ok(None);
    };
    let length = HEAD_BYTES + head.body + MARK_BYTES;
    let bytes = window.get(position, length)?;
    Ok(entries_of(bytes, &head).map(|(lengths, leaves)| (length, lengths, leaves)))
}

fn entries_of(bytes: &[u8], head: &FrameHead) -> Option<(Vec<usize>, Vec<Hash>)> {
    let (beginning, rest) = bytes.split_at_checked(HEAD_BYTES)?;
    let (mut body, mark) = rest.split_at_checked(head.body)?;
    let (mut lengths, mut leaves) = (Vec::new(), Vec::new());
    while !body.is_empty() {
        let (entry, rest) = split_entry(body)?;
        lengths.push(entry.len());
        leaves.push(leaf_hash(entry));
        body = rest;
    }
    let fits = leaves.len() == head.entries as usize && frame::mark(beginning, &leaves) == mark;
    fits.then_some((lengths, leaves))
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(*length).into())
}

/// What follows a broken batch's first byte, as far as it can belong to this batch.
fn rest<'w, L: LogFile>(
    window: &'w mut Window<L>,
    end: u64,
    torn: u64,
) -> Result<&'w [u8], LogError> {
    let count = usize::try_from(torn.saturating_sub(1)).unwrap_or(usize::MAX);
    window.get(end + 1, count.min(FRAME_BYTES_MAX))
}
