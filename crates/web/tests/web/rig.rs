//! Keyholder, store and server wired together, with cards for everybody.

use crate::client::{self, Client, Response};
use cards::{Card, Device, Identity};
use decision::Limits;
use intake::desk::{Desk, Reception};
use intake::key::{OfficerKey, ReceiptKey};
use intake::notice::{LANGUAGES, Notice};
use keyholder::{Genesis, Keyholder, Passphrase, RootCost};
use keyproto::jws::Jwk;
use keyproto::statement::{Order, ProofClaims};
use ledger::entry::{CardIssued, PracticeRegistered};
use record::Records;
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::{EmbeddedStore, Store};
use tempfile::TempDir;
use terms::{CardId, Curve, FileId, PracticeId, Role, ServerId, Time};
use tokio::sync::oneshot;

/// A server that stays up as long as the tests run.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) origin: String,
    pub(crate) trust: Arc<ClientConfig>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    stopped: Mutex<mpsc::Receiver<()>>,
    cards: Vec<Card>,
    folder: TempDir,
}

/// A card that is signed in, with the device of its session.
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) device: Device,
    pub(crate) nonce: Mutex<String>,
}

/// Who reads reports.
pub(crate) static OFFICER: LazyLock<OfficerKey> = LazyLock::new(|| OfficerKey::make().unwrap());
/// Hash of the code of a letter.
const CODE_HASH: &str = "342ad29dd8937afce02683a78dfeb2cfb2a26e5fd3982e5aee7c9d6b1d5a8215";

static RIG: LazyLock<Rig> = LazyLock::new(|| {
    crate::logs::keep();
    Rig::start(|_| {})
});

/// Tests that share a card open more files in ten seconds than anybody at work.
fn generous() -> Limits {
    const MANY: [u32; 6] = [1_000_000; 6];
    Limits { roles: [MANY; 9], found: MANY, former: MANY, ..Limits::default() }
}

/// The one that most tests share.
pub(crate) fn rig() -> &'static Rig {
    &RIG
}

pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_millis(since.as_millis() as u64)
}

const STAFF: [(&str, Role, u8); 8] = [
    ("doctor", Role::Doctor, 1),
    ("colleague", Role::Doctor, 1),
    ("receptionist", Role::Receptionist, 1),
    ("laboratory", Role::Laboratory, 2),
    ("stranger", Role::Doctor, 3),
    ("officer", Role::Officer, 1),
    ("officer-two", Role::Officer, 1),
    ("nurse", Role::Nurse, 1),
];

/// The desk of a test's server.
fn desk(origin: &str, folder: &Path) -> Desk {
    let key = ReceiptKey::make().unwrap();
    let certificate = OFFICER.certify(origin, key.public(), now()).unwrap();
    let notice = Notice {
        origin: origin.into(),
        organisation: "Practice".into(),
        contact: Vec::new(),
        policy: None,
        encryption: None,
        languages: LANGUAGES.map(str::to_owned).into(),
        canonical: Vec::new(),
        csaf: None,
        expires_days: 90,
        test_files: Vec::new(),
    };
    let reception = Reception::of(certificate, key).unwrap();
    let desk = Desk::open(notice, Some(reception), folder).unwrap();
    std::fs::write(folder.join("letter-codes"), format!("{CODE_HASH}\n")).unwrap();
    desk
}

impl Rig {
    pub(crate) fn start(bound: impl FnOnce(&mut web::Bounds)) -> Rig {
        Rig::start_with(bound, generous())
    }

