//! A data folder, its commands and its running processes.

use crate::http::Http;
use crate::smart_client::{Key, SmartClient};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The binary under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_cofferdam");
/// The PIN of the demonstration's cards.
pub(crate) const DEMO_PIN: &str = "123456";
/// How long processes may take to be ready on a busy machine.
const READY: Duration = Duration::from_secs(60);

/// A data folder and what runs on it; everything ends when it is dropped.
pub(crate) struct Product {
    folder: TempDir,
    pub(crate) port: u16,
    pub(crate) local: u16,
    pub(crate) pin: String,
    passphrase: Option<String>,
    serve: Option<Child>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Product {
    /// A folder for data, logs and whatever a test needs; nothing in it yet.
    pub(crate) fn nothing() -> Product {
        let folder = tempfile::Builder::new().prefix("cofferdam-product-").tempdir().unwrap();
        for name in ["logs", "work"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let [port, local] = free_ports();
        let pin = DEMO_PIN.to_owned();
        Product { folder, port, local, pin, passphrase: None, serve: None }
    }

    /// A new installation with two officers and an importer's card, being served.
    pub(crate) fn new() -> Product {
        let mut product = Product::initialised("a long passphrase of a test", DEMO_PIN);
        product.serve();
        product.issue_file("importer", "importer");
        product
    }

    /// A new installation that is not served yet.
    pub(crate) fn initialised(passphrase: &str, pin: &str) -> Product {
        let mut product = Product::nothing();
        product.passphrase = Some(passphrase.to_owned());
        product.pin = pin.to_owned();
        let listen = product.addresses();
        product.ok(&["init", "--listen", &listen[0], "--local-listen", &listen[1]]);
        product
    }

    /// The demonstration with this many patients, being served.
    pub(crate) fn demo(patients: u32) -> Product {
        let mut product = Product::nothing();
        let (listen, patients) = (product.addresses(), patients.to_string());
        let arguments = ["demo", "--once", "--patients", &patients, "--listen", &listen[0]];
        product.ok(&[&arguments[..], &["--local-listen", &listen[1]]].concat());
        product.serve();
        product.forget_sessions();
        product
    }

    /// The two addresses it listens on.
    pub(crate) fn addresses(&self) -> [String; 2] {
        [self.port, self.local].map(|port| format!("127.0.0.1:{port}"))
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Standard output and error of what was served.
    pub(crate) fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// A folder for the test's own files, and the working directory of every command.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Where all of it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command with the environment that a user would set.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env("COFFERDAM_HOME", self.home())
            .env("COFFERDAM_PIN", &self.pin)
            .env("COFFERDAM_NEW_PIN", &self.pin)
            .env_remove("COFFERDAM_PASSPHRASE")
            .stdin(Stdio::null());
        if let Some(passphrase) = &self.passphrase {
            command.env("COFFERDAM_PASSPHRASE", passphrase);
        }
        command
    }

    /// Runs the binary and waits for its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(PROGRAM).args(arguments))
    }

    /// Runs it and expects success; returns what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {done:?}");
        done.stdout
    }

    /// Runs it with `--json` and expects success and lines of JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.ok(&[&["--json"], arguments].concat());
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs it with `--json` and waits for its end.
    pub(crate) fn run_json(&self, arguments: &[&str]) -> Done {
        self.run(&[&["--json"], arguments].concat())
    }

    /// What the ledger tells of openings, look-ups and deposits; without the total at the end.
    pub(crate) fn who_opened(&self, arguments: &[&str]) -> Vec<Value> {
        let mut lines = self.json(&[&["who-opened"], arguments].concat());
        let verified = lines.pop().unwrap();
        let total = lines.pop().unwrap();
        assert_eq!(verified["verified"]["lines"], lines.len());
        assert_eq!(total["total"]["entries"], lines.len());
        lines
    }

    /// Serves, and waits until it is ready.
    pub(crate) fn serve(&mut self) {
        let mut command = self.command(PROGRAM);
        command.arg("serve");
        self.serve_by(command);
    }

