//! A disk in memory that fails on demand: full, broken, or without power at any step.
//!
//! It is harsher than real ones: after a power cut any subset of the 512-byte sectors that were
//! not synced is there, and what a failed sync should have saved is lost unless written again.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::files::{Files, LogFile};

const SECTOR: usize = 512;

/// How a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full; a part of a write may have been done.
    NoSpace,
    /// The disk cannot read or write here; a part of a write may have been done.
    Broken,
    /// The power fails; nothing works until [`FaultyFiles::cut_power`].
    PowerCut,
}

/// A folder on a disk that fails on demand; clones share the disk.
#[derive(Clone)]
pub struct FaultyFiles(Arc<Mutex<Disk>>);

/// A file on such a disk.
pub struct FaultyFile {
    disk: FaultyFiles,
    name: String,
}

struct Disk {
    files: BTreeMap<String, Stored>,
    steps: u64,
    plan: Option<(Range<u64>, Fault)>,
    off: bool,
    random: u64,
}

#[derive(Default)]
struct Stored {
    durable: Vec<u8>,
    seen: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
    Replace(Vec<u8>),
}

impl FaultyFiles {
    /// An empty disk; the seed decides what is torn and lost.
    pub fn new(seed: u64) -> FaultyFiles {
        let (files, random) = (BTreeMap::new(), seed.wrapping_mul(2).wrapping_add(1));
        FaultyFiles(Arc::new(Mutex::new(Disk { files, steps: 0, plan: None, off: false, random })))
    }

    /// How many writes, truncations, syncs and renames there have been.
    pub fn steps(&self) -> u64 {
        self.disk().steps
    }

    /// Lets the steps with these numbers fail.
    pub fn fail(&self, steps: Range<u64>, fault: Fault) {
        self.disk().plan = Some((steps, fault));
    }

    /// Lets everything work again.
    pub fn repair(&self) {
        self.disk().plan = None;
    }

    /// Loses what was not synced, or a random part of it, and switches the disk on again.
    pub fn cut_power(&self) {
        let mut disk = self.disk();
        let Disk { files, random, .. } = &mut *disk;
        for stored in files.values_mut() {
            for change in core::mem::take(&mut stored.pending) {
                survive(&mut stored.durable, change, random);
            }
            stored.seen.clone_from(&stored.durable);
        }
        (disk.off, disk.plan) = (false, None);
    }

    /// What is in a file, if there is one.
    pub fn contents(&self, name: &str) -> Option<Vec<u8>> {
        self.disk().files.get(name).map(|stored| stored.seen.clone())
    }

    /// Changes a file behind everybody's back, durably.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let (durable, seen) = (bytes.to_vec(), bytes.to_vec());
        self.disk().files.insert(name.to_owned(), Stored { durable, seen, pending: Vec::new() });
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    fn step(&mut self) -> io::Result<()> {
        if self.off {
            return Err(io::Error::other("the power is off"));
        }
        self.steps += 1;
        let steps = self.steps;
        match self.plan.as_ref().filter(|(range, _)| range.contains(&steps)).map(|plan| plan.1) {
            None => Ok(()),
            Some(Fault::NoSpace) => Err(io::ErrorKind::StorageFull.into()),
            Some(Fault::Broken) => Err(io::Error::other("input/output error")),
            Some(Fault::PowerCut) => {
                self.off = true;
                Err(io::Error::other("the power failed"))
            }
        }
    }

    fn file(&mut self, name: &str) -> io::Result<&mut Stored> {
        self.files.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Files for FaultyFiles {
    type File = FaultyFile;

    fn open(&self, name: &str) -> io::Result<FaultyFile> {
        let mut disk = self.disk();
        if !disk.files.contains_key(name) {
            disk.step()?;
            disk.files.insert(name.to_owned(), Stored::default());
        }
        Ok(FaultyFile { disk: self.clone(), name: name.to_owned() })
    }

    fn read(&self, name: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
        let bytes = self.contents(name);
        match bytes {
            Some(bytes) if bytes.len() as u64 > max => Err(io::ErrorKind::InvalidData.into()),
            bytes => Ok(bytes),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        for _write_sync_rename in 0..3 {
            disk.step()?;
        }
        let stored = disk.files.entry(name.to_owned()).or_default();
        stored.seen = bytes.to_vec();
        stored.pending.push(Change::Replace(bytes.to_vec()));
        disk.step()?;
        let stored = disk.file(name)?;
        stored.durable.clone_from(&stored.seen);
        stored.pending.clear();
        Ok(())
    }
}

impl LogFile for FaultyFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.disk().file(&self.name)?.seen.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut disk = self.disk.disk();
        let seen = &disk.file(&self.name)?.seen;
        let from = seen.len().min(position as usize);
        let count = buffer.len().min(seen.len() - from);
        buffer[..count].copy_from_slice(&seen[from..from + count]);
        Ok(count)
    }

    fn write_at(&mut self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut disk = self.disk.disk();
        let done = disk.step();
        let count = match done {
            Ok(()) => bytes.len(),
            Err(_) => random(&mut disk.random) as usize % (bytes.len() + 1),
        };
        let change = Change::Write(position as usize, bytes[..count].to_vec());
        let stored = disk.file(&self.name)?;
        apply(&mut stored.seen, &change);
        stored.pending.push(change);
        done
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let mut disk = self.disk.disk();
        disk.step()?;
        let stored = disk.file(&self.name)?;
        let change = Change::Truncate(length as usize);
        apply(&mut stored.seen, &change);
        stored.pending.push(change);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk.disk();
        let done = disk.step();
        let off = disk.off;
        let stored = disk.file(&self.name)?;
        match &done {
            Ok(()) => {
                for change in core::mem::take(&mut stored.pending) {
                    apply(&mut stored.durable, &change);
                }
            }
            // The system forgets that these pages were to be written.
            Err(_) if !off => stored.pending.clear(),
            Err(_) => {}
        }
        done
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write(at, new) => {
            bytes.resize(bytes.len().max(at + new.len()), 0);
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
        Change::Truncate(length) => bytes.truncate(*length),
        Change::Replace(new) => bytes.clone_from(new),
    }
}

/// Applies those parts of a change that chance lets survive.
fn survive(bytes: &mut Vec<u8>, change: Change, seed: &mut u64) {
    match change {
        Change::Write(at, new) => {
            // All, nothing, or any of the sectors.
            let mode = random(seed) % 4;
            let mut from = 0;
            while from < new.len() {
                let until = new.len().min((at + from) / SECTOR * SECTOR + SECTOR - at);
                if mode == 0 || mode > 1 && random(seed).is_multiple_of(2) {
                    apply(bytes, &Change::Write(at + from, new[from..until].to_vec()));
                }
                from = until;
            }
        }
        other if random(seed).is_multiple_of(2) => apply(bytes, &other),
        _ => {}
    }
}

/// The next number of a xorshift generator.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 8
}
