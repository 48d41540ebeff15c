//! The key table: every file's key, wrapped under its epoch, and the locator's rows, in SQLite.
//!
//! Trust: readable only with the keyring. It begins to hold a file before the ledger does, and
//! stops after it, so whatever the ledger knows is here. Its mark (see [`KeyTable::mark`])
//! remembers how far the ledger was, so that neither can be set back alone.

use crate::error::{KeyholderError, Result};
use crate::keyring::{EpochKey, Keyring};
use ledger::Head;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use seal::{FileKey, KeyName, SealError, WrappedKey, open_bytes, seal_bytes};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use terms::{Blind, FileId};

mod copy;
mod find;
mod rotate;
mod ties;

pub(crate) use find::FactsOf;

/// The table, with one connection to write and one to read.
pub(crate) struct KeyTable {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

/// A file that is about to exist.
pub(crate) struct NewFile {
    pub(crate) blind: Blind,
    pub(crate) file: FileId,
    pub(crate) key: FileKey,
}

/// What the ledger knows, to hold the table against it.
pub(crate) struct Known<E: Fn(Blind) -> bool> {
    /// Whether a file exists.
    pub(crate) exists: E,
    /// How many do.
    pub(crate) files: u64,
    /// The size at the last mark: what both did before it was finished then.
    pub(crate) since: u64,
    /// Files that were erased after it.
    pub(crate) erased: HashSet<Blind>,
}

const SCHEMA: &str = "
    CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL) STRICT;
    CREATE TABLE file (
        blind BLOB PRIMARY KEY, epoch INTEGER NOT NULL, born INTEGER NOT NULL,
        name BLOB NOT NULL, key BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX file_epoch ON file (epoch);
    CREATE TABLE token (
        token BLOB NOT NULL, slot BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (token, slot)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE facts (
        blind BLOB NOT NULL, owner BLOB NOT NULL, tokens BLOB NOT NULL, PRIMARY KEY (blind, owner)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ties (blind BLOB PRIMARY KEY, tokens BLOB NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 2;";

/// WAL and FULL: a commit is durable when it returns. Deleted rows are overwritten.
const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF;";

impl KeyTable {
    /// Makes an empty table; an existing file is refused.
    pub(crate) fn create(path: &Path) -> Result<KeyTable> {
        crate::files::create_new(path, &[])?;
        let connection = connect(path)?;
        connection.execute_batch(SCHEMA)?;
        KeyTable::open(path)
    }

    /// Opens the table.
    pub(crate) fn open(path: &Path) -> Result<KeyTable> {
        if !path.exists() {
            return Err(KeyholderError::NotThere(format!(
                "the key table {} is missing; restore the newest backup of the folder",
                path.display()
            )));
        }
        let (writer, reader) = (connect(path)?, connect(path)?);
        let version: u32 = writer.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version != 2 {
            return Err(KeyholderError::Tampered(format!(
                "the key table is of version {version}, not 2"
            )));
        }
        Ok(KeyTable { writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// Adds files and replaces facts, all or nothing, durably. `born` is the number of the first
    /// ledger entry that is not written yet.
    pub(crate) fn add(
        &self,
        ring: &Keyring,
        born: u64,
        files: &[NewFile],
        facts: &[FactsOf],
    ) -> Result<()> {
        let mut writer = lock(&self.writer);
        let batch = writer.transaction()?;
        for new in files {
            insert(&batch, ring, born, new)?;
        }
        for facts in facts {
            facts.replace(&batch, ring)?;
        }
        Ok(batch.commit()?)
    }

    /// A file's id and key, or nothing where the table has no such file.
    pub(crate) fn get(&self, ring: &Keyring, blind: Blind) -> Result<Option<(FileId, FileKey)>> {
        self.row(blind)?.map(|row| row.open(ring, blind)).transpose()
    }

    /// A file's id alone, or nothing where the table has no such file.
    pub(crate) fn name(&self, ring: &Keyring, blind: Blind) -> Result<Option<FileId>> {
        self.row(blind)?.map(|row| row.file(ring, blind)).transpose()
    }

    fn row(&self, blind: Blind) -> Result<Option<Sealed>> {
        let reader = lock(&self.reader);
        let mut select =
            reader.prepare_cached("SELECT epoch, name, key FROM file WHERE blind = ?")?;
        Ok(select.query_row([blind.as_bytes()], Sealed::read).optional()?)
    }

    /// Destroys the keys of these files and how they were found, durably and with their traces.
    pub(crate) fn erase(&self, ring: &Keyring, blinds: &[Blind]) -> Result<()> {
        let mut writer = lock(&self.writer);
        let batch = writer.transaction()?;
        for blind in blinds {
            delete(&batch, ring, *blind)?;
        }
        batch.commit()?;
        // Older pages with the key lie in the write-ahead log until it is emptied, which a reader
        // would hinder.
        let _reader = lock(&self.reader);
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Remembers that the ledger has this head.
    pub(crate) fn set_mark(&self, ring: &Keyring, head: &Head) -> Result<()> {
        let mut bytes = head.size.to_be_bytes().to_vec();
        bytes.extend_from_slice(&head.root);
        let sealed = seal_bytes(&ring.snapshots, MARK, &bytes)?;
        let writer = lock(&self.writer);
        writer.execute("INSERT OR REPLACE INTO mark VALUES (1, ?)", [sealed])?;
        Ok(())
    }

    /// The head that the ledger had at the last checkpoint; the ledger must begin with it.
    pub(crate) fn mark(&self, ring: &Keyring) -> Result<Head> {
        let damaged = || KeyholderError::Tampered("the key table's mark is damaged".into());
        let reader = lock(&self.reader);
        let sealed =
            reader.query_row("SELECT sealed FROM mark", [], |row| row.get(0)).optional()?;
        let sealed: Vec<u8> = sealed.ok_or_else(damaged)?;
        let bytes = open_bytes(&ring.snapshots, MARK, &sealed).map_err(|_| damaged())?;
        let (size, root) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let root = root.try_into().map_err(|_| damaged())?;
        Ok(Head { size: u64::from_be_bytes(*size), root })
    }

    /// Holds the table against the ledger: finishes what a crash or a full disk interrupted, and
    /// refuses a table in which a file is missing, damaged, or should be gone. Returns how many
    /// files it removed.
    pub(crate) fn settle(
        &self,
        ring: &Keyring,
        known: &Known<impl Fn(Blind) -> bool>,
    ) -> Result<u64> {
        let (mut orphans, mut found) = (Vec::new(), 0);
        let reader = lock(&self.reader);
        let mut select = reader.prepare("SELECT epoch, name, key, blind, born FROM file")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let blind = Blind::from_bytes(row.get(3)?);
            let born: i64 = row.get(4)?;
            if (known.exists)(blind) {
                Sealed::read(row)?.open(ring, blind)?;
                found += 1;
            } else if born.cast_unsigned() >= known.since || known.erased.contains(&blind) {
                orphans.push(blind);
            } else {
                return Err(set_back(
                    "has a file that the ledger does not know, or knows as erased",
                ));
            }
        }
        drop(rows);
        drop(select);
        drop(reader);
        if found != known.files {
            return Err(set_back("lacks files that the ledger knows"));
        }
        if !orphans.is_empty() {
            self.erase(ring, &orphans)?;
        }
        Ok(orphans.len() as u64)
    }
}

const MARK: &[u8] = b"mark";

fn set_back(what: &str) -> KeyholderError {
    KeyholderError::Tampered(format!(
        "the key table {what}: it was cut, edited or set back; restore key table and ledger \
         together, from the newest backup of both"
    ))
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch(PRAGMAS)?;
    Ok(connection)
}

/// A thread that panicked with it rolled its transaction back while it unwound.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn insert(batch: &Transaction, ring: &Keyring, born: u64, new: &NewFile) -> Result<()> {
    let epoch = ring.newest_epoch();
    let sealed = Sealed::new(ring.tenant(), epoch, new.blind, new.file, &new.key)?;
    batch
        .prepare_cached("INSERT INTO file (blind, epoch, born, name, key) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![
            new.blind.as_bytes(),
            epoch.number,
            born.cast_signed(),
            sealed.name,
            sealed.key
        ])?;
    Ok(())
}

fn delete(batch: &Transaction, ring: &Keyring, blind: Blind) -> Result<()> {
    find::forget(batch, ring, blind)?;
    ties::forget(batch, blind)?;
    batch.prepare_cached("DELETE FROM file WHERE blind = ?")?.execute([blind.as_bytes()])?;
    Ok(())
}

/// One row's sealed columns.
struct Sealed {
    epoch: u32,
    name: Vec<u8>,
    key: Vec<u8>,
}

impl Sealed {
    fn new(
        tenant: &str,
        epoch: &EpochKey,
        blind: Blind,
        file: FileId,
        key: &FileKey,
    ) -> Result<Sealed> {
        let number = epoch.number;
        let name = naming(tenant, "file id", &blind, number).aad();
        let name = seal_bytes(&epoch.names, &name, file.as_bytes())?;
        let key = key.wrap(&epoch.keys, &naming(tenant, "file", &blind, number))?;
        Ok(Sealed { epoch: number, name, key: key.as_bytes().to_vec() })
    }

    /// Reads the columns `epoch, name, key`.
    fn read(row: &Row) -> rusqlite::Result<Sealed> {
        Ok(Sealed { epoch: row.get(0)?, name: row.get(1)?, key: row.get(2)? })
    }

    fn open(&self, ring: &Keyring, blind: Blind) -> Result<(FileId, FileKey)> {
        let file = self.file(ring, blind)?;
        let wrapped = WrappedKey::from_bytes(&self.key).map_err(altered)?;
        let name = naming(ring.tenant(), "file", &blind, self.epoch);
        let keys = &self.epoch_key(ring)?.keys;
        Ok((file, FileKey::unwrap(keys, &name, &wrapped).map_err(altered)?))
    }

    fn file(&self, ring: &Keyring, blind: Blind) -> Result<FileId> {
        let name = naming(ring.tenant(), "file id", &blind, self.epoch).aad();
        let names = &self.epoch_key(ring)?.names;
        let file = open_bytes(names, &name, &self.name).map_err(altered)?;
        file.as_slice().try_into().map(FileId::from_bytes).map_err(|_| {
            KeyholderError::Tampered("a row of the key table has a wrong length".into())
        })
    }

    fn epoch_key<'r>(&self, ring: &'r Keyring) -> Result<&'r EpochKey> {
        ring.epoch(self.epoch).ok_or_else(|| {
            KeyholderError::Tampered(format!(
                "the key table has rows of epoch {}, whose key was destroyed: it is an old copy",
                self.epoch
            ))
        })
    }
}

fn altered(_: SealError) -> KeyholderError {
    KeyholderError::Tampered("a row of the key table was altered".into())
}

fn naming<'a>(tenant: &'a str, what: &'a str, blind: &'a Blind, epoch: u32) -> KeyName<'a> {
    KeyName { tenant, what, id: blind.as_bytes(), epoch }
}