    /// Serves, expects that it is refused, and says how.
    pub(crate) fn serve_refused(&self) -> Done {
        let mut command = self.command(PROGRAM);
        command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let until = Instant::now() + READY;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > until {
                signal(child.id(), Signal::SIGTERM);
                panic!("it serves: {:?}", child.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Done::from(&child.wait_with_output().unwrap())
    }

    /// Serves as an init system does: again and again while something else has the ledger, such as
    /// an import that found no keyholder and started one of its own.
    pub(crate) fn serve_until_ready(&mut self) {
        let until = Instant::now() + READY;
        loop {
            let mut command = self.command(PROGRAM);
            command.arg("serve");
            self.start(command);
            while self.serve.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none()) {
                if self.is_ready() {
                    return;
                }
                assert!(Instant::now() < until, "not ready:\n{}", self.log_text());
                std::thread::sleep(Duration::from_millis(25));
            }
            assert!(Instant::now() < until, "it does not start:\n{}", self.log_text());
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// The same by another command.
    pub(crate) fn serve_by(&mut self, command: Command) {
        self.start(command);
        self.wait_until_ready();
    }

    fn start(&mut self, mut command: Command) {
        let log = |name: &str| {
            let path = self.logs().join(name);
            File::options().create(true).append(true).open(path).unwrap()
        };
        let child = command.stdout(log("stdout")).stderr(log("stderr")).spawn().unwrap();
        self.serve = Some(child);
    }

    /// Waits until server and keyholder answer; says how long it took.
    pub(crate) fn wait_until_ready(&self) -> Duration {
        let since = Instant::now();
        while !self.is_ready() {
            assert!(since.elapsed() < READY, "not ready:\n{}", self.log_text());
            std::thread::sleep(Duration::from_millis(25));
        }
        since.elapsed()
    }

    /// Both processes are there, and the server says so: one before it may still be ending.
    fn is_ready(&self) -> bool {
        if ["server", "keyholder"].iter().any(|name| self.process(name).is_none()) {
            return false;
        }
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.local)) else { return false };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
        let request = b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let mut text = String::new();
        let answered = stream.write_all(request).and_then(|()| stream.read_to_string(&mut text));
        answered.is_ok() && text.starts_with("HTTP/1.1 200")
    }

    /// What was served wrote so far.
    pub(crate) fn log_text(&self) -> String {
        ["stdout", "stderr"]
            .map(|name| std::fs::read_to_string(self.logs().join(name)).unwrap_or_default())
            .concat()
    }

    /// Tells what is served to stop, and waits for it.
    pub(crate) fn stop(&mut self) {
        let Some(mut child) = self.serve.take() else { return };
        signal(child.id(), Signal::SIGTERM);
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if child.try_wait().unwrap().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Asks what is served to stop, as an init system does.
    pub(crate) fn ask_to_stop(&self) {
        signal(self.supervisor().unwrap(), Signal::SIGTERM);
    }

    /// Waits until what was asked to stop has ended.
    pub(crate) fn ends_within(&mut self, span: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + span;
        while Instant::now() < until {
            if let Some(status) = self.serve.as_mut()?.try_wait().unwrap() {
                self.serve = None;
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// The supervisor, killed: its children end by themselves.
    pub(crate) fn kill_supervisor(&mut self) {
        let Some(mut child) = self.serve.take() else { return };
        let children = children(child.id());
        let _ = child.kill();
        let _ = child.wait();
        let until = Instant::now() + Duration::from_secs(60);
        while children.iter().any(|(_, pid)| Path::new(&format!("/proc/{pid}")).exists()) {
            assert!(Instant::now() < until, "children outlive their supervisor");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The supervisor's process, if it runs.
    pub(crate) fn supervisor(&self) -> Option<u32> {
        self.serve.as_ref().map(Child::id)
    }

    /// The process of this name, `server` or `keyholder`, if it runs.
    pub(crate) fn process(&self, name: &str) -> Option<u32> {
        let serve = self.serve.as_ref()?.id();
        children(serve).into_iter().find(|(n, _)| n == name).map(|(_, pid)| pid)
    }

    pub(crate) fn http(&self) -> Http {
        let origin = format!("https://localhost:{}", self.port);
        Http::trusting(origin, &self.home().join("tls/ca.pem"))
    }

    /// Issues a card as a file in `cards/`.
    pub(crate) fn issue_file(&self, role: &str, name: &str) -> String {
        let issued =
            self.json(&["card", "issue", "--role", role, "--holder", name, "--name", name]);
        issued[0]["card"].as_str().unwrap().to_owned()
    }

    /// Issues a card for a key of the test's own.
    pub(crate) fn issue(&self, role: &str, name: &str, key: &Key) -> String {
        self.issue_jwk(role, name, &key.jwk())
    }

    /// The same for the public half of a key that something else has.
    pub(crate) fn issue_jwk(&self, role: &str, name: &str, key: &Value) -> String {
        let path = self.work().join(format!("{name}.jwk"));
        std::fs::write(&path, key.to_string()).unwrap();
        let key = path.to_str().unwrap();
        let arguments = ["card", "issue", "--role", role, "--holder", name, "--name", name];
        let issued = self.json(&[&arguments[..], &["--key", key]].concat());
        issued[0]["card"].as_str().unwrap().to_owned()
    }

    /// Forgets the sessions of `cofferdam fhir`: a restarted server does not know them any more.
    pub(crate) fn forget_sessions(&self) {
        let _ = std::fs::remove_dir_all(self.home().join("sessions"));
    }

    /// A client with a card of its own, signed in.
    pub(crate) fn client(&self, role: &str, name: &str) -> SmartClient {
        let key = Key::p256();
        let card = self.issue(role, name, &key);
        let mut client = SmartClient::new(self.http(), &card, key);
        client.sign_in().unwrap();
        client
    }

    /// Imports a folder, has its list approved, and returns what the import said.
    pub(crate) fn import(&self, folder: &Path) -> Value {
        let rejects = self.work().join("rejects");
        let (folder, path) = (folder.to_str().unwrap(), rejects.to_str().unwrap());
        let done = self.run(&["--json", "import", folder, "--rejects", path]);
        let rejects = std::fs::read_to_string(&rejects).unwrap_or_default();
        assert_eq!(done.code, 0, "{done:?} {rejects}");
        let said: Value = serde_json::from_str(&done.stdout).unwrap();
        self.ok(&["approve", said["list"].as_str().unwrap()]);
        said
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let log = self.log_text();
            let from = log.len().saturating_sub(4000);
            eprintln!("the end of the log:\n{}", String::from_utf8_lossy(&log.as_bytes()[from..]));
        }
    }
}

impl Done {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Done {
        Done::from(&command.output().unwrap())
    }

    fn from(output: &Output) -> Done {
        Done {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Sends a signal; a process that is gone already is no failure.
pub(crate) fn signal(pid: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal);
}

/// The children of a process: the last word of the command line, and the id.
pub(crate) fn children(parent: u32) -> Vec<(String, u32)> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let name = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = line.strip_suffix(&[0]).unwrap_or(&line);
        let last = line.rsplit(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(last).into_owned()
    };
    let pids = text.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.map(|pid| (name(&pid), pid)).collect()
}

/// Ports that nobody listens on.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
