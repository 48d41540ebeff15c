//! What became of the letters: made, sent, returned, unreachable, and when a substitute notice is
//! due. A fold over one chained journal in the incident's folder.

use crate::error::{PostError, Result};
use incident::{Chain, Folder};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use terms::{FileId, JobId, Time};

/// From so many people on whose address is insufficient or out of date a substitute notice is due:
/// 90 days on the home page or in major media, with a number free of charge (45 CFR
/// 164.404(d)(2)(ii)).
pub const SUBSTITUTE_FROM: usize = 10;

/// What the first line of the journal carries.
const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The journal, and what it says.
pub(crate) struct Delivery {
    chain: Chain,
    pub(crate) told: Told,
    now: fn() -> Time,
}

/// What the journal says.
#[derive(Default)]
pub struct Told {
    /// Of each job.
    pub jobs: BTreeMap<String, ToldOfJob>,
    /// Files whose letters came back.
    pub returned: BTreeSet<String>,
    /// Files of people whom no letter reaches.
    pub unreachable: BTreeSet<String>,
    /// Since when a substitute notice is due.
    pub substitute: Option<String>,
}

/// What it says of one job.
#[derive(Default)]
pub struct ToldOfJob {
    run: Option<String>,
    /// How many letters are to be made.
    pub planned: u64,
    /// How many people get none.
    pub left_out: u64,
    /// How many letters each batch that is made has.
    pub made: BTreeMap<u32, u64>,
    /// Which of them went to the post.
    pub sent: BTreeSet<u32>,
}

impl Delivery {
    /// Reads the journal in the incident's folder; what is written down gets the time of `now`.
    pub(crate) fn open(incident: &Path, now: fn() -> Time) -> Result<Delivery> {
        let (chain, told) = read(incident)?;
        Ok(Delivery { chain, told, now })
    }

    /// The letters of this job are made by this run, and by no other.
    pub(crate) fn begun(&mut self, job: JobId, run: &str) -> Result<()> {
        let begun = self.told.jobs.get(&job.to_string()).and_then(|job| job.run.as_deref());
        match begun {
            Some(begun) if begun == run => Ok(()),
            Some(_) => Err(PostError::Refused(
                "the letters of this job were begun in another folder: go on there, or have \
                 another job approved"
                    .into(),
            )),
            None => self.append(json!({"what": "begun", "job": job.to_string(), "run": run})),
        }
    }

    pub(crate) fn planned(
        &mut self,
        job: JobId,
        letters: u64,
        left_out: u64,
        digest: &str,
    ) -> Result<()> {
        self.append(json!({
            "what": "planned", "job": job.to_string(), "letters": letters, "left_out": left_out,
            "digest": digest,
        }))
    }

    pub(crate) fn made(
        &mut self,
        job: JobId,
        batch: u32,
        letters: u64,
        digest: &str,
    ) -> Result<()> {
        self.append(json!({
            "what": "made", "job": job.to_string(), "batch": batch, "letters": letters,
            "digest": digest,
        }))
    }

    pub(crate) fn sent(&mut self, job: JobId, batches: &[u32]) -> Result<()> {
        self.append(json!({"what": "sent", "job": job.to_string(), "batches": batches}))
    }

    pub(crate) fn returned(&mut self, file: FileId) -> Result<()> {
        self.append(json!({"what": "returned", "file": file.to_string()}))?;
        self.unreachable(file, "returned")
    }

    /// Says it once for each file, and that a substitute notice is due, once.
    pub(crate) fn unreachable(&mut self, file: FileId, why: &str) -> Result<()> {
        if !self.told.unreachable.contains(&file.to_string()) {
            self.append(json!({"what": "unreachable", "file": file.to_string(), "why": why}))?;
        }
        let count = self.told.unreachable.len();
        if count >= SUBSTITUTE_FROM && self.told.substitute.is_none() {
            self.append(json!({"what": "substitute-notice-due", "unreachable": count}))?;
        }
        Ok(())
    }

