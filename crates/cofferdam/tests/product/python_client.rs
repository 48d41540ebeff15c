//! Clients that others wrote and published, unmodified.

use crate::rig::{Done, Product};
use crate::sample_data::{copy, find, patient_of, read_bundle, samples};
use crate::tree::{Graph, STEPS, Tree};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A script beside the tests, run by the Python that has the published clients; none without it.
fn script(product: &Product, name: &str) -> Option<Command> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join("../../target/python/bin/python");
    let python = std::env::var_os("COFFERDAM_PYTHON").map_or(installed, PathBuf::from);
    if !python.is_file() {
        eprintln!(
            "SKIPPED: no Python with the published clients at {}: `cargo xtask test` makes it, \
             or set COFFERDAM_PYTHON",
            python.display()
        );
        return None;
    }
    let authority = product.home().join("tls/ca.pem");
    let mut command = product.command(python.to_str().unwrap());
    command
        .arg(root.join("tests").join(name))
        .env("REQUESTS_CA_BUNDLE", &authority)
        .env("SSL_CERT_FILE", &authority);
    Some(command)
}

/// What a script of fhirpy's prints about one patient.
fn run(product: &Product, name: &str, patient: &str, card: &str) -> Option<Value> {
    let token = product.json(&["token", patient, "--card", card]).remove(0);
    let mut command = script(product, name)?;
    command
        .env("FHIR_BASE", token["base"].as_str().unwrap())
        .env("FHIR_TOKEN", token["token"].as_str().unwrap())
        .env("FHIR_PATIENT", patient);
    Some(seen(&mut command))
}

fn seen(command: &mut Command) -> Value {
    let done = Done::of(command);
    assert_eq!(done.code, 0, "{done:?}");
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn fhirpy_reads_the_whole_file_of_an_imported_patient() {
    let Some(bundles) = samples(1) else { return };
    let mut product = Product::new();
    let folder = product.work().join("bundles");
    copy(&bundles[..1], &folder);
    product.import(&folder);
    // The directory is read again at the start.
    product.stop();
    product.serve();
    let bundle = read_bundle(&bundles[0]);
    let file = find(&mut product.client("doctor", "doctor"), patient_of(&bundle).unwrap());
    product.issue_file("doctor", "reader");
    let saw = run(&product, "client_whole_file.py", &file, "reader");
    let Some(saw) = saw else { return };
    let resources = saw.as_array().unwrap().iter().map(|text| {
        let tree = Tree::read(text.as_str().unwrap());
        (format!("{}/{}", tree.kind(), tree.text("id")), tree)
    });
    let (expected, found) = (Graph::by_value(bundle), Graph::by_value(resources));
    for steps in 1..=STEPS {
        let (expected, found) = (expected.contents(steps), found.contents(steps));
        assert!(!expected.is_empty());
        let differs = expected.iter().find(|(text, count)| found.get(*text) != Some(*count));
        assert!(expected == found, "at {steps} steps, first: {differs:#?}");
    }
}

#[test]
fn authlib_signs_in_with_a_cards_key_creates_reads_and_is_held_to_its_scope() {
    let product = Product::new();
    let path = product.work().join("private.jwk");
    let Some(mut make) = script(&product, "smart_client.py") else { return };
    let public = seen(make.arg("key").arg(&path));
    let card = product.issue_jwk("system", "authlib", &public);
    let mut ask = script(&product, "smart_client.py").unwrap();
    ask.arg("ask").arg(&path).env("ORIGIN", product.http().origin).env("CARD", card);
    let expected = json!({
        "type": "DPoP",
        "scope": "system/Patient.cr system/Observation.rs",
        "created": 201,
        "read": 200,
        "family": "Eigenbrot",
        "beyond": [403, "DPoP error=\"insufficient_scope\""],
        "refused": "invalid_scope",
    });
    assert_eq!(seen(&mut ask), expected);
}

#[test]
fn fhirpy_reads_searches_follows_references_and_creates() {
    let product = Product::demo(6);
    let mut doctor = product.client("doctor", "doctor");
    let told = product.who_opened(&[]);
    let patient = told.iter().filter(|line| line["act"] == "deposited").find(|line| {
        let sections = line["sections"].as_array().unwrap();
        sections.iter().any(|section| section == "results")
    });
    let patient = patient.unwrap()["files"][0].as_str().unwrap();
    let Some(saw) = run(&product, "client.py", patient, "doctor-2") else { return };

    let mut ask = |path: String| doctor.expect(200, "GET", &path, &Value::Null).json();
    let stored = ask(format!("/fhir/Patient/{patient}"));
    assert_eq!(saw["family"], stored["name"][0]["family"]);
    assert_eq!(saw["subjects"], serde_json::json!([patient]));
    assert_eq!(
        (&saw["encounter"], &saw["performer"]),
        (&"Encounter".into(), &"Practitioner".into())
    );
    for (kind, seen, created) in
        [("Observation", "observations", 1), ("Condition", "conditions", 0)]
    {
        let total = ask(format!("/fhir/{kind}?patient={patient}"))["total"].as_u64().unwrap();
        assert_eq!(saw[seen].as_u64().unwrap(), total - created, "{kind}");
    }
    let created = ask(format!("/fhir/Observation/{}", saw["created"].as_str().unwrap()));
    assert_eq!((&saw["status"], &created["status"]), (&"final".into(), &"final".into()));
    assert_eq!((&saw["value"], &saw["version"]), (&31.5.into(), &"2".into()));
    assert_eq!(created["valueQuantity"]["value"], 31.5);
}
