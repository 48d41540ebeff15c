//! Openings by a job that two officers approved.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{CardId, FileId, JobId, Sections, SessionId, Time};

/// A session of the job's card opens one of its files.
#[derive(Encode, Decode)]
pub struct OpenForJob {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// The device's proof of this very opening; it names job and file by [`job_address`].
    #[n(1)]
    pub proof: String,
    /// The method that was proved: `POST`.
    #[n(2)]
    pub method: String,
    /// The address that was proved.
    #[n(3)]
    pub url: String,
    /// The job.
    #[n(4)]
    pub job: JobId,
    /// The file.
    #[n(5)]
    pub file: FileId,
    /// Which of the job's files it is, counted from 0.
    #[n(6)]
    pub index: u64,
    /// The RFC 6962 inclusion path of its id.
    #[n(7)]
    pub path: Vec<Hash>,
}

/// A job as two officers approved it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Job {
    /// How many files.
    #[n(0)]
    pub files: u64,
    /// The root over their ids.
    #[n(1)]
    pub root: Hash,
    /// What it opens of each.
    #[n(2)]
    pub sections: Sections,
    /// Its end.
    #[n(3)]
    pub until: Time,
    /// The card whose sessions run it.
    #[n(4)]
    pub card: CardId,
}

/// The address that a proof of such an opening names. No server answers there: it is a name.
pub fn job_address(origin: &str, job: JobId, file: FileId) -> String {
    format!("{origin}/jobs/{job}/{file}")
}
