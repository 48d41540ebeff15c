//! Requests of the server and answers of the keyholder.
//!
//! Field numbers are never reused. Every answer to a refused request has the same shape.

use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use terms::{
    Blind, CardId, FileId, ListId, PracticeId, Purpose, RelationClass, Role, Section, Sections,
    ServerId, SessionId, Time,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The version of this protocol; both sides refuse another.
pub const VERSION: u16 = 1;

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
}

/// What the keyholder answers.
#[derive(Encode, Decode)]
pub enum Answer {
    /// To [`Request::Hello`].
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// To [`Request::Nonce`].
    #[n(1)]
    Nonce(#[n(0)] String),
    /// To [`Request::SignIn`].
    #[n(2)]
    SignedIn(#[n(0)] Session),
    /// To [`Request::Open`], [`Request::Present`] and [`Request::Directory`].
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
    /// To [`Request::Commit`] and [`Request::Order`].
    #[n(7)]
    Recorded(#[n(0)] Recorded),
    /// To [`Request::Report`]: some of the lines; an empty one ends it.
    #[n(8)]
    Lines(#[n(0)] Vec<Line>),
    /// To [`Request::Health`].
    #[n(9)]
    Health(#[n(0)] Health),
    /// Done, with nothing to say.
    #[n(10)]
    Done,
    /// Not allowed. The reason is in the ledger alone.
    #[n(11)]
    Refused(#[n(0)] Refusal),
    /// Asked wrongly, or the world failed.
    #[n(12)]
    Failed(#[n(0)] Failure),
}

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

/// A session opens one file.
#[derive(Encode, Decode)]
pub struct Open {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// The device's proof of this very HTTP request.
    #[n(1)]
    pub proof: String,
    /// The HTTP method that was proved.
    #[n(2)]
    pub method: String,
    /// The address that was proved, without query and fragment.
    #[n(3)]
    pub url: String,
    /// The file.
    #[n(4)]
    pub file: FileId,
}

/// A bearer token repeats its opening.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct Present {
    /// The token as the client sent it.
    #[n(0)]
    pub token: String,
}

/// A session looks for a patient.
#[derive(Encode, Decode)]
pub struct Find {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// The device's proof of this very HTTP request.
    #[n(1)]
    pub proof: String,
    /// The HTTP method that was proved.
    #[n(2)]
    pub method: String,
    /// The address that was proved, without query and fragment.
    #[n(3)]
    pub url: String,
    /// What is looked for.
    #[n(4)]
    pub query: Query,
}

/// What is looked for. No `Debug`: it names people.
#[derive(Encode, Decode)]
pub enum Query {
    /// An identifier with its system.
    #[n(0)]
    Identifier(#[n(0)] Identifier),
    /// The first letters (three or more) of family and given names, all of which must fit.
    #[n(1)]
    Name(#[n(0)] Vec<String>),
    /// The same with the birth date (`YYYY-MM-DD`).
    #[n(2)]
    NameAndBirthDate(#[n(0)] Vec<String>, #[n(1)] String),
    /// A telephone number.
    #[n(3)]
    Telephone(#[n(0)] String),
}

/// An identifier as FHIR has it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Identifier {
    /// The namespace, a URI.
    #[n(0)]
    pub system: String,
    /// The value.
    #[n(1)]
    pub value: String,
}

/// What the look-up found, at most [`terms::FOUND_FILES_MAX`].
#[derive(Encode, Decode)]
pub struct Found {
    /// Files whose label may be shown, with its keys.
    #[n(0)]
    pub shown: Vec<Release>,
    /// Files that exist, and nothing may be shown.
    #[n(1)]
    pub told: Vec<FileId>,
    /// Whether there are more: ask more narrowly.
    #[n(2)]
    pub more: bool,
}

/// Keys of one file, released to one session and recorded before.
#[derive(Encode, Decode)]
pub struct Release {
    /// The file.
    #[n(0)]
    pub file: FileId,
    /// The generation of its file key.
    #[n(1)]
    pub generation: u32,
    /// How many segments the file has.
    #[n(2)]
    pub segments: u32,
    /// The file's head: the chain over all of its segments.
    #[n(3)]
    pub head: Hash,
    /// What was released.
    #[n(4)]
    pub sections: Sections,
    /// What the file has besides, and was not released.
    #[n(5)]
    pub hidden: Sections,
    /// The relation it rests on.
    #[n(6)]
    pub class: RelationClass,
    /// What for.
    #[n(7)]
    pub purpose: Purpose,
    /// The keys, by sequence.
    #[n(8)]
    pub keys: Vec<Key>,
    /// Number of the ledger entry that records it.
    #[n(9)]
    pub entry: u64,
    /// The session it belongs to; a bearer token's is the one that signed for it.
    #[n(10)]
    pub session: Session,
    /// Last moment at which the server may use the keys.
    #[n(11)]
    pub until: Time,
}

/// The key of one segment. No `Debug`; zeroised when dropped.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    /// Which segment.
    #[n(0)]
    pub sequence: u32,
    /// Its section.
    #[n(1)]
    #[zeroize(skip)]
    pub section: Section,
    /// The key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub key: [u8; 32],
}

/// Asks for the next segment keys of a file.
#[derive(Encode, Decode)]
pub struct Deposit {
    /// The session.
    #[n(0)]
    pub session: SessionId,
    /// Where to.
    #[n(1)]
    pub target: Target,
    /// The section of each segment, in order.
    #[n(2)]
    pub sections: Vec<Section>,
    /// How to find the patient from now on, where the deposit carries a Patient.
    #[n(3)]
    pub facts: Option<Facts>,
}

/// The file a deposit goes to.
#[derive(Encode, Decode)]
pub enum Target {
    /// A file that exists.
    #[n(0)]
    File(#[n(0)] FileId),
    /// A new one, unless one with this identifier exists.
    #[n(1)]
    New(#[n(0)] NewFile),
    /// The directory.
    #[n(2)]
    Directory,
}

/// A file to be made.
#[derive(Encode, Decode)]
pub struct NewFile {
    /// No file is made if this practice's patient, or a national identifier, is known already.
    #[n(0)]
    pub unless: Option<Identifier>,
    /// The list of an import.
    #[n(1)]
    pub list: Option<ListId>,
}

/// How to find a patient. No `Debug`: it names people.
#[derive(Encode, Decode)]
pub struct Facts {
    /// Identifiers, national ones and chart numbers.
    #[n(0)]
    pub identifiers: Vec<Identifier>,
    /// Family and given names.
    #[n(1)]
    pub names: Vec<String>,
    /// Birth date (`YYYY-MM-DD`).
    #[n(2)]
    pub birth_date: Option<String>,
    /// Telephone numbers.
    #[n(3)]
    pub telephones: Vec<String>,
}

/// The next segment keys of one file.
#[derive(Encode, Decode)]
pub struct Grant {
    /// For [`Commit`].
    #[n(0)]
    pub grant: u64,
    /// The file.
    #[n(1)]
    pub file: FileId,
    /// The generation of its file key.
    #[n(2)]
    pub generation: u32,
    /// The head that the first new segment follows.
    #[n(3)]
    pub head: Hash,
    /// The keys, in the order of the sections asked for; sequences count up from the file's end.
    #[n(4)]
    pub keys: Vec<Key>,
}

/// The segments of a deposit are stored durably.
#[derive(Encode, Decode)]
pub struct Commit {
    /// Which grant.
    #[n(0)]
    pub grant: u64,
    /// SHA-256 of each sealed segment, in order.
    #[n(1)]
    pub hashes: Vec<Hash>,
}

/// Something is on the ledger.
#[derive(Clone, Encode, Decode)]
pub struct Recorded {
    /// Number of its entry.
    #[n(0)]
    pub entry: u64,
    /// When.
    #[n(1)]
    pub at: Time,
}

/// An order with its signatures: one statement a signer, all with the same order.
#[derive(Encode, Decode)]
pub struct Order {
    /// The signed statements.
    #[n(0)]
    pub statements: Vec<String>,
}

/// A question about the ledger.
#[derive(Encode, Decode)]
pub struct Report {
    /// The session of an officer, or of the patient whose file it is.
    #[n(0)]
    pub session: SessionId,
    /// The device's proof of this very HTTP request.
    #[n(1)]
    pub proof: String,
    /// The HTTP method that was proved.
    #[n(2)]
    pub method: String,
    /// The address that was proved, without query and fragment.
    #[n(3)]
    pub url: String,
    /// Only what concerns this file.
    #[n(4)]
    pub file: Option<FileId>,
    /// Only what this card did.
    #[n(5)]
    pub card: Option<CardId>,
    /// Only what this practice did.
    #[n(6)]
    pub practice: Option<PracticeId>,
    /// Only what went through this server.
    #[n(7)]
    pub server: Option<ServerId>,
    /// Not before.
    #[n(8)]
    pub from: Option<Time>,
    /// Before.
    #[n(9)]
    pub to: Option<Time>,
    /// Every kind of entry, not only openings, look-ups shown, and deposits.
    #[n(10)]
    pub everything: bool,
}

/// One line of a report: an entry with the file it is about.
#[derive(Encode, Decode)]
pub struct Line {
    /// Number of the entry.
    #[n(0)]
    pub number: u64,
    /// The entry, as `ledger::entry::Entry` encodes it.
    #[n(1)]
    pub entry: ByteVec,
    /// Names of the files in it, for those that are not erased.
    #[n(2)]
    pub files: Vec<(Blind, FileId)>,
    /// The holder of the card in it.
    #[n(3)]
    pub holder: Option<String>,
    /// The name of the practice in it.
    #[n(4)]
    pub practice: Option<String>,
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
}

/// Not allowed.
#[derive(Clone, Encode, Decode)]
pub struct Refusal {
    /// Number of the ledger entry that holds the reason, to quote to an officer.
    #[n(0)]
    pub entry: u64,
    /// Whether signing in again with the card lifts it.
    #[n(1)]
    pub step_up: bool,
    /// Whether a fresh nonce is all that was missing.
    #[n(2)]
    pub nonce: Option<String>,
}

/// Why nothing happened, besides a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Failure {
    /// The request does not make sense: a mistake of the server or client.
    #[n(0)]
    AskedWrongly(#[n(0)] String),
    /// Another deposit to the same file is under way: try again.
    #[n(1)]
    Busy,
    /// The grant ran out or is not known: start the deposit again.
    #[n(2)]
    GrantGone,
    /// The keyholder cannot record: nothing is released until it can.
    #[n(3)]
    World(#[n(0)] String),
    /// Something was altered: an alarm was raised.
    #[n(4)]
    Tampered(#[n(0)] String),
}

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

bytes_of!(Request, "request");
bytes_of!(Answer, "answer");
