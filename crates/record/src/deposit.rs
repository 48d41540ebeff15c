//! A deposit from grant to acknowledgement: grant, seal, store durably, commit.

use keyproto::message::{Commit, Deposit, Grant, NewFile, Target};
use seal::Chain;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::NewSegment;
use terms::{FileId, SessionId};

use crate::draft::{Draft, Sealed};
use crate::errors::{KeyholderError, WriteError};
use crate::keyholder::Granted;
use crate::open_file::OpenFile;
use crate::opening::{Reached, chain};
use crate::records::Records;

/// How often a deposit is begun again where its file is busy or its grant is lost.
const ATTEMPTS: u32 = 9;
/// The first wait between two attempts; it doubles, so all together wait about five seconds.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// Where a deposit goes.
pub(crate) enum Destination {
    File(FileId),
    New(NewFile),
    Directory,
}

/// What became of a deposit.
pub(crate) enum Deposited {
    /// It is stored and recorded.
    Stored(Sealed),
    /// There is a file with this identifier already; nothing was stored.
    Exists(FileId),
}

/// One lock for every file that this process is writing to.
#[derive(Default)]
pub(crate) struct FileLocks(Mutex<HashMap<FileId, Arc<Mutex<()>>>>);

impl FileLocks {
    /// Runs `act` while no other thread of this process does for the same file.
    pub(crate) fn locked<T>(&self, file: FileId, act: impl FnOnce() -> T) -> T {
        let lock = Arc::clone(self.map().entry(file).or_default());
        let result = {
            // The lock guards no data, so a panic under it spoils nothing.
            let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
            act()
        };
        let mut map = self.map();
        // Two holders are this thread and the map: nobody waits.
        if Arc::strong_count(&lock) <= 2 {
            map.remove(&file);
        }
        result
    }

    fn map(&self) -> MutexGuard<'_, HashMap<FileId, Arc<Mutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    /// Deposits a draft. With `unchanged`, nothing is stored if the file has grown since then.
    ///
    /// Callers hold the file's lock, if the file exists.
    pub(crate) fn deposit(
        &self,
        by: SessionId,
        to: &Destination,
        draft: &Draft,
        unchanged: Option<(Reached, u32)>,
        open: Option<&OpenFile>,
    ) -> Result<Deposited, WriteError> {
        let mut wait = FIRST_WAIT;
        for _ in 0..ATTEMPTS {
            match self.attempt(by, to, draft, unchanged) {
                Ok(Deposited::Stored(mut sealed)) => {
                    if let Some(open) = open.filter(|open| open.file() == sealed.file) {
                        let streams = sealed.streams.iter().map(crate::contents::Stream::share);
                        let (before, after) = (sealed.before, sealed.after);
                        open.add_own(before, after, streams.collect(), draft.section_set())?;
                    }
                    sealed.segments.clear();
                    return Ok(Deposited::Stored(sealed));
                }
                Err(WriteError::Busy) => std::thread::sleep(wait),
                other => return other,
            }
            wait *= 2;
        }
        Err(WriteError::Busy)
    }

    /// One attempt; [`WriteError::Busy`] if another one is worth it.
    fn attempt(
        &self,
        by: SessionId,
        to: &Destination,
        draft: &Draft,
        unchanged: Option<(Reached, u32)>,
    ) -> Result<Deposited, WriteError> {
        let grant = match self.grant(by, to, draft)? {
            Granted::Grant(grant) => grant,
            Granted::Exists(file) => return Ok(Deposited::Exists(file)),
        };
        if let Some((reached, generation)) = unchanged
            && (grant.generation != generation || *grant.head != *reached.head.as_bytes())
        {
            self.give_up(grant.grant);
            return Err(WriteError::Stale);
        }
        let sealed = draft.seal(self.keyholder().tenant(), &grant);
        let sealed = sealed.inspect_err(|_| self.give_up(grant.grant))?;
        self.store_segments(&sealed).inspect_err(|_| self.give_up(grant.grant))?;
        self.commit(by, to, draft, &sealed, &grant, unchanged.is_some())?;
        Ok(Deposited::Stored(sealed))
    }

    fn grant(&self, by: SessionId, to: &Destination, draft: &Draft) -> Result<Granted, WriteError> {
        let target = match to {
            Destination::File(file) => Target::File(*file),
            Destination::New(new) => Target::New(new.clone()),
            Destination::Directory => Target::Directory,
        };
        let (sections, facts) = (draft.sections()?, draft.facts());
        Ok(self.keyholder().deposit(Deposit { session: by, target, sections, facts })?)
    }

