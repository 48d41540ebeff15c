//! An installation in a folder of its own, with a keyholder that serves on a thread.

use cards::{Card, Device, Identity};
use fhir::{Json, Limits, SearchQuery};
use keyholder::{Genesis, Passphrase, RootCost, Stopper, listen};
use keyproto::message::{Find, Open, Order, Query, Question, Report, Session, SignIn};
use keyproto::statement::{Order as Ordered, ProofClaims};
use ledger::entry::{CardIssued, PracticeRegistered};
use record::{OpenFile, Page, RecordedRelease, Records, Settings, Written};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{EmbeddedStore, Store};
use terms::{CardId, Curve, FileId, ListId, PracticeId, Role, ServerId, SessionId, Time};
use zeroize::Zeroizing;

pub(crate) const ORIGIN: &str = "https://localhost:8443";
pub(crate) const BASE: &str = "https://localhost:8443/fhir";
const PRACTICE: PracticeId = PracticeId::from_bytes([1; 10]);

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    settings: keyholder::Settings,
    cards: Vec<Card>,
    running: Mutex<Option<Running>>,
    pub(crate) store: Arc<dyn Store>,
    records: Option<Records>,
}

struct Running {
    stopper: Stopper,
    thread: JoinHandle<Result<(), keyholder::KeyholderError>>,
}

/// A card that signed in.
pub(crate) struct Person<'a> {
    world: &'a World,
    device: Device,
    pub(crate) session: Session,
}

impl World {
    pub(crate) fn new() -> World {
        World::with(|store| store)
    }

    /// With something between the records and the real store.
    pub(crate) fn with(between: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = keyholder::Settings::new(folder.path().join("keyholder"));
        settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
        settings.sandbox = false;
        settings.limits.roles = [[1_000_000; 6]; 9];
        settings.limits.session_openings = [1_000_000; 9];
        settings.limits.openers = [1_000_000; 2];
        let cards = cards();
        keyholder::Keyholder::create(settings.clone(), &passphrase(), genesis(&cards)).unwrap();
        let real: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(&folder.path().join("store")).unwrap());
        let running = Mutex::new(None);
        let store = Arc::clone(&real);
        let mut world = World { folder, settings, cards, running, store, records: None };
        world.serve();
        world.records =
            Some(Records::start(&record_settings(world.socket()), between(real)).unwrap());
        world
    }

    pub(crate) fn records(&self) -> &Records {
        self.records.as_ref().unwrap()
    }

    /// A second server process, so to speak: nothing in memory is shared.
    pub(crate) fn another_server(&self) -> Records {
        self.server_at(self.socket())
    }

    /// A second server process that reaches the keyholder this way.
    pub(crate) fn server_at(&self, socket: PathBuf) -> Records {
        Records::start(&record_settings(socket), Arc::clone(&self.store)).unwrap()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("run/socket")
    }

    pub(crate) fn serve(&self) {
        let opened = keyholder::Keyholder::open(self.settings.clone(), &passphrase());
        let keyholder = opened.unwrap();
        let listener = listen(&self.socket()).unwrap();
        let stopper = keyholder.stopper();
        let thread = std::thread::spawn(move || keyholder.serve(listener));
        *self.running.lock().unwrap() = Some(Running { stopper, thread });
    }

    pub(crate) fn stop(&self) {
        if let Some(running) = self.running.lock().unwrap().take() {
            running.stopper.stop();
            running.thread.join().unwrap().unwrap();
        }
    }

    /// What a restart takes from those that wait: every grant that was not committed.
    pub(crate) fn restart_keyholder(&self) {
        self.stop();
        self.serve();
    }

    pub(crate) fn person(&self, role: Role) -> Person<'_> {
        let card = self.cards.iter().find(|card| card.identity().role == role).unwrap();
        let device = Device::make().unwrap();
        let url = format!("{ORIGIN}/auth/token");
        let keyholder = self.records().keyholder();
        let nonce = keyholder.nonce(None).unwrap();
        let assertion = card.sign_in(&url, device.public(), None, None, now()).unwrap();
        let claims = ProofClaims::default();
        let proof = device.prove("POST", &url, None, Some(&nonce), now(), claims).unwrap();
        let session = keyholder.sign_in(SignIn { assertion, proof, url }).unwrap();
        Person { world: self, device, session }
    }

    pub(crate) fn doctor(&self) -> Person<'_> {
        self.person(Role::Doctor)
    }

    pub(crate) fn approve(&self, list: ListId) {
        let order = Ordered::ApproveList { list, practice: PRACTICE };
        let officers = self.cards.iter().filter(|card| card.identity().role == Role::Officer);
        let sign = |card: &Card| card.order(ORIGIN, order.clone(), now()).unwrap();
        let statements = officers.map(sign).collect();
        self.records().keyholder().order(Order { statements }).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.records = None;
        self.stop();
    }
}

