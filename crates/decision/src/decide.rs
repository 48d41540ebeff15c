//! May this session open this file? From top to bottom, in the order of the checks.
//!
//! Trust: every key release goes through [`Core::open`], [`Core::present`] or a look-up, and each
//! of them asks [`Core::live`], the relation and the matrix anew.

use super::ladder::Basis;
use super::matrix;
use super::proof::Unproved;
use super::relation::Related;
use super::rows::{FileRow, Session};
use super::state::Token;
use super::{Asked, Core, Named, Outcome, Released, SessionView, Verdict, Wish};
use keyproto::message::Ask;
use ledger::entry::{self, Act, Hash, Subject, Why};
use terms::{
    Blind, Duration, FileId, Grade, Purpose, RelationClass, Role, SESSION_HOURS_MAX, Section,
    Sections, ServerId, SessionId, Time, planted,
};

/// What is left of a file to those who are stopped, in an emergency.
const SUMMARY: Sections = Sections::of(&[Section::Summary]);

/// A live session whose card may act.
pub(super) struct Who {
    pub(super) view: SessionView,
    pub(super) card: u32,
    pub(super) practice: u32,
    pub(super) started: Time,
    /// It began before its card was told to sign in again.
    pub(super) stale: bool,
    /// Practice or server is frozen: nothing is left but summaries in emergencies.
    pub(super) stopped: bool,
}

/// What a refusal is about; whatever of it is known goes into the ledger.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub(super) server: ServerId,
    pub(super) session: Option<SessionId>,
    pub(super) card: Option<terms::CardId>,
    pub(super) file: Option<Blind>,
    pub(super) request: Hash,
}

/// What an opening releases, before it is numbered and recorded.
pub(super) struct Opening {
    pub(super) file: u32,
    pub(super) class: RelationClass,
    pub(super) grade: Grade,
    pub(super) sections: Sections,
    pub(super) repeat: bool,
    /// Nothing but the summary is left to this card.
    pub(super) confined: bool,
}

/// A refusal, and what it freezes.
pub(super) type No = (Why, Option<Subject>);

impl Core {
    /// A session opens a file.
    pub(super) fn open(
        &mut self,
        now: Time,
        server: ServerId,
        asked: Asked,
        file: Named,
        close: bool,
    ) -> Outcome {
        let (who, about, bound) = match self.admit(now, server, &asked, Some(file.blind)) {
            Ok(admitted) => admitted,
            Err(outcome) => return *outcome,
        };
        // A proof of this very file?
        if bound != Some(file.id) {
            return self.refuse(now, about, (Why::Signature, None));
        }
        let proof = &asked.proof;
        let token = proof.token().map(|hash| {
            let hours = proof.token_hours().unwrap_or(SESSION_HOURS_MAX).min(SESSION_HOURS_MAX);
            let until = (now + Duration::from_hours(hours)).min(who.view.until);
            entry::Token { hash, until, sections: Sections::NONE }
        });
        let reason = proof.reason().map(str::to_owned);
        let wish = Wish { purpose: proof.purpose(), sections: proof.sections(), reason, close };
        self.open_as(now, &who, about, wish, token)
    }

    /// The same for a session that is known to wish it; `about` says which file.
    pub(super) fn open_as(
        &mut self,
        now: Time,
        who: &Who,
        about: About,
        wish: Wish,
        token: Option<entry::Token>,
    ) -> Outcome {
        let known = about.file.and_then(|file| self.state.files.find(&file));
        let judged = self.judge(now, who, &wish, token.as_ref(), known, about.server);
        match self.unless_canary(known, &about, judged) {
            Err(no) => self.refuse(now, about, no),
            Ok(opening) => self.release(now, who, about, wish, token, opening),
        }
    }

    /// Last, and whatever was judged before: a canary is refused, and stops the card.
    fn unless_canary(
        &self,
        known: Option<u32>,
        about: &About,
        judged: Result<Opening, No>,
    ) -> Result<Opening, No> {
        if self.is_canary(known) {
            return Err((Why::Canary, about.card.map(Subject::Card)));
        }
        judged
    }

