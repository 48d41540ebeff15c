//! Measures the decision core: memory per file, decisions a second, replay, snapshots.
//!
//! `cargo run --release -p cofferdam-decision --example decisions [FILES]`, 1,060,936 by default.
#![allow(clippy::print_stdout, missing_docs)]

#[path = "../tests/support/world.rs"]
mod world;

use decision::{Asked, Event, Limits, State, Verdict};
use keyproto::statement::Proof;
use ledger::entry::{Act, Deposited, Entry, FileCreated, ListApproved};
use std::time::Instant;
use terms::{Duration, Role, Section};
use world::{Device, World, file, list, practice, server};

const CARDS: usize = 1_000;
const OPENINGS: usize = 100;

fn main() {
    let files: u64 = std::env::args().nth(1).map_or(1_060_936, |n| n.parse().expect("a number"));
    let mut cards = vec![(Role::Officer, 0), (Role::Officer, 0), (Role::Laboratory, 0)];
    cards.extend([(Role::Doctor, 0); CARDS]);
    // Wide limits, so that every decision walks the whole way to a release.
    let wide = [1 << 20; 6];
    let limits = Limits {
        roles: [wide; 9],
        former: wide,
        session_openings: [1 << 20; 9],
        ..Limits::default()
    };
    let mut world = World::new(&cards, limits);
    let laboratory = world.sign_in(2);

    let before = resident();
    let (state, took) = fill(&world, &laboratory, files);
    println!(
        "{files} files, each with {} segments: {:.0} bytes of memory a file; {:.0} entries/s",
        Section::ALL.len(),
        (resident() - before) as f64 / files as f64,
        2.0 * files as f64 / took
    );
    let start = Instant::now();
    let bytes = state.to_bytes();
    let wrote = start.elapsed();
    drop(state);
    let start = Instant::now();
    let state = State::from_bytes(&bytes).expect("a snapshot reads back");
    println!(
        "snapshot: {} MB, written in {:.2} s, read in {:.2} s",
        bytes.len() / 1_000_000,
        wrote.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    world.now = state.time();
    let first = state.entries();
    world.core = decision::Core::new(state, [3; 32], world.limits.clone());
    (world.from, world.ledger) = (first, Vec::new());
    let devices: Vec<Device> = (3..3 + CARDS).map(|card| world.sign_in(card)).collect();

    for (what, offset) in [("granted", 1), ("refused (no such file)", 1 << 40)] {
        let mut asked = Vec::new();
        for round in 0..OPENINGS {
            for (card, device) in devices.iter().enumerate() {
                let number = (card * 7_919 + round * 104_729) as u64 % files + offset;
                asked.push((prove(&mut world, device, number), number));
            }
        }
        measure(&mut world, what, asked, offset == 1);
    }
    let mut state = State::from_bytes(&bytes).expect("a snapshot reads back");
    let start = on_cpu();
    for (number, entry) in (first..).zip(&world.ledger) {
        state.apply(number, entry).expect("own entries replay");
    }
    assert!(state == *world.core.state(), "replay gives the same state");
    println!(
        "replay of these openings and refusals: {:.0} entries per second of CPU",
        world.ledger.len() as f64 * 1e9 / (on_cpu() - start) as f64
    );
    println!("entries in the ledger: {}", world.core.state().entries() - first);
}

fn measure(world: &mut World, what: &str, asked: Vec<(Asked, u64)>, grants: bool) {
    let mut nanos = Vec::with_capacity(asked.len());
    let mut entries = Vec::with_capacity(asked.len());
    let start = on_cpu();
    for (asked, number) in asked {
        world.now = world.now + Duration::from_millis(1);
        let begin = Instant::now();
        let event = Event::Open { asked, file: file(number) };
        let outcome = world.core.handle(world.now, server(1), event);
        nanos.push(begin.elapsed().as_nanos() as u64);
        let granted = matches!(outcome.verdict, Verdict::Opened(_));
        assert_eq!(granted, grants, "{:?}", outcome.verdict);
        entries.extend(outcome.entries);
    }
    let all = (on_cpu() - start) as f64 / 1e9;
    nanos.sort_unstable();
    let quantile = |q: f64| nanos[((nanos.len() - 1) as f64 * q) as usize] as f64 / 1_000.0;
    println!(
        "{what}: {:.0} decisions a second of CPU; median {:.1} us, p99 {:.1} us, p99.9 {:.1} us",
        nanos.len() as f64 / all,
        quantile(0.5),
        quantile(0.99),
        quantile(0.999)
    );
    world.ledger.extend(entries);
}

fn prove(world: &mut World, device: &Device, number: u64) -> Asked {
    let url = format!("{}/fhir/Patient/{}", world::ORIGIN, file(number).id);
    let claims = world.claims("GET", &url);
    Asked {
        session: device.session,
        proof: Proof::verify(&device.signer.prove(&claims)).expect("verifies"),
        method: claims.htm,
        url: claims.htu,
        origin: world::ORIGIN.into(),
    }
}

fn fill(world: &World, laboratory: &Device, files: u64) -> (State, f64) {
    let mut state = world.replayed();
    let card = world.cards[laboratory.card].id;
    let (practice, session, at) = (practice(0), laboratory.session, world.now);
    let start = Instant::now();
    for number in 1..=files {
        let file = file(number).blind;
        let created = FileCreated { file, practice, session, list: Some(list(1)), unless: None };
        let deposited = Deposited {
            file,
            session,
            card,
            practice,
            server: server(1),
            first: 0,
            sections: Section::ALL.to_vec(),
            head: [1; 32],
        };
        for act in [Act::FileCreated(created), Act::Deposited(deposited)] {
            state.apply(state.entries(), &Entry { at, act }).expect("follows");
        }
    }
    let took = start.elapsed().as_secs_f64();
    let lasts = Duration::from_days(90);
    let by = vec![world.cards[0].id, world.cards[1].id];
    let approved = ListApproved { list: list(1), practice, lasts, by, order: [5; 32] };
    let entry = Entry { at, act: Act::ListApproved(approved) };
    state.apply(state.entries(), &entry).expect("follows");
    (state, took)
}

/// Nanoseconds this process ran so far: a shared machine's other work does not count.
fn on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.unwrap_or(0u64) * 1024
}