impl Person<'_> {
    pub(crate) fn id(&self) -> SessionId {
        self.session.session
    }

    pub(crate) fn release(&self, file: FileId) -> RecordedRelease {
        self.try_release(file).unwrap()
    }

    pub(crate) fn try_release(
        &self,
        file: FileId,
    ) -> Result<RecordedRelease, record::KeyholderError> {
        let keyholder = self.world.records().keyholder();
        let nonce = keyholder.nonce(None)?;
        let url = format!("{BASE}/Patient/{file}");
        let claims = ProofClaims::default();
        let proof = self.device.prove("GET", &url, None, Some(&nonce), now(), claims).unwrap();
        let (session, method) = (self.id(), "GET".into());
        keyholder.open(Open { session, proof, method, url, file })
    }

    /// The files that a look-up names.
    pub(crate) fn find(&self, query: Query) -> Vec<FileId> {
        let keyholder = self.world.records().keyholder();
        let nonce = keyholder.nonce(None).unwrap();
        let url = format!("{BASE}/Patient");
        let claims = ProofClaims::default();
        let proof = self.device.prove("GET", &url, None, Some(&nonce), now(), claims).unwrap();
        let (session, method) = (self.id(), "GET".into());
        let found = keyholder.find(Find { session, proof, method, url, query }).unwrap();
        found.shown.iter().map(RecordedRelease::file).chain(found.told).collect()
    }

    pub(crate) fn open(&self, file: FileId) -> OpenFile {
        self.world.records().open(self.release(file)).unwrap()
    }

    pub(crate) fn create(&self, resource: &str) -> Written {
        self.create_in(resource, None)
    }

    pub(crate) fn create_in(&self, resource: &str, open: Option<&OpenFile>) -> Written {
        self.world.records().create(self.id(), json(resource), None, open).unwrap()
    }

    /// A new patient's file.
    pub(crate) fn patient(&self) -> FileId {
        self.create(PATIENT).id.file
    }

    pub(crate) fn report(&self, file: FileId) -> Vec<keyproto::message::Line> {
        let keyholder = self.world.records().keyholder();
        let nonce = keyholder.nonce(None).unwrap();
        let url = format!("{BASE}/AuditEvent");
        let claims = ProofClaims::default();
        let proof = self.device.prove("GET", &url, None, Some(&nonce), now(), claims).unwrap();
        let report = Report {
            session: self.id(),
            proof,
            method: "GET".into(),
            url,
            question: Question { file: Some(file), everything: true, ..Question::default() },
        };
        let mut told = Vec::new();
        let closing = keyholder.report(report, &mut |lines, _| {
            told.extend(lines);
            ControlFlow::Continue(())
        });
        assert!(closing.unwrap().is_some());
        told
    }
}

pub(crate) const PATIENT: &str = r#"{"resourceType":"Patient","language":"da",
    "identifier":[{"system":"urn:oid:1.2.208.176.1.2","value":"0302701234"}],
    "name":[{"family":"Jensen","given":["Åse","Marie"]}],
    "telecom":[{"system":"phone","value":"+45 20 30 40 50"}],
    "gender":"female","birthDate":"1970-02-03","address":[{"city":"Svendborg"}]}"#;

/// An Observation of this patient with this code and value.
pub(crate) fn observation(file: FileId, code: &str, value: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":
        "http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{file}"}},
        "valueQuantity":{{"value":{value},"unit":"mmol/L"}}}}"#
    )
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text.as_bytes(), &Limits::default()).unwrap()
}

pub(crate) fn query(resource_type: &str, parameters: &[(&str, &str)]) -> SearchQuery {
    SearchQuery::parse(resource_type, parameters.iter().copied(), BASE).unwrap()
}

pub(crate) fn page(count: u32) -> Page {
    Page { from: None, count }
}

pub(crate) fn now() -> Time {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    Time::from_millis(since.as_millis() as u64)
}

fn record_settings(socket: PathBuf) -> Settings {
    Settings {
        socket,
        server: ServerId::from_bytes([9; 10]),
        origin: ORIGIN.into(),
        base_url: BASE.into(),
        connections: 16,
        timeout: Duration::from_secs(20),
    }
}

fn cards() -> Vec<Card> {
    let roles = [
        (Role::Officer, "Officer 1"),
        (Role::Officer, "Officer 2"),
        (Role::Doctor, "Doctor"),
        (Role::Nurse, "Nurse"),
        (Role::Pharmacist, "Pharmacist"),
        (Role::Laboratory, "Laboratory"),
        (Role::Importer, "Import"),
    ];
    let card = |(i, (role, holder)): (usize, &(Role, &str))| {
        let card = CardId::from_bytes([10 + i as u8; 10]);
        let identity = Identity { card, role: *role, practice: PRACTICE, holder: (*holder).into() };
        Card::make(identity, Curve::P256).unwrap()
    };
    roles.iter().enumerate().map(card).collect()
}

fn genesis(cards: &[Card]) -> Genesis {
    let issued = cards.iter().map(|card| CardIssued {
        card: card.identity().card,
        role: card.identity().role,
        practice: PRACTICE,
        holder: card.identity().holder.clone(),
        key: card.public().clone(),
        not_after: now() + terms::Duration::from_days(30),
        file: None,
        by: Vec::new(),
        order: [0; 32],
    });
    let practice = PracticeRegistered {
        practice: PRACTICE,
        name: "Practice".into(),
        by: Vec::new(),
        order: [0; 32],
    };
    let cards = issued.collect();
    Genesis { tenant: "test.example".into(), practices: vec![practice], cards }
}

fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new("correct horse".into())).unwrap()
}
