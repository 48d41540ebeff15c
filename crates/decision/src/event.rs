//! What the core is told, and what it says to that.
//!
//! Trust: whatever was signed arrives as a proof type, so nothing unverified can be mistaken for
//! something verified. All else is the word of the server, or of the process around the core.

use keyproto::message::{Ask, Step};
use keyproto::statement::{Proof, SignedIn, SignedOrder};
use ledger::entry::{CardIssued, Entry, Hash, LookUp, PracticeRegistered, Why};
use terms::{
    Blind, CardId, FileId, Grade, JobId, ListId, PracticeId, Purpose, RelationClass, Role, Section,
    Sections, SessionId, Time,
};

/// A file under both of its names; the process around the core derives `blind` from `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// As clients name it.
    pub id: FileId,
    /// As the ledger names it.
    pub blind: Blind,
}

/// One request with the device's proof of it, and what the server says the request was.
pub struct Asked {
    /// The session.
    pub session: SessionId,
    /// The proof.
    pub proof: Proof,
    /// The HTTP method.
    pub method: String,
    /// The address without query and fragment.
    pub url: String,
    /// The origin that the server's connection was greeted with.
    pub origin: String,
}

/// Something that happens to the keyholder.
pub enum Event {
    /// A new, empty ledger begins.
    Begin(Begin),
    /// A card signs in.
    SignIn(SignIn),
    /// A session ends.
    SignOut(SessionId),
    /// A session opens a file.
    Open {
        /// The request.
        asked: Asked,
        /// The file.
        file: Named,
        /// Whether the patient is somebody close to the card's holder.
        close: bool,
    },
    /// A session opens one file of a job.
    OpenForJob {
        /// The request.
        asked: Asked,
        /// Which job and which of its files.
        wish: ForJob,
    },
    /// A bearer token repeats its opening.
    Present {
        /// SHA-256 of the token.
        token: Hash,
    },
    /// A session looked for a patient, and the locator found these.
    Find {
        /// The request.
        asked: Asked,
        /// By what.
        by: LookUp,
        /// The files, at most [`terms::FOUND_FILES_MAX`].
        hits: Vec<Blind>,
    },
    /// A session asks the ledger.
    Report {
        /// The request.
        asked: Asked,
        /// The one file it is about, if it is about one.
        file: Option<Named>,
    },
    /// A session wants to append to a file.
    Deposit {
        /// The session.
        session: SessionId,
        /// Where to.
        target: Target,
        /// The section of each segment, in order.
        sections: Vec<Section>,
    },
    /// The segments of a deposit are stored.
    Commit {
        /// The grant.
        grant: u64,
        /// The file's head with them.
        head: Hash,
    },
    /// A deposit came to nothing.
    Abort {
        /// The grant.
        grant: u64,
    },
    /// Somebody orders something: all statements carry the same order.
    Order {
        /// The signed statements.
        statements: Vec<SignedOrder>,
        /// The file in the order, if one is.
        file: Option<Named>,
    },
    /// The watch steps in.
    Step(Step),
    /// The server opens the directory, which holds nothing about patients.
    Directory,
    /// A new epoch key wraps the file keys from here on.
    Epoch(u32),
    /// A statement that did not verify: it is refused and recorded.
    Unverified {
        /// The session it named.
        session: Option<SessionId>,
        /// The card it named.
        card: Option<CardId>,
        /// The file it named.
        file: Option<Blind>,
        /// SHA-256 of its text.
        request: Hash,
    },
}

/// What an opening is to be, apart from the proof that somebody wishes it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What for.
    pub purpose: Purpose,
    /// The sections to open, all that the role has if absent.
    pub sections: Option<Sections>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Whether the patient is somebody close to the card's holder.
    pub close: bool,
}

/// One file of a job, and why it is one.
pub struct ForJob {
    /// The job.
    pub job: JobId,
    /// The file.
    pub file: Named,
    /// Its place among the job's files.
    pub index: u64,
    /// The inclusion path of its id.
    pub path: Vec<Hash>,
}

/// The beginning of a ledger: what is known before there are officers who could order it.
pub struct Begin {
    /// The installation's name.
    pub tenant: String,
    /// The directory.
    pub directory: Blind,
    /// The first practices.
    pub practices: Vec<PracticeRegistered>,
    /// The first cards, two officers among them, or nobody could ever lift a freeze.
    pub cards: Vec<CardIssued>,
}

