//! `cofferdam serve`: starts keyholder, watch and server as processes of their own, and starts each
//! again where it dies. It holds the passphrase while it runs, and nothing else.

use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::feeder;
use crate::home::Home;
use crate::watch_process;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

/// Longest wait before a process that keeps dying is started again.
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(10);
/// A process that lived this long starts again at once when it dies.
const LIVED: Duration = Duration::from_secs(30);
/// Tells the keyholder how many entries witnesses saw.
pub(crate) const SEEN_ENTRIES: &str = "COFFERDAM_SEEN_ENTRIES";
/// How long it waits for others without a word.
const SILENT: Duration = Duration::from_secs(1);
/// How long a process may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(30);

/// `cofferdam serve`.
pub(crate) fn serve(home: &Home) -> Outcome {
    let config = Config::read(home)?;
    let passphrase = passphrase(home, &config)?;
    runtime()?.block_on(async {
        let mut running = Running::start(home, passphrase, None).await?;
        console::say(&format!("serving {}/fhir; Ctrl-C stops it", config.origin));
        running.until_told().await
    })
}

/// A runtime for supervising: one thread.
pub(crate) fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::world("the runtime"))
}

/// The root key's passphrase, from where the settings say.
pub(crate) fn passphrase(home: &Home, config: &Config) -> Outcome<Zeroizing<String>> {
    if !config.passphrase_file.as_os_str().is_empty() {
        return console::secret_file(&home.path().join(&config.passphrase_file));
    }
    match std::env::var("COFFERDAM_PASSPHRASE") {
        Ok(passphrase) => Ok(Zeroizing::new(passphrase)),
        Err(_) => console::secret(
            "passphrase of the root key",
            "set passphrase_file in cofferdam.toml, or the environment variable \
             COFFERDAM_PASSPHRASE",
        ),
    }
}

/// Keyholder and server, running.
pub(crate) struct Running {
    keyholder: Process,
    server: Process,
    watch: Process,
    /// Between the ledger and its witnesses, where there are any.
    feeder: Option<Process>,
    keyholder_ready: Instant,
    /// Held while it runs: an import beside it waits for its keyholder and starts none.
    _alone: File,
}

impl Running {
    /// Starts the keyholder, waits until it is ready, then starts the server and waits for it.
    /// What both say goes to `log`, or to where this process's own trouble goes.
    pub(crate) async fn start(
        home: &Home,
        passphrase: Zeroizing<String>,
        log: Option<&Path>,
    ) -> Outcome<Running> {
        home.fits()?;
        let config = Config::read(home)?;
        watch_process::check(home, &config)?;
        let alone = wait_to_be_alone(home).await?;
        for address in [config.listen, config.local_listen] {
            wait_for_free(address).await?;
        }
        let mut keyholder = Process::new("keyholder", home, Some(passphrase), log);
        if !config.witnesses.is_empty() {
            let seen = feeder::seen_entries(home, &config)?;
            keyholder.told = Some((SEEN_ENTRIES, seen.to_string()));
        }
        keyholder.start().await?;
        keyholder.wait_for_socket(&home.socket()).await?;
        let mut watch = Process::new("watch-process", home, None, log);
        watch.start().await?;
        let mut feeder = None;
        if !config.witnesses.is_empty() {
            let process = feeder.insert(Process::new("feeder", home, None, log));
            process.start().await?;
        }
        let keyholder_ready = Instant::now();
        let mut server = Process::new("server", home, None, log);
        server.start().await?;
        server.wait_for_port(config.listen).await?;
        Ok(Running { keyholder, server, watch, feeder, keyholder_ready, _alone: alone })
    }

    /// Starts processes again where they die, until the system or a person says stop.
    pub(crate) async fn until_told(&mut self) -> Outcome {
        let failed = Failure::world::<std::io::Error>("signals");
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::world("signals"))?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                status = self.keyholder.ended() => self.keyholder.again(status).await?,
                status = self.server.ended() => self.server.again(status).await?,
                status = self.watch.ended() => self.watch.again(status).await?,
                status = ended(&mut self.feeder) => {
                    if let Some(feeder) = &mut self.feeder {
                        feeder.again(status).await?;
                    }
                }
            }
        }
        self.stop().await;
        Ok(())
    }

    /// How long after this moment the keyholder was ready.
    pub(crate) fn keyholder_took(&self, start: Instant) -> Duration {
        self.keyholder_ready.saturating_duration_since(start)
    }

    /// The two processes: keyholder, server.
    pub(crate) fn pids(&self) -> [u32; 2] {
        let pid = |process: &Process| process.child.as_ref().and_then(Child::id).unwrap_or(0);
        [pid(&self.keyholder), pid(&self.server)]
    }

    /// Stops the server first, so that what it still has to record is recorded.
    pub(crate) async fn stop(&mut self) {
        self.server.stop().await;
        if let Some(feeder) = &mut self.feeder {
            feeder.stop().await;
        }
        self.watch.stop().await;
        self.keyholder.stop().await;
    }
}

