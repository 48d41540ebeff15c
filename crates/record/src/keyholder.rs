//! The client of the keyholder: a pool of connections on its Unix socket.

use keyproto::frame;
use keyproto::message::{
    Answer, Closing, Commit, Deposit, Failure, Find, Grant, Health, Hello, Job, Line, Nonce, Open,
    OpenForJob, Order, Present, Prove, Proved, Recorded, Release, Report, Request, Session, SignIn,
    VERSION, Welcome,
};
use std::io::{self, BufReader};
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use terms::{FileId, JobId, Sections, SessionId, Time};
use zeroize::Zeroize;

use crate::errors::{KeyholderError, Refused};
use crate::records::Settings;

/// A connection to the keyholder that survives its restarts. Share it; every call blocks.
pub struct Keyholder {
    settings: Settings,
    welcome: Welcome,
    pool: Mutex<Pool>,
    freed: Condvar,
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

/// What the keyholder says to a deposit.
pub(crate) enum Granted {
    Grant(Grant),
    Exists(FileId),
}

struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

struct Connection {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Keyholder {
    /// Connects and greets; fails if the keyholder speaks another version.
    pub fn connect(settings: &Settings) -> Result<Keyholder, KeyholderError> {
        let (connection, welcome) = Connection::new(settings)?;
        Ok(Keyholder {
            settings: settings.clone(),
            welcome,
            pool: Mutex::new(Pool { idle: vec![connection], open: 1 }),
            freed: Condvar::new(),
        })
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
        match self.ask(&Request::Nonce(Nonce { file }))? {
            Answer::Nonce(nonce) => Ok(nonce),
            other => unexpected(other),
        }
    }

    /// A card signs in.
    pub fn sign_in(&self, request: SignIn) -> Result<Session, KeyholderError> {
        match self.ask(&Request::SignIn(request))? {
            Answer::SignedIn(session) => Ok(session),
            other => unexpected(other),
        }
    }

    /// A session ends.
    pub fn sign_out(&self, session: SessionId) -> Result<(), KeyholderError> {
        self.done(&Request::SignOut(session))
    }

    /// A session opens one file.
    pub fn open(&self, request: Open) -> Result<RecordedRelease, KeyholderError> {
        self.release(&Request::Open(request))
    }

    /// A session opens one file of a job.
    pub fn open_for_job(&self, request: OpenForJob) -> Result<RecordedRelease, KeyholderError> {
        self.release(&Request::OpenForJob(request))
    }

    /// A job that two officers approved and that is not over.
    pub fn job(&self, job: JobId) -> Result<Option<Job>, KeyholderError> {
        match self.ask(&Request::Job(job))? {
            Answer::Job(job) => Ok(job),
            other => unexpected(other),
        }
    }

    /// A bearer token repeats the one opening it stands for.
    pub fn present(&self, request: Present) -> Result<RecordedRelease, KeyholderError> {
        self.release(&Request::Present(request))
    }

    /// A session looks for a patient.
    pub fn find(&self, request: Find) -> Result<FoundFiles, KeyholderError> {
        match self.ask(&Request::Find(request))? {
            Answer::Found(found) => Ok(FoundFiles {
                shown: found.shown.into_iter().map(RecordedRelease).collect(),
                told: found.told,
                more: found.more,
            }),
            other => unexpected(other),
        }
    }

    /// Somebody orders something.
    pub fn order(&self, request: Order) -> Result<Recorded, KeyholderError> {
        match self.ask(&Request::Order(request))? {
            Answer::Recorded(recorded) => Ok(recorded),
            other => unexpected(other),
        }
    }

    /// Asks the ledger. `each` gets lines as they are found, or none while there are none, and the
    /// number of the entry at which it goes on; it may stop, and then there is no closing.
    pub fn report(
        &self,
        request: Report,
        each: &mut dyn FnMut(Vec<Line>, u64) -> ControlFlow<()>,
    ) -> Result<Option<Closing>, KeyholderError> {
        let mut connection = self.borrow()?;
        let closing = connection.report(&Request::Report(request), each)?;
        // Where it was stopped the rest is still on its way, so the connection is no use.
        if closing.is_some() {
            connection.give_back();
        }
        Ok(closing)
    }

