//! The tour that `cofferdam demo` prints works as printed, and the ledger tells it exactly.

use crate::rig::{DEMO_PIN, Done, PROGRAM, Product};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the ledger is expected to tell: act, holder, files, sections.
type Told = (String, String, BTreeSet<String>, BTreeSet<String>);

#[test]
fn every_printed_command_does_what_it_says_and_the_ledger_tells_exactly_that() {
    let mut product = Product::nothing();
    let tour = start(&mut product);
    let patient = tour.patient();
    let mut expected = Vec::new();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let began = terms::Time::from_millis(u64::try_from(began).unwrap()).to_string();

    let found = tour.json(&product, "GET 'Patient?name=", 0);
    let hits = ids(&found);
    assert!(hits.contains(&patient), "{found}");
    expected.push(told("found", "Tom Berg, reception", hits, &["label"]));

    let everything = tour.json(&product, "$everything", 0);
    assert!(everything["entry"].as_array().unwrap().len() > 50);
    let all = deposited_sections(&product, &patient);
    let own = BTreeSet::from([patient.clone()]);
    expected.push(("opened".into(), "Dr. Ane Holm".into(), own.clone(), all.clone()));

    let laboratory = tour.json(&product, "category=laboratory", 0);
    let entries = laboratory["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 5);
    for entry in entries {
        let category = &entry["resource"]["category"][0]["coding"][0]["code"];
        assert_eq!(category, "laboratory");
    }

    let hidden = tour.json(&product, "--card receptionist", 1);
    let diagnostics = hidden["entry"][0]["resource"]["issue"][0]["diagnostics"].as_str().unwrap();
    assert_eq!((hidden["total"].as_u64(), diagnostics.contains("results")), (Some(0), true));
    let desk = ["label", "contact", "identity", "insurance"].map(str::to_owned).into();
    let seen: BTreeSet<String> = all.intersection(&desk).cloned().collect();
    expected.push(("opened".into(), "Tom Berg, reception".into(), own.clone(), seen));

    let refused = tour.run(&product, "--card doctor-elsewhere", 0);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(!refused.stdout.contains("birthDate") && refused.stdout.contains("forbidden"));

    let emergency = tour.json(&product, "--purpose emergency", 0);
    assert_eq!(emergency["id"], patient.as_str());
    assert!(emergency["birthDate"].is_string() && emergency["identifier"].is_null());
    let not_then = ["identity", "insurance", "restricted"].map(str::to_owned).into();
    let seen = all.difference(&not_then).cloned().collect();
    let elsewhere = "Dr. Eva Stern, another practice";
    expected.push(("opened".into(), elsewhere.into(), own.clone(), seen));

    let people = tour.run(&product, "who-opened", 0);
    assert_eq!(people.code, 0, "{people:?}");
    assert!(people.stdout.contains("verified against checkpoint of "), "{people:?}");
    for words in ["Dr. Ane Holm", elsewhere, "unconscious", "emergency"] {
        assert!(people.stdout.contains(words), "{words} is not in\n{}", people.stdout);
    }

    worst_day(&tour, &product, &patient);
    let holders = token_and_curl(&tour, &product, &patient);
    for _ in 0..holders {
        expected.push(("opened".into(), "Dr. Peter Voss".into(), own.clone(), all.clone()));
    }
    let told = product.who_opened(&["--from", &began]);
    assert_eq!(told.iter().map(read).collect::<Vec<_>>(), expected);

    cards_and_ledger(&tour, &product, &patient);
}

/// The watch tells of what was done, and an incident of whom it touched.
fn worst_day(tour: &Tour, product: &Product, patient: &str) {
    let alerts = tour.run(product, "watch alerts", 0);
    assert_eq!(alerts.code, 0, "{alerts:?}");
    let opened = tour.run(product, "incident open", 0);
    assert!(opened.code == 0 && opened.stdout.contains("its clocks run since"), "{opened:?}");
    let exposure = tour.run(product, "incident exposure", 0);
    assert_eq!(exposure.code, 0, "{exposure:?}");
    assert!(exposure.stdout.contains("1 person: 1 whose file"), "{exposure:?}");
    assert!(exposure.stdout.contains(patient), "{exposure:?}");
}

/// The token opens the file for its card, and again for the client that presents it. Returns how
/// many openings that makes.
fn token_and_curl(tour: &Tour, product: &Product, patient: &str) -> usize {
    let (token, curl) = (tour.line("TOKEN=$(", 0), tour.line("curl ", 0));
    if Done::of(product.command("sh").args(["-c", "command -v curl"])).code != 0 {
        eprintln!("SKIPPED: the tour's curl command, because there is no curl");
        let done = tour.shell(product, &token);
        assert_eq!(done.code, 0, "{done:?}");
        return 1;
    }
    let done = tour.shell(product, &format!("{token}\n{curl}"));
    assert_eq!(done.code, 0, "{done:?}");
    let conditions: Value = serde_json::from_str(&done.stdout).unwrap();
    for entry in conditions["entry"].as_array().unwrap() {
        let subject = entry["resource"]["subject"]["reference"].as_str().unwrap();
        assert_eq!(subject, format!("Patient/{patient}"));
    }
    assert!(conditions["total"].as_u64().unwrap() > 0);
    2
}

fn cards_and_ledger(tour: &Tour, product: &Product, patient: &str) {
    let list = tour.run(product, "card list", 0);
    let cards = product.json(&["card", "list"]);
    assert_eq!((list.code, list.stdout.lines().count()), (0, cards.len()), "{list:?}");
    let lost = cards.iter().find(|card| card["holder"] == "Dr. Peter Voss").unwrap();
    let lost = lost["card"].as_str().unwrap();
    let token = product.json(&["token", patient, "--card", "doctor-2"]).remove(0);
    let token = token["token"].as_str().unwrap().to_owned();
    let read = format!("Patient/{patient}");
    let bearer = || {
        let reply = product.http().bearer(&token, "GET", &format!("/fhir/{read}"), b"");
        reply.unwrap().status
    };
    let by_card = || product.run(&["fhir", "GET", &read, "--card", "doctor-2"]);
    assert_eq!((bearer(), by_card().code), (200, 0));

    let frozen = tour.shell(product, &tour.line("freeze", 0).replace("CARD", lost));
    assert_eq!(frozen.code, 0, "{frozen:?}");
    let refused = by_card();
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(!refused.stdout.contains("birthDate"));
    assert!(matches!(bearer(), 401 | 403), "a token of a frozen card");

    let why = ["--card", lost, "--reason", "found again"];
    let alone = ["unfreeze", "--officer", "officer-1", "--second-officer", "officer-1"];
    assert_eq!(product.run(&[&alone[..], &why].concat()).code, 3, "one officer is not two");
    assert_eq!(by_card().code, 3);
    let unfrozen = product.json(&[&["unfreeze"][..], &why].concat());
    assert!(unfrozen[0]["entry"].is_u64());
    // The session may have ended with the freeze: then the command says to give it again.
    assert!(by_card().code == 0 || by_card().code == 0, "{:?}", by_card());

    let verified = tour.run(product, "ledger verify", 0);
    assert!(verified.code == 0 && verified.stdout.starts_with("whole: "), "{verified:?}");
    let verified = product.json(&["ledger", "verify"]).remove(0);
    assert!(verified["entries"].as_u64().unwrap() > 20);
    assert!(!product.json(&["ledger", "show"]).is_empty());
    let error = product.run(&["--json", "fhir", "GET", &read, "--card", "nobody"]);
    let message: Value = serde_json::from_str(&error.stderr).unwrap();
    assert_eq!((error.code, message["error"].as_str()), (4, Some("not-there")));
}

/// The printed commands.
struct Tour {
    export: String,
    commands: Vec<String>,
}

fn start(product: &mut Product) -> Tour {
    let listen = product.addresses();
    let mut command = product.command(PROGRAM);
    command.args(["demo", "--patients", "20", "--listen", &listen[0]]);
    command.args(["--local-listen", &listen[1]]).env_remove("COFFERDAM_PIN");
    product.serve_by(command);
    let until = Instant::now() + Duration::from_secs(120);
    while !product.log_text().contains("serving until Ctrl-C") {
        assert!(Instant::now() < until, "no tour:\n{}", product.log_text());
        std::thread::sleep(Duration::from_millis(50));
    }
    let printed = std::fs::read_to_string(product.logs().join("stdout")).unwrap();
    let mut lines = printed.lines().filter_map(|line| line.strip_prefix("  "));
    let said = product.log_text();
    assert!(!said.contains("{\""), "the terminal is for the tour:\n{said}");
    let log = std::fs::read_to_string(product.home().join("demo.log")).unwrap();
    assert!(log.contains("\"serving\"") && said.contains("demo.log"), "{log}");
    let export = lines.next().unwrap().to_owned();
    assert!(export.contains(DEMO_PIN));
    Tour { export, commands: lines.map(str::to_owned).collect() }
}

impl Tour {
    /// The printed command of this number among those with these words.
    fn line(&self, words: &str, number: usize) -> String {
        let mut lines = self.commands.iter().filter(|line| line.contains(words));
        lines.nth(number).unwrap_or_else(|| panic!("no `{words}` is printed")).clone()
    }

    /// Runs it as printed.
    fn run(&self, product: &Product, words: &str, number: usize) -> Done {
        self.shell(product, &self.line(words, number))
    }

    fn shell(&self, product: &Product, script: &str) -> Done {
        let script = format!("{}\n{script}", self.export);
        Done::of(
            product
                .command("sh")
                .args(["-c", &script])
                .env_remove("COFFERDAM_PIN")
                .env_remove("COFFERDAM_HOME"),
        )
    }

    fn json(&self, product: &Product, words: &str, number: usize) -> Value {
        let done = self.run(product, words, number);
        assert_eq!(done.code, 0, "{done:?}");
        serde_json::from_str(&done.stdout).unwrap()
    }

    fn patient(&self) -> String {
        let line = self.line("$everything", 0);
        let from = line.find("Patient/").unwrap() + "Patient/".len();
        line[from..].split('/').next().unwrap().to_owned()
    }
}

fn ids(bundle: &Value) -> BTreeSet<String> {
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

fn deposited_sections(product: &Product, patient: &str) -> BTreeSet<String> {
    let told = product.who_opened(&["--patient", patient]);
    let deposit = told.iter().find(|line| line["act"] == "deposited").unwrap();
    words(&deposit["sections"])
}

fn told(act: &str, holder: &str, files: BTreeSet<String>, sections: &[&str]) -> Told {
    let sections = sections.iter().map(|&section| section.to_owned()).collect();
    (act.into(), holder.into(), files, sections)
}

fn read(line: &Value) -> Told {
    let word = |name: &str| line[name].as_str().unwrap().to_owned();
    (word("act"), word("holder"), words(&line["files"]), words(&line["sections"]))
}

fn words(list: &Value) -> BTreeSet<String> {
    let words = list.as_array().unwrap().iter();
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}
