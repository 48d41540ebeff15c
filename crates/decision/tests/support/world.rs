//! A small world around a core: cards that really sign, a clock, a ledger that is kept.
#![allow(dead_code, unreachable_pub)]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use decision::{
    Asked, Begin, Core, Event, Limits, Named, Released, SignIn, State, Target, Verdict,
};
use keyproto::jws::{Header, Jwk, compact, signing_input, thumbprint};
use keyproto::statement::{
    Audience, Confirmation, ORDER_TYPE, Order, OrderClaims, PROOF_TYPE, Proof, ProofClaims,
    SIGN_IN_TYPE, SignInClaims, SignedOrder, UnverifiedOrder, UnverifiedSignIn,
};
use ledger::entry::{Act, CardIssued, Entry, LookUp, PracticeRegistered, Why};
use std::cell::RefCell;
use std::rc::Rc;
use terms::{
    Blind, CardId, Curve, Duration, FileId, Ground, ListId, PracticeId, PublicKey, Purpose, Role,
    Section, ServerId, SessionId, Time,
};

pub const ORIGIN: &str = "https://localhost:8443";
pub const TOKEN_URL: &str = "https://localhost:8443/auth/token";
pub const START: Time = Time::from_millis(1_800_000_000_000);

pub fn server(number: u8) -> ServerId {
    ServerId::from_bytes([number; 10])
}

pub fn practice(number: usize) -> PracticeId {
    PracticeId::from_bytes([100 + number as u8; 10])
}

pub fn list(number: u8) -> ListId {
    ListId::from_bytes([number; 10])
}

/// The file with this number, under both names.
pub fn file(number: u64) -> Named {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let id = FileId::from_bytes(bytes);
    // Spread as an HMAC would be.
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    Named { id, blind: Blind::from_bytes(bytes) }
}

pub struct Signer {
    pair: EcdsaKeyPair,
    pub key: PublicKey,
}

impl Signer {
    pub fn new() -> Signer {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = PublicKey::from_point(pair.public_key().as_ref()).unwrap();
        Signer { pair, key }
    }

    fn sign<T: serde::Serialize>(&self, typ: &str, jwk: Option<Jwk>, claims: &T) -> String {
        let input = signing_input(&Header::new(typ, Curve::P256, jwk), claims).unwrap();
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        compact(&input, signature.as_ref())
    }

    pub fn prove(&self, claims: &ProofClaims) -> String {
        self.sign(PROOF_TYPE, Some(Jwk::of(&self.key)), claims)
    }
}

pub struct Card {
    pub id: CardId,
    pub role: Role,
    pub practice: usize,
    pub signer: Rc<Signer>,
}

/// A session with its device.
#[derive(Clone)]
pub struct Device {
    pub session: SessionId,
    pub signer: Rc<Signer>,
    pub server: ServerId,
    pub card: usize,
    /// The card's statement.
    pub text: String,
}

pub struct World {
    pub core: Core,
    pub limits: Limits,
    pub now: Time,
    /// Number of the first entry that is kept.
    pub from: u64,
    pub ledger: Vec<Entry>,
    pub cards: Vec<Card>,
    pub next: u64,
}

impl World {
    /// A ledger with these cards; practices are those the cards name.
    pub fn new(cards: &[(Role, usize)], limits: Limits) -> World {
        let core = Core::new(State::default(), [7; 32], limits.clone());
        let cards: Vec<Card> = cards.iter().zip(0..).map(|(card, n)| new_card(*card, n)).collect();
        let practices = 1 + cards.iter().map(|card| card.practice).max().unwrap();
        let practices = (0..practices)
            .map(|n| PracticeRegistered {
                practice: practice(n),
                name: format!("practice {n}"),
                by: vec![],
                order: [0; 32],
            })
            .collect();
        let issued = cards.iter().map(issued).collect();
        let mut world = World { core, limits, now: START, from: 0, ledger: vec![], cards, next: 1 };
        let directory = file(0).blind;
        let begin = Begin { tenant: "test".into(), directory, practices, cards: issued };
        assert_eq!(world.tell(server(1), Event::Begin(begin)), Verdict::Done);
        world
    }

    /// Hands over an event, keeps the entries.
    pub fn tell(&mut self, server: ServerId, event: Event) -> Verdict {
        let outcome = self.core.handle(self.now, server, event);
        assert_eq!(outcome.first, self.from + self.ledger.len() as u64, "numbers follow");
        self.ledger.extend(outcome.entries);
        outcome.verdict
    }

    pub fn replayed(&self) -> State {
        let mut state = State::default();
        for (number, entry) in (0..).zip(&self.ledger) {
            state.apply(number, entry).expect("own entries replay");
        }
        state
    }

    /// Kills the process: what is not in the ledger is gone.
    pub fn restart(&mut self) {
        self.next += 1;
        let key = [self.next as u8; 32];
        self.core = Core::new(self.replayed(), key, self.limits.clone());
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
    }

    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn session_id(&mut self) -> SessionId {
        let mut bytes = [1; 16];
        bytes[..8].copy_from_slice(&self.number().to_be_bytes());
        SessionId::from_bytes(bytes)
    }

