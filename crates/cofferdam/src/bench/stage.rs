//! A practice of its own for a measurement or a drill, with real processes; gone afterwards.

use crate::cli::{DemoArguments, InitArguments};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::init::Officers;
use crate::orders::{issue_order, random, send};
use crate::serve::{self, Running};
use crate::{demo, init};
use cards::{Card, Identity};
use keyproto::jws::Jwk;
use keyproto::statement::Order;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use terms::{CardId, Curve, PracticeId, Role};

/// Seals the keys of made-up associations.
const PASSPHRASE: &str = "made-up chambers";

/// A data folder with running processes.
pub(crate) struct Stage {
    pub(crate) home: Home,
    pub(crate) config: Config,
    pub(crate) officers: Officers,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    log: PathBuf,
    /// Leaves the folder where it is.
    pub(crate) keep: bool,
}

impl Stage {
    /// A practice with staff and without patients.
    pub(crate) fn new(name: &str) -> Outcome<Stage> {
        Stage::for_purpose("bench", name, None)
    }

    /// The same for a purpose; what the processes say goes to a file of this name in the folder,
    /// or beside it, where it is not measured. A start that failed leaves both to be read.
    pub(crate) fn for_purpose(purpose: &str, name: &str, log: Option<&str>) -> Outcome<Stage> {
        let folder = format!("cofferdam-{purpose}-{name}-{}", std::process::id());
        let home = Home::at(&std::env::temp_dir().join(folder));
        Home::make(home.path())?;
        let beside = home.path().with_extension("log");
        let log = log.map_or(beside, |name| home.path().join(name));
        Stage::made(home, purpose, log)
    }

    fn made(home: Home, purpose: &str, log: PathBuf) -> Outcome<Stage> {
        std::fs::write(home.path().join("passphrase"), format!("{purpose}\n"))
            .map_err(Failure::world(home.path().display()))?;
        let arguments = InitArguments {
            tenant: purpose.into(),
            practice: "Harbour Practice".into(),
            listen: free_port()?,
            local_listen: free_port()?,
            passphrase_file: Some(home.path().join("passphrase")),
        };
        let officers = init::make(&home, &arguments, demo::PIN)?;
        let config = Config::read(&home)?;
        let runtime = serve::runtime()?;
        let passphrase = serve::passphrase(&home, &config)?;
        let running = runtime.block_on(Running::start(&home, passphrase, Some(&log)))?;
        demo::staff(&home, &config, &officers)?;
        Ok(Stage { home, config, officers, runtime, running: Some(running), log, keep: false })
    }

    /// A practice with made-up patients, whose list is approved.
    pub(crate) fn with_people(name: &str, patients: u32, is_thin: bool) -> Outcome<Stage> {
        let stage = Stage::new(name)?;
        let arguments = DemoArguments {
            patients,
            seed: 7,
            listen: stage.config.listen,
            local_listen: stage.config.local_listen,
            once: true,
        };
        demo::bring_in(&stage.home, &stage.config, &stage.officers, &arguments, is_thin)?;
        Ok(stage)
    }

    /// What an officer types, by its own process: `cofferdam incident …`; the last line it says.
    pub(crate) fn officer(&self, arguments: &[&str]) -> Outcome<serde_json::Value> {
        let text = self.command(&[&["--json", "incident"], arguments].concat())?;
        Ok(text.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default())
    }

    /// Does a command by its own process, and returns what it says.
    pub(crate) fn command(&self, arguments: &[&str]) -> Outcome<String> {
        let program = std::env::current_exe().map_err(Failure::world("this program"))?;
        let done = Command::new(program)
            .arg("--home")
            .arg(self.home.path())
            .args(arguments)
            .env("COFFERDAM_PIN", demo::PIN)
            .env("COFFERDAM_ASSOCIATION_PASSPHRASE", PASSPHRASE)
            .output()
            .map_err(Failure::world(arguments.join(" ")))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            return Err(Failure::of_code(done.status.code(), said));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    /// A new card that both officers issued.
    pub(crate) fn issue(&self, role: Role, practice: PracticeId, holder: &str) -> Outcome<Card> {
        let card = CardId::from_bytes(random()?);
        let identity = Identity { card, role, practice, holder: holder.into() };
        let card = Card::make(identity, Curve::P256).map_err(Failure::world("a card"))?;
        self.order(2, &issue_order(card.identity(), Jwk::of(card.public()), 365, None))?;
        Ok(card)
    }

    /// An order by so many officers.
    pub(crate) fn order(&self, officers: usize, order: &Order) -> Outcome<u64> {
        let all = [&self.officers.first, &self.officers.second];
        send(&self.home, &self.config, &all[..officers], order)
    }

    /// CPU time that keyholder and server took so far.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        self.pids().into_iter().map(cpu_of).sum()
    }

    /// Resident memory of keyholder and server, in bytes.
    pub(crate) fn memory(&self) -> Outcome<[u64; 2]> {
        let pids = self.pids();
        Ok([resident(pids[0])?, resident(pids[1])?])
    }

    /// Starts the processes anew; returns how long the keyholder took to be ready.
    pub(crate) fn restart(&mut self) -> Outcome<Duration> {
        self.stop();
        let passphrase = serve::passphrase(&self.home, &self.config)?;
        let start = Instant::now();
        let starting = Running::start(&self.home, passphrase, Some(&self.log));
        let running = self.runtime.block_on(starting)?;
        let took = running.keyholder_took(start);
        self.running = Some(running);
        Ok(took)
    }

    /// Removes the keyholder's snapshots, so that the next start replays everything.
    pub(crate) fn forget_snapshots(&mut self) -> Outcome {
        self.stop();
        let snapshot = self.home.keyholder().join("state");
        std::fs::remove_file(&snapshot).map_err(Failure::world(snapshot.display()))
    }

    /// Stops the processes, so that everything is on disk.
    pub(crate) fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }

    /// The processes: keyholder, server.
    pub(crate) fn pids(&self) -> [u32; 2] {
        self.running.as_ref().map_or([0, 0], Running::pids)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop();
        if !self.keep {
            // What stays costs disk space only.
            let _ = std::fs::remove_dir_all(self.home.path());
            let _ = std::fs::remove_file(&self.log);
        }
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Failure::world("a free port"))?;
    listener.local_addr().map_err(Failure::world("a free port"))
}

fn cpu_of(pid: u32) -> Outcome<Duration> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).map_err(Failure::world(&path))?;
    let fields: Vec<&str> =
        text.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').collect();
    let ticks: u64 = [11, 12].iter().filter_map(|&at| fields.get(at)?.parse::<u64>().ok()).sum();
    // Linux counts in hundredths of a second for user programs (USER_HZ).
    Ok(Duration::from_millis(ticks * 10))
}

/// Resident memory now, in bytes.
pub(crate) fn resident(pid: u32) -> Outcome<u64> {
    memory_of(pid, "VmRSS:")
}

/// The most resident memory that the process ever had, in bytes.
pub(crate) fn peak(pid: u32) -> Outcome<u64> {
    memory_of(pid, "VmHWM:")
}

fn memory_of(pid: u32, what: &str) -> Outcome<u64> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).map_err(Failure::world(&path))?;
    let line = text.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kib.unwrap_or_default() * 1024)
}

/// Bytes of every file below a folder.
pub(crate) fn bytes_below(folder: &std::path::Path) -> Outcome<u64> {
    let mut total = 0;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(Failure::world(folder.display()))?;
        for entry in entries.flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => total += metadata.len(),
                Err(_) => {}
            }
        }
    }
    Ok(total)
}
