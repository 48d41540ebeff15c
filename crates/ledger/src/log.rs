//! The log on a disk: one file of batches, its tree in memory, and the last checkpoint.

mod frame;
mod scan;

use std::ops::Range;

use crate::checkpoint::CHECKPOINT_BYTES_MAX;
use crate::files::{Files, LogFile};
use crate::merkle::{GROUP, Tree};
use crate::{Hash, Head, LogError, Signer, Verifier, leaf_hash};

pub(crate) use frame::Window;
pub use frame::{BATCH_BYTES_MAX, ENTRY_BYTES_MAX};
pub(crate) use scan::{Group, Scan};

/// The name of the file of batches.
pub(crate) const ENTRIES: &str = "entries";
/// The name of the checkpoint.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// The log, owned by the one thread that appends to it.
pub struct Log<F: Files> {
    files: F,
    file: F::File,
    scan: Scan,
    poisoned: bool,
}

impl<F: Files> Log<F> {
    /// Opens the log, or begins one; refuses unless all of it hashes to its checkpoint and begins
    /// with every head in `known` (such as those that a snapshot or a key table remembers).
    ///
    /// A torn last batch, which nobody was told of, is cut off.
    pub fn open(files: F, verifier: &Verifier, known: &[Head]) -> Result<Log<F>, LogError> {
        let mut file = files.open(ENTRIES).map_err(LogError::world("opening the entries"))?;
        let scan = Scan::of(&file)?;
        let mut known = known.to_vec();
        known.extend(read_checkpoint(&files, verifier)?);
        for head in known {
            scan.check_prefix(&file, &head)?;
        }
        scan.settle(&mut file)?;
        Ok(Log { files, file, scan, poisoned: false })
    }

    /// Appends these entries as one batch; when it returns the new head they are durable.
    ///
    /// After a failure other than [`LogError::Asked`] none of them counts, and nothing more is
    /// appended until [`Log::recover`] or a new [`Log::open`]; the latter may find the batch whole.
    pub fn append<T: AsRef<[u8]>>(&mut self, entries: &[T]) -> Result<Head, LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect();
        let frame = frame::build(self.scan.end, entries, &leaves)?;
        self.poisoned = true;
        self.file.write_at(&frame, self.scan.end).map_err(LogError::world("writing a batch"))?;
        terms::planted!("skips the fsync", return Ok(self.count(frame.len(), entries, leaves)));
        self.file.sync().map_err(LogError::world("making a batch durable"))?;
        Ok(self.count(frame.len(), entries, leaves))
    }

    /// Takes a batch that is durable into the head.
    fn count<T: AsRef<[u8]>>(&mut self, bytes: usize, entries: &[T], leaves: Vec<Hash>) -> Head {
        self.poisoned = false;
        self.scan.add(bytes, entries.iter().map(|e| e.as_ref().len()), leaves);
        self.head()
    }

    /// Cuts off what a failed append left, so that appending can go on; fails while the disk does.
    pub fn recover(&mut self) -> Result<(), LogError> {
        if self.poisoned {
            self.file.truncate(self.scan.end).map_err(LogError::world("cutting off a batch"))?;
            self.file.sync().map_err(LogError::world("cutting off a batch"))?;
            self.poisoned = false;
        }
        Ok(())
    }

    /// The head: everything acknowledged, nothing else.
    pub fn head(&self) -> Head {
        self.scan.tree.head()
    }

    /// How many bytes of a torn batch were cut off when the log was opened.
    pub fn torn_bytes(&self) -> u64 {
        self.scan.torn
    }

    /// Calls with each entry of the range in order, having checked it against the head.
    pub fn read<E: From<LogError>>(
        &self,
        range: Range<u64>,
        mut each: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.check_size(range.end)?;
        let mut window = frame::Window::new(&self.file, self.scan.end);
        let mut index = range.start;
        while index < range.end {
            let group = self.scan.group(&mut window, index / GROUP)?;
            let until = range.end.min((index / GROUP + 1) * GROUP);
            for number in index..until {
                each(number, group.entry((number % GROUP) as usize))?;
            }
            index = until;
        }
        Ok(())
    }

    /// The proof that entry `index` is in the log of the first `size` entries.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        self.check_size(size)?;
        if index >= size {
            return Err(LogError::Asked("an entry beyond the size"));
        }
        self.scan.tree.inclusion(index, size, &mut self.scan.leaves(&self.file))
    }

    /// The proof that the log of `newer` entries begins with that of `older` entries.
    pub fn consistency_proof(&self, older: u64, newer: u64) -> Result<Vec<Hash>, LogError> {
        self.check_size(newer)?;
        if older > newer {
            return Err(LogError::Asked("an older log that is longer"));
        }
        if older == 0 {
            return Ok(Vec::new());
        }
        self.scan.tree.consistency(older, newer, &mut self.scan.leaves(&self.file))
    }

    /// The root over the first `size` entries.
    pub fn root_at(&self, size: u64) -> Result<Hash, LogError> {
        self.check_size(size)?;
        self.scan.root_at(&self.file, size)
    }

    /// Signs the head and stores the checkpoint durably in place of the last one.
    pub fn checkpoint(&self, signer: &Signer) -> Result<String, LogError> {
        let checkpoint = signer.sign(&self.head());
        let stored = self.files.replace(CHECKPOINT, checkpoint.as_bytes());
        stored.map_err(LogError::world("storing a checkpoint"))?;
        Ok(checkpoint)
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.scan.tree
    }

    pub(crate) fn group(&self, number: u64) -> Result<Group, LogError> {
        self.scan.group(&mut frame::Window::new(&self.file, self.scan.end), number)
    }

    fn check_size(&self, size: u64) -> Result<(), LogError> {
        let there = self.scan.tree.size();
        if size <= there { Ok(()) } else { Err(LogError::NotThere { size: there }) }
    }
}

/// The head that the stored checkpoint signs, if there is a checkpoint.
pub(crate) fn read_checkpoint<F: Files>(
    files: &F,
    verifier: &Verifier,
) -> Result<Option<Head>, LogError> {
    let stored = files.read(CHECKPOINT, CHECKPOINT_BYTES_MAX);
    let stored = stored.map_err(LogError::world("reading the checkpoint"))?;
    stored.map(|bytes| verifier.verify(&bytes)).transpose()
}

#[cfg(test)]
mod tests;
