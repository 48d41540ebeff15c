//! Work outside the office: at home in the evening, on call at night and at weekends.

use crate::day::Scene;
use crate::happening::{HonestWhy, Place, Reason, What};
use crate::opening::Known;
use crate::region::UnitKind;
use crate::staff::Role;

/// Doctors of a practice go on at home with the day's patients.
pub(crate) fn evening_at_home(scene: &mut Scene) {
    if !scene.weekday() {
        return;
    }
    let p = &scene.region.p;
    for row in scene.on_duty().iter().filter(|row| row.role == Role::Doctor) {
        if !scene.dice.chance(p.home_evening) {
            continue;
        }
        let start = scene.between(18.0, 21.5);
        let place = Place::Home;
        scene.sheet.push(start, What::SignIn { staff: row.staff, place });
        for number in 0..scene.dice.poisson(p.home_files) {
            let skew = p.attender_skew;
            let listed = scene.state.listed(scene.unit, skew, &mut scene.dice);
            let Some(person) = listed else { continue };
            let at = start + 60 + number as u64 * 420 + scene.dice.below(240) as u64;
            scene.open(row.staff, person, at, Known::Yes, HonestWhy::Home);
        }
    }
}

/// One doctor of all practices of a town takes the calls out of hours, from home. The desk that
/// answers the telephone refers the caller, mostly before the doctor looks.
pub(crate) fn on_call(scene: &mut Scene) {
    let people = scene.region.people.town(usize::from(scene.region.unit(scene.unit).town)).len();
    let turn = turn(scene);
    if !turn {
        return;
    }
    let range = scene.region.unit(scene.unit).staff.clone();
    let doctor = range.map(crate::StaffId).filter(|id| {
        let staff = &scene.region.staff[id.0 as usize];
        staff.role == Role::Doctor && crate::duty::employed(staff, scene.day)
    });
    let count = doctor.clone().count();
    let Some(doctor) = doctor.clone().nth(scene.dice.below(count)) else { return };
    let start = if scene.weekday() { 17.0 } else { 9.0 };
    let at = scene.midnight() + (start * 3600.0) as u64;
    scene.sheet.push(at, What::SignIn { staff: doctor, place: Place::Home });
    let calls = people as f64 * scene.region.p.call_service_files;
    let desk = scene.region.the(UnitKind::Desk, Some(0));
    for _ in 0..scene.dice.poisson(calls.min(25.0)) {
        let at = scene.between(start + 0.1, 23.8);
        let person = scene.townsperson();
        let mut known = Known::No(Reason::Acute);
        let by = scene.anybody(desk, Some(Role::Receptionist), at);
        if let Some(by) = by {
            let what = What::Referral { from: desk, to: scene.unit, person, by };
            let p = &scene.region.p;
            known = Known::From(scene.evidence(at - 120, what, p.referral_late, p.referral_lost));
        }
        scene.open(doctor, person, at, known, HonestWhy::OnCall);
    }
}

/// Whether it is this practice's turn in its town.
fn turn(scene: &Scene) -> bool {
    let town = scene.region.unit(scene.unit).town;
    let here = |unit: &crate::UnitId| scene.region.unit(*unit).town == town;
    let practices = scene.region.of_kind(UnitKind::Practice, None).filter(here);
    let count = practices.count();
    let practices = scene.region.of_kind(UnitKind::Practice, None).filter(here);
    practices.into_iter().nth(scene.day as usize % count.max(1)) == Some(scene.unit)
}
