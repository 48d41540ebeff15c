//! What a report costs on a large ledger: how long it takes, and how long nothing is heard of it.
//!
//! `cargo run --release -p cofferdam-keyholder --example reports [ENTRIES]`. The ledger is made of
//! deposits by 64 clients, which takes some minutes for a million entries.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../tests/process/client.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod client;

use client::{Client, ORIGIN, World, now, told};
use keyproto::message::{Question, Report, Target};
use keyproto::statement::ProofClaims;
use keyproto::{Answer, Request};
use std::time::{Duration, Instant};
use terms::{CardId, FileId};

const CLIENTS: usize = 64;

fn main() {
    let entries = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let world = World::with(CLIENTS, |_| ());
    let _running = world.serve();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let mut doctor = world.doctor(number);
            scope.spawn(move || {
                let file = doctor.create(None);
                (0..entries / CLIENTS).for_each(|_| deposit(&mut doctor, file));
            });
        }
    });
    let late = now();
    let file = world.doctor(0).create(None);
    let mut officer = world.connect();
    officer.sign_in(&world.officers[0]);
    let size = officer.health().entries;
    println!("{size} entries in {:.0} s", started.elapsed().as_secs_f64());
    let of_nobody = CardId::from_bytes([99; 10]);
    let nothing = Question { card: Some(of_nobody), ..Question::default() };
    let all = Question { everything: true, ..Question::default() };
    let questions = [
        ("nothing, in the whole ledger", nothing),
        ("one file at the end of the whole", Question { file: Some(file), ..Question::default() }),
        ("the same by its time", Question { file: Some(file), from: Some(late), ..all.clone() }),
        ("the last thousand, by number", Question { first: size - 1000, ..all.clone() }),
        ("everything", all),
    ];
    for (what, question) in questions {
        report(&mut officer, what, question);
    }
}

fn deposit(doctor: &mut Client, file: FileId) {
    match doctor.deposit(Target::File(file), None) {
        Answer::Granted(grant) => drop(doctor.commit(&grant)),
        other => panic!("{}", told(&other)),
    }
}

fn report(officer: &mut Client, what: &str, question: Question) {
    let (nonce, url) = (officer.nonce(None), format!("{ORIGIN}/who-opened"));
    let proof = officer.prove("GET", &url, &nonce, ProofClaims::default());
    let (session, method) = (officer.session, "GET".into());
    let (started, mut last) = (Instant::now(), Instant::now());
    let (mut lines, mut silence) = (0, Duration::ZERO);
    let mut answer = officer.ask(Request::Report(Report { session, proof, method, url, question }));
    loop {
        silence = silence.max(last.elapsed());
        last = Instant::now();
        match answer {
            Answer::Lines(some, _) => lines += some.len(),
            Answer::Closing(_) => break,
            other => panic!("{}", told(&other)),
        }
        answer = officer.read().unwrap();
    }
    let (took, silence) = (started.elapsed().as_secs_f64(), silence.as_secs_f64() * 1e3);
    println!("{what}: {lines} lines in {took:.3} s, never silent for longer than {silence:.1} ms");
}
