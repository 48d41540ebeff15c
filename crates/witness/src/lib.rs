//! A witness: cosigns a log's checkpoints, and never two histories of it (C2SP `tlog-witness`).
//!
//! Trust: whoever runs a witness vouches for one thing, that every checkpoint it cosigned of a log
//! extends the one before. It learns sizes and hashes, nothing of what the log says. It signs only
//! after the new checkpoint is on its disk, so that a restart forgets nothing.
//!
//! Sans-IO but for its folder: whoever serves HTTP calls [`Witness::add_checkpoint`].

mod key;
mod request;
mod state;

pub use key::Key;
pub use request::{REQUEST_BYTES_MAX, Request};

use ledger::{Verifier, verify_consistency};
use state::State;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A witness of some logs.
pub struct Witness {
    keys: Vec<Key>,
    logs: Vec<Verifier>,
    state: Mutex<State>,
}

/// What a witness answers, as `tlog-witness` has it.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: the cosignatures, a line each.
    Cosigned(String),
    /// 400: not a request, or the old size is beyond the new one.
    Malformed,
    /// 403: no key of this log signed it.
    Forbidden,
    /// 404: a log that this witness does not know.
    UnknownLog,
    /// 409: the last size that this witness cosigned is this one; or, at equal sizes, the roots
    /// differ: the log has two histories.
    Conflict(u64),
    /// 422: the proof does not show that the new log begins with the old one.
    Unprovable,
    /// 500: the checkpoint could not be kept, so nothing was signed.
    Failed(String),
}

/// A witness cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A name, key or file is not what it should be.
    #[error("{0}")]
    Asked(String),
    /// The disk failed.
    #[error("{0}")]
    World(String),
    /// What it remembers was altered: it signs nothing.
    #[error("{0}")]
    Tampered(String),
}

impl Witness {
    /// A witness of these logs, with what it remembers in this folder.
    pub fn open(keys: Vec<Key>, logs: Vec<Verifier>, folder: &Path) -> Result<Self, WitnessError> {
        let state = State::open(folder, &logs)?;
        Ok(Witness { keys, logs, state: Mutex::new(state) })
    }

    /// The body of `POST /add-checkpoint`, at this second of the epoch.
    pub fn add_checkpoint(&self, now: u64, body: &[u8]) -> Answer {
        let Some(request) = Request::parse(body) else { return Answer::Malformed };
        let origin = request.origin();
        let Some(log) = self.logs.iter().find(|log| log.origin() == origin) else {
            return Answer::UnknownLog;
        };
        let Ok(head) = log.verify(request.checkpoint) else { return Answer::Forbidden };
        if request.old > head.size {
            return Answer::Malformed;
        }
        // One lock from the comparison to the disk: of two requests one sees the other's size.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let last = state.head(origin);
        if request.old != last.size || (last.size == head.size && last.root != head.root) {
            return Answer::Conflict(last.size);
        }
        if verify_consistency(&last, &head, &request.proof).is_err() {
            return Answer::Unprovable;
        }
        let Some(lines) = self.cosign(now, request.checkpoint) else { return Answer::Malformed };
        match state.keep(origin, head, request.checkpoint) {
            Ok(()) => Answer::Cosigned(lines),
            Err(error) => Answer::Failed(error.to_string()),
        }
    }

    /// The size of the newest checkpoint of this log that it cosigned; none of an unknown log.
    pub fn seen(&self, origin: &str) -> Option<u64> {
        self.logs.iter().find(|log| log.origin() == origin)?;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Some(state.head(origin).size)
    }

    fn cosign(&self, now: u64, checkpoint: &[u8]) -> Option<String> {
        let (text, _) = ledger::cosignature::text_of(checkpoint).ok()?;
        self.keys.iter().map(|key| key.cosign(now, text)).collect()
    }
}

#[cfg(test)]
mod tests;
