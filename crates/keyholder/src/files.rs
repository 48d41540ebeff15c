//! Small files that are written as a whole, durably, and readable for their owner alone.

use crate::error::{KeyholderError, Result};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder for the owner alone, with those above it.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(doing("cannot make", path))
}

/// Refuses a folder that others can enter.
pub(crate) fn check_folder(path: &Path) -> Result<()> {
    let metadata = std::fs::metadata(path).map_err(|error| {
        KeyholderError::NotThere(format!("no keyholder folder {}: {error}", path.display()))
    })?;
    if metadata.mode() & 0o077 != 0 {
        return Err(KeyholderError::Asked(format!(
            "others can enter {}; take that away with: chmod 700 {0}",
            path.display()
        )));
    }
    Ok(())
}

/// Which folder a path lies in, whatever the folder is called: its device and number there.
pub(crate) fn folder_of(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::metadata(path.parent()?).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Writes a file that does not exist yet, durably.
pub(crate) fn create_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    write_durably(file, path, bytes)?;
    sync_folder(path)
}

/// Replaces a file as a whole: after a crash it is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
    write_durably(file, &new, bytes)?;
    std::fs::rename(&new, path).map_err(doing("cannot replace", path))?;
    sync_folder(path)
}

/// Fails while the disk takes nothing.
pub(crate) fn probe(folder: &Path) -> Result<()> {
    let path = folder.join("probe");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    let written = write_durably(file, &path, &[0; 64 * 1024]);
    std::fs::remove_file(&path).map_err(doing("cannot remove", &path))?;
    written
}

/// Reads a text of at most this many bytes.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> Result<String> {
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            KeyholderError::NotThere(format!("{} is missing", path.display()))
        }
        _ => KeyholderError::World(format!("cannot open {}: {error}", path.display())),
    })?;
    let mut text = String::new();
    match file.take(bytes_max).read_to_string(&mut text) {
        // Nothing of ours is written in anything but text.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(KeyholderError::Tampered(format!("{} is no text any more", path.display())))
        }
        Err(error) => Err(doing("cannot read", path)(error)),
        Ok(_) => Ok(text),
    }
}

fn write_durably(file: std::io::Result<File>, path: &Path, bytes: &[u8]) -> Result<()> {
    file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(doing("cannot write", path))
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(doing("cannot sync", folder))
}

fn doing(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> KeyholderError {
    move |error| KeyholderError::World(format!("{what} {}: {error}", path.display()))
}
