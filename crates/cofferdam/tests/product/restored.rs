//! An incident goes on after the machine is lost: a backup that is made while officers work has
//! what they need.

use crate::filings;
use crate::rig::{Done, PROGRAM, Product};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What officers laid into the data folder by hand, and what a watch wrote.
const LAID: &[(&str, &str)] = &[
    ("controller.toml", "name = \"Made-up Health Centre\"\n"),
    ("retention.toml", "rules = \"own-rules\"\n"),
    ("own-rules/made-up.toml", "# none\n"),
    ("letters/texts/da.ftl", "page = side\n"),
    ("clocks/own.toml", "# none\n"),
    ("erasures/made-up.json", "{}\n"),
    ("intake/00000000000000000000000000000000-1.json", "sealed\n"),
    ("disclosures/journal.ndjson", "{}\n"),
];

#[test]
fn an_incident_goes_on_after_a_restore_whoever_worked_meanwhile() {
    let (mut product, id) = filings::incident();
    let people = filings::people(&product, &id);
    let filed = &product.json(&["incident", "file", &id, "edpb", "--people", &people])[0];
    let filing = filed["folder"].as_str().unwrap().to_owned();
    let card = card_of(&product, &id);
    let before = incidents(&product);
    let verified = product.json(&["incident", "verify", &filing]);
    let laid = lay(&product);

    let backup = product.folder().join("backup");
    busy(&product, &card, || {
        product.ok(&["backup", backup.to_str().unwrap()]);
    });
    product.stop();
    let home = product.home();
    fs::rename(&home, product.folder().join("lost")).unwrap();
    let into = ["--home", home.to_str().unwrap(), "restore", backup.to_str().unwrap()];
    let done = Done::of(product.command(PROGRAM).args(into));
    assert_eq!(done.code, 0, "{done:?}");
    // What a backup does not hold, and is kept elsewhere.
    fs::create_dir(home.join("cards")).unwrap();
    for name in ["passphrase", "cards/officer-1.card", "cards/officer-2.card"] {
        fs::copy(product.folder().join("lost").join(name), home.join(name)).unwrap();
    }
    for (name, bytes) in laid {
        assert_eq!(fs::read(home.join(&name)).ok(), Some(bytes), "{name}");
    }
    // Those that are only for one of these tests, and are no settings that anything could read.
    for name in ["controller.toml", "retention.toml", "clocks/own.toml"] {
        fs::remove_file(home.join(name)).unwrap();
    }

    product.serve();
    let after = incidents(&product);
    assert_eq!(after.get(&id), before.get(&id));
    assert_eq!(product.json(&["incident", "verify", &filing]), verified);
    assert!(after.len() > before.len(), "what was opened before the backup came is in it, too");
    for (other, shown) in &after {
        for version in shown["versions"].as_array().unwrap() {
            let version = version.to_string();
            let asked = ["incident", "person", other, "--file", &file(&product, &id), "--version"];
            let person = &product.json(&[&asked[..], &[&version]].concat())[0];
            assert_eq!(person["exposed"], true, "{other}");
        }
    }
    // And it goes on: the ledger says the same of who was affected.
    let again = &product.json(&["incident", "exposure", &id, "--by-card", &card])[0];
    let exposure = fs::read(home.join("incidents").join(&id).join("exposures/1.json")).unwrap();
    let first: Value = serde_json::from_slice(&exposure).unwrap();
    assert_eq!((&again["digest"], &again["version"]), (&first["digest"], &2.into()));
}

/// Each incident, as it is shown.
fn incidents(product: &Product) -> BTreeMap<String, Value> {
    let listed = product.json(&["incident", "list"]);
    let ids = listed.iter().map(|line| line["incident"]["id"].as_str().unwrap().to_owned());
    ids.map(|id| (id.clone(), product.json(&["incident", "show", &id])[0].clone())).collect()
}

fn card_of(product: &Product, id: &str) -> String {
    exposure(product, id)["persons"][0]["cards"][0].as_str().unwrap().to_owned()
}

fn file(product: &Product, id: &str) -> String {
    exposure(product, id)["persons"][0]["file"].as_str().unwrap().to_owned()
}

fn exposure(product: &Product, id: &str) -> Value {
    let path = product.home().join("incidents").join(id).join("exposures/1.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Lays what people lay there, and tells what should come back.
fn lay(product: &Product) -> Vec<(String, Vec<u8>)> {
    let home = product.home();
    for (name, text) in LAID {
        let path = home.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    LAID.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// Opens incidents with exposures all the time, before, while and after something is done.
fn busy(product: &Product, card: &str, act: impl FnOnce()) {
    let (stop, opened) = (AtomicBool::new(false), AtomicUsize::new(0));
    let wait_for = |more: usize| {
        let wanted = opened.load(Ordering::SeqCst) + more;
        while opened.load(Ordering::SeqCst) < wanted {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let open = ["incident", "open", "--title", "another one"];
                let id = product.json(&open)[0]["id"].as_str().unwrap().to_owned();
                product.json(&["incident", "exposure", &id, "--by-card", card]);
                opened.fetch_add(1, Ordering::SeqCst);
            }
        });
        wait_for(1);
        act();
        wait_for(1);
        stop.store(true, Ordering::SeqCst);
    });
}
