//! Synthea's bundles go in by import and come back value for value.

use crate::rig::{PROGRAM, Product};
use crate::smart_client::{SmartClient, hash, unique};
use crate::tree::{Graph, STEPS, Tree, is_directory};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many bundles are taken unless COFFERDAM_FULL is set.
const SOME: usize = 10;
/// How many files one doctor opens here: fewer than make a card sign in again.
const FILES_A_CARD: usize = 4;

/// The sample bundles, if there are any.
pub(crate) fn samples(most: usize) -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("COFFERDAM_SAMPLE_DATA").map(PathBuf::from);
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        eprintln!("SKIPPED: COFFERDAM_SAMPLE_DATA does not name a folder of Synthea bundles");
        return None;
    };
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut bundles: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| patient_of(&read_bundle(path)).is_some())
        .collect();
    bundles.sort();
    let all = std::env::var_os("COFFERDAM_FULL").is_some_and(|value| value == "1");
    bundles.truncate(if all { bundles.len() } else { most });
    assert!(!bundles.is_empty(), "COFFERDAM_SAMPLE_DATA holds no bundle with a patient");
    Some(bundles)
}

#[test]
fn imported_bundles_come_back_equal() {
    let Some(bundles) = samples(SOME) else { return };
    let product = Product::new();
    let folder = product.work().join("bundles");
    copy(&bundles, &folder);
    let said = product.import(&folder);
    let resources: usize = bundles.iter().map(|path| read_bundle(path).len()).sum();
    eprintln!("imported {said}");
    assert_eq!((&said["files"], &said["rejected"]), (&json!(bundles.len()), &json!(0)));
    assert_eq!(said["resources"], json!(resources));
    let again = product.json(&["import", folder.to_str().unwrap()]).remove(0);
    assert_eq!((&again["files"], &again["earlier"]), (&json!(0), &json!(bundles.len())));
    come_back(&product, &bundles);
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_stopped() {
    let Some(bundles) = samples(SOME) else { return };
    let product = Product::new();
    let folder = product.work().join("bundles");
    copy(&bundles, &folder);
    let mut broke_off = 0;
    for number in 0..6 {
        let mut child = product
            .command(PROGRAM)
            .args(["import", folder.to_str().unwrap()])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 + 100 * number));
        let _ = child.kill();
        broke_off += u32::from(!child.wait().unwrap().success());
    }
    assert!(broke_off > 0, "no import was killed");
    let said = product.import(&folder);
    let (files, earlier) = (said["files"].as_u64().unwrap(), said["earlier"].as_u64().unwrap());
    eprintln!("{broke_off} killed, then {said}");
    assert_eq!((files + earlier, &said["rejected"]), (bundles.len() as u64, &json!(0)));
    let told = product.who_opened(&[]);
    // The directory's file has nothing but labels.
    let deposits = told
        .iter()
        .filter(|line| line["act"] == "deposited" && line["sections"] != json!(["label"]));
    let files: BTreeSet<&str> = deposits.map(|line| line["files"][0].as_str().unwrap()).collect();
    assert_eq!(files.len(), bundles.len(), "a file each, and no other");
    come_back(&product, &bundles);
}

#[test]
fn ndjson_comes_back_equal() {
    let Some(bundles) = samples(4) else { return };
    let product = Product::new();
    let folder = product.work().join("ndjson");
    std::fs::create_dir(&folder).unwrap();
    let mut lines: BTreeMap<String, String> = BTreeMap::new();
    for path in &bundles {
        let resources = read_bundle(path);
        let names: BTreeMap<String, String> = resources
            .iter()
            .map(|(name, tree)| (name.clone(), format!("{}/{}", tree.kind(), tree.text("id"))))
            .collect();
        for (_, mut tree) in resources {
            tree.change_references(&|name| names.get(name).cloned().unwrap_or(name.to_owned()));
            let file = lines.entry(tree.kind().to_owned()).or_default();
            file.push_str(&tree.to_text());
            file.push('\n');
        }
    }
    for (kind, text) in lines {
        std::fs::write(folder.join(format!("{kind}.ndjson")), text).unwrap();
    }
    let said = product.import(&folder);
    assert_eq!(said["rejected"], 0);
    come_back(&product, &bundles);
}

/// The server reads every two seconds what an import deposits into the directory beside it.
const DIRECTORY_IS_READ: Duration = Duration::from_secs(4);