    pub fn claims(&mut self, method: &str, url: &str) -> ProofClaims {
        ProofClaims {
            jti: self.number().to_string(),
            htm: method.into(),
            htu: url.into(),
            iat: self.now.seconds(),
            nonce: Some(self.core.nonce(self.now, None)),
            ..ProofClaims::default()
        }
    }

    /// A sign-in with a fresh device; what goes wrong is left to `change`.
    pub fn try_sign_in(
        &mut self,
        card: usize,
        server: ServerId,
        change: impl FnOnce(&mut SignInClaims),
    ) -> (Verdict, Device) {
        let signer = Rc::new(Signer::new());
        let by = self.cards[card].signer.clone();
        let text = self.statement(card, &by, &signer, change);
        let session = self.session_id();
        let device = Device { session, signer, server, card, text };
        let verdict = self.sign_in_again(&device);
        (verdict, device)
    }

    /// A statement in this card's name, signed by anybody, for this device.
    pub fn statement(
        &mut self,
        card: usize,
        by: &Signer,
        device: &Signer,
        change: impl FnOnce(&mut SignInClaims),
    ) -> String {
        let id = self.cards[card].id.to_string();
        let jkt = BASE64URL_NOPAD.encode(&thumbprint(&device.key));
        let mut claims = SignInClaims {
            iss: id.clone(),
            sub: id,
            aud: Audience::One(TOKEN_URL.into()),
            exp: self.now.seconds() + 60,
            jti: self.number().to_string(),
            cnf: Some(Confirmation { jkt }),
            hours: None,
            openings: None,
        };
        change(&mut claims);
        by.sign(SIGN_IN_TYPE, None, &claims)
    }

    /// Hands over the very statement that this device's session began with.
    pub fn sign_in_again(&mut self, device: &Device) -> Verdict {
        let unverified = UnverifiedSignIn::parse(&device.text).unwrap();
        let key = self.core.state().card_key(unverified.card()).unwrap().clone();
        let signed = unverified.verify(&key, TOKEN_URL, self.now).unwrap();
        let claims = self.claims("POST", TOKEN_URL);
        let asked = self.asked(device, &claims);
        self.tell(device.server, Event::SignIn(SignIn { signed, asked }))
    }

    pub fn sign_in(&mut self, card: usize) -> Device {
        let (verdict, device) = self.try_sign_in(card, server(1), |_| {});
        assert!(matches!(verdict, Verdict::SignedIn(_)), "{verdict:?}");
        device
    }

    pub fn asked(&self, device: &Device, claims: &ProofClaims) -> Asked {
        Asked {
            session: device.session,
            proof: Proof::verify(&device.signer.prove(claims)).unwrap(),
            method: claims.htm.clone(),
            url: claims.htu.clone(),
            origin: ORIGIN.into(),
        }
    }

    pub fn open_with(
        &mut self,
        device: &Device,
        number: u64,
        change: impl FnOnce(&mut ProofClaims),
    ) -> Verdict {
        let url = format!("{ORIGIN}/fhir/Patient/{}", file(number).id);
        let mut claims = self.claims("GET", &url);
        change(&mut claims);
        let asked = self.asked(device, &claims);
        self.tell(device.server, Event::Open { asked, file: file(number), close: false })
    }

    pub fn open(&mut self, device: &Device, number: u64) -> Verdict {
        self.open_with(device, number, |_| {})
    }

    pub fn find(&mut self, device: &Device, by: LookUp, hits: &[u64]) -> Verdict {
        let claims = self.claims("POST", &format!("{ORIGIN}/fhir/Patient/_search"));
        let asked = self.asked(device, &claims);
        let hits = hits.iter().map(|number| file(*number).blind).collect();
        self.tell(device.server, Event::Find { asked, by, hits })
    }

    pub fn deposit(&mut self, device: &Device, target: Target, sections: &[Section]) -> Verdict {
        let (session, sections) = (device.session, sections.to_vec());
        let verdict = self.tell(device.server, Event::Deposit { session, target, sections });
        let Verdict::Granted(granted) = verdict else { return verdict };
        let head = [granted.grant as u8; 32];
        self.tell(device.server, Event::Commit { grant: granted.grant, head })
    }

    /// A new file with a segment in every section.
    pub fn create(&mut self, device: &Device, number: u64, list: Option<ListId>) {
        let target = Target::New { file: file(number), list, unless: None };
        assert_eq!(self.deposit(device, target, &Section::ALL), Verdict::Committed);
    }

    pub fn append(&mut self, device: &Device, number: u64) -> Verdict {
        self.deposit(device, Target::File(file(number)), &[Section::History])
    }

    /// The order, signed by this card.
    pub fn sign_order(&mut self, card: usize, order: &Order) -> String {
        let by = self.cards[card].signer.clone();
        self.sign_order_by(card, &by, order)
    }

