//! An incident from its opening to its end, as a data protection officer has it.

use crate::rig::Product;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn an_incident_has_exactly_who_was_read_and_every_version_stays() {
    let product = Product::demo(8);
    let cards = product.json(&["card", "list"]);
    let id_of = |holder: &str| {
        let card = cards.iter().find(|card| card["holder"] == holder).unwrap();
        card["card"].as_str().unwrap().to_owned()
    };
    let thief = id_of("Dr. Peter Voss");
    let files = files(&product);
    for file in &files[..3] {
        product.ok(&["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-2"]);
    }
    product.ok(&["fhir", "GET", &format!("Patient/{}", files[4]), "--card", "doctor-1"]);

    let opened = &product.json(&["incident", "open", "--title", "a stolen card"])[0];
    let id = opened["id"].as_str().unwrap();
    let exposure = &product.json(&["incident", "exposure", id, "--by-card", &thief])[0];
    assert_eq!(persons(exposure), files[..3].iter().cloned().collect());
    let person = &exposure["persons"][0];
    assert!(person["read"].as_array().unwrap().contains(&"results".into()), "{person}");
    assert_eq!(person["passed"].as_array().unwrap().len(), 0);
    assert_eq!(person["cards"][0], *thief);

    // Asked again, the same; asked otherwise, another version beside it.
    let again = &product.json(&["incident", "exposure", id, "--by-card", &thief])[0];
    assert_eq!(again["digest"], exposure["digest"]);
    assert_eq!(again["version"], 2);
    let later = exposure["made"].as_str().unwrap();
    let none =
        &product.json(&["incident", "exposure", id, "--by-card", &thief, "--from", later])[0];
    assert_eq!(persons(none), BTreeSet::new());
    let shown = &product.json(&["incident", "show", id])[0];
    assert_eq!(shown["versions"], serde_json::json!([1, 2, 3]));

    let asked = |file: &str, version| {
        let person = ["incident", "person", id, "--file", file, "--version", version];
        product.json(&person)[0]["exposed"].as_bool().unwrap()
    };
    assert!(asked(&files[0], "1") && !asked(&files[4], "1") && !asked(&files[0], "3"));
    let told = product.ok(&["incident", "person", id, "--file", &files[5], "--version", "1"]);
    assert!(told.contains("none is about it"), "{told}");

    product.ok(&["incident", "close", id, "--note", "the card is revoked"]);
    let twice = product.run(&["incident", "close", id, "--note", "again"]);
    assert_eq!(twice.code, 2, "{twice:?}");
    let journal = product.home().join("incidents").join(id).join("journal.ndjson");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replace("the card is revoked", "the card was found")).unwrap();
    product.ok(&["incident", "show", id]);
    let first = text.lines().next().unwrap();
    std::fs::write(&journal, text.replace(first, &first.replace("stolen", "lost"))).unwrap();
    let altered = product.run(&["incident", "show", id]);
    assert_eq!(altered.code, 6, "{altered:?}");
}