/// A card signs in. `asked.session` is the new session's name, drawn at random.
pub struct SignIn {
    /// The card's statement, verified with [`crate::State::card_key`].
    pub signed: SignedIn,
    /// The device's proof of the same request.
    pub asked: Asked,
}

/// Where a deposit goes.
#[derive(Clone, Copy)]
pub enum Target {
    /// A file that exists.
    File(Named),
    /// A new one.
    New {
        /// Its name, drawn at random.
        file: Named,
        /// The list of an import.
        list: Option<ListId>,
        /// The kind of identifier that nobody has, if it depended on one.
        unless: Option<LookUp>,
    },
    /// It should have been a new one, but the identifier belongs to a file already.
    Taken {
        /// That file.
        file: Named,
        /// The kind of identifier.
        by: LookUp,
    },
    /// The directory.
    Directory,
}

/// What follows from an event. The entries must be durable before the verdict is acted upon.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// Number of the first entry; the others follow without a gap.
    pub first: u64,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The verdict.
    pub verdict: Verdict,
}

/// What to answer.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// The session began.
    SignedIn(SessionView),
    /// Keys of this file go to this session.
    Opened(Released),
    /// The look-up's answer.
    Found {
        /// Files whose label is released.
        shown: Vec<Released>,
        /// Files of which the existence is told.
        told: Vec<Blind>,
    },
    /// The ledger may be read: by an officer, or by a patient about the own file alone.
    Report(SessionView),
    /// The next segment keys of a file.
    Granted(Granted),
    /// The identifier belongs to this file already.
    Exists(Named),
    /// The deposit counts.
    Committed,
    /// The order is carried out once its entries are durable; an erased file's key is to destroy.
    Ordered,
    /// The directory as it is: every segment.
    Directory(FileView),
    /// Done, with nothing to say.
    Done,
    /// Not allowed. The asker learns the number of the entry and `ask`, nothing else.
    Refused {
        /// The reason, for the ledger alone.
        why: Why,
        /// What lifts it, if it is something that the asker can do.
        ask: Ask,
    },
    /// Nothing is wrong but the nonce, which is missing or stale: not recorded, worth a fresh one.
    StaleNonce,
    /// Another deposit to the same file is under way.
    Busy,
    /// The grant ran out or never was.
    GrantGone,
    /// The request does not make sense.
    AskedWrongly(&'static str),
}

/// A live session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// Its name.
    pub session: SessionId,
    /// Its card.
    pub card: CardId,
    /// The card's role.
    pub role: Role,
    /// The card's practice.
    pub practice: PracticeId,
    /// Its end.
    pub until: Time,
    /// RFC 7638 thumbprint of the device key.
    pub thumbprint: Hash,
    /// A patient card's own file.
    pub file: Option<Blind>,
}

/// A file as the core knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileView {
    /// Which.
    pub file: Blind,
    /// How many segments it has.
    pub segments: u32,
    /// The chain over all of them; none where there is no segment yet.
    pub head: Option<Hash>,
    /// Sequence and section of the segments in question, in order.
    pub keys: Vec<(u32, Section)>,
}

/// The right to the keys of one file, as its `Opened` or `Found` entry records it.
#[derive(Clone, Debug, PartialEq)]
pub struct Released {
    /// The file; its `keys` are the segments to release keys of.
    pub file: FileView,
    /// The sections released.
    pub sections: Sections,
    /// The sections that the file has besides.
    pub hidden: Sections,
    /// The relation it rests on.
    pub class: RelationClass,
    /// How it is explained.
    pub grade: Grade,
    /// What for.
    pub purpose: Purpose,
    /// Last moment at which the keys may be used.
    pub until: Time,
    /// The session.
    pub session: SessionView,
    /// Number of the entry that records it.
    pub entry: u64,
}

/// The right to append to one file, for [`terms::DEPOSIT_SECONDS_MAX`].
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    /// For the commit.
    pub grant: u64,
    /// The file; its `keys` are the new segments.
    pub file: FileView,
    /// Its name.
    pub named: Option<Named>,
    /// Whether the commit will create the file.
    pub new: bool,
}
