//! Files that are open in this server, each for one session or one bearer token.

use crate::settings::Bounds;
use record::OpenFile;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use terms::{CardId, FileId, Sections, SessionId, Time};

/// Whom a file is open for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A session's device, and the file.
    Device(SessionId, FileId),
    /// A bearer token, by its hash.
    Bearer([u8; 32]),
}

/// One open file. Dropping the last reference overwrites keys and plaintext.
pub(crate) struct Opened {
    /// The file.
    pub(crate) file: OpenFile,
    /// The sections that were asked for, which may be more than were released.
    asked: Option<Sections>,
    began: Instant,
    /// Milliseconds after `began` at which it was last used.
    used: AtomicU64,
    /// Somebody else deposited since: the next one who can pay opens it anew.
    stale: AtomicBool,
}

/// Every open file, bounded in number, idle time and age.
pub(crate) struct OpenFiles {
    by_holder: RwLock<HashMap<Holder, Arc<Opened>>>,
    most: usize,
    idle: Duration,
    longest: Duration,
}

impl Opened {
    fn new(file: OpenFile, asked: Option<Sections>) -> Arc<Opened> {
        let (used, stale) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Opened { file, asked, began: Instant::now(), used, stale })
    }

    /// Whether it was opened by a request that asked for the same sections, or for all likewise.
    pub(crate) fn is_as_asked(&self, asked: Option<Sections>) -> bool {
        self.asked == asked
    }

    /// Whether somebody else deposited since it was opened.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Acquire)
    }

    /// It was opened anew.
    pub(crate) fn freshen(&self) {
        self.stale.store(false, Ordering::Release);
    }

    /// It has to be opened anew.
    pub(crate) fn spoil(&self) {
        self.stale.store(true, Ordering::Release);
    }

    fn touch(&self) {
        let age = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(age, Ordering::Relaxed);
    }

    fn idle(&self) -> Duration {
        let used = Duration::from_millis(self.used.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(used)
    }
}

impl OpenFiles {
    pub(crate) fn new(bounds: &Bounds) -> OpenFiles {
        OpenFiles {
            by_holder: RwLock::default(),
            most: bounds.open_files.max(1),
            idle: bounds.open_idle,
            longest: bounds.open_longest,
        }
    }

    /// The open file of this holder, unless it lay too long.
    pub(crate) fn of(&self, holder: &Holder, now: Time) -> Option<Arc<Opened>> {
        let map = self.by_holder.read().unwrap_or_else(PoisonError::into_inner);
        let opened = map.get(holder).filter(|opened| self.is_good(opened, now))?;
        opened.touch();
        Some(opened.clone())
    }

    /// Keeps a file open; where there is no room, the one unused for longest is closed.
    pub(crate) fn keep(
        &self,
        holder: Holder,
        file: OpenFile,
        asked: Option<Sections>,
    ) -> Arc<Opened> {
        let opened = Opened::new(file, asked);
        let mut map = self.by_holder.write().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= self.most
            && let Some(idlest) = map.iter().max_by_key(|(_, o)| o.idle()).map(|(h, _)| *h)
        {
            map.remove(&idlest);
        }
        map.insert(holder, opened.clone());
        opened
    }

    /// A deposit went into this file: every view of it but the depositor's own has aged.
    pub(crate) fn grown(&self, file: FileId, but: Option<&Arc<Opened>>) {
        let map = self.by_holder.read().unwrap_or_else(PoisonError::into_inner);
        for opened in map.values().filter(|o| o.file.file() == file) {
            if !but.is_some_and(|own| Arc::ptr_eq(own, opened)) {
                opened.spoil();
            }
        }
    }

    /// Closes what a session has open, its bearer tokens included.
    pub(crate) fn close_session(&self, session: SessionId) {
        self.close(|opened| opened.file.session().session == session);
    }

    /// Closes what a card has open in any session.
    pub(crate) fn close_card(&self, card: CardId) {
        self.close(|opened| opened.file.session().card == card);
    }

    /// Closes everything.
    pub(crate) fn close_all(&self) {
        self.close(|_| true);
    }

    /// Closes what lay too long.
    pub(crate) fn sweep(&self, now: Time) {
        self.close(|opened| !self.is_good(opened, now));
    }

    pub(crate) fn len(&self) -> usize {
        self.by_holder.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn close(&self, ended: impl Fn(&Opened) -> bool) {
        let mut map = self.by_holder.write().unwrap_or_else(PoisonError::into_inner);
        let closed: Vec<_> = map.extract_if(|_, opened| ended(opened)).collect();
        // Overwriting a large file takes a while: not under the lock.
        drop(map);
        drop(closed);
    }

    fn is_good(&self, opened: &Opened, now: Time) -> bool {
        opened.file.until() > now
            && opened.began.elapsed() < self.longest
            && opened.idle() < self.idle
    }
}
