//! How files end: periods, holds, certificates, and what an old backup still opens.

use crate::keys::{patient_of, practice_of};
use crate::rig::{Done, PROGRAM, Product};
use serde_json::Value;
use std::fs;

/// What `retention verify` tried, by its last words, with whether the file stayed closed.
fn tried(product: &Product, file: &str, backup: &str) -> Vec<(String, bool, String)> {
    let tries = product.json(&["retention", "verify", file, "--backup", backup]);
    let one = |value: &Value| {
        let what = value["tried"].as_str().unwrap().replace(backup, "backup");
        let came = value["came"].as_str().unwrap().to_owned();
        (what, value["closed"].as_bool().unwrap(), came)
    };
    tries.iter().map(one).collect()
}

fn closed<'a>(tries: &'a [(String, bool, String)], what: &str) -> (bool, &'a str) {
    let found = tries.iter().find(|(tried, ..)| tried.ends_with(what));
    let (_, closed, came) = found.unwrap_or_else(|| panic!("{what}: {tries:?}"));
    (*closed, came)
}

const TODAYS: &str = "its key table with today's keyring";
const OWN: &str = "its key table with its own keyring, and today's passphrase";

#[test]
fn an_erased_file_is_certified_and_an_old_backup_opens_it_until_its_keys_are_gone() {
    let mut product = Product::demo(3);
    let (patient, other) = (patient_of(&product, 0), patient_of(&product, 1));
    let backup = product.folder().join("backup").display().to_string();
    product.ok(&["backup", &backup]);
    let early = product.run(&["retention", "verify", &patient]);
    assert_eq!(early.code, 2, "nothing is erased: {early:?}");

    let erased = product.json(&["erase", &patient]);
    let certificate = erased[0]["certificate"].as_str().unwrap().to_owned();
    is_checked_by_a_stranger(&product, &certificate);
    let again = product.json(&["erase", &patient]);
    assert_eq!(again[0]["entry"], erased[0]["entry"], "given again, it finishes the same erasure");

    // Before the epoch is destroyed, a backup opens with any of these keyrings.
    let tries = tried(&product, &patient, &backup);
    let (is_closed, came) = closed(&tries, "an opening through the keyholder");
    assert!(is_closed && came.contains("no such file"), "{came}");
    assert_eq!(closed(&tries, "the key table"), (true, "no key for this file"));
    assert_eq!(closed(&tries, "sealed bytes in the store"), (true, "0 segments and chunks"));
    assert!(!closed(&tries, TODAYS).0 && !closed(&tries, OWN).0, "{tries:?}");
    let said = product.ok(&["retention", "verify", &patient, "--backup", &backup]);
    assert!(said.contains("OPENS") && said.contains("Destroy that backup"), "{said}");

    // After a rotation its key table opens nothing with the keyring of now, and with its own still.
    product.stop();
    product.ok(&["keys", "rotate"]);
    product.serve();
    let tries = tried(&product, &patient, &backup);
    let (is_closed, came) = closed(&tries, TODAYS);
    assert!(is_closed && came.contains("whose key was destroyed"), "{came}");
    assert!(!closed(&tries, OWN).0, "{tries:?}");
    let again = product.json(&["retention", "certify", &patient, "--processor", "Lab: we did"]);
    let text = fs::read_to_string(again[0]["certificate"].as_str().unwrap()).unwrap();
    let made: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&made["epochs"]["at_erasure"], &made["epochs"]["newest"]), (&1.into(), &2.into()));
    assert_eq!(made["claims"]["processors"][0]["stands"], "attested");
    assert_eq!(made["claims"]["takers"], serde_json::json!([]));
    product.ok(&["retention", "check", again[0]["certificate"].as_str().unwrap()]);

    // With another passphrase, and the old one forgotten, it opens with its own neither.
    product.stop();
    let home = product.home();
    fs::write(home.join("new"), "another one\n").unwrap();
    // As seen from where the command is given.
    product.ok(&["keys", "passphrase", "--new-passphrase-file", "../home/new"]);
    fs::rename(home.join("new"), home.join("passphrase")).unwrap();
    product.serve();
    let tries = tried(&product, &patient, &backup);
    assert!(closed(&tries, TODAYS).0 && closed(&tries, OWN).0, "{tries:?}");
    // Nobody else is touched.
    product.ok(&["fhir", "GET", &format!("Patient/{other}"), "--card", "doctor-1"]);
    let left = fs::read_dir(home.join("erasures")).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name.starts_with(&patient)), "nothing is left over: {left:?}");
}

