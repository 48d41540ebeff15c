//! What officers did about reports: one JSON object a line, appended, never a finder's words.

use crate::client::now;
use crate::failure::Outcome;
use crate::home::Home;
use crate::queue::Queue;
use serde::{Deserialize, Serialize};

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
    home.disclosures().parent().map_or(Ok(()), Home::make)?;
    let line = Line { at: now().to_string(), id: id.to_owned(), what, note };
    Queue::at(&home.disclosures()).append(&line)
}

/// Every act that can be read.
pub(super) fn lines(home: &Home) -> Outcome<Vec<Line>> {
    Queue::at(&home.disclosures()).lines()
}
