//! The way to the keyholder.

use crate::failure::{Failure, Outcome};
use keyproto::watcher::{SECRET, SOCKET, Watcher};
use ledger::entry::Entry;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use terms::Blind;
use watch::Step;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// A connection that was greeted.
pub(super) struct Link(Watcher<UnixStream>);

impl Link {
    /// Connects to the keyholder that runs now: each has a secret of its own.
    pub(super) fn new(folder: &Path) -> Outcome<Link> {
        let connect = || {
            let secret = std::fs::read(folder.join(SECRET))?;
            let secret = secret.try_into().map_err(|_| io::ErrorKind::InvalidData)?;
            let stream = UnixStream::connect(folder.join(SOCKET))?;
            stream.set_read_timeout(Some(ANSWER))?;
            stream.set_write_timeout(Some(ANSWER))?;
            Watcher::greet(stream, secret)
        };
        connect().map(Link).map_err(Failure::world("the keyholder"))
    }

    /// The entries from this number on, as many as it gives at once.
    pub(super) fn follow(&mut self, next: u64) -> Outcome<Vec<(u64, Entry)>> {
        let (entries, _) = self.0.follow(next).map_err(Failure::world("the keyholder"))?;
        let read = entries.into_iter().map(|(number, bytes)| {
            let entry = Entry::from_bytes(&bytes)
                .map_err(|_| Failure::World(format!("entry {number} cannot be understood")))?;
            Ok((number, entry))
        });
        read.collect()
    }

    /// Orders a step; says whether the keyholder found that it makes sense.
    pub(super) fn step(&mut self, step: Step) -> Outcome<bool> {
        match self.0.step(step) {
            Ok(_) => Ok(true),
            // What it says in words is about the step; anything else about the way to it.
            Err(error) if error.kind() == io::ErrorKind::Other => Ok(false),
            Err(error) => Err(Failure::World(format!("the keyholder: {error}"))),
        }
    }

    /// Whether an opening of this canary would be refused and stop its card.
    pub(super) fn rehearse(&mut self, canary: Blind) -> Outcome<bool> {
        self.0.rehearse(canary).map_err(Failure::world("the keyholder"))
    }
}