/// With the verifier key alone, in another place; what was edited does not hold.
fn is_checked_by_a_stranger(product: &Product, certificate: &str) {
    let key = fs::read_to_string(product.home().join("ledger.vkey")).unwrap();
    let check = |path: &str, key: &str| {
        let mut command = product.command(PROGRAM);
        let nowhere = product.folder().join("nowhere");
        command.env("COFFERDAM_HOME", nowhere).args(["retention", "check", path, "--key", key]);
        Done::of(&mut command)
    };
    let done = check(certificate, key.trim());
    assert!(done.code == 0 && done.stdout.contains("was erased at"), "{done:?}");
    let text = fs::read_to_string(certificate).unwrap();
    let page = fs::read_to_string(certificate.replace(".json", ".txt")).unwrap();
    assert!(page.contains("cryptographic erase") && page.contains("nobody said anything"));
    let good: Value = serde_json::from_str(&text).unwrap();
    let edited = product.work().join("edited.json");
    let edited = edited.to_str().unwrap();
    let one = good["ledger_name"].as_str().unwrap();
    let other = one.replace(|c: char| c.is_ascii_alphanumeric(), "a");
    let officer = good["erased"]["officers"][0].as_str().unwrap();
    let edits = [
        ("/erased/at", Value::from("2020-01-01T00:00:00.000Z")),
        ("/erased/officers/1", officer.into()),
        ("/erased/entry", 1.into()),
        ("/erased/order", "00".into()),
        ("/ledger_name", other.into()),
        ("/file", "aaaaaaaaaaaaaaaaaaaaaaaaaa".into()),
        ("/epochs/at_erasure", 7.into()),
        ("/proof/lines", serde_json::json!([])),
        ("/proof/lines/0/holder", "Somebody".into()),
        ("/proof/leaf", "AAAA".into()),
        ("/proof/inclusion", serde_json::json!([])),
        ("/proof/checkpoint", "none".into()),
        ("/proof/statement", good["proof"]["checkpoint"].clone()),
    ];
    for (place, value) in edits {
        let mut bad = good.clone();
        let old = std::mem::replace(bad.pointer_mut(place).unwrap(), value);
        assert_ne!(&old, bad.pointer(place).unwrap(), "{place}: nothing was edited");
        fs::write(edited, bad.to_string()).unwrap();
        let done = check(edited, key.trim());
        assert_eq!(done.code, 6, "{place}: {done:?}");
    }
    // What a later version adds is no harm.
    let mut more = good.clone();
    more["disclosed"] = "later".into();
    fs::write(edited, more.to_string()).unwrap();
    assert_eq!(check(edited, key.trim()).code, 0);
    fs::write(edited, "{}").unwrap();
    assert_eq!(check(edited, key.trim()).code, 2);
    // Another ledger's key.
    let stranger = Product::initialised("a long passphrase of a test", "123456");
    let key = fs::read_to_string(stranger.home().join("ledger.vkey")).unwrap();
    assert_eq!(check(certificate, key.trim()).code, 6);
}

#[test]
fn a_hold_keeps_a_file_until_two_officers_lift_it() {
    let product = Product::demo(3);
    let (patient, other) = (patient_of(&product, 0), patient_of(&product, 1));
    let hold = |what: &str, more: &[&str]| {
        let case = ["--case", "4 C 12/26", "--reason", "claims are pending"];
        product.run(&[&["retention", what][..], more, &case].concat())
    };
    let alone = hold("hold", &[&patient, "--second-officer", "officer-1"]);
    assert_eq!(alone.code, 3, "{alone:?}");
    let doctor = hold("hold", &[&patient, "--second-officer", "doctor-1"]);
    assert_eq!(doctor.code, 3, "{doctor:?}");
    let list = product.work().join("exposed");
    fs::write(&list, format!("{patient}\n{other}\n")).unwrap();
    let laid = hold("hold", &["--files", list.to_str().unwrap()]);
    assert!(laid.code == 0 && laid.stdout.lines().count() == 2, "{laid:?}");
    assert_eq!(hold("hold", &[&patient]).code, 3, "laid already");
    assert_eq!(hold("hold", &["aaaaaaaaaaaaaaaaaaaaaaaaaa"]).code, 3, "nobody's");

    let refused = product.run(&["erase", &patient]);
    assert_eq!(refused.code, 3, "{refused:?}");
    let says = "cofferdam: a legal hold is on this file, so it is not erased: two officers lift";
    assert!(refused.stderr.contains(says), "{refused:?}");
    let shown = product.json(&["retention", "show", &patient]);
    assert_eq!(shown[0]["held"], serde_json::json!(["4 C 12/26"]));
    let ledger = product.ok(&["ledger", "show"]);
    assert!(ledger.contains("held") && ledger.contains("why: held"), "{ledger}");
    product.ok(&["fhir", "GET", &format!("Patient/{patient}"), "--card", "doctor-1"]);

    assert_eq!(hold("release", &[&patient, "--second-officer", "officer-1"]).code, 3);
    assert_eq!(product.run(&["erase", &patient]).code, 3);
    assert_eq!(hold("release", &[&patient]).code, 0);
    product.ok(&["erase", &patient]);

    // A practice's files, all at once.
    assert_eq!(hold("release", &[&other]).code, 0);
    let here = practice_of(&product, "Dr. Ane Holm");
    assert_eq!(hold("hold", &["--practice", &here]).code, 0);
    assert_eq!(product.run(&["erase", &other]).code, 3);
    assert_eq!(hold("release", &["--practice", &here]).code, 0);
    product.ok(&["erase", &other]);
}

