//! A server's side of the socket, and a client's signatures: about what a real server does.

use cards::{Card, Device};
use decision::Limits;
use keyholder::{
    Disk, Genesis, Keyholder, Passphrase, RootCost, Settings, Stopper, WatchDoor, listen,
};
use keyproto::message::*;
use keyproto::statement::{Order as Ordered, ProofClaims};
use keyproto::{Answer, Request, frame};
use ledger::entry::{CardIssued, PracticeRegistered};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use terms::{CardId, Curve, FileId, PracticeId, Role, Section, ServerId, SessionId, Time};
use zeroize::Zeroizing;

pub(crate) const ORIGIN: &str = "https://localhost:8443";
pub(crate) const TENANT: &str = "test.example";
pub(crate) const PRACTICE: PracticeId = PracticeId::from_bytes([1; 10]);
/// The practice of the last of several doctors.
pub(crate) const ELSEWHERE: PracticeId = PracticeId::from_bytes([2; 10]);

pub(crate) fn now() -> Time {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    Time::from_millis(since.as_millis() as u64)
}

/// An installation in a folder of its own, with its first cards.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) officers: Vec<Card>,
    pub(crate) doctors: Vec<Card>,
}

impl World {
    pub(crate) fn new() -> World {
        World::with(1, |_| ())
    }

    /// An installation with this many doctors.
    pub(crate) fn with(doctors: usize, set: impl FnOnce(&mut Settings)) -> World {
        let world = World::to_be(doctors, set);
        world.create();
        world
    }

    /// Its cards and settings alone.
    pub(crate) fn to_be(doctors: usize, set: impl FnOnce(&mut Settings)) -> World {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        set(&mut settings);
        let mut next = 10u8;
        let mut card = |role, practice, holder: &str| {
            next += 1;
            let (card, holder) = (CardId::from_bytes([next; 10]), holder.to_owned());
            let identity = cards::Identity { card, role, practice, holder };
            Card::make(identity, Curve::P256).unwrap()
        };
        let officers =
            ["Officer 1", "Officer 2"].map(|holder| card(Role::Officer, PRACTICE, holder)).into();
        let doctors = (0..doctors).map(|number| {
            let practice = if number > 0 && number + 1 == doctors { ELSEWHERE } else { PRACTICE };
            card(Role::Doctor, practice, &format!("Doctor {number}"))
        });
        let doctors = doctors.collect();
        World { folder, settings, officers, doctors }
    }

    pub(crate) fn create(&self) {
        Keyholder::create(self.settings.clone(), &passphrase(), self.genesis()).unwrap();
    }

    pub(crate) fn genesis(&self) -> Genesis {
        let issued = self.officers.iter().chain(&self.doctors).map(|card| CardIssued {
            card: card.identity().card,
            role: card.identity().role,
            practice: card.identity().practice,
            holder: card.identity().holder.clone(),
            key: card.public().clone(),
            not_after: now() + terms::Duration::from_days(30),
            file: None,
            by: Vec::new(),
            order: [0; 32],
        });
        let practice = |practice, name: &str| PracticeRegistered {
            practice,
            name: name.into(),
            by: Vec::new(),
            order: [0; 32],
        };
        let practices = vec![practice(PRACTICE, "Practice"), practice(ELSEWHERE, "Elsewhere")];
        Genesis { tenant: TENANT.into(), practices, cards: issued.collect() }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("run/socket")
    }

    pub(crate) fn watch(&self) -> PathBuf {
        self.folder.path().join("run/watch")
    }

    /// Opens and serves on a thread of this process.
    pub(crate) fn serve(&self) -> Running {
        self.serve_this(self.open())
    }

    /// Opens it. A child that another test is starting holds this ledger's lock for a moment, since
    /// it has all files until it executes.
    pub(crate) fn open(&self) -> Keyholder {
        for _ in 0..100 {
            match Keyholder::open(self.settings.clone(), &passphrase()) {
                Err(error) if error.to_string().contains("has this ledger open") => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                opened => return opened.unwrap(),
            }
        }
        panic!("another process has this ledger open");
    }

    pub(crate) fn serve_this<F: Disk>(&self, keyholder: Keyholder<F>) -> Running {
        let listener = listen(&self.socket()).unwrap();
        let stopper = keyholder.stopper();
        let door = WatchDoor::open(&self.watch()).unwrap();
        let keyholder = keyholder.watched(door);
        let thread = Some(std::thread::spawn(move || keyholder.serve(listener)));
        Running { stopper, thread }
    }

    /// What opening it now says.
    pub(crate) fn refusal(&self) -> String {
        match Keyholder::open(self.settings.clone(), &passphrase()) {
            Ok(_) => panic!("it opened"),
            Err(error) => error.to_string(),
        }
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(&self.socket())
    }

    /// A doctor who signed in.
    pub(crate) fn doctor(&self, number: usize) -> Client {
        let mut client = self.connect();
        client.sign_in(&self.doctors[number]);
        client
    }
}

