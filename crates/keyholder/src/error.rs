//! Why the keyholder does not start, stop or record.

use ledger::LogError;
use seal::SealError;

/// What went wrong with the process, its folder or its keys; it never tells what a file holds.
#[derive(Debug, thiserror::Error)]
pub enum KeyholderError {
    /// The settings, the passphrase or the order of steps are wrong; nothing is damaged.
    #[error("{0}")]
    Asked(String),
    /// Something that has to exist does not.
    #[error("{0}")]
    NotThere(String),
    /// The machine failed: disk, memory, permissions.
    #[error("{0}")]
    World(String),
    /// Something was altered, cut or set back: always an alarm, never ignored.
    #[error("{0}")]
    Tampered(String),
}

/// Shorthand inside this crate.
pub(crate) type Result<T> = std::result::Result<T, KeyholderError>;

impl KeyholderError {
    /// Makes an error of the world with what was being done.
    pub(crate) fn world<E: std::fmt::Display>(doing: &str) -> impl FnOnce(E) -> KeyholderError {
        move |error| KeyholderError::World(format!("{doing}: {error}"))
    }
}

impl From<SealError> for KeyholderError {
    fn from(error: SealError) -> KeyholderError {
        match error {
            SealError::Asked(what) => KeyholderError::Asked(what.into()),
            SealError::Tampered(what) => KeyholderError::Tampered(what.into()),
            SealError::World(what) => KeyholderError::World(what.into()),
        }
    }
}

impl From<LogError> for KeyholderError {
    fn from(error: LogError) -> KeyholderError {
        match error {
            LogError::Tampered { .. } => KeyholderError::Tampered(format!(
                "{error}; restore ledger and key table together, from the newest backup of both, \
                 and find out who changed them"
            )),
            error => KeyholderError::World(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for KeyholderError {
    /// SQLite's texts name tables and files, never values that were bound.
    fn from(error: rusqlite::Error) -> KeyholderError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => KeyholderError::Tampered(format!(
                "the key table is damaged ({error}); restore the newest backup of the folder"
            )),
            _ => KeyholderError::World(format!("the key table: {error}")),
        }
    }
}
