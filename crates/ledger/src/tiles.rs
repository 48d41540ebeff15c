//! The published tree: the log as C2SP `tlog-tiles`, for monitors and witnesses to read.

use crate::checkpoint::CHECKPOINT_BYTES_MAX;
use crate::files::Files;
use crate::log::{CHECKPOINT, Log};
use crate::merkle::{GROUP, Hash};
use crate::{LogError, Verifier};

impl<F: Files> Log<F> {
    /// Writes what the tree at `into` still lacks of the log under this checkpoint, then the
    /// checkpoint itself, so that whoever reads a checkpoint there finds every tile it needs.
    pub fn publish<P: Files>(
        &self,
        into: &P,
        verifier: &Verifier,
        checkpoint: &str,
    ) -> Result<(), LogError> {
        let head = verifier.verify(checkpoint.as_bytes())?;
        if self.root_at(head.size)? != head.root {
            return Err(LogError::Asked("a checkpoint of another log"));
        }
        let published = into.read(CHECKPOINT, CHECKPOINT_BYTES_MAX);
        let published = published.map_err(LogError::world("reading the published checkpoint"))?;
        let published = published.map(|bytes| verifier.verify(&bytes)).transpose()?;
        let before = published.map_or(0, |head| head.size);
        for level in 0..8 {
            let (old, new) = (before >> (8 * level), head.size >> (8 * level));
            for tile in old / GROUP..new.div_ceil(GROUP) {
                let width = GROUP.min(new - tile * GROUP);
                self.publish_tile(into, level, tile, width)?;
            }
        }
        put(into, CHECKPOINT, checkpoint.as_bytes())
    }

    fn publish_tile<P: Files>(
        &self,
        into: &P,
        level: usize,
        tile: u64,
        width: u64,
    ) -> Result<(), LogError> {
        let hashes: Vec<Hash> = if level == 0 {
            let group = self.group(tile)?;
            let mut bundle = Vec::new();
            for number in 0..width as usize {
                let entry = group.entry(number);
                bundle.extend_from_slice(&(entry.len() as u16).to_be_bytes());
                bundle.extend_from_slice(entry);
            }
            put(into, &path("entries", tile, width), &bundle)?;
            group.leaves.into_iter().take(width as usize).collect()
        } else {
            let numbers = tile * GROUP..tile * GROUP + width;
            numbers.filter_map(|number| self.tree().node(8 * level, number).copied()).collect()
        };
        put(into, &path(&level.to_string(), tile, width), &hashes.concat())
    }
}

fn put<P: Files>(into: &P, name: &str, bytes: &[u8]) -> Result<(), LogError> {
    into.replace(name, bytes).map_err(LogError::world("publishing"))
}

/// `tile/0/x001/x234/067`, with `.p/5` behind it while only 5 of 256 are there.
fn path(kind: &str, tile: u64, width: u64) -> String {
    let mut digits = format!("{:03}", tile % 1000);
    let mut above = tile / 1000;
    while above > 0 {
        digits = format!("x{:03}/{digits}", above % 1000);
        above /= 1000;
    }
    let partial = if width < GROUP { format!(".p/{width}") } else { String::new() };
    format!("tile/{kind}/{digits}{partial}")
}

#[cfg(test)]
mod tests;