/// Quick to open, without budgets and without a sandbox.
pub(crate) fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::new(folder.join("keyholder"));
    settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
    settings.sandbox = false;
    let most = [1_000_000; 6];
    settings.limits = Limits {
        roles: [most; 9],
        former: most,
        found: most,
        openers: [1_000_000; 2],
        openers_unrelated: [1_000_000; 2],
        session_openings: [1_000_000; 9],
        ..Limits::default()
    };
    settings
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new("correct horse".into())).unwrap()
}

/// A keyholder on a thread; stops when dropped.
pub(crate) struct Running {
    stopper: Stopper,
    thread: Option<std::thread::JoinHandle<Result<(), keyholder::KeyholderError>>>,
}

impl Running {
    pub(crate) fn stop(mut self) -> Result<(), keyholder::KeyholderError> {
        self.stopper.stop();
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.stop();
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// One connection, and perhaps a session.
pub(crate) struct Client {
    pub(crate) stream: UnixStream,
    pub(crate) device: Device,
    pub(crate) session: SessionId,
}

impl Client {
    pub(crate) fn connect(socket: &Path) -> Client {
        Client::try_connect(socket).unwrap()
    }

    pub(crate) fn try_connect(socket: &Path) -> std::io::Result<Client> {
        Client::connect_as(ServerId::from_bytes([9; 10]), socket)
    }

    pub(crate) fn connect_as(server: ServerId, socket: &Path) -> std::io::Result<Client> {
        let (device, session) = (Device::make().unwrap(), SessionId::from_bytes([0; 16]));
        let mut client = Client { stream: UnixStream::connect(socket)?, device, session };
        let hello = Hello { version: VERSION, server, origin: ORIGIN.into() };
        match client.try_ask(&Request::Hello(hello))? {
            Answer::Welcome(_) => Ok(client),
            _ => Err(std::io::Error::other("not welcome")),
        }
    }

    pub(crate) fn try_ask(&mut self, request: &Request) -> std::io::Result<Answer> {
        frame::write(&mut self.stream, &request.to_bytes())?;
        self.read()
    }

    pub(crate) fn read(&mut self) -> std::io::Result<Answer> {
        let answer = frame::read(&mut self.stream)?;
        let answer = answer.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Answer::from_bytes(&answer).map_err(std::io::Error::other)
    }

    pub(crate) fn ask(&mut self, request: Request) -> Answer {
        self.try_ask(&request).unwrap()
    }

    pub(crate) fn nonce(&mut self, file: Option<FileId>) -> String {
        match self.ask(Request::Nonce(Nonce { file })) {
            Answer::Nonce(nonce) => nonce,
            other => panic!("{}", told(&other)),
        }
    }

    pub(crate) fn sign_in(&mut self, card: &Card) -> Session {
        let url = format!("{ORIGIN}/auth/token");
        let nonce = self.nonce(None);
        let assertion = card.sign_in(&url, self.device.public(), None, None, now()).unwrap();
        let proof = self.prove("POST", &url, &nonce, ProofClaims::default());
        match self.ask(Request::SignIn(SignIn { assertion, proof, url })) {
            Answer::SignedIn(session) => {
                self.session = session.session;
                session
            }
            other => panic!("{}", told(&other)),
        }
    }

    pub(crate) fn prove(
        &self,
        method: &str,
        url: &str,
        nonce: &str,
        claims: ProofClaims,
    ) -> String {
        self.device.prove(method, url, None, Some(nonce), now(), claims).unwrap()
    }

    /// A signed request to open this file.
    pub(crate) fn opening(&mut self, file: FileId) -> Request {
        let nonce = self.nonce(None);
        self.opening_with(file, &nonce)
    }

    pub(crate) fn opening_with(&self, file: FileId, nonce: &str) -> Request {
        self.opening_as(file, nonce, ProofClaims::default())
    }

    pub(crate) fn opening_as(&self, file: FileId, nonce: &str, claims: ProofClaims) -> Request {
        let url = format!("{ORIGIN}/fhir/Patient/{file}");
        let proof = self.prove("GET", &url, nonce, claims);
        Request::Open(Open { session: self.session, proof, method: "GET".into(), url, file })
    }

    pub(crate) fn open(&mut self, file: FileId) -> Answer {
        let request = self.opening(file);
        self.ask(request)
    }

    pub(crate) fn find(&mut self, query: Query) -> Answer {
        let nonce = self.nonce(None);
        let url = format!("{ORIGIN}/fhir/Patient");
        let proof = self.prove("GET", &url, &nonce, ProofClaims::default());
        let (session, method) = (self.session, "GET".into());
        self.ask(Request::Find(Find { session, proof, method, url, query }))
    }

    pub(crate) fn deposit(&mut self, target: Target, facts: Option<Facts>) -> Answer {
        let sections = vec![Section::Label, Section::History];
        self.ask(Request::Deposit(Deposit { session: self.session, target, sections, facts }))
    }

    pub(crate) fn commit(&mut self, grant: &Grant) -> Answer {
        let hashes = grant.keys.iter().map(|key| [key.sequence as u8; 32].into()).collect();
        self.ask(Request::Commit(Commit { grant: grant.grant, hashes }))
    }

    /// A new file with these facts.
    pub(crate) fn create(&mut self, facts: Option<Facts>) -> FileId {
        self.create_unless(None, facts).unwrap_or_else(|answer| panic!("{}", told(&answer)))
    }

    pub(crate) fn create_unless(
        &mut self,
        unless: Option<Identifier>,
        facts: Option<Facts>,
    ) -> Result<FileId, Box<Answer>> {
        let grant =
            match self.deposit(Target::New(NewFile { unless, list: None, source: None }), facts) {
                Answer::Granted(grant) => grant,
                other => return Err(Box::new(other)),
            };
        match self.commit(&grant) {
            Answer::Recorded(_) => Ok(grant.file),
            other => Err(Box::new(other)),
        }
    }

    pub(crate) fn order(&mut self, signers: &[&Card], order: &Ordered) -> Answer {
        let statements =
            signers.iter().map(|card| card.order(ORIGIN, order.clone(), now()).unwrap()).collect();
        self.ask(Request::Order(Order { statements }))
    }

    pub(crate) fn report(
        &mut self,
        set: impl FnOnce(&mut Question),
    ) -> Result<Vec<Line>, Box<Answer>> {
        self.signed_report(set).map(|told| told.lines)
    }

    /// The same with everything around the lines.
    pub(crate) fn signed_report(
        &mut self,
        set: impl FnOnce(&mut Question),
    ) -> Result<SignedReport, Box<Answer>> {
        let nonce = self.nonce(None);
        let url = format!("{ORIGIN}/who-opened");
        let proof = self.prove("GET", &url, &nonce, ProofClaims::default());
        let mut question = Question::default();
        set(&mut question);
        let (session, method) = (self.session, "GET".into());
        let report =
            Report { session, proof: proof.clone(), method, url, question: question.clone() };
        let (mut lines, mut read) = (Vec::new(), Vec::new());
        let mut answer = self.ask(Request::Report(report));
        loop {
            match answer {
                Answer::Lines(some, next) => {
                    lines.extend(some);
                    read.push(next);
                }
                Answer::Closing(closing) => {
                    return Ok(SignedReport { proof, question, lines, read, closing });
                }
                other => return Err(Box::new(other)),
            }
            answer = self.read().unwrap();
        }
    }

    pub(crate) fn health(&mut self) -> Health {
        match self.ask(Request::Health) {
            Answer::Health(health) => health,
            other => panic!("{}", told(&other)),
        }
    }
}

/// A report as it came.
pub(crate) struct SignedReport {
    pub(crate) proof: String,
    pub(crate) question: Question,
    pub(crate) lines: Vec<Line>,
    /// How far it said it had read.
    pub(crate) read: Vec<u64>,
    pub(crate) closing: Closing,
}

/// What kind of answer it is, for failures of tests.
pub(crate) fn told(answer: &Answer) -> String {
    match answer {
        Answer::Failed(failure) => format!("{failure:?}"),
        Answer::Refused(refusal) => format!(
            "refused, entry {}, asks {:?}, nonce {}",
            refusal.entry,
            refusal.ask,
            refusal.nonce.is_some()
        ),
        Answer::Opened(release) => format!("opened with {} keys", release.keys.len()),
        Answer::Found(found) => format!("found {} and {}", found.shown.len(), found.told.len()),
        Answer::Exists(file) => format!("exists {file}"),
        Answer::Granted(_) => "granted".into(),
        Answer::Recorded(recorded) => format!("recorded {}", recorded.entry),
        Answer::Welcome(_) => "welcome".into(),
        Answer::Nonce(_) => "a nonce".into(),
        Answer::SignedIn(_) => "signed in".into(),
        Answer::Lines(lines, _) => format!("{} lines", lines.len()),
        Answer::Closing(_) => "a closing".into(),
        Answer::Health(_) => "health".into(),
        Answer::Checkpoint(..) => "a checkpoint".into(),
        Answer::Done => "done".into(),
        Answer::Rehearsed(stopped) => format!("rehearsed {stopped}"),
        Answer::Entries(entries, _) => format!("{} entries", entries.len()),
        Answer::Proved(proved) => format!("proved {}", proved.entries.len()),
        Answer::Job(job) => format!("a job: {}", job.is_some()),
    }
}

/// Facts of one patient.
pub(crate) fn facts(names: &[&str], cpr: &str) -> Facts {
    Facts {
        identifiers: vec![cpr_of(cpr)],
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        birth_date: Some("1970-02-03".into()),
        telephones: vec!["+45 20 30 40 50".into()],
        families: names.iter().map(|name| (*name).to_owned()).collect(),
        addresses: Vec::new(),
    }
}

pub(crate) fn cpr_of(value: &str) -> Identifier {
    Identifier { system: "urn:oid:1.2.208.176.1.2".into(), value: value.into() }
}
