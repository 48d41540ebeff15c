//! Server and keyholder are killed at random moments under load; nothing acknowledged is lost and
//! nothing readable is unrecorded.
//!
//! `COFFERDAM_KILLS=200 cargo test -p cofferdam --test product kills` takes about 15 minutes.

use crate::rig::{PROGRAM, Product, signal};
use crate::smart_client::SmartClient;
use drill::population::{Population, Richness};
use nix::sys::signal::Signal;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const SYSTEM: &str = "https://example.org/written";
/// The longest that a killed process may be away: the supervisor waits ten seconds at most.
const AWAY_MAX: Duration = Duration::from_secs(60);
/// So many kills on one supervisor, then it is killed as well.
const KILLS_A_SUPERVISOR: u32 = 8;
const DEMO_PATIENTS: u32 = 8;
const BUNDLES_AN_IMPORT: u32 = 2;

#[test]
fn kills_at_any_moment_lose_nothing_acknowledged_and_leave_no_reading_unrecorded() {
    let kills = std::env::var("COFFERDAM_KILLS").map_or(12, |text| text.parse().unwrap());
    let mut product = Product::demo(DEMO_PATIENTS);
    let files = deposited(&product);
    assert_eq!(files.len(), DEMO_PATIENTS as usize);
    let writers: Vec<Writer> = files[..2].iter().map(|file| Writer::new(&product, file)).collect();
    let openers: Vec<Opener> = files[2..].chunks(3).map(|own| Opener::new(&product, own)).collect();
    let importer = Importer::new(&product);
    let stop = AtomicBool::new(false);
    let (writers, openers, imported) = std::thread::scope(|scope| {
        let stop = &stop;
        let writers: Vec<_> =
            writers.into_iter().map(|writer| scope.spawn(|| writer.run(stop))).collect();
        let openers: Vec<_> =
            openers.into_iter().map(|opener| scope.spawn(|| opener.run(stop))).collect();
        let importer = scope.spawn(|| importer.run(stop));
        // Whatever goes wrong here, the clients end.
        let ends = Ends(stop);
        kill_again_and_again(&mut product, kills);
        drop(ends);
        let writers: Vec<_> = writers.into_iter().map(|t| t.join().unwrap()).collect();
        let openers: Vec<_> = openers.into_iter().map(|t| t.join().unwrap()).collect();
        (writers, openers, importer.join().unwrap())
    });
    product.forget_sessions();
    let written: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    let opened: u64 = openers.iter().flat_map(|opener| opener.seen.values()).sum();
    eprintln!("{kills} kills, {written} writes and {opened} openings, {imported} imported");
    assert!(written > 20 && opened > 20 && imported > 0, "too little load to say anything");
    for writer in &writers {
        writer.finds_everything();
    }
    every_opening_is_recorded(&product, &openers);
    let all = deposited(&product);
    assert_eq!(all.len(), DEMO_PATIENTS as usize + imported, "each import made one file");
    every_file_opens(&product, &all);
    let running = product.json(&["ledger", "verify"]).remove(0);
    product.stop();
    let stopped = product.json(&["ledger", "verify"]).remove(0);
    assert!(stopped["entries"].as_u64() >= running["entries"].as_u64());
    assert_eq!(stopped["signed"], stopped["entries"], "an orderly stop signs everything");
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn kill_again_and_again(product: &mut Product, kills: u32) {
    for number in 0..kills {
        std::thread::sleep(Duration::from_millis(200 + random(1300)));
        if number % KILLS_A_SUPERVISOR == KILLS_A_SUPERVISOR - 1 {
            product.kill_supervisor();
            product.serve_until_ready();
            continue;
        }
        let victims: &[&str] = match random(5) {
            0 | 1 => &["server"],
            2 | 3 => &["keyholder"],
            _ => &["server", "keyholder"],
        };
        let before: Vec<u32> = victims.iter().filter_map(|name| product.process(name)).collect();
        assert_eq!(before.len(), victims.len(), "both run");
        before.iter().for_each(|pid| signal(*pid, Signal::SIGKILL));
        let since = Instant::now();
        for name in victims {
            while product.process(name).is_none_or(|pid| before.contains(&pid)) {
                assert!(since.elapsed() < AWAY_MAX, "the {name} does not come back");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        product.wait_until_ready();
    }
}

/// Writes with a bearer token and remembers what was acknowledged.
struct Writer {
    http: crate::http::Http,
    file: String,
    token: String,
    /// Ids by what was written.
    acknowledged: BTreeMap<String, String>,
}

impl Writer {
    fn new(product: &Product, file: &str) -> Writer {
        let token = product.json(&["token", file, "--card", "doctor-1"]).remove(0);
        let token = token["token"].as_str().unwrap().to_owned();
        let acknowledged = BTreeMap::new();
        Writer { http: product.http(), file: file.to_owned(), token, acknowledged }
    }

    fn run(mut self, stop: &AtomicBool) -> Writer {
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let value = format!("{number}");
            let body = json!({
                "resourceType": "Observation",
                "status": "final",
                "identifier": [{"system": SYSTEM, "value": value}],
                "code": {"text": "pulse"},
                "subject": {"reference": format!("Patient/{}", self.file)},
            });
            let body = body.to_string();
            match self.http.bearer(&self.token, "POST", "/fhir/Observation", body.as_bytes()) {
                Ok(reply) if reply.status == 201 => {
                    let id = reply.created_id().unwrap();
                    self.acknowledged.insert(value, id);
                }
                // Not acknowledged: it may be there or not, but not twice.
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    fn finds_everything(&self) {
        let mut path = format!("/fhir/Observation?patient={}&identifier={SYSTEM}%7C", self.file);
        let mut found = BTreeMap::new();
        loop {
            let page = self.http.bearer(&self.token, "GET", &path, b"").unwrap();
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            for entry in page["entry"].as_array().into_iter().flatten() {
                let resource = &entry["resource"];
                let value = resource["identifier"][0]["value"].as_str().unwrap().to_owned();
                let id = resource["id"].as_str().unwrap().to_owned();
                let twice = found.insert(value, id);
                assert_eq!(twice, None, "written twice");
            }
            let links = page["link"].as_array().unwrap();
            let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
            path = next["url"].as_str().unwrap().replacen(&self.http.origin, "", 1);
        }
        for (value, id) in &self.acknowledged {
            assert_eq!(found.get(value), Some(id), "acknowledged and lost");
        }
    }
}

/// Opens files anew again and again and remembers what it saw.
struct Opener {
    client: SmartClient,
    files: Vec<String>,
    seen: BTreeMap<String, u64>,
}

impl Opener {
    fn new(product: &Product, files: &[String]) -> Opener {
        let client = product.client("doctor", &format!("opener of {}", files[0]));
        Opener { client, files: files.to_vec(), seen: BTreeMap::new() }
    }

    fn run(mut self, stop: &AtomicBool) -> Opener {
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let file = self.files[number % self.files.len()].clone();
            let path = format!("/fhir/Patient/{file}");
            // Every answer under this header takes an opening of its own.
            let reply = self.client.ask("GET", &path, &[("cache-control", "no-cache")], b"");
            match reply.map(|reply| reply.status) {
                Ok(200) => *self.seen.entry(file).or_default() += 1,
                Ok(401) => {
                    // Sessions are in the server's memory alone.
                    let _ = self.client.sign_in();
                    std::thread::sleep(Duration::from_millis(300));
                }
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }
}

fn every_opening_is_recorded(product: &Product, openers: &[Opener]) {
    for opener in openers {
        let told = product.who_opened(&["--by-card", &opener.client.card]);
        let mut recorded: BTreeMap<&str, u64> = BTreeMap::new();
        for line in told.iter().filter(|line| line["act"] == "opened") {
            *recorded.entry(line["files"][0].as_str().unwrap()).or_default() += 1;
        }
        for (file, seen) in &opener.seen {
            let recorded = recorded.get(file.as_str()).copied().unwrap_or_default();
            assert!(recorded >= *seen, "{seen} openings seen, {recorded} recorded");
        }
    }
}

/// Imports folder after folder, each again until it is in.
struct Importer {
    work: PathBuf,
    command: Box<dyn Fn(&str) -> std::process::Command + Send>,
}

impl Importer {
    fn new(product: &Product) -> Importer {
        let (home, pin, work) = (product.home(), product.pin.clone(), product.work());
        let rejects = work.join("rejects");
        let command = move |folder: &str| {
            let mut command = std::process::Command::new(PROGRAM);
            command.args(["--json", "import", folder, "--rejects"]).arg(&rejects);
            command.env("COFFERDAM_HOME", &home).env("COFFERDAM_PIN", &pin);
            command
        };
        Importer { work, command: Box::new(command) }
    }

    /// Returns how many patients are in.
    fn run(self, stop: &AtomicBool) -> usize {
        let mut imported = 0;
        for number in 0.. {
            let folder = self.work.join(format!("import-{number}"));
            std::fs::create_dir(&folder).unwrap();
            // One population: no two of its people have an identifier in common.
            let people = Population::new(1000, u32::MAX).with_richness(Richness::Thin);
            for person in
                (0..BUNDLES_AN_IMPORT).map(|n| people.person(number * BUNDLES_AN_IMPORT + n))
            {
                let path = folder.join(format!("{}.json", person.number()));
                std::fs::write(path, person.bundle()).unwrap();
            }
            self.until_in(folder.to_str().unwrap());
            imported += BUNDLES_AN_IMPORT as usize;
            if stop.load(Ordering::Relaxed) {
                return imported;
            }
        }
        imported
    }

    /// Gives the command again while a killed keyholder is the reason that it fails.
    fn until_in(&self, folder: &str) {
        for _ in 0..200 {
            let output = (self.command)(folder).output().unwrap();
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            match output.status.code() {
                Some(0) => return,
                Some(5) => std::thread::sleep(Duration::from_millis(200)),
                code => {
                    let rejects = std::fs::read_to_string(self.work.join("rejects"));
                    panic!("import ended with {code:?}: {text} {rejects:?}")
                }
            }
        }
        panic!("the import of {folder} never ends");
    }
}

/// Every patient's file that anything was deposited in; the directory has nothing but labels.
fn deposited(product: &Product) -> Vec<String> {
    let told = product.who_opened(&[]);
    let of_patients = told
        .iter()
        .filter(|line| line["act"] == "deposited" && line["sections"] != json!(["label"]));
    let files: BTreeSet<&str> =
        of_patients.map(|line| line["files"][0].as_str().unwrap()).collect();
    files.into_iter().map(str::to_owned).collect()
}

/// Opens what was approved before the kills, and what was imported as an emergency.
fn every_file_opens(product: &Product, files: &[String]) {
    for (number, files) in files.chunks(3).take(6).enumerate() {
        let mut client = product.client("doctor", &format!("reader-{number}"));
        for file in files {
            let path = format!("/fhir/Patient/{file}/$everything?_count=1000");
            let claims = json!({"purpose": "emergency", "reason": "after the kills"});
            let mut reply = client.ask("GET", &path, &[], b"").unwrap();
            if reply.status == 403 {
                reply = client.ask_with("GET", &path, &[], b"", &claims).unwrap();
            }
            assert_eq!(reply.status, 200, "{file}: {}", reply.text());
            let total = reply.json()["total"].as_u64();
            assert!(total > Some(3), "{file}: {total:?}");
        }
    }
}

/// A random number below this one.
fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % below
}
