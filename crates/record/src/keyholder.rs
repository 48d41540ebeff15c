//! The client of the keyholder: a pool of connections on its Unix socket.

use crate::errors::KeyholderError;
use crate::records::Settings;
use keyproto::message::{
    Find, Health, Line, Open, Order, Present, Recorded, Release, Report, Session, SignIn, Welcome,
};
use terms::{FileId, Sections, SessionId, Time};

/// A connection to the keyholder that survives its restarts. Share it; every call blocks.
pub struct Keyholder {
    welcome: Welcome,
}

/// Keys of one file, released to one session: only an answer of the keyholder makes one.
///
/// No `Debug`, no `Clone`; the keys are overwritten when it is dropped.
pub struct RecordedRelease(pub(crate) Release);

/// What a look-up found.
pub struct FoundFiles {
    /// Files whose label may be shown: open each.
    pub shown: Vec<RecordedRelease>,
    /// Files that exist, and nothing may be shown.
    pub told: Vec<FileId>,
    /// Whether there are more: ask more narrowly.
    pub more: bool,
}

impl Keyholder {
    /// Connects and greets; fails if the keyholder speaks another version.
    pub fn connect(settings: &Settings) -> Result<Keyholder, KeyholderError> {
        let _ = settings;
        todo!()
    }

    /// The installation's name, bound into every seal.
    pub fn tenant(&self) -> &str {
        &self.welcome.tenant
    }

    /// The ledger's verifier key (C2SP signed note).
    pub fn verifier(&self) -> &str {
        &self.welcome.verifier
    }

    /// A nonce for the next proof; `file` is what the proof may open although its address does not
    /// name it.
    pub fn nonce(&self, file: Option<FileId>) -> Result<String, KeyholderError> {
        let _ = file;
        todo!()
    }

    /// A card signs in.
    pub fn sign_in(&self, request: SignIn) -> Result<Session, KeyholderError> {
        let _ = request;
        todo!()
    }

    /// A session ends.
    pub fn sign_out(&self, session: SessionId) -> Result<(), KeyholderError> {
        let _ = session;
        todo!()
    }

    /// A session opens one file.
    pub fn open(&self, request: Open) -> Result<RecordedRelease, KeyholderError> {
        let _ = request;
        todo!()
    }

    /// A bearer token repeats the one opening it stands for.
    pub fn present(&self, request: Present) -> Result<RecordedRelease, KeyholderError> {
        let _ = request;
        todo!()
    }

    /// A session looks for a patient.
    pub fn find(&self, request: Find) -> Result<FoundFiles, KeyholderError> {
        let _ = request;
        todo!()
    }

    /// Somebody orders something.
    pub fn order(&self, request: Order) -> Result<Recorded, KeyholderError> {
        let _ = request;
        todo!()
    }

    /// Asks the ledger; `each` gets every line, and may stop by an error.
    pub fn report(
        &self,
        request: Report,
        each: &mut dyn FnMut(Line) -> Result<(), KeyholderError>,
    ) -> Result<(), KeyholderError> {
        let _ = (request, each);
        todo!()
    }

    /// How the keyholder is.
    pub fn health(&self) -> Result<Health, KeyholderError> {
        todo!()
    }
}

impl RecordedRelease {
    /// The file.
    pub fn file(&self) -> FileId {
        self.0.file
    }

    /// The session it was released to; for a bearer token the one that signed for it.
    pub fn session(&self) -> &Session {
        &self.0.session
    }

    /// What was released.
    pub fn sections(&self) -> Sections {
        self.0.sections
    }

    /// What the file has besides.
    pub fn hidden(&self) -> Sections {
        self.0.hidden
    }

    /// Number of the ledger entry that records it.
    pub fn entry(&self) -> u64 {
        self.0.entry
    }

    /// Last moment at which it may be used.
    pub fn until(&self) -> Time {
        self.0.until
    }
}
