//! Requests of the server and answers of the keyholder.
//!
//! Field numbers are never reused. Every answer to a refused request has the same shape.

macro_rules! bytes_of {
    ($name:ident, $what:literal) => {
        impl $name {
            /// The message as bytes.
            pub fn to_bytes(&self) -> Vec<u8> {
                // Invariant: a `Vec` takes every write, and no field refuses to be encoded.
                minicbor::to_vec(self).expect("invariant: messages encode")
            }

            /// Reads a message; anything left over or unknown is an error.
            pub fn from_bytes(bytes: &[u8]) -> Result<$name, minicbor::decode::Error> {
                let mut decoder = minicbor::Decoder::new(bytes);
                let message = decoder.decode()?;
                if decoder.position() == bytes.len() {
                    Ok(message)
                } else {
                    Err(minicbor::decode::Error::message(concat!("bytes after the ", $what)))
                }
            }
        }
    };
}

mod deposit;
mod job;
mod ledger;
mod no;
mod opening;
mod proof;
mod sign_in;
mod watch;

pub use deposit::{Commit, Deposit, Facts, Grant, NewFile, Target};
pub use job::{Job, OpenForJob, job_address};
pub use ledger::{CLOSING, Closing, Line, Order, Question, Recorded, Report, Tally};
pub use no::{Ask, Failure, Refusal};
pub use opening::{Find, Found, Identifier, Key, Open, Present, Query, Release};
pub use proof::{AskedProof, Disclosed, NAMING, PROVE_ENTRIES_MAX, Prove, Proved, naming};
pub use sign_in::{Health, Hello, Nonce, Session, SignIn, Welcome};
pub use watch::{Step, Stop, Watch};

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use terms::{Blind, FileId, JobId, SessionId};

/// The version of this protocol; both sides refuse another.
pub const VERSION: u16 = 3;

/// 32 bytes: a hash or a chain value.
pub type Hash = ByteArray<32>;

/// What the server asks.
#[derive(Encode, Decode)]
pub enum Request {
    /// First on every connection.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// A nonce for the next proof.
    #[n(1)]
    Nonce(#[n(0)] Nonce),
    /// A card signs in.
    #[n(2)]
    SignIn(#[n(0)] SignIn),
    /// A session opens a file.
    #[n(3)]
    Open(#[n(0)] Open),
    /// A bearer token repeats the one opening it stands for.
    #[n(4)]
    Present(#[n(0)] Present),
    /// A session looks for a patient.
    #[n(5)]
    Find(#[n(0)] Find),
    /// A session asks for the next segment keys of a file.
    #[n(6)]
    Deposit(#[n(0)] Deposit),
    /// The segments of a deposit are stored.
    #[n(7)]
    Commit(#[n(0)] Commit),
    /// A deposit came to nothing.
    #[n(8)]
    Abort(#[n(0)] u64),
    /// Officers, patients and practices order something.
    #[n(9)]
    Order(#[n(0)] Order),
    /// An officer or patient asks the ledger.
    #[n(10)]
    Report(#[n(0)] Report),
    /// The server opens the directory of practitioners and organisations.
    #[n(11)]
    Directory,
    /// A session ends.
    #[n(12)]
    SignOut(#[n(0)] SessionId),
    /// How the keyholder is.
    #[n(13)]
    Health,
    /// A consistent copy of key table and ledger, made in the keyholder's own folder.
    #[n(14)]
    Backup,
    /// The newest checkpoint, and the proof that its log begins with one of this many entries.
    #[n(15)]
    Checkpoint(#[n(0)] u64),
    /// A checkpoint with witnesses' cosignatures.
    #[n(16)]
    Cosigned(#[n(0)] String),
    /// First on every connection of the watch, which asks nothing but the next three.
    #[n(17)]
    Watch(#[n(0)] Watch),
    /// The entries from this number on, without anybody's words.
    #[n(18)]
    Follow(#[n(0)] u64),
    /// The watch steps in.
    #[n(19)]
    Step(#[n(0)] Step),
    /// Whether this canary would stop whoever touches it; nothing is recorded.
    #[n(20)]
    Rehearse(#[n(0)] Blind),
    /// An officer or patient asks for proofs of entries about one file.
    #[n(21)]
    Prove(#[n(0)] Prove),
    /// A session opens one file of a job that two officers approved.
    #[n(23)]
    OpenForJob(#[n(0)] OpenForJob),
    /// What two officers approved under this name.
    #[n(24)]
    Job(#[n(0)] JobId),
}

/// What the keyholder answers.
#[derive(Encode, Decode)]
pub enum Answer {
    /// To [`Request::Hello`] and [`Request::Watch`].
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// To [`Request::Nonce`].
    #[n(1)]
    Nonce(#[n(0)] String),
    /// To [`Request::SignIn`].
    #[n(2)]
    SignedIn(#[n(0)] Session),
    /// To [`Request::Open`], [`Request::Present`], [`Request::Directory`] and
    /// [`Request::OpenForJob`].
    #[n(3)]
    Opened(#[n(0)] Release),
    /// To [`Request::Find`].
    #[n(4)]
    Found(#[n(0)] Found),
    /// To [`Request::Deposit`].
    #[n(5)]
    Granted(#[n(0)] Grant),
    /// To [`Request::Deposit`] for a new file: the identifier belongs to this one already.
    #[n(6)]
    Exists(#[n(0)] FileId),
    /// To [`Request::Commit`], [`Request::Order`] and [`Request::Step`]; to the last
    /// [`Answer::Done`] where it took nothing away.
    #[n(7)]
    Recorded(#[n(0)] Recorded),
    /// To [`Request::Report`]: some of the lines, or none, and the number of the entry at which it
    /// goes on. They come while the ledger is read, so that silence means that something is wrong.
    #[n(8)]
    Lines(#[n(0)] Vec<Line>, #[n(1)] u64),
    /// To [`Request::Health`].
    #[n(9)]
    Health(#[n(0)] Health),
    /// Done, with nothing to say.
    #[n(10)]
    Done,
    /// To [`Request::Report`], when all of it was told.
    #[n(13)]
    Closing(#[n(0)] Closing),
    /// To [`Request::Checkpoint`]: the checkpoint and the proof.
    #[n(14)]
    Checkpoint(#[n(0)] String, #[n(1)] Vec<Hash>),
    /// To [`Request::Follow`]: numbers and entries, and the number at which it goes on.
    #[n(15)]
    Entries(#[n(0)] Vec<(u64, ByteVec)>, #[n(1)] u64),
    /// To [`Request::Rehearse`]: whether it would.
    #[n(16)]
    Rehearsed(#[n(0)] bool),
    /// To [`Request::Prove`].
    #[n(17)]
    Proved(#[n(0)] Proved),
    /// To [`Request::Job`]: nothing where there is none, or it is over.
    #[n(19)]
    Job(#[n(0)] Option<Job>),
    /// Not allowed. The reason is in the ledger alone.
    #[n(11)]
    Refused(#[n(0)] Refusal),
    /// Asked wrongly, or the world failed.
    #[n(12)]
    Failed(#[n(0)] Failure),
}

bytes_of!(Request, "request");
bytes_of!(Answer, "answer");