    /// Shows entries about one file, each with its proof.
    pub fn prove(&self, request: Prove) -> Result<Proved, KeyholderError> {
        match self.ask(&Request::Prove(request))? {
            Answer::Proved(proved) => Ok(proved),
            other => unexpected(other),
        }
    }

    /// The newest checkpoint, and the proof that its log begins with one of this many entries.
    pub fn checkpoint(&self, older: u64) -> Result<(String, Vec<[u8; 32]>), KeyholderError> {
        match self.ask(&Request::Checkpoint(older))? {
            Answer::Checkpoint(note, proof) => {
                Ok((note, proof.into_iter().map(|hash| *hash).collect()))
            }
            other => unexpected(other),
        }
    }

    /// Brings back a checkpoint with witnesses' cosignatures.
    pub fn cosigned(&self, note: String) -> Result<(), KeyholderError> {
        self.done(&Request::Cosigned(note))
    }

    /// How the keyholder is.
    pub fn health(&self) -> Result<Health, KeyholderError> {
        match self.ask(&Request::Health)? {
            Answer::Health(health) => Ok(health),
            other => unexpected(other),
        }
    }

    pub(crate) fn directory(&self) -> Result<RecordedRelease, KeyholderError> {
        self.release(&Request::Directory)
    }

    pub(crate) fn deposit(&self, request: Deposit) -> Result<Granted, KeyholderError> {
        match self.ask(&Request::Deposit(request))? {
            Answer::Granted(grant) => Ok(Granted::Grant(grant)),
            Answer::Exists(file) => Ok(Granted::Exists(file)),
            other => unexpected(other),
        }
    }

    pub(crate) fn commit(&self, request: Commit) -> Result<Recorded, KeyholderError> {
        match self.ask(&Request::Commit(request))? {
            Answer::Recorded(recorded) => Ok(recorded),
            other => unexpected(other),
        }
    }

    pub(crate) fn abort(&self, grant: u64) -> Result<(), KeyholderError> {
        self.done(&Request::Abort(grant))
    }

    fn release(&self, request: &Request) -> Result<RecordedRelease, KeyholderError> {
        match self.ask(request)? {
            Answer::Opened(release) => Ok(RecordedRelease(release)),
            other => unexpected(other),
        }
    }

    /// Has a consistent copy of key table and ledger made in the keyholder's own folder.
    pub fn backup(&self) -> Result<(), KeyholderError> {
        self.done(&Request::Backup)
    }

    fn done(&self, request: &Request) -> Result<(), KeyholderError> {
        match self.ask(request)? {
            Answer::Done => Ok(()),
            other => unexpected(other),
        }
    }

    /// Asks once. A connection that the keyholder closed while it was idle is replaced first; an
    /// answer that was lost on the way is an error, because the act may have been recorded.
    fn ask(&self, request: &Request) -> Result<Answer, KeyholderError> {
        let mut bytes = request.to_bytes();
        let result = self.ask_bytes(&bytes);
        bytes.zeroize();
        result
    }

    fn ask_bytes(&self, request: &[u8]) -> Result<Answer, KeyholderError> {
        let mut connection = self.borrow()?;
        let answer = connection.ask(request)?;
        connection.give_back();
        refused_or_failed(answer)
    }

    fn borrow(&self) -> Result<Borrowed<'_>, KeyholderError> {
        let mut pool = self.pool();
        loop {
            while let Some(connection) = pool.idle.pop() {
                if connection.is_alive() {
                    return Ok(Borrowed { keyholder: self, connection: Some(connection) });
                }
                pool.open -= 1;
            }
            if pool.open < self.settings.connections.max(1) {
                pool.open += 1;
                drop(pool);
                // From here on the drop of `borrowed` gives the place back.
                let mut borrowed = Borrowed { keyholder: self, connection: None };
                let (connection, welcome) = Connection::new(&self.settings)?;
                if welcome.tenant != self.welcome.tenant {
                    return Err(KeyholderError::Tampered("the keyholder is another one".into()));
                }
                borrowed.connection = Some(connection);
                return Ok(borrowed);
            }
            let (guard, waited) = self
                .freed
                .wait_timeout(pool, self.settings.timeout)
                .unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() {
                return Err(KeyholderError::World("all connections are in use".into()));
            }
            pool = guard;
        }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        // A panic between two statements here leaves nothing half done.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection taken out of the pool; its place is free again when this is dropped.
struct Borrowed<'a> {
    keyholder: &'a Keyholder,
    connection: Option<Connection>,
}

impl Borrowed<'_> {
    fn ask(&mut self, request: &[u8]) -> Result<Answer, KeyholderError> {
        self.connection()?.ask(request)
    }

