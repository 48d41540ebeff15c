//! What was opened of one file, proved to somebody with a key and nothing else.

use crate::rig::{Done, PROGRAM, Product};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The stranger's machine: a folder with what was brought, no settings, no server.
struct Stranger {
    folder: tempfile::TempDir,
    key: String,
}

impl Stranger {
    fn with(product: &Product) -> Stranger {
        let key = std::fs::read_to_string(product.home().join("ledger.vkey")).unwrap();
        Stranger { folder: tempfile::tempdir().unwrap(), key: key.trim().to_owned() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn check(&self, document: &Path, more: &[&str]) -> Done {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.folder.path()).env_remove("COFFERDAM_HOME");
        command.args(["ledger", "check"]).arg(document).args(["--key", &self.key]).args(more);
        Done::of(&mut command)
    }
}

fn prove(product: &Product, arguments: &[&str]) -> Vec<u8> {
    let out = product.work().join("proof.json");
    let out = out.to_str().unwrap();
    product.ok(&[&["ledger", "prove", "--out", out], arguments].concat());
    std::fs::read(out).unwrap()
}

#[test]
fn a_stranger_checks_a_proof_with_a_key_alone_and_refuses_every_forgery() {
    let product = Product::demo(3);
    let lines = product.who_opened(&[]);
    let made = lines.iter().rev().find(|line| line["act"] == "deposited").unwrap();
    let file = made["files"][0].as_str().unwrap().to_owned();
    let emergency = ["--purpose", "emergency", "--reason", "unconscious"];
    let read = format!("Patient/{file}");
    let get = ["fhir", "GET", &read, "--card", "doctor-elsewhere"];
    product.ok(&[&get[..], &emergency].concat());

    let stranger = Stranger::with(&product);
    let document = prove(&product, &["--file", &file]);
    let honest = stranger.file("honest.json", &document);
    let done = stranger.check(&honest, &[]);
    assert_eq!(done.code, 0, "{done:?}");
    for said in [
        "opened label",
        "Dr. Eva Stern, another practice",
        "unconscious",
        "stand in the ledger of cofferdam/",
        "They are all that it recorded of it at any time",
        "Not proved:",
    ] {
        assert!(done.stdout.contains(said), "{said}: {}", done.stdout);
    }
    let told = stranger.check(&honest, &["--json"]);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(told["entries"].as_array().unwrap().iter().any(|entry| entry["act"] == "opened"));

    let text = String::from_utf8(document.clone()).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let shorter = value["entries"].as_array_mut().unwrap();
    shorter.pop();
    let forgeries = [
        ("shorter", value.to_string()),
        ("cut", text[..text.len() / 2].to_owned()),
        ("another name", text.replace("Dr. Eva Stern", "Dr. Eva Stein")),
        ("another file", text.replace(&file, &"a".repeat(file.len()))),
        ("not one", "{}".to_owned()),
    ];
    for (what, forged) in forgeries {
        let done = stranger.check(&stranger.file("forged.json", forged.as_bytes()), &[]);
        assert_eq!((done.code, done.stdout.as_str()), (6, ""), "{what}: {done:?}");
        assert!(done.stderr.contains("this proves nothing"), "{what}: {done:?}");
    }
    let other = Product::initialised("another passphrase", "123456");
    let done = Stranger::with(&other).check(&honest, &[]);
    assert_eq!(done.code, 6, "another installation's key: {done:?}");

    // A checkpoint that the stranger had before.
    let verified = product.json(&["who-opened"]).pop().unwrap();
    let earlier = verified["verified"]["checkpoint"].as_str().unwrap().to_owned();
    let earlier = stranger.file("earlier", earlier.as_bytes());
    let earlier = earlier.to_str().unwrap();
    product.ok(&["fhir", "GET", &read, "--card", "doctor-1"]);
    let since = prove(&product, &["--file", &file, "--checkpoint", earlier]);
    let done = stranger.check(&stranger.file("since.json", &since), &["--checkpoint", earlier]);
    assert!(done.stdout.contains("begins with the checkpoint"), "{done:?}");
    let unconnected = prove(&product, &["--file", &file]);
    let unconnected = stranger.file("unconnected.json", &unconnected);
    let done = stranger.check(&unconnected, &["--checkpoint", earlier]);
    assert_eq!(done.code, 6, "{done:?}");

    // Nothing at all, in a span before the file was made.
    let nothing = prove(&product, &["--file", &file, "--to", "2020-01-01"]);
    let done = stranger.check(&stranger.file("nothing.json", &nothing), &[]);
    assert!(done.stdout.contains("nothing was opened, found or deposited"), "{done:?}");
    assert!(done.stdout.contains("before 2020-01-01"), "{done:?}");
    let doctor = ["ledger", "prove", "--file", &file, "--card", "doctor-1", "--out", "x"];
    assert_eq!(product.run(&doctor).code, 3, "a doctor is no officer");
}
