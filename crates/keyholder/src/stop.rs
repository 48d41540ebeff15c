//! Asking the process to stop.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::socket::{Shutdown, shutdown};
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Stops the keyholder when asked; clones are the same one.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Inside>);

#[derive(Default)]
struct Inside {
    asked: AtomicBool,
    next: AtomicU64,
    listeners: Mutex<Vec<UnixListener>>,
    connections: Mutex<HashMap<u64, UnixStream>>,
}

impl Stopper {
    /// Asks to stop: no new connection, no new request, what is decided becomes durable.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        for listener in locked(&self.0.listeners).iter() {
            let _ = shutdown(listener.as_raw_fd(), Shutdown::Both);
        }
        for stream in locked(&self.0.connections).values() {
            let _ = stream.shutdown(std::net::Shutdown::Read);
        }
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }

    /// Stops at SIGTERM and SIGINT. Called before the first thread is started, so that none of
    /// them gets the signals.
    pub fn at_signals(&self) -> std::io::Result<()> {
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGTERM);
        signals.add(Signal::SIGINT);
        let mut blocked = signals;
        // A file that may not grow is a full disk, which is coped with, and no reason to die.
        blocked.add(Signal::SIGXFSZ);
        blocked.thread_block()?;
        let stopper = self.clone();
        let thread = std::thread::Builder::new().name("signals".into());
        thread.spawn(move || {
            if signals.wait().is_ok() {
                stopper.stop();
            }
        })?;
        Ok(())
    }

    pub(crate) fn listens(&self, listener: &UnixListener) -> std::io::Result<()> {
        locked(&self.0.listeners).push(listener.try_clone()?);
        Ok(())
    }

    /// Returns the connection's number.
    pub(crate) fn connected(&self, stream: &UnixStream) -> std::io::Result<u64> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        locked(&self.0.connections).insert(number, stream.try_clone()?);
        // Whoever asked in between did not see this connection.
        if self.is_asked() {
            stream.shutdown(std::net::Shutdown::Read)?;
        }
        Ok(number)
    }

    pub(crate) fn disconnected(&self, number: u64) {
        locked(&self.0.connections).remove(&number);
    }

    pub(crate) fn connections(&self) -> usize {
        locked(&self.0.connections).len()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
