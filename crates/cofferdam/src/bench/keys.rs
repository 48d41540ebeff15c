//! The keyholder: durable openings, and starts.

use super::Figure;
use super::stage::Stage;
use crate::client::{SignedInCard, now};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::{import, server_process};
use cards::{Card, Device};
use keyproto::message::Open;
use keyproto::statement::ProofClaims;
use record::Records;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use terms::{FileId, Role, SessionId};

/// Clients at a time.
const CLIENTS: u32 = 64;
/// Made-up patients, whom the clients share.
const PEOPLE: u32 = 10;
/// How long openings are measured.
const OPENINGS_FOR: Duration = Duration::from_secs(10);
/// How long entries are made for the measurement of starts.
const REPLAY_FOR: Duration = Duration::from_secs(60);
/// How long the disk is measured.
const DISK_FOR: Duration = Duration::from_secs(2);

/// A session that opens one file again and again: each opening is signed, checked and recorded.
pub(crate) struct Opener {
    records: Records,
    device: Device,
    session: SessionId,
    url: String,
    file: FileId,
}

impl Opener {
    /// Signs in at the keyholder itself.
    pub(crate) fn new(stage: &Stage, card: &Card, file: FileId) -> Outcome<Opener> {
        let records = server_process::open_records(&stage.home, &stage.config)?;
        let device = Device::make().map_err(Failure::world("the device key"))?;
        let session = import::sign_in_with(&records, &stage.config, card, &device)?;
        let url = address(&stage.config, file);
        Ok(Opener { records, device, session, url, file })
    }

    /// Opens the file once; the keys come back after the entry is durable.
    pub(crate) fn open(&self, nonce: &str) -> Outcome {
        let claims = ProofClaims { file: Some(self.file), ..ProofClaims::default() };
        let proof = self
            .device
            .prove("GET", &self.url, None, Some(nonce), now(), claims)
            .map_err(Failure::world("the device key"))?;
        let request = Open {
            session: self.session,
            proof,
            method: "GET".into(),
            url: self.url.clone(),
            file: self.file,
        };
        let opened = self.records.keyholder().open(request);
        opened.map(drop).map_err(|error| Failure::World(format!("an opening: {error}")))
    }

    /// CPU time of keyholder and server for one opening, in milliseconds.
    pub(crate) fn cost(&self, stage: &Stage, count: u32) -> Outcome<f64> {
        let before = stage.cpu()?;
        let mut nonce = self.nonce()?;
        for number in 0..count {
            if number % 1000 == 999 {
                nonce = self.nonce()?;
            }
            self.open(&nonce)?;
        }
        let cpu = stage.cpu()?.saturating_sub(before);
        Ok(cpu.as_secs_f64() * 1000.0 / f64::from(count))
    }

    fn nonce(&self) -> Outcome<String> {
        self.records.keyholder().nonce(None).map_err(Failure::world("a nonce"))
    }
}

fn address(config: &Config, file: FileId) -> String {
    format!("{}/fhir/Patient/{file}", config.origin)
}

/// Durable, signature-checked openings by many clients.
pub(crate) fn openings() -> Outcome<Vec<Figure>> {
    let stage = Stage::with_people("openings", PEOPLE, true)?;
    let (rate, _) = open_for(&stage, OPENINGS_FOR)?;
    Ok(vec![
        Figure::new("fsyncs of 1 KiB this disk gave", fsyncs(&stage)?, "1/s"),
        Figure::new("durable checked openings, 64 clients", rate, "1/s").at_least(3_000.0),
    ])
}

/// A client with a card of its own: the watch takes one card at many devices for a stolen one.
fn client(stage: &Stage, number: u32) -> Outcome<Opener> {
    let practice = stage.officers.first.identity().practice;
    let card = stage.issue(Role::Doctor, practice, &format!("Doctor {number}"))?;
    let mut signed_in = SignedInCard::anew(&stage.home, &stage.config, &card)?;
    let file = super::http::find(&mut signed_in, number % PEOPLE)?;
    Opener::new(stage, &card, file)
}

/// Opens for a while with all clients; returns openings a second and how many there were.
fn open_for(stage: &Stage, span: Duration) -> Outcome<(f64, u64)> {
    let openers = (0..CLIENTS).map(|number| client(stage, number)).collect::<Outcome<Vec<_>>>()?;
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    let results: Vec<Outcome> = std::thread::scope(|scope| {
        let threads: Vec<_> = openers
            .iter()
            .map(|opener| scope.spawn(|| open_until(opener, &stop, &count)))
            .collect();
        std::thread::sleep(span);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().filter_map(|t| t.join().ok()).collect()
    });
    results.into_iter().collect::<Outcome>()?;
    let count = count.into_inner();
    Ok((count as f64 / start.elapsed().as_secs_f64(), count))
}

fn open_until(opener: &Opener, stop: &AtomicBool, count: &AtomicU64) -> Outcome {
    let mut nonce = opener.nonce()?;
    for number in 1_u32.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if number % 500 == 0 {
            nonce = opener.nonce()?;
        }
        opener.open(&nonce)?;
        count.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// What the disk gives one writer that syncs each kibibyte.
fn fsyncs(stage: &Stage) -> Outcome<f64> {
    let path = stage.home.path().join("fsyncs");
    let failed = |error: std::io::Error| Failure::World(format!("the disk: {error}"));
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < DISK_FOR {
        file.write_all(&[0; 1024]).and_then(|()| file.sync_data()).map_err(failed)?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// How long a start takes: with all entries to replay, and with a snapshot of them.
pub(crate) fn replay() -> Outcome<Vec<Figure>> {
    let mut stage = Stage::with_people("replay", PEOPLE, true)?;
    let (_, count) = open_for(&stage, REPLAY_FOR)?;
    let by_snapshot = stage.restart()?;
    stage.forget_snapshots()?;
    let by_replay = stage.restart()?;
    let per_ten_million = by_replay.as_secs_f64() * 1e7 / count as f64;
    Ok(vec![
        Figure::new("entries", count as f64, ""),
        Figure::new("start with a snapshot", by_snapshot.as_secs_f64(), "s"),
        Figure::new("start by replay of everything", by_replay.as_secs_f64(), "s"),
        Figure::new("the same, for 10 million entries, if linear", per_ten_million, "s")
            .at_most(30.0),
    ])
}
