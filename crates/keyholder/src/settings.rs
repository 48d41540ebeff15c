//! What an operator sets, and where the passphrase comes from.

use crate::error::{KeyholderError, Result};
use crate::root::RootCost;
use decision::Limits;
use ledger::cosignature::Quorum;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How the process is to run. [`Settings::new`] gives what is right outside of tests.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The keyholder's own folder (0700); nothing else lies in it.
    pub folder: PathBuf,
    /// A second place, best on another disk, that holds a copy of the newest checkpoint: with it,
    /// setting back the whole folder is noticed as well.
    pub second_place: Option<PathBuf>,
    /// What guessing one passphrase costs.
    pub root_cost: RootCost,
    /// Most connections at a time, each with a thread of its own.
    pub connections_max: usize,
    /// How long a connection may say nothing.
    pub idle: Duration,
    /// How much is too much: what decisions are held against.
    pub limits: Limits,
    /// Who has to cosign the ledger; [`Limits::lag`] says what follows if they do not.
    pub quorum: Quorum,
    /// How many entries witnesses say that they saw: a shorter ledger was set back.
    pub seen_entries: u64,
    /// How many entries may be replayed at a start before a new snapshot is taken.
    pub snapshot_entries: u64,
    /// Whether the process locks itself in. Only off where it shares a process with something.
    pub sandbox: bool,
}

impl Settings {
    /// What is right for a production system with this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Settings {
        Settings {
            folder: folder.into(),
            second_place: None,
            root_cost: RootCost::default(),
            connections_max: 256,
            idle: Duration::from_secs(600),
            limits: Limits::default(),
            quorum: Quorum::default(),
            seen_entries: 0,
            snapshot_entries: 1_000_000,
            sandbox: true,
        }
    }

    pub(crate) const ROOT: &str = "root.key";
    pub(crate) const KEYRING: &str = "keyring";
    pub(crate) const TABLE: &str = "keys.db";
    pub(crate) const LEDGER: &str = "ledger";
    pub(crate) const SNAPSHOT: &str = "state";
    /// The newest checkpoint that enough witnesses cosigned, for whoever audits.
    pub(crate) const COSIGNED: &str = "cosigned";

    /// Where one of these lies.
    pub(crate) fn path(&self, place: &str) -> PathBuf {
        self.folder.join(place)
    }
}

/// The passphrase of the root key. No `Debug`; overwritten when dropped.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase that was typed; an empty one is refused.
    pub fn new(text: Zeroizing<String>) -> Result<Passphrase> {
        if text.is_empty() {
            return Err(KeyholderError::Asked("the passphrase is empty".into()));
        }
        Ok(Passphrase(text))
    }

    /// Reads it from a file, such as a systemd credential; one line end at its end does not belong
    /// to it. Never from the command line: others can read that.
    pub fn read(path: &Path) -> Result<Passphrase> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
            KeyholderError::Asked(format!("cannot read {}: {error}", path.display()))
        })?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Passphrase::new(Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_a_line_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credential");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Passphrase::read(&path)
        };
        for text in ["a b", "a b\n", "a b\r\n"] {
            assert_eq!(read(text).unwrap().as_bytes(), b"a b");
        }
        assert_eq!(read("a \n\n").unwrap().as_bytes(), b"a \n", "one line end alone");
        assert!(matches!(read("\n"), Err(KeyholderError::Asked(_))));
        assert!(Passphrase::read(&folder.path().join("none")).is_err());
    }
}
