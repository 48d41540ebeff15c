//! What officers did about reports: one JSON object a line, appended, never a finder's words.

use crate::client::now;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Longest journal that is read.
const JOURNAL_BYTES_MAX: u64 = 16 << 20;

/// One act.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) at: String,
    pub(super) id: String,
    pub(super) what: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Answered,
    Closed,
    Erased,
    Advised,
}

/// Writes one down, durably.
pub(super) fn append(home: &Home, id: &str, what: What, note: Option<String>) -> Outcome {
    let path = home.disclosures();
    path.parent().map_or(Ok(()), Home::make)?;
    let line = Line { at: now().to_string(), id: id.to_owned(), what, note };
    let write = || {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        file.lock()?;
        file.write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())?;
        file.sync_data()
    };
    write().map_err(Failure::world(path.display()))
}

/// Every act that can be read; a torn last line is none.
pub(super) fn lines(home: &Home) -> Outcome<Vec<Line>> {
    let path = home.disclosures();
    let mut text = String::new();
    match std::fs::File::open(&path) {
        Ok(file) => file.take(JOURNAL_BYTES_MAX).read_to_string(&mut text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
    .map_err(Failure::world(path.display()))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