/// From a typing error nobody concludes that nobody was affected, nor from what an officer's card
/// is told without an entry.
#[test]
fn what_the_ledger_does_not_know_is_not_there_and_denies_nothing() {
    let product = Product::demo(3);
    let id = product.json(&["incident", "open", "--title", "a slip"])[0]["id"].clone();
    let id = id.as_str().unwrap();
    let asked = |more: &[&str]| {
        let all = [&["incident", "exposure", id], more].concat();
        product.run(&all)
    };
    let unknown = "a".repeat(16);
    for what in ["--by-card", "--by-practice", "--server", "--session"] {
        let length = if what == "--session" { 26 } else { 16 };
        let none = asked(&[what, &unknown.repeat(2)[..length]]);
        assert_eq!(none.code, 4, "{what} {none:?}");
    }
    for wrong in [
        &["--from", "2026-01-02", "--to", "2026-01-01"][..],
        &["--from", "2999-01-01"],
        &["--with-root-key", "--grade", "none"],
        &["--copy", "store", "--from", "2026-01-01"],
    ] {
        let refused = asked(wrong);
        assert_eq!(refused.code, 2, "{wrong:?} {refused:?}");
    }
    assert_eq!(asked(&["--copy", "/nowhere"]).code, 4);

    // A freeze by the same mistake makes nothing known.
    product.ok(&["freeze", "--server", &unknown, "--reason", "a slip"]);
    assert_eq!(asked(&["--server", &unknown]).code, 4);
    let file = "a".repeat(26);
    for mistyped in [
        &["who-opened", "--by-card", &unknown][..],
        &["who-opened", "--patient", &file],
        &["ledger", "prove", "--file", &file, "--out", "proof.json"],
    ] {
        let none = product.run(mistyped);
        assert_eq!(none.code, 4, "{mistyped:?} {none:?}");
    }
    let backwards = ["who-opened", "--from", "2026-01-02", "--to", "2026-01-01"];
    assert_eq!(product.run(&backwards).code, 2);

    let cards = product.json(&["card", "list"]);
    let of = |role: &str| {
        let card = cards.iter().find(|card| card["role"] == role).unwrap();
        card["card"].as_str().unwrap().to_owned()
    };
    let exposed = |card: &str| product.json(&["incident", "exposure", id, "--by-card", card]);
    assert_eq!(exposed(&of("nurse"))[0].get("doubts"), None);
    let doubts = exposed(&of("officer"))[0]["doubts"].to_string();
    assert!(doubts.contains("asks for reports"), "{doubts}");
}

/// Whoever stopped a server learns through it whom it touched, also after it was started again, and
/// frees it; nobody opens anything meanwhile.
#[test]
fn a_frozen_server_lets_officers_ask_and_free_it() {
    let mut product = Product::demo(3);
    let look = ["fhir", "--card", "doctor-1", "GET", "Patient?phone=12345678"];
    product.ok(&look);
    let settings = std::fs::read_to_string(product.home().join("cofferdam.toml")).unwrap();
    let server = settings.lines().find_map(|line| line.strip_prefix("server = ")).unwrap();
    let server = server.trim_matches('"');
    product.ok(&["freeze", "--server", server, "--reason", "looked into"]);
    product.stop();
    product.serve();
    assert!(!product.who_opened(&["--server", server]).is_empty());
    product.ok(&["incident", "open", "--title", "a server"]);
    product.ok(&["incident", "exposure", "last", "--server", server]);
    assert_eq!(product.run(&look).code, 3);
    product.ok(&["unfreeze", "--server", server, "--reason", "a false alarm"]);
    product.ok(&look);
}

#[test]
fn a_stolen_copy_exposes_nobody_and_with_the_root_key_exactly_what_was_in_it() {
    let product = Product::demo(5);
    let backup = product.home().with_file_name("copy");
    let copy = backup.to_str().unwrap();
    product.ok(&["backup", copy]);
    let in_it: BTreeSet<String> = files(&product).into_iter().collect();
    let mut system = product.client("system", "a ward's system");
    let patient = serde_json::json!({"resourceType": "Patient", "name": [{"family": "Later"}]});
    system.expect(201, "POST", "/fhir/Patient", &patient);

    let opened = &product.json(&["incident", "open", "--title", "a stolen backup"])[0];
    let id = opened["id"].as_str().unwrap();
    let sealed = &product.json(&["incident", "exposure", id, "--copy", copy])[0];
    assert_eq!(persons(sealed), BTreeSet::new());
    assert!(sealed["rests_on"].to_string().contains("sealed"), "{sealed}");
    let with_key =
        &product.json(&["incident", "exposure", id, "--copy", copy, "--with-root-key"])[0];
    assert_eq!(persons(with_key), in_it);

    // A store that was still being copied while somebody deposited has more than the ledger's copy.
    let has = |exposure: &Value, file: &str| {
        let person = exposure["persons"].as_array().unwrap().iter().find(|p| p["file"] == *file);
        person.unwrap()["read"].as_array().unwrap().contains(&"restricted".into())
    };
    let file = in_it.iter().find(|file| !has(with_key, file)).unwrap();
    let plan = serde_json::json!({"resourceType": "Flag", "status": "active",
        "code": {"text": "x"}, "subject": {"reference": format!("Patient/{file}")},
        "meta": {"security": [{"code": "R",
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]}});
    system.expect(201, "POST", "/fhir/Flag", &plan);
    product.ok(&["backup", product.work().join("later").to_str().unwrap()]);
    std::fs::copy(product.work().join("later/store"), backup.join("store")).unwrap();
    let with_key =
        &product.json(&["incident", "exposure", id, "--copy", copy, "--with-root-key"])[0];
    assert!(has(with_key, file));
    assert_eq!(persons(with_key), in_it);
    let entries = backup.join("keyholder/ledger/entries");
    let mut bytes = std::fs::read(&entries).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&entries, bytes).unwrap();
    let altered = product.run(&["incident", "exposure", id, "--copy", copy]);
    assert_eq!(altered.code, 6, "{altered:?}");
}

