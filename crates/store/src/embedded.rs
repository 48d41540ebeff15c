//! The backend for one host: one SQLite database in a folder of its own.
//!
//! One thread writes and makes what several callers asked for durable in one commit; readers never
//! wait for it. A second process may open the same store; the two take turns at writing.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use terms::{FileId, Sections};

use crate::contract::Store;
use crate::errors::{
    AppendError, BackupError, CheckError, EraseError, OpenError, ReadError, World,
};
use crate::model::{
    AttachmentId, AttachmentOutline, Checked, FileSize, Hash, NewChunk, NewSegment, Progress,
    SEALED_BYTES_MAX, SegmentOutline, Statistics, StoredSegment,
};

mod backup;
mod check;
mod connect;
mod fault;
mod reader;
mod writer;

use fault::Fault;
use reader::Readers;
use writer::{Task, Writer};

/// How often an erasure tries to empty the log while others read.
const SCRUBS_MAX: u32 = 40;
/// Each try keeps writers waiting this long at most; then they get as long for themselves.
const SCRUB_WAIT: Duration = Duration::from_millis(50);

/// A store in one folder of this host, readable for its owner alone.
///
/// Erasing overwrites the rows where they stand and empties the log. SQLite does not overwrite the
/// unused space of a page whose rows it moved to a neighbour earlier: where pages had been
/// rearranged heavily, one run of 16 bytes was found after erasing 67 of 200 files (shorter runs
/// were not looked for). `VACUUM` while no server runs removed it.
pub struct EmbeddedStore {
    folder: PathBuf,
    // Readers stand before the writer, so that the writer's connection closes last and tidies up.
    readers: Readers,
    writer: Writer,
}

impl EmbeddedStore {
    /// Opens the store in this folder, or makes folder and store with permissions 0700 and 0600.
    ///
    /// The folder is the store's own. Others' permissions on it and on the database are taken away.
    /// A store of a newer schema version is refused and left as it is.
    pub fn open(folder: &Path) -> Result<EmbeddedStore, OpenError> {
        let connection = connect::create_or_open(folder)?;
        let readers = Readers::new(connect::database(folder));
        Ok(EmbeddedStore { folder: folder.to_owned(), readers, writer: Writer::start(connection)? })
    }

    /// Checks a backup as [`Store::check`] checks a store, without changing anything.
    pub fn verify_backup(backup: &Path) -> Result<Checked, CheckError> {
        check::database(backup)
    }

    /// What one file takes up in a backup, without changing it or reading the rest.
    pub fn size_in_backup(backup: &Path, file: FileId) -> Result<FileSize, CheckError> {
        check::size_in(backup, file)
    }

    /// Where each file's segments end in a backup: the sequence that its next segment would have.
    pub fn lengths_in_backup(backup: &Path) -> Result<HashMap<FileId, u32>, CheckError> {
        check::lengths_in(backup)
    }

    /// Makes a store in `folder` from a verified backup; refuses a folder that has a store.
    ///
    /// The store exists there only when it is complete and durable. The keyholder's heads tell
    /// which files the backup is too old for.
    pub fn restore(backup: &Path, folder: &Path) -> Result<Checked, BackupError> {
        backup::restore(backup, folder)
    }

    /// Empties the log, so that no deleted bytes stand in it, waiting a few seconds for readers.
    fn scrub_log(&self) -> Result<(), EraseError> {
        let connection = connect::writing(&self.folder)?;
        connection.busy_timeout(SCRUB_WAIT).map_err(Fault::from)?;
        for _ in 0..SCRUBS_MAX {
            if empty_log(&connection)? {
                return Ok(());
            }
            thread::sleep(SCRUB_WAIT);
        }
        Err(EraseError::HeldBack)
    }
}