    /// Whether a card that nothing else speaks against would be stopped at this canary: the watch
    /// asks each minute. Nothing is recorded and nothing changes.
    pub fn rehearse(&self, canary: Blind) -> bool {
        let Some(file) = self.state.files.find(&canary) else { return false };
        let card = terms::CardId::from_bytes([0; terms::CardId::LENGTH]);
        let (server, request) = (ServerId::from_bytes([0; ServerId::LENGTH]), [0; 32]);
        let about = About { server, session: None, card: Some(card), file: Some(canary), request };
        let (class, grade, sections) = (RelationClass::Presence, Grade::Strong, Sections::ALL);
        let (repeat, confined) = (false, false);
        let opening = Opening { file, class, grade, sections, repeat, confined };
        let stopped = (Why::Canary, Some(Subject::Card(card)));
        self.unless_canary(Some(file), &about, Ok(opening)).is_err_and(|no| no == stopped)
    }

    /// What every signed request passes first; returns the file its proof is bound to.
    pub(super) fn admit(
        &mut self,
        now: Time,
        server: ServerId,
        asked: &Asked,
        file: Option<Blind>,
    ) -> Result<(Who, About, Option<FileId>), Box<Outcome>> {
        let (session, request) = (Some(asked.session), asked.proof.hash());
        let about = About { server, session, card: None, file, request };
        // Frozen? Session live, and here? Card not revoked, not out of date?
        let who = match self.live(now, server, asked.session) {
            Ok(who) => who,
            Err(why) => return Err(Box::new(self.refuse(now, about, (why, None)))),
        };
        let about = About { card: Some(who.view.card), ..about };
        // Signed by the session's device, fresh, new, for this address?
        match self.proved(now, asked, &who.view.thumbprint) {
            Ok(bound) => Ok((who, about, bound)),
            Err(unproved) => Err(Box::new(self.unproved(now, about, unproved))),
        }
    }

    /// A bearer token repeats its opening: everything but budgets is asked again.
    pub(super) fn present(&mut self, now: Time, server: ServerId, token: Hash) -> Outcome {
        let about = About { server, session: None, card: None, file: None, request: token };
        let bearer = match self.state.tokens.get(&Token::from(token)) {
            Some(bearer) if bearer.until > now => bearer.clone(),
            _ => return self.refuse(now, about, (Why::Session, None)),
        };
        let (session, row) = (bearer.session, self.state.files.row(bearer.file));
        let about = About { session: Some(session), file: Some(row.blind), ..about };
        let who = match self.free(now, server, session) {
            Ok(who) => who,
            Err(why) => return self.refuse(now, about, (why, None)),
        };
        let about = About { card: Some(who.view.card), request: bearer.request, ..about };
        let emergency = bearer.class == RelationClass::Emergency;
        let related = self.class_of(now, &who, bearer.file);
        let related = related.or(emergency.then_some((RelationClass::Emergency, Grade::None)));
        let why = match related {
            _ if self.is_canary(Some(bearer.file)) => return self.refuse_canary(now, about),
            _ if row.is(FileRow::ERASED) => Why::NoFile,
            None => Why::NoRelation,
            Some(_) if !emergency && self.is_unwitnessed(now) => Why::Unwitnessed,
            Some((class, _)) if row.is(FileRow::RESTRICTED) && class != RelationClass::Own => {
                Why::Restricted
            }
            Some((_, grade)) if let Err(why) = self.may_repeat(now, &who, grade) => why,
            Some((class, grade)) => {
                let allowed = self.allowed(&who, bearer.file, class);
                let (file, sections) = (bearer.file, bearer.sections.intersection(allowed));
                let (repeat, confined) = (true, false);
                let opening = Opening { file, class, grade, sections, repeat, confined };
                let released = self.released(&who, &opening, bearer.purpose, bearer.until);
                let act = Act::Opened(opened(&about, &released, &opening));
                return self.settle(now, vec![act], Verdict::Opened(released));
            }
        };
        self.refuse(now, about, (why, None))
    }

