//! The letter run, killed again and again: each person exactly one letter, and on the ledger what
//! the run says it opened.
//!
//! `COFFERDAM_FULL=1` writes to 10,000 people instead of 200.

use crate::rig::{DEMO_PIN, PROGRAM, Product, signal};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// In every family name, so that a test can look for names.
const MARKER: &str = "Briefprobe";

/// A practice with patients whose addresses are known, an incident, and its exposure.
struct Scene {
    product: Product,
    files: Vec<String>,
    officer: String,
    incident: String,
}

impl Scene {
    fn new(patients: usize) -> Scene {
        let product = Product::new();
        let folder = product.work().join("import");
        std::fs::create_dir(&folder).unwrap();
        let lines: Vec<String> = (0..patients).map(|n| patient(n).to_string()).collect();
        std::fs::write(folder.join("Patient.ndjson"), lines.join("\n")).unwrap();
        product.ok(&["import", folder.to_str().unwrap(), "--card", "importer"]);
        let told = product.who_opened(&[]);
        let of_patients = told
            .iter()
            .filter(|line| line["act"] == "deposited" && line["sections"] != json!(["label"]));
        let files: BTreeSet<String> =
            of_patients.map(|line| line["files"][0].as_str().unwrap().to_owned()).collect();
        let files: Vec<String> = files.into_iter().collect();
        assert_eq!(files.len(), patients);
        let cards = product.json(&["card", "list"]);
        let officer = cards.iter().find(|card| card["role"] == "officer").unwrap();
        let officer = officer["card"].as_str().unwrap().to_owned();
        let opened = product.json(&["incident", "open", "--title", "a stolen card"]);
        let incident = opened[0]["id"].as_str().unwrap().to_owned();
        let scene = Scene { product, files, officer, incident };
        scene.expose();
        std::fs::write(scene.facts(), FACTS).unwrap();
        scene
    }

    /// The file of the patient of that number.
    fn file_of(&self, number: usize) -> String {
        let path = format!("Patient?identifier=https://example.org/chart%7Cc{number}");
        let found = self.product.ok(&["fhir", "GET", &path, "--card", "officer-1"]);
        let found: Value = serde_json::from_str(&found).unwrap();
        found["entry"][0]["resource"]["id"].as_str().unwrap().to_owned()
    }

    fn incident(&self) -> PathBuf {
        self.product.home().join("incidents").join(&self.incident)
    }

    fn facts(&self) -> PathBuf {
        self.product.work().join("letters.toml")
    }

    fn expose(&self) {
        std::fs::create_dir_all(self.incident().join("exposures")).unwrap();
        let person = |file: &String| {
            json!({"file": file, "read": ["label", "results"], "passed": [],
                "first": "2026-11-24T13:02:00Z", "last": "2026-11-24T13:40:00Z", "entries": [1],
                "cards": [], "grades": ["none"], "segments": 2})
        };
        let persons: Value = self.files.iter().map(person).collect();
        let known: Vec<incident::Person> = serde_json::from_value(persons.clone()).unwrap();
        let exposure = json!({"version": 1, "made": "2026-11-26T12:00:00Z", "scope": {},
            "checkpoint": "", "statement": "", "lines": 1, "persons": persons, "rests_on": [],
            "unknown": [], "digest": incident::digest(&known)});
        let path = self.incident().join("exposures/1.json");
        std::fs::write(path, exposure.to_string()).unwrap();
    }

    /// A job about the whole exposure, approved; returns its file.
    fn job(&self) -> (String, String) {
        let order = ["incident", "letters", "order", &self.incident, "--exposure", "1", "--card"];
        let said = self.product.json(&[&order[..], &[self.officer.as_str()]].concat());
        let text = |name: &str| said[0][name].as_str().unwrap().to_owned();
        let (job, file) = (text("job"), text("job_file"));
        assert_eq!(said[0]["files"], self.files.len());
        self.product.ok(&["incident", "letters", "approve", "--job-file", &file]);
        (job, file)
    }