async fn ended(process: &mut Option<Process>) -> Option<ExitStatus> {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}

/// The lock of whoever has started a keyholder for this data folder; none where another holds it.
pub(crate) fn alone(home: &Home) -> Outcome<Option<File>> {
    let path = home.path().join("serve.lock");
    let file = File::create(&path).map_err(Failure::world(path.display()))?;
    Ok(file.try_lock().is_ok().then_some(file))
}

/// An import that runs a keyholder of its own ends some time.
async fn wait_to_be_alone(home: &Home) -> Outcome<File> {
    let since = Instant::now();
    let mut said = false;
    loop {
        match alone(home)? {
            Some(file) => return Ok(file),
            None if !said && since.elapsed() > SILENT => {
                said = true;
                let what = "is served already, or an import is running";
                console::warn(&format!("{} {what}: waiting for its end", home.path().display()));
            }
            None if since.elapsed() < STOP => tokio::time::sleep(Duration::from_millis(50)).await,
            None => {
                return Err(Failure::World(format!(
                    "{} is served already, or an import is running: try again later",
                    home.path().display()
                )));
            }
        }
    }
}

/// A server before this one may still be ending; anything else that listens there is found out
/// now, and not by a server that dies again and again.
async fn wait_for_free(address: std::net::SocketAddr) -> Outcome {
    let since = Instant::now();
    let mut said = false;
    loop {
        match std::net::TcpListener::bind(address) {
            Ok(_) => return Ok(()),
            Err(error) if !said && since.elapsed() > SILENT => {
                said = true;
                console::warn(&format!("{address}: {error}; waiting for it"));
            }
            Err(_) if since.elapsed() < STOP => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(error) => {
                return Err(Failure::World(format!(
                    "{address} cannot be listened on ({error}): is another server running, or \
                     should cofferdam.toml name another port?"
                )));
            }
        }
    }
}

/// One supervised process.
struct Process {
    name: &'static str,
    home: Home,
    /// A variable of its environment.
    told: Option<(&'static str, String)>,
    passphrase: Option<Zeroizing<String>>,
    log: Option<PathBuf>,
    child: Option<Child>,
    since: Instant,
    pause: Duration,
}

impl Process {
    fn new(
        name: &'static str,
        home: &Home,
        passphrase: Option<Zeroizing<String>>,
        log: Option<&Path>,
    ) -> Process {
        let (home, log, since) = (home.clone(), log.map(Path::to_owned), Instant::now());
        let pause = Duration::from_millis(100);
        Process { name, home, told: None, passphrase, log, child: None, since, pause }
    }

    fn stderr(&self) -> Outcome<Stdio> {
        let Some(path) = &self.log else { return Ok(Stdio::inherit()) };
        let mut options = File::options();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.create(true).append(true).open(path);
        file.map(Stdio::from).map_err(Failure::world(path.display()))
    }

    async fn start(&mut self) -> Outcome {
        let failed = Failure::world::<std::io::Error>(self.name);
        let program = std::env::current_exe().map_err(Failure::world(self.name))?;
        let stdin = if self.passphrase.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = Command::new(program)
            .arg("--home")
            .arg(self.home.path())
            .arg(self.name)
            .envs(self.told.clone())
            .stdin(stdin)
            .stderr(self.stderr()?)
            .kill_on_drop(true)
            // Ctrl-C goes to the whole group; the order of stopping is this process's.
            .process_group(0)
            .env_remove("COFFERDAM_PASSPHRASE")
            .env_remove("COFFERDAM_PIN")
            // What opens finders' reports is no business of whoever takes a process over.
            .env_remove("COFFERDAM_INTAKE_PASSPHRASE")
            .env_remove("COFFERDAM_ASSOCIATION_PASSPHRASE")
            .spawn()
            .map_err(failed)?;
        if let (Some(passphrase), Some(mut pipe)) = (&self.passphrase, child.stdin.take()) {
            let line = Zeroizing::new(format!("{}\n", passphrase.as_str()));
            // A child that died already is noticed by `ended`.
            let _ = pipe.write_all(line.as_bytes()).await;
        }
        self.child = Some(child);
        self.since = Instant::now();
        Ok(())
    }