    /// Everything between proof and canary.
    fn judge(
        &self,
        now: Time,
        who: &Who,
        wish: &Wish,
        token: Option<&entry::Token>,
        known: Option<u32>,
        server: ServerId,
    ) -> Result<Opening, No> {
        let no = |why| (why, None);
        // Known, not erased, not restricted?
        let file = known.ok_or(no(Why::NoFile))?;
        let row = self.state.files.row(file);
        if row.is(FileRow::ERASED | FileRow::DIRECTORY) {
            return Err(no(Why::NoFile));
        }
        // Relation?
        let basis = self.basis(now, who, wish, file).map_err(no)?;
        let Basis { class, grade, confined } = basis;
        if row.is(FileRow::RESTRICTED) && class != RelationClass::Own {
            return Err(no(Why::Restricted));
        }
        // Role and sections?
        let allowed = self.allowed(who, file, class).intersection(left(confined));
        let sections = wish.sections.unwrap_or(Sections::ALL).intersection(allowed);
        if sections.is_empty() {
            return Err(no(Why::Role));
        }
        // A token that is not another's?
        if token.is_some_and(|t| self.state.tokens.contains_key(&Token::from(t.hash))) {
            return Err(no(Why::Replay));
        }
        // What the rung asks for, and who is close?
        self.rung_allows(now, who, grade, wish).map_err(no)?;
        // Every budget?
        let repeat = self.state.repeats(who.card, file, now, &basis);
        let opening = Opening { file, class, grade, sections, repeat, confined };
        if !repeat && class != RelationClass::Own {
            self.budgets(now, who, server, &opening)?;
        }
        let session = &self.state.sessions[&who.view.session];
        let full = session.opened.len() as u64 >= u64::from(session.openings_max);
        if full && !session.opened.contains(&file) {
            return Err(no(Why::SessionBudget));
        }
        Ok(opening)
    }

    /// The relation of a session to a file; emergencies are none.
    pub(super) fn class_of(&self, now: Time, who: &Who, file: u32) -> Option<Related> {
        if who.view.role == Role::Patient {
            let own = self.is_own(who, file) || self.state.is_deputy(file, who.card);
            return own.then_some((RelationClass::Own, Grade::Strong));
        }
        planted!("skips the relation", return Some((RelationClass::Contact, Grade::Strong)));
        self.state.related(file, who.practice, now)
    }

    fn is_own(&self, who: &Who, file: u32) -> bool {
        who.view.file == Some(self.state.files.row(file).blind)
    }

    /// The sections of a file that a session may open under this relation.
    pub(super) fn allowed(&self, who: &Who, file: u32, class: RelationClass) -> Sections {
        let allowed = matrix::sections(who.view.role, class);
        if self.is_own(who, file) { allowed } else { allowed.without(self.state.hidden(file)) }
    }

    /// The session, if it is live and nothing is frozen around it.
    pub(super) fn free(&self, now: Time, server: ServerId, session: SessionId) -> Result<Who, Why> {
        let who = self.live(now, server, session)?;
        if who.stopped { Err(Why::Frozen) } else { Ok(who) }
    }

    /// The session, if it is live and nothing stops its card; for whoever asks what is `stopped`.
    pub(super) fn live(&self, now: Time, server: ServerId, session: SessionId) -> Result<Who, Why> {
        let row = self.state.sessions.get(&session).ok_or(Why::Session)?;
        let card = &self.state.cards[row.card as usize];
        if self.state.is_frozen(Subject::Card(card.id)) {
            return Err(Why::Frozen);
        }
        planted!("any server will do", return Ok(self.who(session, row, server)));
        if row.until <= now || row.server != server {
            return Err(Why::Session);
        }
        if card.revoked || card.not_after < now {
            return Err(Why::Card);
        }
        Ok(self.who(session, row, server))
    }

    fn who(&self, session: SessionId, row: &Session, server: ServerId) -> Who {
        let practice = self.state.cards[row.card as usize].practice;
        let view = self.state.view(session, row);
        let stopped = self.state.is_stopped(practice, server);
        Who { view, card: row.card, practice, started: row.started, stale: row.stale, stopped }
    }

