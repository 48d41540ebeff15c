//! One file, open: its released sections in memory.

use crate::Directory;
use crate::answer::{Answer, Page};
use crate::errors::ReadError;
use crate::version::Version;
use fhir::SearchQuery;
use keyproto::message::Session;
use terms::{FileId, Purpose, RelationClass, Sections, Time};

/// One file, as far as it was released to one session, at the moment of the opening.
///
/// What this session deposits afterwards is added; what others deposit takes another opening
/// ([`crate::Records::renew`]). No `Debug`, no `Clone`: share it behind an `Arc`. Plaintext and keys
/// are overwritten when it is dropped.
pub struct OpenFile {
    file: FileId,
}

/// What `$everything` is asked for.
#[derive(Default)]
pub struct Everything {
    /// Only what was deposited at this moment or later.
    pub since: Option<Time>,
    /// Only these types; all where empty.
    pub types: Vec<String>,
    /// One page; the whole file where none.
    pub page: Option<Page>,
}

impl OpenFile {
    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The session it was opened by.
    pub fn session(&self) -> &Session {
        todo!()
    }

    /// What was released.
    pub fn sections(&self) -> Sections {
        todo!()
    }

    /// What the file has besides.
    pub fn hidden(&self) -> Sections {
        todo!()
    }

    /// The relation it rests on.
    pub fn class(&self) -> RelationClass {
        todo!()
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        todo!()
    }

    /// Number of the ledger entry that records the newest opening.
    pub fn entry(&self) -> u64 {
        todo!()
    }

    /// Last moment at which it may be used: drop it then.
    pub fn until(&self) -> Time {
        todo!()
    }

    /// The current version of a resource.
    pub fn read(&self, resource_type: &str, id: &str) -> Result<Version, ReadError> {
        let _ = (resource_type, id);
        todo!()
    }

    /// One version of a resource.
    pub fn vread(
        &self,
        resource_type: &str,
        id: &str,
        version: &str,
    ) -> Result<Version, ReadError> {
        let _ = (resource_type, id, version);
        todo!()
    }

    /// Every version of a resource, the newest first.
    pub fn history(&self, resource_type: &str, id: &str, page: Page) -> Result<Answer, ReadError> {
        let _ = (resource_type, id, page);
        todo!()
    }

    /// What matches, with what it includes from the file and the directory.
    ///
    /// Every resource of a file is in its patient's compartment, so a compartment search is this.
    pub fn search(&self, query: &SearchQuery, page: Page, directory: &Directory) -> Answer {
        let _ = (query, page, directory);
        todo!()
    }

    /// The whole file, with the directory entries that it refers to.
    pub fn everything(&self, asked: &Everything, directory: &Directory) -> Answer {
        let _ = (asked, directory);
        todo!()
    }
}
