//! A job that the keyholder knows over exactly these files, and how it is run.

use crate::open::{Left, Opened};
use crate::{ExportError, FileList, Person};
use keyproto::statement::ProofClaims;
use record::{KeyholderError, Records};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use terms::{FileId, JobId, Sections, SessionId, Time};

/// How many refusals in a row are not about the files any more.
const REFUSALS: u32 = 20;

/// Proves requests as the device of a session of the job's card; signs in again where a session is
/// over.
pub trait Signer: Sync {
    /// The session, and the proof of this request.
    fn prove(
        &self,
        method: &str,
        url: &str,
        nonce: &str,
        claims: ProofClaims,
    ) -> Result<(SessionId, String), KeyholderError>;
}

/// The right to open these files, label and contact alone, one by one.
pub struct ApprovedExport<'a> {
    pub(crate) records: &'a Records,
    pub(crate) files: &'a FileList,
    pub(crate) origin: String,
    pub(crate) job: JobId,
    pub(crate) sections: Sections,
    until: Time,
}

/// What came of one file.
pub struct Came {
    /// Its place among the job's files.
    pub index: u64,
    /// The file.
    pub file: FileId,
    /// The person, or why there is none.
    pub person: Result<Box<Person>, Left>,
}

impl<'a> ApprovedExport<'a> {
    /// Asks the keyholder whether two officers approved this job over exactly these files.
    pub fn of(
        records: &'a Records,
        origin: &str,
        job: JobId,
        files: &'a FileList,
    ) -> Result<ApprovedExport<'a>, ExportError> {
        let found = records.keyholder().job(job).map_err(|error| match error {
            KeyholderError::Tampered(what) => ExportError::Tampered(what),
            other => ExportError::World(other.to_string()),
        })?;
        let approved = found.ok_or(ExportError::Refused(
            "two officers have not approved this job, or it is over",
        ))?;
        if approved.files != files.len() || *approved.root != files.root() {
            return Err(ExportError::Refused(
                "the job that two officers approved is about other files",
            ));
        }
        let (sections, until) = (approved.sections, approved.until);
        Ok(ApprovedExport { records, files, origin: origin.to_owned(), job, sections, until })
    }

    /// Its end.
    pub fn until(&self) -> Time {
        self.until
    }

    /// Opens every file but those that are done, `threads` at a time, so that the keyholder makes
    /// many openings durable at once. `each` gets them as they come, and may stop the run.
    ///
    /// It starts slowly, one more at a time for each that came: a run that is killed again and
    /// again would use up the few openings of the files that it always begins with.
    pub fn run(
        &self,
        signer: &dyn Signer,
        threads: usize,
        is_done: &(dyn Fn(u64) -> bool + Sync),
        each: &mut dyn FnMut(Came) -> ControlFlow<()>,
    ) -> Result<(), ExportError> {
        let turn = Turn::default();
        // Nothing waits between an opening and `each`, which writes it down.
        let (send, receive) = sync_channel(0);
        std::thread::scope(|scope| {
            for number in 0..threads.max(1) as u64 {
                let (send, turn) = (send.clone(), &turn);
                scope.spawn(move || {
                    if turn.wait(number, self.files.len()) {
                        self.work(signer, turn, is_done, &send);
                    }
                });
            }
            drop(send);
            let ended = gather(&receive, &turn, each);
            // Those that were opened meanwhile are thrown away and opened again by the next run.
            turn.stop.store(true, Ordering::Relaxed);
            drop(receive);
            ended
        })
    }

    fn work(
        &self,
        signer: &dyn Signer,
        turn: &Turn,
        is_done: &(dyn Fn(u64) -> bool + Sync),
        send: &SyncSender<(u64, FileId, Opened)>,
    ) {
        while !turn.stop.load(Ordering::Relaxed) {
            let index = turn.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.files.file(index) else { return };
            if is_done(index) {
                continue;
            }
            if send.send((index, file, self.open(signer, index, file))).is_err() {
                return;
            }
        }
    }
}

/// Whose turn it is.
#[derive(Default)]
struct Turn {
    /// The next file.
    next: AtomicU64,
    /// How many came.
    came: AtomicU64,
    stop: AtomicBool,
}

impl Turn {
    /// Waits until so many came; false if there is nothing left to do.
    fn wait(&self, number: u64, files: u64) -> bool {
        while self.came.load(Ordering::Relaxed) < number {
            if self.stop.load(Ordering::Relaxed) || self.next.load(Ordering::Relaxed) >= files {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }
}

fn gather(
    receive: &Receiver<(u64, FileId, Opened)>,
    turn: &Turn,
    each: &mut dyn FnMut(Came) -> ControlFlow<()>,
) -> Result<(), ExportError> {
    let mut refusals = 0;
    for (index, file, opened) in receive {
        let person = opened?;
        refusals = if matches!(person, Err(Left::Refused(_))) { refusals + 1 } else { 0 };
        if let (REFUSALS.., Err(Left::Refused(entry))) = (refusals, &person) {
            return Err(ExportError::RefusedAll(refusals, *entry));
        }
        if each(Came { index, file, person }).is_break() {
            return Ok(());
        }
        turn.came.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
