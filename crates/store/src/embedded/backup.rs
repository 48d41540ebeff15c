//! Copies of a whole store: made while it is in use, verified, restored.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::fault::Fault;
use super::{check, connect};
use crate::errors::{BackupError, CheckError, OpenError, World};
use crate::model::{Checked, Progress};

/// Pages copied between two calls of the progress function: 2 MB.
const STEP_PAGES: i32 = 256;

/// Copies the database as it is now to `to`.
pub(crate) fn make(
    database: &Path,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    let partial = Partial::beside(to)?;
    copy(database, &partial.path, progress)?;
    partial.publish()
}

/// Verifies the backup, then makes a store of it in `folder`, where none may be.
pub(crate) fn restore(from: &Path, folder: &Path) -> Result<Checked, BackupError> {
    if !from.is_file() {
        return Err(BackupError::NotThere(from.to_owned()));
    }
    let checked = check::database(from)?;
    connect::make_folder(folder).map_err(CheckError::Open)?;
    let partial = Partial::beside(&connect::database(folder))?;
    let mut copy = File::options().write(true).open(&partial.path).map_err(World::from)?;
    io::copy(&mut File::open(from).map_err(World::from)?, &mut copy).map_err(World::from)?;
    partial.publish()?;
    Ok(checked)
}

/// A file under a name of its own until it is complete; removed if it never is.
struct Partial {
    path: PathBuf,
    to: PathBuf,
}

impl Partial {
    fn beside(to: &Path) -> Result<Partial, BackupError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let (Some(folder), Some(name)) = (to.parent(), to.file_name()) else {
            return Err(BackupError::NotThere(to.to_owned()));
        };
        if !folder_of(to).is_dir() {
            return Err(BackupError::NotThere(folder.to_owned()));
        }
        refuse_existing(to)?;
        let mut partial = OsString::from(name);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        partial.push(format!(".partial-{}-{number}", process::id()));
        let path = to.with_file_name(partial);
        connect::create_private(&path).map_err(World::from)?;
        Ok(Partial { path, to: to.to_owned() })
    }

    fn publish(self) -> Result<(), BackupError> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(World::from)?;
        refuse_existing(&self.to)?;
        fs::rename(&self.path, &self.to).map_err(World::from)?;
        Ok(connect::sync_folder(folder_of(&self.to))?)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After publishing nothing has this name; before, there is nothing better to do.
        let _ = fs::remove_file(&self.path);
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    match path.try_exists() {
        Ok(false) => Ok(()),
        Ok(true) => Err(BackupError::Exists(path.to_owned())),
        Err(error) => Err(BackupError::World(error.into())),
    }
}

/// Holds one moment of the database while it copies, so that no writer makes it start again; the
/// writers go on in the log, which grows meanwhile.
fn copy(database: &Path, to: &Path, progress: &mut dyn FnMut(Progress)) -> Result<(), BackupError> {
    let source = connect::reading(database)?;
    if !connect::is_store(&source, database).map_err(CheckError::Open)? {
        return Err(CheckError::Open(OpenError::NotAStore(database.to_owned())).into());
    }
    let moment = source.unchecked_transaction().map_err(Fault::from)?;
    let _: i64 = connect::one(&moment, "SELECT count(*) FROM sqlite_schema")?;
    let mut target = open_target(to)?;
    step_through(&moment, &mut target, progress)?;
    moment.commit().map_err(Fault::from)?;
    // One file and no log beside it: it can be read from a medium that cannot be written.
    let mode: String = connect::one(&target, "PRAGMA journal_mode = DELETE")?;
    if mode != "delete" {
        return Err(World::Io(format!("the copy keeps its log (mode {mode})")).into());
    }
    Ok(())
}

/// The copy needs no journal: until it is complete and synchronised it is thrown away.
fn open_target(path: &Path) -> Result<Connection, Fault> {
    let target = Connection::open(path)?;
    target.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")?;
    Ok(target)
}

fn step_through(
    source: &Connection,
    target: &mut Connection,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Fault> {
    let backup = Backup::new(source, target)?;
    loop {
        let step = backup.step(STEP_PAGES)?;
        let seen = backup.progress();
        let (total, left) = (seen.pagecount.max(0) as u64, seen.remaining.max(0) as u64);
        progress(Progress { done: total.saturating_sub(left), total });
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(World::Busy.into()),
        }
    }
}
