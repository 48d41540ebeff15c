//! What became of the letters: made, sent, returned, unreachable, and when a substitute notice is
//! due. A fold over one chained journal in the incident's folder.

use super::chain::Chain;
use crate::failure::{Failure, Outcome};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use terms::{FileId, JobId};

/// From so many people on whose address is insufficient or out of date a substitute notice is due:
/// 90 days on the home page or in major media, with a number free of charge (45 CFR
/// 164.404(d)(2)(ii)).
pub(super) const SUBSTITUTE_FROM: usize = 10;

/// The journal, and what it says.
pub(super) struct Delivery {
    chain: Chain,
    pub(super) told: Told,
}

/// What the journal says.
#[derive(Default)]
pub(super) struct Told {
    pub(super) jobs: BTreeMap<String, Job>,
    pub(super) returned: BTreeSet<String>,
    pub(super) unreachable: BTreeSet<String>,
    pub(super) substitute: Option<String>,
}

/// What it says of one job.
#[derive(Default)]
pub(super) struct Job {
    run: Option<String>,
    pub(super) planned: u64,
    pub(super) left_out: u64,
    /// How many letters each batch that is made has.
    pub(super) made: BTreeMap<u32, u64>,
    pub(super) sent: BTreeSet<u32>,
}

impl Delivery {
    pub(super) fn open(incident: &Path) -> Outcome<Delivery> {
        let mut told = Told::default();
        let path = incident.join("delivery.ndjson");
        let chain = Chain::open(&path, &mut |line| told.take(line))?;
        Ok(Delivery { chain, told })
    }

    /// The letters of this job are made by this run, and by no other.
    pub(super) fn begun(&mut self, job: JobId, run: &str) -> Outcome {
        let begun = self.told.jobs.get(&job.to_string()).and_then(|job| job.run.as_deref());
        match begun {
            Some(begun) if begun == run => Ok(()),
            Some(_) => Err(Failure::Refused(
                "the letters of this job were begun in another folder: go on there, or have \
                 another job approved"
                    .into(),
            )),
            None => self.append(json!({"what": "begun", "job": job.to_string(), "run": run})),
        }
    }

    pub(super) fn planned(
        &mut self,
        job: JobId,
        letters: u64,
        left_out: u64,
        digest: &str,
    ) -> Outcome {
        self.append(json!({
            "what": "planned", "job": job.to_string(), "letters": letters, "left_out": left_out,
            "digest": digest,
        }))
    }

    pub(super) fn made(&mut self, job: JobId, batch: u32, letters: u64, digest: &str) -> Outcome {
        self.append(json!({
            "what": "made", "job": job.to_string(), "batch": batch, "letters": letters,
            "digest": digest,
        }))
    }

    pub(super) fn sent(&mut self, job: JobId, batches: &[u32]) -> Outcome {
        self.append(json!({"what": "sent", "job": job.to_string(), "batches": batches}))
    }

    pub(super) fn returned(&mut self, file: FileId) -> Outcome {
        self.append(json!({"what": "returned", "file": file.to_string()}))?;
        self.unreachable(file, "returned")
    }

    /// Says it once for each file, and that a substitute notice is due, once.
    pub(super) fn unreachable(&mut self, file: FileId, why: &str) -> Outcome {
        if !self.told.unreachable.contains(&file.to_string()) {
            self.append(json!({"what": "unreachable", "file": file.to_string(), "why": why}))?;
        }
        let count = self.told.unreachable.len();
        if count >= SUBSTITUTE_FROM && self.told.substitute.is_none() {
            self.append(json!({"what": "substitute-notice-due", "unreachable": count}))?;
        }
        Ok(())
    }

    fn append(&mut self, line: Value) -> Outcome {
        let line: Map<String, Value> = line.as_object().cloned().unwrap_or_default();
        let told = &mut self.told;
        self.chain.append(line, &mut |line| told.take(line))
    }
}

impl Told {
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

    #[test]
    fn the_letters_of_a_job_are_made_by_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let job = JobId::from_bytes([1; 10]);
        let mut delivery = Delivery::open(folder.path()).unwrap();
        delivery.begun(job, "one").unwrap();
        let mut again = Delivery::open(folder.path()).unwrap();
        again.begun(job, "one").unwrap();
        assert!(again.begun(job, "two").is_err());
        again.begun(JobId::from_bytes([2; 10]), "two").unwrap();
    }

    #[test]
    fn a_substitute_notice_is_due_with_the_tenth_and_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut delivery = Delivery::open(folder.path()).unwrap();
        for number in 0..12 {
            let file = FileId::from_bytes([number; 16]);
            delivery.returned(file).unwrap();
            delivery.unreachable(file, "said").unwrap();
            let due = delivery.told.substitute.is_some();
            assert_eq!(due, number >= 9, "{number}");
        }
        let again = Delivery::open(folder.path()).unwrap().told;
        assert_eq!((again.returned.len(), again.unreachable.len()), (12, 12));
        let text = std::fs::read_to_string(folder.path().join("delivery.ndjson")).unwrap();
        assert_eq!(text.matches("substitute-notice-due").count(), 1);
    }
}
