//! Budgets: how many distinct files, over six windows at once.
//!
//! Trust: the sets are exact, and time enters only as the time of entries, so nothing refills that
//! the ledger does not show to be old.

use super::Lag;
use minicbor::{Decode, Encode};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use terms::{RelationClass, Role, ServerId, Time};

/// The windows, in seconds: 10 s, 1 min, 10 min, 1 h, 24 h, 30 d.
pub(super) const WINDOWS: [u32; 6] = [10, 60, 600, 3_600, DAY, MONTH];
pub(super) const DAY: u32 = 86_400;
pub(super) const MONTH: u32 = 30 * DAY;

/// Most distinct files in each window of [`WINDOWS`].
pub(super) type Row = [u32; 6];

/// How much is too much: soft limits, each with a hard limit at 1.25 times, rounded up.
///
/// Soft: sign in again. Hard: a card's own freezes it, a practice's or server's refuses. The
/// defaults are the 99.99 % quantiles of a synthetic day of the busiest kind of each role, and ten
/// days' worth for the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Distinct files a card opens, by the number of its role.
    pub roles: [[u32; 6]; 9],
    /// Distinct former patients a card opens.
    pub former: [u32; 6],
    /// Distinct files a card finds by look-ups.
    pub found: [u32; 6],
    /// The same for what laboratories, systems and importers find unsigned, as they work through
    /// lists of people: four times a large laboratory's day, and bursts of its nightly results.
    pub matched: [u32; 6],
    /// Distinct files a card opens as emergencies; the hard limit refuses and does not freeze.
    pub emergencies: [u32; 6],
    /// Distinct files of which, in 24 hours, the summary is opened in emergencies where nothing
    /// else is opened any more: by a card, and by a practice.
    pub summaries: [u32; 2],
    /// Distinct files that a card makes relations of: a receptionist's row.
    pub relating: [u32; 6],
    /// Appointments that a patient's card books in 24 hours.
    pub bookings: u32,
    /// What a device opens, in percent of its card's role.
    pub device_percent: u32,
    /// What a practice opens, in percent of what all of its cards together may, but never less than
    /// two doctors.
    pub practice_percent: u32,
    /// What goes through one server, in percent of what all cards together may, but never less
    /// than four doctors.
    pub server_percent: u32,
    /// Distinct cards that open one file in 24 hours and in 30 days.
    pub openers: [u32; 2],
    /// The same for cards of practices with no current relation.
    pub openers_unrelated: [u32; 2],
    /// How far witnesses of the ledger may lag behind; without it, as far as they like.
    pub lag: Option<Lag>,
    /// Distinct files a session opens unless its sign-in asks for fewer, by the number of the role.
    pub session_openings: [u32; 9],
}

impl Default for Limits {
    fn default() -> Limits {
        const NOTHING: Row = [0; 6];
        const DOCTOR: Row = [5, 10, 42, 92, 144, 1_440];
        // A practice nurse's campaign is a doctor's day.
        const NURSE: Row = [5, 10, 39, 92, 144, 1_440];
        const RECEPTIONIST: Row = [5, 10, 39, 127, 215, 2_150];
        const PHARMACIST: Row = [6, 11, 44, 136, 339, 3_390];
        const PATIENT: Row = [3, 5, 5, 10, 10, 10];
        Limits {
            // In the order of `Role::ALL`.
            roles: [
                DOCTOR,
                NURSE,
                RECEPTIONIST,
                PHARMACIST,
                NOTHING,
                PHARMACIST,
                NOTHING,
                NOTHING,
                PATIENT,
            ],
            former: [2, 4, 8, 12, 20, 100],
            found: RECEPTIONIST.map(|files| 3 * files),
            matched: [500, 1_500, 5_000, 10_000, 20_000, 200_000],
            emergencies: [2, 2, 3, 4, 4, 24],
            summaries: [3, 10],
            relating: RECEPTIONIST,
            bookings: 5,
            device_percent: 150,
            practice_percent: 50,
            server_percent: 25,
            openers: [40, 120],
            openers_unrelated: [5, 5],
            lag: None,
            session_openings: [250, 250, 250, 400, 0, 400, 0, 0, 10],
        }
    }
}

