//! The world: an iterator of happenings, day after day.

use crate::calendar::{Job, Sheet, Task};
use crate::care::{emergency, office, pharmacy, practice, stay, ward, worklist};
use crate::day::Scene;
use crate::dice::Dice;
use crate::duty::{Duty, employed};
use crate::evidence::NEVER;
use crate::habits::{away, campaign, life, outage, quality, stray};
use crate::happening::{Happening, HonestWhy, ListNumber, PersonId, StaffId, UnitId, What};
use crate::names::surname;
use crate::people::Person;
use crate::plan::Plan;
use crate::region::{Region, Unit, UnitKind};
use crate::sessions::Sessions;
use crate::staff::Staff;
use crate::state::{Bed, State};

/// An honest world. As an iterator it yields every [`Happening`] in the order of time.
pub struct World {
    pub(crate) region: Region,
    state: State,
    pub(crate) duty: Duty,
    sheet: Sheet,
    tasks: Vec<Task>,
    sessions: Sessions,
    day: u32,
    next: usize,
}

impl World {
    /// Makes a world; the same plan and seed make the same.
    pub fn new(plan: &Plan, seed: u64) -> World {
        let region = Region::new(plan, seed);
        let mut state = State::new(&region);
        let duty = Duty::new(region.units.len());
        let mut sheet = Sheet::new();
        already_there(&region, &mut state, &mut sheet);
        let sessions = Sessions::new(region.staff.len());
        World { region, state, duty, sheet, tasks: Vec::new(), sessions, day: 0, next: 0 }
    }

    /// Every unit; a [`UnitId`] is the place in it.
    pub fn units(&self) -> &[Unit] {
        &self.region.units
    }

    /// Everybody who has a card at any time; a [`StaffId`] is the place in it.
    pub fn staff(&self) -> &[Staff] {
        &self.region.staff
    }

    /// Everybody; a [`PersonId`] is the place in it.
    pub fn people(&self) -> &[Person] {
        &self.region.people.all
    }

    /// A surname in letters, made up.
    pub fn surname(&self, person: PersonId) -> String {
        surname(self.region.people.all[person.0 as usize].surname)
    }

    /// The people of a list, on the day it is approved and the day after.
    pub fn list(&self, list: ListNumber) -> &[PersonId] {
        self.state.list(list)
    }

    /// How many days there are.
    pub fn days(&self) -> u32 {
        self.region.days
    }

    /// How often something happened until now.
    pub fn tally(&self, why: HonestWhy) -> u64 {
        self.sheet.tally.of(why)
    }

    /// How many things are held in memory: it does not grow with the days.
    pub fn held(&self) -> usize {
        self.sheet.held() + self.state.held() + self.tasks.capacity()
    }

    /// Makes the next day.
    fn make_day(&mut self) {
        let day = self.day;
        self.sheet.begin(day, &mut self.tasks);
        self.sheet.out.retain_mut(|happening| {
            !of_the_dead(&self.state.dead, happening.what)
                && signed(&self.region, day, &mut happening.what)
        });
        self.state.forget_lists(day);
        self.duty.begin(&self.region, day);
        self.cards(day);
        self.tasks.sort_unstable_by_key(|task| (task.unit, task.at, task.person));
        let mut first = 0;
        for number in 0..self.region.units.len() {
            let unit = UnitId(number as u16);
            let length = self.tasks[first..].partition_point(|task| task.unit <= unit);
            let tasks = first..first + length;
            first = tasks.end;
            let (state, sheet) = (&mut self.state, &mut self.sheet);
            let mut scene = Scene::new(&self.region, &self.duty, state, sheet, unit, day);
            if !self.region.is_there(unit, day) {
                continue;
            }
            scene.sign_ins();
            for task in &self.tasks[tasks] {
                perform(&mut scene, task);
            }
            ordinary(&mut scene);
            stray::day(&mut scene);
        }
        let (state, sheet) = (&mut self.state, &mut self.sheet);
        // Any unit will do for what concerns the whole region; the desk is there at all hours.
        let desk = self.region.the(UnitKind::Desk, None);
        let mut scene = Scene::new(&self.region, &self.duty, state, sheet, desk, day);
        scene.dice = Dice::of(self.region.seed, [u64::from(day), 0, 22]);
        life::day(&mut scene);
        outage::day(&self.region, &mut self.sheet, day);
        self.sheet.out.sort_unstable_by_key(in_time);
        if self.sessions.complete(&self.region.staff, &mut self.sheet.out) {
            self.sheet.out.sort_unstable_by_key(in_time);
        }
        self.day += 1;
        self.next = 0;
    }

