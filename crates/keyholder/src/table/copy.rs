//! The key table as it was at one moment, to copy while others write.

use super::{KeyTable, connect};
use crate::error::{KeyholderError, Result};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::path::Path;
use std::time::Duration;

/// Pages that are copied at a time, so that no one waits long.
const PAGES: i32 = 1024;

/// A reader that stands still: what is written after it was made is not in it.
pub(crate) struct Snapshot(Connection);

impl KeyTable {
    /// The table as it is now; `path` is its own.
    pub(crate) fn snapshot(&self, path: &Path) -> Result<Snapshot> {
        let connection = connect(path)?;
        connection.execute_batch("BEGIN")?;
        // A transaction begins to stand still with its first read.
        connection.query_row("SELECT count(*) FROM mark", [], |row| row.get::<_, i64>(0))?;
        Ok(Snapshot(connection))
    }
}

impl Snapshot {
    /// Writes it to a new file, durably; an older copy there is replaced.
    pub(crate) fn copy(self, to: &Path) -> Result<()> {
        let new = to.with_extension("new");
        if let Err(error) = std::fs::remove_file(&new)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(KeyholderError::world("an older copy")(error));
        }
        crate::files::create_new(&new, &[])?;
        let mut target = Connection::open(&new)?;
        Backup::new(&self.0, &mut target)?.run_to_completion(PAGES, Duration::ZERO, None)?;
        // One file, without a log beside it, is what gets carried away.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        target.close().map_err(|(_, error)| error)?;
        let sync = std::fs::File::open(&new).and_then(|file| file.sync_all());
        sync.and_then(|()| std::fs::rename(&new, to)).map_err(KeyholderError::world("the copy"))
    }
}