impl Limits {
    pub(super) fn device(&self, role: Role) -> Row {
        hard(self.roles[role as usize]).map(|files| percent(u64::from(files), self.device_percent))
    }

    /// Hard limits of a practice with this many cards by role.
    pub(super) fn practice(&self, staff: &[u32; 9]) -> Row {
        self.share(staff, self.practice_percent, 2)
    }

    /// Hard limits of a server, from the cards of all practices by role.
    pub(super) fn server(&self, staff: &[u32; 9]) -> Row {
        self.share(staff, self.server_percent, 4)
    }

    fn share(&self, staff: &[u32; 9], share: u32, doctors: u32) -> Row {
        let (most, least) = (self.roles.map(hard), hard(self.roles[Role::Doctor as usize]));
        std::array::from_fn(|w| {
            let all = staff.iter().zip(&most);
            let sum = all.map(|(count, row)| u64::from(*count) * u64::from(row[w])).sum();
            percent(sum, share).max(least[w].saturating_mul(doctors))
        })
    }
}

/// The hard limits that belong to soft ones.
pub(super) fn hard(soft: Row) -> Row {
    soft.map(|files| files.saturating_add(files.div_ceil(4)))
}

fn percent(of: u64, percent: u32) -> u32 {
    u32::try_from(of.saturating_mul(u64::from(percent)) / 100).unwrap_or(u32::MAX)
}

/// Whole seconds, as the windows count them: enough until the year 2106.
pub(super) fn seconds(time: Time) -> u32 {
    u32::try_from(time.seconds()).unwrap_or(u32::MAX)
}

