//! Lines of JSON that each carry the hash of the one before, appended by several commands at once.
//!
//! Trust: whoever may write the file can write a whole new one; a line that is dropped, moved or
//! changed in the one that is there is noticed.

use crate::error::{IncidentError, Result};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Longest line, in bytes: that a million batches were sent fits in one.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Gets lines one after the other.
pub type Each<'a> = &'a mut dyn FnMut(&Value) -> Result<()>;

/// A file of chained lines, read as far as `at`.
pub struct Chain {
    path: PathBuf,
    at: u64,
    lines: u64,
    /// The hash that the next line carries.
    previous: String,
}

impl Chain {
    /// The chain at this path, there or not, whose first line carries this hash.
    pub fn at(path: &Path, first: &str) -> Chain {
        Chain { path: path.to_owned(), at: 0, lines: 0, previous: first.to_owned() }
    }

    /// Reads the lines that came since.
    pub fn read(&mut self, each: Each) -> Result<()> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file.map_err(self.disk())?,
        };
        file.lock_shared().map_err(self.disk())?;
        self.catch_up(&file, each)
    }

    /// Appends one line, with the hash as its last member; it is on the disk when this returns.
    /// `each` gets what others appended before, and then this one.
    pub fn append(&mut self, mut line: Map<String, Value>, each: Each) -> Result<()> {
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o600).open(&self.path);
        let mut file = file.map_err(self.disk())?;
        // Closing the file gives the lock back.
        file.lock().map_err(self.disk())?;
        self.catch_up(&file, each)?;
        file.set_len(self.at).map_err(self.disk())?;
        line.insert("previous".to_owned(), self.previous.clone().into());
        let line = Value::Object(line);
        let text = format!("{line}\n");
        if text.len() as u64 > LINE_BYTES_MAX {
            return Err(IncidentError::Asked(format!("{LINE_BYTES_MAX} bytes are a line's most")));
        }
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(self.disk())?;
        self.pass(text.trim_end_matches('\n'));
        each(&line)
    }

    /// Hands over whole lines; what a crash tore at the end was never acknowledged.
    fn catch_up(&mut self, file: &File, each: Each) -> Result<()> {
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(self.at)).map_err(self.disk())?;
        loop {
            let mut line = Vec::new();
            let limited = &mut (&mut reader).take(LINE_BYTES_MAX);
            let length = limited.read_until(b'\n', &mut line).map_err(self.disk())? as u64;
            let Some(text) = line.strip_suffix(b"\n") else {
                return if length < LINE_BYTES_MAX { Ok(()) } else { Err(self.broken()) };
            };
            let text = std::str::from_utf8(text).map_err(IncidentError::unread(&self.path))?;
            let value: Value =
                serde_json::from_str(text).map_err(IncidentError::unread(&self.path))?;
            if value["previous"].as_str() != Some(&self.previous) {
                return Err(self.broken());
            }
            self.pass(text);
            each(&value)?;
        }
    }

    fn pass(&mut self, text: &str) {
        self.previous = hash(text.as_bytes());
        self.at += text.len() as u64 + 1;
        self.lines += 1;
    }

    fn broken(&self) -> IncidentError {
        IncidentError::Tampered(format!(
            "{}: line {} does not follow the one before: lines were dropped or changed",
            self.path.display(),
            self.lines + 1
        ))
    }

    fn disk(&self) -> impl FnOnce(std::io::Error) -> IncidentError {
        IncidentError::disk(&self.path)
    }
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "00";

    fn line(number: u64) -> Map<String, Value> {
        Map::from_iter([("n".to_owned(), number.into())])
    }

    fn add(chain: &mut Chain, number: u64) {
        chain.append(line(number), &mut |_| Ok(())).unwrap();
    }

    fn read(path: &Path) -> Result<Vec<u64>> {
        let mut seen = Vec::new();
        Chain::at(path, FIRST).read(&mut |line| {
            seen.extend(line["n"].as_u64());
            Ok(())
        })?;
        Ok(seen)
    }

    #[test]
    fn lines_follow_each_other_from_two_writers_and_after_a_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        assert!(read(&path).unwrap().is_empty() && !path.exists(), "reading makes no file");
        let mut one = Chain::at(&path, FIRST);
        let mut two = Chain::at(&path, FIRST);
        let mut seen = Vec::new();
        add(&mut one, 1);
        let mut see = |line: &Value| {
            seen.extend(line["n"].as_u64());
            Ok(())
        };
        two.append(line(2), &mut see).unwrap();
        assert_eq!(seen, [1, 2]);
        add(&mut one, 3);
        File::options().append(true).open(&path).unwrap().write_all(b"{\"n\":4").unwrap();
        assert_eq!(read(&path).unwrap(), [1, 2, 3]);
        add(&mut one, 5);
        assert_eq!(read(&path).unwrap(), [1, 2, 3, 5]);
    }

    #[test]
    fn a_line_that_was_dropped_or_changed_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut chain = Chain::at(&path, FIRST);
        (1..=3).for_each(|n| add(&mut chain, n));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let changed = text.replace("\"n\":2", "\"n\":7");
        for broken in [format!("{}\n{}\n", lines[0], lines[2]), changed] {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(read(&path), Err(IncidentError::Tampered(_))));
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_read_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let long = Map::from_iter([("n".to_owned(), "x".repeat(LINE_BYTES_MAX as usize).into())]);
        let refused = Chain::at(&path, FIRST).append(long, &mut |_| Ok(()));
        assert!(matches!(refused, Err(IncidentError::Asked(_))));
        std::fs::write(&path, vec![b'x'; 2 * LINE_BYTES_MAX as usize]).unwrap();
        assert!(matches!(read(&path), Err(IncidentError::Tampered(_))));
    }
}
