//! Greeting, nonces, sign-in, health.

use super::Hash;
use minicbor::{Decode, Encode};
use terms::{CardId, FileId, PracticeId, Role, ServerId, SessionId, Time};

/// First on every connection.
#[derive(Encode, Decode)]
pub struct Hello {
    /// [`VERSION`].
    #[n(0)]
    pub version: u16,
    /// The server, as the ledger names it.
    #[n(1)]
    pub server: ServerId,
    /// The origin under which clients reach the server, such as `https://localhost:8443`: the
    /// addresses that clients sign must begin with it.
    #[n(2)]
    pub origin: String,
}

/// The keyholder's side of the greeting.
#[derive(Clone, Encode, Decode)]
pub struct Welcome {
    /// The installation's name, bound into every seal.
    #[n(0)]
    pub tenant: String,
    /// The ledger's verifier key (C2SP signed note).
    #[n(1)]
    pub verifier: String,
}

/// Asks for a nonce.
#[derive(Encode, Decode)]
pub struct Nonce {
    /// The file that the next proof with it may open although the signed address does not name it.
    #[n(0)]
    pub file: Option<FileId>,
}

/// A card signs in: SMART Backend Services' assertion, and the device's proof for the same request.
#[derive(Encode, Decode)]
pub struct SignIn {
    /// The card's signed assertion (RFC 7523).
    #[n(0)]
    pub assertion: String,
    /// The device's proof (RFC 9449).
    #[n(1)]
    pub proof: String,
    /// The address of the token endpoint.
    #[n(2)]
    pub url: String,
}

/// A session.
#[derive(Clone, Encode, Decode)]
pub struct Session {
    /// Its name. Not a secret worth much: every request is signed as well.
    #[n(0)]
    pub session: SessionId,
    /// Its card.
    #[n(1)]
    pub card: CardId,
    /// The card's role.
    #[n(2)]
    pub role: Role,
    /// The card's practice.
    #[n(3)]
    pub practice: PracticeId,
    /// Its end.
    #[n(4)]
    pub until: Time,
    /// RFC 7638 thumbprint of the device key.
    #[n(5)]
    pub thumbprint: Hash,
    /// A patient card's own file.
    #[n(6)]
    pub file: Option<FileId>,
}

/// How the keyholder is.
#[derive(Clone, Encode, Decode)]
pub struct Health {
    /// Whether it can record, and so open.
    #[n(0)]
    pub ready: bool,
    /// Entries in the ledger.
    #[n(1)]
    pub entries: u64,
    /// Files with a key.
    #[n(2)]
    pub files: u64,
    /// Live sessions.
    #[n(3)]
    pub sessions: u64,
    /// Openings since the process started.
    #[n(4)]
    pub openings: u64,
    /// Refusals since the process started.
    #[n(5)]
    pub refusals: u64,
    /// The newest signed checkpoint.
    #[n(6)]
    pub checkpoint: String,
    /// What keeps it from being ready, in words.
    #[n(7)]
    pub trouble: Option<String>,
    /// One more than the number of the last entry that took something away, 0 if none did since
    /// the process started: whoever keeps files open closes them where it changes.
    #[n(8)]
    pub taken_away: u64,
}
