//! Openings by a job: of the files that two officers signed for, and of no other.
//!
//! Trust: a job opens nothing but label and contact, a file at most [`JOB_OPENINGS_MAX`] times, and
//! only by a proof that names job and file. No relation, no rung and no budget has a part in it:
//! the list is the budget. A canary is nobody, so for a job it is no file; whoever listed it did so
//! with a colleague, so nothing freezes (`docs/decisions/0029-jobs.md`).

use super::decide::{No, Opening, Who};
use super::orders::{NOT_IN_ORDER, Signed};
use super::rows::FileRow;
use super::state::State;
use super::{Asked, Core, ForJob, Outcome, Verdict};
use data_encoding::BASE64URL_NOPAD;
use keyproto::message::{self, job_address};
use keyproto::statement::{Errand, Order};
use ledger::entry::{self, Act, Hash, Why};
use ledger::{Head, leaf_hash, verify_inclusion};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use terms::{
    Duration, Grade, JOB_DAYS_MAX, JOB_OPENINGS_MAX, JobId, Purpose, RelationClass, Role, Section,
    Sections, ServerId, Time, planted,
};

/// All that any job opens.
const OF_A_JOB: Sections = Sections::of(&[Section::Label, Section::Contact]);

/// One job.
#[derive(PartialEq, Encode, Decode)]
pub(super) struct Job {
    #[n(0)]
    card: u32,
    #[n(1)]
    files: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    root: Hash,
    #[n(3)]
    sections: Sections,
    #[n(4)]
    until: Time,
    /// How often each file was opened, by its number: two bits each.
    #[n(5)]
    opened: ByteVec,
}

impl Job {
    /// A file that the officers signed for, at its place?
    fn names(&self, wish: &ForJob) -> bool {
        planted!("takes any file for a job's", return true);
        let head = Head { size: self.files, root: self.root };
        verify_inclusion(&head, wish.index, leaf_hash(wish.file.id.as_bytes()), &wish.path).is_ok()
    }

    fn times(&self, file: u32) -> u8 {
        let byte = self.opened.get(file as usize / 4).copied().unwrap_or_default();
        byte >> (file % 4 * 2) & 3
    }

    /// Once more, where there is a next time.
    fn count(&mut self, file: u32) -> bool {
        let more = self.times(file) < JOB_OPENINGS_MAX;
        let at = file as usize / 4;
        if self.opened.len() <= at {
            self.opened.resize(at + 1, 0);
        }
        if let Some(byte) = self.opened.get_mut(at).filter(|_| more) {
            *byte += 1 << (file % 4 * 2);
        }
        more
    }
}

impl Core {
    /// Two officers signed; the rest of what makes a job is asked here.
    pub(super) fn approve_job(&self, now: Time, order: &Order, by: &Signed) -> Result<Act, No> {
        let no = (NOT_IN_ORDER, None);
        let Order::ApproveJob { job, errand, tenant, files, root, sections, until, card } = order
        else {
            return Err(no);
        };
        let Errand::Letters = errand;
        let root = BASE64URL_NOPAD.decode(root.as_bytes()).map_err(|_| no)?;
        let root: Hash = root.try_into().map_err(|_| no)?;
        let until = Time::from_millis(until.saturating_mul(1_000));
        let runs = self.state.card(*card).map(|number| &self.state.cards[number as usize]);
        let runs = runs.is_some_and(|card| card.role != Role::Patient && !card.revoked);
        let bounded = !sections.is_empty() && sections.without(OF_A_JOB).is_empty() && *files > 0;
        let in_time = until > now && until <= now + Duration::from_days(JOB_DAYS_MAX);
        let new = !self.state.jobs.contains_key(job);
        if !(runs && bounded && in_time && new && tenant == self.state.tenant()) {
            return Err(no);
        }
        Ok(Act::JobApproved(entry::JobApproved {
            job: *job,
            errand: entry::Errand::Letters,
            files: *files,
            root,
            sections: *sections,
            until,
            card: *card,
            by: by.cards.clone(),
            order: by.hash,
        }))
    }

