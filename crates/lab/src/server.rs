//! A taken-over server with a thousand live sessions, against the very core, with real signatures.
//!
//! It sees every statement that clients sign, can forward, repeat, reorder and redirect them, and
//! sign with keys of its own. It has none of theirs. What counts is how many files open that the
//! client whose session it is did not itself sign for.

use crate::chance::Chance;
use cards::{Device, Identity, KeyError};
use decision::{Asked, Begin, Core, Event, Limits, Named, SignIn, State, Target, Verdict};
use keyproto::statement::{Order, Proof, ProofClaims, UnverifiedOrder, UnverifiedSignIn};
use ledger::entry::{CardIssued, PracticeRegistered};
use serde::Serialize;
use std::collections::BTreeSet;
use terms::{
    Blind, CardId, Curve, Duration, FileId, ListId, PracticeId, Role, Section, ServerId, SessionId,
    Time,
};

const ORIGIN: &str = "https://localhost:8443";
const TOKEN_URL: &str = "https://localhost:8443/auth/token";
const START: Time = Time::from_millis(1_800_000_000_000);
/// Cards of one practice.
const CARDS_EACH: usize = 10;
/// Patients of one practice.
const FILES_EACH: usize = 30;

/// What it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// Live sessions.
    pub sessions: usize,
    /// Files that clients themselves opened.
    pub opened: usize,
    /// What the server tried.
    pub tried: usize,
    /// Distinct files beyond.
    pub beyond: usize,
}

struct Client {
    practice: usize,
    device: Device,
    session: SessionId,
}

/// One statement that passed through, and which file it was for.
struct Passed {
    client: usize,
    file: usize,
    url: String,
    text: String,
}

struct Siege {
    core: Core,
    now: Time,
    clients: Vec<Client>,
    passed: Vec<Passed>,
    signed: BTreeSet<(usize, usize)>,
    beyond: BTreeSet<usize>,
    opened: BTreeSet<usize>,
}

/// Plays it, with so many sessions and attempts.
pub(crate) fn beyond(sessions: usize, attempts: usize, seed: u64) -> Result<Beyond, KeyError> {
    let mut chance = Chance::of(seed, 4);
    let mut siege = Siege::new(sessions)?;
    for client in 0..sessions {
        // Each opens a file of its practice, through the server that forwards it.
        let practice = siege.clients[client].practice;
        let file = practice * FILES_EACH + chance.below(FILES_EACH);
        siege.client_opens(client, file)?;
    }
    for _ in 0..attempts {
        siege.try_something(&mut chance)?;
    }
    let (opened, beyond) = (siege.opened.len(), siege.beyond.len());
    Ok(Beyond { sessions, opened, tried: attempts, beyond })
}

