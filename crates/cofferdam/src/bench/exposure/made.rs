//! A ledger that is made: openings sealed as the keyholder seals them, with the keys of a folder
//! that lives as long as the measurement.

use super::keys::Keys;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::ledger_command;
use crate::orders::random;
use ledger::entry::{Act, Entry, FileCreated, Opened};
use ledger::{DirFiles, Leaf, Log, LogError, Salt, commitment};
use seal::BoxKey;
use std::collections::HashSet;
use terms::{
    Blind, CardId, Grade, PracticeId, Purpose, RelationClass, Section, Sections, ServerId,
    SessionId, Time,
};

/// The card and the server that are asked for, and the server of all other openings.
pub(super) const CARD: CardId = CardId::from_bytes([1; 10]);
pub(super) const SERVER: ServerId = ServerId::from_bytes([2; 10]);
pub(super) const OTHERS: ServerId = ServerId::from_bytes([3; 10]);
/// Openings by the card that is asked for.
const BY_CARD: u64 = 1_000;
/// Entries that are written at once.
const BATCH: usize = 2_000;

/// A ledger in the making.
pub(super) struct Made {
    log: Log<DirFiles>,
    key: BoxKey,
    keys: Keys,
    there: There,
}

/// What is in a ledger already.
#[derive(Default)]
struct There {
    /// Files that were added.
    files: Vec<Blind>,
    /// A session that lasts, and its card.
    session: Option<(SessionId, CardId)>,
    practice: Option<PracticeId>,
    last: Time,
}

/// What was made.
pub(super) struct Ledger {
    /// Distinct files that the card opened.
    pub(super) by_card: usize,
    /// Distinct files of all openings that did not go through the server that was taken over.
    pub(super) others: usize,
    /// When the server was taken over.
    pub(super) taken_over: Time,
}

impl Made {
    /// The ledger of this folder, which nobody serves.
    pub(super) fn of(home: &Home) -> Outcome<Made> {
        let keys = Keys::read(home)?;
        let verifier = ledger_command::verifier(home, None)?;
        let log = Log::open(DirFiles::new(home.ledger()), &verifier, &[]).map_err(failed)?;
        let key = keys.entries()?;
        let there = There::read(&log, &key, keys.tenant())?;
        Ok(Made { log, key, keys, there })
    }

    /// Adds this many files without a segment.
    pub(super) fn add_files(mut self, home: &Home, count: u32) -> Outcome<Made> {
        let first = self.log.head().size;
        self.there.files = self.keys.add_files(home, first, count)?;
        let (session, practice) = (self.there.session()?.0, self.there.practice()?);
        let at = self.there.last;
        for (batch, files) in (0..).zip(self.there.files.chunks(BATCH)) {
            let leaf = |(number, file): (u64, &Blind)| {
                let created =
                    FileCreated { file: *file, practice, session, list: None, unless: None };
                self.leaf(number, &Entry { at, act: Act::FileCreated(created) })
            };
            let numbered = (first + batch * BATCH as u64..).zip(files);
            let leaves = numbered.map(leaf).collect::<Outcome<Vec<_>>>()?;
            self.log.append(&leaves).map_err(failed)?;
        }
        Ok(self)
    }

    /// Appends openings until the ledger has this many entries: `exposed` files through the server
    /// that is taken over towards the end, some by the card, all others by somebody else.
    pub(super) fn grow(mut self, entries: u64, exposed: u64) -> Outcome<Ledger> {
        let first = self.log.head().size;
        let count = entries.saturating_sub(first).max(2 * exposed + BY_CARD);
        let plan = Plan { count, exposed, files: self.there.files.len() as u64 };
        if plan.files < exposed {
            return Err(Failure::World("there are fewer files than are to be exposed".into()));
        }
        let bar = crate::console::progress(count, "entries");
        let (mut by_card, mut others) = (HashSet::new(), HashSet::new());
        let (mut taken_over, mut batch) = (self.there.last, Vec::with_capacity(BATCH));
        for number in 0..count {
            let (who, file) = plan.opening(number);
            if who == Who::Card {
                by_card.insert(file);
            }
            if who != Who::Server {
                others.insert(file);
            }
            let at = Time::from_millis(self.there.last.millis() + 1 + number / 1_000);
            if number == plan.taken_over() {
                taken_over = at;
            }
            let act = Act::Opened(self.there.opened(who, file)?);
            batch.push(self.leaf(first + number, &Entry { at, act })?);
            if batch.len() == BATCH || number + 1 == count {
                self.log.append(&batch).map_err(failed)?;
                bar.inc(batch.len() as u64);
                batch.clear();
            }
        }
        bar.finish_and_clear();
        Ok(Ledger { by_card: by_card.len(), others: others.len(), taken_over })
    }

