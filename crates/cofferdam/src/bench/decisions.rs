//! The decision alone, without a disk: what it adds, and what it takes in memory.

use super::Figure;
use crate::client::now;
use crate::failure::{Failure, Outcome};
use cards::Device;
use decision::{Asked, Core, Event, Limits, Named, State, Verdict};
use keyproto::statement::{Proof, ProofClaims};
use ledger::entry::{
    Act, Began, CardIssued, Deposited, Entry, FileCreated, ListApproved, PracticeRegistered,
    SessionStarted,
};
use std::time::{Duration, Instant};
use terms::{Blind, CardId, FileId, ListId, PracticeId, Role, Section, ServerId, SessionId, Time};

/// A district's hospitals: as many files as the largest incident took.
pub(super) const FILES: u64 = 1_060_936;
const CARDS: u64 = 1_000;
/// Openings of each card, granted, and as many refused.
const ROUNDS: u64 = 100;
/// More memory than the decisions take, in bytes.
const TOUCHED: usize = 256 << 20;
const ORIGIN: &str = "https://localhost:8443";
const SERVER: ServerId = ServerId::from_bytes([1; 10]);
const PRACTICE: PracticeId = PracticeId::from_bytes([2; 10]);
const LIST: ListId = ListId::from_bytes([3; 10]);

/// How many decisions a core makes in a second, and how long each takes.
pub(super) fn decisions() -> Outcome<Vec<Figure>> {
    let devices = (0..CARDS).map(|_| Device::make()).collect::<Result<Vec<_>, _>>();
    let devices = devices.map_err(Failure::world("a device key"))?;
    let mut hospital = Hospital::with(FILES, &devices)?;
    let mut figures = vec![Figure::new("files", FILES as f64, "")];
    for (what, offset) in [("granted", 0), ("refused", 1 << 40)] {
        let mut asked = Vec::new();
        for round in 0..ROUNDS {
            for (card, device) in (0..).zip(&devices) {
                let file = (card * 7_919 + round * 104_729) % FILES + offset;
                asked.push((hospital.ask(device, card, file)?, file));
            }
        }
        let (rate, mut nanos) = hospital.decide(asked, offset == 0)?;
        nanos.sort_unstable();
        let at = |part: f64| nanos[((nanos.len() - 1) as f64 * part) as usize] as f64 / 1_000.0;
        let rate_of = format!("decisions of one core, {what}");
        figures.push(Figure::new(rate_of, rate, "1/s").at_least(100_000.0));
        figures.push(Figure::new(format!("one decision, {what}, median"), at(0.5), "us"));
        let last = Figure::new(format!("one decision, {what}, p99"), at(0.99), "us");
        figures.push(last.at_most(50.0));
    }
    Ok(figures)
}

/// A practice with its files, and the ledger that made it.
pub(super) struct Hospital {
    core: Core,
    at: Time,
}

impl Hospital {
    fn with(files: u64, devices: &[Device]) -> Outcome<Hospital> {
        let at = now();
        let state = state(files, devices, at)?;
        // Wide limits, so that every decision walks the whole way to a release.
        let wide = [1 << 20; 6];
        let limits = Limits {
            roles: [wide; 9],
            former: wide,
            session_openings: [1 << 20; 9],
            ..Limits::default()
        };
        Ok(Hospital { core: Core::new(state, [7; 32], limits), at })
    }

    /// A signed and verified request for a file: neither is the decision's.
    fn ask(&mut self, device: &Device, card: u64, file: u64) -> Outcome<Asked> {
        let url = format!("{ORIGIN}/fhir/Patient/{}", named(file).id);
        let nonce = self.core.nonce(self.at, None);
        let claims = ProofClaims::default();
        let proof = device
            .prove("GET", &url, None, Some(&nonce), self.at, claims)
            .map_err(Failure::world("a device key"))?;
        let proof = Proof::verify(&proof).map_err(Failure::world("a proof"))?;
        let (method, origin) = ("GET".into(), ORIGIN.into());
        Ok(Asked { session: session(card), proof, method, url, origin })
    }

