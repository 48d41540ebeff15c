//! What an import has done, one line per source.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::Path;
use terms::ListId;

use crate::import::ImportError;

/// Lines are appended by one write each, so kill -9 costs at most the last one: a source whose line
/// is lost is found again by the identifier of the import.
pub(crate) struct Journal {
    file: File,
    done: HashSet<String>,
}

impl Journal {
    pub(crate) fn open(path: &Path, list: ListId) -> Result<Journal, ImportError> {
        let opened = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(failed)?;
        let title = format!("cofferdam import 1 {list}");
        let mut lines = BufReader::new(&file).lines();
        let mut done = HashSet::new();
        match lines.next().transpose().map_err(failed)? {
            None => writeln!(file, "{title}").map_err(failed)?,
            Some(found) if found == title => {
                for line in lines {
                    done.insert(line.map_err(failed)?);
                }
            }
            Some(_) => {
                return Err(ImportError::Journal("it belongs to another list".into()));
            }
        }
        end_last_line(&mut file)?;
        Ok(Journal { file, done })
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.done.contains(key)
    }

    pub(crate) fn done(&mut self, key: &str) -> Result<(), ImportError> {
        self.file.write_all(format!("{key}\n").as_bytes()).map_err(failed)?;
        self.done.insert(key.to_owned());
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> Result<(), ImportError> {
        self.file.sync_data().map_err(failed)
    }
}

/// Ends a line that was cut in the middle, so that the next one stands alone.
fn end_last_line(file: &mut File) -> Result<(), ImportError> {
    let mut last = [b'\n'];
    if file.seek(std::io::SeekFrom::End(-1)).is_ok() {
        std::io::Read::read_exact(file, &mut last).map_err(failed)?;
    }
    if last == [b'\n'] { Ok(()) } else { file.write_all(b"\n").map_err(failed) }
}

fn failed(error: std::io::Error) -> ImportError {
    ImportError::Journal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_resumes_even_after_a_cut_line_and_refuses_another_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let list = ListId::from_bytes([1; 10]);
        let mut journal = Journal::open(&path, list).unwrap();
        journal.done("one").unwrap();
        journal.file.write_all(b"tw").unwrap();
        drop(journal);
        let mut journal = Journal::open(&path, list).unwrap();
        assert!(journal.has("one") && !journal.has("two"));
        journal.done("three").unwrap();
        let journal = Journal::open(&path, list).unwrap();
        assert!(journal.has("one") && journal.has("three") && !journal.has("two"));
        assert!(Journal::open(&path, ListId::from_bytes([2; 10])).is_err());
    }
}
