//! The process: a Unix socket, a thread a connection, one committer.

use crate::answer::Connection;
use crate::error::{KeyholderError, Result};
use crate::event::{event, quiet_panics};
use crate::mind::Shared;
use crate::sandbox::{self, Wall};
use crate::settings::{Passphrase, Settings};
use crate::start::{self, Genesis};
use crate::stop::Stopper;
use crate::watch::{Secret, WatchDoor, Watching};
use keyproto::{Answer, Request, frame};
use ledger::{DirFiles, Files};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// A ledger's folder that threads can share; every [`Files`] that can be is one.
pub trait Disk: Files<File: Send + Sync> + Send + Sync + 'static {}

impl<F: Files<File: Send + Sync> + Send + Sync + 'static> Disk for F {}

/// A keyholder whose folder was checked: it can serve.
pub struct Keyholder<F: Files = DirFiles> {
    shared: Shared<F>,
    walls: Vec<Wall>,
    watch: Option<WatchDoor>,
}

/// Enough for every path through SQLite and the cryptography; locked memory is scarce.
const STACK_BYTES: usize = 1024 * 1024;
/// Most connections at the watch's door, and how long one may say nothing: the watch asks all the
/// time, and nobody else may keep it out.
const WATCH_CONNECTIONS_MAX: usize = 64;
const WATCH_IDLE: Duration = Duration::from_secs(10);
/// How long a frame may take from its first byte to its last, in either direction.
const FRAME_SECONDS: Duration = Duration::from_secs(30);

impl Keyholder {
    /// Makes the folder, its keys and the first ledger entries; refuses where there is one already.
    /// Returns the ledger's verifier key, for whoever verifies a copy.
    pub fn create(settings: Settings, passphrase: &Passphrase, genesis: Genesis) -> Result<String> {
        let files = DirFiles::new(settings.path(Settings::LEDGER));
        let shared = start::create(settings, files, passphrase, genesis)?;
        Ok(shared.ring.signer.verifier().to_string())
    }

    /// Opens it: checks everything, replays the ledger, and refuses what does not fit together.
    pub fn open(settings: Settings, passphrase: &Passphrase) -> Result<Keyholder> {
        let files = DirFiles::new(settings.path(Settings::LEDGER));
        Keyholder::open_on(settings, files, passphrase)
    }
}

impl<F: Disk> Keyholder<F> {
    /// Makes and opens a keyholder with its ledger on this disk.
    pub fn create_on(
        settings: Settings,
        files: F,
        passphrase: &Passphrase,
        genesis: Genesis,
    ) -> Result<Keyholder<F>> {
        let shared = start::create(settings, files, passphrase, genesis)?;
        Ok(Keyholder { shared, walls: Vec::new(), watch: None })
    }

    /// Opens a keyholder with its ledger on this disk.
    pub fn open_on(settings: Settings, files: F, passphrase: &Passphrase) -> Result<Keyholder<F>> {
        let walls = if settings.sandbox { sandbox::before_keys() } else { Vec::new() };
        let shared = start::open(settings, files, passphrase)?;
        Ok(Keyholder { shared, walls, watch: None })
    }

    /// Begins a new epoch and destroys the one before, so that older copies of the key table
    /// are dead. Not while it serves.
    pub fn rotate(self) -> Result<Keyholder<F>> {
        Ok(Keyholder { shared: start::rotate(self.shared)?, ..self })
    }

    /// Lets the watch in by this door.
    pub fn watched(self, door: WatchDoor) -> Keyholder<F> {
        Keyholder { watch: Some(door), ..self }
    }

    /// Asks it to stop, from any thread.
    pub fn stopper(&self) -> Stopper {
        self.shared.stopper.clone()
    }

    /// Serves until asked to stop; returns after a snapshot and a checkpoint are on the disk.
    ///
    /// With [`Settings::sandbox`], call it from the only thread of the process: it locks itself in
    /// and stops at SIGTERM.
    pub fn serve(mut self, listener: UnixListener) -> Result<()> {
        let stopper = self.stopper();
        let doors = self.watch.take();
        for listener in doors.iter().map(|door| &door.listener).chain([&listener]) {
            stopper.listens(listener).map_err(KeyholderError::world("cannot serve"))?;
        }
        if self.shared.settings.sandbox {
            quiet_panics();
            let settings = &self.shared.settings;
            let second = settings.second_place.as_deref().and_then(Path::parent);
            let folders = [Some(settings.folder.as_path()), second].into_iter().flatten();
            self.walls.extend(sandbox::enter(folders.map(Path::to_owned).collect()));
            stopper.at_signals().map_err(KeyholderError::world("cannot wait for signals"))?;
        }
        for wall in &self.walls {
            let state = wall.missing.as_deref().unwrap_or("up");
            event("sandbox", &[("wall", &wall.name), ("state", &state)]);
        }
        let shared = Arc::new(self.shared);
        event("serving", &[("entries", &shared.log().head().size)]);
        let committer = spawn(&shared, crate::committer::run)?;
        std::thread::scope(|scope| {
            if let Some(WatchDoor { listener, secret }) = doors {
                let shared = &shared;
                scope.spawn(move || accept(shared, &listener, Some(&secret)));
            }
            accept(&shared, &listener, None);
        });
        shared.wake();
        committer.join().unwrap_or_else(|_| {
            Err(KeyholderError::World("the committer failed: nothing could be recorded".into()))
        })
    }
}

