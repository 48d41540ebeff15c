//! People in households, streets and towns.

use crate::dice::Dice;
use crate::happening::{PersonId, UnitId};
use crate::names::Surnames;
use crate::parameters::Parameters;
use std::ops::Range;

/// Shares of households of one to five people: assumed, near those of northern Europe.
const HOUSEHOLDS: [f64; 5] = [0.40, 0.33, 0.12, 0.11, 0.04];

/// One person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who lives in the same household has the same number, and the same address.
    pub household: u32,
    /// Who lives in the same street has the same number.
    pub street: u32,
    /// Number of the family name; [`World::surname`](crate::World::surname) writes it.
    pub surname: u16,
    /// Years of age at the beginning.
    pub age: u8,
    /// The practice at the beginning.
    pub practice: UnitId,
}

pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    /// First person of each household; one more at the end.
    households: Vec<u32>,
    /// First person of each town; one more at the end.
    towns: Vec<u32>,
    /// People of each surname, in order of their numbers.
    namesakes: Vec<u32>,
    /// Where those of each surname begin; one more at the end.
    surnames: Vec<u32>,
}

impl People {
    /// Makes `count` people; `practices` says which practices each town has.
    pub(crate) fn new(
        count: u32,
        p: &Parameters,
        practices: &[Vec<UnitId>],
        dice: &mut Dice,
    ) -> People {
        let names = Surnames::new(p.surnames as usize, p.surname_steepness);
        let mut all: Vec<Person> = Vec::with_capacity(count as usize);
        let (mut households, mut towns) = (Vec::new(), vec![0]);
        let each = count.div_ceil(practices.len() as u32);
        let per_street = p.street_households as u32;
        while (all.len() as u32) < count {
            let town = towns.len() - 1;
            let first = all.len() as u32;
            let surname = if first > towns[town] && dice.chance(p.surname_kin) {
                all[dice.between(u64::from(towns[town]), u64::from(first) - 1) as usize].surname
            } else {
                names.draw(dice)
            };
            let practice = registered(town, practices, p, dice);
            let household = households.len() as u32;
            households.push(first);
            let size = size(dice).min(count as usize - all.len());
            let grown = dice.between(22, 92) as u8;
            for place in 0..size {
                let second = place == 1 && dice.chance(p.surname_second);
                let surname = if second { names.draw(dice) } else { surname };
                let age = age(place, grown, dice);
                let street = household / per_street;
                all.push(Person { household, street, surname, age, practice });
            }
            if all.len() as u32 >= each * towns.len() as u32 {
                towns.push(all.len() as u32);
            }
        }
        households.push(count);
        if towns.last() != Some(&count) {
            towns.push(count);
        }
        let (namesakes, surnames) = by_surname(&all, p.surnames as usize);
        People { all, households, towns, namesakes, surnames }
    }

    pub(crate) fn town(&self, town: usize) -> Range<u32> {
        let town = town.min(self.towns.len() - 2);
        self.towns[town]..self.towns[town + 1]
    }

    pub(crate) fn household(&self, of: PersonId) -> Range<u32> {
        let household = self.all[of.0 as usize].household as usize;
        self.households[household]..self.households[household + 1]
    }

    /// Somebody else of the same household, or of the same surname anywhere.
    pub(crate) fn mistaken_for(&self, person: PersonId, dice: &mut Dice) -> Option<PersonId> {
        let home = self.household(person);
        let surname = usize::from(self.all[person.0 as usize].surname);
        let same = self.surnames[surname]..self.surnames[surname + 1];
        let other = if home.len() > 1 && dice.chance(0.4) {
            home.start + dice.below(home.len()) as u32
        } else {
            self.namesakes[same.start as usize + dice.below(same.len())]
        };
        (other != person.0).then_some(PersonId(other))
    }

    /// A relative, somebody of the street, or somebody of the same surname nearby.
    pub(crate) fn acquaintance(&self, person: PersonId, dice: &mut Dice) -> Option<PersonId> {
        let home = self.household(person);
        if home.len() > 1 && dice.chance(0.3) {
            let other = home.start + dice.below(home.len()) as u32;
            return (other != person.0).then_some(PersonId(other));
        }
        // A street has about twice as many people as households, one after another.
        let near = i64::from(person.0) + dice.below(121) as i64 - 60;
        let other = u32::try_from(near).ok().filter(|n| (*n as usize) < self.all.len())?;
        let street = |n: u32| self.all[n as usize].street;
        (other != person.0 && street(other) == street(person.0)).then_some(PersonId(other))
    }
}

fn size(dice: &mut Dice) -> usize {
    let mut left = dice.share();
    let fits = HOUSEHOLDS.iter().position(|share| {
        left -= share;
        left < 0.0
    });
    fits.unwrap_or(0) + 1
}

fn age(place: usize, grown: u8, dice: &mut Dice) -> u8 {
    match place {
        0 => grown,
        1 => (grown + dice.below(7) as u8).saturating_sub(3).max(18),
        _ => dice.below(usize::from(grown.saturating_sub(18).clamp(1, 24))) as u8,
    }
}

fn registered(town: usize, practices: &[Vec<UnitId>], p: &Parameters, dice: &mut Dice) -> UnitId {
    let near = &practices[town.min(practices.len() - 1)];
    let from = if near.is_empty() || !dice.chance(p.practice_near) {
        let with: usize = practices.iter().map(Vec::len).sum();
        return *practices.iter().flatten().nth(dice.below(with)).unwrap_or(&UnitId(0));
    } else {
        near
    };
    from[dice.below(from.len())]
}

fn by_surname(all: &[Person], count: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0u32; count + 1];
    for person in all {
        starts[usize::from(person.surname) + 1] += 1;
    }
    for n in 1..starts.len() {
        starts[n] += starts[n - 1];
    }
    let (mut next, mut namesakes) = (starts.clone(), vec![0; all.len()]);
    for (number, person) in all.iter().enumerate() {
        let slot = &mut next[usize::from(person.surname)];
        namesakes[*slot as usize] = number as u32;
        *slot += 1;
    }
    (namesakes, starts)
}