#[test]
fn periods_are_shown_with_their_rules_and_no_demand_ends_one_early() {
    let product = Product::demo(3);
    let (patient, other) = (patient_of(&product, 0), patient_of(&product, 1));
    // Without settings every rule is taken, and it is said.
    let shown = product.run(&["--json", "retention", "show", &patient]);
    assert!(shown.stderr.contains("there is no retention.toml"), "{shown:?}");
    let line: Value = serde_json::from_str(shown.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(line["rule"]["id"], "de-radiotherapy");
    assert!(line["missing"][0].as_str().unwrap().contains("every rule is taken"), "{line}");

    let practices: std::collections::BTreeSet<String> = product
        .json(&["card", "list"])
        .iter()
        .map(|card| card["practice"].as_str().unwrap().to_owned())
        .collect();
    let settings = |country: &str, more: &str| {
        let keeps = |id: &String| {
            format!("[[practice]]\nid = \"{id}\"\ncountry = \"{country}\"\nkinds = [\"patient\"]\n")
        };
        let text = more.to_owned() + &practices.iter().map(keeps).collect::<String>();
        fs::write(product.home().join("retention.toml"), text).unwrap();
    };
    settings("DK", "");
    let listed = product.json(&["retention", "list"]);
    let files: Vec<_> = listed.iter().filter(|line| line["file"].is_string()).collect();
    assert_eq!(files.len(), 3, "{listed:?}");
    for file in &files {
        assert_eq!((&file["state"], &file["rule"]["id"]), (&"active".into(), &"dk-patient".into()));
        assert_eq!(file["missing"], serde_json::json!([]));
    }
    assert!(listed.last().unwrap()["verified"]["entries"].as_u64().unwrap() > 0);
    assert_eq!(product.json(&["retention", "list", "--due"]).len(), 2, "nothing is due");
    let later = product.json(&["retention", "list", "--due", "--on", "2100-01-01"]);
    assert_eq!(later.len(), 5, "{later:?}");
    for erase in [&["retention", "erase", &patient][..], &["erase", &patient]] {
        let refused = product.run(erase);
        assert_eq!(refused.code, 3, "{refused:?}");
        for says in ["rule dk-patient (Denmark)", "cannot demand", "Possible instead: correct it"] {
            assert!(refused.stderr.contains(says), "{says}: {refused:?}");
        }
    }
    let none = product.run(&["retention", "erase", "--due", "--sign"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{none:?}");

    // Rules of one's own, in the place of a whole country's; a wrong one is refused with its name.
    let rules = product.home().join("rules");
    fs::create_dir(&rules).unwrap();
    let rule = "country = \"DK\"\nname = \"Own\"\n[[rule]]\nid = \"own\"\nkinds = [\"patient\"]\n\
                since = \"birth\"\nyears = 30\nsays = \"until 30\"\nread = \"2026-11-26\"\n";
    fs::write(rules.join("DK.toml"), rule).unwrap();
    let check = ["retention", "rules", "--check", rules.to_str().unwrap()];
    let wrong = product.run(&check);
    assert!(wrong.code == 2 && wrong.stderr.contains("has no source"), "{wrong:?}");
    fs::write(rules.join("DK.toml"), format!("{rule}source = \"a test\"\n")).unwrap();
    product.ok(&check);
    settings("DK", "rules = \"rules\"\n");
    // Changed rules erase nothing, nor does asking: two officers sign, each file by itself.
    let prepared = product.run(&["retention", "erase", &patient, "--born", "1980-01-31"]);
    assert!(prepared.code == 0 && prepared.stderr.contains("1 to erase"), "{prepared:?}");
    let path = format!("Patient/{patient}");
    product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
    assert_eq!(product.run(&["retention", "erase", &patient, "--sign"]).code, 3, "not known born");
    let one = ["retention", "erase", &patient, "--born", "1980-01-31", "--sign"];
    let alone = product.run(&[&one[..], &["--second-officer", "officer-1"]].concat());
    assert_eq!(alone.code, 3, "{alone:?}");
    product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
    product.ok(&one);

    // What was interrupted after the order is finished by the next run.
    let erasures = product.home().join("erasures");
    let certificate = erasures.join(format!("{patient}.json"));
    fs::remove_file(&certificate).unwrap();
    fs::write(erasures.join(format!("{patient}.pending")), b"").unwrap();
    fs::write(erasures.join(format!("{other}.pending")), b"").unwrap();
    product.ok(&["retention", "erase", "--due", "--sign"]);
    assert!(certificate.exists() && !certificate.with_extension("pending").exists());
    assert!(!erasures.join(format!("{other}.pending")).exists());
    product.ok(&["fhir", "GET", &format!("Patient/{other}"), "--card", "doctor-1"]);
    product.ok(&["erase", &other, "--early"]);
    let listed = product.json(&["retention", "list"]);
    let total = listed.iter().find(|line| line["total"].is_object()).unwrap();
    assert_eq!(total["total"], serde_json::json!({"active": 1, "erased": 2}));
}
