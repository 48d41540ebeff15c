//! A backup that is made while others write, and what a restore makes of it, whole or damaged.

use crate::rig::{Done, PROGRAM, Product};
use crate::smart_client::SmartClient;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const WRITERS: usize = 3;

/// Somebody who writes until told otherwise, and remembers what was acknowledged.
struct Writer {
    thread: JoinHandle<SmartClient>,
    acknowledged: Arc<Mutex<Vec<String>>>,
}

impl Writer {
    fn start(mut client: SmartClient, stop: &Arc<AtomicBool>) -> Writer {
        let patient = json!({"resourceType": "Patient", "name": [{"family": "Eigenbrot"}]});
        let patient = client.expect(201, "POST", "/fhir/Patient", &patient).created_id().unwrap();
        let acknowledged = Arc::new(Mutex::new(vec![format!("Patient/{patient}")]));
        let (stop, told) = (Arc::clone(stop), Arc::clone(&acknowledged));
        let thread = std::thread::spawn(move || {
            for value in 0u32.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let observation = json!({
                    "resourceType": "Observation", "status": "final", "code": {"text": "pulse"},
                    "subject": {"reference": format!("Patient/{patient}")},
                    "valueQuantity": {"value": value},
                });
                let made = client.expect(201, "POST", "/fhir/Observation", &observation);
                let id = made.created_id().unwrap();
                told.lock().unwrap().push(format!("Observation/{id}"));
            }
            client
        });
        Writer { thread, acknowledged }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

fn wait_for(writers: &[Writer], more: usize) {
    let wanted: Vec<usize> = writers.iter().map(|writer| writer.count() + more).collect();
    while writers.iter().zip(&wanted).any(|(writer, wanted)| writer.count() < *wanted) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Restores into a folder of this name.
fn restore(product: &Product, from: &Path, into: &Path) -> Done {
    let (from, into) = (from.to_str().unwrap(), into.to_str().unwrap());
    Done::of(product.command(PROGRAM).args(["--home", into, "restore", from]))
}

#[test]
fn everything_acknowledged_before_a_backup_is_in_it_whoever_writes_meanwhile() {
    let mut product = Product::new();
    let early = product.folder().join("early");
    product.ok(&["backup", early.to_str().unwrap()]);
    let stop = Arc::new(AtomicBool::new(false));
    let start = |i| Writer::start(product.client("system", &format!("writer-{i}")), &stop);
    let writers: Vec<Writer> = (0..WRITERS).map(start).collect();
    wait_for(&writers, 20);
    let before: Vec<Vec<String>> =
        writers.iter().map(|writer| writer.acknowledged.lock().unwrap().clone()).collect();
    let backup = product.folder().join("backup");
    product.ok(&["backup", backup.to_str().unwrap()]);
    wait_for(&writers, 5);
    stop.store(true, Ordering::SeqCst);
    let clients: Vec<SmartClient> =
        writers.into_iter().map(|writer| writer.thread.join().unwrap()).collect();
    product.stop();

    // In the place of the old one, so that clients find it under the address that they sign.
    let home = product.home();
    fs::rename(&home, product.folder().join("lost")).unwrap();
    let done = restore(&product, &backup, &home);
    assert_eq!(done.code, 0, "{done:?}");
    product.ok(&["ledger", "verify"]);
    product.serve();
    for (mut client, written) in clients.into_iter().zip(before) {
        client.sign_in().unwrap();
        for path in &written {
            client.expect(200, "GET", &format!("/fhir/{path}"), &Value::Null);
        }
        // What was cut off is replaced by what comes now.
        let patient = &written[0];
        let observation = json!({
            "resourceType": "Observation", "status": "final", "code": {"text": "afterwards"},
            "subject": {"reference": patient},
        });
        client.expect(201, "POST", "/fhir/Observation", &observation);
    }
    product.stop();
    product.ok(&["ledger", "verify"]);
    let twice = restore(&product, &backup, &home);
    assert_eq!(twice.code, 2, "{twice:?}");
    assert!(twice.stderr.contains("is a data folder already"), "{twice:?}");
    refuses_damage(&product, &backup, &early);
}

/// What is torn or edited is refused, says what, and leaves nothing that could be served.
fn refuses_damage(product: &Product, backup: &Path, early: &Path) {
    type Damage = fn(&Path);
    let flip: Damage = |path| {
        edit(path, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
    };
    let halve: Damage = |path| edit(path, |bytes| bytes.truncate(bytes.len() / 2));
    let blank: Damage = |path| {
        edit(path, |bytes| {
            let page = bytes.len() / 2 / 4096 * 4096;
            bytes[page..page + 4096].fill(0);
        });
    };
    let remove: Damage = |path| fs::remove_file(path).unwrap();
    let ledger = "keyholder/ledger/entries";
    let torn = [
        ("SHA256SUMS", remove),
        ("cofferdam.toml", remove),
        (ledger, flip),
        (ledger, halve),
        ("keyholder/keys.db", halve),
        ("keyholder/root.key", flip),
        ("store", flip),
    ];
    for (i, (name, damage)) in torn.into_iter().enumerate() {
        let folder = product.folder().join(format!("torn-{i}"));
        copy(backup, &folder);
        damage(&folder.join(name));
        refused(product, &folder, name);
    }
    // Whoever edits a backup writes its sums anew; what is in it tells on them all the same.
    let edited = [
        (ledger, flip, "damaged"),
        (ledger, halve, "missing"),
        ("keyholder/ledger/checkpoint", flip, "checkpoint"),
        ("store", blank, "store"),
        ("store", halve, "store"),
    ];
    for (i, (name, damage, says)) in edited.into_iter().enumerate() {
        let folder = product.folder().join(format!("edited-{i}"));
        copy(backup, &folder);
        damage(&folder.join(name));
        sum_anew(&folder, name);
        refused(product, &folder, says);
    }
    // What only the keyholder can tell: a key table that is older than the ledger.
    let folder = product.folder().join("edited-keys");
    copy(backup, &folder);
    fs::copy(early.join("keyholder/keys.db"), folder.join("keyholder/keys.db")).unwrap();
    sum_anew(&folder, "keyholder/keys.db");
    let into = product.folder().join("restored-keys");
    assert_eq!(restore(product, &folder, &into).code, 0);
    does_not_serve(product, &into, "the key table was set back");
}

fn does_not_serve(product: &Product, home: &Path, says: &str) {
    let mut command = product.command(PROGRAM);
    command.args(["--home", home.to_str().unwrap(), "serve"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("it serves");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(says), "{said}");
}

fn refused(product: &Product, backup: &Path, says: &str) {
    let into = product.folder().join("never");
    let done = restore(product, backup, &into);
    assert!([4, 6].contains(&done.code), "{says}: {done:?}");
    assert!(done.stderr.contains(says), "{says}: {done:?}");
    assert!(!into.exists(), "{says}: nothing is left to be served");
}

/// As `sha256sum` would write it.
fn sum_anew(backup: &Path, name: &str) {
    let path = backup.join("SHA256SUMS");
    let sum = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        &fs::read(backup.join(name)).unwrap(),
    );
    let line = format!("{}  {name}", data_encoding::HEXLOWER.encode(sum.as_ref()));
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|old| if old.ends_with(name) { &line } else { old });
    let text: Vec<&str> = lines.collect();
    assert!(text.contains(&line.as_str()));
    fs::write(path, text.join("\n") + "\n").unwrap();
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