    /// Cards that begin and end today.
    fn cards(&mut self, day: u32) {
        for (number, staff) in self.region.staff.iter().enumerate() {
            let id = StaffId(number as u32);
            if staff.joins == day {
                let at = if day == 0 { 0 } else { self.sheet.midnight + 6 * 3600 };
                self.sheet.push(at, What::CardIssued { staff: id });
            }
            if staff.leaves == day {
                self.sheet.push(self.sheet.midnight + 12 * 3600, What::CardEnded { staff: id });
            }
        }
    }
}

impl Iterator for World {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        while self.next >= self.sheet.out.len() {
            if self.day >= self.region.days {
                return None;
            }
            self.make_day();
        }
        self.next += 1;
        Some(self.sheet.out[self.next - 1])
    }
}

fn in_time(happening: &Happening) -> (u64, u8) {
    (happening.at, order(happening.what))
}

/// What only the living do.
fn of_the_dead(dead: &[bool], what: What) -> bool {
    match what {
        What::Presence { person, .. } | What::Booking { person, .. } => dead[person.0 as usize],
        _ => false,
    }
}

/// Who was to sign late and has left meanwhile is replaced by a colleague, if there is one.
fn signed(region: &Region, day: u32, what: &mut What) -> bool {
    let (What::Referral { by, .. } | What::Admission { by, .. }) = what else { return true };
    let staff = &region.staff[by.0 as usize];
    if employed(staff, day) {
        return true;
    }
    let mut colleagues = region.unit(staff.unit).staff.clone();
    let there = colleagues.find(|number| {
        let other = &region.staff[*number as usize];
        other.role == staff.role && employed(other, day)
    });
    there.inspect(|number| *by = StaffId(*number)).is_some()
}

/// What comes first of what happens in the same second: evidence before what it explains.
fn order(what: What) -> u8 {
    match what {
        What::CardIssued { .. } => 0,
        What::Listed { .. } | What::Moved { .. } | What::Died { .. } => 1,
        What::SignIn { .. } => 2,
        What::Presence { .. }
        | What::Referral { .. }
        | What::Admission { .. }
        | What::Booking { .. } => 3,
        What::Find { .. } => 4,
        What::Open { .. } => 5,
        What::Deposit { .. } | What::Confirm { .. } => 6,
        What::CardEnded { .. } => 7,
    }
}

fn perform(scene: &mut Scene, task: &Task) {
    match task.job {
        Job::Visit => practice::visit(scene, task.person, task.at),
        Job::Clinic => stay::clinic(scene, task),
        Job::Admit => stay::planned(scene, task),
        Job::Inbox => practice::inbox(scene, task),
        Job::Code => worklist::code(scene, task),
        Job::Campaign => campaign::recall(scene, task),
        Job::TakeOver => campaign::taken(scene, task),
    }
}

fn ordinary(scene: &mut Scene) {
    match scene.kind() {
        UnitKind::Practice => {
            campaign::day(scene);
            practice::day(scene);
            quality::day(scene);
            away::evening_at_home(scene);
            away::on_call(scene);
        }
        UnitKind::Ward => {
            ward::day(scene);
            quality::day(scene);
        }
        UnitKind::Emergency => emergency::day(scene),
        UnitKind::Pharmacy => pharmacy::day(scene),
        UnitKind::Research => office::research(scene),
        UnitKind::Support => office::support(scene),
        UnitKind::Desk
        | UnitKind::HospitalPharmacy
        | UnitKind::Laboratory
        | UnitKind::Radiology
        | UnitKind::Coding => {}
    }
}

/// The inpatients that the world begins with, whom the desk records in the first hour.
fn already_there(region: &Region, state: &mut State, sheet: &mut Sheet) {
    let mut dice = Dice::of(region.seed, [4, 0, 0]);
    for ward in region.of_kind(UnitKind::Ward, None).filter(|ward| region.is_there(*ward, 0)) {
        let desk = region.the(UnitKind::Desk, region.unit(ward).hospital);
        let by = StaffId(region.unit(desk).staff.start);
        for _ in 0..(region.p.ward_beds * 0.8) as usize {
            let person = PersonId(dice.below(region.people.all.len()) as u32);
            let at = 60 + dice.below(3000) as u64;
            let days = dice.wait(region.p.stay_days);
            let until = at + 30_000 + (days * crate::DAY as f64) as u64;
            let evident = if by.0 < region.unit(desk).staff.end { at } else { NEVER };
            state.beds[usize::from(ward.0)].push(Bed { person, since: at, until, evident });
            sheet.first(at, What::Admission { desk, ward, person, by });
        }
    }
}