    /// The order in this card's name, signed by anybody.
    pub fn sign_order_by(&mut self, card: usize, by: &Signer, order: &Order) -> String {
        let claims = OrderClaims {
            iss: self.cards[card].id.to_string(),
            aud: ORIGIN.into(),
            exp: self.now.seconds() + 200,
            jti: self.number().to_string(),
            order: order.clone(),
        };
        by.sign(ORDER_TYPE, None, &claims)
    }

    pub fn verified(&self, text: &str) -> SignedOrder {
        let unverified = UnverifiedOrder::parse(text).unwrap();
        let key = self.core.state().card_key(unverified.card()).unwrap();
        unverified.verify(key, ORIGIN, self.now).unwrap()
    }

    pub fn order(&mut self, signers: &[usize], order: Order, about: Option<u64>) -> Verdict {
        let texts: Vec<_> = signers.iter().map(|card| self.sign_order(*card, &order)).collect();
        let statements = texts.iter().map(|text| self.verified(text)).collect();
        self.tell(server(1), Event::Order { statements, file: about.map(file) })
    }

    /// Two officers (cards 0 and 1 of every world) issue a patient's card for this file.
    pub fn issue_patient(&mut self, number: u64, at: usize) -> usize {
        self.issue(Role::Patient, at, Some(number))
    }

    /// The same for any card.
    pub fn issue(&mut self, role: Role, at: usize, about: Option<u64>) -> usize {
        let card = new_card((role, at), self.cards.len());
        let order = Order::IssueCard {
            card: card.id,
            role,
            practice: practice(at),
            holder: "new".into(),
            key: Jwk::of(&card.signer.key),
            not_after: self.now.seconds() + 86_400 * 365,
            file: about.map(|number| file(number).id),
        };
        self.cards.push(card);
        assert_eq!(self.order(&[0, 1], order, about), Verdict::Ordered);
        self.cards.len() - 1
    }

    pub fn presence(&mut self, patient: usize, number: u64, at: usize) -> Verdict {
        let order = Order::Presence { file: file(number).id, practice: practice(at) };
        self.order(&[patient], order, Some(number))
    }

    pub fn refer(&mut self, by: usize, number: u64, to: usize) -> Verdict {
        let ground = Ground::Referral;
        let order = Order::Refer { file: file(number).id, practice: practice(to), ground };
        self.order(&[by], order, Some(number))
    }

    pub fn last_why(&self) -> Option<Why> {
        self.ledger.iter().rev().find_map(|entry| match &entry.act {
            Act::Refused(refused) => Some(refused.why),
            _ => None,
        })
    }
}

fn new_card((role, practice): (Role, usize), number: usize) -> Card {
    thread_local! {
        /// Cards of all worlds share their keys by number: making keys is slow.
        static KEYS: RefCell<Vec<Rc<Signer>>> = const { RefCell::new(Vec::new()) };
    }
    let signer = KEYS.with_borrow_mut(|keys| {
        while keys.len() <= number {
            keys.push(Rc::new(Signer::new()));
        }
        keys[number].clone()
    });
    Card { id: card_id(number), role, practice, signer }
}

fn issued(card: &Card) -> CardIssued {
    CardIssued {
        card: card.id,
        role: card.role,
        practice: practice(card.practice),
        holder: "holder".into(),
        key: card.signer.key.clone(),
        not_after: START + Duration::from_days(3_650),
        file: None,
        by: vec![],
        order: [0; 32],
    }
}

/// Why it was refused; `None` if it was not.
pub fn why(verdict: &Verdict) -> Option<Why> {
    match verdict {
        Verdict::Refused { why, .. } => Some(*why),
        _ => None,
    }
}

pub fn released(verdict: Verdict) -> Released {
    match verdict {
        Verdict::Opened(released) => released,
        other => panic!("not opened: {other:?}"),
    }
}

pub const DOCTOR: usize = 2;
pub const NURSE: usize = 3;
pub const DESK: usize = 4;
pub const LABORATORY: usize = 5;
pub const PHARMACIST: usize = 6;
pub const OTHER: usize = 7;

/// Two officers; practice 0 with doctor, nurse, desk, laboratory; a pharmacy; another practice.
pub fn small_world() -> World {
    let cards = [
        (Role::Officer, 0),
        (Role::Officer, 0),
        (Role::Doctor, 0),
        (Role::Nurse, 0),
        (Role::Receptionist, 0),
        (Role::Laboratory, 0),
        (Role::Pharmacist, 1),
        (Role::Doctor, 2),
    ];
    World::new(&cards, Limits::default())
}

/// Files 1 to `count` of practice 0's list, approved.
pub fn with_patients(world: &mut World, count: u64) {
    let laboratory = world.sign_in(LABORATORY);
    for number in 1..=count {
        world.create(&laboratory, number, Some(list(1)));
    }
    let order = Order::ApproveList { list: list(1), practice: practice(0) };
    assert_eq!(world.order(&[0, 1], order, None), Verdict::Ordered);
}

pub fn card_id(number: usize) -> CardId {
    let mut bytes = [3; 10];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    CardId::from_bytes(bytes)
}

/// What is signed in an emergency.
pub fn acute(claims: &mut ProofClaims) {
    claims.purpose = Some(Purpose::Emergency);
    claims.reason = Some("unconscious".into());
}
