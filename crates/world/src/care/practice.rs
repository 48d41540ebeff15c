//! A practice: contacts of its list, visits, messages, calls, what comes in.

use crate::calendar::{Job, Task};
use crate::day::Scene;
use crate::evidence::NEVER;
use crate::happening::{Document, HonestWhy, PersonId, StaffId, UnitId, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// Working days of a year.
const WORKING_DAYS: f64 = 250.0;

/// A weekday at a practice.
pub(crate) fn day(scene: &mut Scene) {
    if !scene.weekday() {
        return;
    }
    let p = &scene.region.p;
    let list = scene.state.lists[usize::from(scene.unit.0)].len();
    let mean = list as f64 * p.contacts_a_year / WORKING_DAYS * scene.season();
    for _ in 0..scene.dice.poisson(mean) {
        if let Some(person) = scene.state.listed(scene.unit, p.attender_skew, &mut scene.dice) {
            contact(scene, person);
        }
    }
}

fn contact(scene: &mut Scene, person: PersonId) {
    let p = &scene.region.p;
    let fate = scene.dice.share();
    let at = scene.between(8.0, 15.5);
    if fate < p.visit_share {
        if scene.dice.chance(p.visit_booked) {
            book(scene, person, at);
        } else {
            visit(scene, person, at);
        }
    } else if fate < p.visit_share + p.message_share {
        let unit = scene.unit;
        scene.evidence(at - 60, What::Booking { person, unit, at }, 0.0, 0.0);
        talk(scene, person, at, HonestWhy::Message);
    } else {
        talk(scene, person, at, HonestWhy::Call);
    }
    if scene.dice.chance(p.inbox) {
        let days = 1.0 + scene.dice.wait(2.0);
        let at = scene.weekday_after(days);
        let (unit, evident) = (scene.unit, 0);
        scene.sheet.plan(Task { at, job: Job::Inbox, unit, person, evident });
    }
}

fn book(scene: &mut Scene, person: PersonId, at: u64) {
    let (days, unit) = (1.0 + scene.dice.wait(scene.region.p.booking_lead_days), scene.unit);
    let then = scene.weekday_after(days);
    if scene.dice.chance(scene.region.p.booked_by_patient) {
        scene.evidence(at, What::Booking { person, unit, at: then }, 0.0, 0.0);
    } else if let Some(staff) = scene.somebody(Role::Receptionist, at) {
        scene.open(staff, person, at, Known::Yes, HonestWhy::Call);
    }
    scene.sheet.plan(Task { at: then, job: Job::Visit, unit, person, evident: 0 });
}

/// A visit: the card is read at the door, then one after another opens the file.
pub(crate) fn visit(scene: &mut Scene, person: PersonId, at: u64) {
    if scene.state.dead[person.0 as usize] {
        return;
    }
    let p = &scene.region.p;
    let seen = scene.presence(person, at, p.practice_presence);
    // Who is on no list and whose card was not read has no other explanation.
    let listed = scene.state.practice[person.0 as usize] == scene.unit.0;
    let known = if listed || seen == NEVER { Known::Yes } else { Known::From(seen) };
    if scene.dice.chance(p.visit_receptionist) {
        by(scene, Role::Receptionist, person, at + 30, known, HonestWhy::Visit);
    }
    if scene.dice.chance(p.visit_nurse) {
        by(scene, Role::Nurse, person, at + 400, known, HonestWhy::Visit);
    }
    if !scene.dice.chance(p.visit_doctor) {
        return;
    }
    let at = at + 900 + scene.dice.below(900) as u64;
    let Some(doctor) = by(scene, Role::Doctor, person, at, known, HonestWhy::Visit) else { return };
    scene.deposit(doctor, person, at + 600, Document::Note);
    if scene.dice.chance(p.laboratory_orders) {
        let laboratory = scene.region.the(UnitKind::Laboratory, None);
        scene.order(laboratory, person, doctor, at + 300);
    }
    onwards(scene, person, doctor, at + 500);
}

/// What a doctor sends on: to a clinic, or to a ward.
fn onwards(scene: &mut Scene, person: PersonId, doctor: StaffId, at: u64) {
    let p = &scene.region.p;
    if scene.dice.chance(p.referrals / p.visit_share) {
        let Some(ward) = scene.ward_for(person, None) else { return };
        let evident = refer_ahead(scene, ward, person, doctor, at);
        let lead = 3.0 + scene.dice.wait(p.clinic_lead_days);
        scene.appointment(ward, person, lead, evident);
    } else if scene.dice.chance(p.direct_admissions / p.visit_share) {
        let Some(ward) = scene.ward_for(person, None) else { return };
        let evident = scene.refer(ward, person, doctor, at);
        let at = scene.midnight() + crate::DAY + 9 * 3600;
        scene.sheet.plan(Task { at, job: Job::Admit, unit: ward, person, evident });
    }
}

/// A referral that a letter or a call is often ahead of: the ward reads the file before the
/// referral is recorded.
fn refer_ahead(scene: &mut Scene, ward: UnitId, person: PersonId, doctor: StaffId, at: u64) -> u64 {
    if !scene.troubled(scene.region.p.referral_ahead) {
        return scene.refer(ward, person, doctor, at);
    }
    let evident = at + scene.lateness();
    let what = What::Referral { from: scene.unit, to: ward, person, by: doctor };
    scene.sheet.push(evident, what);
    let left = 1 + scene.dice.poisson(scene.region.p.case_colleagues);
    scene.state.take_up(ward, person, evident, left);
    evident
}

/// A message or a call.
fn talk(scene: &mut Scene, person: PersonId, at: u64, why: HonestWhy) {
    let p = &scene.region.p;
    if scene.dice.chance(p.call_receptionist) {
        by(scene, Role::Receptionist, person, at, Known::Yes, why);
    }
    if scene.dice.chance(p.call_nurse) {
        by(scene, Role::Nurse, person, at + 200, Known::Yes, why);
    }
    if scene.dice.chance(p.call_doctor) {
        let at = at + 900 + scene.dice.below(3600) as u64;
        by(scene, Role::Doctor, person, at, Known::Yes, why);
    }
}

/// A result or letter is read.
pub(crate) fn inbox(scene: &mut Scene, task: &Task) {
    if scene.state.practice[task.person.0 as usize] == scene.unit.0 {
        by(scene, Role::Doctor, task.person, task.at, Known::Yes, HonestWhy::Inbox);
        if scene.dice.chance(scene.region.p.inbox_receptionist) {
            let at = task.at.saturating_sub(1800).max(scene.midnight() + 8 * 3600);
            by(scene, Role::Receptionist, task.person, at, Known::Yes, HonestWhy::Inbox);
        }
    }
}

/// Somebody of a role on duty here opens the file.
pub(crate) fn by(
    scene: &mut Scene,
    role: Role,
    person: PersonId,
    at: u64,
    known: Known,
    why: HonestWhy,
) -> Option<StaffId> {
    let staff = scene.somebody(role, at)?;
    scene.open(staff, person, at, known, why);
    Some(staff)
}