    fn leaf(&self, number: u64, entry: &Entry) -> Outcome<Vec<u8>> {
        let (salt, bytes): (Salt, _) = (random()?, entry.to_bytes());
        let commitment = commitment(&salt, &bytes);
        let aad = aad(number, &commitment, self.keys.tenant());
        let sealed = seal::seal_bytes(&self.key, &aad, &[&salt[..], &bytes].concat());
        let sealed = sealed.map_err(Failure::world("an entry"))?;
        Ok(Leaf { commitment: &commitment, sealed: &sealed }.to_bytes())
    }
}

impl There {
    fn read(log: &Log<DirFiles>, key: &BoxKey, tenant: &str) -> Outcome<There> {
        let mut there = There::default();
        log.read(0..log.head().size, |number, leaf| -> Result<(), LogError> {
            let Leaf { commitment, sealed } = Leaf::parse(leaf)?;
            let unread = LogError::Asked("an entry that is not read");
            let opened = seal::open_bytes(key, &aad(number, commitment, tenant), sealed);
            let Ok(opened) = opened else { return Err(unread) };
            let entry = Entry::from_bytes(opened.get(size_of::<Salt>()..).unwrap_or_default());
            there.take(entry.map_err(|_| unread)?);
            Ok(())
        })
        .map_err(failed)?;
        Ok(there)
    }

    fn take(&mut self, entry: Entry) {
        self.last = entry.at;
        match entry.act {
            Act::PracticeRegistered(registered) => self.practice = Some(registered.practice),
            Act::SessionStarted(started) => self.session = Some((started.session, started.card)),
            _ => {}
        }
    }

    fn session(&self) -> Outcome<(SessionId, CardId)> {
        self.session.ok_or_else(|| Failure::World("nobody signed in".into()))
    }

    fn practice(&self) -> Outcome<PracticeId> {
        self.practice.ok_or_else(|| Failure::World("there is no practice".into()))
    }

    fn opened(&self, who: Who, file: u64) -> Outcome<Opened> {
        let none = || Failure::World("there are too few files".into());
        let (session, card) = self.session()?;
        Ok(Opened {
            session,
            card: if who == Who::Card { CARD } else { card },
            practice: self.practice()?,
            server: if who == Who::Server { SERVER } else { OTHERS },
            file: *self.files.get(file as usize).ok_or_else(none)?,
            sections: Sections::of(&[Section::Label, Section::History, Section::Results]),
            class: RelationClass::Contact,
            purpose: Purpose::Treatment,
            segments: 3,
            repeat: true,
            request: [7; 32],
            reason: None,
            token: None,
            grade: Grade::Strong,
            close: false,
        })
    }
}

/// By whom or through what a made opening is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Card,
    Server,
    Others,
}

/// Which openings are made.
struct Plan {
    count: u64,
    exposed: u64,
    files: u64,
}

impl Plan {
    /// The opening from which on the server was taken over.
    fn taken_over(&self) -> u64 {
        (self.count / 10 * 9).min(self.count - 2 * self.exposed)
    }

    /// The opening with this number: who, and which file.
    fn opening(&self, number: u64) -> (Who, u64) {
        let late = self.taken_over();
        // What went through the server is spread evenly over what is left, each file once.
        let before = |since: u64| since * self.exposed / (self.count - late);
        if number >= late && before(number - late + 1) > before(number - late) {
            return (Who::Server, before(number - late));
        }
        let by_card = number < late && number.is_multiple_of((late / BY_CARD).max(1));
        // A multiplicative hash: each file comes up about equally often.
        let file = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.files;
        (if by_card { Who::Card } else { Who::Others }, file)
    }
}

fn aad(number: u64, commitment: &[u8; 32], tenant: &str) -> Vec<u8> {
    [&number.to_be_bytes(), &commitment[..], tenant.as_bytes()].concat()
}

fn failed(error: LogError) -> Failure {
    Failure::World(format!("the ledger: {error}"))
}
