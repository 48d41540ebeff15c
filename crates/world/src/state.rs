//! What changes while the days pass: lists, beds, recent patients, who is dead.

use crate::dice::Dice;
use crate::happening::{ListNumber, PersonId, UnitId};
use crate::region::Region;

/// Recent patients that a unit remembers, for letters, audits and complaints.
const RECENT: usize = 600;
/// Cases without explanation that a unit has in hand at most.
const CASES: usize = 32;
/// Days for which an announced list can be read.
const LIST_DAYS: u32 = 2;

/// An inpatient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bed {
    pub(crate) person: PersonId,
    pub(crate) since: u64,
    pub(crate) until: u64,
    /// When the ward has evidence.
    pub(crate) evident: u64,
}

/// A patient that a unit remembers, and since when it has evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recent {
    pub(crate) person: PersonId,
    pub(crate) evident: u64,
}

/// A case that several of a unit open, and until when nothing explains it.
#[derive(Clone, Copy, Debug)]
struct Case {
    person: PersonId,
    until: u64,
    /// Colleagues who will open it yet.
    left: usize,
}

pub(crate) struct State {
    /// The list of each practice; empty for other units.
    pub(crate) lists: Vec<Vec<u32>>,
    /// The practice of each person now.
    pub(crate) practice: Vec<u16>,
    pub(crate) beds: Vec<Vec<Bed>>,
    recent: Vec<Vec<Recent>>,
    oldest: Vec<usize>,
    /// Those whom nothing explains yet.
    cases: Vec<Vec<Case>>,
    pub(crate) dead: Vec<bool>,
    pub(crate) cohort: Vec<PersonId>,
    /// Those who changed to each practice and are on no approved list yet.
    pub(crate) movers: Vec<Vec<PersonId>>,
    announced: Vec<(u32, ListNumber, Vec<PersonId>)>,
    next_list: u32,
}

impl State {
    pub(crate) fn new(region: &Region) -> State {
        let units = region.units.len();
        let mut lists = vec![Vec::new(); units];
        for (number, person) in region.people.all.iter().enumerate() {
            lists[usize::from(person.practice.0)].push(number as u32);
        }
        // Frequent attenders stand first, so their order must not be that of the streets.
        let mut dice = Dice::of(region.seed, [3, 0, 0]);
        for list in &mut lists {
            for last in (1..list.len()).rev() {
                list.swap(last, dice.below(last + 1));
            }
        }
        State {
            lists,
            practice: region.people.all.iter().map(|person| person.practice.0).collect(),
            beds: vec![Vec::new(); units],
            recent: vec![Vec::new(); units],
            oldest: vec![0; units],
            cases: vec![Vec::new(); units],
            dead: vec![false; region.people.all.len()],
            cohort: Vec::new(),
            movers: vec![Vec::new(); units],
            announced: Vec::new(),
            next_list: 0,
        }
    }

    pub(crate) fn remember(&mut self, unit: UnitId, person: PersonId, evident: u64) {
        let unit = usize::from(unit.0);
        let row = Recent { person, evident };
        if self.recent[unit].len() < RECENT {
            self.recent[unit].push(row);
        } else {
            self.recent[unit][self.oldest[unit]] = row;
            self.oldest[unit] = (self.oldest[unit] + 1) % RECENT;
        }
    }

    pub(crate) fn recent(&self, unit: UnitId, dice: &mut Dice) -> Option<Recent> {
        let rows = &self.recent[usize::from(unit.0)];
        rows.get(dice.below(rows.len())).copied()
    }

    /// Keeps a case in hand, so that colleagues open it too.
    pub(crate) fn take_up(&mut self, unit: UnitId, person: PersonId, until: u64, left: usize) {
        let cases = &mut self.cases[usize::from(unit.0)];
        if cases.len() >= CASES {
            cases.remove(0);
        }
        cases.push(Case { person, until, left });
    }

    /// A case in hand that nothing explains at this time.
    pub(crate) fn case(&mut self, unit: UnitId, at: u64, dice: &mut Dice) -> Option<PersonId> {
        let cases = &mut self.cases[usize::from(unit.0)];
        cases.retain(|case| case.until > at && case.left > 0);
        let number = dice.below(cases.len());
        let case = cases.get_mut(number)?;
        case.left -= 1;
        Some(case.person)
    }

    /// Somebody of the list, frequent attenders more often; nobody where it is empty.
    pub(crate) fn listed(&self, unit: UnitId, skew: f64, dice: &mut Dice) -> Option<PersonId> {
        let list = &self.lists[usize::from(unit.0)];
        let at = (list.len() as f64 * dice.share().powf(skew)) as usize;
        list.get(at).map(|n| PersonId(*n)).filter(|person| !self.dead[person.0 as usize])
    }

    /// Moves a person from one practice's list to another's.
    pub(crate) fn move_to(&mut self, person: PersonId, to: UnitId) {
        let from = usize::from(self.practice[person.0 as usize]);
        if let Some(at) = self.lists[from].iter().position(|n| *n == person.0) {
            self.lists[from].swap_remove(at);
        }
        self.practice[person.0 as usize] = to.0;
        self.lists[usize::from(to.0)].push(person.0);
    }

    /// Keeps a list so that it can be read when its happening comes.
    pub(crate) fn announce(&mut self, day: u32, people: Vec<PersonId>) -> ListNumber {
        let number = ListNumber(self.next_list);
        self.next_list += 1;
        self.announced.push((day, number, people));
        number
    }

    pub(crate) fn forget_lists(&mut self, today: u32) {
        self.announced.retain(|(day, _, _)| day + LIST_DAYS > today);
    }

    pub(crate) fn list(&self, number: ListNumber) -> &[PersonId] {
        let found = self.announced.iter().find(|(_, other, _)| *other == number);
        found.map_or(&[], |(_, _, people)| people)
    }

    /// An inpatient of a ward.
    pub(crate) fn inpatient(&self, ward: UnitId, dice: &mut Dice) -> Option<PersonId> {
        let beds = &self.beds[usize::from(ward.0)];
        beds.get(dice.below(beds.len())).map(|bed| bed.person)
    }

    /// What grows with people, units and announced lists.
    pub(crate) fn held(&self) -> usize {
        let beds: usize = self.beds.iter().map(Vec::capacity).sum();
        let recent: usize = self.recent.iter().map(Vec::capacity).sum();
        let lists: usize = self.lists.iter().map(Vec::capacity).sum();
        let announced: usize = self.announced.iter().map(|(_, _, people)| people.len()).sum();
        beds + recent + lists + announced + self.dead.len()
    }
}