    fn run<'a>(&self, job_file: &'a str, facts: &'a str, out: &'a str) -> [&'a str; 11] {
        let [run, job] = ["run", "--job-file"];
        let head = ["--json", "incident", "letters", run, job, job_file, "--facts", facts];
        let mut all = [""; 11];
        all[..8].copy_from_slice(&head);
        all[8..].copy_from_slice(&["--out", out, "--batch=7"]);
        all
    }

    /// Entries of openings by a job: file, and sections.
    fn openings(&self) -> Vec<(String, String)> {
        let told = self.product.who_opened(&[]);
        let by_job = told.iter().filter(|line| line["act"] == "opened-by-job");
        let words = |line: &Value| line["sections"].to_string();
        by_job.map(|line| (line["files"][0].as_str().unwrap().into(), words(line))).collect()
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_writes_to_each_person_once() {
    let full = std::env::var_os("COFFERDAM_FULL").is_some_and(|value| value == "1");
    let scene = Scene::new(if full { 10_000 } else { 200 });
    let product = &scene.product;
    // Both have an address, so that each is left out, or not, for the mark alone.
    let [canary, restricted] = [3, 5].map(|number| scene.file_of(number));
    product.ok(&["mark", &canary, "canary"]);
    product.ok(&["mark", &restricted, "restricted"]);
    let (job, file) = scene.job();
    let out = product.folder().join("letters");
    let [out_text, facts] = [&out, &scene.facts()].map(|path| path.to_str().unwrap().to_owned());
    let arguments = scene.run(&file, &facts, &out_text);

    // A test print first: ten people, no letter that counts.
    product.ok(&[&arguments[..], &["--limit", "10"]].concat());
    let tested = std::fs::read_dir(out.join("test-print")).unwrap().count();
    assert!((5..=10).contains(&tested), "{tested} letters of a test");
    assert!(scene.openings().len() <= 10, "a test print opens no more than it says");

    let kills = run_and_kill(product, &arguments);
    let said = product.json(&arguments[1..]);
    eprintln!("{kills} kills: {}", said[0]);
    assert!(kills >= 3, "too few kills to say anything");

    // Each person one letter: the codes name each file once, where batches are made anew the last.
    let letters = letters(&out);
    let codes = codes(&scene.incident(), &job);
    let written: BTreeSet<&String> = codes.values().collect();
    assert_eq!(written.len(), codes.len(), "nobody gets two letters");
    assert_eq!(codes.len(), letters.len(), "each letter has one code");
    let left_out = read_lines(&out.join("left-out.ndjson"));
    assert_eq!(codes.len() + left_out.len(), scene.files.len(), "nobody is forgotten");
    let why = |file: &str| {
        let found = left_out.iter().find(|line| line["file"] == file);
        found.map(|line| line["why"].as_str().unwrap().to_owned())
    };
    assert_eq!(why(&canary).as_deref(), Some("refused"));
    assert_eq!(why(&restricted), None, "a restricted file gets its letter");
    assert_eq!(left_out.iter().filter(|line| line["why"] == "no-address").count(), 200 / 25);
    the_ledger_says_what_was_opened(&scene, &out, kills);
    the_order_is_that_of_the_post(&letters);
    what_counts_is_known(&out);
    nothing_of_people_lies_in_the_data_folder(&scene, &out);
    marks_are_kept(&scene, &job, &codes);
    // Another folder would write to everybody again.
    let elsewhere = product.folder().join("elsewhere");
    let again = product.run(&scene.run(&file, &facts, elsewhere.to_str().unwrap()));
    assert_eq!(again.code, 3, "{again:?}");
    assert_eq!(scene.product.run(&arguments).code, 0, "a run that is over stays over");
}

/// Starts the run again and again, and kills it after a while each time but the last.
fn run_and_kill(product: &Product, arguments: &[&str]) -> u32 {
    for kills in 0..200 {
        let mut command = product.command(PROGRAM);
        command.args(arguments).env("COFFERDAM_PIN", DEMO_PIN);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let until = Instant::now() + Duration::from_millis(120 + 60 * u64::from(kills));
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                let output = child.wait_with_output().unwrap();
                let text = String::from_utf8_lossy(&output.stderr);
                assert!(status.success(), "{status}: {text}");
                return kills;
            }
            if Instant::now() > until {
                signal(child.id(), Signal::SIGKILL);
                child.wait().unwrap();
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    panic!("the run never ends");
}

/// The lines of all manifests, each checked against its letter.
fn letters(out: &Path) -> Vec<Vec<String>> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(out.join("batches")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    let mut all = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.starts_with('.'), "nothing half made is left: {name}");
        let manifest = std::fs::read_to_string(folder.join("manifest.csv")).unwrap();
        assert!(!manifest.contains(MARKER), "a manifest has no names");
        let lines: Vec<Vec<String>> = manifest
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), lines.len() + 1);
        for line in &lines {
            let letter = std::fs::read(folder.join(&line[0])).unwrap();
            assert!(letter.starts_with(b"%PDF-"));
            let digest = keyproto::jws::sha256(&letter);
            assert_eq!(line[5], data_encoding::HEXLOWER.encode(&digest));
        }
        all.extend(lines);
    }
    all
}

