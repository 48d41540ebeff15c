//! Opening connections: permissions, settings, schema version.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fault::Fault;
use crate::errors::{OpenError, World};
use crate::sql;

/// Marks a database as a store ("Cofd"), so that no other program's database is mistaken for one.
const APPLICATION_ID: i64 = 0x436f_6664;
/// Measured: 8, 16 and 32 KB take more disk and write more; 2 KB saves 3 % of the disk.
const PAGE_BYTES: u32 = 4096;
/// 32 MB of log, so that a page which many commits change is copied into the database once.
const CHECKPOINT_PAGES: u32 = 8000;
/// The log is cut back to this after a checkpoint that followed a burst.
const LOG_BYTES_KEPT: u32 = 64 * 1024 * 1024;
const BUSY_WAIT: Duration = Duration::from_millis(1);
const BUSY_WAITS_MAX: i32 = 15_000;

/// The database inside a store's folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join("store.db")
}

/// Opens the store in this folder for writing, making it if there is none.
pub(crate) fn create_or_open(folder: &Path) -> Result<Connection, OpenError> {
    make_folder(folder)?;
    let _lock = lock(folder)?;
    make_database_file(folder)?;
    let mut connection = connect(&database(folder), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if !is_store(&connection, folder)? {
        make_tables(&mut connection)?;
    }
    set_for_writing(&connection)?;
    Ok(connection)
}

/// One more connection for writing to a store that is open already.
pub(crate) fn writing(folder: &Path) -> Result<Connection, Fault> {
    let connection = connect(&database(folder), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    set_for_writing(&connection)?;
    Ok(connection)
}

/// A connection that cannot write, to any database file.
pub(crate) fn reading(database: &Path) -> Result<Connection, Fault> {
    connect(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Whether the database is a store of a version this program knows; false if it is still empty.
pub(crate) fn is_store(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    let tables: i64 = one(connection, "SELECT count(*) FROM sqlite_schema")?;
    let application: i64 = one(connection, "PRAGMA application_id")?;
    let found: i64 = one(connection, "PRAGMA user_version")?;
    match (application, found, tables) {
        (0, 0, 0) => Ok(false),
        (APPLICATION_ID, sql::VERSION, _) => Ok(true),
        (APPLICATION_ID, _, _) if found > sql::VERSION => {
            Err(OpenError::Newer { found, known: sql::VERSION })
        }
        _ => Err(OpenError::NotAStore(path.to_owned())),
    }
}

/// One value from a statement that returns one.
pub(crate) fn one<T: rusqlite::types::FromSql>(
    connection: &Connection,
    statement: &str,
) -> Result<T, Fault> {
    Ok(connection.query_row(statement, (), |row| row.get(0))?)
}

/// A number of rows or bytes, which the SQL promises not to be negative.
pub(crate) fn count(connection: &Connection, statement: &str) -> Result<u64, Fault> {
    not_negative(one(connection, statement)?)
}

/// The number without its sign, if it has none.
pub(crate) fn not_negative(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::Tampered("a count below zero".into()))
}

/// Makes names that were created or changed in this folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), World> {
    Ok(File::open(folder)?.sync_all()?)
}

/// A file that only its owner may read, which was not there before.
pub(crate) fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Makes the folder, readable for its owner alone.
pub(crate) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    match made {
        Ok(()) => {}
        Err(error)
            if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotADirectory) =>
        {
            return Err(OpenError::NotAFolder(folder.to_owned()));
        }
        Err(error) => return Err(OpenError::World(error.into())),
    }
    tighten(folder, 0o700)
}

/// Held while a store is made or opened, so that of two processes that find no store one makes it.
fn lock(folder: &Path) -> Result<File, World> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600);
    let file = file.open(folder.join("store.lock"))?;
    file.lock()?;
    Ok(file)
}

/// An existing database is never opened here: closing such a handle would drop the locks that
/// another store of this process holds on it.
fn make_database_file(folder: &Path) -> Result<(), OpenError> {
    let path = database(folder);
    match create_private(&path) {
        Ok(file) => {
            file.sync_all().map_err(World::from)?;
            Ok(sync_folder(folder)?)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => tighten(&path, 0o600),
        Err(error) => Err(OpenError::World(error.into())),
    }
}

fn tighten(path: &Path, mode: u32) -> Result<(), OpenError> {
    let now = fs::metadata(path).map_err(World::from)?.permissions().mode();
    if now & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(World::from)?;
    }
    Ok(())
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_briefly))?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

/// SQLite's own handler sleeps up to 100 ms, which starves one of two busy processes.
fn wait_briefly(waits: i32) -> bool {
    thread::sleep(BUSY_WAIT);
    waits < BUSY_WAITS_MAX
}

fn make_tables(connection: &mut Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(sql::SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", sql::VERSION)?;
    Ok(transaction.commit()?)
}

fn set_for_writing(connection: &Connection) -> Result<(), Fault> {
    let mode: String = one(connection, "PRAGMA journal_mode = WAL")?;
    if mode != "wal" {
        let what = format!("the file system cannot keep a write-ahead log (mode {mode})");
        return Err(World::Io(what).into());
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let _: i64 = one(connection, "PRAGMA secure_delete = ON")?;
    let _: i64 = one(connection, &format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"))?;
    let _: i64 = one(connection, &format!("PRAGMA journal_size_limit = {LOG_BYTES_KEPT}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Killing a process cannot show whether the disk was told to write; the setting can.
    #[test]
    fn every_writing_connection_synchronises_and_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let first = create_or_open(folder.path()).unwrap();
        for connection in [first, writing(folder.path()).unwrap()] {
            let setting = |name| one::<i64>(&connection, name).unwrap();
            assert_eq!(setting("PRAGMA synchronous"), 2, "2 is FULL");
            assert_eq!(setting("PRAGMA secure_delete"), 1);
            assert_eq!(setting("PRAGMA page_size"), i64::from(PAGE_BYTES));
            assert_eq!(one::<String>(&connection, "PRAGMA journal_mode").unwrap(), "wal");
        }
    }
}
