//! The decision: events in, ledger entries and a verdict out. Sans-IO, and the whole of the trust.
//!
//! Trust: nothing is released but by a [`Verdict`] of [`Core::handle`], whose entries the process
//! around it makes durable first. [`State`] is a fold of those entries and of nothing else; what a
//! [`Core`] holds besides may be lost with the process, and then every nonce is worthless as well.
//!
//! Read `decide.rs` for the decision, `state/apply.rs` for what entries mean.

mod budget;
mod colleague;
mod consent;
mod cost;
mod decide;
mod deposit;
mod event;
mod hold;
mod job;
mod ladder;
mod lookup;
mod matrix;
mod orders;
mod proof;
mod relate;
mod relation;
mod rows;
mod session;
mod state;
mod trial;
mod witnessed;

pub use budget::Limits;
pub use event::{
    Asked, Begin, Event, FileView, ForJob, Granted, Named, Outcome, Released, SessionView, SignIn,
    Target, Verdict, Wish,
};
pub use keyproto::message::{Step, Stop};
pub use matrix::sections;
pub use state::{Inconsistent, State};
pub use trial::Trial;
pub use witnessed::Lag;

use decide::About;
use deposit::Grants;
use ledger::entry::{self, Act, Entry, Why};
use proof::Freshness;
use terms::{FileId, ServerId, Time, planted};
use witnessed::Waiting;

/// The keyholder's mind: what the ledger says, and what may be forgotten when the process ends.
pub struct Core {
    state: State,
    limits: Limits,
    /// The latest time seen: never earlier than the last entry.
    clock: Time,
    fresh: Freshness,
    grants: Grants,
    waiting: Waiting,
}

impl Core {
    /// A core that goes on from this state; every nonce given out before is worthless.
    ///
    /// `nonce_key` is drawn at random for each process.
    pub fn new(state: State, nonce_key: [u8; 32], limits: Limits) -> Core {
        let (clock, fresh) = (state.time(), Freshness::new(&nonce_key));
        let waiting = Waiting::since_ever(state.entries());
        Core { state, limits, clock, fresh, grants: Grants::default(), waiting }
    }

    /// What the ledger says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// A nonce for proofs within [`terms::NONCE_SECONDS_MAX`]; with a file, a proof with it may
    /// open that file although the signed address does not name it.
    pub fn nonce(&mut self, now: Time, file: Option<FileId>) -> String {
        let now = self.later(now);
        self.fresh.nonce(now, file)
    }

    /// Decides: at once part of the state, and worth nothing until the entries are durable.
    ///
    /// After a failed append the process starts over from the ledger with [`Core::new`].
    pub fn handle(&mut self, now: Time, server: ServerId, event: Event) -> Outcome {
        let begins = matches!(event, Event::Begin(_));
        self.after_what_lapsed(now, begins, |core, now| core.decide(now, server, event))
    }

    /// Decides at a time that is not before any other, after the grants that ran out meanwhile.
    fn after_what_lapsed(
        &mut self,
        now: Time,
        begins: bool,
        decide: impl FnOnce(&mut Core, Time) -> Outcome,
    ) -> Outcome {
        let now = self.later(now);
        if (self.state.entries() == 0) != begins {
            return self.say(now, Verdict::AskedWrongly("a ledger begins once, and first"));
        }
        let mut entries = self.lapse(now);
        let lapsed = entries.len() as u64;
        let mut outcome = decide(self, now);
        outcome.first -= lapsed;
        entries.append(&mut outcome.entries);
        Outcome { entries, ..outcome }
    }

    fn decide(&mut self, now: Time, server: ServerId, event: Event) -> Outcome {
        match event {
            Event::Begin(begin) => self.begin(now, begin),
            Event::SignIn(sign_in) => self.sign_in(now, server, sign_in),
            Event::SignOut(session) => self.sign_out(now, server, session),
            Event::Open { asked, file, close } => self.open(now, server, asked, file, close),
            Event::OpenForJob { asked, wish } => self.open_for_job(now, server, &asked, &wish),
            Event::Present { token } => self.present(now, server, token),
            Event::Find { asked, by, hits } => self.find(now, server, asked, by, &hits),
            Event::Report { asked, file } => self.report(now, server, asked, file),
            Event::Deposit { session, target, sections } => {
                self.deposit(now, server, session, target, sections)
            }
            Event::Commit { grant, head } => self.commit(now, server, grant, head),
            Event::Abort { grant } => self.abort(now, server, grant),
            Event::Order { statements, file } => self.order(now, server, &statements, file),
            Event::Step(step) => self.step(now, step),
            Event::Directory => self.directory(now),
            Event::Epoch(epoch) if epoch > self.state.epoch() => {
                let began = entry::EpochBegan { epoch };
                self.settle(now, vec![Act::EpochBegan(began)], Verdict::Done)
            }
            Event::Epoch(_) => self.say(now, Verdict::AskedWrongly("the epoch is not a new one")),
            Event::Unverified { session, card, file, request } => {
                let about = About { server, session, card, file, request };
                self.refuse(now, about, (Why::Signature, None))
            }
        }
    }

    fn begin(&mut self, now: Time, begin: Begin) -> Outcome {
        let Begin { tenant, directory, practices, cards } = begin;
        let fits = cards.iter().all(|card| practices.iter().any(|p| p.practice == card.practice));
        let mut ids: Vec<_> = cards.iter().map(|card| *card.card.as_bytes()).collect();
        ids.extend(practices.iter().map(|practice| *practice.practice.as_bytes()));
        ids.sort_unstable();
        if !fits || ids.windows(2).any(|pair| pair[0] == pair[1]) {
            let wrong = "a card of no practice, or an id that is there twice";
            return self.say(now, Verdict::AskedWrongly(wrong));
        }
        let mut acts = vec![Act::Began(entry::Began { tenant, directory })];
        acts.extend(practices.into_iter().map(Act::PracticeRegistered));
        acts.extend(cards.into_iter().map(Act::CardIssued));
        self.settle(now, acts, Verdict::Done)
    }

    /// The directory holds nothing about patients, so opening it is nobody's exposure and no entry.
    fn directory(&mut self, now: Time) -> Outcome {
        let view = self.state.directory_view();
        self.say(now, Verdict::Directory(view))
    }

    /// Time as the core counts it: never backwards.
    fn later(&mut self, now: Time) -> Time {
        planted!("time runs backwards", return now);
        self.clock = self.clock.max(now).max(self.state.time());
        self.clock
    }

    /// A verdict that leaves nothing to record, except what ran out meanwhile.
    fn say(&mut self, now: Time, verdict: Verdict) -> Outcome {
        self.settle(now, Vec::new(), verdict)
    }

    /// Makes entries of these acts and takes them into the state.
    fn settle(&mut self, at: Time, acts: Vec<Act>, verdict: Verdict) -> Outcome {
        let first = self.state.entries();
        let entries: Vec<Entry> = acts.into_iter().map(|act| Entry { at, act }).collect();
        for (number, entry) in (first..).zip(&entries) {
            // Invariant: every act was checked against the state before it came here; going on with
            // a state that differs from the ledger would be worse than stopping.
            self.state.apply(number, entry).expect("invariant: own entries follow");
        }
        // Without witnesses nothing would ever be taken out again.
        if !entries.is_empty() && self.limits.lag.is_some() {
            self.waiting.made(self.state.entries() - 1, at);
        }
        Outcome { first, entries, verdict }
    }
}