    async fn ended(&mut self) -> Option<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await.ok(),
            None => std::future::pending().await,
        }
    }

    async fn again(&mut self, status: Option<ExitStatus>) -> Outcome {
        let how = status.map_or_else(|| "unknown".to_owned(), |s| s.to_string());
        console::warn(&format!("{} ended ({how}); starting it again", self.name));
        self.child = None;
        if self.since.elapsed() > LIVED {
            self.pause = Duration::from_millis(100);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(AGAIN_AFTER_MAX);
        self.start().await
    }

    async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if tokio::time::timeout(STOP, child.wait()).await.is_err() {
            console::warn(&format!("{} does not stop; it is killed", self.name));
            let _ = child.kill().await;
        }
    }

    async fn wait_for_socket(&mut self, socket: &Path) -> Outcome {
        self.wait_until(async || tokio::net::UnixStream::connect(socket).await.is_ok()).await
    }

    async fn wait_for_port(&mut self, address: std::net::SocketAddr) -> Outcome {
        self.wait_until(async || tokio::net::TcpStream::connect(address).await.is_ok()).await
    }

    /// Polls until it is ready; a process that ends before is not started again: its message says
    /// what to do.
    async fn wait_until(&mut self, is_ready: impl AsyncFn() -> bool) -> Outcome {
        loop {
            if let Some(Ok(Some(status))) = self.child.as_mut().map(Child::try_wait) {
                let place = self
                    .log
                    .as_ref()
                    .map_or("above".to_owned(), |path| format!("at the end of {}", path.display()));
                let text = format!("the {} did not start: see its message {place}", self.name);
                return Err(Failure::of_code(status.code(), text));
            }
            if is_ready().await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Ends this process when its parent does, so that nothing is left over. Until it has ended it
/// shares a lock, by which [`nobody_writes`] knows.
pub(crate) fn end_with_parent(home: &Home) -> Outcome {
    nix::sys::prctl::set_pdeathsig(Signal::SIGTERM).map_err(Failure::world("prctl"))?;
    let file = processes(home)?;
    file.lock_shared().map_err(Failure::world(home.path().display()))?;
    std::mem::forget(file);
    Ok(())
}

/// Whether every process that served this folder has ended.
pub(crate) fn nobody_writes(home: &Home) -> Outcome<bool> {
    Ok(processes(home)?.try_lock().is_ok())
}

fn processes(home: &Home) -> Outcome<File> {
    let path = home.path().join("processes.lock");
    File::create(&path).map_err(Failure::world(path.display()))
}

/// A keyholder that stops when this is dropped.
pub(crate) struct Keyholder {
    runtime: tokio::runtime::Runtime,
    process: Process,
    _alone: File,
}

impl Drop for Keyholder {
    fn drop(&mut self) {
        self.runtime.block_on(self.process.stop());
    }
}

/// Starts a keyholder for the length of one command, unless one is running or about to.
pub(crate) fn keyholder_for_a_while(home: &Home, config: &Config) -> Outcome<Option<Keyholder>> {
    let since = Instant::now();
    let alone = loop {
        if std::os::unix::net::UnixStream::connect(home.socket()).is_ok() {
            return Ok(None);
        }
        match alone(home)? {
            Some(file) => break file,
            // It is being started, or started again after it died.
            None if since.elapsed() < STOP => std::thread::sleep(Duration::from_millis(50)),
            None => return Err(Failure::World("the keyholder does not come back".into())),
        }
    };
    let passphrase = passphrase(home, config)?;
    let runtime = runtime()?;
    let mut process = Process::new("keyholder", home, Some(passphrase), None);
    runtime.block_on(async {
        process.start().await?;
        process.wait_for_socket(&home.socket()).await
    })?;
    Ok(Some(Keyholder { runtime, process, _alone: alone }))
}
