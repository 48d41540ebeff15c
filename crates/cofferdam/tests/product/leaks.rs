//! What is at rest, in backups, logs and core dumps is worthless: a thousand markers go through
//! every door, and none of them is found in any byte that lies anywhere afterwards.

mod scan;

use crate::http::{FHIR_JSON, Http};
use crate::rig::{Product, signal};
use crate::smart_client::{SmartClient, hash};
use data_encoding::BASE64;
use drill::population::{Population, plant};
use nix::sys::signal::Signal;
use scan::{Scanner, marker};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many markers the imported records hold; those of the requests come on top.
const PLANTED: usize = 1000;
const SYSTEM: &str = "https://example.org/leaks";
/// Whose people are imported.
const SEED: u64 = 7;

/// Hands out markers, each of them once.
struct Markers(usize);

impl Iterator for Markers {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        self.0 += 1;
        Some(marker(self.0))
    }
}

#[test]
fn a_thousand_markers_are_found_nowhere() {
    let mut markers = Markers(0);
    let [passphrase, pin] = [(); 2].map(|()| markers.next().unwrap());
    let mut product = Product::initialised(&passphrase, &pin);
    let settings = product.home().join("cofferdam.toml");
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains("\nlog = \"info\""));
    fs::write(&settings, text.replace("\nlog = \"info\"", "\nlog = \"debug\"")).unwrap();
    serve_with_cores(&mut product);
    product.issue_file("importer", "importer");

    import(&product, &mut markers);
    let mut doctor = product.client("doctor", "doctor");
    let patient = normal_work(&mut doctor, &mut markers);
    let token = markers.next().unwrap();
    bearer(&mut doctor, &patient, &token);
    conditions(&mut doctor, &patient, &mut markers);
    hostile(&doctor.http, &product, &mut markers);
    refused(&product, &patient, &mut markers);
    wrong_pin(&product, &mut markers);
    for (name, how) in [
        ("server", Signal::SIGABRT),
        ("keyholder", Signal::SIGABRT),
        ("server", Signal::SIGKILL),
        ("keyholder", Signal::SIGKILL),
    ] {
        // The token opens the file again: there is something to lose when the process dies.
        let path = format!("/fhir/Patient/{patient}/$everything");
        let reply = doctor.http.bearer(&token, "GET", &path, b"").unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
        die(&product, name, how);
    }
    affected(&product);
    let backup = product.folder().join("backup");
    product.ok(&["backup", backup.to_str().unwrap()]);
    assert!(fs::read_dir(&backup).unwrap().count() > 3, "a backup");
    signal_supervisor(&mut product);
    eprintln!("{} markers", markers.0);
    nowhere(&product, &backup);
}

/// What officers write about those who were read lies in plaintext, in backups too.
fn affected(product: &Product) {
    let cards = product.json(&["card", "list"]);
    let doctor = cards.iter().find(|card| card["role"] == "doctor").unwrap();
    let opened = &product.json(&["incident", "open", "--title", "a stolen card"])[0];
    let id = opened["id"].as_str().unwrap();
    let by = ["incident", "exposure", id, "--by-card", doctor["card"].as_str().unwrap()];
    let exposure = &product.json(&by)[0];
    assert!(!exposure["persons"].as_array().unwrap().is_empty());
}

/// As a careless operator would: core dumps of any size, in a folder of their own.
fn serve_with_cores(product: &mut Product) {
    let cores = cores(product);
    fs::create_dir(&cores).unwrap();
    let mut command = product.command("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$0\" serve", crate::rig::PROGRAM]);
    command.current_dir(cores);
    product.serve_by(command);
}

fn cores(product: &Product) -> PathBuf {
    product.folder().join("cores")
}

fn import(product: &Product, markers: &mut Markers) {
    let folder = product.work().join("bundles");
    fs::create_dir(&folder).unwrap();
    let first = markers.0;
    for person in Population::new(SEED, 1000).people() {
        if markers.0 - first >= PLANTED {
            break;
        }
        let planted = plant(&person.bundle(), markers).unwrap();
        assert!(planted.places.len() > 50);
        let path = folder.join(format!("{}.json", planted.places[0].marker));
        fs::write(path, planted.bundle).unwrap();
    }
    let rejects = product.logs().join("rejects");
    let (folder, rejects) = (folder.to_str().unwrap(), rejects.to_str().unwrap());
    let done = product.run(&["--json", "import", folder, "--rejects", rejects]);
    keep(product, "import", &[&done.stdout, &done.stderr]);
    assert_eq!(done.code, 0, "{done:?}");
    let said: Value = serde_json::from_str(&done.stdout).unwrap();
    product.ok(&["approve", said["list"].as_str().unwrap()]);
    assert!(said["files"].as_u64().unwrap() > 3 && markers.0 - first >= PLANTED);
}

