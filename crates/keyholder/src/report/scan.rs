//! Reading a span of the ledger on every core, told in order and in bounded memory.

use super::wanted::{Found, Wanted};
use crate::entries::Opener;
use crate::error::{KeyholderError, Result};
use crate::mind::Shared;
use crate::server::Disk;
use ledger::Files;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Entries read at once: between two readings others may write, and the reader hears of it.
const READ: u64 = 1024;
/// Most threads for one question, and pieces that one of them may be ahead.
const THREADS_MAX: usize = 8;
const AHEAD: usize = 2;

/// What was found in some entries, and the number at which it goes on.
pub(super) type Piece = (Vec<Found>, u64);

/// Calls with every piece of the span, in order, until one is refused.
pub(super) fn scan<F: Disk, E: From<KeyholderError>>(
    shared: &Shared<F>,
    wanted: &Wanted,
    span: Range<u64>,
    mut each: impl FnMut(Piece) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let pieces = pieces(&span);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS_MAX).min(pieces.len());
    std::thread::scope(|scope| {
        let mut readers: Vec<Receiver<Result<Piece>>> = Vec::new();
        for number in 0..threads {
            let (sender, receiver) = sync_channel(AHEAD);
            let own = pieces.clone().skip(number).step_by(threads);
            let thread = std::thread::Builder::new().name("reader".into());
            thread
                .spawn_scoped(scope, move || read_each(shared, wanted, own, &sender))
                .map_err(KeyholderError::world("cannot start a thread"))?;
            readers.push(receiver);
        }
        // Whoever stops here drops the receivers, and every reader ends with its next piece.
        for reader in (0..pieces.len()).map(|piece| &readers[piece % threads]) {
            let ended = |_| KeyholderError::World("reading the ledger failed".into());
            each(reader.recv().map_err(ended)??)?;
        }
        Ok(())
    })
}

/// The span, cut where the ledger's own groups of entries end.
fn pieces(span: &Range<u64>) -> impl ExactSizeIterator<Item = Range<u64>> + Clone + Send + use<> {
    let span = span.start..span.end.max(span.start);
    let first = span.start / READ;
    let count = span.end.div_ceil(READ).saturating_sub(first);
    let count = if span.is_empty() { 0 } else { usize::try_from(count).unwrap_or(usize::MAX) };
    (0..count).map(move |piece| {
        let from = (first + piece as u64) * READ;
        span.start.max(from)..span.end.min(from + READ)
    })
}

fn read_each<F: Files>(
    shared: &Shared<F>,
    wanted: &Wanted,
    pieces: impl Iterator<Item = Range<u64>>,
    sender: &SyncSender<Result<Piece>>,
) {
    let mut opener = Opener::new(&shared.ring);
    for piece in pieces {
        let read = read(shared, wanted, &mut opener, piece);
        let failed = read.is_err();
        if sender.send(read).is_err() || failed {
            return;
        }
    }
}

fn read<F: Files>(
    shared: &Shared<F>,
    wanted: &Wanted,
    opener: &mut Opener,
    piece: Range<u64>,
) -> Result<Piece> {
    let (mut found, end) = (Vec::new(), piece.end);
    shared.log().read(piece, |number, leaf| -> Result<()> {
        let (_, bytes) = opener.open(number, leaf)?;
        found.extend(wanted.found(number, bytes)?);
        Ok(())
    })?;
    Ok((found, end))
}

#[cfg(test)]
mod tests;