    pub(crate) fn start_with(bound: impl FnOnce(&mut web::Bounds), limits: Limits) -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap();
        drop(free);
        let origin = format!("https://localhost:{}", listen.port());
        let cards: Vec<Card> =
            STAFF.map(|(name, role, practice)| card(name, role, practice)).into();
        let socket = keyholder(&folder, &cards, limits);
        let store = EmbeddedStore::open(&folder.path().join("store")).unwrap();
        let records = record::Settings {
            socket,
            server: ServerId::from_bytes([7; 10]),
            origin: origin.clone(),
            base_url: format!("{origin}/fhir"),
            connections: 16,
            timeout: Duration::from_secs(30),
        };
        let store: Arc<dyn Store> = Arc::new(store);
        let records = Arc::new(Records::start(&records, store).unwrap());
        let names = ["localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let desk = desk(&origin, &folder.path().join("intake"));
        let mut settings = web::Settings {
            listen,
            local: Some(([127, 0, 0, 1], 0).into()),
            origin: origin.clone(),
            certificate: made.cert.pem().into_bytes(),
            key: made.signing_key.serialize_pem().into_bytes(),
            desk: Arc::new(desk),
            bounds: web::Bounds {
                failures_a_minute: 100_000,
                messages_an_hour: 100_000,
                looks_a_minute: 100_000,
                ..web::Bounds::default()
            },
        };
        bound(&mut settings.bounds);
        let running = run(settings, records);
        let Running { address, local, stop, stopped } = running;
        let trust = client::trust(&CertificateDer::from(made.cert.der().to_vec()));
        let (stop, stopped) = (Mutex::new(Some(stop)), Mutex::new(stopped));
        Rig { address, local, origin, trust, stop, stopped, cards, folder }
    }

