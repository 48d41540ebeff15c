//! Simple bookkeeping over the stream: which opening was explained, by what others had signed.
//!
//! It is no detector and shares nothing with one; it only says whether the world is calibrated.

use std::collections::{BTreeMap, HashMap, VecDeque};
use world::{Happening, PersonId, Role, StaffId, UnitId, UnitKind, What, World};

const DAY: u64 = world::DAY;
/// For how long a signature counts, in days: assumed for this bookkeeping alone.
const STRONG_DAYS: u64 = 90;
const PHARMACY_DAYS: u64 = 3;
const BOOKED_BEFORE_DAYS: u64 = 7;
const BOOKED_AFTER_DAYS: u64 = 2;
const LATER_DAYS: u64 = 14;

/// What a unit knows of a person.
#[derive(Clone, Copy, Default)]
struct Relation {
    strong_until: u64,
    booked_from: u64,
    booked_until: u64,
    weak: bool,
}

/// How well an opening is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Explained {
    Not,
    Weakly,
    Strongly,
}

/// Sums of one role in one kind of unit.
#[derive(Default)]
pub(crate) struct Line {
    /// Distinct files of each staff-day.
    pub(crate) files: Vec<u32>,
    /// First openings of a file on a day, by how they were explained.
    pub(crate) explained: [u64; 3],
    /// Unexplained ones of each staff-day.
    pub(crate) unexplained: Vec<u32>,
    /// Of the unexplained: explained 14 days later, and how many are that old.
    pub(crate) later: (u64, u64),
}

/// The bookkeeping.
pub(crate) struct Books {
    relations: HashMap<u64, Relation>,
    today: HashMap<u64, ()>,
    day: u64,
    counts: HashMap<u32, (u32, u32)>,
    waiting: VecDeque<(u64, StaffId, PersonId)>,
    pub(crate) lines: BTreeMap<(UnitKind, Role), Line>,
    pub(crate) openings: u64,
    pub(crate) happenings: u64,
    /// Openings before this second are not counted: relations have to build up first.
    pub(crate) from: u64,
    /// Gives each relation to another unit, so that nothing explains what it should.
    pub(crate) shuffled: bool,
}

impl Books {
    pub(crate) fn new(from: u64) -> Books {
        Books {
            relations: HashMap::new(),
            today: HashMap::new(),
            day: 0,
            counts: HashMap::new(),
            waiting: VecDeque::new(),
            lines: BTreeMap::new(),
            openings: 0,
            happenings: 0,
            from,
            shuffled: false,
        }
    }

    pub(crate) fn take(&mut self, world: &World, happening: Happening) {
        let Happening { at, what } = happening;
        self.happenings += 1;
        while self.day < at / DAY {
            self.close_day(world);
        }
        match what {
            What::Presence { person, unit, .. } => {
                let kind = world.units()[usize::from(unit.0)].kind;
                let days = if kind == UnitKind::Pharmacy { PHARMACY_DAYS } else { STRONG_DAYS };
                self.strong(world, unit, person, at + days * DAY);
            }
            What::Referral { to, person, .. } => {
                self.strong(world, to, person, at + STRONG_DAYS * DAY);
            }
            What::Admission { ward, person, .. } => {
                self.strong(world, ward, person, at + STRONG_DAYS * DAY);
            }
            What::Booking { person, unit, at: then } => {
                let relation = self.relation(world, unit, person);
                relation.booked_from = then.saturating_sub(BOOKED_BEFORE_DAYS * DAY);
                relation.booked_until = then + BOOKED_AFTER_DAYS * DAY;
                relation.weak = true;
            }
            What::Listed { unit, list } => {
                for person in world.list(list).to_vec() {
                    self.relation(world, unit, person).weak = true;
                }
            }
            What::Open { staff, person, .. } => self.opening(world, staff, person, at),
            _ => {}
        }
    }

    fn strong(&mut self, world: &World, unit: UnitId, person: PersonId, until: u64) {
        let relation = self.relation(world, unit, person);
        relation.strong_until = relation.strong_until.max(until);
        relation.weak = true;
    }

    fn relation(&mut self, world: &World, unit: UnitId, person: PersonId) -> &mut Relation {
        let person = if self.shuffled {
            // Another person, always the same one: relations stay as many as they were.
            let people = world.people().len() as u64;
            (u64::from(person.0) * 7919 + 104_729) % people
        } else {
            u64::from(person.0)
        };
        self.relations.entry(u64::from(unit.0) << 32 | person).or_default()
    }