fn id(kind: u8, number: usize) -> [u8; 10] {
    let mut bytes = [kind; 10];
    bytes[2..].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

fn named(file: usize) -> Named {
    let mut bytes = [0x66; 16];
    bytes[8..].copy_from_slice(&(file as u64).to_be_bytes());
    let mut blind = bytes;
    blind[0] = 0x62;
    Named { id: FileId::from_bytes(bytes), blind: Blind::from_bytes(blind) }
}

fn address(file: usize) -> String {
    format!("{ORIGIN}/fhir/Patient/{}", named(file).id)
}

fn here() -> ServerId {
    ServerId::from_bytes(id(b's', 1))
}

impl Siege {
    fn new(sessions: usize) -> Result<Siege, KeyError> {
        let practices = sessions.div_ceil(CARDS_EACH);
        let card = |number: usize, practice: usize, role| {
            let identity = Identity {
                card: CardId::from_bytes(id(b'c', number)),
                practice: PracticeId::from_bytes(id(b'p', practice)),
                role,
                holder: String::new(),
            };
            cards::Card::make(identity, Curve::P256)
        };
        let mut staff = Vec::new();
        for number in 0..sessions {
            staff.push(card(number, number / CARDS_EACH, Role::Doctor)?);
        }
        let officers = [card(sessions, 0, Role::Officer)?, card(sessions + 1, 0, Role::Officer)?];
        let mut importers = Vec::new();
        for practice in 0..practices {
            importers.push(card(sessions + 2 + practice, practice, Role::Importer)?);
        }
        let all = staff.iter().chain(&officers).chain(&importers);
        let begin = Begin {
            tenant: "siege".into(),
            directory: Blind::from_bytes([0; 16]),
            practices: (0..practices).map(registered).collect(),
            cards: all.map(issued).collect(),
        };
        let mut core = Core::new(State::default(), [9; 32], Limits::default());
        core.handle(START, here(), Event::Begin(begin));
        let now = START + Duration::from_days(1);
        let (clients, passed) = (Vec::new(), Vec::new());
        let (signed, beyond, opened) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut siege = Siege { core, now, clients, passed, signed, beyond, opened };
        for (practice, importer) in importers.into_iter().enumerate() {
            siege.import(practice, &importer, &officers)?;
        }
        for (number, card) in staff.into_iter().enumerate() {
            siege.sign_in(number / CARDS_EACH, &card)?;
        }
        Ok(siege)
    }

    /// A practice's patients, approved by two officers.
    fn import(
        &mut self,
        practice: usize,
        importer: &cards::Card,
        officers: &[cards::Card; 2],
    ) -> Result<(), KeyError> {
        let at = self.sign_in(practice, importer)?;
        let session = self.clients[at].session;
        let list = ListId::from_bytes(id(b'l', practice));
        for file in practice * FILES_EACH..(practice + 1) * FILES_EACH {
            let target = Target::New { file: named(file), list: Some(list), unless: None };
            let sections = Section::ALL.to_vec();
            let event = Event::Deposit { session, target, sections };
            if let Verdict::Granted(granted) = self.tell(event) {
                self.tell(Event::Commit { grant: granted.grant, head: [1; 32] });
            }
        }
        self.clients.pop();
        let order =
            Order::ApproveList { list, practice: PracticeId::from_bytes(id(b'p', practice)) };
        let mut statements = Vec::new();
        for officer in officers {
            let text = officer.order(ORIGIN, order.clone(), self.now)?;
            let unverified = UnverifiedOrder::parse(&text).map_err(|_| KeyError)?;
            let signed = unverified.verify(officer.public(), ORIGIN, self.now);
            statements.push(signed.map_err(|_| KeyError)?);
        }
        self.tell(Event::Order { statements, file: None });
        Ok(())
    }

    fn tell(&mut self, event: Event) -> Verdict {
        self.core.handle(self.now, here(), event).verdict
    }

    fn sign_in(&mut self, practice: usize, card: &cards::Card) -> Result<usize, KeyError> {
        let device = Device::make()?;
        let mut session = [7; 16];
        let number = self.clients.len() + practice * 100_000;
        session[8..].copy_from_slice(&(number as u64).to_be_bytes());
        if card.identity().role == Role::Importer {
            session[0] = 8;
        }
        let session = SessionId::from_bytes(session);
        let text = card.sign_in(TOKEN_URL, device.public(), None, None, self.now)?;
        let unverified = UnverifiedSignIn::parse(&text).map_err(|_| KeyError)?;
        let signed = unverified.verify(card.public(), TOKEN_URL, self.now).map_err(|_| KeyError)?;
        let nonce = self.core.nonce(self.now, None);
        let claims = ProofClaims::default();
        let proof = device.prove("POST", TOKEN_URL, None, Some(&nonce), self.now, claims)?;
        let asked = asked(session, "POST", TOKEN_URL, &proof)?;
        self.tell(Event::SignIn(SignIn { signed, asked }));
        self.clients.push(Client { practice, device, session });
        Ok(self.clients.len() - 1)
    }

    /// A client signs for one file, and the server forwards it.
    fn client_opens(&mut self, client: usize, file: usize) -> Result<(), KeyError> {
        let nonce = self.core.nonce(self.now, None);
        let url = address(file);
        let device = &self.clients[client].device;
        let claims = ProofClaims::default();
        let text = device.prove("GET", &url, None, Some(&nonce), self.now, claims)?;
        self.signed.insert((client, file));
        let passed = Passed { client, file, url: url.clone(), text: text.clone() };
        let session = self.clients[client].session;
        self.open(session, client, file, &url, &text)?;
        self.passed.push(passed);
        Ok(())
    }

    /// Opens with whatever text, and notes what came out that nobody signed for.
    fn open(
        &mut self,
        session: SessionId,
        client: usize,
        file: usize,
        url: &str,
        text: &str,
    ) -> Result<(), KeyError> {
        let asked = asked(session, "GET", url, text)?;
        let verdict = self.tell(Event::Open { asked, file: named(file), close: false });
        if matches!(verdict, Verdict::Opened(_)) {
            if self.signed.contains(&(client, file)) {
                self.opened.insert(file);
            } else {
                self.beyond.insert(file);
            }
        }
        Ok(())
    }

    /// One of the things such a server can do with what it saw.
    fn try_something(&mut self, chance: &mut Chance) -> Result<(), KeyError> {
        self.now = self.now + Duration::from_millis(chance.below(2_000) as u64);
        // What is older than a nonce's life is refused for that alone.
        let seen = self.passed.len() - 1 - chance.below(self.passed.len().min(50));
        let Passed { client, file, url, text } = &self.passed[seen];
        let (client, file, url, text) = (*client, *file, url.clone(), text.clone());
        let files = self.clients.len().div_ceil(CARDS_EACH) * FILES_EACH;
        let (other, another) = (chance.below(files), chance.below(self.clients.len()));
        let session = self.clients[client].session;
        match chance.below(6) {
            // Again, as it was: the file is one that the client has open.
            0 => self.open(session, client, file, &url, &text),
            // The same text for another file, with its address or the old one.
            1 => self.open(session, client, other, &url, &text),
            2 => self.open(session, client, other, &address(other), &text),
            // For another client's session.
            3 => {
                let session = self.clients[another].session;
                self.open(session, another, file, &url, &text)
            }
            // A statement of its own, signed by a key of its own, under a live session.
            4 => {
                let nonce = self.core.nonce(self.now, None);
                let (evil, url) = (Device::make()?, address(other));
                let claims = ProofClaims::default();
                let text = evil.prove("GET", &url, None, Some(&nonce), self.now, claims)?;
                self.open(session, client, other, &url, &text)
            }
            // A client goes on working meanwhile, and the server swaps the file on its way.
            _ => {
                let practice = self.clients[client].practice;
                let wanted = practice * FILES_EACH + chance.below(FILES_EACH);
                let nonce = self.core.nonce(self.now, None);
                let url = address(wanted);
                let device = &self.clients[client].device;
                let claims = ProofClaims::default();
                let text = device.prove("GET", &url, None, Some(&nonce), self.now, claims)?;
                self.signed.insert((client, wanted));
                self.open(session, client, other, &address(other), &text)?;
                self.open(session, client, wanted, &url, &text)?;
                self.passed.push(Passed { client, file: wanted, url, text });
                Ok(())
            }
        }
    }
}

fn asked(session: SessionId, method: &str, url: &str, text: &str) -> Result<Asked, KeyError> {
    let proof = Proof::verify(text).map_err(|_| KeyError)?;
    let (method, url, origin) = (method.into(), url.into(), ORIGIN.into());
    Ok(Asked { session, proof, method, url, origin })
}

fn registered(practice: usize) -> PracticeRegistered {
    PracticeRegistered {
        practice: PracticeId::from_bytes(id(b'p', practice)),
        name: "practice".into(),
        by: Vec::new(),
        order: [0; 32],
    }
}

fn issued(card: &cards::Card) -> CardIssued {
    let Identity { card: number, practice, role, holder } = card.identity().clone();
    CardIssued {
        card: number,
        role,
        practice,
        holder,
        key: card.public().clone(),
        not_after: START + Duration::from_days(1_000),
        file: None,
        by: Vec::new(),
        order: [0; 32],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_over_server_gets_nothing_beyond() {
        let got = beyond(40, 1_500, 1).unwrap();
        assert_eq!(got.beyond, 0, "{got:?}");
        assert!(got.opened > 40, "clients themselves work: {got:?}");
    }
}
