//! Whom a run found, one line of JSON a person, as they were opened. It is the run's journal of
//! openings, too: a person whose line is whole is not opened again.

use crate::error::{PostError, Result};
use export::Person;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many lines are made durable at a time; kill -9 loses none of them.
const SYNC: u64 = 1_000;

pub(crate) struct Spool {
    path: PathBuf,
    file: File,
    /// One bit a file of the job.
    done: Vec<u8>,
    count: u64,
}

impl Spool {
    /// Opens it for a job of so many files, made where it is not there.
    pub(crate) fn open(path: &Path, files: u64) -> Result<Spool> {
        let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let file = opened.map_err(PostError::world(path.display()))?;
        let done = vec![0; usize::try_from(files.div_ceil(8)).unwrap_or(usize::MAX)];
        let mut spool = Spool { path: path.to_owned(), file, done, count: 0 };
        let mut end = 0;
        let mut seen = Vec::new();
        each(path, &mut |offset, length, person| {
            end = offset + length;
            seen.push(person.index);
            Ok(())
        })?;
        spool.file.set_len(end).map_err(spool.failed())?;
        seen.into_iter().for_each(|index| spool.mark(index));
        Ok(spool)
    }

    pub(crate) fn done(&self) -> Vec<u8> {
        self.done.clone()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn add(&mut self, person: &Person) -> Result<()> {
        let mut line = serde_json::to_vec(person).map_err(PostError::world("a person"))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(self.failed())?;
        self.mark(person.index);
        if self.count.is_multiple_of(SYNC) { self.sync() } else { Ok(()) }
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(self.failed())
    }

    fn mark(&mut self, index: u64) {
        if let Some(byte) = self.done.get_mut((index / 8) as usize)
            && *byte & 1 << (index % 8) == 0
        {
            *byte |= 1 << (index % 8);
            self.count += 1;
        }
    }

    fn failed(&self) -> impl FnOnce(std::io::Error) -> PostError + use<> {
        PostError::world(self.path.display().to_string())
    }
}

/// Finds people again by where their lines begin.
pub(crate) struct Finder {
    path: PathBuf,
    reader: BufReader<File>,
}

impl Finder {
    pub(crate) fn open(path: &Path) -> Result<Finder> {
        let file = File::open(path).map_err(PostError::world(path.display()))?;
        Ok(Finder { path: path.to_owned(), reader: BufReader::new(file) })
    }

    pub(crate) fn at(&mut self, offset: u64) -> Result<Person> {
        let mut line = Vec::new();
        let found = self.reader.seek(SeekFrom::Start(offset));
        found
            .and_then(|_| self.reader.read_until(b'\n', &mut line))
            .map_err(PostError::world(self.path.display()))?;
        serde_json::from_slice(&line).map_err(|_| odd(&self.path, offset))
    }
}

/// Whether this bit is set.
pub(crate) fn is_done(done: &[u8], index: u64) -> bool {
    done.get((index / 8) as usize).is_some_and(|byte| byte & 1 << (index % 8) != 0)
}

/// Every person whose line is whole: offset, length, person.
pub(crate) fn each(
    path: &Path,
    found: &mut dyn FnMut(u64, u64, Person) -> Result<()>,
) -> Result<()> {
    let file = File::open(path).map_err(PostError::world(path.display()))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut line, mut at) = (Vec::new(), 0);
    loop {
        line.clear();
        // No line is longer than what a file's label and contact can be.
        let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        let length = read.map_err(PostError::world(path.display()))? as u64;
        if length == 0 || line.last() != Some(&b'\n') && length < LINE_BYTES_MAX {
            return Ok(());
        }
        let person = serde_json::from_slice(&line).map_err(|_| odd(path, at))?;
        found(at, length, person)?;
        at += length;
    }
}

const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

fn odd(path: &Path, offset: u64) -> PostError {
    PostError::Tampered(format!("{}: the line at byte {offset} is no person's", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::FileId;

    fn person(index: u64) -> Person {
        let file = FileId::from_bytes([index as u8; 16]);
        Person {
            index,
            file,
            entry: 1,
            has: Vec::new(),
            name: None,
            birth_date: None,
            dead: false,
            addresses: Vec::new(),
            telecoms: Vec::new(),
            contacts: Vec::new(),
            languages: Vec::new(),
            association: None,
        }
    }

    #[test]
    fn what_is_whole_is_done_and_a_cut_line_is_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let mut spool = Spool::open(&path, 20).unwrap();
        [3, 17, 0].into_iter().for_each(|index| spool.add(&person(index)).unwrap());
        let whole = std::fs::metadata(&path).unwrap().len();
        File::options().append(true).open(&path).unwrap().write_all(b"{\"index\":4,").unwrap();
        let mut again = Spool::open(&path, 20).unwrap();
        assert_eq!((again.count(), std::fs::metadata(&path).unwrap().len()), (3, whole));
        let done: Vec<u64> = (0..20).filter(|index| is_done(&again.done(), *index)).collect();
        assert_eq!(done, [0, 3, 17]);
        again.add(&person(4)).unwrap();
        let mut found = Vec::new();
        each(&path, &mut |offset, _, person| {
            found.push((offset, person.index));
            Ok(())
        })
        .unwrap();
        assert_eq!(found.iter().map(|(_, index)| *index).collect::<Vec<_>>(), [3, 17, 0, 4]);
        assert_eq!(Finder::open(&path).unwrap().at(found[1].0).unwrap().index, 17);
    }
}
