//! The decision: events in, ledger entries and a verdict out. Sans-IO, and the whole of the trust.
//!
//! Trust: nothing is released but by a [`Verdict`] of [`Core::handle`], whose entries the process
//! around it makes durable first. [`State`] is a fold of those entries and of nothing else.

mod event;
mod state;

pub use event::{
    Asked, Begin, Event, FileView, Granted, Named, Outcome, Released, SessionView, SignIn, Target,
    Verdict,
};
pub use state::{Inconsistent, State};

use terms::{FileId, ServerId, Time};

/// The keyholder's mind: what the ledger says, and what may be forgotten when the process ends.
pub struct Core {
    state: State,
}

impl Core {
    /// A core that goes on from this state; every nonce given out before is worthless.
    pub fn new(state: State, nonce_key: [u8; 32], limits: Limits) -> Core {
        let _ = (nonce_key, limits);
        Core { state }
    }

    /// What the ledger says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// A nonce for one proof within [`terms::NONCE_SECONDS_MAX`]; with a file, it may open that
    /// file although the signed address does not name it.
    pub fn nonce(&mut self, now: Time, file: Option<FileId>) -> String {
        let _ = (now, file);
        String::new()
    }

    /// Decides: at once part of the state, and worth nothing until the entries are durable.
    ///
    /// After a failed append the process starts over from the ledger with [`Core::new`].
    pub fn handle(&mut self, now: Time, server: ServerId, event: Event) -> Outcome {
        let _ = (now, server, event);
        let verdict = Verdict::AskedWrongly("not decided yet");
        Outcome { first: self.state.entries(), entries: Vec::new(), verdict }
    }
}

/// How much is too much. The defaults are right for a start; see the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most distinct files of one session, unless its sign-in asks for fewer.
    pub session_openings: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { session_openings: 250 }
    }
}
