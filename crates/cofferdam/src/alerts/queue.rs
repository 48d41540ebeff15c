//! The file of all cases: lines are appended and never changed.
//!
//! Two kinds of process write it, the watch and the commands of officers, each holding its lock
//! for one append that is on the disk before it returns. A line that a crash tore stays alone on
//! its line and is passed over.

use super::told::Line;
use crate::failure::{Failure, Outcome};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Longest line that is read.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The file, for appending.
pub(crate) struct Queue(PathBuf);

impl Queue {
    pub(crate) fn at(path: &Path) -> Queue {
        Queue(path.to_owned())
    }

    /// Appends a line; it is durable when this returns.
    pub(crate) fn append(&self, line: &Line) -> Outcome {
        self.try_append(line).map_err(Failure::world(self.0.display()))
    }

    /// Every line that can be read.
    pub(crate) fn lines(&self) -> Outcome<Vec<Line>> {
        let mut reader = Reader::new(&self.0);
        reader.new_lines().map_err(Failure::world(self.0.display()))
    }

    fn try_append(&self, line: &Line) -> io::Result<()> {
        let mut file = private(&self.0)?;
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
pub(crate) struct Reader {
    path: PathBuf,
    /// How far it has read.
    pub(crate) offset: u64,
}

impl Reader {
    pub(crate) fn new(path: &Path) -> Reader {
        Reader { path: path.to_owned(), offset: 0 }
    }

    /// The lines that came since; one that is not ended yet is left for the next time.
    pub(crate) fn new_lines(&mut self) -> io::Result<Vec<Line>> {
        Ok(self.lines_with_ends()?.into_iter().map(|(line, _)| line).collect())
    }

    /// The same, each with the place at which it ends.
    pub(crate) fn lines_with_ends(&mut self) -> io::Result<Vec<(Line, u64)>> {
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
            let line = serde_json::from_slice::<Line>(&bytes).ok();
            lines.extend(line.map(|line| (line, self.offset)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::{closed, line};
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_appended_is_read_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Queue::at(&folder.path().join("cases"));
        assert_eq!(queue.lines().unwrap(), []);
        queue.append(&line()).unwrap();
        queue.append(&closed()).unwrap();
        assert_eq!(queue.lines().unwrap(), [line(), closed()]);
        let mode = std::fs::metadata(&queue.0).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_torn_line_is_passed_over_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let text = serde_json::to_vec(&line()).unwrap();
        for kept in 1..text.len() {
            let queue = Queue::at(&folder.path().join(kept.to_string()));
            queue.append(&closed()).unwrap();
            private(&queue.0).unwrap().write_all(&text[..kept]).unwrap();
            assert_eq!(queue.lines().unwrap(), [closed()]);
            queue.append(&line()).unwrap();
            assert_eq!(queue.lines().unwrap(), [closed(), line()], "torn after {kept} bytes");
        }
    }

    #[test]
    fn a_reader_sees_each_line_once_and_none_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases");
        let (queue, mut reader) = (Queue::at(&path), Reader::new(&path));
        assert_eq!(reader.new_lines().unwrap(), []);
        queue.append(&line()).unwrap();
        assert_eq!(reader.new_lines().unwrap(), [line()]);
        let text = serde_json::to_vec(&closed()).unwrap();
        private(&path).unwrap().write_all(&text).unwrap();
        assert_eq!(reader.new_lines().unwrap(), []);
        private(&path).unwrap().write_all(b"\n").unwrap();
        assert_eq!(reader.new_lines().unwrap(), [closed()]);
    }
}