/// Reads, searches and writes as a doctor does; returns the id of the patient.
fn normal_work(doctor: &mut SmartClient, markers: &mut Markers) -> String {
    let mut marker = || markers.next().unwrap();
    let value = marker();
    let patient = json!({
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": value}],
        "name": [{"family": marker(), "given": [marker()]}],
        "telecom": [{"system": "email", "value": format!("{}@example.org", marker())}],
        "address": [{"city": marker()}],
        "birthDate": "1951-05-05",
    });
    let patient = doctor.expect(201, "POST", "/fhir/Patient", &patient).created_id().unwrap();
    let path = format!("/fhir/Patient?identifier={SYSTEM}%7C{value}");
    let found = doctor.expect(200, "GET", &path, &Value::Null).json();
    assert_eq!(found["entry"][0]["resource"]["id"], patient.as_str());
    let family = Population::new(SEED, 1).person(0).family();
    let family: String = family.chars().take_while(char::is_ascii).collect();
    let imported = format!("/fhir/Patient?family={family}");
    let found = doctor.expect(200, "GET", &imported, &Value::Null).json();
    let entries = found["entry"].as_array().unwrap();
    let mut ids = entries.iter().filter_map(|entry| entry["resource"]["id"].as_str());
    let file = ids.find(|id| *id != patient).unwrap();
    let path = format!("/fhir/Patient/{file}/$everything");
    let everything = doctor.expect(200, "GET", &path, &Value::Null).text();
    let seen = everything.matches(scan::STEM).count();
    assert!(seen > 40, "only {seen} markers came back: the import lost them");
    for part in ["Observation", "Condition"] {
        let path = format!("/fhir/{part}?patient={patient}&code:text={}", marker());
        doctor.expect(200, "GET", &path, &Value::Null);
        let form = format!("patient={patient}&identifier={SYSTEM}%7C{}", marker());
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let path = format!("/fhir/{part}/_search");
        let reply = doctor.ask("POST", &path, &headers, form.as_bytes()).unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    patient
}

/// A token that the client chose, and one that nobody gave out.
fn bearer(doctor: &mut SmartClient, patient: &str, token: &str) {
    let claims = json!({"token": hash(token.as_bytes()), "token_hours": 2});
    let path = format!("/fhir/Patient/{patient}");
    let again = [("cache-control", "no-cache")];
    let made = doctor.ask_with("GET", &path, &again, b"", &claims).unwrap();
    assert_eq!(made.status, 200, "{}", made.text());
    let reply = doctor.http.bearer(token, "GET", &path, b"").unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    let wrong = doctor.http.bearer(&token.to_uppercase(), "GET", &path, b"").unwrap();
    assert_eq!(wrong.status, 401);
}

/// Attachments, conditional requests, patches: some of them work and some do not.
fn conditions(doctor: &mut SmartClient, patient: &str, markers: &mut Markers) {
    let mut marker = || markers.next().unwrap();
    let context = format!("Patient/{patient}");
    let raw = [("content-type", "text/plain"), ("x-security-context", context.as_str())];
    let text = format!("{} {}", marker(), marker());
    let reply = doctor.ask("POST", "/fhir/Binary", &raw, text.as_bytes()).unwrap();
    assert_eq!(reply.status, 201, "{}", reply.text());
    let binary = json!({
        "resourceType": "Binary",
        "contentType": "text/plain",
        "securityContext": {"reference": context},
        "data": BASE64.encode(marker().as_bytes()),
    });
    doctor.expect(201, "POST", "/fhir/Binary", &binary);
    let observation = |value: &str| {
        json!({
            "resourceType": "Observation",
            "status": "final",
            "identifier": [{"system": SYSTEM, "value": value}],
            "code": {"text": value},
            "subject": {"reference": context},
        })
    };
    let value = marker();
    let condition = format!("patient={patient}&identifier={SYSTEM}|{value}");
    for status in [201, 200] {
        let headers = [FHIR_JSON, ("if-none-exist", condition.as_str())];
        let body = observation(&value).to_string();
        let reply = doctor.ask("POST", "/fhir/Observation", &headers, body.as_bytes()).unwrap();
        assert_eq!(reply.status, status, "{}", reply.text());
    }
    let value = marker();
    let path = format!("/fhir/Observation?patient={patient}&identifier={SYSTEM}%7C{value}");
    let id = doctor.expect(201, "PUT", &path, &observation(&value)).created_id().unwrap();
    let patch = json!([{"op": "replace", "path": "/code/text", "value": marker()}]);
    let kind = [("content-type", "application/json-patch+json")];
    let path = format!("/fhir/Observation/{id}");
    let reply = doctor.ask("PATCH", &path, &kind, patch.to_string().as_bytes()).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.text());
    let wrong = json!([{"op": "test", "path": format!("/{}", marker()), "value": marker()}]);
    let reply = doctor.ask("PATCH", &path, &kind, wrong.to_string().as_bytes()).unwrap();
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    invalid(doctor, &context, &mut marker);
}

