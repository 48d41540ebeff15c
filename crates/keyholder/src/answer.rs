//! From a request to its answer: signatures are verified here, everything else is the core's.

use crate::clock::now;
use crate::error::KeyholderError;
use crate::event::event;
use crate::mind::{Decided, Shared, Trouble};
use crate::server::Disk;
use decision::{Asked, Event, Named, SessionView, Verdict};
use keyproto::jws::sha256;
use keyproto::message::{self, Ask, Failure, Health, Hello, Recorded, Refusal, Session, Welcome};
use keyproto::statement::Proof;
use keyproto::{Answer, Request};
use ledger::Files;
use seal::SealError;
use std::io;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use terms::{CardId, FileId, ServerId, SessionId};

mod checkpoint;
mod deposit;
mod find;
mod job;
mod open;
mod order;
mod prove;
mod sign_in;

/// One server's connection.
pub(crate) struct Connection<'s, F: Files> {
    shared: &'s Shared<F>,
    peer: Option<Peer>,
}

/// Who greeted us.
struct Peer {
    server: ServerId,
    origin: String,
}

/// What a request leads to where all goes well, or not.
type Answered = Result<Answer, No>;

/// Every end that is not the one that was asked for.
pub(crate) enum No {
    Refused(Refusal),
    Failed(Failure),
}

const ORIGIN_BYTES_MAX: usize = 256;

impl<'s, F: Disk> Connection<'s, F> {
    pub(crate) fn new(shared: &'s Shared<F>) -> Connection<'s, F> {
        Connection { shared, peer: None }
    }

    /// Answers one request; false if the connection is to be closed.
    pub(crate) fn answer(
        &mut self,
        request: Request,
        send: &mut dyn FnMut(&Answer) -> io::Result<()>,
    ) -> io::Result<bool> {
        if let Request::Hello(hello) = request {
            let answer = self.hello(hello);
            let welcome = matches!(answer, Answer::Welcome(_));
            send(&answer)?;
            return Ok(welcome);
        }
        let Some(peer) = &self.peer else { return Ok(false) };
        let asking = Asking { shared: self.shared, peer };
        match request {
            Request::Report(report) => crate::report::answer(&asking, report, send)?,
            request => send(&asking.answer(request).unwrap_or_else(Answer::from))?,
        }
        Ok(true)
    }

    fn hello(&mut self, hello: Hello) -> Answer {
        if hello.version != message::VERSION {
            let text = format!("this keyholder speaks version {}", message::VERSION);
            return No::from(text.as_str()).into();
        }
        if hello.origin.is_empty() || hello.origin.len() > ORIGIN_BYTES_MAX {
            return No::from("the origin is empty or too long").into();
        }
        self.peer = Some(Peer { server: hello.server, origin: hello.origin });
        let ring = &self.shared.ring;
        Answer::Welcome(Welcome {
            tenant: ring.tenant().to_owned(),
            verifier: ring.signer.verifier().to_string(),
        })
    }
}

/// One request of a known server.
pub(crate) struct Asking<'c, F: Files> {
    pub(crate) shared: &'c Shared<F>,
    peer: &'c Peer,
}

/// What a server forwards of a client's request.
pub(crate) struct Forwarded {
    pub(crate) session: SessionId,
    pub(crate) proof: String,
    pub(crate) method: String,
    pub(crate) url: String,
}

