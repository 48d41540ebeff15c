//! What the ledger says: a fold of its entries, and nothing else.
//!
//! Trust: equal ledgers give equal states, so a restart forgets no budget, freeze or revocation.

mod apply;

pub(super) use apply::{UNSIGNED, machine, matched, unrelated};

use super::budget::{Key, Window, seconds};
use super::colleague::Deed;
use super::consent::Consents;
use super::event::{FileView, SessionView};
use super::job::Job;
use super::ladder::{Basis, Ladder};
use super::rows::{Bearer, Card, FileRow, Files, List, Openers, Practice, Relation, Session};
use ledger::entry::{Hash, HoldOn, Subject};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Blind, CardId, JobId, ListId, PracticeId, PublicKey, ServerId, SessionId, Time};

/// An entry that cannot follow those before it: the ledger is damaged, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the ledger does not follow from those before it: {what}")]
pub struct Inconsistent {
    /// Its number.
    pub number: u64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Everything that decisions depend on, and equal for equal ledgers.
#[derive(Default, PartialEq, Encode, Decode)]
pub struct State {
    #[n(0)]
    entries: u64,
    #[n(1)]
    time: Time,
    #[n(2)]
    tenant: String,
    #[n(3)]
    epoch: u32,
    #[n(4)]
    pub(super) practices: Vec<Practice>,
    #[n(5)]
    pub(super) cards: Vec<Card>,
    #[n(6)]
    pub(super) lists: Vec<List>,
    #[n(7)]
    list_index: BTreeMap<ListId, u32>,
    #[n(8)]
    pub(super) files: Files,
    #[n(9)]
    pub(super) sessions: BTreeMap<SessionId, Session>,
    #[n(10)]
    pub(super) tokens: BTreeMap<Token, Bearer>,
    /// Sign-ins and orders that may still be in date, with the second they came.
    #[n(11)]
    statements: BTreeMap<Token, u32>,
    #[n(12)]
    pub(super) relations: BTreeMap<(u32, u32), Relation>,
    #[n(13)]
    frozen: BTreeSet<Subject>,
    #[n(14)]
    pub(super) budgets: BTreeMap<Key, Window>,
    #[n(15)]
    pub(super) openers: BTreeMap<u32, Openers>,
    /// Cards of all practices that are not revoked, by the number of the role.
    #[n(16)]
    pub(super) staff: [u32; 9],
    #[n(17)]
    pub(super) consents: BTreeMap<u32, Consents>,
    /// Cards that were put on a rung.
    #[n(18)]
    pub(super) ladders: BTreeMap<u32, Ladder>,
    /// Ends of what patients booked, by file and practice.
    #[n(19)]
    pub(super) bookings: BTreeMap<(u32, u32), Vec<u32>>,
    /// Emergencies that a colleague confirmed, by card and file, with the second.
    #[n(20)]
    pub(super) confirmed: BTreeMap<(u32, u32), u32>,
    /// Hashes of one-time codes that nobody showed yet, by file.
    #[n(21)]
    pub(super) codes: BTreeMap<u32, BTreeSet<Token>>,
    /// When somebody did what is counted one by one, in seconds.
    #[n(22)]
    pub(super) deeds: BTreeMap<Deed, Vec<u32>>,
    /// Files of staff as patients, with practice and card.
    #[n(23)]
    homes: BTreeSet<(Blind, u32, u32)>,
    /// Legal holds, each with the cases it is for.
    #[n(25)]
    pub(super) holds: BTreeMap<HoldOn, BTreeSet<String>>,
    #[n(24)]
    pub(super) jobs: BTreeMap<JobId, Job>,
    #[cbor(skip)]
    practice_index: BTreeMap<PracticeId, u32>,
    #[cbor(skip)]
    card_index: BTreeMap<CardId, u32>,
}

/// A hash as a key of a map.
pub(super) type Token = minicbor::bytes::ByteArray<32>;

impl State {
    /// How many entries it is the fold of.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Time of the last entry.
    pub fn time(&self) -> Time {
        self.time
    }

    /// The installation's name; empty before the beginning.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The newest epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The key to verify a card's statements with, even of a revoked one.
    pub fn card_key(&self, card: CardId) -> Option<&PublicKey> {
        self.card(card).map(|number| &self.cards[number as usize].key)
    }

    /// A card's holder, as staff know them, and the name of their practice.
    pub fn holder(&self, card: CardId) -> Option<(&str, &str)> {
        let card = &self.cards[self.card(card)? as usize];
        Some((&card.holder, &self.practices[card.practice as usize].name))
    }

