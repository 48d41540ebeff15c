//! From an exposure to a signed filing, as a data protection officer has it.

use crate::rig::Product;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const CONTROLLER: &str = include_str!("../../../incident/tests/filings/controller.toml");

/// A demonstration with an incident: doctor-2 read three files.
pub(crate) fn incident() -> (Product, String) {
    let product = Product::demo(8);
    let cards = product.json(&["card", "list"]);
    let thief = cards.iter().find(|card| card["holder"] == "Dr. Peter Voss").unwrap();
    let thief = thief["card"].as_str().unwrap();
    for file in &crate::incidents::files(&product)[..3] {
        product.ok(&["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-2"]);
    }
    let opened = &product.json(&["incident", "open", "--title", "a stolen card"])[0];
    let id = opened["id"].as_str().unwrap().to_owned();
    product.json(&["incident", "exposure", &id, "--by-card", thief]);
    (product, id)
}

pub(crate) fn people(product: &Product, id: &str) -> String {
    let exposure = product.home().join("incidents").join(id).join("exposures/1.json");
    let exposure: Value = serde_json::from_slice(&fs::read(exposure).unwrap()).unwrap();
    let mut lines = String::new();
    for person in exposure["persons"].as_array().unwrap() {
        let file = person["file"].as_str().unwrap();
        lines.push_str(&format!(
            "{{\"file\":\"{file}\",\"country\":\"US\",\"region\":\"ME\",\"minor\":false}}\n"
        ));
    }
    let path = product.work().join("people.ndjson");
    fs::write(&path, lines).unwrap();
    path.display().to_string()
}

fn out(product: &Product, name: &str) -> (PathBuf, String) {
    let path = product.work().join(name);
    (path.clone(), path.display().to_string())
}

