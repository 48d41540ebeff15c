//! An alert from first sight to a closed case, as a security officer follows it, with real
//! processes: a stolen card goes through strangers' files, and is stopped before it has many.

use crate::rig::{Product, signal};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::time::{Duration, Instant};

/// A practice beside the demonstration's, whose doctor has no relation to any of its patients.
const THIEF: &str = "doctor-elsewhere";

#[test]
fn an_officer_follows_an_alert_from_first_sight_to_a_closed_case() {
    let mut product = Product::demo(16);
    // The limits of emergencies let a new card have two; here the watch is to say so before.
    set(&product, "watch_first_days = 3000.0", "watch_first_days = 1.2");
    set(&product, "watch_second_days = 30000.0", "watch_second_days = 9.0");
    set(&product, "alerts_ocsf = false", "alerts_ocsf = true");
    set(&product, "alerts_audit_events = false", "alerts_audit_events = true");
    product.stop();
    product.serve();
    product.forget_sessions();

    let patients = patients(&product);
    let by_thief = |line: &&Value| {
        line["act"] == "opened" && line["holder"].as_str().unwrap_or_default().contains("Stern")
    };
    let got = attack(&product, &patients);
    assert!(got.len() < patients.len(), "never stopped");

    // First sight.
    let alert = waits(&product);
    let id = alert["id"].as_str().unwrap().to_owned();
    assert_eq!(alert["alert"]["finding"], "unexplained", "{alert}");
    assert_eq!(alert["alert"]["ordered"]["step"], "restricted");
    let card = alert["alert"]["card"].as_str().unwrap().to_owned();
    let listed = product.ok(&["watch", "alerts"]);
    assert!(listed.contains(&id) && listed.contains("Dr. Eva Stern"), "{listed}");

    // What it says, in words, and what it never says.
    let shown = until(|| {
        let shown = product.ok(&["watch", "show", &id]);
        shown.contains("The keyholder did so.").then_some(shown)
    });
    for words in [
        "More files were opened as emergencies than is usual here and among colleagues.",
        "The card opens files of current patients alone, and in an emergency the summary",
        "It ends by itself after 7 days.",
        &format!("cofferdam who-opened --by-card {card}"),
        &format!("cofferdam watch close {id}"),
    ] {
        assert!(shown.contains(words), "no `{words}` in\n{shown}");
    }
    assert!(patients.iter().all(|patient| !shown.contains(patient.as_str())), "{shown}");

    // Every entry it rests on is an opening by that card, and they are what the ledger says.
    let opened = product.who_opened(&["--by-card", &card]);
    let evidence = alert["alert"]["evidence"].as_array().unwrap();
    let numbers: Vec<&Value> = opened.iter().map(|line| &line["number"]).collect();
    assert!(!evidence.is_empty() && evidence.iter().all(|number| numbers.contains(&number)));
    assert!(!got.is_empty() && opened.iter().filter(by_thief).count() >= got.len());

    // The case: taken, noted, closed; and no more in the list of what waits.
    product.ok(&["watch", "take", &id, "--as", "officer one"]);
    product.ok(&["watch", "note", &id, "--note", "the card lay on a bus", "--as", "officer one"]);
    let close = ["watch", "close", &id, "--verdict", "right", "--note", "stolen; police told"];
    product.ok(&close);
    assert_eq!(product.run(&close).code, 2, "closed twice");
    assert!(!product.ok(&["watch", "alerts"]).contains(&id));
    let case = product.json(&["watch", "show", &id]).remove(0);
    assert_eq!(case["state"], "closed: right");
    assert_eq!(case["later"].as_array().unwrap().len(), 4, "{case}");
    assert_eq!(product.run(&["watch", "show", "nothing"]).code, 4);

    // What other systems are told is about the same case, and names no patient either.
    let told = until(|| {
        let path = product.home().join("cases/ocsf.ndjson");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.contains("\"activity_id\":3").then_some(text)
    });
    assert!(told.contains(&id) && patients.iter().all(|p| !told.contains(p.as_str())));
    let audit = std::fs::read_to_string(product.home().join("cases/audit-events.ndjson")).unwrap();
    assert!(audit.contains(&id) && patients.iter().all(|p| !audit.contains(p.as_str())));

    // Two officers freeze and lift; a restricted card is relaxed, and can work again.
    product.ok(&["freeze", "--card", &card, "--reason", "the card is stolen"]);
    let elsewhere = format!("Patient/{}", got[0]);
    assert_eq!(open(&product, &elsewhere), 3);
    product.ok(&["unfreeze", "--card", &card, "--reason", "found again, with a new PIN"]);
    product.ok(&["card", "relax", &card, "--card", "officer-1"]);
}