    /// A session of the job's card opens one of its files.
    pub(super) fn open_for_job(
        &mut self,
        now: Time,
        server: ServerId,
        asked: &Asked,
        wish: &ForJob,
    ) -> Outcome {
        let (who, about, bound) = match self.admit(now, server, asked, Some(wish.file.blind)) {
            Ok(admitted) => admitted,
            Err(outcome) => return *outcome,
        };
        // A proof of this very opening, and of nothing else?
        let named = asked.url == job_address(&asked.origin, wish.job, wish.file.id);
        if bound != Some(wish.file.id) || asked.method != "POST" || !named {
            return self.refuse(now, about, (Why::Signature, None));
        }
        let (file, sections, end) = match self.judge_for_job(now, &who, asked, wish) {
            Ok(opening) => opening,
            Err(why) => return self.refuse(now, about, (why, None)),
        };
        // Two officers signed for it, which is what evidence is.
        let (class, grade) = (RelationClass::Evidence, Grade::Strong);
        let opening = Opening { file, class, grade, sections, repeat: false, confined: false };
        let until = who.view.until.min(end);
        let released = self.released(&who, &opening, Purpose::Operations, until);
        let act = Act::OpenedByJob(entry::OpenedByJob {
            job: wish.job,
            index: wish.index,
            session: who.view.session,
            card: who.view.card,
            practice: who.view.practice,
            server,
            file: wish.file.blind,
            sections: released.sections,
            segments: released.file.segments,
            request: about.request,
        });
        self.settle(now, vec![act], Verdict::Opened(released))
    }

    /// The file's number, the sections that open, and the job's end.
    fn judge_for_job(
        &self,
        now: Time,
        who: &Who,
        asked: &Asked,
        wish: &ForJob,
    ) -> Result<(u32, Sections, Time), Why> {
        if who.stopped {
            return Err(Why::Frozen);
        }
        if self.is_unwitnessed(now) {
            return Err(Why::Unwitnessed);
        }
        // A job that is not over, run by its own card?
        let job = self.state.jobs.get(&wish.job);
        let job = job.filter(|job| job.until > now && job.card == who.card).ok_or(Why::Order)?;
        if !job.names(wish) {
            return Err(Why::Order);
        }
        // There, and somebody's?
        let file = self.state.files.find(&wish.file.blind).ok_or(Why::NoFile)?;
        let row = self.state.files.row(file);
        if row.is(FileRow::ERASED | FileRow::DIRECTORY) || self.is_canary(Some(file)) {
            return Err(Why::NoFile);
        }
        // What was signed for, and no more than the patient lets others see?
        let signed = asked.proof.sections().filter(|some| some.without(job.sections).is_empty());
        let sections = signed.ok_or(Why::Role)?.without(self.state.hidden(file));
        if sections.is_empty() {
            return Err(Why::Role);
        }
        if job.times(file) >= JOB_OPENINGS_MAX {
            return Err(Why::Openers);
        }
        Ok((file, sections, job.until))
    }
}

impl State {
    /// A job that is not over.
    pub fn job(&self, job: JobId, now: Time) -> Option<message::Job> {
        let job = self.jobs.get(&job).filter(|job| job.until > now)?;
        let card = self.cards[job.card as usize].id;
        let (files, root, sections, until) = (job.files, job.root.into(), job.sections, job.until);
        Some(message::Job { files, root, sections, until, card })
    }

    pub(super) fn job_approved(&mut self, new: &entry::JobApproved) -> Result<(), &'static str> {
        self.count_statement(new.order);
        let card = self.card(new.card).ok_or("no such card")?;
        let (files, root, sections, until) = (new.files, new.root, new.sections, new.until);
        let job = Job { card, files, root, sections, until, opened: Vec::new().into() };
        match self.jobs.insert(new.job, job) {
            None => Ok(()),
            Some(_) => Err("the job is known already"),
        }
    }

    pub(super) fn opened_by_job(
        &mut self,
        opened: &entry::OpenedByJob,
    ) -> Result<(), &'static str> {
        let file = self.files.find(&opened.file).ok_or("no such file")?;
        let job = self.jobs.get_mut(&opened.job).ok_or("no such job")?;
        planted!("jobs open a file without end", return Ok(()));
        if job.count(file) { Ok(()) } else { Err("the job opened the file too often") }
    }

    /// A job that is over opens nothing: its name alone stays taken.
    pub(super) fn sweep_jobs(&mut self, now: Time) {
        let over = self.jobs.values_mut().filter(|job| job.until <= now);
        over.for_each(|job| job.opened = Vec::new().into());
    }
}
