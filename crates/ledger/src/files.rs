//! The file layer: what the log asks of a disk, and the real one.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// One folder, as the log uses it.
pub trait Files {
    /// An open file.
    type File: LogFile;

    /// Opens a file for this process alone, creating it durably if need be.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// The whole of a small file, or nothing where there is none; longer than `max` is an error.
    fn read(&self, name: &str, max: u64) -> io::Result<Option<Vec<u8>>>;

    /// Puts these bytes in the place of the file: after a crash there are the old or the new ones,
    /// after success the new ones. The name may have folders before it.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// One open file, as the log uses it.
#[allow(clippy::len_without_is_empty, reason = "a file on a disk, not a collection")]
pub trait LogFile {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Reads some bytes from here; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all bytes here, lengthening the file if need be.
    fn write_at(&mut self, bytes: &[u8], position: u64) -> io::Result<()>;

    /// Cuts the file to this length.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Returns after everything written is durable.
    fn sync(&mut self) -> io::Result<()>;
}

impl LogFile for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, position)
    }

    fn write_at(&mut self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.write_all_at(bytes, position)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// A folder on a real disk.
#[derive(Clone, Debug)]
pub struct DirFiles(PathBuf);

impl DirFiles {
    /// This folder; it is created when something is first written.
    pub fn new(folder: impl Into<PathBuf>) -> DirFiles {
        DirFiles(folder.into())
    }
}

impl Files for DirFiles {
    type File = File;

    fn open(&self, name: &str) -> io::Result<File> {
        create_folder(&self.0)?;
        let path = self.0.join(name);
        let new = !path.try_exists()?;
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other("another process has this ledger open"),
            TryLockError::Error(error) => error,
        })?;
        if new {
            file.sync_all()?;
            sync_folder(&self.0)?;
        }
        Ok(file)
    }

    fn read(&self, name: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.0.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than it may be"));
        }
        Ok(Some(bytes))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(name);
        let folder = path.parent().unwrap_or(&self.0);
        create_folder(folder)?;
        let temporary = path.with_added_extension("new");
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)?;
        sync_folder(folder)
    }
}

/// Creates a folder and those above it, durably.
fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.try_exists()? {
        return Ok(());
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        create_folder(above)?;
    }
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(above.unwrap_or(Path::new("."))),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