/// Every bundle is there as a file, with equal resources, none more and none less.
fn come_back(product: &Product, bundles: &[PathBuf]) {
    std::thread::sleep(DIRECTORY_IS_READ);
    for (number, some) in bundles.chunks(FILES_A_CARD).enumerate() {
        let mut doctor = product.client("doctor", &format!("doctor-{number}"));
        for (index, path) in some.iter().enumerate() {
            let bundle = read_bundle(path);
            let patient = patient_of(&bundle).unwrap();
            let file = find(&mut doctor, patient);
            let stored = everything(&mut doctor, &file);
            if (number, index) == (0, 0) {
                one_by_one(&mut doctor, &file, &stored);
            }
            let own = stored.iter().filter(|(_, tree)| !is_directory(tree.kind())).count();
            let sent = bundle.iter().filter(|(_, tree)| !is_directory(tree.kind())).count();
            assert_eq!(own, sent, "resources of {file}");
            let (expected, found) = (Graph::new(bundle), Graph::new(stored));
            for steps in 1..=STEPS {
                let (expected, found) = (expected.contents(steps), found.contents(steps));
                let missing: Vec<_> = expected
                    .iter()
                    .filter(|(text, count)| found.get(*text) != Some(*count))
                    .collect();
                let other: Vec<_> = found
                    .iter()
                    .filter(|(text, count)| expected.get(*text) != Some(*count))
                    .collect();
                let first = (missing.first(), other.first());
                assert!(missing.is_empty() && other.is_empty(), "of {file}, {steps}: {first:#?}");
            }
            // As many as a server with few cards may open in a minute.
            if bundles.len() > 20 {
                std::thread::sleep(Duration::from_millis(1300));
            }
        }
    }
}

/// Reads with a bearer token what `$everything` showed.
fn one_by_one(doctor: &mut SmartClient, file: &str, stored: &[(String, Tree)]) {
    let token = unique();
    let claims = json!({"token": hash(token.as_bytes()), "token_hours": 1});
    let path = format!("/fhir/Patient/{file}");
    let again = [("cache-control", "no-cache")];
    let opened = doctor.ask_with("GET", &path, &again, b"", &claims).unwrap();
    assert_eq!(opened.status, 200);
    for (name, tree) in stored {
        let reply = doctor.http.bearer(&token, "GET", &format!("/fhir/{name}"), b"").unwrap();
        assert_eq!(reply.status, 200, "{name}");
        assert_eq!(Tree::read(&reply.text()), *tree, "{name}");
    }
}

pub(crate) fn find(doctor: &mut SmartClient, patient: &Tree) -> String {
    let identifiers = patient.items("identifier").iter();
    let mut identifiers = identifiers.filter(|i| !i.text("system").is_empty());
    let identifier = identifiers.next().expect("an identifier with a system");
    let (system, value) = (identifier.text("system"), identifier.text("value"));
    let path = format!("/fhir/Patient?identifier={system}%7C{value}");
    let found = doctor.expect(200, "GET", &path, &Value::Null).json();
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(1), "one file for one identifier");
    found["entry"][0]["resource"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn everything(doctor: &mut SmartClient, file: &str) -> Vec<(String, Tree)> {
    let mut path = format!("/fhir/Patient/{file}/$everything?_count=500");
    let mut resources = BTreeMap::new();
    loop {
        let page = doctor.expect(200, "GET", &path, &Value::Null);
        let page = Tree::read(&page.text());
        for entry in page.items("entry") {
            let tree = entry.get("resource").unwrap().clone();
            assert_ne!(tree.kind(), "OperationOutcome", "{}", tree.to_text());
            let name = format!("{}/{}", tree.kind(), tree.text("id"));
            let before = resources.insert(name, tree.clone());
            assert!(before.is_none() || is_directory(tree.kind()), "told twice");
        }
        let next = page.items("link").iter().find(|link| link.text("relation") == "next");
        let Some(next) = next else { return resources.into_iter().collect() };
        path = next.text("url").replacen(&doctor.http.origin, "", 1);
    }
}

/// The resources of a bundle by their full addresses.
pub(crate) fn read_bundle(path: &Path) -> Vec<(String, Tree)> {
    let bundle = Tree::read(&std::fs::read_to_string(path).unwrap());
    let entries = bundle.items("entry").iter();
    entries.map(|e| (e.text("fullUrl").to_owned(), e.get("resource").unwrap().clone())).collect()
}

pub(crate) fn patient_of(bundle: &[(String, Tree)]) -> Option<&Tree> {
    bundle.iter().map(|(_, tree)| tree).find(|tree| tree.kind() == "Patient")
}

pub(crate) fn copy(bundles: &[PathBuf], folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    for path in bundles {
        std::fs::copy(path, folder.join(path.file_name().unwrap())).unwrap();
    }
}
