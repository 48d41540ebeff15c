//! A journal whose lines are chained: each carries the hash of the line before, so that none is
//! dropped or changed unnoticed. Several commands may append to it at once.

use crate::client::now;
use crate::failure::{Failure, Outcome};
use data_encoding::HEXLOWER;
use keyproto::jws::sha256;
use serde_json::{Map, Value};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// An open journal, read as far as `at`.
pub(super) struct Chain {
    path: PathBuf,
    file: File,
    at: u64,
    previous: String,
}

impl Chain {
    /// Opens it, made where it is not there; `each` gets every line.
    pub(super) fn open(path: &Path, each: &mut dyn FnMut(&Value)) -> Outcome<Chain> {
        let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let file = opened.map_err(Failure::world(path.display()))?;
        let previous = HEXLOWER.encode(&[0; 32]);
        let mut chain = Chain { path: path.to_owned(), file, at: 0, previous };
        chain.locked(|chain| chain.catch_up(each))?;
        Ok(chain)
    }

    /// Appends one line, durable when this returns; `each` gets what others appended before.
    pub(super) fn append(
        &mut self,
        mut line: Map<String, Value>,
        each: &mut dyn FnMut(&Value),
    ) -> Outcome {
        self.locked(|chain| {
            chain.catch_up(each)?;
            line.insert("at".into(), now().to_string().into());
            line.insert("previous".into(), chain.previous.clone().into());
            let mut text = Value::Object(line).to_string();
            each(&serde_json::from_str(&text).map_err(Failure::world("the journal"))?);
            chain.previous = HEXLOWER.encode(&sha256(text.as_bytes()));
            text.push('\n');
            let written = chain.file.write_all(text.as_bytes());
            written.and_then(|()| chain.file.sync_data()).map_err(chain.failed())?;
            chain.at += text.len() as u64;
            Ok(())
        })
    }

    fn locked(&mut self, act: impl FnOnce(&mut Chain) -> Outcome) -> Outcome {
        self.file.lock().map_err(self.failed())?;
        let done = act(self);
        self.file.unlock().map_err(self.failed())?;
        done
    }

    /// Reads what is new; a last line that was cut in the middle is taken away.
    fn catch_up(&mut self, each: &mut dyn FnMut(&Value)) -> Outcome {
        let mut reader = BufReader::new(self.file.try_clone().map_err(self.failed())?);
        reader.seek(SeekFrom::Start(self.at)).map_err(self.failed())?;
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(self.failed())? > 0 {
            let Some(text) = line.strip_suffix('\n') else {
                return self.file.set_len(self.at).map_err(self.failed());
            };
            let value: Value = serde_json::from_str(text).map_err(|_| self.broken())?;
            if value["previous"].as_str() != Some(&self.previous) {
                return Err(self.broken());
            }
            each(&value);
            self.previous = HEXLOWER.encode(&sha256(text.as_bytes()));
            self.at += line.len() as u64;
            line.clear();
        }
        Ok(())
    }

    fn broken(&self) -> Failure {
        let (path, at) = (self.path.display(), self.at);
        Failure::Tampered(format!("{path}: the line at byte {at} does not follow the one before"))
    }

    fn failed(&self) -> impl FnOnce(std::io::Error) -> Failure + use<> {
        Failure::world(self.path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64) -> Map<String, Value> {
        Map::from_iter([("n".to_owned(), number.into())])
    }

    fn read(path: &Path) -> Outcome<Vec<u64>> {
        let mut seen = Vec::new();
        Chain::open(path, &mut |line| seen.extend(line["n"].as_u64()))?;
        Ok(seen)
    }

    #[test]
    fn lines_follow_each_other_from_two_writers_and_after_a_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut one = Chain::open(&path, &mut |_| {}).unwrap();
        let mut two = Chain::open(&path, &mut |_| {}).unwrap();
        let mut seen = Vec::new();
        one.append(line(1), &mut |_| {}).unwrap();
        two.append(line(2), &mut |line| seen.extend(line["n"].as_u64())).unwrap();
        assert_eq!(seen, [1, 2]);
        one.append(line(3), &mut |_| {}).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(b"{\"n\":4").unwrap();
        assert_eq!(read(&path).unwrap(), [1, 2, 3]);
        one.append(line(5), &mut |_| {}).unwrap();
        assert_eq!(read(&path).unwrap(), [1, 2, 3, 5]);
    }

    #[test]
    fn a_line_that_was_dropped_or_changed_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut chain = Chain::open(&path, &mut |_| {}).unwrap();
        (1..=3).for_each(|n| chain.append(line(n), &mut |_| {}).unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let changed = text.replace("\"n\":2", "\"n\":7");
        for broken in [format!("{}\n{}\n", lines[0], lines[2]), changed] {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(read(&path), Err(Failure::Tampered(_))));
        }
    }
}
