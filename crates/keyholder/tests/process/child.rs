//! A keyholder in a process of its own, sandbox and all: `examples/alone.rs`.

use crate::client::{Client, World};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A running child; killed when dropped.
pub(crate) struct Process(Child);

impl World {
    /// Starts a keyholder in a process of its own, sandbox and all.
    pub(crate) fn spawn(&self) -> Process {
        let _ = std::fs::remove_file(self.socket());
        let child = Command::new(program())
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Process(child);
        let started = Instant::now();
        while Client::try_connect(&self.socket()).is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                panic!("it does not serve: {}", process.kill());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        process
    }
}

/// The example's program: cargo builds examples with the tests, but not with one test alone.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let build = ["build", "-q", "-p", env!("CARGO_PKG_NAME"), "--example", "alone"];
        assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(2).unwrap().join("examples/alone")
    })
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it as a power cut does; returns what it said.
    pub(crate) fn kill(&mut self) -> String {
        let _ = self.0.kill();
        self.said()
    }

    /// Asks it to stop; returns what it said.
    pub(crate) fn terminate(mut self) -> String {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.0.wait().unwrap();
        let said = self.said();
        assert!(status.success(), "{said}");
        said
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        let _ = self.0.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
        let _ = self.0.wait();
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
