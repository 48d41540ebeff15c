//! The watch's side of its socket, over any stream; blocking, one request at a time.

use crate::frame;
use crate::message::{Answer, Failure, Recorded, Request, Step, VERSION, Watch, Welcome};
use std::io::{self, Read, Write};
use terms::Blind;

/// Name of the socket in the watch's folder.
pub const SOCKET: &str = "watch.sock";
/// Name of the file beside it, with the secret of the keyholder that runs: 32 bytes.
pub const SECRET: &str = "watch.key";

/// A connection that was greeted.
pub struct Watcher<S> {
    stream: S,
    welcome: Welcome,
}

/// Entries with their numbers, as bytes of the ledger's entries, and where it goes on.
pub type Followed = (Vec<(u64, Vec<u8>)>, u64);

impl<S: Read + Write> Watcher<S> {
    /// Greets the keyholder.
    pub fn greet(mut stream: S, secret: [u8; 32]) -> io::Result<Watcher<S>> {
        let hello = Request::Watch(Watch { version: VERSION, secret });
        match ask(&mut stream, &hello)? {
            Answer::Welcome(welcome) => Ok(Watcher { stream, welcome }),
            answer => Err(otherwise(answer)),
        }
    }

    /// The installation's name and the ledger's verifier key.
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// The entries from this number on: at once, and none where there is no newer one yet.
    pub fn follow(&mut self, next: u64) -> io::Result<Followed> {
        match ask(&mut self.stream, &Request::Follow(next))? {
            Answer::Entries(entries, next) => {
                let entries = entries.into_iter().map(|(number, bytes)| (number, bytes.into()));
                Ok((entries.collect(), next))
            }
            answer => Err(otherwise(answer)),
        }
    }

    /// Steps in; returns the entry that records it, or none where it took nothing away.
    pub fn step(&mut self, step: Step) -> io::Result<Option<Recorded>> {
        match ask(&mut self.stream, &Request::Step(step))? {
            Answer::Recorded(recorded) => Ok(Some(recorded)),
            Answer::Done => Ok(None),
            answer => Err(otherwise(answer)),
        }
    }

    /// Whether this canary would stop whoever touches it; nothing is recorded.
    pub fn rehearse(&mut self, canary: Blind) -> io::Result<bool> {
        match ask(&mut self.stream, &Request::Rehearse(canary))? {
            Answer::Rehearsed(stopped) => Ok(stopped),
            answer => Err(otherwise(answer)),
        }
    }
}

fn ask(stream: &mut (impl Read + Write), request: &Request) -> io::Result<Answer> {
    frame::write(stream, &request.to_bytes())?;
    let bytes = frame::read(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Answer::from_bytes(&bytes).map_err(io::Error::other)
}

fn otherwise(answer: Answer) -> io::Error {
    io::Error::other(match answer {
        Answer::Failed(Failure::AskedWrongly(why) | Failure::World(why)) => why,
        Answer::Failed(Failure::Tampered(why)) => format!("tampered: {why}"),
        _ => "its answer does not fit the request".into(),
    })
}
