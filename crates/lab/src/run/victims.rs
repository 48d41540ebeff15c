//! Whom an attacker means: drawn from what it could know from outside.

use super::Run;
use crate::attack::Victim;
use crate::defence::Defence;
use terms::Duration;

/// Whom a practice saw within this time is on its screens.
const SCREENS: Duration = Duration::from_days(2);
/// Of a snooper's victims, family is 77 % (Protenus, 2018); the rest are colleagues and neighbours.
const FAMILY: f64 = 0.77;
const COLLEAGUE: f64 = 0.13;

impl<D: Defence> Run<'_, D> {
    /// Whose file, for the holder of this card at this place.
    pub(super) fn victim(
        &mut self,
        victim: Victim,
        place: u32,
        holder: Option<u32>,
        last: Option<u32>,
        famous: u32,
    ) -> u32 {
        match victim {
            Victim::Stranger => self.stranger(place),
            Victim::Listed => self.listed_person(place),
            Victim::Current => self.current(place),
            Victim::Known => self.acquaintance(place, holder),
            Victim::Famous => famous,
            Victim::Same => last.unwrap_or(famous),
        }
    }

    fn is_current(&self, place: u32, person: u32) -> bool {
        let event = self.related.get(&(place, person));
        event.is_some_and(|(since, until)| *since <= self.now && self.now < *until)
    }

    pub(super) fn stranger(&mut self, place: u32) -> u32 {
        let people = self.scene.people.len();
        for _ in 0..50 {
            let person = self.chance.below(people) as u32;
            let listed = self.scene.home[person as usize] == place;
            if !listed && !self.related.contains_key(&(place, person)) {
                return person;
            }
        }
        self.chance.below(people) as u32
    }

    /// From the list, where canaries stand among the others; without a list, a former patient.
    fn listed_person(&mut self, place: u32) -> u32 {
        let (list, known) = (&self.scene.places[place as usize].list, &self.known[place as usize]);
        let canaries = &self.setting.canaries[place as usize];
        let of = if list.is_empty() { known } else { list };
        if of.is_empty() {
            return self.stranger(place);
        }
        for _ in 0..50 {
            let number = self.chance.below(of.len() + canaries.len());
            let Some(person) = of.get(number).copied() else {
                return canaries[number - of.len()];
            };
            if !self.is_current(place, person) {
                return person;
            }
        }
        of[self.chance.below(of.len())]
    }

    fn current(&mut self, place: u32) -> u32 {
        let recent = &self.recent[place as usize];
        let first = recent.partition_point(|(_, at)| *at + SCREENS < self.now);
        let many = recent.len() - first;
        if many == 0 {
            return self.listed_person(place);
        }
        self.recent[place as usize][first + self.chance.below(many)].0
    }

    fn acquaintance(&mut self, place: u32, holder: Option<u32>) -> u32 {
        let own = holder.and_then(|staff| self.scene.staff[staff as usize].person);
        let Some(own) = own else { return self.listed_person(place) };
        let u = self.chance.unit();
        let (people, me) = (&self.scene.people, self.scene.people[own as usize]);
        let mut of: Vec<u32> = if u < FAMILY {
            let near = near(own, people.len());
            near.filter(|p| people[*p as usize].household == me.household).collect()
        } else if u < FAMILY + COLLEAGUE {
            let staff = self.scene.staff.iter().filter(|staff| staff.place == place);
            staff.filter_map(|staff| staff.person).collect()
        } else {
            near(own, people.len()).filter(|p| people[*p as usize].street == me.street).collect()
        };
        of.retain(|person| *person != own);
        if of.is_empty() {
            // Family that lives elsewhere has the name.
            let namesakes = 0..people.len() as u32;
            of = namesakes
                .filter(|p| *p != own && people[*p as usize].family == me.family)
                .take(200)
                .collect();
        }
        self.chance.pick(&of).copied().unwrap_or(own)
    }
}

/// People who live nearby have numbers nearby.
fn near(own: u32, people: usize) -> std::ops::Range<u32> {
    own.saturating_sub(200)..(own + 200).min(people as u32)
}
