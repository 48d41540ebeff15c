//! Openings by a job that two officers approved.

use super::{Answered, Asking, Forwarded};
use crate::clock::now;
use decision::{Event, ForJob, Verdict};
use keyproto::Answer;
use keyproto::message::OpenForJob;
use ledger::Files;
use terms::JobId;

impl<F: Files> Asking<'_, F> {
    pub(super) fn open_for_job(&self, open: OpenForJob) -> Answered {
        let OpenForJob { session, proof, method, url, job, file, index, path } = open;
        let asked = self.verified(Forwarded { session, proof, method, url }, Some(file))?;
        let path = path.into_iter().map(|hash| *hash).collect();
        let wish = ForJob { job, file: self.named(file), index, path };
        let decided = self.decide(Event::OpenForJob { asked, wish })?;
        match decided.verdict {
            Verdict::Opened(released) => Ok(Answer::Opened(self.release(released)?)),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    /// What was approved is told to whoever asks: its name, a number and a hash of random ids.
    pub(super) fn job(&self, job: JobId) -> Answered {
        Ok(Answer::Job(self.shared.mind()?.core.state().job(job, now())))
    }
}
