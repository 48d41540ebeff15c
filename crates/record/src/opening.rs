//! From sealed segments to streams of records: checks every hash up to the file's head.

use keyproto::message::{Key, Release};
use seal::{Chain, Link, Place, SealedHash, SegmentKey, open_segment};
use std::collections::HashMap;
use std::sync::Arc;
use store::{SegmentOutline, Store};
use terms::{FILE_SEGMENTS_MAX, FileId, Section};
use zeroize::Zeroizing;

use crate::contents::Stream;
use crate::errors::OpenError;
use crate::segment_content::{SEGMENT_HEADER_BYTES, read_segment_header};

/// How many segments are read from the store at a time.
const READ_AHEAD: u32 = 32;

/// A point in a file's life: how many segments it had, and what its head was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) segments: u32,
    pub(crate) head: Chain,
}

impl Reached {
    pub(crate) const NOTHING: Reached = Reached { segments: 0, head: Chain::EMPTY };
}

/// The streams of the released sections behind `from`, which lead to the release's head.
pub(crate) fn read_released(
    store: &dyn Store,
    tenant: &str,
    release: &Release,
    from: Reached,
) -> Result<Vec<Stream>, OpenError> {
    let file = release.file;
    let outline = outline(store, release, from)?;
    let befores = chain(file, &outline, from, Chain::from_bytes(*release.head))?;
    let keys: HashMap<u32, &Key> = release.keys.iter().map(|key| (key.sequence, key)).collect();
    let mut joiner = Joiner::default();
    let mut next = from.segments;
    let wanted: Vec<(&SegmentOutline, &Chain)> = outline
        .iter()
        .zip(&befores)
        .filter(|(outline, _)| release.sections.contains(outline.section))
        .collect();
    for some in wanted.chunks(READ_AHEAD as usize) {
        let stored = store.segments(file, next, READ_AHEAD, release.sections)?;
        if stored.len() < some.len() {
            return Err(OpenError::Tampered("a segment is missing".into()));
        }
        for (stored, (outline, before)) in stored.iter().zip(some) {
            let (sequence, section) = (outline.sequence, outline.section);
            let as_outlined = stored.sequence == sequence
                && stored.section == section
                && SealedHash::of(&stored.bytes).as_bytes() == &outline.hash;
            if !as_outlined {
                return Err(OpenError::Tampered(format!("segment {sequence} was replaced")));
            }
            let key = keys.get(&sequence).filter(|key| key.section == section);
            let key = key.ok_or_else(|| no_key(sequence))?;
            let generation = release.generation;
            let previous = **before;
            let place = Place { tenant, file, section, sequence, generation, previous };
            let key = SegmentKey::from_bytes(Zeroizing::new(key.key));
            joiner.add(section, sequence, open_segment(&place, &key, &stored.bytes)?)?;
            next = sequence + 1;
        }
    }
    joiner.finish()
}

fn no_key(sequence: u32) -> OpenError {
    OpenError::Tampered(format!("no key came for segment {sequence}"))
}

/// The outline from `from` up to the release's end. Orphans behind it are left out.
fn outline(
    store: &dyn Store,
    release: &Release,
    from: Reached,
) -> Result<Vec<SegmentOutline>, OpenError> {
    let count = release.segments.checked_sub(from.segments);
    let count = count.ok_or_else(|| OpenError::Tampered("the file has shrunk".into()))? as usize;
    if release.segments as usize > FILE_SEGMENTS_MAX {
        return Err(OpenError::Tampered("more segments than a file may have".into()));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut outline = store.outline(release.file, from.segments)?;
    outline.truncate(count);
    let in_order = outline.iter().zip(from.segments..).all(|(o, sequence)| o.sequence == sequence);
    if outline.len() == count && in_order {
        Ok(outline)
    } else {
        Err(OpenError::Tampered("a segment is missing".into()))
    }
}

/// The head before each segment, if they lead to `head`.
pub(crate) fn chain(
    file: FileId,
    outline: &[SegmentOutline],
    from: Reached,
    head: Chain,
) -> Result<Vec<Chain>, OpenError> {
    let mut before = Vec::with_capacity(outline.len());
    let mut reached = from.head;
    for segment in outline {
        before.push(reached);
        let sealed = SealedHash::from_bytes(segment.hash);
        let link = Link { section: segment.section, sequence: segment.sequence, sealed };
        reached = reached.then(file, &link);
    }
    if reached == head {
        Ok(before)
    } else {
        Err(OpenError::Tampered("the segments do not lead to the file's head".into()))
    }
}

/// Joins the pieces of streams that were cut.
#[derive(Default)]
pub(crate) struct Joiner {
    streams: Vec<Stream>,
    /// Section, number of the next piece, how many there are, and what is there so far.
    cut: Option<(Section, u16, u16, Zeroizing<Vec<u8>>)>,
}

impl Joiner {
    pub(crate) fn add(
        &mut self,
        section: Section,
        sequence: u32,
        opened: Zeroizing<Vec<u8>>,
    ) -> Result<(), OpenError> {
        let header = read_segment_header(&opened);
        let piece = header.map_err(|error| OpenError::Tampered(error.to_string()))?;
        if piece.piece == 0 && piece.pieces == 1 && self.cut.is_none() {
            let range = SEGMENT_HEADER_BYTES..opened.len();
            let bytes = Arc::new(opened);
            self.streams.push(Stream { section, sequence, bytes, range });
            return Ok(());
        }
        let cut = match self.cut.take() {
            None if piece.piece == 0 => (section, 0, piece.pieces, Zeroizing::default()),
            Some(cut) => cut,
            None => return Err(out_of_place(sequence)),
        };
        let (of, next, pieces, mut bytes) = cut;
        if (of, next, pieces) != (section, piece.piece, piece.pieces) {
            return Err(out_of_place(sequence));
        }
        extend(&mut bytes, &opened[SEGMENT_HEADER_BYTES..]);
        if next + 1 < pieces {
            self.cut = Some((section, next + 1, pieces, bytes));
        } else {
            let range = 0..bytes.len();
            self.streams.push(Stream { section, sequence, bytes: Arc::new(bytes), range });
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<Stream>, OpenError> {
        match self.cut {
            None => Ok(self.streams),
            Some((_, next, ..)) => Err(out_of_place(next.into())),
        }
    }
}

fn out_of_place(sequence: u32) -> OpenError {
    OpenError::Tampered(format!("segment {sequence} holds a piece that is out of place"))
}

/// Appends without leaving a copy behind in memory that the vector gave up.
fn extend(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let needed = bytes.len() + more.len();
    if needed > bytes.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}
