//! A ward: its inpatients, seen by whoever is on duty.

use crate::day::Scene;
use crate::duty::OnDuty;
use crate::evidence::NEVER;
use crate::happening::{HonestWhy, Reason, StaffId, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;
use crate::state::Bed;

/// Seconds that the reading of a whole ward takes.
const HANDOVER_SECONDS: usize = 600;

/// A day on a ward.
pub(crate) fn day(scene: &mut Scene) {
    scene.discharges();
    let here = usize::from(scene.unit.0);
    let beds = scene.state.beds[here].len();
    for number in 0..beds {
        let bed = scene.state.beds[here][number];
        inpatient(scene, bed, number);
    }
    letters(scene);
    if scene.dice.chance(scene.region.p.handover) {
        handover(scene);
    }
    transfers(scene);
}

fn inpatient(scene: &mut Scene, bed: Bed, number: usize) {
    let p = &scene.region.p;
    let mut nurses = 0;
    for row in scene.on_duty() {
        let share = match row.role {
            Role::Nurse if row.carried || row.clinic => continue,
            Role::Nurse => {
                nurses += 1;
                let own = number % 4 == nurses % 4;
                if own { p.nurse_own } else { p.nurse_others }
            }
            Role::Doctor if row.carried => continue,
            Role::Doctor if row.until > 16 * 3600 => p.doctor_night,
            Role::Doctor => p.doctor_inpatients,
            _ => continue,
        };
        if scene.dice.chance(share) {
            round(scene, row, bed);
        }
    }
    orders(scene, bed);
    if scene.weekday() && scene.troubled(p.consults) {
        consult(scene, bed);
    }
}

fn round(scene: &mut Scene, row: &OnDuty, bed: Bed) {
    let mut at = scene.during(row);
    // Doctors see the beds in the morning, half of the time.
    if row.role == Role::Doctor && row.until <= 16 * 3600 && scene.dice.chance(0.5) {
        at = scene.between(8.25, 11.0);
    }
    if at < bed.since || at > bed.until {
        return;
    }
    if row.until > 16 * 3600 {
        scene.sheet.tally.count(HonestWhy::OnCall);
    }
    scene.open(row.staff, bed.person, at, Known::From(bed.evident), HonestWhy::WardCare);
}

fn orders(scene: &mut Scene, bed: Bed) {
    let p = &scene.region.p;
    let at = scene.between(7.5, 15.0);
    if at < bed.since {
        return;
    }
    let hospital = scene.hospital();
    for (kind, share) in [
        (UnitKind::Laboratory, p.ward_laboratory),
        (UnitKind::Radiology, p.ward_radiology),
        (UnitKind::HospitalPharmacy, p.ward_pharmacy),
    ] {
        let weekend = if scene.weekday() { 1.0 } else { 0.3 };
        if scene.dice.chance(share * weekend)
            && let Some(doctor) = scene.somebody(Role::Doctor, at)
        {
            let hospital = if kind == UnitKind::Laboratory { None } else { hospital };
            scene.order(scene.region.the(kind, hospital), bed.person, doctor, at);
        }
    }
}

/// Advice from another ward: asked on the telephone, written down later or never.
fn consult(scene: &mut Scene, bed: Bed) {
    let Some(other) = scene.some_ward(scene.hospital()).filter(|ward| *ward != scene.unit) else {
        return;
    };
    let at = scene.between(9.0, 15.5).max(bed.since);
    let doctors = (scene.anybody(other, Some(Role::Doctor), at), scene.somebody(Role::Doctor, at));
    let (Some(doctor), Some(asks)) = doctors else { return };
    scene.open(doctor, bed.person, at, Known::No(Reason::Consult), HonestWhy::Consult);
    if scene.dice.chance(0.9) {
        let later = at + 1800 + scene.lateness() / 4;
        let what = What::Referral { from: scene.unit, to: other, person: bed.person, by: asks };
        scene.sheet.push(later, what);
    }
}

/// Letters and results of recent patients, by doctors and by the secretaries of all of them.
fn letters(scene: &mut Scene) {
    let p = &scene.region.p;
    if !scene.weekday() {
        return;
    }
    for row in scene.on_duty() {
        let (mean, why) = match row.role {
            Role::Doctor if row.until <= 16 * 3600 => (p.doctor_inbox, HonestWhy::Inbox),
            Role::Receptionist => (p.secretary_files, HonestWhy::Secretary),
            _ => continue,
        };
        for _ in 0..scene.dice.poisson(mean) {
            let Some(recent) = scene.state.recent(scene.unit, &mut scene.dice) else { return };
            let at = scene.during(row);
            scene.open(row.staff, recent.person, at, Known::From(recent.evident), why);
        }
    }
}

/// Somebody reads the whole ward before the round.
fn handover(scene: &mut Scene) {
    let start = scene.between(7.0, 7.6);
    let Some(staff) = scene.somebody(Role::Nurse, start) else { return };
    whole_ward(scene, staff, start);
}

fn whole_ward(scene: &mut Scene, staff: StaffId, start: u64) {
    let here = usize::from(scene.unit.0);
    for number in 0..scene.state.beds[here].len() {
        let bed = scene.state.beds[here][number];
        let at = start + scene.dice.below(HANDOVER_SECONDS) as u64;
        if bed.since < at {
            let known = Known::From(bed.evident);
            scene.open(staff, bed.person, at, known, HonestWhy::Handover);
        }
    }
}

/// Some inpatients go to another ward.
fn transfers(scene: &mut Scene) {
    let here = usize::from(scene.unit.0);
    let count = scene.dice.poisson(scene.state.beds[here].len() as f64 * scene.region.p.transfers);
    for _ in 0..count {
        let beds = scene.state.beds[here].len();
        let number = scene.dice.below(beds);
        let Some(bed) = scene.state.beds[here].get(number).copied() else { return };
        let to = scene.some_ward(scene.hospital());
        let at = scene.between(9.0, 19.0);
        let Some(to) = to.filter(|to| *to != scene.unit && bed.since < at) else { continue };
        scene.state.beds[here].swap_remove(number);
        scene.state.remember(scene.unit, bed.person, bed.evident);
        scene.enter(to, bed.person, at, NEVER);
    }
}
