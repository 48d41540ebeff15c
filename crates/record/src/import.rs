//! Bulk import: whole files, by deposits only, resumable.

use crate::Records;
use std::path::PathBuf;
use terms::{ListId, SessionId};

/// Everything about one patient, as it was found.
pub struct Source {
    /// Names it in the journal and among the rejects, such as the name of a file. Never content.
    pub name: String,
    /// A Bundle, or resources one per line (NDJSON).
    pub text: Vec<u8>,
}

/// How to import.
pub struct Import {
    /// Who imports.
    pub by: SessionId,
    /// The list that the files belong to.
    pub list: ListId,
    /// Keeps what is done; the same file and list resume.
    pub journal: PathBuf,
    /// Worker threads.
    pub threads: usize,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files imported by this run.
    pub files: u64,
    /// Resources in them.
    pub resources: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Sources that an earlier run had done.
    pub skipped: u64,
    /// Sources rejected.
    pub rejected: u64,
}

/// One source that was not imported, and why; names elements and rules, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The name of the source.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// An import stopped before the end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The journal belongs to another list, or cannot be read or written.
    #[error("the journal: {0}")]
    Journal(String),
    /// Keyholder or store failed; run it again to resume.
    #[error("{0}")]
    World(String),
    /// The keyholder refused the import as a whole.
    #[error(transparent)]
    Refused(#[from] crate::Refused),
    /// What is stored is not what was deposited: an alarm.
    #[error("tampered: {0}")]
    Tampered(String),
}

impl Import {
    /// Imports every source, each as a whole file; rejects are listed and the rest goes on.
    pub fn run(
        &self,
        records: &Records,
        sources: &mut (dyn Iterator<Item = std::io::Result<Source>> + Send),
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Progress, Vec<Reject>), ImportError> {
        let _ = (records, sources, progress);
        todo!()
    }
}
