//! The entry point: files are opened, written to and deposited into here.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::Store;
use terms::{ServerId, Time};

use crate::deposit::FileLocks;
use crate::errors::OpenError;
use crate::keyholder::{Keyholder, RecordedRelease};
use crate::open_file::OpenFile;
use crate::version::Version;
use crate::{Directory, ResourceId};

/// How to reach the keyholder, and under which address clients reach this server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The keyholder's socket.
    pub socket: PathBuf,
    /// This server, as the ledger names it.
    pub server: ServerId,
    /// Scheme, host and port that clients use; what they sign begins with it.
    pub origin: String,
    /// Base address of the FHIR endpoint, without the last slash.
    pub base_url: String,
    /// Most connections to the keyholder at a time.
    pub connections: usize,
    /// How long an answer of the keyholder may take.
    pub timeout: Duration,
}

/// Keyholder, store and directory together. `Send` and `Sync`: share it behind an `Arc`.
pub struct Records {
    keyholder: Keyholder,
    store: Arc<dyn Store>,
    directory: Directory,
    base_url: String,
    locks: FileLocks,
}

/// What became of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new resource (201).
    Created,
    /// A new version (200).
    Updated,
    /// The same as before: no version was written (200).
    Unchanged,
    /// A conditional create found this one (200).
    Existed,
    /// A version that says deleted (204).
    Deleted,
}

/// A resource as it stands after a write.
#[derive(Clone)]
pub struct Written {
    /// What became of it.
    pub outcome: Outcome,
    /// Its type.
    pub resource_type: &'static str,
    /// Its id.
    pub id: ResourceId,
    /// Its version; none where it existed in a file that is not open.
    pub version: Option<u32>,
    /// When that version was deposited.
    pub last_updated: Option<Time>,
    /// The version itself, for `Prefer: return=representation`; none where it was not read.
    pub stored: Option<Version>,
}

impl Records {
    /// Connects to the keyholder and loads the directory.
    pub fn start(settings: &Settings, store: Arc<dyn Store>) -> Result<Records, OpenError> {
        let keyholder = Keyholder::connect(settings)?;
        let release = keyholder.directory()?;
        let entries = OpenFile::new(store.as_ref(), keyholder.tenant(), release)?;
        Ok(Records {
            keyholder,
            store,
            directory: Directory::new(entries),
            base_url: settings.base_url.clone(),
            locks: FileLocks::default(),
        })
    }

    /// The keyholder.
    pub fn keyholder(&self) -> &Keyholder {
        &self.keyholder
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The directory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Base address of the FHIR endpoint, without the last slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn locks(&self) -> &FileLocks {
        &self.locks
    }

    /// Reads what was released: checks the whole chain of the file, opens the released sections.
    pub fn open(&self, release: RecordedRelease) -> Result<OpenFile, OpenError> {
        OpenFile::new(self.store.as_ref(), self.keyholder.tenant(), release)
    }

    /// Brings an open file up to a newer release; reads only what is new, where it can.
    /// [`OpenError::Asked`] if the release is for another file or session.
    pub fn renew(&self, file: &OpenFile, release: RecordedRelease) -> Result<(), OpenError> {
        file.renew(self.store.as_ref(), self.keyholder.tenant(), release)
    }
}

impl Written {
    pub(crate) fn of(outcome: Outcome, version: &Version) -> Written {
        Written {
            outcome,
            resource_type: version.resource_type(),
            id: version.id(),
            version: Some(version.version()),
            last_updated: Some(version.last_updated()),
            stored: Some(version.clone()),
        }
    }

    /// One that is there, of which nothing but the place is known.
    pub(crate) fn existed(resource_type: &'static str, id: ResourceId) -> Written {
        Written {
            outcome: Outcome::Existed,
            resource_type,
            id,
            version: None,
            last_updated: None,
            stored: None,
        }
    }

    /// `Type/id`, and `/_history/version` where the version is known.
    pub fn location(&self) -> String {
        let (resource_type, id) = (self.resource_type, self.id);
        match self.version {
            Some(version) => format!("{resource_type}/{id}/_history/{version}"),
            None => format!("{resource_type}/{id}"),
        }
    }
}

/// The time by the clock of this machine; where the clock is set back, the latest that was told.
pub(crate) fn now() -> Time {
    static LATEST: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    never_back(&LATEST, u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The time for new versions in a file: not before any that it has, as far as that can be seen.
pub(crate) fn next_time(open: Option<&OpenFile>) -> Time {
    open.map_or_else(now, |open| now().max(open.latest()))
}

fn never_back(latest: &AtomicU64, millis: u64) -> Time {
    Time::from_millis(latest.fetch_max(millis, Ordering::Relaxed).max(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_waited_for() {
        let latest = AtomicU64::new(0);
        let told = [5, 7, 6, 2, 8].map(|millis| never_back(&latest, millis).millis());
        assert_eq!(told, [5, 7, 7, 7, 8]);
    }
}
