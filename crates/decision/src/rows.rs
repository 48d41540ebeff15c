//! How the state keeps files, cards, practices and sessions: small rows, named by number.

use super::budget::{DAY, seconds};
use super::state::machine;
use ledger::entry::{Hash, LookUp};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};
use terms::{
    Blind, CardId, PracticeId, PublicKey, Purpose, RelationClass, Role, Section, Sections,
    ServerId, SessionId, Time,
};

/// How many sections a row holds itself, half a byte each.
const INLINE: usize = 32;

/// All files. A million of them lie here, so a row holds no pointer.
#[derive(Default, PartialEq, Encode, Decode)]
pub(super) struct Files {
    #[n(0)]
    rows: Vec<FileRow>,
    /// Sections of the segments that do not fit into the row.
    #[n(1)]
    more: BTreeMap<u32, Vec<Section>>,
    /// Where a file's row is; follows from the rows.
    #[cbor(skip)]
    index: BTreeMap<Blind, u32>,
}

/// One file.
#[derive(PartialEq, Encode, Decode)]
pub(super) struct FileRow {
    #[n(0)]
    pub(super) blind: Blind,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(super) head: Hash,
    #[cbor(n(2), with = "minicbor::bytes")]
    sections: [u8; INLINE / 2],
    #[n(3)]
    pub(super) segments: u32,
    /// The practice that created it; `u32::MAX` for the directory.
    #[n(4)]
    pub(super) creator: u32,
    /// When, in seconds.
    #[n(5)]
    pub(super) created: u32,
    /// Number of its list plus one, or 0.
    #[n(6)]
    pub(super) list: u32,
    #[n(7)]
    pub(super) flags: u8,
}

impl FileRow {
    pub(super) const CANARY: u8 = 1;
    pub(super) const RESTRICTED: u8 = 2;
    pub(super) const ERASED: u8 = 4;
    /// Somebody besides the practice that created it deposited.
    pub(super) const SHARED: u8 = 8;
    pub(super) const DIRECTORY: u8 = 16;

    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl Files {
    pub(super) fn find(&self, blind: &Blind) -> Option<u32> {
        self.index.get(blind).copied()
    }

    pub(super) fn row(&self, file: u32) -> &FileRow {
        // Invariant: numbers of files come from `find` and `push`, and no row is ever removed.
        &self.rows[file as usize]
    }

    pub(super) fn row_mut(&mut self, file: u32) -> &mut FileRow {
        // Invariant: as in `row`.
        &mut self.rows[file as usize]
    }

    /// Adds a file; `None` if it is there already.
    pub(super) fn push(
        &mut self,
        blind: Blind,
        creator: u32,
        created: u32,
        list: u32,
    ) -> Option<u32> {
        let number = u32::try_from(self.rows.len()).ok().filter(|n| *n < 1 << 31)?;
        if self.index.contains_key(&blind) {
            return None;
        }
        self.index.insert(blind, number);
        let (head, sections) = ([0; 32], [0; INLINE / 2]);
        self.rows.push(FileRow {
            blind,
            head,
            sections,
            segments: 0,
            creator,
            created,
            list,
            flags: 0,
        });
        Some(number)
    }

    pub(super) fn append(&mut self, file: u32, sections: &[Section], head: Hash) {
        let row = self.row_mut(file);
        row.head = head;
        let fit = INLINE.saturating_sub(row.segments as usize).min(sections.len());
        for (offset, section) in sections[..fit].iter().enumerate() {
            let at = row.segments as usize + offset;
            row.sections[at / 2] |= (*section as u8) << (4 * (at % 2));
        }
        row.segments += sections.len() as u32;
        if fit < sections.len() {
            self.more.entry(file).or_default().extend(&sections[fit..]);
        }
    }

    /// The section of every segment, in order.
    pub(super) fn sections(&self, file: u32) -> impl Iterator<Item = (u32, Section)> {
        let row = self.row(file);
        let inline = (0..INLINE.min(row.segments as usize))
            .filter_map(|at| Section::from_number(row.sections[at / 2] >> (4 * (at % 2)) & 15));
        let more = self.more.get(&file).map(Vec::as_slice).unwrap_or_default();
        (0..).zip(inline.chain(more.iter().copied()))
    }

    /// Files with a key.
    pub(super) fn count(&self) -> u64 {
        self.rows.iter().filter(|row| !row.is(FileRow::ERASED)).count() as u64
    }

    /// Makes what follows from the rows; says whether they make sense.
    pub(super) fn restore(&mut self) -> bool {
        self.index = (0..).zip(&self.rows).map(|(number, row)| (row.blind, number)).collect();
        self.index.len() == self.rows.len()
    }
}

/// One card.
#[derive(PartialEq, Encode, Decode)]
pub(super) struct Card {
    #[n(0)]
    pub(super) id: CardId,
    #[n(1)]
    pub(super) role: Role,
    #[n(2)]
    pub(super) practice: u32,
    #[n(3)]
    pub(super) holder: String,
    #[n(4)]
    pub(super) key: PublicKey,
    #[n(5)]
    pub(super) not_after: Time,
    #[n(6)]
    pub(super) file: Option<Blind>,
    #[n(7)]
    pub(super) revoked: bool,
    #[n(8)]
    pub(super) numbers_missed: Misses,
    #[n(9)]
    pub(super) names_missed: Misses,
    /// Since when, in seconds, and how many new files explained misses.
    #[n(10)]
    pub(super) explained: (u32, u32),
    /// Second in which officers issued it; 0 if it was there at the beginning.
    #[n(12)]
    pub(super) since: u32,
    /// The file that its holder has as a patient; it opens nothing for this card.
    #[n(11)]
    pub(super) home: Option<Blind>,
}

impl Card {
    pub(super) fn misses(&self, by: LookUp) -> &Misses {
        if exact(by) { &self.numbers_missed } else { &self.names_missed }
    }