/// A socket for the owner alone, in a folder for the owner alone; a stale one is replaced.
pub fn listen(path: &Path) -> Result<UnixListener> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    crate::files::create_folder(folder)?;
    crate::files::check_folder(folder)?;
    let cannot = || KeyholderError::world("cannot make the socket");
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot()(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(cannot())?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).map_err(cannot())?;
    Ok(listener)
}

/// Runs the committer; if it ends for whatever reason, so does everything else.
fn spawn<F: Disk>(
    shared: &Arc<Shared<F>>,
    run: impl FnOnce(&Shared<F>) -> Result<()> + Send + 'static,
) -> Result<std::thread::JoinHandle<Result<()>>> {
    struct StopAtEnd(Stopper);
    impl Drop for StopAtEnd {
        fn drop(&mut self) {
            self.0.stop();
        }
    }
    let shared = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("committer".into());
    let spawned = thread.spawn(move || {
        let _stop = StopAtEnd(shared.stopper.clone());
        run(&shared)
    });
    spawned.map_err(KeyholderError::world("cannot start a thread"))
}

/// Lets in servers, or by the watch's door whoever shows its secret.
fn accept<F: Disk>(shared: &Arc<Shared<F>>, listener: &UnixListener, watch: Option<&Secret>) {
    let stopper = &shared.stopper;
    let own = nix::unistd::geteuid().as_raw();
    let mut threads = Vec::new();
    while !stopper.is_asked() {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(_) if stopper.is_asked() => break,
            Err(error) => {
                event("cannot-accept", &[("why", &error)]);
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        threads.retain(|thread: &std::thread::JoinHandle<()>| !thread.is_finished());
        let peer = getsockopt(&stream, PeerCredentials).map(|peer| peer.uid()).ok();
        if peer != Some(own) {
            event("stranger", &[("uid", &peer.unwrap_or(u32::MAX))]);
            continue;
        }
        let (here, most) = match watch {
            None => (stopper.connections(), shared.settings.connections_max),
            Some(_) => (threads.len(), WATCH_CONNECTIONS_MAX),
        };
        if here >= most {
            event("too-many-connections", &[("most", &most)]);
            continue;
        }
        threads.extend(connect(shared, stream, watch.cloned()));
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn connect<F: Disk>(
    shared: &Arc<Shared<F>>,
    stream: UnixStream,
    watch: Option<Secret>,
) -> Option<std::thread::JoinHandle<()>> {
    struct Connected(Stopper, u64);
    impl Drop for Connected {
        fn drop(&mut self) {
            self.0.disconnected(self.1);
        }
    }
    let number = shared.stopper.connected(&stream).ok()?;
    let connected = Connected(shared.stopper.clone(), number);
    let shared = Arc::clone(shared);
    let thread = std::thread::Builder::new().name("connection".into()).stack_size(STACK_BYTES);
    let spawned = thread.spawn(move || {
        let _connected = connected;
        // A connection that fails is closed: its peer is a program and knows what it did.
        let _ = converse(&shared, stream, watch);
    });
    spawned.inspect_err(|error| event("cannot-start-a-thread", &[("why", error)])).ok()
}

/// One request, one answer, until the peer goes, is silent for too long, or talks nonsense.
fn converse<F: Disk>(
    shared: &Shared<F>,
    stream: UnixStream,
    watch: Option<Secret>,
) -> io::Result<()> {
    let idle = if watch.is_some() { WATCH_IDLE } else { shared.settings.idle };
    let mut stream = Timed { stream, idle, until: None };
    let mut connection = Connection::new(shared);
    let mut watching = watch.map(|secret| Watching::new(shared, secret));
    while let Some(bytes) = frame::read(&mut stream)? {
        stream.until = None;
        let bytes = Zeroizing::new(bytes);
        let request = Request::from_bytes(&bytes).map_err(io::Error::other)?;
        drop(bytes);
        let mut send = |answer: &Answer| {
            stream.until = None;
            let bytes = Zeroizing::new(answer.to_bytes());
            frame::write(&mut stream, &bytes)
        };
        let more = match &mut watching {
            None => connection.answer(request, &mut send)?,
            Some(watching) => match watching.answer(request) {
                Some(answer) => send(&answer).map(|()| true)?,
                None => false,
            },
        };
        stream.until = None;
        if !more {
            break;
        }
    }
    Ok(())
}

/// A stream on which a frame, once begun, has to end in time.
struct Timed {
    stream: UnixStream,
    idle: Duration,
    until: Option<Instant>,
}

impl Timed {
    fn left(&self) -> io::Result<Option<Duration>> {
        let Some(until) = self.until else { return Ok(None) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left()?;
        self.stream.set_read_timeout(Some(left.unwrap_or(self.idle)))?;
        let count = self.stream.read(buffer)?;
        self.until.get_or_insert_with(|| Instant::now() + FRAME_SECONDS);
        Ok(count)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left()?.unwrap_or(FRAME_SECONDS);
        self.until.get_or_insert_with(|| Instant::now() + left);
        self.stream.set_write_timeout(Some(left))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests;