    /// How well an opening would be explained at this time.
    pub(crate) fn explained(&self, unit: UnitId, person: PersonId, at: u64) -> Explained {
        let key = u64::from(unit.0) << 32 | u64::from(person.0);
        match self.relations.get(&key) {
            Some(r) if r.strong_until > at => Explained::Strongly,
            Some(r) if (r.booked_from..r.booked_until).contains(&at) => Explained::Strongly,
            Some(r) if r.weak => Explained::Weakly,
            _ => Explained::Not,
        }
    }

    fn opening(&mut self, world: &World, staff: StaffId, person: PersonId, at: u64) {
        self.openings += 1;
        let first = self.today.insert(u64::from(staff.0) << 32 | u64::from(person.0), ());
        if first.is_some() || at < self.from {
            return;
        }
        let who = &world.staff()[staff.0 as usize];
        let explained = self.explained(who.unit, person, at);
        let kind = world.units()[usize::from(who.unit.0)].kind;
        let line = self.lines.entry((kind, who.role)).or_default();
        line.explained[explained as usize] += 1;
        let count = self.counts.entry(staff.0).or_default();
        count.0 += 1;
        if explained == Explained::Not {
            count.1 += 1;
            self.waiting.push_back((at, staff, person));
        }
    }

    fn close_day(&mut self, world: &World) {
        self.day += 1;
        self.today.clear();
        for (staff, (files, unexplained)) in std::mem::take(&mut self.counts) {
            let who = &world.staff()[staff as usize];
            let kind = world.units()[usize::from(who.unit.0)].kind;
            let line = self.lines.entry((kind, who.role)).or_default();
            line.files.push(files);
            line.unexplained.push(unexplained);
        }
        let now = self.day * DAY;
        while let Some((at, staff, person)) = self.waiting.front().copied() {
            if at + LATER_DAYS * DAY > now {
                break;
            }
            self.waiting.pop_front();
            let who = &world.staff()[staff.0 as usize];
            let kind = world.units()[usize::from(who.unit.0)].kind;
            let known = self.explained(who.unit, person, now) != Explained::Not;
            let later = &mut self.lines.entry((kind, who.role)).or_default().later;
            later.0 += u64::from(known);
            later.1 += 1;
        }
    }

    /// Shares of all first openings: strongly, weakly, not explained, and still not 14 days later.
    pub(crate) fn shares(&self) -> [f64; 4] {
        let mut sums = [0u64; 3];
        let mut later = (0, 0);
        for line in self.lines.values() {
            for (sum, part) in sums.iter_mut().zip(line.explained) {
                *sum += part;
            }
            later = (later.0 + line.later.0, later.1 + line.later.1);
        }
        let all = sums.iter().sum::<u64>().max(1) as f64;
        let never = 1.0 - later.0 as f64 / later.1.max(1) as f64;
        [
            sums[2] as f64 / all,
            sums[1] as f64 / all,
            sums[0] as f64 / all,
            sums[0] as f64 / all * never,
        ]
    }

    /// Of evenly spread pairs of staff and person: strongly explained, explained at all, pairs.
    pub(crate) fn random_pairs(
        &self,
        world: &World,
        at: u64,
    ) -> BTreeMap<UnitKind, (u32, u32, u32)> {
        let mut pairs = BTreeMap::new();
        let (staff, people) = (world.staff().len() as u64, world.people().len() as u64);
        for n in 0..200_000u64 {
            let who = &world.staff()[(n.wrapping_mul(2_654_435_761) % staff) as usize];
            let person = PersonId((n.wrapping_mul(40_503_001) / 7 % people) as u32);
            let kind = world.units()[usize::from(who.unit.0)].kind;
            let (strong, any, all): &mut (u32, u32, u32) = pairs.entry(kind).or_default();
            let explained = self.explained(who.unit, person, at);
            *strong += u32::from(explained == Explained::Strongly);
            *any += u32::from(explained != Explained::Not);
            *all += 1;
        }
        pairs
    }
}

/// The value that this share of the values does not exceed.
pub(crate) fn quantile(values: &[u32], share: f64) -> u32 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(at).copied().unwrap_or(0)
}

/// Mean.
pub(crate) fn mean(values: &[u32]) -> f64 {
    values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len().max(1) as f64
}

/// Variance over mean.
pub(crate) fn over_dispersion(values: &[u32]) -> f64 {
    let mean = mean(values);
    let squares = values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>();
    squares / values.len().max(1) as f64 / mean.max(1e-9)
}
