//! The watch's own door: entries go out without anybody's words, and steps come in.
//!
//! Trust: what comes in here can only take away, and what goes out opens nothing; but it tells who
//! is opened by whom. So the door is a socket of its own, and who comes in shows the secret that
//! lies beside it: the server, which runs as the same user, is kept from that file by its walls.

use crate::answer::No;
use crate::entries::Opener;
use crate::error::{KeyholderError, Result};
use crate::mind::Shared;
use crate::random::random;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use decision::{Event, Step, Verdict};
use keyproto::message::{self, Recorded, Watch, Welcome};
use keyproto::watcher::{SECRET, SOCKET};
use keyproto::{Answer, Request};
use ledger::Files;
use ledger::entry::{Act, Entry};
use std::os::unix::net::UnixListener;
use std::path::Path;
use terms::{Blind, ServerId};

/// Entries in one answer, and bytes of them.
const ENTRIES_MAX: u64 = 1024;
const BYTES_MAX: usize = 256 * 1024;

/// The watch's socket, and what whoever comes in has to show.
pub struct WatchDoor {
    pub(crate) listener: UnixListener,
    pub(crate) secret: Secret,
}

/// Drawn anew at each start.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

impl WatchDoor {
    /// Opens the door in this folder, which becomes the owner's alone.
    pub fn open(folder: &Path) -> Result<WatchDoor> {
        let listener = crate::server::listen(&folder.join(SOCKET))?;
        let secret = random()?;
        crate::files::replace(&folder.join(SECRET), &secret)?;
        Ok(WatchDoor { listener, secret: Secret(secret) })
    }
}

/// One connection of the watch.
pub(crate) struct Watching<'s, F: Files> {
    shared: &'s Shared<F>,
    secret: Secret,
    greeted: bool,
}

impl<'s, F: Files> Watching<'s, F> {
    pub(crate) fn new(shared: &'s Shared<F>, secret: Secret) -> Watching<'s, F> {
        Watching { shared, secret, greeted: false }
    }

    /// Answers one request, or nothing where the connection is to be closed.
    pub(crate) fn answer(&mut self, request: Request) -> Option<Answer> {
        let answered = match request {
            Request::Watch(watch) if self.admits(&watch) => {
                self.greeted = true;
                let ring = &self.shared.ring;
                let (tenant, verifier) = (ring.tenant().to_owned(), ring.signer.verifier());
                Ok(Answer::Welcome(Welcome { tenant, verifier: verifier.to_string() }))
            }
            Request::Follow(next) if self.greeted => self.follow(next),
            Request::Step(step) if self.greeted => self.step(step),
            Request::Rehearse(canary) if self.greeted => self.rehearse(canary),
            _ => return None,
        };
        Some(answered.unwrap_or_else(Answer::from))
    }

    fn admits(&self, watch: &Watch) -> bool {
        let shown = verify_slices_are_equal(&watch.secret, &self.secret.0).is_ok();
        shown && watch.version == message::VERSION
    }

    fn follow(&self, from: u64) -> std::result::Result<Answer, No> {
        let log = self.shared.log();
        let size = log.head().size;
        if from > size {
            return Err("the ledger was never that long".into());
        }
        let (mut entries, mut bytes, mut next) = (Vec::new(), 0, from);
        let mut opener = Opener::new(&self.shared.ring);
        log.read(from..size.min(from + ENTRIES_MAX), |number, leaf| -> Result<()> {
            if bytes < BYTES_MAX {
                bytes += leaf.len();
                next = number + 1;
                let entry = wordless(opener.entry(number, leaf)?);
                entries.push((number, entry.to_bytes().into()));
            }
            Ok(())
        })?;
        Ok(Answer::Entries(entries, next))
    }

    fn rehearse(&self, canary: Blind) -> std::result::Result<Answer, No> {
        let mind = self.shared.mind()?;
        Ok(Answer::Rehearsed(mind.core.rehearse(canary)))
    }

    fn step(&self, step: Step) -> std::result::Result<Answer, No> {
        let nobody = ServerId::from_bytes([0; ServerId::LENGTH]);
        let before = self.shared.decide(nobody, Event::Step(step), None)?;
        match before.verdict {
            Verdict::Ordered => {
                Ok(Answer::Recorded(Recorded { entry: before.entry, at: before.at }))
            }
            Verdict::Done => Ok(Answer::Done),
            Verdict::AskedWrongly(why) => Err(why.into()),
            _ => Err(KeyholderError::Tampered("a verdict that is no step's".into()).into()),
        }
    }
}

/// The entry without what people wrote: that they wrote is seen all the same.
fn wordless(mut entry: Entry) -> Entry {
    match &mut entry.act {
        Act::Opened(opened) => opened.reason.iter_mut().for_each(String::clear),
        Act::Frozen(frozen) => frozen.reason.iter_mut().for_each(String::clear),
        Act::Unfrozen(unfrozen) => unfrozen.reason.clear(),
        Act::CardRevoked(revoked) => revoked.reason.clear(),
        Act::Held(held) => {
            held.reason.clear();
            held.case.clear();
        }
        _ => {}
    }
    entry
}
