//! What commands print with `--json`: members with names, for programs to rely on.

use crate::rig::{PROGRAM, Product};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The acts of an installation's first day, with the names of their fields.
const ACTS: &[(&str, &str)] = &[
    ("began", "directory tenant"),
    ("practice-registered", "by name order practice"),
    ("card-issued", "by card file holder key not_after order practice role"),
    ("session-started", "assertion card device openings_max server session until"),
    ("file-created", "file list practice session unless"),
    ("deposited", "card file first head practice sections server session"),
    ("list-approved", "by lasts_seconds list order practice"),
    (
        "opened",
        "card close file grade practice purpose reason relation repeat request sections segments \
         server session token",
    ),
    ("refused", "card file request server session why"),
    ("found", "card looked_by practice request server session shown told"),
    ("frozen", "by finding reason subject why"),
];

#[test]
fn the_ledger_is_shown_with_names_and_the_openings_with_their_total() {
    let product = Product::demo(3);
    let told = product.json(&["who-opened"]);
    let [lines @ .., total, _verified] = &told[..] else { panic!("{told:?}") };
    let has_results =
        |line: &&Value| line["sections"].as_array().unwrap().contains(&"results".into());
    let file = lines.iter().find(has_results).unwrap()["files"][0].as_str().unwrap();
    product.ok(&["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-1"]);
    let elsewhere = ["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-elsewhere"];
    assert_eq!(product.run(&elsewhere).code, 3);
    let full = output_that_cannot_be_written(&product, &["ledger", "show"]);
    assert!(full.contains("not complete"), "{full}");
    let read = format!("Patient/{file}");
    output_that_cannot_be_written(&product, &["fhir", "GET", &read, "--card", "doctor-1"]);
    let large = std::fs::File::create(product.work().join("large")).unwrap();
    large.set_len((64 << 20) + 1).unwrap();
    let send =
        |method: &str| product.run(&["fhir", method, "Observation", "large", "--card", "doctor-1"]);
    let large = send("POST");
    assert!(large.code == 2 && large.stderr.contains("(413)"), "{large:?}");
    assert_eq!(send("BREW").code, 2);
    let card = lines[0]["card"].as_str().unwrap();
    product.ok(&["freeze", "--card", card, "--reason", "lost"]);

    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    let mut shown = product.json(&["ledger", "show"]);
    assert!(shown.pop().unwrap()["verified"].is_object());
    for line in shown {
        assert!(line["number"].is_u64() && line["at"].as_str().unwrap().ends_with('Z'), "{line}");
        let fields = line["fields"].as_object().unwrap();
        let names: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
        let act = line["act"].as_str().unwrap();
        let known = ACTS.iter().find(|(name, _)| *name == act);
        if let Some((_, expected)) = known {
            assert_eq!(names, expected.split_whitespace().collect(), "{act}");
        }
        seen.insert(act.to_owned(), line["fields"].clone());
    }
    for (act, _) in ACTS {
        assert!(seen.contains_key(*act), "{act} is not in the ledger");
    }
    let opened = &seen["opened"];
    assert_eq!((&opened["file"], &opened["purpose"]), (&json!(file), &json!("treatment")));
    assert_eq!(seen["refused"]["why"], "no-relation");
    assert_eq!(seen["frozen"]["subject"], json!({"kind": "card", "id": card}));
    let people = product.ok(&["ledger", "show"]);
    assert!(people.contains("why: no-relation") && !people.contains("Opened"), "{people}");

    let mut exposed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in lines {
        let words = |name: &str| line[name].as_array().unwrap().iter().map(|w| w.as_str().unwrap());
        for file in words("files") {
            exposed.entry(file).or_default().extend(words("sections"));
        }
    }
    assert_eq!(total["total"]["entries"], lines.len());
    let files = total["total"]["files"].as_object().unwrap();
    assert_eq!(files.len(), exposed.len());
    for (file, sections) in exposed {
        let told = files[file].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        assert_eq!(told.collect::<BTreeSet<_>>(), sections);
    }
}

/// A full disk is no success; returns what is said.
fn output_that_cannot_be_written(product: &Product, command: &[&str]) -> String {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = product.command(PROGRAM).args(command).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{command:?}: {said}");
    said
}

#[test]
fn what_was_asked_wrongly_is_said_in_json_too() {
    let product = Product::nothing();
    for wrong in [&["nonsense"][..], &["token"], &["drill", "list", "--nonsense"], &[]] {
        let done = product.run_json(wrong);
        let said: Value = serde_json::from_str(&done.stderr).unwrap();
        assert_eq!((done.code, &said["error"]), (2, &json!("asked-wrongly")), "{done:?}");
    }
    let help = product.run_json(&["--help"]);
    assert!(help.code == 0 && help.stdout.contains("Usage"), "{help:?}");
    let plain = product.run(&["nonsense"]);
    assert!(plain.code == 2 && plain.stderr.starts_with("error: "), "{plain:?}");
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let product = Product::nothing();
    output_that_cannot_be_written(&product, &["drill", "list"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = product.command(PROGRAM).args(["drill", "list"]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn an_import_lists_what_it_rejected() {
    let product = Product::new();
    let folder = product.work().join("bundles");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("broken.json"), "{").unwrap();
    let done = product.run(&["--json", "import", folder.to_str().unwrap()]);
    assert_eq!(done.code, 2, "{done:?}");
    let said: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(said["rejected"], 1);
    let rejects = said["rejects"].as_array().unwrap();
    assert_eq!(rejects.len(), 1, "{said}");
    // A file's name may hold a patient's, so its hash stands for it.
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"broken.json");
    let name = format!("bundle {}", data_encoding::HEXLOWER.encode(&hash.as_ref()[..8]));
    assert_eq!(rejects[0]["source"], name);
    assert!(!rejects[0]["reason"].as_str().unwrap().is_empty());
}

/// A thief writes the reason, an officer reads it: it makes no line of its own and hides none.
#[test]
fn what_a_thief_writes_steers_no_officers_terminal() {
    let product = Product::demo(2);
    let file = crate::incidents::files(&product).remove(0);
    let reason =
        "ill\u{1b}[1A\u{1b}[2K\r\n       1  2026-01-01  opened  somebody else\u{9b}2J\u{202e}";
    let patient = format!("Patient/{file}");
    product.ok(&["fhir", "GET", &patient, "--card", "doctor-1", "--reason", reason]);
    let proof = product.work().join("proof.json");
    let proof = proof.to_str().unwrap();
    product.ok(&["ledger", "prove", "--file", &file, "--out", proof]);
    let key = std::fs::read_to_string(product.home().join("ledger.vkey")).unwrap();
    for command in [
        &["who-opened", "--patient", &file][..],
        &["ledger", "show"],
        &["ledger", "check", proof, "--key", key.trim()],
        &["--json", "who-opened", "--patient", &file],
    ] {
        let shown = product.ok(command);
        assert!(shown.contains("somebody else"), "{command:?}");
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!shown.contains(steers), "{command:?}: {shown:?}");
        let is_made_up = |line: &str| line.trim_start().starts_with("1  2026-01-01");
        assert!(!shown.lines().any(is_made_up), "{command:?}: {shown}");
    }
}