    fn append(&mut self, line: Value) -> Result<()> {
        let mut line: Map<String, Value> = line.as_object().cloned().unwrap_or_default();
        line.insert("at".into(), (self.now)().to_string().into());
        let told = &mut self.told;
        self.chain.append(line, &mut |line| {
            told.take(line);
            Ok(())
        })?;
        Ok(())
    }
}

fn read(incident: &Path) -> Result<(Chain, Told)> {
    let mut told = Told::default();
    let mut chain = Chain::at(&incident.join("delivery.ndjson"), FIRST);
    chain.read(&mut |line| {
        told.take(line);
        Ok(())
    })?;
    Ok((chain, told))
}

impl Told {
    /// What the journal of this incident says.
    pub fn of(folder: &Folder) -> Result<Told> {
        Ok(read(folder.path())?.1)
    }

    fn take(&mut self, line: &Value) {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| line[name].as_u64().unwrap_or_default();
        let job = || text("job");
        match line["what"].as_str() {
            Some("begun") => {
                self.jobs.entry(job()).or_default().run.get_or_insert_with(|| text("run"));
            }
            Some("planned") => {
                let job = self.jobs.entry(job()).or_default();
                (job.planned, job.left_out) = (number("letters"), number("left_out"));
            }
            Some("made") => {
                let batch = u32::try_from(number("batch")).unwrap_or_default();
                self.jobs.entry(job()).or_default().made.insert(batch, number("letters"));
            }
            Some("sent") => {
                let batches = line["batches"].as_array().into_iter().flatten();
                let batches =
                    batches.filter_map(Value::as_u64).filter_map(|n| u32::try_from(n).ok());
                self.jobs.entry(job()).or_default().sent.extend(batches);
            }
            Some("returned") => drop(self.returned.insert(text("file"))),
            Some("unreachable") => drop(self.unreachable.insert(text("file"))),
            Some("substitute-notice-due") => self.substitute = Some(text("at")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Result<Delivery> {
        Delivery::open(folder, || Time::from_millis(1_795_694_400_123))
    }

    /// As it was written before chains were read in one place.
    #[test]
    fn the_journal_keeps_its_form() {
        let folder = tempfile::tempdir().unwrap();
        let mut delivery = open(folder.path()).unwrap();
        delivery.begun(JobId::from_bytes([1; 10]), "one").unwrap();
        delivery.sent(JobId::from_bytes([1; 10]), &[1, 2]).unwrap();
        let written = std::fs::read_to_string(folder.path().join("delivery.ndjson")).unwrap();
        assert_eq!(written, include_str!("../tests/delivery.ndjson"));
    }

    #[test]
    fn the_letters_of_a_job_are_made_by_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let job = JobId::from_bytes([1; 10]);
        let mut delivery = open(folder.path()).unwrap();
        delivery.begun(job, "one").unwrap();
        let mut again = open(folder.path()).unwrap();
        again.begun(job, "one").unwrap();
        assert!(again.begun(job, "two").is_err());
        again.begun(JobId::from_bytes([2; 10]), "two").unwrap();
    }

    #[test]
    fn a_substitute_notice_is_due_with_the_tenth_and_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut delivery = open(folder.path()).unwrap();
        for number in 0..12 {
            let file = FileId::from_bytes([number; 16]);
            delivery.returned(file).unwrap();
            delivery.unreachable(file, "said").unwrap();
            let due = delivery.told.substitute.is_some();
            assert_eq!(due, number >= 9, "{number}");
        }
        let again = open(folder.path()).unwrap().told;
        assert_eq!((again.returned.len(), again.unreachable.len()), (12, 12));
        let text = std::fs::read_to_string(folder.path().join("delivery.ndjson")).unwrap();
        assert_eq!(text.matches("substitute-notice-due").count(), 1);
    }
}
