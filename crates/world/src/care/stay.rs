//! Ways into and out of a ward: appointments, admissions, discharges.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::evidence::NEVER;
use crate::happening::{Document, HonestWhy, PersonId, Reason, UnitId, What};
use crate::opening::Known;
use crate::region::{USUAL_WARDS, UnitKind};
use crate::staff::Role;
use crate::state::Bed;

impl Scene<'_> {
    /// Any ward, or any of a hospital, with a bed for one more.
    pub(crate) fn some_ward(&mut self, hospital: Option<u8>) -> Option<UnitId> {
        let count = self.region.of_kind(UnitKind::Ward, hospital).count();
        let mut free = None;
        for _ in 0..6 {
            let nth = self.dice.below(count);
            let ward = self.region.of_kind(UnitKind::Ward, hospital).nth(nth)?;
            free = Some(ward);
            let beds = self.state.beds[usize::from(ward.0)].len();
            if (beds as f64) < self.region.p.ward_beds {
                break;
            }
        }
        free
    }

    /// A ward for this person: mostly one of the usual ones, for diseases stay.
    pub(crate) fn ward_for(&mut self, person: PersonId, hospital: Option<u8>) -> Option<UnitId> {
        let hospital = hospital.unwrap_or_else(|| {
            let away = self.dice.chance(1.0 - self.region.p.hospital_near);
            let any = self.dice.below(usize::from(self.region.hospitals_on(self.day))) as u8;
            if away { any } else { self.region.hospital_of(person, self.day) }
        });
        let nth = self.dice.below(USUAL_WARDS);
        let usual = self.region.usual_ward(person, hospital, nth)?;
        let beds = self.state.beds[usize::from(usual.0)].len() as f64;
        let free = beds < self.region.p.ward_beds;
        if free && self.dice.chance(self.region.p.usual_ward) {
            return Some(usual);
        }
        self.some_ward(Some(hospital))
    }

    /// An appointment at a clinic; half of the people confirm it with their own card.
    pub(crate) fn appointment(&mut self, ward: UnitId, person: PersonId, days: f64, evident: u64) {
        let at = self.weekday_after(days);
        let mut since = evident;
        if self.dice.chance(self.region.p.booked_by_patient) {
            let asked = at.saturating_sub(6 * crate::DAY).max(self.midnight() + 18 * 3600);
            let booking = What::Booking { person, unit: ward, at };
            since = since.min(self.evidence(asked, booking, 0.0, 0.0));
        }
        let job = Job::Clinic;
        self.sheet.plan(Task { at, job, unit: ward, person, evident: since });
    }

    /// Somebody is admitted to a ward. The desk records it, mostly at once.
    pub(crate) fn enter(&mut self, ward: UnitId, person: PersonId, at: u64, evident: u64) {
        if self.state.dead[person.0 as usize] {
            return;
        }
        let desk = self.region.the(UnitKind::Desk, self.region.unit(ward).hospital);
        if let Some(by) = self.anybody(self.unit, Some(Role::Doctor), at) {
            let asked = self.refer(desk, person, by, at.saturating_sub(900));
            self.register(desk, person, at.saturating_sub(300), asked);
        }
        let recorded = self.admit(ward, person, at).min(evident);
        self.expected(ward, person, at, recorded);
        let days = 0.5 + self.dice.wait(self.region.p.stay_days - 0.5);
        let until = at + (days * crate::DAY as f64) as u64;
        let bed = Bed { person, since: at, until, evident: recorded };
        self.state.beds[usize::from(ward.0)].push(bed);
    }

    fn register(&mut self, desk: UnitId, person: PersonId, at: u64, evident: u64) {
        if let Some(staff) = self.anybody(desk, Some(Role::Receptionist), at) {
            self.open(staff, person, at, Known::From(evident), HonestWhy::Registration);
        }
    }

    /// The ward reads about a patient who is on the way.
    fn expected(&mut self, ward: UnitId, person: PersonId, at: u64, evident: u64) {
        let mean = self.region.p.expected_openers * self.region.weather.unexplained;
        for _ in 0..self.dice.poisson(mean) {
            let before = at.saturating_sub(600 + self.dice.below(5400) as u64);
            let Some(staff) = self.anybody(ward, None, before) else { return };
            let known = if before > evident { Known::Yes } else { Known::No(Reason::Expected) };
            self.open(staff, person, before, known, HonestWhy::Expected);
        }
    }

    /// Those whose stay is over, or who died, leave the beds.
    pub(crate) fn discharges(&mut self) {
        let here = usize::from(self.unit.0);
        let mut number = 0;
        while number < self.state.beds[here].len() {
            let bed = self.state.beds[here][number];
            let dead = self.state.dead[bed.person.0 as usize];
            if bed.until < self.midnight() + 14 * 3600 || dead {
                self.state.beds[here].swap_remove(number);
                self.discharge(bed);
            } else {
                number += 1;
            }
        }
    }

    fn discharge(&mut self, bed: Bed) {
        let at = self.between(9.5, 14.0).max(bed.since + 3600);
        let known = Known::From(bed.evident);
        for role in [Role::Doctor, Role::Receptionist] {
            if let Some(staff) = self.somebody(role, at) {
                self.open(staff, bed.person, at, known, HonestWhy::WardCare);
                self.deposit(staff, bed.person, at + 900, Document::Letter);
            }
        }
        self.state.remember(self.unit, bed.person, bed.evident);
        let Some(doctor) = self.somebody(Role::Doctor, at) else { return };
        self.hand_to_coders(bed.person, doctor, at + 1800);
        if self.state.dead[bed.person.0 as usize] {
            return;
        }
        self.letter_home(bed.person);
        if self.dice.chance(self.region.p.clinic_follow_up) {
            let lead = 7.0 + self.dice.wait(self.region.p.clinic_lead_days);
            self.appointment(self.unit, bed.person, lead, bed.evident);
        }
    }

    /// The letter that the practice reads.
    pub(crate) fn letter_home(&mut self, person: PersonId) {
        let unit = UnitId(self.state.practice[person.0 as usize]);
        let days = 1.0 + self.dice.wait(2.0);
        let at = self.weekday_after(days);
        self.sheet.plan(Task { at, job: Job::Inbox, unit, person, evident: 0 });
    }
}

