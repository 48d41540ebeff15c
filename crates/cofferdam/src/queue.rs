//! A file of lines that are appended and never changed: alerts and cases, what officers did about
//! reports.
//!
//! Several processes write it, such as the watch and the commands of officers, each holding its
//! lock for one append that is on the disk before it returns. A line that a crash tore stays alone
//! on its line and is passed over.

use crate::failure::{Failure, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Longest line that is read.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The file, for appending.
pub(crate) struct Queue<L> {
    path: PathBuf,
    lines: PhantomData<fn() -> L>,
}

impl<L: Serialize + DeserializeOwned> Queue<L> {
    pub(crate) fn at(path: &Path) -> Queue<L> {
        Queue { path: path.to_owned(), lines: PhantomData }
    }

    /// Appends a line; it is durable when this returns.
    pub(crate) fn append(&self, line: &L) -> Outcome {
        self.try_append(line).map_err(Failure::world(self.path.display()))
    }

    /// Every line that can be read.
    pub(crate) fn lines(&self) -> Outcome<Vec<L>> {
        let mut reader = Reader::new(&self.path);
        reader.new_lines().map_err(Failure::world(self.path.display()))
    }

    fn try_append(&self, line: &L) -> io::Result<()> {
        let mut file = private(&self.path)?;
        file.lock()?;
        let mut text = Vec::new();
        if ends_torn(&mut file)? {
            text.push(b'\n');
        }
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
        file.write_all(&text)?;
        file.sync_data()
    }
}

/// A file for its owner alone, made where it is not there, that grows at its end.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

/// Reads lines as they come.
pub(crate) struct Reader<L> {
    path: PathBuf,
    /// How far it has read.
    pub(crate) offset: u64,
    lines: PhantomData<fn() -> L>,
}

impl<L: DeserializeOwned> Reader<L> {
    pub(crate) fn new(path: &Path) -> Reader<L> {
        Reader { path: path.to_owned(), offset: 0, lines: PhantomData }
    }

    /// The lines that came since; one that is not ended yet is left for the next time.
    pub(crate) fn new_lines(&mut self) -> io::Result<Vec<L>> {
        Ok(self.lines_with_ends()?.into_iter().map(|(line, _)| line).collect())
    }

    /// The same, each with the place at which it ends.
    pub(crate) fn lines_with_ends(&mut self) -> io::Result<Vec<(L, u64)>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file?,
        };
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(self.offset))?;
        let mut lines = Vec::new();
        loop {
            let mut bytes = Vec::new();
            let read = (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
            let ended = bytes.last() == Some(&b'\n');
            if read == 0 || (!ended && (read as u64) < LINE_BYTES_MAX) {
                return Ok(lines);
            }
            self.offset += read as u64;
            let line = serde_json::from_slice::<L>(&bytes).ok();
            lines.extend(line.map(|line| (line, self.offset)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::os::unix::fs::PermissionsExt;

    fn line() -> Value {
        json!({"id": "2026-11-26-1", "what": "raised"})
    }

    fn closed() -> Value {
        json!({"id": "2026-11-26-1", "what": "closed"})
    }

    #[test]
    fn what_was_appended_is_read_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Queue::at(&folder.path().join("cases"));
        assert!(queue.lines().unwrap().is_empty());
        queue.append(&line()).unwrap();
        queue.append(&closed()).unwrap();
        assert_eq!(queue.lines().unwrap(), [line(), closed()]);
        let mode = std::fs::metadata(&queue.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_torn_line_is_passed_over_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let text = serde_json::to_vec(&line()).unwrap();
        for kept in 1..text.len() {
            let queue = Queue::at(&folder.path().join(kept.to_string()));
            queue.append(&closed()).unwrap();
            private(&queue.path).unwrap().write_all(&text[..kept]).unwrap();
            assert_eq!(queue.lines().unwrap(), [closed()]);
            queue.append(&line()).unwrap();
            assert_eq!(queue.lines().unwrap(), [closed(), line()], "torn after {kept} bytes");
        }
    }

    #[test]
    fn a_reader_sees_each_line_once_and_none_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases");
        let (queue, mut reader) = (Queue::at(&path), Reader::<Value>::new(&path));
        assert!(reader.new_lines().unwrap().is_empty());
        queue.append(&line()).unwrap();
        assert_eq!(reader.new_lines().unwrap(), [line()]);
        let text = serde_json::to_vec(&closed()).unwrap();
        private(&path).unwrap().write_all(&text).unwrap();
        assert!(reader.new_lines().unwrap().is_empty());
        private(&path).unwrap().write_all(b"\n").unwrap();
        assert_eq!(reader.new_lines().unwrap(), [closed()]);
    }
}