    /// How a session's card holder and a patient may be close, as far as the ledger knows: the
    /// holder's name, the file they have as a patient, and whether the patient is on the staff of
    /// their practice.
    pub fn between(&self, session: SessionId, file: Blind) -> Option<(&str, Option<Blind>, bool)> {
        let card = &self.cards[self.sessions.get(&session)?.card as usize];
        let (from, to) = ((file, card.practice, 0), (file, card.practice, u32::MAX));
        let staff = self.homes.range(from..=to).next().is_some();
        Some((&card.holder, card.home, staff))
    }

    /// A practice's name.
    pub fn practice_name(&self, practice: PracticeId) -> Option<&str> {
        self.practice(practice).map(|number| self.practices[number as usize].name.as_str())
    }

    /// A session that was not over when the last entry was made.
    pub fn session(&self, session: SessionId) -> Option<SessionView> {
        let row = self.sessions.get(&session).filter(|row| row.until > self.time)?;
        Some(self.view(session, row))
    }

    /// How many sessions are live.
    pub fn sessions(&self) -> u64 {
        self.sessions.len() as u64
    }

    /// How many files there are, erased ones not counted. Walks over all of them.
    pub fn files(&self) -> u64 {
        self.files.count()
    }

    /// A file that is not erased, with the section of every segment.
    pub fn file(&self, file: Blind) -> Option<FileView> {
        let number = self.files.find(&file)?;
        (!self.files.row(number).is(FileRow::ERASED)).then(|| self.file_view(number))
    }

    /// When a file was made, to the second, even of one that is erased.
    pub fn created(&self, file: Blind) -> Option<Time> {
        let number = self.files.find(&file)?;
        Some(Time::from_millis(u64::from(self.files.row(number).created) * 1000))
    }

    /// The directory: a file like any other, and no person's.
    pub fn directory(&self) -> Option<Blind> {
        (self.files.count() > 0).then(|| self.files.row(0)).map(|row| row.blind)
    }

    /// Whether a card, practice or server is frozen.
    pub fn is_frozen(&self, subject: Subject) -> bool {
        self.frozen.contains(&subject)
    }

    /// Whether a freeze of practice or server stops a session.
    pub(super) fn is_stopped(&self, practice: u32, server: ServerId) -> bool {
        let practice = Subject::Practice(self.practices[practice as usize].id);
        self.is_frozen(practice) || self.is_frozen(Subject::Server(server))
    }

    /// As bytes, the same for equal states.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Invariant: a `Vec` takes every write, and no field refuses to be encoded.
        minicbor::to_vec(self).expect("invariant: states encode")
    }

    /// Reads what [`State::to_bytes`] wrote. The bytes must be authentic: they are not checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<State, minicbor::decode::Error> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let mut state: State = decoder.decode()?;
        state.card_index = (0..).zip(&state.cards).map(|(n, card)| (card.id, n)).collect();
        state.practice_index = (0..).zip(&state.practices).map(|(n, one)| (one.id, n)).collect();
        if !state.files.restore() || decoder.position() != bytes.len() {
            return Err(minicbor::decode::Error::message("not the bytes of one state"));
        }
        Ok(state)
    }

    pub(super) fn card(&self, card: CardId) -> Option<u32> {
        self.card_index.get(&card).copied()
    }

    pub(super) fn practice(&self, practice: PracticeId) -> Option<u32> {
        self.practice_index.get(&practice).copied()
    }

    pub(super) fn knows_list(&self, list: ListId) -> bool {
        self.list_index.contains_key(&list)
    }

    /// Whether a signed statement counted already.
    pub(super) fn counted(&self, statement: Hash) -> bool {
        self.statements.contains_key(&Token::from(statement))
    }

    /// Whether this card opened this file within the last 24 hours, and it was counted where this
    /// opening would be: an emergency with a patient of the practice is no less rare.
    pub(super) fn repeats(&self, card: u32, file: u32, now: Time, by: &Basis) -> bool {
        let all = if by.confined { Key::Summary(card) } else { Key::Card(card) };
        let released = |key| {
            self.budgets.get(&key).is_some_and(|window| window.released_today(file, seconds(now)))
        };
        released(all) && Key::of_class(by.class, card).is_none_or(released)
    }

    pub(super) fn view(&self, session: SessionId, row: &Session) -> SessionView {
        let card = &self.cards[row.card as usize];
        SessionView {
            session,
            card: card.id,
            role: card.role,
            practice: self.practices[card.practice as usize].id,
            until: row.until,
            thumbprint: row.thumbprint,
            file: card.file,
        }
    }

    /// The directory, which is the first file of every ledger.
    pub(super) fn directory_view(&self) -> FileView {
        self.file_view(0)
    }

    pub(super) fn file_view(&self, number: u32) -> FileView {
        let row = self.files.row(number);
        FileView {
            file: row.blind,
            segments: row.segments,
            head: (row.segments > 0).then_some(row.head),
            keys: self.files.sections(number).collect(),
        }
    }
}
