//! What a witness remembers: of each log the newest checkpoint that it cosigned.
//!
//! Trust: a file that is altered stops the witness; one that is set back lets it cosign a second
//! history. Keep the folder where the log's operator cannot reach it.

use crate::WitnessError;
use data_encoding::HEXLOWER;
use ledger::{EMPTY_ROOT, Head, Verifier};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub(crate) struct State {
    folder: PathBuf,
    heads: BTreeMap<String, Head>,
    /// Held while the witness runs: two of them would cosign two histories.
    _lock: File,
}

impl State {
    pub(crate) fn open(folder: &Path, logs: &[Verifier]) -> Result<State, WitnessError> {
        let world =
            |error: std::io::Error| WitnessError::World(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(folder).map_err(world)?;
        let lock = File::create(folder.join("lock")).map_err(world)?;
        lock.try_lock().map_err(|_| {
            WitnessError::World(format!("another witness uses {}", folder.display()))
        })?;
        let mut heads = BTreeMap::new();
        for log in logs {
            let path = path(folder, log.origin());
            match std::fs::read(&path) {
                Ok(note) => {
                    let head = log.verify(&note).map_err(|error| {
                        WitnessError::Tampered(format!("{}: {error}", path.display()))
                    })?;
                    heads.insert(log.origin().to_owned(), head);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(world(error)),
            }
        }
        Ok(State { folder: folder.to_owned(), heads, _lock: lock })
    }

    /// The newest head of this log; that of an empty log where there is none.
    pub(crate) fn head(&self, origin: &str) -> Head {
        self.heads.get(origin).copied().unwrap_or(Head { size: 0, root: EMPTY_ROOT })
    }

    /// Remembers a checkpoint, durably.
    pub(crate) fn keep(&mut self, origin: &str, head: Head, note: &[u8]) -> std::io::Result<()> {
        let path = path(&self.folder, origin);
        let new = path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(note)?;
        file.sync_all()?;
        std::fs::rename(&new, &path)?;
        File::open(&self.folder)?.sync_all()?;
        self.heads.insert(origin.to_owned(), head);
        Ok(())
    }
}

/// An origin may have slashes, so its hash names the file.
fn path(folder: &Path, origin: &str) -> PathBuf {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, origin.as_bytes());
    folder.join(format!("{}.checkpoint", HEXLOWER.encode(&hash.as_ref()[..16])))
}