/// An admission that was planned.
pub(crate) fn planned(scene: &mut Scene, task: &Task) {
    scene.enter(scene.unit, task.person, task.at, task.evident);
}

/// A visit at the clinic.
pub(crate) fn clinic(scene: &mut Scene, task: &Task) {
    let (p, person) = (&scene.region.p, task.person);
    if scene.state.dead[person.0 as usize] {
        return;
    }
    let seen = scene.presence(person, task.at, p.clinic_presence).min(task.evident);
    let known = Known::From(seen);
    for row in scene.on_duty() {
        let share = match (row.role, row.clinic) {
            (Role::Doctor, _) if row.until <= 16 * 3600 => p.doctor_clinic,
            (Role::Nurse, true) => p.nurse_clinic,
            _ => continue,
        };
        if scene.dice.chance(share) {
            let at = task.at + 60 + scene.dice.below(3000) as u64;
            let at = at.min(scene.midnight() + u64::from(row.until));
            scene.open(row.staff, person, at, known, HonestWhy::Clinic);
        }
    }
    let Some(doctor) = scene.somebody(Role::Doctor, task.at) else { return };
    scene.deposit(doctor, person, task.at + 2400, Document::Note);
    scene.state.remember(scene.unit, person, seen);
    if scene.dice.chance(p.clinic_radiology) {
        let to = scene.region.the(UnitKind::Radiology, scene.hospital());
        scene.order(to, person, doctor, task.at + 1200);
    }
    if scene.dice.chance(p.coding_outpatients) {
        scene.hand_to_coders(person, doctor, task.at + 3600);
    }
    scene.letter_home(person);
    let lead = 5.0 + scene.dice.wait(p.clinic_lead_days);
    if scene.dice.chance(p.clinic_admitted) {
        let at = scene.weekday_after(lead);
        let evident = if seen == NEVER { NEVER } else { seen };
        let (job, unit) = (Job::Admit, scene.unit);
        scene.sheet.plan(Task { at, job, unit, person, evident });
    } else if scene.dice.chance(p.clinic_follow_up) {
        scene.appointment(scene.unit, person, lead, seen);
    }
}
