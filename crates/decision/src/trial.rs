//! Trials under a virtual clock: the very decisions, without anybody's signature.
//!
//! Trust: a [`Trial`] makes its own core from nothing and never gives it away, and no core comes
//! in, so none that a keyholder asks is one. `cargo xtask boundaries` holds that no keyholder
//! mentions it. What it answers are words about made-up files: there are no keys here.

use super::decide::{About, Who};
use super::{Begin, Core, Event, Limits, Named, Outcome, State, Step, Target, Verdict, Wish};
use keyproto::statement::Order;
use ledger::entry::{self, Entry, Hash, LookUp};
use terms::{
    Blind, CardId, Duration, FileId, ListId, PublicKey, SESSION_HOURS_MAX, Section, ServerId,
    SessionId, Time,
};

/// A core for trials, which no keyholder holds: nothing is signed, nothing is released.
pub struct Trial {
    core: Core,
    /// Stands in for the hash of whatever would have been signed.
    statements: u64,
}

impl Trial {
    /// Begins a ledger of its own.
    pub fn new(limits: Limits, at: Time, begin: Begin) -> (Trial, Vec<Entry>) {
        let mut core = Core::new(State::default(), [0; 32], limits);
        let server = ServerId::from_bytes([0; ServerId::LENGTH]);
        let outcome = core.handle(at, server, Event::Begin(begin));
        (Trial { core, statements: 0 }, outcome.entries)
    }

    /// What the ledger says.
    pub fn state(&self) -> &State {
        self.core.state()
    }

    /// A card signs in, as if it had signed.
    pub fn sign_in(
        &mut self,
        now: Time,
        server: ServerId,
        card: CardId,
        session: SessionId,
        device: [u8; 32],
    ) -> Outcome {
        let assertion = self.statement();
        self.core.after_what_lapsed(now, false, |core, now| {
            let Some(number) = core.state.card(card) else {
                return core.say(now, Verdict::AskedWrongly("no such card"));
            };
            if core.state.sessions.contains_key(&session) {
                return core.say(now, Verdict::AskedWrongly("the session's name is taken"));
            }
            if let Err(why) = core.may_sign_in(now, number) {
                let (card, file, request) = (Some(card), None, assertion);
                let about = About { server, session: None, card, file, request };
                return core.refuse(now, about, (why, None));
            }
            // No signature is ever verified with it.
            let point = [&[4], &device[..], &device[..]].concat();
            let Some(device) = PublicKey::from_point(&point) else {
                return core.say(now, Verdict::AskedWrongly("not a device"));
            };
            let role = core.state.cards[number as usize].role;
            let openings_max = core.limits.session_openings[role as usize];
            let until = now + Duration::from_hours(SESSION_HOURS_MAX);
            let started = entry::SessionStarted {
                session,
                card,
                server,
                device,
                until,
                openings_max,
                assertion,
            };
            core.start_session(now, number, started)
        })
    }

    /// A session opens a file.
    pub fn open(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        file: Blind,
        wish: Wish,
    ) -> Outcome {
        self.as_session(now, server, session, Some(file), |core, now, who, about| {
            core.open_as(now, &who, about, wish, None)
        })
    }

    /// A session looks for a patient, and the locator would find these.
    pub fn find(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        by: LookUp,
        hits: &[Blind],
    ) -> Outcome {
        self.as_session(now, server, session, None, |core, now, who, about| {
            core.find_as(now, &who, about, by, hits)
        })
    }

    /// A session appends to a file, or makes it, on this list if on one; all of it at once.
    pub fn deposit(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        file: Blind,
        sections: Vec<Section>,
        list: Option<ListId>,
    ) -> Outcome {
        let named = Named { id: FileId::from_bytes(*file.as_bytes()), blind: file };
        let target = match self.core.state.files.find(&file) {
            Some(_) => Target::File(named),
            None => Target::New { file: named, list, unless: None },
        };
        let head = self.statement();
        let mut granted =
            self.core.handle(now, server, Event::Deposit { session, target, sections });
        let Verdict::Granted(grant) = &granted.verdict else { return granted };
        let event = Event::Commit { grant: grant.grant, head };
        let committed = self.core.handle(now, server, event);
        granted.entries.extend(committed.entries);
        Outcome { verdict: committed.verdict, ..granted }
    }

    /// These cards order something, as if each had signed it.
    pub fn order(
        &mut self,
        now: Time,
        server: ServerId,
        order: &Order,
        file: Option<Blind>,
        by: &[CardId],
    ) -> Outcome {
        let signers: Vec<_> = by.iter().map(|card| (*card, self.statement())).collect();
        self.core.after_what_lapsed(now, false, |core, now| {
            core.order_by(now, server, order, &signers, file)
        })
    }

    /// The watch steps in.
    pub fn step(&mut self, now: Time, step: Step) -> Outcome {
        self.core.after_what_lapsed(now, false, |core, now| core.step(now, step))
    }

    fn as_session(
        &mut self,
        now: Time,
        server: ServerId,
        session: SessionId,
        file: Option<Blind>,
        act: impl FnOnce(&mut Core, Time, Who, About) -> Outcome,
    ) -> Outcome {
        let about =
            About { server, session: Some(session), card: None, file, request: self.statement() };
        self.core.after_what_lapsed(now, false, |core, now| match core.live(now, server, session) {
            Ok(who) => {
                let about = About { card: Some(who.view.card), ..about };
                act(core, now, who, about)
            }
            Err(why) => core.refuse(now, about, (why, None)),
        })
    }

    /// A hash that no other statement of this trial has.
    fn statement(&mut self) -> Hash {
        self.statements += 1;
        let mut hash = [0x54; 32];
        hash[..8].copy_from_slice(&self.statements.to_be_bytes());
        hash
    }
}
