//! Three parties cosign the ledger: it cannot be set back, and where they lag behind only
//! emergencies are served.

use crate::rig::{Done, PROGRAM, Product, signal};
use drill::population::Population;
use nix::sys::signal::Signal;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A witness of its own process.
struct Party {
    state: PathBuf,
    port: u16,
    vkey: PathBuf,
    child: Option<Child>,
}

impl Party {
    fn new(product: &Product, number: usize) -> (Party, String) {
        let state = product.folder().join(format!("witness-{number}"));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let name = format!("w{number}.example");
        let mut init = product.command(PROGRAM);
        init.args(["--json", "witness", "init", &name, "--state"]).arg(&state);
        let made = Done::of(&mut init);
        assert_eq!(made.code, 0, "{made:?}");
        let made: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
        let keys: Vec<&str> =
            made["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        let setting = format!("http://127.0.0.1:{port} {}", keys.join(" "));
        let vkey = product.home().join("ledger.vkey");
        (Party { state, port, vkey, child: None }, setting)
    }

    fn start(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = Command::new(PROGRAM);
        command.args(["witness", "serve", "--listen", &listen, "--state"]).arg(&self.state);
        let child = command.arg("--log").arg(&self.vkey).stdout(Stdio::null()).spawn().unwrap();
        self.child = Some(child);
        until("a witness listens", || TcpStream::connect(("127.0.0.1", self.port)).is_ok());
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal(child.id(), Signal::SIGKILL);
            child.wait().unwrap();
        }
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.stop();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(40), "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A demonstration whose ledger two of three parties have to cosign, and its first patient.
fn witnessed() -> (Product, Vec<Party>, String) {
    let mut product = Product::demo(3);
    let person = Population::new(1, 3).people().next().unwrap();
    let national = person.national();
    let path = format!("Patient?identifier={}%7C{}", national.system, national.value);
    let found = product.ok(&["fhir", "GET", &path, "--card", "doctor-1"]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let patient = found["entry"][0]["resource"]["id"].as_str().unwrap().to_owned();
    product.stop();
    let (mut parties, settings): (Vec<Party>, Vec<String>) =
        (1..=3).map(|number| Party::new(&product, number)).unzip();
    let path = product.home().join("cofferdam.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("witnesses = []", &format!("witnesses = {settings:?}"));
    std::fs::write(&path, text).unwrap();
    parties.iter_mut().for_each(Party::start);
    product.serve();
    (product, parties, patient)
}

fn open(product: &Product, patient: &str, more: &[&str]) -> i32 {
    product.forget_sessions();
    let path = format!("Patient/{patient}");
    product.run(&[&["fhir", "GET", &path, "--card", "doctor-1"], more].concat()).code
}

#[test]
fn where_witnesses_lag_behind_only_emergencies_are_served() {
    let (product, mut parties, patient) = witnessed();
    until("the ledger is cosigned", || open(&product, &patient, &[]) == 0);
    parties[0].stop();
    assert_eq!(open(&product, &patient, &[]), 0, "two of three are enough");
    parties[1].stop();
    until("too few cosign", || open(&product, &patient, &[]) == 3);
    let emergency = ["--purpose", "emergency", "--reason", "unconscious"];
    assert_eq!(open(&product, &patient, &emergency), 0, "acute care goes on");
    parties[1].start();
    until("it is cosigned again", || open(&product, &patient, &[]) == 0);
    let cosigned = std::fs::read_to_string(product.home().join("keyholder/cosigned")).unwrap();
    assert!(cosigned.contains("— w2.example ") && cosigned.contains("— w3.example "));
}

#[test]
fn a_ledger_that_was_set_back_as_a_whole_is_refused_or_opens_nothing() {
    let (mut product, mut parties, patient) = witnessed();
    until("the ledger is cosigned", || open(&product, &patient, &[]) == 0);
    product.stop();
    let (home, earlier) = (product.home(), product.folder().join("earlier"));
    copy(&home, &earlier);
    product.serve();
    until("the ledger is cosigned", || open(&product, &patient, &[]) == 0);
    // What no witness has seen yet, seconds at most, can be set back.
    let before = cosigned(&earlier);
    until("more of it is cosigned", || cosigned(&home) > before);
    product.stop();
    std::fs::remove_dir_all(&home).unwrap();
    copy(&earlier, &home);
    let refused = product.serve_refused();
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.stderr.contains("it was set back"), "{refused:?}");
    // One witness alone proves nothing, so it starts; but nobody cosigns this history any more.
    parties[0].stop();
    parties[1].stop();
    product.serve();
    assert_eq!(open(&product, &patient, &[]), 3);
    parties.iter_mut().take(2).for_each(Party::start);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(open(&product, &patient, &[]), 3, "nor when all of them are back");
    assert!(product.log_text().contains("it was set back or rewritten"), "it is said in the log");
}

/// How many entries enough witnesses cosigned.
fn cosigned(home: &Path) -> u64 {
    let note = std::fs::read_to_string(home.join("keyholder/cosigned")).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

fn copy(from: &Path, to: &Path) {
    let done = Done::of(Command::new("cp").arg("-a").arg(from).arg(to));
    assert_eq!(done.code, 0, "{done:?}");
}
