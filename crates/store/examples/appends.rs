//! Measures durable appends and reads: `cargo run --release -p cofferdam-store --example appends`.
//!
//! Arguments: a folder (a temporary one by default; its disk is what is measured), and the number
//! of files the store is filled with first (100,000 by default; 10 segments and one batch each).

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use store::{EmbeddedStore, NewSegment, Store};
use terms::{FileId, Section, Sections};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const PER_FILE: u32 = 10;
const SPAN: Duration = Duration::from_secs(4);

fn main() -> Outcome<()> {
    let mut arguments = std::env::args_os().skip(1);
    let temporary = tempfile::tempdir()?;
    let folder = arguments.next().map_or_else(|| temporary.path().join("store"), PathBuf::from);
    let files: u64 = match arguments.next() {
        Some(number) => number.to_string_lossy().parse()?,
        None => 100_000,
    };
    fs::create_dir_all(&folder)?;
    println!("disk: {:.0} appends with fdatasync per second", raw_syncs(&folder)?);
    let store = EmbeddedStore::open(&folder)?;
    let began = Instant::now();
    fill(&store, files)?;
    let (segments, seconds) = (files * u64::from(PER_FILE), began.elapsed().as_secs_f64());
    println!(
        "import: {files} files of 10 segments of 4 KB on average, {:.0} files/s",
        files as f64 / seconds
    );
    // Closing empties the log, whose length would be noise in the ratio.
    drop(store);
    let store = EmbeddedStore::open(&folder)?;
    let payload = payload_bytes(files);
    let on_disk = store.statistics()?.bytes_on_disk;
    println!("size: {segments} segments, {:.3} bytes per sealed byte", ratio(on_disk, payload));
    for writers in [1, 8, 16, 8] {
        measure_appends(&store, files, writers)?;
    }
    measure_reads(&store, files)?;
    let began = Instant::now();
    let statistics = store.statistics()?;
    println!("statistics: {statistics:?} in {:.2} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn ratio(over: u64, under: u64) -> f64 {
    over as f64 / under as f64
}

/// What the disk itself can do, one small append after the other.
fn raw_syncs(folder: &Path) -> Outcome<f64> {
    let path = folder.join("raw");
    let mut file = File::create(&path)?;
    let began = Instant::now();
    let mut count = 0;
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&[7; 700])?;
        file.sync_data()?;
        count += 1;
    }
    fs::remove_file(path)?;
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

fn file(number: u64) -> FileId {
    let hash = Sha256::digest(number.to_be_bytes());
    FileId::from_bytes(std::array::from_fn(|i| hash[i]))
}

/// From 250 bytes to 16 KB, small ones as often as large ones: 4 KB on average.
fn length(number: u64, sequence: u32) -> usize {
    let share = file(number).as_bytes()[sequence as usize % 16];
    (250.0 * 64_f64.powf((f64::from(share) + 0.5) / 256.0)) as usize
}

fn payload_bytes(files: u64) -> u64 {
    let of_file = |number| (0..PER_FILE).map(|s| length(number, s) as u64).sum::<u64>();
    (0..files).map(of_file).sum()
}

/// Four threads import, one batch a file.
fn fill(store: &EmbeddedStore, files: u64) -> Outcome<()> {
    let next = AtomicU64::new(0);
    let import = || -> Outcome<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= files {
                return Ok(());
            }
            let (file, section) = (file(number), Section::History);
            let bytes = |sequence| vec![number as u8; length(number, sequence)];
            let sealed: Vec<_> = (0..PER_FILE).map(bytes).collect();
            let place = |(bytes, sequence): (_, u32)| {
                let hash = Sha256::digest(bytes).into();
                NewSegment { file, sequence, section, hash, bytes }
            };
            let places = sealed.iter().map(Vec::as_slice).zip(0..);
            store.append(&places.map(place).collect::<Vec<_>>())?;
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(import)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })
}

fn measure_appends(store: &EmbeddedStore, files: u64, writers: u64) -> Outcome<()> {
    static ROUND: AtomicU64 = AtomicU64::new(1);
    let round = ROUND.fetch_add(1, Ordering::Relaxed);
    let done = AtomicBool::new(false);
    let append = |writer: u64| -> Outcome<Vec<Duration>> {
        let bytes = vec![writer as u8; 700];
        let hash = Sha256::digest(&bytes).into();
        let mut took = Vec::new();
        let mut number = writer * 1_000_003;
        while !done.load(Ordering::Relaxed) {
            number += 7919;
            let (file, section) = (file(number % files.max(1)), Section::Results);
            let sequence = (round << 24 | writer << 20) as u32 + took.len() as u32;
            let began = Instant::now();
            store.append(&[NewSegment { file, sequence, section, hash, bytes: &bytes }])?;
            took.push(began.elapsed());
        }
        Ok(took)
    };
    let written = || fs::read_to_string("/proc/self/io").ok().and_then(|io| write_bytes(&io));
    let before = written();
    let took = thread::scope(|scope| {
        let threads: Vec<_> = (0..writers).map(|w| scope.spawn(move || append(w))).collect();
        thread::sleep(SPAN);
        done.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    let mut all = took.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
    all.sort_unstable();
    let amplification = match (before, written()) {
        (Some(before), Some(after)) => ratio(after - before, all.len() as u64 * 700),
        _ => f64::NAN,
    };
    let at = |share: f64| all[(all.len() as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{writers:2} writers of 700 bytes: {:6.0} appends/s, p50 {:.2} ms, p99 {:.2} ms, \
         max {:.0} ms, {amplification:.0} bytes written per byte",
        all.len() as f64 / SPAN.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999_999),
    );
    Ok(())
}

fn write_bytes(io: &str) -> Option<u64> {
    io.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.parse().ok()
}

fn measure_reads(store: &EmbeddedStore, files: u64) -> Outcome<()> {
    let mut took = [Vec::new(), Vec::new()];
    for number in 0..20_000_u64 {
        let file = file((number * 104_729) % files.max(1));
        let began = Instant::now();
        let segments = store.segments(file, 0, PER_FILE, Sections::ALL)?;
        took[0].push(began.elapsed());
        let began = Instant::now();
        let outline = store.outline(file, 0)?;
        took[1].push(began.elapsed());
        if segments.len() < PER_FILE as usize || outline.len() < segments.len() {
            return Err("segments are missing".into());
        }
    }
    for (name, took) in ["segments", "outline"].into_iter().zip(&mut took) {
        let per_second = took.len() as f64 / took.iter().sum::<Duration>().as_secs_f64();
        took.sort_unstable();
        let at = |share: usize| took[took.len() * share / 100].as_secs_f64() * 1e6;
        println!(
            "{name} of one file: {per_second:.0}/s, p50 {:.0} us, p99 {:.0} us",
            at(50),
            at(99)
        );
    }
    Ok(())
}
