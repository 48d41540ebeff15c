//! The entry point: files are opened, written to and deposited into here.

use crate::errors::{AttachmentError, OpenError, WriteError};
use crate::keyholder::{Keyholder, RecordedRelease};
use crate::open_file::OpenFile;
use crate::version::Version;
use crate::{Directory, ResourceId};
use fhir::Json;
use std::io::{Read, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use terms::{FileId, ServerId, SessionId, Time};

/// How to reach the keyholder, and under which address clients reach this server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The keyholder's socket.
    pub socket: PathBuf,
    /// This server, as the ledger names it.
    pub server: ServerId,
    /// Scheme, host and port that clients use; what they sign begins with it.
    pub origin: String,
    /// Base address of the FHIR endpoint, without the last slash.
    pub base_url: String,
    /// Most connections to the keyholder at a time.
    pub connections: usize,
    /// How long an answer of the keyholder may take.
    pub timeout: Duration,
}

/// Keyholder, store and directory together. `Send` and `Sync`: share it behind an `Arc`.
pub struct Records {
    keyholder: Keyholder,
    store: Arc<dyn Store>,
    directory: Directory,
}

/// What became of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new resource (201).
    Created,
    /// A new version (200).
    Updated,
    /// The same as before: no version was written (200).
    Unchanged,
    /// A conditional create found this one (200).
    Existed,
    /// A version that says deleted (204).
    Deleted,
}

/// A resource as it stands after a write.
pub struct Written {
    /// What became of it.
    pub outcome: Outcome,
    /// Its type.
    pub resource_type: &'static str,
    /// Its id.
    pub id: ResourceId,
    /// Its version; none where it existed in a file that is not open.
    pub version: Option<u32>,
    /// When that version was deposited.
    pub last_updated: Option<Time>,
    /// The version itself, for `Prefer: return=representation`; none where it was not read.
    pub stored: Option<Version>,
}

impl Records {
    /// Connects to the keyholder and loads the directory.
    pub fn start(settings: &Settings, store: Arc<dyn Store>) -> Result<Records, OpenError> {
        let _ = (settings, store);
        todo!()
    }

    /// The keyholder.
    pub fn keyholder(&self) -> &Keyholder {
        &self.keyholder
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The directory.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Reads what was released: checks the whole chain of the file, opens the released sections.
    pub fn open(&self, release: RecordedRelease) -> Result<OpenFile, OpenError> {
        let _ = release;
        todo!()
    }

    /// Brings an open file up to a newer release for the same file, session and sections; reads
    /// only what is new. [`OpenError::Asked`] where they differ: open anew then.
    pub fn renew(&self, file: &OpenFile, release: RecordedRelease) -> Result<(), OpenError> {
        let _ = (file, release);
        todo!()
    }

    /// Creates one resource. A Patient makes a new file; a directory type goes to the directory;
    /// anything else goes to the file that its references name, which need not be open.
    ///
    /// `if_none_exist` is the query of the header; except for `Patient?identifier=` and directory
    /// types it takes `open`. A deposit into the file of `open` is seen there at once.
    pub fn create(
        &self,
        by: SessionId,
        resource: Json,
        if_none_exist: Option<&str>,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        let _ = (by, resource, if_none_exist, open);
        todo!()
    }

    /// Replaces a resource. `if_match` is the version that must be current.
    pub fn update(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        resource: Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let _ = (open, resource_type, id, resource, if_match);
        todo!()
    }

    /// Replaces what the query finds, or creates where it finds nothing.
    pub fn conditional_update(
        &self,
        open: &OpenFile,
        resource_type: &str,
        query: &str,
        resource: Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let _ = (open, resource_type, query, resource, if_match);
        todo!()
    }

    /// Applies a JSON Patch.
    pub fn patch(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        patch: &Json,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let _ = (open, resource_type, id, patch, if_match);
        todo!()
    }

    /// Appends a version that says deleted. Deleting what is deleted changes nothing.
    pub fn delete(
        &self,
        open: &OpenFile,
        resource_type: &str,
        id: &str,
        if_match: Option<u32>,
    ) -> Result<Written, WriteError> {
        let _ = (open, resource_type, id, if_match);
        todo!()
    }

    /// Carries out a transaction or batch and returns the response Bundle as compact JSON.
    ///
    /// Entries that only create need no open file; those that read, update or delete take `open`.
    /// Directory entries are stored first, in the directory; what belongs to the one patient is
    /// stored all or nothing.
    pub fn bundle(
        &self,
        by: SessionId,
        bundle: Json,
        open: Option<&OpenFile>,
    ) -> Result<Vec<u8>, WriteError> {
        let _ = (by, bundle, open);
        todo!()
    }

    /// Streams an attachment of up to 100 MiB into the file, and creates its Binary.
    pub fn put_attachment(
        &self,
        by: SessionId,
        file: FileId,
        content_type: &str,
        security_context: Option<&str>,
        content: &mut dyn Read,
        open: Option<&OpenFile>,
    ) -> Result<Written, WriteError> {
        let _ = (by, file, content_type, security_context, content, open);
        todo!()
    }

    /// Streams the content of a Binary, or a part of it, to `to`; returns how many bytes.
    pub fn read_attachment(
        &self,
        open: &OpenFile,
        binary: &Version,
        range: Option<Range<u64>>,
        to: &mut dyn Write,
    ) -> Result<u64, AttachmentError> {
        let _ = (open, binary, range, to);
        todo!()
    }
}
