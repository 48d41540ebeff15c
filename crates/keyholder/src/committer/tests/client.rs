//! The clients of a simulated day: officers and doctors with cards and devices.

use crate::locator;
use crate::mind::Shared;
use crate::start::Genesis;
use cards::{Card, Device, Identity};
use decision::State;
use keyproto::Request;
use keyproto::message::*;
use keyproto::statement::{Order as Ordered, ProofClaims, SignedOrder, UnverifiedOrder};
use ledger::Files;
use ledger::entry::{CardIssued, PracticeRegistered};
use seal::{Chain, Place};
use terms::{
    Blind, CardId, Curve, Duration, FileId, PracticeId, Role, Section, ServerId, SessionId, Time,
};

/// What one segment holds: its place, and the text.
pub(super) type Content = (u32, Section, Vec<u8>);

const ORIGIN: &str = "https://localhost:8443";
const SERVER: ServerId = ServerId::from_bytes([9; 10]);
const TENANT: &str = "days.example";
const PRACTICE: PracticeId = PracticeId::from_bytes([1; 10]);

pub(super) struct Clients {
    officers: [Card; 2],
    doctors: Vec<(Card, Device, SessionId)>,
}

impl Clients {
    pub(super) fn new() -> Clients {
        let card = |number: u8, role| {
            let (card, practice) = (CardId::from_bytes([number; 10]), PRACTICE);
            let identity = Identity { card, role, practice, holder: format!("card {number}") };
            Card::make(identity, Curve::P256).unwrap()
        };
        let officers = [card(10, Role::Officer), card(11, Role::Officer)];
        let nobody = SessionId::from_bytes([0; 16]);
        let doctors = (20..22).map(|n| (card(n, Role::Doctor), Device::make().unwrap(), nobody));
        Clients { officers, doctors: doctors.collect() }
    }

    pub(super) fn genesis(&self, now: Time) -> Genesis {
        let cards = self.officers.iter().chain(self.doctors.iter().map(|(card, ..)| card));
        let issued = cards.map(|card| CardIssued {
            card: card.identity().card,
            role: card.identity().role,
            practice: PRACTICE,
            holder: card.identity().holder.clone(),
            key: card.public().clone(),
            not_after: now + Duration::from_days(30),
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
        Genesis { tenant: TENANT.into(), practices: vec![practice], cards: issued.collect() }
    }

    pub(super) fn doctors(&self) -> usize {
        self.doctors.len()
    }

    pub(super) fn session(&self, doctor: usize) -> SessionId {
        self.doctors[doctor].2
    }

    pub(super) fn signed_in(&mut self, doctor: usize, session: SessionId) {
        self.doctors[doctor].2 = session;
    }

    pub(super) fn hello(&self) -> Request {
        Request::Hello(Hello { version: VERSION, server: SERVER, origin: ORIGIN.into() })
    }

    pub(super) fn sign_in(&self, doctor: usize, nonce: &str, now: Time) -> Request {
        let (card, device, _) = &self.doctors[doctor];
        let url = format!("{ORIGIN}/auth/token");
        let assertion = card.sign_in(&url, device.public(), None, None, now).unwrap();
        let proof = self.prove(doctor, "POST", &url, nonce, now);
        Request::SignIn(SignIn { assertion, proof, url })
    }

    pub(super) fn open(&self, doctor: usize, file: FileId, nonce: &str, now: Time) -> Request {
        let url = format!("{ORIGIN}/fhir/Patient/{file}");
        let proof = self.prove(doctor, "GET", &url, nonce, now);
        let session = self.session(doctor);
        Request::Open(Open { session, proof, method: "GET".into(), url, file })
    }

    pub(super) fn find(&self, doctor: usize, number: &str, nonce: &str, now: Time) -> Request {
        let url = format!("{ORIGIN}/fhir/Patient");
        let proof = self.prove(doctor, "GET", &url, nonce, now);
        let (session, query) = (self.session(doctor), Query::Identifier(identifier(number)));
        Request::Find(Find { session, proof, method: "GET".into(), url, query })
    }

    pub(super) fn erase(&self, file: FileId, now: Time) -> Request {
        let order = Ordered::Erase { file };
        let sign = |card: &Card| card.order(ORIGIN, order.clone(), now).unwrap();
        Request::Order(Order { statements: self.officers.iter().map(sign).collect() })
    }

    /// The same, verified, and the server it comes through.
    pub(super) fn erasure(
        &self,
        state: &State,
        file: FileId,
        now: Time,
    ) -> (Vec<SignedOrder>, ServerId) {
        let Request::Order(Order { statements }) = self.erase(file, now) else { unreachable!() };
        let verify = |text: &String| {
            let unverified = UnverifiedOrder::parse(text).unwrap();
            let key = state.card_key(unverified.card()).unwrap();
            unverified.verify(key, ORIGIN, now).unwrap()
        };
        (statements.iter().map(verify).collect(), SERVER)
    }

    /// Which files the locator has under this number.
    pub(super) fn hits<F: Files>(&self, shared: &Shared<F>, number: &str) -> Vec<Blind> {
        let (_, token) =
            locator::identifier(&shared.ring.tokens, PRACTICE, &identifier(number)).unwrap();
        shared.table.find(&shared.ring, PRACTICE, &[token]).unwrap().files
    }

    pub(super) fn place(
        &self,
        file: FileId,
        section: Section,
        sequence: u32,
        previous: Chain,
    ) -> Place<'static> {
        Place { tenant: TENANT, file, section, sequence, generation: 0, previous }
    }

    fn prove(&self, doctor: usize, method: &str, url: &str, nonce: &str, now: Time) -> String {
        let device = &self.doctors[doctor].1;
        device.prove(method, url, None, Some(nonce), now, ProofClaims::default()).unwrap()
    }
}

pub(super) fn identifier(number: &str) -> Identifier {
    Identifier { system: "urn:oid:1.2.208.176.1.2".into(), value: number.into() }
}

pub(super) fn facts(number: &str) -> Facts {
    Facts {
        identifiers: vec![identifier(number)],
        names: vec!["Winther".into()],
        birth_date: None,
        telephones: Vec::new(),
        families: Vec::new(),
        addresses: Vec::new(),
    }
}
