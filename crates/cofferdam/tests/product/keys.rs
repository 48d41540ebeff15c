//! New keys and new relations, from the command line.

use crate::rig::{Done, PROGRAM, Product};
use drill::population::Population;

/// The id of the first practice but this one that the ledger knows.
pub(crate) fn practice_of(product: &Product, card: &str) -> String {
    let cards = product.json(&["card", "list"]);
    let one = cards.iter().find(|one| one["holder"].as_str().unwrap().starts_with(card)).unwrap();
    one["practice"].as_str().unwrap().to_owned()
}

/// A patient of the demonstration.
pub(crate) fn patient_of(product: &Product, number: usize) -> String {
    let person = Population::new(1, 3).people().nth(number).unwrap();
    let national = person.national();
    let path = format!("Patient?identifier={}%7C{}", national.system, national.value);
    let found = product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    found["entry"][0]["resource"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_rotation_kills_older_copies_and_a_new_passphrase_the_old_one() {
    let mut product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let served = product.run(&["keys", "rotate"]);
    assert_eq!(served.code, 2, "{served:?}");
    assert!(served.stderr.contains("stop it first"), "{served:?}");

    product.stop();
    let table = product.home().join("keyholder/keys.db");
    let old = std::fs::read(&table).unwrap();
    let said = product.ok(&["keys", "rotate"]);
    assert!(said.contains("rotated"), "{said}");
    let new = std::fs::read(&table).unwrap();
    std::fs::write(&table, old).unwrap();
    let refused = product.serve_refused();
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.stderr.contains("key table"), "{refused:?}");
    std::fs::write(&table, new).unwrap();

    let home = product.home();
    let mut empty = product.command(PROGRAM);
    let empty = Done::of(empty.args(["keys", "passphrase"]).env("COFFERDAM_NEW_PASSPHRASE", ""));
    assert_eq!(empty.code, 2, "{empty:?}");
    std::fs::write(home.join("new"), "another one\n").unwrap();
    // As seen from where the command is given.
    product.ok(&["keys", "passphrase", "--new-passphrase-file", "../home/new"]);
    let refused = product.serve_refused();
    assert!(refused.stderr.contains("passphrase does not open"), "{refused:?}");
    std::fs::rename(home.join("new"), home.join("passphrase")).unwrap();
    product.serve();
    let path = format!("Patient/{patient}");
    product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
}

#[test]
fn a_referral_and_the_patients_own_card_open_a_file_elsewhere() {
    let product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let elsewhere = practice_of(&product, "Dr. Eva Stern");
    let path = format!("Patient/{patient}");
    let read = || product.run(&["fhir", "GET", &path, "--card", "doctor-elsewhere"]).code;
    assert_eq!(read(), 3);
    // Nobody refers to themselves, and a practice with no relation has nothing to refer.
    let own = ["relation", "refer", &patient, "--to", &elsewhere, "--card", "doctor-elsewhere"];
    assert_eq!(product.run(&own).code, 3);
    product.ok(&["relation", "refer", &patient, "--to", &elsewhere, "--card", "nurse"]);
    assert_eq!(read(), 0);
}

#[test]
fn a_patients_card_says_that_its_holder_is_present() {
    let product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let elsewhere = practice_of(&product, "Dr. Eva Stern");
    let issue = ["card", "issue", "--role", "patient", "--holder", "patient", "--name", "mine"];
    let own = ["--file", &patient, "--second-officer", "officer-2"];
    product.ok(&[&issue[..], &own].concat());
    let present = ["relation", "present", &patient, "--practice", &elsewhere, "--card"];
    assert_eq!(product.run(&[&present[..], &["doctor-1"]].concat()).code, 3);
    product.ok(&[&present[..], &["mine"]].concat());
    let path = format!("Patient/{patient}");
    product.ok(&["fhir", "GET", &path, "--card", "doctor-elsewhere"]);
}

#[test]
fn a_code_is_shown_once_and_an_appointment_is_booked_by_its_patient() {
    let product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let elsewhere = practice_of(&product, "Dr. Eva Stern");
    let path = format!("Patient/{patient}");
    let read = || product.run(&["fhir", "GET", &path, "--card", "doctor-elsewhere"]);
    let refused = read();
    assert_eq!(refused.code, 3);
    assert!(refused.stderr.contains("ask an officer"), "{refused:?}");
    // Two officers print the codes; whoever shows one wrongly, or twice, is refused.
    let printed = product.ok(&["relation", "codes", &patient, "--count", "2"]);
    let codes: Vec<&str> = printed.lines().filter(|line| line.len() == 19).collect();
    assert_eq!(codes.len(), 2, "{printed}");
    let show = |code: &str| {
        let present = ["relation", "present", &patient, "--code", code, "--card"];
        product.run(&[&present[..], &["doctor-elsewhere"]].concat()).code
    };
    assert_eq!(show("aaaa-bbbb-cccc-dddd"), 3);
    assert_eq!(show(&codes[0].to_uppercase()), 0);
    assert_eq!(show(codes[0]), 3);
    assert_eq!(read().code, 0);
    let ledger = product.ok(&["--json", "ledger", "show"]);
    assert!(ledger.contains("codes-issued") && !ledger.contains(codes[0]), "{ledger}");

    let issue = ["card", "issue", "--role", "patient", "--holder", "patient", "--name", "mine"];
    product.ok(&[&issue[..], &["--file", &patient, "--second-officer", "officer-2"]].concat());
    let book = ["relation", "book", &patient, "--practice", &elsewhere, "--at"];
    let tomorrow = (std::time::SystemTime::now() + std::time::Duration::from_secs(86_400))
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let tomorrow = terms::Time::from_millis(tomorrow.as_secs() * 1_000).to_string();
    let by = |card: &str| product.run(&[&book[..], &[&tomorrow, "--card", card]].concat()).code;
    assert_eq!(by("doctor-elsewhere"), 3);
    assert_eq!(by("mine"), 0);
    let past = [&book[..], &["2020-01-31T12:00:00Z", "--card", "mine"]].concat();
    assert_eq!(product.run(&past).code, 3);
    let admit = ["relation", "admit", &patient, "--to", &elsewhere, "--card", "nurse"];
    product.ok(&admit);
}

#[test]
fn what_colleagues_say_is_signed_by_somebody_else() {
    let product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let cards = product.json(&["card", "list"]);
    let id = |holder: &str| {
        let card =
            cards.iter().find(|card| card["holder"].as_str().unwrap().starts_with(holder)).unwrap();
        card["card"].as_str().unwrap().to_owned()
    };
    let (eva, ane) = (id("Dr. Eva Stern"), id("Dr. Ane Holm"));
    let path = format!("Patient/{patient}");
    let acute = ["--purpose", "emergency", "--reason", "unconscious"];
    let open = ["fhir", "GET", &path, "--card", "doctor-elsewhere"];
    product.ok(&[&open[..], &acute].concat());
    let confirm = |card: &str| {
        let confirm = ["relation", "confirm", &patient, "--opened-by", &eva, "--card", card];
        product.run(&confirm).code
    };
    assert_eq!(confirm("doctor-elsewhere"), 3, "not the own one");
    assert_eq!(confirm("doctor-1"), 3, "nobody of another practice");
    assert_eq!(confirm("officer-1"), 0);
    // Nothing to relax: refused, whoever asks.
    for card in ["doctor-1", "nurse", "officer-1"] {
        assert_eq!(product.run(&["card", "relax", &ane, "--card", card]).code, 3);
    }
}

#[test]
fn a_patient_bars_a_practice_and_takes_it_back() {
    let product = Product::demo(3);
    let patient = patient_of(&product, 0);
    let here = practice_of(&product, "Dr. Ane Holm");
    let issue = ["card", "issue", "--role", "patient", "--holder", "patient", "--name", "mine"];
    product.ok(&[&issue[..], &["--file", &patient, "--second-officer", "officer-2"]].concat());
    let path = format!("Patient/{patient}");
    let read = || product.run(&["fhir", "GET", &path, "--card", "doctor-1"]).code;
    let bar = ["consent", "bar", &patient, "--practice", &here, "--card"];
    assert_eq!(product.run(&[&bar[..], &["doctor-1"]].concat()).code, 3, "only the patient");
    assert_eq!(read(), 0);
    product.ok(&[&bar[..], &["mine"]].concat());
    assert_eq!(read(), 3);
    let hide = ["consent", "hide", &patient, "--section", "contact", "--card", "mine"];
    product.ok(&hide);
    product.ok(&[&bar[..], &["mine", "--off"]].concat());
    let seen = product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
    assert!(seen.contains("birthDate") && !seen.contains("\"address\""), "{seen}");
    let ledger = product.ok(&["ledger", "show"]);
    assert!(ledger.contains("consented"), "{ledger}");
}

#[test]
fn a_deputy_reads_for_the_patient_until_it_is_taken_back() {
    let product = Product::demo(3);
    let (patient, other) = (patient_of(&product, 0), patient_of(&product, 1));
    let issue = |file: &str, name: &str| {
        let issue = ["card", "issue", "--role", "patient", "--holder", "patient", "--name", name];
        let issued = product
            .json(&[&issue[..], &["--file", file, "--second-officer", "officer-2"]].concat());
        issued[0]["card"].as_str().unwrap().to_owned()
    };
    issue(&patient, "mine");
    let deputy = issue(&other, "deputy");
    let path = format!("Patient/{patient}");
    let read = || product.run(&["fhir", "GET", &path, "--card", "deputy"]).code;
    assert_eq!(read(), 3);
    let name = ["consent", "deputy", &patient, "--deputy", &deputy, "--card", "mine"];
    product.ok(&name);
    assert_eq!(read(), 0);
    let told = product.who_opened(&["--by-card", &deputy]);
    assert_eq!(
        (&told[0]["relation"], &told[0]["files"][0]),
        (&"own".into(), &patient.as_str().into())
    );
    product.ok(&[&name[..], &["--off"]].concat());
    assert_eq!(read(), 3);
}
