//! The one thread that writes: it makes decisions durable, many at a time, then lets them act.
//!
//! If the disk fails, everything that waits is told so, nothing is released, and the state is made
//! anew from what is durable; then it tries once a second until recording works again.

use crate::error::{KeyholderError, Result};
use crate::event::event;
use crate::mind::{Additions, Shared, Trouble, Work};
use crate::table::{FactsOf, NewFile};
use ledger::entry::Act;
use ledger::{BATCH_BYTES_MAX, Files, Head};
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use terms::{Blind, planted};

/// How often a checkpoint is signed while entries come, and a failed disk is tried again.
const PERIOD: Duration = Duration::from_secs(1);
/// So many entries are signed for sooner, so that witnesses do not lag behind under load.
const MANY: u64 = 1_000;

/// Writes until the process is asked to stop, then leaves a snapshot and a checkpoint.
pub(crate) fn run<F: Files>(shared: &Shared<F>) -> Result<()> {
    let size = shared.log().head().size;
    let mut committer = Committer { shared, checkpoint: 0, snapshot: size, last: Instant::now() };
    let second = shared.settings.second_place.as_deref();
    let folder = second.and_then(crate::files::folder_of);
    let is_back = |path: &Path| path.exists() && crate::files::folder_of(path) != folder;
    loop {
        match next(shared) {
            Next::Works(works) => committer.commit(works),
            Next::StartOver => {
                committer.start_over();
                // Walls know a folder and not its path: a disk that came back is behind them.
                if second.is_some_and(is_back) {
                    let text = "the folder of second_place is another one since the start";
                    return Err(KeyholderError::World(text.into()));
                }
            }
            Next::Idle => {}
            Next::Stop => return committer.finish(),
        }
        if let Err(error) = committer.publish_if_due() {
            committer.in_trouble(Vec::new(), &error);
        }
    }
}

/// Writes the checkpoint, with the key table's mark before it: of the two the mark is never behind.
pub(crate) fn publish<F: Files>(shared: &Shared<F>) -> Result<Head> {
    let log = shared.log();
    let head = log.head();
    shared.table.set_mark(&shared.ring, &head)?;
    let checkpoint = log.checkpoint(&shared.ring.signer)?;
    if let Some(path) = &shared.settings.second_place {
        crate::files::replace(path, checkpoint.as_bytes())?;
    }
    *shared.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = checkpoint;
    Ok(head)
}

enum Next {
    Works(Vec<Work>),
    StartOver,
    Idle,
    Stop,
}

fn next<F: Files>(shared: &Shared<F>) -> Next {
    let (mut mind, mut poisoned) = shared.mind_as_it_is();
    let broken = |trouble: &Option<String>, poisoned| poisoned || trouble.is_some();
    if mind.queue.is_empty() && !broken(&mind.trouble, poisoned) && !shared.stopper.is_asked() {
        drop(shared.wait(mind, PERIOD));
        (mind, poisoned) = shared.mind_as_it_is();
    }
    if broken(&mind.trouble, poisoned) {
        return if shared.stopper.is_asked() { Next::Stop } else { Next::StartOver };
    }
    match std::mem::take(&mut mind.queue) {
        works if !works.is_empty() => Next::Works(works),
        _ if shared.stopper.is_asked() => Next::Stop,
        _ => Next::Idle,
    }
}

struct Committer<'s, F: Files> {
    shared: &'s Shared<F>,
    /// Size at the last checkpoint, and at the last snapshot.
    checkpoint: u64,
    snapshot: u64,
    last: Instant,
}

