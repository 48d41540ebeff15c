//! Many files at once, honestly: recalls, vaccinations, lists that are taken over, movers.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::happening::{HonestWhy, PersonId, Reason, UnitId, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// Share of a list that is taken over with a colleague's retirement.
const TAKEN_SHARE: f64 = 0.3;

/// A weekday at a practice, beside care.
pub(crate) fn day(scene: &mut Scene) {
    if scene.day == 0 {
        approve_list(scene);
    }
    if !scene.weekday() {
        return;
    }
    let p = &scene.region.p;
    if scene.dice.chance(p.campaigns_a_year / 250.0) {
        campaign(scene);
    }
    if scene.day > 0 && scene.dice.chance(p.take_overs_a_year / 250.0) {
        take_over(scene);
    }
    if scene.day.is_multiple_of(7) {
        welcome(scene);
    }
}

/// The list as it is when the world begins.
fn approve_list(scene: &mut Scene) {
    let list = &scene.state.lists[usize::from(scene.unit.0)];
    let people: Vec<PersonId> = list.iter().map(|n| PersonId(*n)).collect();
    let list = scene.state.announce(scene.day, people);
    scene.sheet.push(0, What::Listed { unit: scene.unit, list });
}

/// Two or three of the practice go through hundreds of files in a day or two.
fn campaign(scene: &mut Scene) {
    let p = &scene.region.p;
    let count = scene.dice.between(p.campaign_least as u64, p.campaign_most as u64);
    for _ in 0..count {
        // Not the frequent attenders: a recall is for an age or a disease.
        let Some(person) = scene.state.listed(scene.unit, 1.0, &mut scene.dice) else { continue };
        let days = 1.0 + scene.dice.share() * 2.0;
        let at = scene.weekday_after(days);
        let unit = scene.unit;
        scene.sheet.plan(Task { at, job: Job::Campaign, unit, person, evident: 0 });
    }
}

/// One file of a campaign.
pub(crate) fn recall(scene: &mut Scene, task: &Task) {
    if scene.state.practice[task.person.0 as usize] != scene.unit.0 {
        return;
    }
    let role = if scene.dice.chance(0.5) { Role::Nurse } else { Role::Receptionist };
    if let Some(staff) = scene.somebody(role, task.at) {
        scene.open(staff, task.person, task.at, Known::Yes, HonestWhy::Campaign);
    }
}

/// A part of another practice's list comes here. Mostly two officers approve it before.
fn take_over(scene: &mut Scene) {
    let p = &scene.region.p;
    let practices = scene.region.of_kind(UnitKind::Practice, None).count();
    let nth = scene.dice.below(practices);
    let from = scene.region.of_kind(UnitKind::Practice, None).nth(nth);
    let Some(from) = from.filter(|from| *from != scene.unit) else { return };
    let list = scene.state.lists[usize::from(from.0)].len();
    let count = (list as f64 * TAKEN_SHARE) as usize;
    let mut people = Vec::with_capacity(count);
    for _ in 0..count {
        let list = &scene.state.lists[usize::from(from.0)];
        let person = PersonId(list[scene.dice.below(list.len())]);
        scene.state.move_to(person, scene.unit);
        people.push(person);
        let (to, now) = (scene.unit, scene.midnight());
        scene.sheet.push(now, What::Moved { person, from, to });
    }
    let late = scene.dice.chance(p.take_over_late);
    let evident = if late { scene.midnight() + scene.lateness() } else { 0 };
    let opened = (p.take_over_files as usize).min(people.len());
    for person in people.iter().take(opened).copied() {
        let days = 1.0 + scene.dice.share() * 4.0;
        let at = scene.weekday_after(days);
        let unit = scene.unit;
        scene.sheet.plan(Task { at, job: Job::TakeOver, unit, person, evident });
    }
    if late {
        // The weekly list brings them.
        scene.state.movers[usize::from(scene.unit.0)].extend(people);
    } else {
        let list = scene.state.announce(scene.day, people);
        let at = scene.midnight() + 600;
        scene.sheet.push(at, What::Listed { unit: scene.unit, list });
    }
}

/// One file of a list that was taken over.
pub(crate) fn taken(scene: &mut Scene, task: &Task) {
    let role = if scene.dice.chance(0.5) { Role::Doctor } else { Role::Receptionist };
    let Some(staff) = scene.somebody(role, task.at) else { return };
    let waiting = scene.state.movers[usize::from(scene.unit.0)].contains(&task.person);
    let known = if waiting { Known::No(Reason::TakeOver) } else { Known::Yes };
    scene.open(staff, task.person, task.at, known, HonestWhy::TakeOver);
}

/// Once a week two officers approve the list of those who changed to this practice.
fn welcome(scene: &mut Scene) {
    let people = std::mem::take(&mut scene.state.movers[usize::from(scene.unit.0)]);
    if people.is_empty() {
        return;
    }
    let list = scene.state.announce(scene.day, people);
    let at = scene.midnight() + 8 * 3600;
    scene.sheet.push(at, What::Listed { unit: scene.unit, list });
}

impl Scene<'_> {
    /// Somebody changes from one practice to another.
    pub(crate) fn change_practice(&mut self, person: PersonId, to: UnitId) {
        let from = UnitId(self.state.practice[person.0 as usize]);
        if from == to {
            return;
        }
        self.state.move_to(person, to);
        self.state.movers[usize::from(to.0)].push(person);
        self.sheet.tally.count(HonestWhy::MovedPractice);
        let at = self.midnight() + 6 * 3600;
        self.sheet.push(at, What::Moved { person, from, to });
        // Many change because they want to be seen.
        if self.dice.chance(0.5) {
            let days = 1.0 + self.dice.wait(4.0);
            let at = self.weekday_after(days);
            self.sheet.plan(Task { at, job: Job::Visit, unit: to, person, evident: 0 });
        }
    }
}