    /// Where everything lies.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&self) {
        self.stop.lock().unwrap().take().unwrap().send(()).unwrap();
    }

    /// Waits until it has stopped.
    pub(crate) fn has_stopped_within(&self, span: Duration) -> bool {
        self.stopped.lock().unwrap().recv_timeout(span).is_ok()
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address, &self.trust)
    }

    /// A connection that speaks HTTP/2, for as long as the runtime lives.
    pub(crate) async fn http_2(&self) -> h2::client::SendRequest<bytes::Bytes> {
        let stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let mut config = (*self.trust).clone();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let (sender, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    pub(crate) fn card(&self, name: &str) -> &Card {
        let at = STAFF.iter().position(|(other, ..)| *other == name).unwrap();
        &self.cards[at]
    }

    /// Signs in as RFC 9449 has it: the first answer brings the nonce.
    pub(crate) fn sign_in(&self, name: &str) -> Session {
        self.sign_in_for(self.card(name), "system/*.cruds")
    }

    /// The same, for as much as a scope says.
    pub(crate) fn sign_in_for(&self, card: &Card, scope: &str) -> Session {
        let device = Device::make().unwrap();
        let mut client = self.connect();
        let mut nonce = None;
        loop {
            let nonce_now = nonce.as_deref();
            let response = self.try_sign_in_for(&mut client, card, &device, nonce_now, scope);
            let body = response.json();
            match response.status {
                200 => {
                    let token = body["access_token"].as_str().unwrap().to_owned();
                    let next = response.header("dpop-nonce").unwrap().to_owned();
                    return Session { token, device, nonce: Mutex::new(next) };
                }
                400 if body["error"] == "use_dpop_nonce" && nonce.is_none() => {
                    nonce = response.header("dpop-nonce").map(str::to_owned);
                }
                status => panic!("the card cannot sign in: {status} {body}"),
            }
        }
    }

    pub(crate) fn try_sign_in(
        &self,
        client: &mut Client,
        card: &Card,
        device: &Device,
        nonce: Option<&str>,
    ) -> Response {
        self.try_sign_in_for(client, card, device, nonce, "system/*.cruds")
    }

    pub(crate) fn try_sign_in_for(
        &self,
        client: &mut Client,
        card: &Card,
        device: &Device,
        nonce: Option<&str>,
        scope: &str,
    ) -> Response {
        let url = format!("{}/auth/token", self.origin);
        let assertion = card.sign_in(&url, device.public(), None, None, now()).unwrap();
        let claims = ProofClaims::default();
        let proof = device.prove("POST", &url, None, nonce, now(), claims).unwrap();
        let form = format!(
            "grant_type=client_credentials&scope={}&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
             &client_assertion={assertion}",
            scope.replace('/', "%2F").replace(' ', "+").replace('?', "%3F").replace('=', "%3D")
        );
        let headers =
            [("DPoP", proof.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        client.send("POST", "/auth/token", &headers, form.as_bytes())
    }

    /// The proof of one request.
    pub(crate) fn prove(
        &self,
        session: &Session,
        method: &str,
        path: &str,
        claims: ProofClaims,
    ) -> String {
        let path = path.split('?').next().unwrap();
        let url = format!("{}{path}", self.origin);
        let nonce = session.nonce.lock().unwrap().clone();
        let token = Some(session.token.as_str());
        session.device.prove(method, &url, token, Some(&nonce), now(), claims).unwrap()
    }

    /// One request as an RFC 9449 client makes it: a nonce that is missing is asked for once.
    pub(crate) fn ask(
        &self,
        client: &mut Client,
        session: &Session,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let authorization = format!("DPoP {}", session.token);
        for again in [true, false] {
            let proof = self.prove(session, method, path, ProofClaims::default());
            let mut all = vec![("Authorization", authorization.as_str()), ("DPoP", &proof)];
            all.extend_from_slice(headers);
            let response = client.send(method, path, &all, body);
            if let Some(next) = response.header("dpop-nonce") {
                *session.nonce.lock().unwrap() = next.to_owned();
            }
            let challenge = response.header("www-authenticate").unwrap_or_default();
            if !(again && response.status == 401 && challenge.contains("use_dpop_nonce")) {
                return response;
            }
        }
        unreachable!("the second answer is returned")
    }

    /// A made-up patient of the doctor's own; the path is `Patient/<id>`.
    pub(crate) fn patient(&self, client: &mut Client, session: &Session, family: &str) -> String {
        let patient = serde_json::json!({
            "resourceType": "Patient",
            "identifier": [{ "system": "urn:oid:1.2.208.176.1.2", "value": unique_number() }],
            "name": [{ "family": family, "given": ["Ane", "Marie"] }],
            "gender": "female",
            "birthDate": "1950-02-03",
            "telecom": [{ "system": "phone", "value": unique_number() }],
        });
        let body = patient.to_string();
        let response = self.ask(client, session, "POST", "/fhir/Patient", &JSON, body.as_bytes());
        assert_eq!(response.status, 201, "{}", String::from_utf8_lossy(&response.body));
        let location = response.header("location").unwrap();
        let path = location.strip_prefix(&format!("{}/fhir/", self.origin)).unwrap();
        path.split("/_history").next().unwrap().to_owned()
    }

    /// Two officers issue the patient's card, and the card says: I am present at practice 1.
    pub(crate) fn present(&self, client: &mut Client, file: FileId) -> Card {
        let identity = Identity {
            card: CardId::from_bytes(file.as_bytes()[..10].try_into().unwrap()),
            role: Role::Patient,
            practice: PracticeId::from_bytes([1; 10]),
            holder: "patient".to_owned(),
        };
        let card = Card::make(identity, Curve::P256).unwrap();
        let issue = Order::IssueCard {
            card: card.identity().card,
            role: Role::Patient,
            practice: card.identity().practice,
            holder: card.identity().holder.clone(),
            key: Jwk::of(card.public()),
            not_after: now().seconds() + 3600,
            file: Some(file),
        };
        let officers = [self.card("officer"), self.card("officer-two")];
        self.order(client, &officers, &issue);
        let practice = PracticeId::from_bytes([1; 10]);
        self.order(client, &[&card], &Order::Presence { file, practice });
        card
    }

    /// Hands in an order that these cards sign.
    pub(crate) fn order(&self, client: &mut Client, cards: &[&Card], order: &Order) {
        let signed: Vec<_> = cards
            .iter()
            .map(|card| card.order(&self.origin, order.clone(), now()).unwrap())
            .collect();
        let body = serde_json::to_vec(&signed).unwrap();
        let headers = [("Content-Type", "application/json")];
        let response = client.send("POST", "/orders", &headers, &body);
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        assert!(response.json()["entry"].as_u64().is_some());
    }

    /// A bearer token for exactly this patient.
    pub(crate) fn token(&self, client: &mut Client, session: &Session, patient: &str) -> String {
        let token = format!("t-{}", unique_number().repeat(4));
        let hash = keyproto::jws::sha256(token.as_bytes());
        let claims = || ProofClaims {
            token: Some(data_encoding::BASE64URL_NOPAD.encode(&hash)),
            token_hours: Some(1),
            ..ProofClaims::default()
        };
        let path = format!("/fhir/{patient}");
        let authorization = format!("DPoP {}", session.token);
        let again = ("Cache-Control", "no-cache");
        let proof = self.prove(session, "GET", &path, claims());
        let headers = [("Authorization", authorization.as_str()), ("DPoP", &proof), again];
        let response = client.send("GET", &path, &headers, b"");
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        token
    }
}

pub(crate) const JSON: [(&str, &str); 1] = [("Content-Type", "application/fhir+json")];

/// Ten digits that no other call returns.
pub(crate) fn unique_number() -> String {
    static NEXT: Mutex<u64> = Mutex::new(1_000_000_000);
    let mut next = NEXT.lock().unwrap();
    *next += 7;
    next.to_string()
}

fn card(name: &str, role: Role, practice: u8) -> Card {
    let number = STAFF.iter().position(|(other, ..)| *other == name).unwrap() as u8;
    let identity = Identity {
        card: CardId::from_bytes([number + 101; 10]),
        role,
        practice: PracticeId::from_bytes([practice; 10]),
        holder: name.to_owned(),
    };
    Card::make(identity, Curve::P256).unwrap()
}

/// Starts the keyholder in this process, where nothing can lock itself in; returns its socket.
fn keyholder(folder: &TempDir, cards: &[Card], limits: Limits) -> PathBuf {
    let path = folder.path().join("keyholder");
    let settings = || keyholder::Settings {
        root_cost: RootCost { memory_kib: 64, passes: 1 },
        sandbox: false,
        limits: limits.clone(),
        ..keyholder::Settings::new(&path)
    };
    let passphrase = Passphrase::new("made up".to_owned().into()).unwrap();
    let practices = [1, 2, 3].map(|number| PracticeRegistered {
        practice: PracticeId::from_bytes([number; 10]),
        name: format!("practice {number}"),
        by: Vec::new(),
        order: [0; 32],
    });
    let issued = cards.iter().map(|card| CardIssued {
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
    let genesis =
        Genesis { tenant: "test".into(), practices: practices.into(), cards: issued.collect() };
    Keyholder::create(settings(), &passphrase, genesis).unwrap();
    let socket = folder.path().join("run").join("keyholder.sock");
    let listener = keyholder::listen(&socket).unwrap();
    let keyholder = Keyholder::open(settings(), &passphrase).unwrap();
    std::thread::spawn(move || keyholder.serve(listener).unwrap());
    socket
}

struct Running {
    address: SocketAddr,
    local: SocketAddr,
    stop: oneshot::Sender<()>,
    stopped: mpsc::Receiver<()>,
}

/// Runs the server on a thread of its own until it is asked to stop.
fn run(settings: web::Settings, records: Arc<Records>) -> Running {
    let (sender, receiver) = mpsc::channel();
    let (say_stopped, stopped) = mpsc::channel();
    let (stop, stopping) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = web::Server::listen(settings).await.unwrap();
            sender.send((server.address(), server.local_address().unwrap())).unwrap();
            server.run(records, async { stopping.await.unwrap_or_default() }).await;
        });
        // Most tests do not wait for the end.
        let _ = say_stopped.send(());
    });
    let (address, local) = receiver.recv().unwrap();
    Running { address, local, stop, stopped }
}
