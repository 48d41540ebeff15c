//! Snapshots: the sealed state at some point of the ledger, so that a start replays only the rest.
//!
//! Trust: none beyond speed. A snapshot counts only if it opens under our key and the ledger has
//! the very head it was taken at; otherwise it is ignored, loudly, and the ledger replayed.

use crate::error::Result;
use crate::event::event;
use crate::keyring::Keyring;
use decision::State;
use ledger::Head;
use seal::{open_bytes, seal_bytes};
use std::path::Path;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"cfstate1";
const CHUNK_BYTES: usize = 1024 * 1024;

/// Writes the state that the ledger with this head has, in place of the last one.
pub(crate) fn write(path: &Path, ring: &Keyring, head: &Head, state: &State) -> Result<()> {
    let bytes = Zeroizing::new(state.to_bytes());
    let count = bytes.chunks(CHUNK_BYTES).len();
    let mut file = Vec::with_capacity(bytes.len() + 64 * (count + 1));
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&head.size.to_be_bytes());
    file.extend_from_slice(&head.root);
    for (number, chunk) in bytes.chunks(CHUNK_BYTES).enumerate() {
        let sealed = seal_bytes(&ring.snapshots, &aad(ring, head, number, count), chunk)?;
        file.extend_from_slice(&(sealed.len() as u32).to_be_bytes());
        file.extend_from_slice(&sealed);
    }
    crate::files::replace(path, &file)
}

/// The newest snapshot that this ledger goes on from; `root_at` gives its root at a size.
pub(crate) fn read(
    path: &Path,
    ring: &Keyring,
    root_at: impl FnOnce(u64) -> Option<ledger::Hash>,
) -> Option<State> {
    let ignored = |why: &str| {
        event("snapshot-ignored", &[("why", &why), ("instead", &"the whole ledger is replayed")]);
        None
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return ignored(&error.to_string()),
    };
    let Some((head, chunks)) = split(&bytes) else { return ignored("it is damaged") };
    if root_at(head.size) != Some(head.root) {
        return ignored("it is of another ledger, or of more entries than the ledger has");
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    for (number, chunk) in chunks.iter().enumerate() {
        match open_bytes(&ring.snapshots, &aad(ring, &head, number, chunks.len()), chunk) {
            Ok(opened) => plain.extend_from_slice(&opened),
            Err(error) => return ignored(&error.to_string()),
        }
    }
    match State::from_bytes(&plain) {
        Ok(state) if state.entries() == head.size => Some(state),
        Ok(_) => ignored("it is not of the entries it says"),
        Err(_) => ignored("it is of another version of this program"),
    }
}

fn split(bytes: &[u8]) -> Option<(Head, Vec<&[u8]>)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (size, rest) = rest.split_first_chunk()?;
    let (root, mut rest) = rest.split_first_chunk()?;
    let mut chunks = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (chunk, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        chunks.push(chunk);
        rest = after;
    }
    rest.is_empty().then_some((Head { size: u64::from_be_bytes(*size), root: *root }, chunks))
}

/// Binds a chunk to its ledger, its place and the number of chunks.
fn aad(ring: &Keyring, head: &Head, number: usize, count: usize) -> Vec<u8> {
    let numbers = [head.size, number as u64, count as u64].map(u64::to_be_bytes).concat();
    [b"snapshot".as_slice(), &head.root, &numbers, ring.tenant().as_bytes()].concat()
}
