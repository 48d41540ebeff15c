//! How many durable, signature-checked openings a second 64 clients get, and what a refusal costs.
//!
//! `cargo run --release -p cofferdam-keyholder --example openings [SECONDS]`. The keyholder runs in
//! a process of its own with its sandbox on; the clients sign on the same machine, which costs
//! about as much as verifying.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../tests/process/client.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod client;

use client::{Client, World, facts, told};
use keyproto::Answer;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use terms::FileId;

const CLIENTS: usize = 64;

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    let world = World::with(CLIENTS, |_| ());
    println!("disk alone: {:.0} writes of 16 KiB made durable a second", disk(world.folder.path()));
    let mut child = alone(&world);
    let files: Vec<FileId> = (0..CLIENTS)
        .map(|number| world.doctor(number).create(Some(facts(&["Lund"], &number.to_string()))))
        .collect();

    let entries = world.settings.folder.join("ledger/entries");
    let before = batches(&entries);
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (doctor, file, stop) = (world.doctor(number), files[number], &stop);
                scope.spawn(move || openings(doctor, file, stop))
            })
            .collect();
        std::thread::sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let took = started.elapsed().as_secs_f64();
    let batches = batches(&entries) - before;
    println!(
        "{CLIENTS} clients: {:.0} openings a second, {:.0} batches made durable a second, {:.1} \
         openings in each",
        times.len() as f64 / took,
        batches as f64 / took,
        times.len() as f64 / batches as f64
    );
    println!("an opening takes {}", spread(&mut times));
    refusals(&world, files[0]);
    println!("keyholder: {}", used(child.id()));
    child.kill().unwrap();
    child.wait().unwrap();
    // It was killed, so there is no snapshot: everything is verified and replayed.
    let started = Instant::now();
    let running = world.serve();
    let took = started.elapsed().as_secs_f64();
    let entries = world.connect().health().entries;
    println!("start without snapshot: {:.1} s a million entries", took * 1e6 / entries as f64);
    drop(running);
}

/// Opens until told to stop; a nonce serves for a minute.
fn openings(mut doctor: Client, file: FileId, stop: &AtomicBool) -> Vec<Duration> {
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let (nonce, fetched) = (doctor.nonce(None), Instant::now());
        while !stop.load(Ordering::Relaxed) && fetched.elapsed() < Duration::from_secs(60) {
            let request = doctor.opening_with(file, &nonce);
            let asked = Instant::now();
            let answer = doctor.ask(request);
            assert!(matches!(answer, Answer::Opened(_)), "{}", told(&answer));
            times.push(asked.elapsed());
        }
    }
    times
}

/// Grants and refusals in turn, by one client.
fn refusals(world: &World, file: FileId) {
    let mut doctor = world.doctor(0);
    let nonce = doctor.nonce(None);
    let nobody = FileId::from_bytes([7; 16]);
    let (mut grants, mut unknown, mut forged) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..2_000 {
        let time = |doctor: &mut Client, request, times: &mut Vec<Duration>| {
            let asked = Instant::now();
            let answer = doctor.ask(request);
            times.push(asked.elapsed());
            matches!(answer, Answer::Opened(_))
        };
        let request = doctor.opening_with(file, &nonce);
        assert!(time(&mut doctor, request, &mut grants));
        let request = doctor.opening_with(nobody, &nonce);
        assert!(!time(&mut doctor, request, &mut unknown));
        let mut request = doctor.opening_with(file, &nonce);
        if let keyproto::Request::Open(open) = &mut request {
            open.session = terms::SessionId::from_bytes([3; 16]);
        }
        assert!(!time(&mut doctor, request, &mut forged));
    }
    println!("one client: a grant takes {}", spread(&mut grants));
    println!("one client: a refusal (no such file) takes {}", spread(&mut unknown));
    println!("one client: a refusal (no such session) takes {}", spread(&mut forged));
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_micros();
    format!("{} us in the median, {} us at 99 %", at(0.5), at(0.99))
}

/// The example `alone`, beside this one.
fn alone(world: &World) -> Child {
    let program = std::env::current_exe().unwrap().with_file_name("alone");
    let missing = "build it first: cargo build --release -p cofferdam-keyholder --examples";
    let child = Command::new(program).arg(world.folder.path()).spawn().expect(missing);
    while Client::try_connect(&world.socket()).is_err() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn disk(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("disk")).unwrap();
    let started = Instant::now();
    for _ in 0..1_000 {
        file.write_all(&[7; 16 * 1024]).unwrap();
        file.sync_data().unwrap();
    }
    1_000.0 / started.elapsed().as_secs_f64()
}

/// How many batches the ledger has: each began with these bytes and was made durable once.
fn batches(entries: &Path) -> usize {
    let bytes = std::fs::read(entries).unwrap();
    bytes.windows(4).filter(|window| window == b"cfL1").count()
}

/// Memory and processor time of a process.
fn used(id: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    peak.split_whitespace().collect::<Vec<_>>().join(" ")
}