    pub(super) fn misses_mut(&mut self, by: LookUp) -> &mut Misses {
        if exact(by) { &mut self.numbers_missed } else { &mut self.names_missed }
    }

    /// The person nobody knew got a file: it was no guess. Files cost a taken-over server nothing,
    /// so only the first of a day explain what was looked up; what a machine's own creation
    /// asked is explained by each, or no import could be.
    pub(super) fn explain(&mut self, unless: Option<LookUp>, now: u32) {
        if self.explained.0.saturating_add(DAY) <= now {
            self.explained = (now, 0);
        }
        self.explained.1 += 1;
        let early = self.explained.1 <= Misses::EXPLAINED_MAX;
        if let Some(by) = unless.filter(|by| self.guesses(*by)) {
            let weight = self.guess(by);
            if early || machine(self.role) {
                // What it weighed, and in its measure what a hit weighs.
                self.misses_mut(by).less(weight + weight * Misses::HIT / Misses::NUMBER);
            }
        }
        for by in [LookUp::Identifier, LookUp::Name].into_iter().filter(|_| early) {
            self.misses_mut(by).less(Misses::weight(by));
        }
    }

    /// Whether asking unsigned for this kind of identifier is a guess at who has a file. The
    /// numbers by which a machine's own practice names its sources tell it nothing.
    pub(super) fn guesses(&self, by: LookUp) -> bool {
        by == LookUp::Identifier || !machine(self.role)
    }

    /// What a look-up weighs that finds nobody. A thief's sample holds made-up records too, and an
    /// officer is shown nothing.
    pub(super) fn miss(&self, by: LookUp) -> u32 {
        if self.role == Role::Officer { Misses::MACHINE } else { Misses::weight(by) }
    }

    /// What such a guess weighs if it finds nobody.
    pub(super) fn guess(&self, by: LookUp) -> u32 {
        if machine(self.role) { Misses::MACHINE } else { Misses::weight(by) }
    }
}

/// Whether a look-up names one person by number.
pub(super) fn exact(by: LookUp) -> bool {
    matches!(by, LookUp::Identifier | LookUp::Chart)
}

/// Wald's sequential test on look-ups that find nobody, in thousandths of a nat.
///
/// Honest share of misses 1 %, an enumerator's 50 %, wrong once in a million: a miss weighs
/// ln(0.5/0.01), a hit ln(0.5/0.99), and 13.8 is too much: the fourth miss in a row. Names are
/// searched by their beginnings, so there only the 41st is; and machines give up creations when
/// stores fail, so there only the 101st is.
#[derive(Clone, Copy, Default, PartialEq, Encode, Decode)]
pub(super) struct Misses {
    #[n(0)]
    score: u32,
    /// Second of the last miss: a day later all is forgotten.
    #[n(1)]
    at: u32,
}

impl Misses {
    pub(super) const TOO_MANY: u32 = 13_816;
    /// What a look-up weighs that finds somebody who was not found today already.
    pub(super) const HIT: u32 = 683;
    const NUMBER: u32 = 3_912;
    const MACHINE: u32 = 138;
    /// How many new files a day explain misses: one registration in ten minutes, all day.
    const EXPLAINED_MAX: u32 = 50;