/// Bodies, addresses and headers that make no sense, from somebody who is signed in.
fn invalid(doctor: &mut SmartClient, context: &str, marker: &mut dyn FnMut() -> String) {
    let subject = json!({"reference": context});
    let bodies = [
        format!(r#"{{"resourceType":"Patient","name":[{{"family":"{}"#, marker()),
        json!({"resourceType": "Observation", "status": marker(), "subject": subject}).to_string(),
        json!({"resourceType": "Observation", marker(): 1, "subject": subject}).to_string(),
        json!({"resourceType": marker()}).to_string(),
        json!({"resourceType": "Observation", "issued": marker(), "subject": subject}).to_string(),
        json!({"resourceType": "Observation", "subject": {"reference": marker()}}).to_string(),
        marker(),
        format!("\u{feff}[\"{}\",", marker()),
    ];
    for body in bodies {
        for path in ["/fhir/Observation", "/fhir/Patient", "/fhir"] {
            let reply = doctor.ask("POST", path, &[FHIR_JSON], body.as_bytes()).unwrap();
            assert!((400..500).contains(&reply.status), "{} {}", reply.status, reply.text());
        }
    }
    let paths = [
        format!("/fhir/Observation/{}", marker()),
        format!("/fhir/{}", marker()),
        format!("/fhir/{context}?{}={}", marker(), marker()),
        format!("/fhir/Observation?patient={}", marker()),
        format!("/fhir/Observation?patient={}&{}=1", &context[8..], marker()),
        format!("/fhir/Observation?patient={}&date={}", &context[8..], marker()),
        format!("/fhir/Patient?name={}&name={}", marker(), marker()),
        format!("/fhir/Patient?birthdate={}", marker()),
        format!("/fhir/{context}/_history/{}", marker()),
    ];
    for path in paths {
        let reply = doctor.ask("GET", &path, &[], b"").unwrap();
        // A look-up that finds nobody is no failure.
        assert!(reply.status >= 400 || path.contains("name="), "{path}: {}", reply.status);
    }
    for name in ["if-match", "accept", "prefer", "if-none-exist", "x-request-id", "user-agent"] {
        let value = marker();
        let path = format!("/fhir/{context}");
        doctor.ask("GET", &path, &[(name, value.as_str())], b"").unwrap();
        let body = json!({"resourceType": "Patient"}).to_string();
        doctor.ask("PUT", &path, &[FHIR_JSON, (name, value.as_str())], body.as_bytes()).unwrap();
    }
    let reason = marker();
    let claims = json!({"purpose": "emergency", "reason": reason});
    let again = [("cache-control", "no-cache")];
    doctor.ask_with("GET", &format!("/fhir/{context}"), &again, b"", &claims).unwrap();
}

/// From somebody who is nobody.
fn hostile(http: &Http, product: &Product, markers: &mut Markers) {
    let mut marker = || markers.next().unwrap();
    for scheme in ["Bearer ", "DPoP ", "Basic ", ""] {
        let value = format!("{scheme}{}", marker());
        let proof = marker();
        let headers = [("authorization", value.as_str()), ("dpop", proof.as_str())];
        let reply = http.ask("GET", &format!("/fhir/Patient/{}", marker()), &headers, b"").unwrap();
        assert_eq!(reply.status, 401, "{}", reply.text());
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!(
        "grant_type=client_credentials&client_assertion={}&client_assertion_type=\
         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&{}={}",
        marker(),
        marker(),
        marker()
    );
    let proof = marker();
    let headers = [form[0], ("dpop", proof.as_str())];
    for (path, body) in [("/auth/token", body), ("/orders", marker()), ("/fhir", marker())] {
        let reply = http.ask("POST", path, &headers, body.as_bytes()).unwrap();
        assert!((400..500).contains(&reply.status), "{path}: {}", reply.status);
    }
    assert_eq!(http.ask("GET", &format!("/{}", marker()), &[], b"").unwrap().status, 404);
    let _ = http.ask(&marker().to_uppercase(), "/fhir/metadata", &[], b"");
    for port in [product.port, product.local] {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let text = format!("GET /{} HTTP/1.1\r\nHost: {}\r\n\r\n", marker(), marker());
        stream.write_all(text.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Reasons in words, of officers and in an emergency, and refusals.
fn refused(product: &Product, patient: &str, markers: &mut Markers) {
    let mut marker = || markers.next().unwrap();
    let mut nurse = product.client("receptionist", "receptionist");
    let claims = json!({"purpose": "emergency", "reason": marker()});
    let path = format!("/fhir/Observation/{patient}-0000009?{}", marker());
    let reply = nurse.ask_with("GET", &path, &[], b"", &claims).unwrap();
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    let lost = product.issue_file("nurse", "lost");
    let frozen = product.run(&["freeze", "--card", &lost, "--reason", &marker()]);
    keep(product, "freeze", &[&frozen.stderr]);
    assert_eq!(frozen.code, 0);
    let refused = product.run(&[
        "fhir",
        "GET",
        &format!("Patient/{patient}"),
        "--card",
        "lost",
        "--purpose",
        "emergency",
        "--reason",
        &marker(),
    ]);
    keep(product, "refused", &[&refused.stdout, &refused.stderr]);
    assert_eq!(refused.code, 3, "{refused:?}");
}

fn wrong_pin(product: &Product, markers: &mut Markers) {
    let pin = markers.next().unwrap();
    let mut command = product.command(crate::rig::PROGRAM);
    command.args(["card", "list"]).env("COFFERDAM_PIN", pin);
    product.forget_sessions();
    let done = crate::rig::Done::of(&mut command);
    keep(product, "pin", &[&done.stdout, &done.stderr]);
    assert_eq!(done.code, 2, "{done:?}");
}

/// Keeps what a command said with what the server logged.
fn keep(product: &Product, name: &str, texts: &[&str]) {
    fs::write(product.logs().join(name), texts.concat()).unwrap();
}

fn die(product: &Product, name: &str, how: Signal) {
    let before = product.process(name).unwrap();
    signal(before, how);
    for _ in 0..2000 {
        if product.process(name).is_some_and(|pid| pid != before) {
            product.wait_until_ready();
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the {name} does not come back");
}

/// The supervisor knows the passphrase: it dies as badly.
fn signal_supervisor(product: &mut Product) {
    signal(product.supervisor().unwrap(), Signal::SIGABRT);
    product.kill_supervisor();
}

fn nowhere(product: &Product, backup: &Path) {
    let scanner = Scanner::new();
    let mut all = Vec::new();
    for folder in [&product.home(), backup, &product.logs(), &cores(product)] {
        let (hits, bytes) = scanner.folder(folder);
        let name = folder.file_name().unwrap().display();
        eprintln!("{name}: {bytes} bytes, {} hits", hits.len());
        all.extend(hits);
    }
    assert!(all.is_empty(), "{all:#?}");
    assert!(product.log_text().len() > 10_000, "there are logs");
    let (bundles, _) = scanner.folder(&product.work());
    assert!(bundles.len() > 3, "the same scanner finds what was imported, where it came from");
    fs::write(product.home().join("store/leak"), marker(0)).unwrap();
    let (planted, _) = scanner.folder(&product.home());
    assert_eq!(planted.len(), 1, "and what is planted into the data folder");
}
