//! What SQLite says, in the words of this crate.

use std::io;

use rusqlite::ffi::{self, ErrorCode};

use crate::errors::{
    AppendError, BackupError, CheckError, EraseError, OpenError, ReadError, World,
};

/// The two ways in which a rightly asked call fails, before it is told which family it was of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    World(World),
    Tampered(String),
}

macro_rules! into_family {
    ($($family:ident),*) => {$(
        impl From<Fault> for $family {
            fn from(fault: Fault) -> Self {
                match fault {
                    Fault::World(world) => $family::World(world),
                    Fault::Tampered(what) => $family::Tampered(what),
                }
            }
        }
    )*};
}

into_family!(OpenError, AppendError, ReadError, EraseError, CheckError);

impl From<Fault> for BackupError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::World(world) => BackupError::World(world),
            Fault::Tampered(what) => BackupError::Check(CheckError::Tampered(what)),
        }
    }
}

impl From<World> for Fault {
    fn from(world: World) -> Self {
        Fault::World(world)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::World(error.into())
    }
}

impl From<io::Error> for World {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => World::DiskFull,
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => World::ReadOnly,
            _ => World::Io(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, text) => of_sqlite(failure, text),
            rusqlite::Error::InvalidColumnType(column, ..)
            | rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::IntegralValueOutOfRange(column, ..) => {
                Fault::Tampered(format!("column {column} of a row is not of its type"))
            }
            other => Fault::World(World::Io(other.to_string())),
        }
    }
}

fn of_sqlite(failure: ffi::Error, text: Option<String>) -> Fault {
    let text = text.unwrap_or_else(|| failure.to_string());
    match (failure.code, failure.extended_code) {
        (_, ffi::SQLITE_IOERR_SHORT_READ) => Fault::Tampered("the database is cut short".into()),
        (ErrorCode::DiskFull, _) => Fault::World(World::DiskFull),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Fault::World(World::Busy),
        (ErrorCode::ReadOnly, _) => Fault::World(World::ReadOnly),
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Fault::Tampered(text),
        (ErrorCode::ConstraintViolation | ErrorCode::SchemaChanged, _) => Fault::Tampered(text),
        (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen, code) => of_system(code, text),
        (_, code) => Fault::World(World::Io(format!("{text} (code {code})"))),
    }
}

/// SQLite reports an exhausted quota or file size as it does a broken disk; the system's last
/// error, which nothing between there and here has overwritten, tells them apart.
fn of_system(code: i32, text: String) -> Fault {
    let last = io::Error::last_os_error();
    match World::from(last) {
        World::Io(last) => Fault::World(World::Io(format!("{text} (code {code}; {last})"))),
        told_apart => Fault::World(told_apart),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, OpenFlags};

    #[test]
    fn a_read_only_database_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let readers = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let error = readers.execute("INSERT INTO t VALUES (1)", ()).unwrap_err();
        assert_eq!(Fault::from(error), Fault::World(World::ReadOnly));
    }

    #[test]
    fn what_is_worth_repeating_says_so() {
        let full = World::from(io::Error::from(io::ErrorKind::QuotaExceeded));
        assert_eq!(full, World::DiskFull);
        assert!(full.is_retryable() && World::Busy.is_retryable());
        assert!(!World::ReadOnly.is_retryable() && !World::Io("x".into()).is_retryable());
    }

    #[test]
    fn a_value_of_a_wrong_type_is_tampering() {
        let memory = Connection::open_in_memory().unwrap();
        let row = memory.query_row("SELECT 'text'", (), |row| row.get::<_, Vec<u8>>(0));
        assert!(matches!(Fault::from(row.unwrap_err()), Fault::Tampered(_)));
    }
}