    pub(super) fn unproved(&mut self, now: Time, about: About, unproved: Unproved) -> Outcome {
        match unproved {
            Unproved::StaleNonce => self.say(now, Verdict::StaleNonce),
            Unproved::No(why) => self.refuse(now, about, (why, None)),
        }
    }

    fn card_of(&self, session: SessionId) -> Option<terms::CardId> {
        let row = self.state.sessions.get(&session)?;
        Some(self.state.cards[row.card as usize].id)
    }

    fn release(
        &mut self,
        now: Time,
        who: &Who,
        about: About,
        wish: Wish,
        token: Option<entry::Token>,
        opening: Opening,
    ) -> Outcome {
        let purpose = match opening.class {
            RelationClass::Own => Purpose::PatientRequest,
            _ => wish.purpose,
        };
        let Wish { reason, close, .. } = wish;
        // What arrives in these sections while the token lives is released with it.
        let token = token.map(|token| entry::Token { sections: opening.sections, ..token });
        let released = self.released(who, &opening, purpose, who.view.until);
        planted!("releases without an entry", return self.say(now, Verdict::Opened(released)));
        let opened = entry::Opened { reason, token, close, ..opened(&about, &released, &opening) };
        self.settle(now, vec![Act::Opened(opened)], Verdict::Opened(released))
    }

    /// What a session gets of a file: of these sections, what the file has.
    pub(super) fn released(
        &self,
        who: &Who,
        opening: &Opening,
        purpose: Purpose,
        until: Time,
    ) -> Released {
        let Opening { file, class, grade, sections, .. } = *opening;
        let mut file = self.state.file_view(file);
        let present: Sections = file.keys.iter().map(|(_, section)| *section).collect();
        file.keys.retain(|(_, section)| sections.contains(*section));
        Released {
            file,
            sections: sections.intersection(present),
            hidden: present.without(sections),
            class,
            grade,
            purpose,
            until,
            session: who.view.clone(),
            entry: self.state.entries(),
        }
    }

    pub(super) fn is_canary(&self, file: Option<u32>) -> bool {
        planted!("skips the canary", return false);
        file.is_some_and(|file| self.state.files.row(file).is(FileRow::CANARY))
    }

    pub(super) fn refuse_canary(&mut self, now: Time, about: About) -> Outcome {
        self.refuse(now, about, (Why::Canary, about.card.map(Subject::Card)))
    }

    /// The one shape of every refusal.
    pub(super) fn refuse(&mut self, now: Time, about: About, (why, freeze): No) -> Outcome {
        let About { server, session, card, file, request } = about;
        let card = card.or_else(|| self.card_of(session?));
        let refused = entry::Refused { why, server, session, card, file, request };
        let mut acts = vec![Act::Refused(refused)];
        if let Some(subject) = freeze {
            let frozen = entry::Frozen {
                subject,
                why: Some(why),
                reason: None,
                by: Vec::new(),
                finding: None,
            };
            acts.push(Act::Frozen(frozen));
        }
        planted!("keeps refusals to itself", acts.clear());
        self.settle(now, acts, Verdict::Refused { why, ask: asks(why) })
    }
}

/// What is left of a file.
fn left(confined: bool) -> Sections {
    planted!("confines nobody", return Sections::ALL);
    if confined { SUMMARY } else { Sections::ALL }
}

/// What the asker can do about it; everything else looks the same.
const fn asks(why: Why) -> Ask {
    match why {
        Why::StepUp => Ask::SignIn,
        Why::Reason => Ask::Reason,
        Why::Weak => Ask::Colleague,
        Why::Held => Ask::Release,
        _ => Ask::Nothing,
    }
}

/// What the ledger says of an opening without a reason or a token of its own.
fn opened(about: &About, released: &Released, opening: &Opening) -> entry::Opened {
    entry::Opened {
        session: released.session.session,
        card: released.session.card,
        practice: released.session.practice,
        server: about.server,
        file: released.file.file,
        sections: released.sections,
        class: released.class,
        purpose: released.purpose,
        segments: released.file.segments,
        repeat: opening.repeat,
        request: about.request,
        reason: None,
        token: None,
        grade: released.grade,
        close: false,
    }
}
