//! An emergency department: whoever comes, at any hour.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::evidence::NEVER;
use crate::happening::{Document, HonestWhy, PersonId, Reason};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// Arrivals of each hour, in thousandths of a day: 30 % between 20 and 8.
const HOURS: [usize; 24] = [
    24, 20, 17, 15, 14, 15, 18, 27, 44, 57, 64, 66, 64, 62, 61, 60, 59, 58, 57, 53, 45, 40, 33, 27,
];

/// A day at an emergency department.
pub(crate) fn day(scene: &mut Scene) {
    let p = &scene.region.p;
    let people = scene.region.people.all.len() as f64;
    let mean = people * p.arrivals_a_year / 365.0 / f64::from(scene.region.hospitals_on(scene.day));
    let mean = mean * scene.dice.gamma(0.02);
    for _ in 0..scene.dice.poisson(mean) {
        let (person, at) = (somebody_near(scene), time(scene));
        arrival(scene, person, at);
    }
}

/// Anybody, mostly of those for whom this hospital is the nearest.
fn somebody_near(scene: &mut Scene) -> PersonId {
    let mut person = scene.stranger();
    for _ in 0..20 {
        let near = Some(scene.region.hospital_of(person, scene.day)) == scene.hospital();
        if near || scene.dice.chance(1.0 - scene.region.p.hospital_near) {
            break;
        }
        person = scene.stranger();
    }
    person
}

fn time(scene: &mut Scene) -> u64 {
    let mut left = scene.dice.below(HOURS.iter().sum());
    let hour = HOURS.iter().position(|count| {
        let here = left < *count;
        left = left.saturating_sub(*count);
        here
    });
    scene.midnight() + hour.unwrap_or(12) as u64 * 3600 + scene.dice.below(3600) as u64
}

fn arrival(scene: &mut Scene, person: PersonId, at: u64) {
    let p = &scene.region.p;
    if scene.dice.chance(p.arrival_unidentified) {
        return unidentified(scene, person, at);
    }
    let seen = scene.presence(person, at, p.arrival_presence);
    let evident = if seen == NEVER { scene.admit(scene.unit, person, at) } else { seen };
    let known = Known::From(evident);
    let why = HonestWhy::EmergencyCare;
    for (role, after, chance) in [
        (Role::Receptionist, 60, 0.9),
        (Role::Nurse, 300, 1.0),
        (Role::Nurse, 2400, 0.7),
        (Role::Doctor, 1500, 1.0),
    ] {
        if scene.dice.chance(chance)
            && let Some(staff) = scene.somebody(role, at + after)
        {
            scene.open(staff, person, at + after, known, why);
        }
    }
    others(scene, person, at, known);
    goes_on(scene, person, at + 3600, evident);
}

/// Colleagues who look too: the board, advice, the next shift.
fn others(scene: &mut Scene, person: PersonId, at: u64, known: Known) {
    let p = &scene.region.p;
    for row in scene.on_duty() {
        let share = match row.role {
            Role::Doctor => p.emergency_doctor_files,
            Role::Nurse => p.emergency_nurse_files,
            _ => continue,
        };
        let second = (at - scene.midnight()) as u32;
        let there = row.from < second + 4 * 3600 && second + 600 < row.until;
        if there && scene.dice.chance(share * 2.0) {
            let from = at.max(scene.midnight() + u64::from(row.from)) + 400;
            let when = from + scene.dice.below(7200) as u64;
            scene.open(row.staff, person, when, known, HonestWhy::EmergencyCare);
        }
    }
}

/// Orders, then home or to a ward.
fn goes_on(scene: &mut Scene, person: PersonId, at: u64, evident: u64) {
    let p = &scene.region.p;
    scene.state.remember(scene.unit, person, evident);
    let Some(doctor) = scene.somebody(Role::Doctor, at) else { return };
    scene.deposit(doctor, person, at + 1200, Document::Note);
    if scene.dice.chance(p.ward_laboratory) {
        let to = scene.region.the(UnitKind::Laboratory, None);
        scene.order(to, person, doctor, at);
    }
    if scene.dice.chance(p.clinic_radiology) {
        let to = scene.region.the(UnitKind::Radiology, scene.hospital());
        scene.order(to, person, doctor, at);
    }
    if scene.dice.chance(p.arrival_admitted) {
        let Some(ward) = scene.ward_for(person, scene.hospital()) else { return };
        let at = at + 3600 + scene.dice.below(4 * 3600) as u64;
        scene.enter(ward, person, at, NEVER);
    } else {
        scene.hand_to_coders(person, doctor, at + 3600);
        inform(scene, person, at);
    }
}

/// A letter to the practice.
fn inform(scene: &mut Scene, person: PersonId, at: u64) {
    let unit = crate::UnitId(scene.state.practice[person.0 as usize]);
    let at = scene.weekday_after(1.0).max(at);
    scene.sheet.plan(Task { at, job: Job::Inbox, unit, person, evident: 0 });
}

/// Nobody knows who it is; when it is known the file is opened at once, before any paper.
fn unidentified(scene: &mut Scene, person: PersonId, at: u64) {
    let known_at = at + 1800 + scene.dice.wait(6.0 * 3600.0) as u64;
    for (role, after) in [(Role::Nurse, 60), (Role::Doctor, 240), (Role::Doctor, 3600)] {
        if let Some(staff) = scene.somebody(role, known_at + after) {
            let known = Known::No(Reason::Acute);
            scene.open(staff, person, known_at + after, known, HonestWhy::Unidentified);
        }
    }
    let late = scene.dice.wait(0.2).min(3.0) * crate::DAY as f64;
    let evident = scene.admit(scene.unit, person, known_at + 5400 + late as u64);
    goes_on(scene, person, known_at + 5400, evident);
}
