//! Who is who: cards, practices, servers and live sessions, as the entries name them.

use ledger::entry::{Act, CardIssued, Entry, SessionStarted, Stepped, Subject};
use std::collections::HashMap;
use terms::{CardId, Finding, PracticeId, Role, Rung, ServerId, SessionId, Time};

/// One card.
#[derive(Clone, Debug)]
pub(crate) struct CardRow {
    pub(crate) id: CardId,
    pub(crate) role: Role,
    pub(crate) practice: usize,
    pub(crate) issued: Time,
    /// Officers ordered it, as they do with every card after the first.
    pub(crate) ordered: bool,
    /// The rung it stands on, until when, and why.
    rung: (Rung, Time, Option<Finding>),
    frozen: bool,
}

impl CardRow {
    /// The rung it stands on at that time.
    pub(crate) fn rung(&self, now: Time) -> Rung {
        if self.rung.1 > now { self.rung.0 } else { Rung::Open }
    }

    /// Why it stands on a rung.
    pub(crate) fn found(&self, now: Time) -> Option<Finding> {
        self.rung.2.filter(|_| self.rung.1 > now)
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen
    }
}

/// One live session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    pub(crate) server: usize,
    /// Eight bytes of its device's key; two that agree by chance are not to be met.
    pub(crate) device: u64,
    until: Time,
}

/// Everybody the entries named so far.
#[derive(Default)]
pub(crate) struct Register {
    /// When the ledger began.
    began: Time,
    cards: HashMap<CardId, usize>,
    rows: Vec<CardRow>,
    practices: Names<PracticeId>,
    /// How many cards each practice has, and until when it is under suspicion.
    staff: Vec<usize>,
    suspected: Vec<Time>,
    servers: Names<ServerId>,
    sessions: HashMap<SessionId, Live>,
}

impl Register {
    /// Takes in what an entry says of them.
    pub(crate) fn entry(&mut self, entry: &Entry) {
        match &entry.act {
            Act::Began(_) => self.began = entry.at,
            Act::CardIssued(act) => self.issued(entry.at, act),
            Act::SessionStarted(act) => self.started(act),
            Act::SessionEnded(act) => {
                self.sessions.remove(&act.session);
            }
            Act::Stepped(act) => self.stepped(act),
            Act::Frozen(act) => self.freezes(act.subject, true),
            Act::Unfrozen(act) => self.freezes(act.subject, false),
            _ => {}
        }
    }

    pub(crate) fn began(&self) -> Time {
        self.began
    }

    pub(crate) fn card(&self, id: &CardId) -> Option<usize> {
        self.cards.get(id).copied()
    }

    pub(crate) fn row(&self, card: usize) -> &CardRow {
        &self.rows[card]
    }

    pub(crate) fn practice(&self, practice: usize) -> PracticeId {
        self.practices.ids[practice]
    }

    pub(crate) fn staff(&self, practice: usize) -> usize {
        self.staff[practice]
    }

    /// The whole of its cards did too much lately.
    pub(crate) fn is_suspected(&self, practice: usize, now: Time) -> bool {
        self.suspected.get(practice).is_some_and(|until| *until > now)
    }

    pub(crate) fn suspect(&mut self, practice: usize, until: Time) {
        self.suspected.resize(self.practices.ids.len(), Time::default());
        self.suspected[practice] = until;
    }

    pub(crate) fn practices(&self) -> usize {
        self.staff.len()
    }

    pub(crate) fn all_staff(&self) -> usize {
        self.staff.iter().sum()
    }

    pub(crate) fn practice_number(&self, id: &PracticeId) -> Option<usize> {
        self.practices.numbers.get(id).copied()
    }

    pub(crate) fn server(&self, server: usize) -> ServerId {
        self.servers.ids[server]
    }

    pub(crate) fn server_number(&self, id: &ServerId) -> Option<usize> {
        self.servers.numbers.get(id).copied()
    }

    pub(crate) fn session(&self, session: &SessionId) -> Option<Live> {
        self.sessions.get(session).copied()
    }

    /// Lets go of sessions that ended.
    pub(crate) fn purge(&mut self, now: Time) {
        self.sessions.retain(|_, live| live.until > now);
    }

    pub(crate) fn sessions(&self) -> usize {
        self.sessions.len()
    }

    fn issued(&mut self, at: Time, act: &CardIssued) {
        if self.cards.contains_key(&act.card) {
            return;
        }
        let practice = self.practices.number(act.practice);
        self.staff.resize(self.practices.ids.len(), 0);
        self.staff[practice] += usize::from(crate::settings::is_staff(act.role));
        self.cards.insert(act.card, self.rows.len());
        self.rows.push(CardRow {
            id: act.card,
            role: act.role,
            practice,
            issued: at,
            ordered: !act.by.is_empty(),
            rung: (Rung::Open, at, None),
            frozen: false,
        });
    }

    fn started(&mut self, act: &SessionStarted) {
        if !self.cards.contains_key(&act.card) {
            return;
        }
        let server = self.servers.number(act.server);
        let device = act.device.point()[1..].iter().take(8);
        let device = device.fold(0, |bytes, byte| bytes << 8 | u64::from(*byte));
        self.sessions.insert(act.session, Live { server, device, until: act.until });
    }

    fn stepped(&mut self, act: &Stepped) {
        if let Some(card) = self.card(&act.card) {
            self.rows[card].rung = (act.rung, act.until, Some(act.finding));
        }
    }

    fn freezes(&mut self, subject: Subject, frozen: bool) {
        if let Subject::Card(card) = subject
            && let Some(card) = self.card(&card)
        {
            self.rows[card].frozen = frozen;
        }
    }
}

struct Names<Id> {
    numbers: HashMap<Id, usize>,
    ids: Vec<Id>,
}

impl<Id> Default for Names<Id> {
    fn default() -> Names<Id> {
        Names { numbers: HashMap::new(), ids: Vec::new() }
    }
}

impl<Id: Copy + Eq + core::hash::Hash> Names<Id> {
    fn number(&mut self, id: Id) -> usize {
        let next = self.ids.len();
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
        }
        number
    }
}