impl Store for EmbeddedStore {
    fn append(&self, segments: &[NewSegment<'_>]) -> Result<(), AppendError> {
        refuse_wrong(segments)?;
        terms::planted!("the store acknowledges and does not commit", return Ok(()));
        if !segments.is_empty() {
            self.writer.run(Task::Append(segments.iter().map(Into::into).collect()))?;
        }
        Ok(())
    }

    fn segments(
        &self,
        file: FileId,
        from: u32,
        count: u32,
        sections: Sections,
    ) -> Result<Vec<StoredSegment>, ReadError> {
        Ok(self.readers.read(|c| reader::segments(c, file, (from, count), sections))?)
    }

    fn outline(&self, file: FileId, from: u32) -> Result<Vec<SegmentOutline>, ReadError> {
        Ok(self.readers.read(|c| reader::outline(c, file, from))?)
    }

    fn forget_orphans(&self, file: FileId, from: u32) -> Result<u64, EraseError> {
        Ok(self.writer.run(Task::ForgetOrphans { file, from })?)
    }

    fn put_chunk(&self, chunk: &NewChunk<'_>) -> Result<(), AppendError> {
        let NewChunk { file, attachment, number, bytes } = *chunk;
        refuse_length(file, number, bytes)?;
        let (hash, bytes) = (hash_of(bytes), bytes.to_vec());
        self.writer.run(Task::PutChunk { file, attachment, number, hash, bytes })?;
        Ok(())
    }

    fn read_chunk(
        &self,
        file: FileId,
        attachment: AttachmentId,
        number: u32,
    ) -> Result<Vec<u8>, ReadError> {
        let found = self.readers.read(|c| reader::chunk(c, file, attachment, number))?;
        found.ok_or(ReadError::NotThere { file, number })
    }

    fn attachments(&self, file: FileId) -> Result<Vec<AttachmentOutline>, ReadError> {
        Ok(self.readers.read(|c| reader::attachments(c, file))?)
    }

    fn drop_attachment(&self, file: FileId, attachment: AttachmentId) -> Result<u64, EraseError> {
        Ok(self.writer.run(Task::DropAttachment { file, attachment })?)
    }

    fn erase(&self, file: FileId) -> Result<u64, EraseError> {
        let removed = self.writer.run(Task::Erase { file })?;
        self.scrub_log()?;
        Ok(removed)
    }

    fn file_size(&self, file: FileId) -> Result<FileSize, ReadError> {
        Ok(self.readers.read(|c| reader::file_size(c, file))?)
    }

    fn statistics(&self) -> Result<Statistics, ReadError> {
        let statistics = self.readers.read(reader::statistics)?;
        Ok(Statistics { bytes_on_disk: bytes_on_disk(&self.folder)?, ..statistics })
    }

    fn check(&self) -> Result<Checked, CheckError> {
        Ok(self.readers.read(check::everything)?)
    }

    fn backup(&self, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), BackupError> {
        backup::make(&connect::database(&self.folder), to, progress)
    }
}

/// Hashes here, in the callers' threads, so that the one writer has less to do.
fn refuse_wrong(segments: &[NewSegment<'_>]) -> Result<(), AppendError> {
    let mut places = HashSet::new();
    for &NewSegment { file, sequence, hash, bytes, .. } in segments {
        refuse_length(file, sequence, bytes)?;
        if !places.insert((file, sequence)) {
            return Err(AppendError::Twice { file, sequence });
        }
        if hash_of(bytes) != hash {
            return Err(AppendError::WrongHash { file, sequence });
        }
    }
    Ok(())
}

fn refuse_length(file: FileId, number: u32, bytes: &[u8]) -> Result<(), AppendError> {
    match bytes.len() {
        1..=SEALED_BYTES_MAX => Ok(()),
        length => Err(AppendError::Length { file, number, bytes: length }),
    }
}

fn hash_of(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Whether the log could be copied into the database and cut to nothing.
fn empty_log(connection: &rusqlite::Connection) -> Result<bool, Fault> {
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    match connection.query_row(checkpoint, (), |row| row.get::<_, i64>(0)).map_err(Fault::from) {
        Ok(busy) => Ok(busy == 0),
        Err(Fault::World(World::Busy)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn bytes_on_disk(folder: &Path) -> Result<u64, World> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b"store.db") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