/// Files by batch and number; of a batch that was made anew the last.
fn codes(incident: &Path, job: &str) -> BTreeMap<(u32, u32), String> {
    let text = std::fs::read_to_string(incident.join("letter-codes")).unwrap();
    let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let of_job = lines.filter(|line| line.len() == 5 && line[1] == job);
    of_job
        .map(|line| ((line[2].parse().unwrap(), line[3].parse().unwrap()), line[4].to_owned()))
        .collect()
}

fn the_ledger_says_what_was_opened(scene: &Scene, out: &Path, kills: u32) {
    let opened = scene.openings();
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    opened.iter().for_each(|(file, _)| *times.entry(file).or_default() += 1);
    let people = read_lines(&out.join("people.ndjson"));
    let journal: BTreeSet<&str> =
        people.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(times.keys().copied().collect::<BTreeSet<_>>(), journal);
    assert_eq!(journal.len(), people.len(), "nobody is counted twice");
    let sections = r#"["label","contact"]"#;
    assert!(opened.iter().all(|(_, what)| sections == what || what == r#"["label"]"#));
    let again = opened.len() - times.len();
    eprintln!("{} files opened, and {again} times one again after a kill", times.len());
    // Sixteen threads open at once; the ten of the test print may be opened once more.
    assert!(again <= 16 * (kills as usize + 1), "a kill costs what was in hand and nothing more");
}

fn the_order_is_that_of_the_post(letters: &[Vec<String>]) {
    let keys: Vec<(&String, &String)> = letters.iter().map(|line| (&line[2], &line[3])).collect();
    assert!(keys.is_sorted(), "by country and postcode");
    let pages: u64 = letters.iter().map(|line| line[1].parse::<u64>().unwrap()).sum();
    assert!(pages >= letters.len() as u64);
}

fn what_counts_is_known(out: &Path) {
    let people = read_lines(&out.join("people.ndjson"));
    let count = |is: &dyn Fn(&Value) -> bool| people.iter().filter(|line| is(line)).count();
    assert!(count(&|line| line["minor"] == true) > 0 && count(&|line| line["dead"] == true) > 0);
    assert!(count(&|line| line["country"] == "DE" && line["language"] == "de") > 0);
    assert!(count(&|line| line["country"] == "DK" && line["language"] == "en") > 0);
    let of_chamber = count(&|line| line["association"] == "Chamber of Probes");
    assert_eq!(of_chamber + count(&|line| line["association"].is_null()), people.len());
    assert!(of_chamber > 0 && of_chamber < people.len());
    let text = std::fs::read_to_string(out.join("people.ndjson")).unwrap();
    assert!(!text.contains(MARKER));
    assert!(!out.join("addressees.ndjson").exists(), "nobody needs the addresses any more");
}

fn nothing_of_people_lies_in_the_data_folder(scene: &Scene, out: &Path) {
    let mut folders = vec![scene.product.home()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = memchr::memmem::find(&bytes, MARKER.as_bytes());
                assert!(found.is_none(), "a name lies in {}", path.display());
            }
        }
    }
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

fn marks_are_kept(scene: &Scene, job: &str, codes: &BTreeMap<(u32, u32), String>) {
    let incident = &*scene.incident;
    let product = &scene.product;
    let letters = |rest: &[&str]| product.json(&[&["incident", "letters"], rest].concat());
    letters(&["sent", incident, "--job", job, "--all"]);
    let returned = codes.values().next().unwrap();
    letters(&["returned", "last", returned]);
    let status = letters(&["status", incident]).remove(0);
    assert_eq!(status["returned"], 1);
    assert_eq!(status["jobs"][0]["made"], codes.len());
    assert_eq!(status["jobs"][0]["sent_batches"], status["jobs"][0]["batches"]);
    // Eight without an address, the canary, and the one whose letter came back: ten.
    let unreachable = status["unreachable"].as_u64().unwrap();
    assert!(unreachable >= 10 && status["substitute_notice_due_since"].is_string(), "{status}");
    let check = ["incident", "letters", "check", "ABCD-EFGH-IJKL-MNOP"];
    assert_eq!(product.run(&check).code, 4);
    assert_eq!(product.run(&["incident", "letters", "returned", incident, "nothing"]).code, 4);
    // A line that somebody took out is noticed.
    let path = scene.incident().join("delivery.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    let less: Vec<&str> = text.lines().enumerate().filter(|(n, _)| *n != 1).map(|l| l.1).collect();
    std::fs::write(&path, less.join("\n") + "\n").unwrap();
    assert_eq!(product.run(&["incident", "letters", "status", incident]).code, 6);
    std::fs::write(&path, text).unwrap();
}

#[test]
fn letters_come_in_one_file_a_batch_and_in_other_forms_too() {
    let scene = Scene::new(9);
    let (_, file) = scene.job();
    let out = scene.product.folder().join("letters");
    let [out_text, facts] = [&out, &scene.facts()].map(|path| path.to_str().unwrap().to_owned());
    let run = scene.run(&file, &facts, &out_text);
    let forms = ["--together", "--also", "html", "--also", "text"];
    let said = scene.product.ok(&[&run[1..], &forms].concat());
    assert!(said.contains("read with ease"), "{said}");
    let batch = out.join("batches/000001");
    let manifest = std::fs::read_to_string(batch.join("manifest.csv")).unwrap();
    let lines: Vec<&str> = manifest.lines().skip(1).collect();
    let files: BTreeSet<&str> = lines.iter().map(|line| line.split(',').next().unwrap()).collect();
    assert!(lines.len() == 7 && files.len() < lines.len(), "{manifest}");
    for name in files {
        assert!(std::fs::read(batch.join(name)).unwrap().starts_with(b"%PDF-"));
    }
    let count = |ending: &str| {
        let all = std::fs::read_dir(&batch).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|one| one == ending)).count()
    };
    assert_eq!((count("html"), count("txt")), (7, 7));
    let page = std::fs::read_to_string(batch.join("000001-00001.html")).unwrap();
    assert!(page.contains("<html lang=") && page.contains(MARKER));
}

