//! One opening by a job.

use crate::approved::{ApprovedExport, Signer};
use crate::patient::person;
use crate::{ExportError, Person};
use keyproto::message::{OpenForJob, job_address};
use keyproto::statement::ProofClaims;
use record::{KeyholderError, OpenError, RecordedRelease};
use std::thread::sleep;
use std::time::Duration;
use terms::FileId;

/// How often an opening is asked for before the run stops, and how long it waits in between: long
/// enough for a keyholder that is being started again.
const TRIES: u32 = 20;
const AGAIN: Duration = Duration::from_millis(500);

/// A file that gave nobody to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The keyholder refused; the entry says why.
    Refused(u64),
    /// The file has no Patient among what was opened.
    Empty(u64),
}

/// What came of a file, or what stops the run.
pub(crate) type Opened = Result<Result<Box<Person>, Left>, ExportError>;

impl ApprovedExport<'_> {
    pub(crate) fn open(&self, signer: &dyn Signer, index: u64, file: FileId) -> Opened {
        let release = match self.released(signer, index, file) {
            Ok(release) => release,
            Err(Stop::Left(left)) => return Ok(Err(left)),
            Err(Stop::Error(error)) => return Err(error),
        };
        let open = self.records.open(release).map_err(|error| match error {
            OpenError::Tampered(what) => ExportError::Tampered(what),
            other => ExportError::World(other.to_string()),
        })?;
        let entry = open.entry();
        let Ok(patient) = open.read("Patient", &file.to_string()) else {
            return Ok(Err(Left::Empty(entry)));
        };
        let has = open.sections().union(open.hidden());
        let has = has.iter().map(|section| section.word().to_owned()).collect();
        let person = person(patient.bytes(), (index, file, entry));
        Ok(Ok(Box::new(Person { has, ..person })))
    }

    fn released(
        &self,
        signer: &dyn Signer,
        index: u64,
        file: FileId,
    ) -> Result<RecordedRelease, Stop> {
        let mut failure = String::new();
        for _ in 0..TRIES {
            match self.ask(signer, index, file) {
                Ok(release) => return Ok(release),
                // Nothing is wrong but the nonce, which is drawn anew each time.
                Err(KeyholderError::Refused(refused)) if refused.nonce.is_some() => {}
                Err(KeyholderError::Refused(refused)) => {
                    return Err(Stop::Left(Left::Refused(refused.entry)));
                }
                Err(KeyholderError::Tampered(what)) => {
                    return Err(Stop::Error(ExportError::Tampered(what)));
                }
                Err(other) => {
                    failure = other.to_string();
                    sleep(AGAIN);
                }
            }
        }
        Err(Stop::Error(ExportError::World(failure)))
    }

    fn ask(
        &self,
        signer: &dyn Signer,
        index: u64,
        file: FileId,
    ) -> Result<RecordedRelease, KeyholderError> {
        let keyholder = self.records.keyholder();
        let nonce = keyholder.nonce(None)?;
        let url = job_address(&self.origin, self.job, file);
        let claims =
            ProofClaims { file: Some(file), sections: Some(self.sections), ..Default::default() };
        let (session, proof) = signer.prove("POST", &url, &nonce, claims)?;
        let path = self.files.path(index).unwrap_or_default();
        keyholder.open_for_job(OpenForJob {
            session,
            proof,
            method: "POST".into(),
            url,
            job: self.job,
            file,
            index,
            path: path.into_iter().map(Into::into).collect(),
        })
    }
}

enum Stop {
    Left(Left),
    Error(ExportError),
}
