//! A FHIR client that others wrote and published, unmodified.

use crate::rig::{Done, Product};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn fhirpy_reads_searches_follows_references_and_creates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = root.join("../../target/python/bin/python");
    let python = std::env::var_os("COFFERDAM_PYTHON").map_or(installed, PathBuf::from);
    if !python.is_file() {
        eprintln!(
            "SKIPPED: no Python with fhirpy at {}: `cargo xtask test` makes it, or set \
                   COFFERDAM_PYTHON",
            python.display()
        );
        return;
    }
    let product = Product::demo(6);
    let mut doctor = product.client("doctor", "doctor");
    let told = product.json(&["who-opened"]);
    let patient = told.iter().filter(|line| line["act"] == "deposited").find(|line| {
        let sections = line["sections"].as_array().unwrap();
        sections.iter().any(|section| section == "results")
    });
    let patient = patient.unwrap()["files"][0].as_str().unwrap();
    let token = product.json(&["token", patient, "--card", "doctor-2"]).remove(0);
    let authority = product.home().join("tls/ca.pem");
    let mut command = product.command(python.to_str().unwrap());
    command
        .arg(root.join("tests/client.py"))
        .env("FHIR_BASE", token["base"].as_str().unwrap())
        .env("FHIR_TOKEN", token["token"].as_str().unwrap())
        .env("FHIR_PATIENT", patient)
        .env("REQUESTS_CA_BUNDLE", &authority)
        .env("SSL_CERT_FILE", &authority);
    let done = Done::of(&mut command);
    assert_eq!(done.code, 0, "{done:?}");
    let saw: Value = serde_json::from_str(&done.stdout).unwrap();

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