    /// What a look-up weighs that finds nobody.
    pub(super) fn weight(by: LookUp) -> u32 {
        if exact(by) { Misses::NUMBER } else { 340 }
    }

    /// The score after one more miss.
    pub(super) fn with_miss(self, weight: u32, now: u32) -> u32 {
        let score = if self.at.saturating_add(DAY) > now { self.score } else { 0 };
        score + weight
    }

    pub(super) fn miss(&mut self, weight: u32, now: u32) {
        *self = Misses { score: self.with_miss(weight, now), at: now };
    }

    pub(super) fn less(&mut self, weight: u32) {
        self.score = self.score.saturating_sub(weight);
    }
}

/// One practice.
#[derive(PartialEq, Encode, Decode)]
pub(super) struct Practice {
    #[n(0)]
    pub(super) id: PracticeId,
    #[n(1)]
    pub(super) name: String,
    /// Its cards that are not revoked, by the number of the role.
    #[n(2)]
    pub(super) staff: [u32; 9],
}

/// One live session.
#[derive(PartialEq, Encode, Decode)]
pub(super) struct Session {
    #[n(0)]
    pub(super) card: u32,
    #[n(1)]
    pub(super) server: ServerId,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) thumbprint: Hash,
    #[n(3)]
    pub(super) started: Time,
    #[n(4)]
    pub(super) until: Time,
    #[n(5)]
    pub(super) openings_max: u32,
    #[n(6)]
    pub(super) opened: BTreeSet<u32>,
    /// It began before its card was told to sign in again.
    #[n(7)]
    pub(super) stale: bool,
}

/// One bearer token.
#[derive(Clone, PartialEq, Encode, Decode)]
pub(super) struct Bearer {
    #[n(0)]
    pub(super) session: SessionId,
    #[n(1)]
    pub(super) file: u32,
    #[n(2)]
    pub(super) sections: Sections,
    #[n(3)]
    pub(super) class: RelationClass,
    #[n(4)]
    pub(super) purpose: Purpose,
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(super) request: Hash,
    #[n(6)]
    pub(super) until: Time,
}

/// One list of patients.
#[derive(Default, PartialEq, Encode, Decode)]
pub(super) struct List {
    /// The practice whose patients two officers approved it to be, and until when, in seconds.
    #[n(0)]
    pub(super) approved: Option<(u32, u32)>,
}

/// What made a practice and a file belong together, each until this second.
#[derive(Clone, Copy, Default, PartialEq, Encode, Decode)]
pub(super) struct Relation {
    #[n(0)]
    pub(super) presence: u32,
    #[n(1)]
    pub(super) evidence: u32,
    /// Own entries made under presence, referral, admission or booking.
    #[n(2)]
    pub(super) contact: u32,
    /// Own entries made under an approved list alone.
    #[n(3)]
    pub(super) listed_contact: u32,
}

/// The cards that opened one file, each with its last second, and whether without a relation.
#[derive(Default, PartialEq, Encode, Decode)]
pub(super) struct Openers {
    #[n(0)]
    pub(super) cards: Vec<(u32, u32, bool)>,
}

impl Openers {
    pub(super) fn add(&mut self, card: u32, unrelated: bool, now: Time) {
        self.cards.retain(|(other, ..)| *other != card);
        self.cards.push((card, seconds(now), unrelated));
    }

    /// How many distinct cards with this one, after that second.
    pub(super) fn with(&self, card: u32, unrelated: bool, after: u32) -> u32 {
        let others = self
            .cards
            .iter()
            .filter(|(other, at, was)| *other != card && *at > after && (*was || !unrelated));
        1 + others.count() as u32
    }
}
