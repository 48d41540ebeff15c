//! Sessions begin and end; officers and patients read the ledger.

use super::decide::About;
use super::{Asked, Core, Named, Outcome, SignIn, Verdict};
use ledger::entry::{self, Act, Subject, Why};
use terms::{Duration, Role, SESSION_HOURS_MAX, ServerId, SessionId, Time};

impl Core {
    /// A card signs in: the statement is verified, so what is left is whether it counts.
    pub(super) fn sign_in(&mut self, now: Time, server: ServerId, sign_in: SignIn) -> Outcome {
        let SignIn { signed, asked } = sign_in;
        let id = signed.card();
        let about =
            About { server, session: None, card: Some(id), file: None, request: signed.hash() };
        let Some(number) = self.state.card(id) else {
            let about = About { card: None, ..about };
            return self.refuse(now, about, (Why::Card, None));
        };
        if self.state.sessions.contains_key(&asked.session) {
            return self.say(now, Verdict::AskedWrongly("the session's name is taken"));
        }
        if let Err(why) = self.may_sign_in(now, number) {
            return self.refuse(now, about, (why, None));
        }
        if self.state.counted(signed.hash()) {
            return self.refuse(now, about, (Why::Replay, None));
        }
        match self.proved(now, &asked, &signed.device()) {
            Ok(_) if asked.method == "POST" => {}
            Ok(_) => return self.refuse(now, about, (Why::Signature, None)),
            Err(unproved) => return self.unproved(now, about, unproved),
        }
        let card = &self.state.cards[number as usize];
        let hours = signed.hours().unwrap_or(SESSION_HOURS_MAX).min(SESSION_HOURS_MAX);
        let most = self.limits.session_openings[card.role as usize];
        let started = entry::SessionStarted {
            session: asked.session,
            card: id,
            server,
            device: asked.proof.key().clone(),
            until: now + Duration::from_hours(hours),
            openings_max: signed.openings().unwrap_or(most).min(most),
            assertion: signed.hash(),
        };
        self.start_session(now, number, started)
    }

    /// The session begins, and ends with its card at the latest.
    pub(super) fn start_session(
        &mut self,
        now: Time,
        card: u32,
        mut started: entry::SessionStarted,
    ) -> Outcome {
        started.until = started.until.min(self.state.cards[card as usize].not_after);
        let session = started.session;
        let mut outcome = self.settle(now, vec![Act::SessionStarted(started)], Verdict::Done);
        outcome.verdict = match self.state.session(session) {
            Some(view) => Verdict::SignedIn(view),
            None => Verdict::AskedWrongly("the session would be over at once"),
        };
        let state = &self.state;
        self.fresh.forget(|session| state.sessions.contains_key(session));
        outcome
    }

    pub(super) fn may_sign_in(&self, now: Time, card: u32) -> Result<(), Why> {
        let card = &self.state.cards[card as usize];
        // Where practice or server is frozen, emergencies are left, and a session for them.
        if self.state.is_frozen(Subject::Card(card.id)) {
            return Err(Why::Frozen);
        }
        if card.revoked || card.not_after < now { Err(Why::Card) } else { Ok(()) }
    }

    /// A session ends; the server may say so unsigned, for that gives nobody anything.
    pub(super) fn sign_out(&mut self, now: Time, server: ServerId, session: SessionId) -> Outcome {
        match self.state.sessions.get(&session) {
            Some(row) if row.server == server && row.until > now => {
                let ended = entry::SessionEnded { session };
                self.settle(now, vec![Act::SessionEnded(ended)], Verdict::Done)
            }
            _ => self.say(now, Verdict::Done),
        }
    }

    /// Officers read the whole ledger, patients what it says about the own file. A freeze of the
    /// server or practice does not keep officers from learning whom it touched.
    pub(super) fn report(
        &mut self,
        now: Time,
        server: ServerId,
        asked: Asked,
        file: Option<Named>,
    ) -> Outcome {
        let blind = file.map(|file| file.blind);
        let (who, about, bound) = match self.admit(now, server, &asked, blind) {
            Ok(admitted) => admitted,
            Err(outcome) => return *outcome,
        };
        if bound.is_some() && bound != file.map(|file| file.id) {
            return self.refuse(now, about, (Why::Signature, None));
        }
        let own = blind.is_some() && blind == who.view.file;
        match who.view.role {
            role if who.stopped && role != Role::Officer => {
                self.refuse(now, about, (Why::Frozen, None))
            }
            Role::Officer => self.say(now, Verdict::Report(who.view)),
            Role::Patient if own => self.say(now, Verdict::Report(who.view)),
            _ => self.refuse(now, about, (Why::Role, None)),
        }
    }
}