/// Whose budget a window counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(super) enum Key {
    #[n(0)]
    Card(#[n(0)] u32),
    #[n(1)]
    Former(#[n(0)] u32),
    #[n(2)]
    Emergency(#[n(0)] u32),
    #[n(3)]
    Found(#[n(0)] u32),
    #[n(4)]
    Practice(#[n(0)] u32),
    #[n(5)]
    Server(#[n(0)] ServerId),
    #[n(6)]
    Device(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]),
    #[n(7)]
    Matched(#[n(0)] u32),
    #[n(8)]
    Summary(#[n(0)] u32),
    #[n(9)]
    Summaries(#[n(0)] u32),
    #[n(10)]
    Relating(#[n(0)] u32),
}

impl Key {
    /// The window of a class that has its own, beside the card's.
    pub(super) fn of_class(class: RelationClass, card: u32) -> Option<Key> {
        match class {
            RelationClass::Former => Some(Key::Former(card)),
            RelationClass::Emergency => Some(Key::Emergency(card)),
            _ => None,
        }
    }
}

/// Marks a file in a window that was asked for and withheld until a new sign-in.
const WITHHELD: u32 = 1 << 31;

/// The files of the last 30 days with their seconds, oldest first; a file counts once, by its
/// last time.
#[derive(Default)]
pub(super) struct Window {
    log: VecDeque<(u32, u32)>,
    /// Position of the log's front; positions wrap around.
    base: u32,
    /// For each width: where it begins, and how many files are within it.
    marks: [(u32, u32); WINDOWS.len()],
    /// Position of each file's last time.
    last: HashMap<u32, u32, BuildHasherDefault<Spread>>,
}

/// FNV-1a: numbers of files count up, and nobody can choose many that collide.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        self.0 = bytes.iter().fold(self.0, step);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

impl Window {
    /// Counts a file at this second, which is never before an earlier one.
    pub(super) fn add(&mut self, file: u32, withheld: bool, now: u32) {
        self.advance(now);
        let position = self.base.wrapping_add(self.log.len() as u32);
        let before = self.last.insert(file, position);
        for (from, live) in &mut self.marks {
            let counted =
                before.is_some_and(|p| p.wrapping_sub(self.base) >= from.wrapping_sub(self.base));
            *live += u32::from(!counted);
        }
        self.log.push_back((if withheld { file | WITHHELD } else { file }, now));
    }

    /// Lets go of what is older than 30 days; says whether nothing is left.
    pub(super) fn advance(&mut self, now: u32) -> bool {
        for ((from, live), width) in self.marks.iter_mut().zip(WINDOWS) {
            while let Some((item, at)) = self.log.get(from.wrapping_sub(self.base) as usize) {
                if at.saturating_add(width) > now {
                    break;
                }
                *live -= u32::from(self.last.get(&(item & !WITHHELD)) == Some(from));
                *from = from.wrapping_add(1);
            }
        }
        while let Some((item, at)) = self.log.front() {
            if at.saturating_add(MONTH) > now {
                break;
            }
            let file = item & !WITHHELD;
            if self.last.get(&file) == Some(&self.base) {
                self.last.remove(&file);
            }
            self.log.pop_front();
            self.base = self.base.wrapping_add(1);
        }
        self.log.is_empty()
    }

    /// How many distinct files each window would hold with this one.
    pub(super) fn with(&self, file: u32, now: u32) -> Row {
        let known = self.time_of(file);
        std::array::from_fn(|w| {
            let (mut from, mut live) = self.marks[w];
            while let Some((item, at)) = self.log.get(from.wrapping_sub(self.base) as usize) {
                if at.saturating_add(WINDOWS[w]) > now {
                    break;
                }
                live -= u32::from(self.last.get(&(item & !WITHHELD)) == Some(&from));
                from = from.wrapping_add(1);
            }
            live + u32::from(known.is_none_or(|at| at.saturating_add(WINDOWS[w]) <= now))
        })
    }

    /// The same, counting only what came after `since`.
    pub(super) fn with_since(&self, file: u32, since: u32, now: u32) -> Row {
        let mut row = [1; WINDOWS.len()];
        for (offset, (item, at)) in self.log.iter().enumerate().rev() {
            if *at <= since {
                break;
            }
            let other = item & !WITHHELD;
            let position = self.base.wrapping_add(offset as u32);
            if other != file && self.last.get(&other) == Some(&position) {
                for (count, width) in row.iter_mut().zip(WINDOWS) {
                    *count += u32::from(at.saturating_add(width) > now);
                }
            }
        }
        row
    }

    /// Whether this file was released, not only asked for, within the last 24 hours.
    pub(super) fn released_today(&self, file: u32, now: u32) -> bool {
        self.entry_of(file)
            .is_some_and(|(item, at)| item & WITHHELD == 0 && at.saturating_add(DAY) > now)
    }

    /// Files with their last times, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.log.iter().map(|(item, at)| (item & !WITHHELD, *at))
    }

    /// When it came last.
    pub(super) fn time_of(&self, file: u32) -> Option<u32> {
        self.entry_of(file).map(|(_, at)| at)
    }

    fn entry_of(&self, file: u32) -> Option<(u32, u32)> {
        let offset = self.last.get(&file)?.wrapping_sub(self.base);
        self.log.get(offset as usize).copied()
    }
}

/// Whether any window holds more than it may.
pub(super) fn over(counts: Row, limits: Row) -> bool {
    counts.iter().zip(limits).any(|(count, limit)| *count > limit)
}

impl PartialEq for Window {
    /// The rest follows from the log.
    fn eq(&self, other: &Window) -> bool {
        self.log == other.log
    }
}

impl<C> Encode<C> for Window {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2 * self.log.len() as u64)?;
        for (item, at) in &self.log {
            e.u32(*item)?.u32(*at)?;
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Window {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let mut window = Window::default();
        for _ in 0..d.array()?.unwrap_or(0) / 2 {
            let (item, at) = (d.u32()?, d.u32()?);
            window.add(item & !WITHHELD, item & WITHHELD != 0, at);
        }
        Ok(window)
    }
}

#[cfg(test)]
mod tests;