#[test]
fn counts_clocks_facts_and_a_signed_filing() {
    let (product, id) = incident();
    let people = people(&product, &id);
    let counts = &product.json(&["incident", "counts", &id, "--people", &people])[0];
    assert_eq!(counts["figures"]["region.US-ME"]["value"], 3);
    let clocks = |arguments: &[&str]| {
        let all = [&["incident", "clocks", &id, "--all", "--people", &people][..], arguments];
        product.json(&all.concat())[0].clone()
    };
    let state = |clocks: &Value, clock: &str| {
        let rows = clocks["clocks"].as_array().unwrap();
        let row = rows.iter().find(|row| row["clock"] == clock).unwrap();
        row["state"].as_str().unwrap().to_owned()
    };
    let before = clocks(&[]);
    assert_eq!(state(&before, "gdpr-33-1"), "possible", "nobody said that the GDPR concerns it");
    assert!(before["notice"].as_str().unwrap().contains("not legal advice"));
    fs::write(product.home().join("controller.toml"), CONTROLLER).unwrap();
    assert_eq!(state(&clocks(&[]), "gdpr-33-1"), "due");
    assert_eq!(state(&clocks(&["--done", "gdpr-33-1", "--note", "id 4711"]), "gdpr-33-1"), "done");
    assert_eq!(product.run(&["incident", "clocks", &id, "--done", "none"]).code, 4);

    // A draft names what is missing; it cannot be final.
    let draft = &product.json(&["incident", "file", &id, "edpb", "--people", &people])[0];
    assert!(draft["missing"].as_array().unwrap().contains(&"62".into()), "{draft}");
    let refused = product.run(&["incident", "file", &id, "edpb", "--final", "--card", "officer-1"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    let wrong = product.run(&["incident", "facts", &id, "--set", "cause=z"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let denied = product.run(&["incident", "facts", &id, "--set", "exemption=a"]);
    assert_eq!(denied.code, 2, "a denial is no answer: {denied:?}");
    answer(&product, &id);

    let (folder, place) = out(&product, "export");
    let filed = ["incident", "file", &id, "edpb", "--people", &people, "--final"];
    let signed = [&filed[..], &["--card", "officer-1", "--out", &place]].concat();
    assert_eq!(product.json(&signed)[0]["missing"], serde_json::json!([]));
    let payload: Value =
        serde_json::from_slice(&fs::read(folder.join("edpb.json")).unwrap()).unwrap();
    assert_eq!(payload["field_68"], 3);
    assert_eq!(payload["field_56"], "a");
    assert_eq!(payload["field_12"], "Example Practice");
    let pdf = fs::read(folder.join("edpb.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let doctor = product.run(&["incident", "file", &id, "edpb", "--card", "doctor-1"]);
    assert_eq!(doctor.code, 3, "only officers sign: {doctor:?}");
    for form in ["denmark", "germany", "hhs", "maine"] {
        product.ok(&["incident", "file", &id, form, "--people", &people]);
    }
    let journal = product.ok(&["incident", "show", &id]);
    assert!(journal.contains("form: edpb, final: true"), "{journal}");
}

fn answer(product: &Product, id: &str) {
    let path = product.work().join("answers.toml");
    let text = r#"
        description = "A card was taken from a bag."
        incident-nature = "f"
        cause = "d"
        discovered-how = "a"
        discovery-description = "The holder missed it."
        other-parties = "b"
        confidentiality-consequences = ["c"]
        impact = ["a", "i"]
        severity = "b"
        risk = "b"
        risk-assessment = "Three files, one evening."
        measures-taken = "The card is revoked."
        prevention = ["f"]
        prevention-description = "Everybody was reminded."
        told-persons = "b"
        cross-border = "b"
    "#;
    fs::write(&path, text).unwrap();
    product.ok(&["incident", "facts", id, "--from", &path.display().to_string(), "--as", "Maria"]);
    let facts = &product.json(&["incident", "facts", id])[0];
    assert_eq!(facts["answers"]["cause"]["by"], "Maria");
}

#[test]
fn a_spoofed_or_altered_export_does_not_verify() {
    let (product, id) = incident();
    let (folder, place) = out(&product, "export");
    let file = ["incident", "file", &id, "maine", "--card"];
    let made = &product.json(&[&file[..], &["officer-1", "--out", &place]].concat())[0];
    let thumbprint = made["thumbprint"].as_str().unwrap().to_owned();
    let verify =
        |place: &str| product.run(&["incident", "verify", place, "--thumbprint", &thumbprint]);
    let whole = product.json(&["incident", "verify", &place, "--thumbprint", &thumbprint]);
    assert_eq!(whole[0]["signed"]["thumbprint"], thumbprint.as_str());

    // Somebody else's export in our name, with all its hashes right.
    let (_, other) = out(&product, "spoofed");
    product.ok(&[&file[..], &["officer-2", "--out", &other]].concat());
    let spoofed = verify(&other);
    assert_eq!(spoofed.code, 6, "{spoofed:?}");
    assert!(spoofed.stderr.contains("another card"), "{spoofed:?}");
    let (unsigned, nobody) = out(&product, "unsigned");
    product.ok(&["incident", "file", &id, "maine", "--out", &nobody]);
    assert!(verify(&nobody).stderr.contains("nobody signed it"));

    // A list that was not signed, and files that are not of the list.
    fs::copy(folder.join("manifest.jws"), unsigned.join("manifest.jws")).unwrap();
    assert!(verify(&nobody).stderr.contains("not the list that was signed"));
    let text = fs::read_to_string(folder.join("maine.txt")).unwrap();
    fs::write(folder.join("maine.txt"), text.replace("Maine", "Nevada")).unwrap();
    fs::write(folder.join("more.txt"), "more").unwrap();
    fs::remove_file(folder.join("counts.json")).unwrap();
    let altered = verify(&place);
    assert_eq!(altered.code, 6);
    for said in
        ["\"maine.txt\" was altered", "\"more.txt\" was added", "\"counts.json\" is missing"]
    {
        assert!(altered.stderr.contains(said), "{altered:?}");
    }
}