    fn store_segments(&self, sealed: &Sealed) -> Result<(), WriteError> {
        let file = sealed.file;
        let segments: Vec<NewSegment<'_>> = sealed
            .segments
            .iter()
            .map(|segment| NewSegment {
                file,
                sequence: segment.sequence,
                section: segment.section,
                hash: *segment.hash.as_bytes(),
                bytes: &segment.bytes,
            })
            .collect();
        Ok(self.store().append(&segments)?)
    }

    /// Commits, and finds out what happened where the answer was lost: the keyholder may have
    /// recorded the deposit and gone down before it said so.
    fn commit(
        &self,
        by: SessionId,
        to: &Destination,
        draft: &Draft,
        sealed: &Sealed,
        grant: &Grant,
        unchanged: bool,
    ) -> Result<(), WriteError> {
        match self.keyholder().commit(commit_of(grant.grant, sealed)) {
            Ok(_) => return Ok(()),
            Err(KeyholderError::GrantGone | KeyholderError::World(_)) => {}
            Err(other) => {
                self.give_up(grant.grant);
                return Err(other.into());
            }
        }
        let mut wait = FIRST_WAIT;
        for _ in 0..ATTEMPTS {
            match self.commit_again(by, to, draft, sealed) {
                Ok(Again::Recorded) => return Ok(()),
                Ok(Again::Overtaken) if unchanged => return Err(WriteError::Stale),
                Ok(Again::Overtaken) => return Err(WriteError::Busy),
                Err(
                    KeyholderError::Busy | KeyholderError::GrantGone | KeyholderError::World(_),
                ) => {
                    std::thread::sleep(wait);
                }
                Err(other) => return Err(other.into()),
            }
            wait *= 2;
        }
        Err(WriteError::World("the keyholder did not say whether it recorded the deposit".into()))
    }

    /// Asks for the same place again: if the head has moved on over this deposit, it was recorded,
    /// whatever came after it; if the head is where it was, the same segments are committed under
    /// the new grant.
    fn commit_again(
        &self,
        by: SessionId,
        to: &Destination,
        draft: &Draft,
        sealed: &Sealed,
    ) -> Result<Again, KeyholderError> {
        let target = match to {
            Destination::Directory => Target::Directory,
            _ => Target::File(sealed.file),
        };
        let sections = draft.sections().map_err(|e| KeyholderError::Asked(e.to_string()))?;
        // A new file that was recorded has its facts already.
        let facts = if let Destination::New(_) = to { None } else { draft.facts() };
        let request = Deposit { session: by, target, sections, facts };
        let grant = match self.keyholder().deposit(request) {
            Ok(Granted::Grant(grant)) => grant,
            // A new file that is not known was not recorded, nor was a second one.
            Ok(Granted::Exists(_)) => return Ok(Again::Overtaken),
            Err(KeyholderError::Refused(_) | KeyholderError::Asked(_))
                if matches!(to, Destination::New(_)) =>
            {
                return Ok(Again::Overtaken);
            }
            Err(other) => return Err(other),
        };
        let at = |reached: &Reached| *grant.head == *reached.head.as_bytes();
        if at(&sealed.before) && grant.generation == sealed.generation {
            self.keyholder().commit(commit_of(grant.grant, sealed))?;
            return Ok(Again::Recorded);
        }
        let recorded = self.leads_to(sealed, &grant);
        self.give_up(grant.grant);
        Ok(if recorded? { Again::Recorded } else { Again::Overtaken })
    }

    /// Whether this deposit, and whatever others stored on top of it, lead to the file's head.
    fn leads_to(&self, sealed: &Sealed, grant: &Grant) -> Result<bool, KeyholderError> {
        let end = grant.keys.first().map_or(0, |key| key.sequence);
        let above = self.store().outline(sealed.file, sealed.after.segments);
        let mut above = above.map_err(|error| KeyholderError::World(error.to_string()))?;
        above.retain(|segment| segment.sequence < end);
        Ok(chain(sealed.file, &above, sealed.after, Chain::from_bytes(*grant.head)).is_ok())
    }

    /// Gives a grant back; if that fails it runs out by itself.
    pub(crate) fn give_up(&self, grant: u64) {
        let _ = self.keyholder().abort(grant);
    }
}

enum Again {
    Recorded,
    /// The file is not known, or went another way: begin again from the start.
    Overtaken,
}

fn commit_of(grant: u64, sealed: &Sealed) -> Commit {
    let hashes = sealed.segments.iter().map(|segment| (*segment.hash.as_bytes()).into());
    Commit { grant, hashes: hashes.collect() }
}