#[test]
fn an_officer_sees_that_the_machine_froze_a_card_by_itself() {
    let product = Product::demo(8);
    // Numbers that nobody has: the keyholder freezes at the fourth.
    for number in ["0101011231", "0202022232", "0303033233", "0404044234", "0505055235"] {
        let search = format!("Patient?identifier=urn:oid:1.2.208.176.1.2|{number}");
        product.run(&["fhir", "GET", &search, "--card", "receptionist"]);
    }
    let alert = waits(&product);
    assert_eq!(
        (&alert["alert"]["finding"], &alert["alert"]["frozen"]),
        (&"misses".into(), &true.into()),
        "{alert}"
    );
    let shown = product.ok(&["watch", "show", alert["id"].as_str().unwrap()]);
    assert!(
        shown.contains("The keyholder froze it by itself") && !shown.contains("stop it:"),
        "{shown}"
    );

    // Whoever freezes all the same is told since when it is; and the list of cards knows.
    let card = alert["alert"]["card"].as_str().unwrap();
    let frozen = |card: &str| {
        let cards = product.json(&["card", "list"]);
        cards.iter().find(|line| line["card"] == card).unwrap()["frozen"].as_bool().unwrap()
    };
    assert!(frozen(card));
    let again = product.ok(&["freeze", "--card", card, "--reason", "stolen"]);
    assert!(again.starts_with("frozen already, since "), "{again}");
    product.ok(&["unfreeze", "--card", card, "--reason", "it was a list with errors"]);
    assert!(!frozen(card));
    let nobody = product.run(&["freeze", "--card", "aaaaaaaaaaaaaaaa", "--reason", "lost"]);
    assert_eq!(nobody.code, 3, "{nobody:?}");
}

#[test]
fn a_watch_that_is_killed_comes_back_and_orders_nothing_twice() {
    let mut product = Product::demo(16);
    set(&product, "watch_first_days = 3000.0", "watch_first_days = 1.2");
    set(&product, "watch_second_days = 30000.0", "watch_second_days = 9.0");
    product.stop();
    product.serve();
    product.forget_sessions();
    attack(&product, &patients(&product));
    let id = waits(&product)["id"].as_str().unwrap().to_owned();
    let acted = |product: &Product| {
        let case = product.json(&["watch", "show", &id]).remove(0);
        case["later"].as_array().unwrap().iter().filter(|l| l["event"] == "acted").count()
    };
    until(|| (acted(&product) == 1).then_some(()));
    let steps = || {
        let shown = product.json(&["ledger", "show"]);
        shown.iter().filter(|entry| entry.to_string().contains("stepped")).count()
    };
    let before = (steps(), product.json(&["watch", "alerts", "--all"]).len());
    assert!(before.0 > 0);
    let watch = product.process("watch-process").unwrap();
    signal(watch, Signal::SIGKILL);
    until(|| product.process("watch-process").filter(|pid| *pid != watch));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!((steps(), product.json(&["watch", "alerts", "--all"]).len()), before);
    assert_eq!(acted(&product), 1);
}

/// The stolen card goes on until it gets nothing more; returns the files that it got.
fn attack(product: &Product, patients: &[String]) -> Vec<String> {
    let mut got = Vec::new();
    for patient in patients {
        // Whoever has the card and its PIN signs in anew as often as is asked.
        product.forget_sessions();
        std::thread::sleep(Duration::from_millis(300));
        match open(product, &format!("Patient/{patient}")) {
            0 => got.push(patient.clone()),
            // Somebody who was made and is no patient.
            4 => {}
            code => {
                assert_eq!(code, 3);
                return got;
            }
        }
    }
    got
}

fn open(product: &Product, path: &str) -> i32 {
    let get = ["fhir", "GET", path, "--card", THIEF, "--purpose", "emergency"];
    product.run(&[&get[..], &["--reason", "unconscious in the street"]].concat()).code
}

fn patients(product: &Product) -> Vec<String> {
    let found = product.json(&["who-opened"]);
    let mut files: Vec<String> = found
        .iter()
        .flat_map(|line| line["files"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| Some(file.as_str()?.to_owned()))
        .collect();
    files.sort();
    files.dedup();
    files.retain(|file| file.len() == 26);
    files
}

/// The first alert that waits for an officer.
fn waits(product: &Product) -> Value {
    until(|| product.json(&["watch", "alerts"]).into_iter().next())
}

fn until<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(there) = there() {
            return there;
        }
        assert!(Instant::now() < until, "it does not come");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn set(product: &Product, from: &str, to: &str) {
    let path = product.home().join("cofferdam.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not there");
    std::fs::write(path, text.replace(from, to)).unwrap();
}