    /// Decides all of them; returns decisions a second of CPU, and each one's nanoseconds.
    fn decide(&mut self, asked: Vec<(Asked, u64)>, granted: bool) -> Outcome<(f64, Vec<u64>)> {
        let mut nanos = Vec::with_capacity(asked.len());
        // Where a machine is virtual its host gives memory when it is first touched, page by page,
        // which takes ten times as long as a decision.
        drop(std::hint::black_box(vec![1_u8; TOUCHED]));
        let start = on_cpu()?;
        for (asked, file) in asked {
            self.at = self.at + terms::Duration::from_millis(1);
            let begin = Instant::now();
            let event = Event::Open { asked, file: named(file), close: false };
            let outcome = self.core.handle(self.at, SERVER, event);
            nanos.push(begin.elapsed().as_nanos() as u64);
            if matches!(outcome.verdict, Verdict::Opened(_)) != granted {
                return Err(Failure::World(format!("another verdict: {:?}", outcome.verdict)));
            }
        }
        let took = on_cpu()?.saturating_sub(start);
        Ok((nanos.len() as f64 / took.as_secs_f64(), nanos))
    }
}

/// The state of a practice with so many files: one list, approved; each file has every section.
pub(super) fn state(files: u64, devices: &[Device], at: Time) -> Outcome<State> {
    let mut state = State::default();
    let mut apply = |act| {
        let entry = Entry { at, act };
        state.apply(state.entries(), &entry).map_err(Failure::world("an entry"))
    };
    let (order, by) = ([0; 32], Vec::new);
    let until = at + terms::Duration::from_days(30);
    apply(Act::Began(Began { tenant: "bench".into(), directory: Blind::from_bytes([0; 16]) }))?;
    let name = "Bench".into();
    apply(Act::PracticeRegistered(PracticeRegistered {
        practice: PRACTICE,
        name,
        by: by(),
        order,
    }))?;
    for (card, device) in (0..).zip(devices) {
        let issued = CardIssued {
            card: id(card),
            role: Role::Doctor,
            practice: PRACTICE,
            holder: format!("Doctor {card}"),
            key: device.public().clone(),
            not_after: until,
            file: None,
            by: by(),
            order,
        };
        apply(Act::CardIssued(issued))?;
        apply(Act::SessionStarted(SessionStarted {
            session: session(card),
            card: id(card),
            server: SERVER,
            device: device.public().clone(),
            until: at + terms::Duration::from_hours(12),
            openings_max: u32::MAX,
            assertion: order,
        }))?;
    }
    for number in 0..files {
        let (file, session) = (named(number).blind, session(0));
        let list = Some(LIST);
        apply(Act::FileCreated(FileCreated {
            file,
            practice: PRACTICE,
            session,
            list,
            unless: None,
        }))?;
        apply(Act::Deposited(Deposited {
            file,
            session,
            card: id(0),
            practice: PRACTICE,
            server: SERVER,
            first: 0,
            sections: Section::ALL.to_vec(),
            head: [1; 32],
        }))?;
    }
    let lasts = terms::Duration::from_days(90);
    let approved = ListApproved { list: LIST, practice: PRACTICE, lasts, by: by(), order };
    apply(Act::ListApproved(approved))?;
    Ok(state)
}

/// The file with this number, under both names, spread as a keyed hash would spread it.
fn named(number: u64) -> Named {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let id = FileId::from_bytes(bytes);
    let spread = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Named { id, blind: Blind::from_bytes(bytes) }
}

fn session(card: u64) -> SessionId {
    let mut bytes = [4; 16];
    bytes[..8].copy_from_slice(&card.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    SessionId::from_bytes(bytes)
}

fn id(card: u64) -> CardId {
    let mut bytes = [5; 10];
    bytes[..8].copy_from_slice(&card.to_be_bytes());
    CardId::from_bytes(bytes)
}

/// How long this thread ran so far: a shared machine's other work does not count.
fn on_cpu() -> Outcome<Duration> {
    let path = "/proc/thread-self/schedstat";
    let text = std::fs::read_to_string(path).map_err(Failure::world(path))?;
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Ok(Duration::from_nanos(nanos.unwrap_or_default()))
}
