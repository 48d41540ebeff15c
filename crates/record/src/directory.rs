//! The directory: practitioners, organisations, places. Anyone signed in may read it.

use crate::answer::{Answer, Page};
use crate::errors::ReadError;
use crate::version::Version;
use fhir::SearchQuery;
use terms::FileId;

/// The directory, in memory, kept up to date by the deposits of this process.
pub struct Directory {
    file: FileId,
}

impl Directory {
    /// The file that it lies in: ids of directory entries begin with its name.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The current version of an entry.
    pub fn read(&self, resource_type: &str, id: &str) -> Result<Version, ReadError> {
        let _ = (resource_type, id);
        todo!()
    }

    /// One version of an entry.
    pub fn vread(
        &self,
        resource_type: &str,
        id: &str,
        version: &str,
    ) -> Result<Version, ReadError> {
        let _ = (resource_type, id, version);
        todo!()
    }

    /// Every version of an entry, the newest first.
    pub fn history(&self, resource_type: &str, id: &str, page: Page) -> Result<Answer, ReadError> {
        let _ = (resource_type, id, page);
        todo!()
    }

    /// What matches, with what it includes.
    pub fn search(&self, query: &SearchQuery, page: Page) -> Answer {
        let _ = (query, page);
        todo!()
    }
}