impl<F: Files> Asking<'_, F> {
    fn answer(&self, request: Request) -> Answered {
        match request {
            Request::Nonce(nonce) => Ok(Answer::Nonce(self.nonce(nonce.file)?)),
            Request::SignIn(sign_in) => self.sign_in(sign_in),
            Request::Open(open) => self.open(open),
            Request::OpenForJob(open) => self.open_for_job(open),
            Request::Job(job) => self.job(job),
            Request::Present(present) => self.present(&present),
            Request::Find(find) => self.find(find),
            Request::Deposit(deposit) => self.deposit(deposit),
            Request::Commit(commit) => self.commit(&commit),
            Request::Abort(grant) => self.abort(grant),
            Request::Order(order) => self.order(&order),
            Request::Prove(prove) => self.prove(prove),
            Request::Directory => self.directory(),
            Request::SignOut(session) => self.sign_out(session),
            Request::Checkpoint(older) => self.checkpoint(older),
            Request::Cosigned(note) => self.cosigned(&note),
            Request::Health => Ok(Answer::Health(self.health())),
            Request::Backup => {
                crate::backup::make(self.shared)?;
                Ok(Answer::Done)
            }
            // Two are answered before this, and three are the watch's, who comes in elsewhere.
            Request::Hello(_) | Request::Report(_) => Err("not here".into()),
            Request::Watch(_) | Request::Follow(_) | Request::Step(_) | Request::Rehearse(_) => {
                Err("not here".into())
            }
        }
    }

    /// Decides and records.
    pub(crate) fn decide(&self, event: Event) -> Result<Decided, No> {
        Ok(self.shared.decide(self.peer.server, event, None)?)
    }

    /// What every verdict that brings nothing means for the asker. `file` is what a fresh nonce
    /// would be for.
    pub(crate) fn otherwise(&self, decided: &Decided, file: Option<FileId>) -> No {
        match decided.verdict {
            Verdict::Refused { ask, .. } => {
                No::Refused(Refusal { entry: decided.entry, ask, nonce: None })
            }
            Verdict::StaleNonce => match self.nonce(file) {
                Ok(nonce) => {
                    No::Refused(Refusal { entry: 0, ask: Ask::Nothing, nonce: Some(nonce) })
                }
                Err(no) => no,
            },
            Verdict::Busy => No::Failed(Failure::Busy),
            Verdict::GrantGone => No::Failed(Failure::GrantGone),
            Verdict::AskedWrongly(why) => why.into(),
            _ => KeyholderError::Tampered("a verdict that does not belong here".into()).into(),
        }
    }

    /// The verified proof, or the refusal that the ledger has.
    pub(crate) fn verified(&self, forwarded: Forwarded, file: Option<FileId>) -> Result<Asked, No> {
        let Forwarded { session, proof, method, url } = forwarded;
        match Proof::verify(&proof) {
            Ok(proof) => {
                let origin = self.peer.origin.clone();
                Ok(Asked { session, proof, method, url, origin })
            }
            Err(_) => Err(self.unverified(Some(session), None, file, &proof)),
        }
    }

    /// Refuses and records a statement that did not verify.
    fn unverified(
        &self,
        session: Option<SessionId>,
        card: Option<CardId>,
        file: Option<FileId>,
        text: &str,
    ) -> No {
        let file = file.map(|file| self.shared.ring.blind(file));
        let request = sha256(text.as_bytes());
        match self.decide(Event::Unverified { session, card, file, request }) {
            Ok(decided) => self.otherwise(&decided, None),
            Err(no) => no,
        }
    }

    fn nonce(&self, file: Option<FileId>) -> Result<String, No> {
        Ok(self.shared.mind()?.core.nonce(now(), file))
    }

    fn sign_out(&self, session: SessionId) -> Answered {
        let decided = self.decide(Event::SignOut(session))?;
        match decided.verdict {
            Verdict::Done => Ok(Answer::Done),
            _ => Err(self.otherwise(&decided, None)),
        }
    }

    fn health(&self) -> Health {
        let shared = self.shared;
        let checkpoint = &shared.checkpoint;
        let mut health = Health {
            ready: false,
            entries: shared.log().head().size,
            files: 0,
            sessions: 0,
            openings: shared.counts.openings.load(Ordering::Relaxed),
            refusals: shared.counts.refusals.load(Ordering::Relaxed),
            checkpoint: checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            trouble: None,
            taken_away: shared.counts.taken_away.load(Ordering::Relaxed),
        };
        match shared.mind() {
            Ok(mind) => {
                let state = mind.core.state();
                (health.files, health.sessions) = (state.files(), state.sessions());
                health.ready = true;
            }
            Err(Trouble(trouble)) => health.trouble = Some(trouble),
        }
        health
    }

    pub(crate) fn named(&self, id: FileId) -> Named {
        Named { id, blind: self.shared.ring.blind(id) }
    }

    /// A session as the server needs it.
    pub(crate) fn session(&self, view: &SessionView) -> Result<Session, No> {
        let file = match view.file {
            Some(blind) => self.shared.table.get(&self.shared.ring, blind)?,
            None => None,
        };
        Ok(Session {
            session: view.session,
            card: view.card,
            role: view.role,
            practice: view.practice,
            until: view.until,
            thumbprint: view.thumbprint.into(),
            file: file.map(|(file, _)| file),
        })
    }
}

fn recorded(decided: &Decided) -> Answer {
    Answer::Recorded(Recorded { entry: decided.entry, at: decided.at })
}

impl From<No> for Answer {
    fn from(no: No) -> Answer {
        match no {
            No::Refused(refusal) => Answer::Refused(refusal),
            No::Failed(failure) => Answer::Failed(failure),
        }
    }
}

impl From<&str> for No {
    /// Asked wrongly, and this is how.
    fn from(why: &str) -> No {
        No::Failed(Failure::AskedWrongly(why.to_owned()))
    }
}

impl From<Trouble> for No {
    fn from(Trouble(why): Trouble) -> No {
        No::Failed(Failure::World(why))
    }
}

impl From<KeyholderError> for No {
    /// What failed around a decision: an alarm, and nothing is released.
    fn from(error: KeyholderError) -> No {
        event("alarm", &[("why", &error)]);
        No::Failed(match error {
            KeyholderError::Tampered(why) => Failure::Tampered(why),
            other => Failure::World(other.to_string()),
        })
    }
}

impl From<SealError> for No {
    fn from(error: SealError) -> No {
        KeyholderError::from(error).into()
    }
}
