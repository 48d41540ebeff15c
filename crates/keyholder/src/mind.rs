//! What all threads of the process share, and the one way to a decision.
//!
//! Trust: [`Shared::decide`] returns only after everything the decision rests on is durable, or
//! says that it is not; there is no other way to a verdict.

use crate::clock::now;
use crate::grants::Grants;
use crate::keyring::Keyring;
use crate::settings::Settings;
use crate::stop::Stopper;
use crate::table::{FactsOf, KeyTable, NewFile};
use decision::{Core, Event, Verdict};
use ledger::entry::{Act, Entry};
use ledger::{Files, Log};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use terms::{ServerId, Time};

/// Everything that connections and the committer share.
pub(crate) struct Shared<F: Files> {
    pub(crate) settings: Settings,
    pub(crate) ring: Keyring,
    pub(crate) table: KeyTable,
    pub(crate) log: RwLock<Log<F>>,
    pub(crate) grants: Grants,
    pub(crate) counts: Counts,
    pub(crate) checkpoint: Mutex<String>,
    pub(crate) stopper: Stopper,
    mind: Mutex<Mind>,
    wake: Condvar,
}

/// What the one lock guards: the core, and what it decided that is not durable yet, in order.
pub(crate) struct Mind {
    pub(crate) core: Core,
    pub(crate) queue: Vec<Work>,
    /// Why nothing can be recorded now, in words.
    pub(crate) trouble: Option<String>,
}

/// One decision on its way to the ledger.
pub(crate) struct Work {
    pub(crate) first: u64,
    pub(crate) entries: Vec<Entry>,
    pub(crate) additions: Option<Additions>,
    pub(crate) done: SyncSender<Durable>,
}

/// What has to be in the key table before the entries are in the ledger.
pub(crate) struct Additions {
    pub(crate) file: Option<NewFile>,
    pub(crate) facts: Vec<FactsOf>,
}

/// Why nothing was recorded, and so nothing released, in words.
#[derive(Clone)]
pub(crate) struct Trouble(pub(crate) String);

/// What the committer says of one decision.
pub(crate) type Durable = std::result::Result<(), Trouble>;

/// A decision that is on the ledger.
pub(crate) struct Decided {
    pub(crate) verdict: Verdict,
    /// Number of its first entry, or of the refusal.
    pub(crate) entry: u64,
    /// Time of its first entry.
    pub(crate) at: Time,
}

/// Counts since the process started.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) openings: AtomicU64,
    pub(crate) refusals: AtomicU64,
    pub(crate) taken_away: AtomicU64,
}

/// Whether somebody may open less from here on.
fn takes_away(act: &Act) -> bool {
    matches!(
        act,
        Act::Frozen(_)
            | Act::Stepped(_)
            | Act::CardRevoked(_)
            | Act::Consented(_)
            | Act::Marked(_)
            | Act::Erased(_)
    )
}

impl<F: Files> Shared<F> {
    pub(crate) fn new(
        settings: Settings,
        ring: Keyring,
        table: KeyTable,
        log: Log<F>,
        core: Core,
    ) -> Shared<F> {
        Shared {
            settings,
            ring,
            table,
            log: RwLock::new(log),
            grants: Grants::default(),
            counts: Counts::default(),
            checkpoint: Mutex::default(),
            stopper: Stopper::default(),
            mind: Mutex::new(Mind { core, queue: Vec::new(), trouble: None }),
            wake: Condvar::new(),
        }
    }

    /// Decides, and waits until it is durable; an error says in words why nothing was recorded.
    ///
    /// `additions` go into the key table if the verdict is [`Verdict::Committed`].
    pub(crate) fn decide(
        &self,
        server: ServerId,
        event: Event,
        additions: Option<Additions>,
    ) -> std::result::Result<Decided, Trouble> {
        let (done, durable) = sync_channel(1);
        let (decided, durable, taken_away) = {
            let mut mind = self.mind()?;
            let now = now();
            let outcome = mind.core.handle(now, server, event);
            // What lapsed meanwhile is recorded before the entry that is to be quoted.
            let lapsed = outcome.entries.iter().position(|e| !matches!(e.act, Act::Abandoned(_)));
            let entry = outcome.first + lapsed.unwrap_or(0) as u64;
            let at = outcome.entries.first().map_or(now, |entry| entry.at);
            let additions = additions.filter(|_| outcome.verdict == Verdict::Committed);
            let (first, entries) = (outcome.first, outcome.entries);
            let last = entries.iter().rposition(|entry| takes_away(&entry.act));
            let taken_away = last.map_or(0, |place| first + place as u64 + 1);
            mind.queue.push(Work { first, entries, additions, done });
            (Decided { verdict: outcome.verdict, entry, at }, durable, taken_away)
        };
        self.wake.notify_one();
        wait(&durable)?;
        self.counts.taken_away.fetch_max(taken_away, Ordering::Relaxed);
        match &decided.verdict {
            Verdict::Opened(_) => self.counts.openings.fetch_add(1, Ordering::Relaxed),
            Verdict::Refused { .. } => self.counts.refusals.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        Ok(decided)
    }

    /// The core, for a question or a decision; not while nothing can be recorded.
    pub(crate) fn mind(&self) -> std::result::Result<MutexGuard<'_, Mind>, Trouble> {
        // Whoever panicked with it may have left half a decision: the committer starts it over.
        let mind = self.mind.lock().map_err(|_| {
            self.wake.notify_one();
            Trouble("a fault inside the keyholder; it starts over from the ledger".into())
        })?;
        match &mind.trouble {
            Some(trouble) => Err(Trouble(trouble.clone())),
            None => Ok(mind),
        }
    }

    /// The core whatever its condition, and whether somebody panicked with it: for the committer.
    pub(crate) fn mind_as_it_is(&self) -> (MutexGuard<'_, Mind>, bool) {
        match self.mind.lock() {
            Ok(mind) => (mind, false),
            Err(poisoned) => (poisoned.into_inner(), true),
        }
    }

    /// Waits for work, or for this long.
    pub(crate) fn wait<'m>(
        &self,
        mind: MutexGuard<'m, Mind>,
        longest: std::time::Duration,
    ) -> MutexGuard<'m, Mind> {
        self.wake.wait_timeout(mind, longest).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts a core that was made from the ledger in the place of the present one.
    pub(crate) fn start_over(&self, core: Core) {
        let (mut mind, _) = self.mind_as_it_is();
        mind.core = core;
        mind.trouble = None;
        self.grants.clear();
        self.mind.clear_poison();
    }

    /// Wakes the committer, to look at the stopper.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// The ledger, to read; a reader that panicked has changed nothing.
    pub(crate) fn log(&self) -> RwLockReadGuard<'_, Log<F>> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait(durable: &Receiver<Durable>) -> Durable {
    // The sender is dropped unused only if the committer itself ended.
    durable.recv().unwrap_or_else(|_| Err(Trouble("the keyholder is stopping".into())))
}