#[test]
fn a_job_about_other_files_than_were_approved_opens_nothing() {
    let mut scene = Scene::new(12);
    let last = scene.files.pop().unwrap();
    scene.expose();
    let (_, file) = scene.job();
    let out = scene.product.folder().join("letters");
    let [out_text, facts] = [&out, &scene.facts()].map(|path| path.to_str().unwrap().to_owned());
    let approved = std::fs::read_to_string(&file).unwrap();
    // A file that is outside of the exposure is added, or put in another's place.
    let added = approved.replace(r#""files":["#, &format!(r#""files":["{last}","#));
    let instead = approved.replace(&scene.files[0], &last);
    for wrong in [added, instead] {
        assert_ne!(wrong, approved);
        let path = scene.product.work().join("wrong.json");
        std::fs::write(&path, wrong).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let done = scene.product.run(&scene.run(&path, &facts, &out_text));
        assert_eq!(done.code, 3, "{done:?}");
    }
    // Nor does a job that nobody approved, or one by another card.
    let order = ["incident", "letters", "order", &scene.incident, "--exposure", "1", "--card"];
    let said = scene.product.json(&[&order[..], &[scene.officer.as_str()]].concat());
    let unapproved = said[0]["job_file"].as_str().unwrap().to_owned();
    let elsewhere = scene.product.folder().join("elsewhere");
    let done = scene.product.run(&scene.run(&unapproved, &facts, elsewhere.to_str().unwrap()));
    assert_eq!(done.code, 3, "{done:?}");
    let arguments = scene.run(&file, &facts, &out_text);
    let done = scene.product.run(&[&arguments[..], &["--as-card", "officer-2"]].concat());
    assert_eq!(done.code, 2, "{done:?}");
    let inside = scene.product.home().join("letters");
    let done = scene.product.run(&scene.run(&file, &facts, inside.to_str().unwrap()));
    assert_eq!(done.code, 2, "letters never lie in the data folder: {done:?}");
    assert!(scene.openings().is_empty(), "nothing was opened");
    scene.product.ok(&arguments);
    let opened: BTreeSet<String> = scene.openings().into_iter().map(|(file, _)| file).collect();
    assert_eq!(opened, scene.files.iter().cloned().collect());
    // And the patient's own view has it.
    let events = format!("AuditEvent?patient={}", scene.files[0]);
    let events = scene.product.ok(&["fhir", "GET", &events, "--card", "officer-1"]);
    assert!(events.contains("an opening by the approved job"), "{events}");
}

fn read_lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Most live in Denmark; some are children, dead, German, or have no address.
fn patient(number: usize) -> Value {
    let german = number.is_multiple_of(7);
    let (country, city) = if german { ("DE", "Flensburg") } else { ("DK", "Aarhus") };
    let postcode = (if german { 24_000 } else { 8_000 }) + number * 37 % 900;
    let mut patient = json!({
        "resourceType": "Patient",
        "id": format!("p{number}"),
        "identifier": [{"system": "https://example.org/chart", "value": format!("c{number}")}],
        "name": [{"family": format!("{MARKER}{number}"), "given": ["Ane"]}],
        "birthDate": if number.is_multiple_of(9) { "2015-05-05" } else { "1970-02-03" },
        "address": [{"line": [format!("Vej {number}")], "city": city,
            "postalCode": postcode.to_string(), "country": country}],
    });
    if number.is_multiple_of(11) {
        patient["deceasedBoolean"] = true.into();
    }
    if number.is_multiple_of(5) {
        patient["communication"] = json!([{"language": {"coding": [{"code": "en"}]}}]);
    }
    if number.is_multiple_of(6) {
        let coding = json!([{"system": "urn:cofferdam:contact", "code": "association"}]);
        patient["contact"] = json!([{"relationship": [{"coding": coding}],
            "organization": {"display": "Chamber of Probes"}}]);
    }
    if number < 200 && number % 25 == 1 {
        patient.as_object_mut().unwrap().remove("address");
    }
    patient
}

const FACTS: &str = r#"
reference = "2026-11-26-1"
country = "DK"
offset = "+01:00"
actor = "stolen-card"

[sender]
name = "Made-up Health Centre"
address = ["Vestergade 12", "8000 Aarhus C"]
contact = "Karen Holm"
telephone = "+45 70 00 00 00"
email = "help@health.example"
data_protection_officer = "Jens Bro, dpo@health.example, +45 70 00 00 01"
[sender.hours]
da = ["Hver dag kl. 8 til 18."]
de = ["Jeden Tag von 8 bis 18 Uhr."]
en = ["Every day from 8 a.m. to 6 p.m."]
[sender.authority]
name = "Datatilsynet"
contact = "Carl Jacobsens Vej 35, 2500 Valby"

[dates]
from = "2026-11-24T13:02:00Z"
to = "2026-11-24T13:40:00Z"
discovered = "2026-11-24T13:41:00Z"
letter = "2026-11-26"

[happened]
da = ["En fremmed brugte et stjålet kort."]
de = ["Eine fremde Person hatte eine gestohlene Karte."]
en = ["A stranger had a card that was stolen."]
[doing]
da = ["Kortet kan ikke åbne noget mere."]
de = ["Die Karte öffnet nichts mehr."]
en = ["The card opens nothing any more."]

[verify]
page = "health.example/brev"
telephone = "+45 87 00 00 00"
"#;

#[test]
fn texts_and_steps_are_replaced_without_a_build_and_refused_with_their_mistake() {
    let scene = Scene::new(4);
    let (_, file) = scene.job();
    let out = scene.product.folder().join("letters");
    let [out_text, facts] = [&out, &scene.facts()].map(|path| path.to_str().unwrap().to_owned());
    let run = scene.run(&file, &facts, &out_text);
    let own = scene.product.home().join("letters/steps");
    std::fs::create_dir_all(&own).unwrap();
    let built_in = include_str!("../../../letters/steps/dk.toml");
    std::fs::write(own.join("dk.toml"), built_in.replace("source = ", "sauce = ")).unwrap();
    let refused = scene.product.run(&run);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("dk.toml"), "{refused:?}");
    std::fs::write(own.join("dk.toml"), built_in.replace("borger.dk", "elsewhere.example"))
        .unwrap();
    scene.product.ok(&[&run[1..], &["--also", "text"]].concat());
    let mut texts = String::new();
    for entry in std::fs::read_dir(out.join("batches/000001")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            texts.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    assert!(texts.contains("elsewhere.example") && !texts.contains("borger.dk"));
}