impl<F: Files> Committer<'_, F> {
    fn commit(&mut self, mut works: Vec<Work>) {
        match self.write(&mut works) {
            Ok(()) => works.into_iter().for_each(|work| drop(work.done.send(Ok(())))),
            Err(error) => self.in_trouble(works, &error),
        }
    }

    /// Key table, then ledger, then destruction: see [`crate::table`].
    fn write(&self, works: &mut [Work]) -> Result<()> {
        let Shared { ring, table, log, .. } = self.shared;
        planted!("records files without their keys", drop(additions(works)));
        let (files, facts) = additions(works);
        let mut log = log.write().unwrap_or_else(PoisonError::into_inner);
        let born = log.head().size;
        if !files.is_empty() || !facts.is_empty() {
            table.add(ring, born, &files, &facts)?;
        }
        let mut sealed = Vec::new();
        let mut bytes = 0;
        for work in works.iter() {
            let next = log.head().size + sealed.len() as u64;
            if !work.entries.is_empty() && work.first != next {
                return Err(KeyholderError::World("decisions came out of order".into()));
            }
            for (number, entry) in (next..).zip(&work.entries) {
                let entry = crate::entries::seal_entry(ring, number, entry)?;
                bytes += entry.len() + 2;
                if bytes > BATCH_BYTES_MAX {
                    append(&mut log, &std::mem::take(&mut sealed))?;
                    bytes = entry.len() + 2;
                }
                sealed.push(entry);
            }
        }
        append(&mut log, &sealed)?;
        drop(log);
        let erased: Vec<Blind> = works.iter().flat_map(erased).collect();
        if erased.is_empty() { Ok(()) } else { table.erase(ring, &erased) }
    }

    /// Tells everybody who waits, and lets nobody decide until [`Committer::start_over`] is done.
    fn in_trouble(&mut self, works: Vec<Work>, error: &KeyholderError) {
        planted!("acknowledges failures", works.iter().for_each(|w| drop(w.done.send(Ok(())))));
        event("cannot-record", &[("why", error), ("waiting", &works.len())]);
        let trouble = format!("the keyholder cannot record, so it releases nothing: {error}");
        self.refuse_all(works, trouble);
    }

    fn refuse_all(&self, works: Vec<Work>, trouble: String) {
        let (mut mind, _) = self.shared.mind_as_it_is();
        mind.trouble = Some(trouble.clone());
        let queue = std::mem::take(&mut mind.queue);
        drop(mind);
        for work in works.into_iter().chain(queue) {
            drop(work.done.send(Err(Trouble(trouble.clone()))));
        }
    }

    fn start_over(&mut self) {
        let told = self.shared.mind_as_it_is().0.trouble.is_some();
        if !told {
            // Somebody panicked with the lock: what is under way was decided by a broken core.
            let fault = "a fault inside; it starts over from the ledger";
            self.in_trouble(Vec::new(), &KeyholderError::World(fault.into()));
        }
        match self.try_start_over() {
            Ok(()) => event("recording-again", &[("entries", &self.shared.log().head().size)]),
            Err(error) => {
                self.in_trouble(Vec::new(), &error);
                std::thread::sleep(PERIOD);
            }
        }
    }

    fn try_start_over(&mut self) -> Result<()> {
        let shared = self.shared;
        let mut log = shared.log.write().unwrap_or_else(PoisonError::into_inner);
        log.recover()?;
        drop(log);
        crate::files::probe(&shared.settings.folder)?;
        let core = crate::start::replay(&shared.settings, &shared.ring, &shared.log())?;
        crate::start::settle(&shared.ring, &shared.table, &shared.log(), core.state())?;
        // The second place too must take it, or the next checkpoint fails at once.
        self.checkpoint = publish(shared)?.size;
        shared.start_over(core);
        Ok(())
    }

    fn publish_if_due(&mut self) -> Result<()> {
        let size = self.shared.log().head().size;
        let is_due = self.last.elapsed() >= PERIOD || size - self.checkpoint >= MANY;
        if size > self.checkpoint && is_due && self.is_fine() {
            self.checkpoint = publish(self.shared)?.size;
            self.last = Instant::now();
        }
        if size - self.snapshot >= self.shared.settings.snapshot_entries {
            self.take_snapshot()?;
        }
        Ok(())
    }

    fn is_fine(&self) -> bool {
        let (mind, poisoned) = self.shared.mind_as_it_is();
        !poisoned && mind.trouble.is_none()
    }

    /// Nobody decides meanwhile: the state must be that of the ledger, with nothing under way.
    fn take_snapshot(&mut self) -> Result<()> {
        let Shared { settings, ring, .. } = self.shared;
        let (mut mind, poisoned) = self.shared.mind_as_it_is();
        if poisoned || mind.trouble.is_some() {
            return Ok(());
        }
        let mut works = std::mem::take(&mut mind.queue);
        if let Err(error) = self.write(&mut works) {
            drop(mind);
            self.in_trouble(works, &error);
            return Ok(());
        }
        works.into_iter().for_each(|work| drop(work.done.send(Ok(()))));
        let head = self.shared.log().head();
        let path = settings.path(crate::Settings::SNAPSHOT);
        crate::snapshot::write(&path, ring, &head, mind.core.state())?;
        self.snapshot = head.size;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.take_snapshot()?;
        let is_fine = self.is_fine();
        self.refuse_all(Vec::new(), "the keyholder is stopping".into());
        if !is_fine {
            return Err(KeyholderError::World("it stopped while it could not record".into()));
        }
        let head = publish(self.shared)?;
        event("stopped", &[("entries", &head.size)]);
        Ok(())
    }
}

fn append<F: Files>(log: &mut ledger::Log<F>, sealed: &[Vec<u8>]) -> Result<()> {
    if sealed.is_empty() {
        return Ok(());
    }
    Ok(log.append(sealed).map(|_| ())?)
}

fn additions(works: &mut [Work]) -> (Vec<NewFile>, Vec<FactsOf>) {
    let (mut files, mut facts) = (Vec::new(), Vec::new());
    for Additions { file, facts: known } in works.iter_mut().filter_map(|w| w.additions.take()) {
        files.extend(file);
        facts.extend(known);
    }
    (files, facts)
}

fn erased(work: &Work) -> impl Iterator<Item = Blind> + '_ {
    work.entries.iter().filter_map(|entry| match &entry.act {
        Act::Erased(erased) => Some(erased.file),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
