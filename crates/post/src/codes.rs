//! Codes by which a hotline knows a letter of ours. The data folder has their hashes alone.

use crate::error::{PostError, Result};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use keyproto::jws::sha256;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use terms::{FileId, JobId};

/// What a letter is known by: 80 random bits, four groups of four.
pub(crate) struct Code(String);

/// Where the letter with a code is.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// The job.
    pub job: JobId,
    /// The batch.
    pub batch: u32,
    /// Its number within the batch.
    pub number: u32,
    /// The file that it is about.
    pub file: FileId,
}

impl Code {
    pub(crate) fn draw() -> Result<Code> {
        let letters = BASE32_NOPAD.encode(&crate::random::<10>()?);
        let groups: Vec<&str> =
            (0..letters.len()).step_by(4).map(|at| &letters[at..at + 4]).collect();
        Ok(Code(groups.join("-")))
    }

    /// As it is printed.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The line that remembers it.
    pub(crate) fn line(&self, incident: &str, known: &Known) -> String {
        let Known { job, batch, number, file } = known;
        format!("{} {job} {batch} {number} {file}\n", hash(incident, &self.0))
    }
}

/// The file of hashes.
pub(crate) fn path(incident: &Path) -> PathBuf {
    incident.join("letter-codes")
}

/// Makes the hashes of one batch durable, before any letter of it is where a printer finds it.
pub(crate) fn remember(incident: &Path, lines: &str) -> Result<()> {
    let path = path(incident);
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    let mut file = opened.map_err(PostError::world(path.display()))?;
    // A line that a crash cut in the middle is ended, so that it spoils none of these.
    let written = file.write_all(format!("\n{lines}").as_bytes());
    written.and_then(|()| file.sync_data()).map_err(PostError::world(path.display()))
}

/// The letter with this code, or about this file: the newest of several. A code that was
/// remembered for a batch that a crash took away was never printed.
pub(crate) fn find(folder: &Path, incident: &str, asked: &str) -> Result<Option<Known>> {
    let path = path(folder);
    let Ok(file) = std::fs::File::open(&path) else { return Ok(None) };
    let (hash, file_id) = (hash(incident, asked), asked.trim().parse::<FileId>().ok());
    let mut found = None;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(PostError::world(path.display()))?;
        let parts: Vec<&str> = line.split(' ').collect();
        let [of, job, batch, number, about] = parts[..] else { continue };
        let about_it = file_id.is_some_and(|id| about.parse() == Ok(id));
        if of != hash && !about_it {
            continue;
        }
        let known = || {
            Some(Known {
                job: job.parse().ok()?,
                batch: batch.parse().ok()?,
                number: number.parse().ok()?,
                file: about.parse().ok()?,
            })
        };
        found = known().or(found);
    }
    Ok(found)
}

/// However its letters and groups are written or misread: no code has the digits 0, 1 and 8.
fn hash(incident: &str, code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters
        .map(|letter| match letter.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            letter => letter,
        })
        .collect();
    HEXLOWER.encode(&sha256(format!("cofferdam letter code\n{incident}\n{letters}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let (job, file) = (JobId::from_bytes([1; 10]), FileId::from_bytes([2; 16]));
        let known = Known { job, batch: 3, number: 4, file };
        let code = Code::draw().unwrap();
        assert_eq!(code.text().len(), 19);
        remember(folder.path(), &code.line("2026-11-26-1", &known)).unwrap();
        let text = code.text().to_lowercase().replace('-', " ").replace('o', "0");
        let found = find(folder.path(), "2026-11-26-1", &text).unwrap();
        assert_eq!(found, Some(Known { job, batch: 3, number: 4, file }));
        assert!(find(folder.path(), "2026-11-26-1", &file.to_string()).unwrap().is_some());
        assert!(find(folder.path(), "2026-11-26-2", &text).unwrap().is_none());
        let other = Code::draw().unwrap();
        assert!(find(folder.path(), "2026-11-26-1", other.text()).unwrap().is_none());
        let stored = std::fs::read_to_string(path(folder.path())).unwrap();
        assert!(!stored.contains(code.text()) && stored.starts_with('\n'));
    }
}