#[test]
fn a_thiefs_sample_is_matched_with_files_and_with_when_they_were_read() {
    let product = Product::demo(6);
    let files = files(&product);
    let number = |file: &str| {
        let read = product.ok(&["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-1"]);
        let patient: Value = serde_json::from_str(&read).unwrap();
        let identifier = &patient["identifier"][0];
        format!(
            "{}|{}",
            identifier["system"].as_str().unwrap(),
            identifier["value"].as_str().unwrap()
        )
    };
    let numbers = [number(&files[0]), number(&files[1])];
    product.ok(&["fhir", "GET", &format!("Patient/{}", files[1]), "--card", "doctor-2"]);
    let cards = product.json(&["card", "list"]);
    let thief = cards.iter().find(|card| card["holder"] == "Dr. Peter Voss").unwrap();
    let opened = &product.json(&["incident", "open", "--title", "a note with a sample"])[0];
    let id = opened["id"].as_str().unwrap();
    let thief = thief["card"].as_str().unwrap();
    product.ok(&["incident", "exposure", id, "--by-card", thief]);

    let sample = product.work().join("sample.txt");
    let text = format!("{}\n{}\nurn:oid:1.2.3|0000\n", numbers[0], numbers[1]);
    std::fs::write(&sample, text).unwrap();
    let sample = sample.to_str().unwrap();
    let told = product.json(&["incident", "match", id, "--sample", sample]);
    assert_eq!(told[0]["file"], *files[0]);
    assert_eq!((&told[0]["in_exposure"], told[0]["ever"].is_object()), (&Value::Null, true));
    assert_eq!(told[1]["in_exposure"]["file"], *files[1]);
    assert_eq!(told[2]["file"], Value::Null);
    // The testing is on the ledger, and exposes nobody.
    let officer = cards.iter().find(|card| card["role"] == "officer").unwrap();
    let found = product.json(&["ledger", "show"]);
    let tested: Vec<_> = found
        .iter()
        .filter(|entry| entry["act"] == "found" && entry["fields"]["card"] == officer["card"])
        .collect();
    assert_eq!(tested.len(), 3);
    assert!(tested.iter().all(|entry| entry["fields"]["shown"].as_array().unwrap().is_empty()));
}

fn persons(exposure: &Value) -> BTreeSet<String> {
    let persons = exposure["persons"].as_array().unwrap();
    persons.iter().map(|person| person["file"].as_str().unwrap().to_owned()).collect()
}

/// Every patient's file, as the ledger lists them.
pub(crate) fn files(product: &Product) -> Vec<String> {
    let entries = product.json(&["ledger", "show"]);
    let made = entries.iter().filter(|entry| entry["act"] == "file-created");
    made.map(|entry| entry["fields"]["file"].as_str().unwrap().to_owned()).collect()
}