    fn report(
        &mut self,
        request: &Request,
        each: &mut dyn FnMut(Vec<Line>, u64) -> ControlFlow<()>,
    ) -> Result<Option<Closing>, KeyholderError> {
        let connection = self.connection()?;
        let mut answer = connection.ask(&request.to_bytes())?;
        loop {
            match refused_or_failed(answer)? {
                Answer::Lines(lines, next) => {
                    if each(lines, next).is_break() {
                        return Ok(None);
                    }
                    answer = connection.next()?;
                }
                Answer::Closing(closing) => return Ok(Some(closing)),
                other => return unexpected(other),
            }
        }
    }

    fn connection(&mut self) -> Result<&mut Connection, KeyholderError> {
        self.connection.as_mut().ok_or_else(|| KeyholderError::World("not connected".into()))
    }

    fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            let mut pool = self.keyholder.pool();
            pool.idle.push(connection);
            // `drop` takes the place away again, which the idle connection still holds.
            pool.open += 1;
        }
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.keyholder.pool().open -= 1;
        self.keyholder.freed.notify_one();
    }
}

impl Connection {
    fn new(settings: &Settings) -> Result<(Connection, Welcome), KeyholderError> {
        let writer = UnixStream::connect(&settings.socket).map_err(gone)?;
        writer.set_read_timeout(Some(settings.timeout)).map_err(gone)?;
        writer.set_write_timeout(Some(settings.timeout)).map_err(gone)?;
        let reader = BufReader::new(writer.try_clone().map_err(gone)?);
        let mut connection = Connection { reader, writer };
        let hello =
            Hello { version: VERSION, server: settings.server, origin: settings.origin.clone() };
        match refused_or_failed(connection.ask(&Request::Hello(hello).to_bytes())?)? {
            Answer::Welcome(welcome) => Ok((connection, welcome)),
            other => unexpected(other),
        }
    }

    fn ask(&mut self, request: &[u8]) -> Result<Answer, KeyholderError> {
        frame::write(&mut self.writer, request).map_err(gone)?;
        self.next()
    }

    fn next(&mut self) -> Result<Answer, KeyholderError> {
        let closed = || KeyholderError::World("it closed the connection".into());
        let mut bytes = frame::read(&mut self.reader).map_err(gone)?.ok_or_else(closed)?;
        let answer = Answer::from_bytes(&bytes)
            .map_err(|_| KeyholderError::World("its answer cannot be understood".into()));
        bytes.zeroize();
        answer
    }

    /// Whether nothing, not even the end, waits to be read: between requests nothing may.
    fn is_alive(&self) -> bool {
        if !self.reader.buffer().is_empty() || self.writer.set_nonblocking(true).is_err() {
            return false;
        }
        let read = io::Read::read(&mut &self.writer, &mut [0]);
        let quiet = matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        quiet && self.writer.set_nonblocking(false).is_ok()
    }
}

fn refused_or_failed(answer: Answer) -> Result<Answer, KeyholderError> {
    Err(match answer {
        Answer::Refused(refusal) => KeyholderError::Refused(Refused {
            entry: refusal.entry,
            ask: refusal.ask,
            nonce: refusal.nonce,
        }),
        Answer::Failed(Failure::AskedWrongly(what)) => KeyholderError::Asked(what),
        Answer::Failed(Failure::Busy) => KeyholderError::Busy,
        Answer::Failed(Failure::GrantGone) => KeyholderError::GrantGone,
        Answer::Failed(Failure::World(what)) => KeyholderError::World(what),
        Answer::Failed(Failure::Tampered(what)) => KeyholderError::Tampered(what),
        answer => return Ok(answer),
    })
}

fn unexpected<T>(_: Answer) -> Result<T, KeyholderError> {
    Err(KeyholderError::World("its answer does not fit the request".into()))
}

fn gone(error: io::Error) -> KeyholderError {
    KeyholderError::World(error.kind().to_string())
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
