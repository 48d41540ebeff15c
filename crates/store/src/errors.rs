//! What can go wrong, one enum per family of operations. Messages carry ids and counts only.

use std::path::PathBuf;
use terms::FileId;

/// The world failed: nothing is wrong with what was asked nor with what is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum World {
    /// No space is left; works again without a restart once there is some.
    #[error("the disk of the store is full")]
    DiskFull,
    /// Another process held the store's lock for too long.
    #[error("the store is busy: another process holds its lock")]
    Busy,
    /// The file system, or the file's permissions, allow no writing.
    #[error("the store is read-only: see its file system and permissions")]
    ReadOnly,
    /// Reading or writing failed in another way.
    #[error("input or output failed: {0}")]
    Io(String),
    /// The store's writer has ended; open the store again.
    #[error("the store is closed")]
    Closed,
}

impl World {
    /// Whether the same call may succeed later without anybody repairing software or hardware.
    pub fn is_retryable(&self) -> bool {
        matches!(self, World::DiskFull | World::Busy)
    }
}

/// Opening a store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The path is not a folder.
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    /// The database is something else than a store.
    #[error("{0} is not a Cofferdam store")]
    NotAStore(PathBuf),
    /// The store was written by a newer version; it was not touched.
    #[error(
        "the store has schema version {found}, this program knows {known}: use a newer program"
    )]
    Newer {
        /// The version of the store.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
    /// What is stored is damaged: always an alarm.
    #[error("the store is damaged: {0}")]
    Tampered(String),
}

/// Writing segments or chunks failed; nothing of the call was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Asked wrongly: longer than [`crate::SEALED_BYTES_MAX`], or empty.
    #[error(
        "file {file}, number {number}: {bytes} sealed bytes, 1 to {} are allowed",
        crate::SEALED_BYTES_MAX
    )]
    Length {
        /// The file.
        file: FileId,
        /// The sequence of the segment or number of the chunk.
        number: u32,
        /// Its length.
        bytes: usize,
    },
    /// Asked wrongly: one batch has the same place twice.
    #[error("file {file}: sequence {sequence} twice in one batch")]
    Twice {
        /// The file.
        file: FileId,
        /// The sequence.
        sequence: u32,
    },
    /// Asked wrongly: the hash is not that of the bytes, so no reader would ever accept them.
    #[error("file {file}: the hash of sequence {sequence} is not that of its bytes")]
    WrongHash {
        /// The file.
        file: FileId,
        /// The sequence.
        sequence: u32,
    },
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
    /// What is stored is damaged: always an alarm.
    #[error("the store is damaged: {0}")]
    Tampered(String),
}

/// Reading failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No such chunk. (A file without segments reads as empty: the keyholder knows which exist.)
    #[error("file {file}: no chunk {number} of that attachment")]
    NotThere {
        /// The file.
        file: FileId,
        /// The number of the chunk.
        number: u32,
    },
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
    /// What is stored is damaged: always an alarm.
    #[error("the store is damaged: {0}")]
    Tampered(String),
}

/// Removing failed. All these operations may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EraseError {
    /// The rows are gone, durably, but a reader (a backup, say) still holds the log in which their
    /// bytes stand: repeat the call when it has ended.
    #[error("removed, but a running backup or reader holds the bytes back: repeat later")]
    HeldBack,
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
    /// What is stored is damaged: always an alarm.
    #[error("the store is damaged: {0}")]
    Tampered(String),
}

/// Checking a store or a backup failed, or found a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It cannot be opened at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
    /// What is stored is damaged: always an alarm.
    #[error("damaged: {0}")]
    Tampered(String),
}

/// Making or restoring a backup failed; nothing stands under the name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// Something stands there already; it was not touched.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// There is no such backup, or no folder to put it into.
    #[error("{0} is not there")]
    NotThere(PathBuf),
    /// What would be copied does not pass the check.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The world failed.
    #[error(transparent)]
    World(#[from] World),
}
